/* SPDX-License-Identifier: MIT */
/* file_bug.c - the road from a bundle to a bug: check, ask, write down, send, believe nothing,
 * go on where it stopped. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "submit/filing.h"

void filing_say(const struct filing *f, const char *fmt, ...)
{
	char line[1200];
	va_list ap;

	if (!f->o->talk || !f->o->talk->say)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	f->o->talk->say(f->o->talk->ctx, line);
}

int filing_open(struct filing *f, const char *url, bool needs_key, struct err *err)
{
	struct secret key = {.text = ""};
	char prompt[700];
	int rc;

	if (bz_open(&f->bz, url, f->o->ca_file, f->o->talk, err) != 0)
		return -1;
	f->bz.dry_run = f->o->dry_run;
	rc = secret_find(&key, f->bz.web, f->o->key_file, err);
	if (rc == 0 && needs_key) {
		snprintf(prompt, sizeof(prompt), "API key for %s", f->bz.web);
		rc = secret_ask(&key, prompt, err) == 0 ? 1 : -1;
	}
	if (rc == 1)
		rc = bz_use_key(&f->bz, &key, err) == 0 ? 1 : -1;
	secret_forget(&key);
	if (rc < 0)
		bz_close(&f->bz);
	return rc < 0 ? -1 : 0;
}

/* ---- what is to be said, before anything is sent ---- */

int filing_hash(const char *path, char out[SHA256_HEX], struct err *err)
{
	/* the path may be a journal's: whatever stands there now */
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	unsigned char sum[SHA256_SIZE];
	char window[65536];
	struct sha256 s;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0)
		return err_sys(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, "%s: not a file", path);
	sha256_start(&s);
	while ((n = read(fd, window, sizeof(window))) != 0) {
		if (n > 0)
			sha256_add(&s, (struct str){window, (size_t)n});
		else if (errno != EINTR)
			return err_sys(err, errno, "%s", path);
	}
	sha256_end(&s, sum);
	sha256_hex(sum, out);
	return 0;
}

static void set_texts(struct journal *j, const struct bug_fields *fields, struct str extra)
{
	CLEANUP_BUF struct buf description = BUF_INIT(8 << 20), whiteboard = BUF_INIT(1024);

	buf_addf(&whiteboard, "%s %s", journal_text(j, "token"), fields->signature);
	journal_set(j, "whiteboard", buf_cstr(&whiteboard));
	json_object_set_new(j->doc, "summary", bz_text(str_of(fields->summary), SUMMARY_MAX));
	/* the id stands in front of the limit, so that a cut text keeps it */
	buf_addf(&description, "Report id: %s\n\n", journal_text(j, "token"));
	buf_add(&description, str_of(fields->description));
	buf_add(&description, extra);
	json_object_set_new(j->doc, "description",
			    bz_text(buf_str(&description), COMMENT_MAX));
}

/* As pieces_from_bundle() wants it. */
static uint64_t piece_limit(const struct filing *f)
{
	if (!f->bz.limit_known)
		return 0;
	return f->bz.attachment_limit ? f->bz.attachment_limit : 1; /* nothing fits into a byte */
}

