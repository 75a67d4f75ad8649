/* SPDX-License-Identifier: MIT */
/* cmd_triage.c - oomreport triage: hundreds of bundles and logs to one table. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/when.h"
#include "cli/cli.h"
#include "cli/moment.h"
#include "cli/triage.h"

struct options {
	int format;
	const char *since;
	int64_t jobs, now_us;
};

static const struct options defaults = {.now_us = UNKNOWN};

static const struct option_row rows[] = {
	{"format", 'f', OPT_CHOICE, false, "text|json|ndjson|csv|html",
	 offsetof(struct options, format), "what to print (default: text)"},
	{"since", 's', OPT_TEXT, false, "STATE", offsetof(struct options, since),
	 "keep what was read in this file; read only what is new"},
	{"jobs", 'j', OPT_NUMBER, false, "N", offsetof(struct options, jobs),
	 "readers side by side (default: one a processor)"},
	{"now", 0, OPT_TIME, false, "TIME", offsetof(struct options, now_us),
	 "take this as the present"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

enum { DEPTH_MAX = 32, PATH_ROOM = 4096 };

struct run {
	struct triage_store *store;
	struct triage_pool *pool;
	const char *state; /* or NULL */
	uint64_t failed;
};

/* Some say whose error it is, some do not. */
static const char *without_path(const char *error, const char *path)
{
	size_t n = strlen(path);

	return strncmp(error, path, n) == 0 && strncmp(error + n, ": ", 2) == 0 ? error + n + 2
										 : error;
}

static void say_failed(struct run *r, const char *path, const char *why)
{
	r->failed++;
	log_line(LOG_LEVEL_ERROR, "%s: %s", path, why);
}

static int done(void *ctx, const struct triage_input *in, struct err *err)
{
	struct triage_input kept = *in;
	struct run *r = ctx;

	if (in->error) {
		kept.error = without_path(in->error, in->path);
		say_failed(r, in->path, kept.error);
	}
	return triage_store_put(r->store, &kept, err);
}

static int absent(struct run *r, const char *path, const char *why, struct err *err)
{
	say_failed(r, path, why);
	return triage_store_absent(r->store, path, why, err);
}

static int add_file(struct run *r, const char *path, const struct stat *st, struct err *err)
{
	int64_t mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	int known = triage_store_knows(r->store, path, st->st_size, mtime_ns, err);

	if (known != 0)
		return known < 0 ? -1 : 0;
	return triage_pool_add(r->pool, path, err);
}

static bool has(const char *dir, const char *name)
{
	char path[PATH_ROOM + 64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

/* An unpacked bundle, sos report or supportconfig and the journal of a machine is one input, not a
 * folder of inputs. */
static bool is_one_input(const char *dir)
{
	return has(dir, "MANIFEST.json") || has(dir, "sos_commands") ||
	       has(dir, "basic-environment.txt") || has(dir, "system.journal");
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_path(struct run *r, const char *path, int depth, struct err *err);

static int add_folder(struct run *r, const char *dir, int depth, struct err *err)
{
	struct dirent **entries = NULL;
	char path[PATH_ROOM];
	int n, rc = 0;

	if (depth == DEPTH_MAX)
		return absent(r, dir, "folders too deep", err);
	n = scandir(dir, &entries, visible, alphasort);
	if (n < 0)
		return absent(r, dir, strerror(errno), err);
	for (int i = 0; i < n; i++) {
		int len = snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);

		if (rc == 0 && len < PATH_ROOM)
			rc = add_path(r, path, depth + 1, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

/* The state file, or one that SQLite keeps beside it: it may lie among the inputs. */
static bool is_state(const struct run *r, const struct stat *st)
{
	static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
	char path[PATH_ROOM + 16];
	struct stat own;

	for (size_t i = 0; r->state && i < ARRAY_COUNT(endings); i++) {
		snprintf(path, sizeof(path), "%s%s", r->state, endings[i]);
		if (stat(path, &own) == 0 && own.st_ino == st->st_ino && own.st_dev == st->st_dev)
			return true;
	}
	return false;
}

/* Links are followed where the user named them, not below; what is no file is passed over. */
static int add_path(struct run *r, const char *path, int depth, struct err *err)
{
	struct stat st;

	if ((depth ? lstat(path, &st) : stat(path, &st)) != 0)
		return absent(r, path, strerror(errno), err);
	if (S_ISDIR(st.st_mode) && !is_one_input(path))
		return add_folder(r, path, depth, err);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
		log_info("%s: not a file, passed over", path);
		return 0;
	}
	if (is_state(r, &st))
		return 0;
	/* a mode that is put right leaves no trace in size and time: try again each run */
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
		return absent(r, path, strerror(errno), err);
	return add_file(r, path, &st, err);
}

/* SQLite makes its journal beside the state, and other files where it finds room. */
static void fence(const char *since)
{
	char home[PATH_ROOM];
	const char *slash = since ? strrchr(since, '/') : NULL;
	const char *dirs[SANDBOX_DIRS] = {home, "/var/tmp", "/usr/tmp", "/tmp"};
	const char *const named[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR")};
	size_t n = 4;

	snprintf(home, sizeof(home), "%.*s/.", slash ? (int)(slash - since) : 1, slash ? since : ".");
	for (size_t i = 0; i < ARRAY_COUNT(named); i++) {
		if (named[i])
			dirs[n++] = named[i];
	}
	sandbox_enter(dirs);
}

static int read_all(struct run *r, int argc, char **argv, const struct options *o,
		    struct err *err)
{
	const struct triage_sink to = {r, done};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int rc = triage_pool_new(&r->pool, o->jobs > 0 ? (int)o->jobs : (int)cores,
				 o->now_us == UNKNOWN ? when_now() : o->now_us, &to, err);

	for (int i = 0; i < argc && rc == 0; i++)
		rc = add_path(r, argv[i], 0, err);
	if (rc == 0)
		rc = triage_pool_finish(r->pool, err);
	triage_pool_free(r->pool);
	return rc;
}

static int run(const void *options, int argc, char **argv, struct err *err)
{
	const struct options *o = options;
	struct run r = {.state = o->since};
	int64_t moment;
	int rc;

	if (o->since && access(o->since, F_OK) != 0 &&
	    moment_parse(str_of(o->since), when_now(), &moment)) {
		(void)err_set(err, ERR_USAGE, "triage: --since %.60s: wants the file that keeps what was "
			      "read, not a time", o->since);
		return err_hint(err, "for example --since desk.sqlite");
	}
	if (argc == 0 && !o->since)
		return err_set(err, ERR_USAGE, "triage: no PATH is given");
	if (o->jobs < 0 || o->jobs > 1024)
		return err_set(err, ERR_USAGE, "triage: --jobs: 1 to 1024");
	if (triage_store_open(&r.store, o->since, err) != 0)
		return -1;
	fence(o->since);
	rc = read_all(&r, argc, argv, o, err);
	if (rc == 0)
		rc = triage_store_settle(r.store, err);
	if (rc == 0)
		rc = triage_print(r.store, (enum triage_format)o->format, err);
	if (rc == 0)
		rc = triage_store_commit(r.store, err);
	triage_store_close(r.store);
	return rc != 0 ? -1 : r.failed ? 1 : 0;
}

const struct command cmd_triage = {
	.name = "triage",
	.operands = "PATH...",
	.summary = "many bundles or logs: group by signature, one table",
	.example = "oomreport triage --since /var/lib/desk/oom.sqlite /srv/incoming",
	.options = rows,
	.options_size = sizeof(struct options),
	.defaults = &defaults,
	.run = run,
};
