/* SPDX-License-Identifier: MIT */
/* journal.c - what was about to be sent, on disk before it is sent. */
#include "submit/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOURNAL_LARGEST = 4 << 20 };

static int outbox_dir(char *out, size_t room, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct stat st;
	int n;

	if (state && state[0] == '/')
		n = snprintf(out, room, "%s/oomreport/outbox", state);
	else if (home && home[0] == '/' && stat(home, &st) == 0)
		n = snprintf(out, room, "%s/.local/state/oomreport/outbox", home);
	else
		return err_set(err, ERR_IO, "$HOME is not there: nowhere to keep the journal");
	if (n < 0 || (size_t)n >= room)
		return err_set(err, ERR_IO, "the path of the journal is too long");
	for (char *slash = strchr(out + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(out, 0700);
		*slash = '/';
	}
	if (mkdir(out, 0700) != 0 && errno != EEXIST)
		return err_sys(err, errno, "%s", out);
	return 0;
}

int journal_new(struct journal *ret, struct err *err)
{
	struct journal j = {.lock = -1, .refusals = json_memory_refusals()};
	uint64_t random[2];
	char dir[1000], token[64], now[WHEN_TEXT];

	if (outbox_dir(dir, sizeof(dir), err) != 0)
		return -1;
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_sys(err, errno, "getrandom");
	snprintf(token, sizeof(token), "oomreport-%016llx%08llx", (unsigned long long)random[0],
		 (unsigned long long)(random[1] & 0xffffffff));
	snprintf(j.path, sizeof(j.path), "%s/%s.json", dir, token);
	j.doc = json_object();
	if (!j.doc)
		return err_set(err, ERR_NOMEM, "no memory");
	journal_set(&j, "token", token);
	journal_set(&j, "created", when_utc(when_now(), now));
	journal_set(&j, "state", "planned");
	*ret = j;
	return 0;
}

/* ---- what is on disk may be torn, old or edited ---- */

enum {
	WISH = 1 << 0,
	PLANNED = 1 << 1,
	CREATING = 1 << 2,
	CREATED = 1 << 3,
	DONE = 1 << 4,
	PLANS = PLANNED | CREATING | CREATED,
	ALL = WISH | PLANS | DONE,
};

static const struct {
	const char *name;
	unsigned bit;
} states[] = {
	{"wish", WISH},	      {"planned", PLANNED}, {"creating", CREATING},
	{"created", CREATED}, {"done", DONE},
};

/* Every member that is read again: its type, and the states that cannot be gone on from without
 * it. Numbers are none below 0. */
static const struct {
	const char *key;
	json_type type;
	unsigned needed_in;
} members[] = {
	{"token", JSON_STRING, ALL},	    {"created", JSON_STRING, ALL},
	{"state", JSON_STRING, ALL},	    {"url", JSON_STRING, ALL},
	{"bundle", JSON_STRING, ALL},	    {"bundle_sha256", JSON_STRING, ALL},
	{"wish", JSON_OBJECT, WISH},	    {"product", JSON_STRING, PLANS},
	{"component", JSON_STRING, PLANS},  {"version", JSON_STRING, PLANS},
	{"op_sys", JSON_STRING, PLANS},	    {"platform", JSON_STRING, PLANS},
	{"severity", JSON_STRING, PLANS},   {"priority", JSON_STRING, PLANS},
	{"summary", JSON_STRING, PLANS},    {"description", JSON_STRING, PLANS},
	{"whiteboard", JSON_STRING, PLANS}, {"custom", JSON_OBJECT, PLANNED | CREATING},
	{"cc", JSON_ARRAY, 0},		    {"attachments", JSON_ARRAY, PLANS},
	{"limit", JSON_INTEGER, PLANS},	    {"bug_id", JSON_INTEGER, CREATED | DONE},
	{"extends", JSON_TRUE, 0},
};

static unsigned state_of(const json_t *doc)
{
	const char *name = json_string_value(json_object_get(doc, "state"));

	for (size_t i = 0; name && i < ARRAY_COUNT(states); i++) {
		if (strcmp(states[i].name, name) == 0)
			return states[i].bit;
	}
	return 0;
}

static bool all_are(const json_t *list, json_type type)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (json_typeof(item) != type)
			return false;
	}
	return true;
}

/* Is there all that is needed to go on, and is it the file's own? A copy under another name would
 * be filed a second time. */
static bool is_whole(const struct journal *j)
{
	unsigned state = state_of(j->doc);
	const char *name = strrchr(j->path, '/'), *token = journal_text(j, "token");
	const json_t *bug = json_object_get(j->doc, "bug_id");

	for (size_t i = 0; i < ARRAY_COUNT(members); i++) {
		const json_t *value = json_object_get(j->doc, members[i].key);

		if (value ? json_typeof(value) != members[i].type || json_integer_value(value) < 0
			  : (members[i].needed_in & state) != 0)
			return false;
	}
	name = name ? name + 1 : j->path;
	return state && strncmp(name, token, strlen(token)) == 0 &&
	       strcmp(name + strlen(token), ".json") == 0 &&
	       (!bug || json_integer_value(bug) > 0) &&
	       all_are(json_object_get(j->doc, "cc"), JSON_STRING) &&
	       all_are(json_object_get(j->doc, "attachments"), JSON_OBJECT);
}

