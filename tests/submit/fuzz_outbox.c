/* SPDX-License-Identifier: MIT */
/* fuzz_outbox.c - any bytes as a journal in the outbox, listed and gone on with while nobody
 * listens at the server's place. Laws: one line a journal, whatever is in it; what was opened is
 * written and read again the same; without an answer neither bundle nor bug becomes another, none
 * is made out of nothing, and the journal stays one; a bug that exists is not made again. */
#include <fcntl.h>
#include <sys/stat.h>

#include "fuzz/laws.h"
#include "submit/filing.h"

static const char token[] = "oomreport-0123456789abcdef01234567";
static char journal_path[300], bundle_path[300], bundle_sha[SHA256_HEX];

static void put(const char *path, struct str bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	law(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n && close(fd) == 0);
}

static void clean(void)
{
	char path[400];

	snprintf(path, sizeof(path), "%s.lock", journal_path);
	(void)unlink(path);
	(void)unlink(journal_path);
	(void)unlink(bundle_path);
	for (char *slash; (slash = strrchr(journal_path, '/')) != NULL && slash != journal_path;) {
		*slash = '\0'; /* outbox, oomreport, and the folder that was made for both */
		if (rmdir(journal_path) != 0)
			break;
	}
}

/* A member of a tar archive: its name and its few bytes. */
static void add_member(struct buf *out, const char *name, const char *text)
{
	char block[512] = "";
	unsigned sum = 8 * ' ';

	snprintf(block, 100, "%s", name);
	snprintf(block + 100, 8, "0000644");
	snprintf(block + 124, 12, "%011o", (unsigned)strlen(text) & 0777);
	snprintf(block + 136, 12, "%011o", 0U);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	buf_add(out, (struct str){block, sizeof(block)});
	memset(block, 0, sizeof(block));
	memcpy(block, text, strlen(text));
	buf_add(out, (struct str){block, sizeof(block)});
}

static void start(void)
{
	CLEANUP_BUF struct buf tar = BUF_INIT(16384);
	static const char nothing[1024];
	char home[] = "/dev/shm/oomreport-fuzz.XXXXXX", other[] = "/tmp/oomreport-fuzz.XXXXXX";
	const char *made = mkdtemp(home) ? home : mkdtemp(other);
	struct err err = {.code = ERR_NONE};

	law(made && setenv("XDG_STATE_HOME", made, 1) == 0);
	law(outbox_list(&(struct talk){.say = NULL}, &err) == 0); /* makes the folders */
	snprintf(journal_path, sizeof(journal_path), "%s/oomreport/outbox/%s.json", made, token);
	snprintf(bundle_path, sizeof(bundle_path), "%s/b.tar.gz", made);
	add_member(&tar, "b/first-oom.txt", "a invoked oom-killer");
	add_member(&tar, "b/report.json", "{}");
	buf_add(&tar, (struct str){nothing, sizeof(nothing)});
	law(buf_ok(&tar, "tar", &err) == 0);
	put(bundle_path, buf_str(&tar));
	law(filing_hash(bundle_path, bundle_sha, &err) == 0);
	law(atexit(clean) == 0);
}

static void law_of_error(int rc, const struct err *err)
{
	law((rc >= 0) == (err->code == ERR_NONE));
}

static void count_line(void *ctx, const char *line)
{
	law(*line);
	++*(int *)ctx;
}

/* bz_call() of a dry run says what it would send: "POST url", then its body */
static void look_at_request(void *ctx, const char *line)
{
	json_error_t why;
	json_auto_t *body = NULL;
	int *bugs = ctx;

	if (str_starts(str_of(line), STR("POST ")))
		*bugs += str_ends(str_of(line), STR("/bug"));
	else if (line[0] == '{') {
		body = json_loads(line, 0, &why);
		law(json_is_object(body));
	}
}

static void resume(struct journal *j)
{
	int bugs = 0;
	const struct talk talk = {.ctx = &bugs, .say = look_at_request};
	const struct bugzilla_options o = {.talk = &talk, .yes = true};
	struct filing f = {.o = &o, .journal = *j};
	struct err err = {.code = ERR_NONE};
	json_auto_t *bug = NULL;
	int rc;

	*j = (struct journal)JOURNAL_CLOSED;
	/* the paths are the file system's affair, the rest is the input's */
	journal_set(&f.journal, "bundle", bundle_path);
	journal_set(&f.journal, "bundle_sha256", bundle_sha);
	bug = json_deep_copy(json_object_get(f.journal.doc, "bug_id"));
	f.bz = (struct bz){.web = "http://127.0.0.1:1", .base = "http://127.0.0.1:1/rest",
			   .dry_run = true, .talk = &talk};
	law(http_open(&f.bz.http, NULL, NULL, &err) == 0);
	rc = filing_resume(&f, &err);
	law_of_error(rc, &err);
	law(rc != 0 || bug); /* all of it was sent before */
	law(!bug || (bugs == 0 && json_equal(bug, json_object_get(f.journal.doc, "bug_id"))));
	law(bugs <= 1 && strcmp(journal_text(&f.journal, "bundle_sha256"), bundle_sha) == 0);
	pieces_free(&f.pieces);
	bz_close(&f.bz);
	*j = f.journal;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal j = JOURNAL_CLOSED, again = JOURNAL_CLOSED;
	struct err err = {.code = ERR_NONE};
	int lines = 0, rc;

	if (!journal_path[0])
		start();
	put(journal_path, (struct str){(const char *)data, size});
	law(outbox_list(&(struct talk){.ctx = &lines, .say = count_line}, &err) == 0 && lines == 1);
	rc = journal_open(&j, journal_path, &err);
	law_of_error(rc, &err);
	law(rc != 0); /* nobody else has it */
	if (rc != 1)
		return 0;
	law(journal_save(&j, &err) == 0);
	fd_close(&j.lock);
	law(journal_open(&again, journal_path, &err) == 1 && json_equal(j.doc, again.doc));
	journal_close(&j);
	if (strcmp(journal_text(&again, "state"), "done") != 0)
		resume(&again);
	journal_close(&again);
	law(journal_open(&again, journal_path, &err) == 1);
	journal_close(&again);
	return 0;
}
