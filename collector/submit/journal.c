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
	int n;

	if (state && state[0] == '/')
		n = snprintf(out, room, "%s/oomreport/outbox", state);
	else if (home && home[0] == '/')
		n = snprintf(out, room, "%s/.local/state/oomreport/outbox", home);
	else
		return err_set(err, ERR_IO, "HOME is not set: nowhere to keep the journal");
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
	struct journal j = JOURNAL_CLOSED;
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

/* The lock is on a file of its own: the journal itself is replaced at every step. */
static int take_lock(struct journal *j, struct err *err)
{
	char path[1120];

	if (j->lock >= 0)
		return 1;
	snprintf(path, sizeof(path), "%s.lock", j->path);
	j->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->lock < 0)
		return err_sys(err, errno, "%s", path);
	if (flock(j->lock, LOCK_EX | LOCK_NB) == 0)
		return 1;
	fd_close(&j->lock);
	return 0;
}

int journal_open(struct journal *ret, const char *path, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(JOURNAL_LARGEST);
	struct journal j = JOURNAL_CLOSED;
	int fd, rc;

	snprintf(j.path, sizeof(j.path), "%s", path);
	rc = take_lock(&j, err);
	if (rc <= 0)
		return rc;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	rc = fd_read_all(fd, path, &text, err);
	fd_close(&fd);
	if (rc == 0) {
		rc = report_load(&j.doc, buf_str(&text), path, err);
		if (rc != 0 && err->code == ERR_FORMAT)
			(void)err_set(err, ERR_FORMAT, "%s: not a journal of ours", path);
	}
	if (rc != 0) {
		journal_close(&j);
		return -1;
	}
	*ret = j;
	return 1;
}

int journal_save(struct journal *j, struct err *err)
{
	CLEANUP_PUBLISH struct publish p = PUBLISH_CLOSED;
	char *text = json_dumps(j->doc, JSON_INDENT(1) | JSON_SORT_KEYS);
	int rc;

	if (!text)
		return err_set(err, ERR_NOMEM, "no memory for the journal");
	rc = take_lock(j, err) == 1 ? publish_open(&p, j->path, err)
				    : err_set(err, ERR_IO, "%s: another process has it", j->path);
	if (rc == 0 && fd_write_all(p.fd, str_of(text)) != 0)
		rc = err_sys(err, errno, "%s", j->path);
	if (rc == 0)
		rc = publish_commit(&p, true, 0600, err);
	free(text);
	if (rc != 0)
		(void)err_hint(err, "without a journal nothing is sent: make room, then again");
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

	(void)err;
	if (l->found || journal_open(&j, path, &broken) != 1)
		return 0; /* a broken or busy one is no reason to stop */
	if (strcmp(journal_text(&j, "bundle_sha256"), l->sha256) == 0 &&
	    strcmp(journal_text(&j, "url"), l->url) == 0) {
		*l->ret = j;
		l->found = true;
		return 0;
	}
	journal_close(&j);
	return 0;
}

int journal_find(struct journal *ret, const char *bundle_sha256, const char *url,
		 struct err *err)
{
	struct looking l = {bundle_sha256, url, ret, false};

	if (journal_each(look, &l, err) != 0)
		return -1;
	return l.found;
}