/* The lock is on a file of its own: the journal itself is replaced at every step. */
static int take_lock(struct journal *j, struct err *err)
{
	char path[1120];
	int rc;

	if (j->lock >= 0)
		return 1;
	snprintf(path, sizeof(path), "%s.lock", j->path);
	j->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->lock < 0)
		return err_sys(err, errno, "%s", path);
	if (flock(j->lock, LOCK_EX | LOCK_NB) == 0)
		return 1;
	rc = errno == EWOULDBLOCK ? 0 : err_sys(err, errno, "%s", path);
	fd_close(&j->lock);
	return rc;
}

static int load(struct journal *j, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(JOURNAL_LARGEST);
	CLEANUP_FD int fd = open(j->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct err why = {.code = ERR_NONE};

	if (fd_read_all(fd, j->path, &text, err) != 0)
		return -1;
	if (report_load(&j->doc, buf_str(&text), j->path, &why) == 0 && is_whole(j))
		return 0;
	if (why.code == ERR_LIMIT)
		return err_set(err, ERR_LIMIT, "%s", why.text);
	(void)err_set(err, ERR_FORMAT, "%s: not a journal of ours", j->path);
	return err_hint(err, "it is torn or was edited: remove it, and submit its bundle again");
}

int journal_open(struct journal *ret, const char *path, struct err *err)
{
	struct journal j = {.lock = -1, .refusals = json_memory_refusals()};
	int rc;

	snprintf(j.path, sizeof(j.path), "%s", path);
	rc = take_lock(&j, err);
	if (rc == 1 && load(&j, err) != 0)
		rc = -1;
	if (rc == 1)
		*ret = j;
	else
		journal_close(&j);
	return rc;
}

int journal_save(struct journal *j, struct err *err)
{
	CLEANUP_PUBLISH struct publish p = PUBLISH_CLOSED;
	/* memory that was short when a member was set is seen here, before anything is sent */
	char *text = is_whole(j) && json_memory_refusals() == j->refusals
			     ? json_dumps(j->doc, JSON_INDENT(1) | JSON_SORT_KEYS)
			     : NULL;
	int rc;

	if (!text)
		return err_set(err, ERR_NOMEM, "no memory for the journal");
	rc = take_lock(j, err);
	if (rc == 0)
		rc = err_set(err, ERR_IO, "%s: another process has it", j->path);
	else if (rc == 1)
		rc = publish_open(&p, j->path, err);
	if (rc == 0 && fd_write_all(p.fd, str_of(text)) != 0)
		rc = err_sys(err, errno, "%s", j->path);
	if (rc == 0)
		rc = publish_commit(&p, true, 0600, err);
	free(text);
	if (rc != 0)
		(void)err_hint(err, "nothing more is sent without it: make room, then give the same command again");
	return rc;
}

void journal_close(struct journal *j)
{
	json_decref(j->doc);
	j->doc = NULL;
	fd_close(&j->lock);
}

const char *journal_text(const struct journal *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j->doc, key));

	return text ? text : "";
}

void journal_set(struct journal *j, const char *key, const char *value)
{
	json_object_set_new(j->doc, key, json_string(value));
}

static int is_journal(const struct dirent *entry)
{
	return str_ends(str_of(entry->d_name), STR(".json")) && entry->d_name[0] != '.';
}

int journal_each(int (*call)(void *ctx, const char *path, struct err *err), void *ctx,
		 struct err *err)
{
	struct dirent **entries = NULL;
	char dir[1000], path[1300];
	int n, rc = 0;

	if (outbox_dir(dir, sizeof(dir), err) != 0)
		return -1;
	n = scandir(dir, &entries, is_journal, alphasort);
	if (n < 0)
		return err_sys(err, errno, "%s", dir);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (rc == 0)
			rc = call(ctx, path, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

struct looking {
	const char *sha256, *url;
	struct journal *ret;
	bool found;
};

static int look(void *ctx, const char *path, struct err *err)
{
	struct looking *l = ctx;
	struct journal j = JOURNAL_CLOSED;
	struct err broken = {.code = ERR_NONE};
	int rc;

	if (l->found)
		return 0;
	rc = journal_open(&j, path, &broken);
	if (rc == 0) { /* another process goes on with it: whose is it? */
		snprintf(j.path, sizeof(j.path), "%s", path);
		if (load(&j, &broken) != 0)
			rc = -1;
	}
	l->found = rc >= 0 && strcmp(journal_text(&j, "bundle_sha256"), l->sha256) == 0 &&
		   strcmp(journal_text(&j, "url"), l->url) == 0;
	if (l->found && rc == 1) {
		*l->ret = j;
		return 0;
	}
	journal_close(&j);
	if (rc < 0 && broken.code != ERR_FORMAT) { /* it may be this one */
		*err = broken;
		return -1;
	}
	/* a broken one, or another's, is no reason to stop */
	return l->found ? err_set(err, ERR_IO, "this bundle is being submitted by another process")
			: 0;
}

int journal_find(struct journal *ret, const char *bundle_sha256, const char *url,
		 struct err *err)
{
	struct looking l = {bundle_sha256, url, ret, false};

	if (journal_each(look, &l, err) != 0)
		return -1;
	return l.found;
}