static int write_plan(struct filing *f, const struct bug_fields *fields,
		      const struct bz_choice *c, struct str extra, struct err *err)
{
	struct journal *j = &f->journal;
	const struct {
		const char *key, *value;
	} rows[] = {
		{"url", f->bz.web},	      {"product", c->product},
		{"component", c->component}, {"version", c->version},
		{"op_sys", c->op_sys},	      {"platform", c->platform},
		{"severity", c->severity},   {"priority", c->priority},
	};
	char sha[SHA256_HEX], path[4096];

	if (!realpath(f->o->bundle, path))
		return err_sys(err, errno, "%s", f->o->bundle);
	if (filing_hash(path, sha, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		journal_set(j, rows[i].key, rows[i].value);
	journal_set(j, "bundle", path);
	journal_set(j, "bundle_sha256", sha);
	set_texts(j, fields, extra);
	json_object_set(j->doc, "custom", c->custom);
	if (fields->cc && fields->cc[0]) {
		json_t *cc = json_array();

		for (size_t i = 0; fields->cc[i]; i++)
			json_array_append_new(cc, json_string(fields->cc[i]));
		json_object_set_new(j->doc, "cc", cc);
	}
	json_object_set_new(j->doc, "attachments", attachment_list(&f->pieces));
	json_object_set_new(j->doc, "limit", json_integer((json_int_t)piece_limit(f)));
	return 0;
}

static void preview(const struct filing *f)
{
	const struct journal *j = &f->journal;
	json_t *item;
	size_t i;

	if (json_object_get(j->doc, "bug_id"))
		filing_say(f, "To bug %lld at %s:",
		    (long long)json_integer_value(json_object_get(j->doc, "bug_id")), f->bz.web);
	else
		filing_say(f, "To %s (Bugzilla %s), product %s, component %s, version %s, %s/%s, severity "
		       "%s:",
		    f->bz.web, f->bz.version, journal_text(j, "product"),
		    journal_text(j, "component"), journal_text(j, "version"),
		    journal_text(j, "op_sys"), journal_text(j, "platform"),
		    journal_text(j, "severity"));
	filing_say(f, "  summary: %s", journal_text(j, "summary"));
	filing_say(f, "  text: %zu bytes", strlen(journal_text(j, "description")));
	json_array_foreach(json_object_get(j->doc, "attachments"), i, item) {
		filing_say(f, "  attachment: %s, %lld bytes",
		    json_string_value(json_object_get(item, "name")),
		    (long long)json_integer_value(json_object_get(item, "size")));
	}
	if (f->pieces.left_out[0])
		filing_say(f, "  not attached (limit of the server: %llu bytes): %s",
		    (unsigned long long)f->bz.attachment_limit, f->pieces.left_out);
}

/* ---- creating ---- */

static json_t *creation(const struct journal *j)
{
	static const char *const keys[] = {"product",  "component", "version",	"op_sys",
					   "platform", "severity",  "priority", "summary",
					   "description", "whiteboard"};
	json_t *body = json_copy(json_object_get(j->doc, "custom"));

	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		json_object_set(body, keys[i], json_object_get(j->doc, keys[i]));
	if (json_object_get(j->doc, "cc"))
		json_object_set(body, "cc", json_object_get(j->doc, "cc"));
	return body;
}

/* 0: none yet */
static long long bug_of(const struct filing *f)
{
	return json_integer_value(json_object_get(f->journal.doc, "bug_id"));
}

static int created(struct filing *f, long long id, struct err *err)
{
	json_object_set_new(f->journal.doc, "bug_id", json_integer(id));
	journal_set(&f->journal, "state", "created");
	return journal_save(&f->journal, err);
}

void filing_pause(int64_t us)
{
	struct timespec ts = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&ts, NULL);
}

/* The POST may have been carried out: a slow request can still be running, a shadow database
 * can lag, so look several times. 1 found, 0 not, -1. */
static int look_for_it(struct filing *f, long long *id, struct err *err)
{
	int64_t left = f->o->confirm_wait_us, step = left / 16 + 1;
	int rc;

	for (;;) {
		struct err e = {.code = ERR_NONE};

		rc = bz_find_token(&f->bz, journal_text(&f->journal, "token"), id, &e);
		if (rc == 1 || left <= 0) {
			if (rc < 0 && err)
				*err = e;
			return rc;
		}
		filing_pause(step < left ? step : left);
		left -= step;
		step *= 2;
	}
}

static int not_known(struct filing *f, const char *why, struct err *err)
{
	(void)err_set(err, ERR_NET,
		      "%s: it is not known whether the bug was made (%s); none with the id %s is "
		      "to be seen",
		      f->bz.web, why, journal_text(&f->journal, "token"));
	return err_hint(err, "'oomreport submit --retry' looks again, and files it if it is not "
			     "there");
}

static int create(struct filing *f, struct err *err)
{
	json_auto_t *body = creation(&f->journal);
	struct bz_answer a;
	long long id = 0;
	int rc = -1;

	journal_set(&f->journal, "state", "creating");
	if (journal_save(&f->journal, err) != 0)
		return -1;
	bz_call(&f->bz, "POST", "bug", NULL, body, NULL, &a);
	if (a.outcome == BZ_DONE && bz_number(json_object_get(a.json, "id"), &id) && id > 0) {
		rc = created(f, id, err);
	} else if (a.outcome == BZ_REFUSED) {
		journal_set(&f->journal, "state", "planned");
		rc = bz_fail(&a, f->bz.web, err);
		if (journal_save(&f->journal, NULL) == 0)
			(void)err_hint(err, "nothing was filed; 'oomreport submit --retry' tries "
					    "again");
	} else if (look_for_it(f, &id, NULL) == 1) {
		rc = created(f, id, err);
	} else {
		rc = not_known(f, a.text, err);
	}
	bz_answer_free(&a);
	return rc;
}

/* ---- one submission from wherever its journal says it is ---- */

static int complete(struct filing *f, long long bug, struct err *err)
{
	if (json_is_true(json_object_get(f->journal.doc, "extends"))) {
		char marker[100];

		snprintf(marker, sizeof(marker), "Report id: %s",
			 journal_text(&f->journal, "token"));
		if (comment_once(f, bug, marker, journal_text(&f->journal, "description"), err) != 0)
			return -1;
	}
	if (attach_all(f, bug, err) != 0 || tell_left_out(f, bug, err) != 0)
		return -1;
	journal_set(&f->journal, "state", "done");
	return journal_save(&f->journal, err);
}

static int go_on(struct filing *f, struct err *err)
{
	long long bug = bug_of(f);
	int rc = bug == 0 ? create(f, err) : 0;

	bug = bug_of(f);
	if (rc == 0)
		rc = complete(f, bug, err);
	if (rc == 0 || bug == 0)
		return rc;
	(void)err_wrap(err, "bug %lld exists (%s/show_bug.cgi?id=%lld), but this is not done", bug,
		       f->bz.web, bug);
	return err_hint(err, "'oomreport submit --retry' goes on from here");
}

/* A run that did not come back left "creating": look before sending again. */
int filing_resume(struct filing *f, struct err *err)
{
	json_t *limit = json_object_get(f->journal.doc, "limit");
	char sha[SHA256_HEX];
	long long id;
	int found;

	if (filing_hash(journal_text(&f->journal, "bundle"), sha, err) != 0)
		return -1;
	if (strcmp(sha, journal_text(&f->journal, "bundle_sha256")) != 0)
		return err_set(err, ERR_FORMAT, "%s: has changed since it was to be submitted; "
						"removing %s forgets that",
			       journal_text(&f->journal, "bundle"), f->journal.path);
	if (strcmp(journal_text(&f->journal, "state"), "wish") == 0)
		return wish_send(f, err);
	if (pieces_from_bundle(&f->pieces, NULL, journal_text(&f->journal, "bundle"),
			       (uint64_t)json_integer_value(limit), err) != 0)
		return -1;
	if (strcmp(journal_text(&f->journal, "state"), "creating") == 0) {
		found = look_for_it(f, &id, err);
		if (found < 0 || (found == 1 && created(f, id, err) != 0))
			return -1;
	}
	return go_on(f, err);
}

void filing_result(const struct filing *f, long long *ret_id, char *ret_url)
{
	*ret_id = bug_of(f);
	snprintf(ret_url, 600, "%.500s/show_bug.cgi?id=%lld", f->bz.web, *ret_id);
}

/* ---- the door ---- */

static int plan_extension(struct filing *f, const struct bug_fields *fields, long long bug,
			  struct err *err)
{
	struct bz_choice none = {.product = ""};
	char path[64];
	json_t *answer;

	snprintf(path, sizeof(path), "bug/%lld", bug);
	if (bz_get(&f->bz, path, "include_fields=id,summary", &answer, err) != 0)
		return -1;
	json_decref(answer);
	if (write_plan(f, fields, &none, NOKEY, err) != 0)
		return -1;
	json_object_set_new(f->journal.doc, "bug_id", json_integer(bug));
	json_object_set_new(f->journal.doc, "extends", json_true());
	journal_set(&f->journal, "state", "created");
	return 0;
}

static int dry_run(struct filing *f)
{
	json_auto_t *body = creation(&f->journal);
	long long bug = bug_of(f);
	struct bz_answer a;
	char path[64];

	if (bug == 0)
		bz_call(&f->bz, "POST", "bug", NULL, body, NULL, &a);
	for (size_t i = 0; i < f->pieces.n; i++) {
		json_auto_t *piece = attachment_body(&f->pieces.v[i], bug);

		snprintf(path, sizeof(path), bug ? "bug/%lld/attachment" : "bug/ID/attachment",
			 bug);
		bz_call(&f->bz, "POST", path, NULL, piece, NULL, &a);
	}
	return 0;
}

static int prepare(struct filing *f, const struct bug_fields *fields, struct err *err)
{
	CLEANUP_BUF struct buf mention = BUF_INIT(4096);
	struct bz_choice choice = {.product = ""};
	long long bug = f->o->bug;
	int rc = 0, way = bug ? CHOICE_EXTEND : CHOICE_NEW;

	if (f->bz.limit_known && f->bz.attachment_limit == 0)
		filing_say(f, "%s takes no attachments: only the text is sent.", f->bz.web);
	if (pieces_from_bundle(&f->pieces, NULL, f->o->bundle, piece_limit(f), err) != 0)
		return -1;
	if (!bug) {
		rc = bz_validate(&f->bz, fields, &choice, err);
		if (rc == 0)
			way = choose_bug(f, fields, choice.product, &mention, &bug, err);
	}
	if (rc == 0 && way == CHOICE_NEW)
		rc = write_plan(f, fields, &choice, buf_str(&mention), err);
	else if (rc == 0 && way == CHOICE_EXTEND)
		rc = plan_extension(f, fields, bug, err);
	else if (rc == 0 && way == CHOICE_CC && (rc = cc_bug(f, bug, fields, err)) == 0)
		json_object_set_new(f->journal.doc, "bug_id", json_integer(bug));
	bz_choice_free(&choice);
	return rc != 0 || way < 0 ? -1 : way;
}

int filing_plan_and_send(struct filing *f, const struct bug_fields *fields, struct err *err)
{
	int way = prepare(f, fields, err);

	if (way < 0)
		return -1;
	if (way == CHOICE_CC) { /* a wish on disk has come true in another way */
		bool kept = strcmp(journal_text(&f->journal, "state"), "wish") == 0;

		journal_set(&f->journal, "state", "done");
		return kept ? journal_save(&f->journal, err) : 0;
	}
	preview(f);
	if (f->o->dry_run)
		return dry_run(f);
	if (talk_agree(f->o->talk, f->o->yes, err) != 0)
		return -1;
	/* from here on the plan is what counts */
	json_object_del(f->journal.doc, "wish");
	if (strcmp(journal_text(&f->journal, "state"), "wish") == 0)
		journal_set(&f->journal, "state", "planned");
	if (journal_save(&f->journal, err) != 0)
		return -1;
	return go_on(f, err);
}

static int submit_new(struct filing *f, const struct bug_fields *fields, struct err *err)
{
	if (journal_new(&f->journal, err) != 0)
		return -1;
	return filing_plan_and_send(f, fields, err);
}

/* ---- no network: the wish is kept and carried out later ---- */

static int no_network(struct filing *f, const struct bug_fields *fields, const char *sha,
		      struct err *err)
{
	struct err second = {.code = ERR_NONE};
	int kept = 0;

	if (err->code != ERR_NET || f->o->dry_run)
		return -1;
	err->hint[0] = '\0';
	if (!f->o->new_anyway && !f->o->bug) /* said again: still one bug */
		kept = journal_find(&f->journal, sha, f->bz.web, &second);
	if (kept < 0 || (kept == 0 && wish_keep(f, fields, sha, &second) != 0))
		return err_hint(err, "and it cannot be kept for later: %s", second.text);
	return err_hint(err, "nothing was sent; it is kept: 'oomreport submit --retry' sends it");
}

static int submit_known(struct filing *f, struct err *err)
{
	const char *state = journal_text(&f->journal, "state");

	if (strcmp(state, "done") == 0) {
		filing_say(f, "This bundle was submitted before.");
		return 0;
	}
	filing_say(f, "This bundle's submission was begun before: going on with it.");
	return filing_resume(f, err);
}

int bugzilla_submit(const struct bugzilla_options *o, const struct bug_fields *fields,
		    long long *ret_id, char *ret_url, struct err *err)
{
	struct filing f = {.o = o, .journal = JOURNAL_CLOSED};
	char sha[SHA256_HEX];
	int rc = filing_hash(o->bundle, sha, err), found = 0;

	if (rc == 0 && filing_open(&f, o->url, !o->dry_run, err) != 0) {
		rc = no_network(&f, fields, sha, err);
		journal_close(&f.journal);
		return rc;
	}
	if (rc != 0)
		return -1;
	if (!o->new_anyway && !o->bug && !o->dry_run)
		found = journal_find(&f.journal, sha, f.bz.web, err);
	if (found < 0)
		rc = -1;
	else if (found == 1)
		rc = submit_known(&f, err);
	else
		rc = submit_new(&f, fields, err);
	if (rc == 0)
		filing_result(&f, ret_id, ret_url);
	pieces_free(&f.pieces);
	journal_close(&f.journal);
	bz_close(&f.bz);
	return rc;
}

int bugzilla_login(const char *url, const char *ca_file, const struct talk *talk,
		   struct err *err)
{
	struct secret key = {.text = ""};
	char prompt[700];
	struct bz b;
	int rc;

	if (bz_open(&b, url, ca_file, talk, err) != 0)
		return -1;
	snprintf(prompt, sizeof(prompt), "API key for %s", b.web);
	rc = secret_ask(&key, prompt, err);
	if (rc == 0)
		rc = bz_use_key(&b, &key, err);
	if (rc == 0)
		rc = secret_store(&key, b.web, err);
	secret_forget(&key);
	bz_close(&b);
	return rc;
}
