/* SPDX-License-Identifier: MIT */
/* journal.c - the systemd journal as text lines, asked of journalctl (no shell, no libsystemd).
 *
 * Export format (systemd.io/JOURNAL_EXPORT_FORMATS): "KEY=value" lines, or "KEY\n", 8 bytes of
 * little-endian length, the bytes, "\n"; an empty line ends an entry.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/listing.h"
#include "base/when.h"
#include "source/input.h"

enum { MESSAGE_MAX = 256 * 1024, SMALL = 64, HOST_MAX = 256, SILENCE_MS = 30 * 1000, LOOK_MS = 200,
       MAX_ARGS = 24 };

/* ---- entries to lines ---- */

struct journal {
	entries_more *more;
	void *own;
	struct buf message, out;
	size_t given;
	char ident[SMALL], pid[SMALL], host[HOST_MAX];
	size_t ident_n, pid_n, host_n;
	int64_t priority, facility, mono_us, source_us, wall_us;
	const struct head_of *until;
	bool hosts; /* lines name them */
	bool kernel, any, ended;
};

enum key {
	MESSAGE, TRANSPORT, IDENTIFIER, PID, HOSTNAME, REALTIME, PRIORITY, FACILITY, MONOTONIC,
	SOURCE_MONOTONIC, OTHER
};

int entry_key(struct str key)
{
	static const struct str keys[OTHER] = {
		[MESSAGE] = STR_INIT("MESSAGE"),
		[TRANSPORT] = STR_INIT("_TRANSPORT"),
		[IDENTIFIER] = STR_INIT("SYSLOG_IDENTIFIER"),
		[PID] = STR_INIT("_PID"),
		[HOSTNAME] = STR_INIT("_HOSTNAME"),
		[REALTIME] = STR_INIT("__REALTIME_TIMESTAMP"),
		[PRIORITY] = STR_INIT("PRIORITY"),
		[FACILITY] = STR_INIT("SYSLOG_FACILITY"),
		[MONOTONIC] = STR_INIT("__MONOTONIC_TIMESTAMP"),
		[SOURCE_MONOTONIC] = STR_INIT("_SOURCE_MONOTONIC_TIMESTAMP"),
	};
	size_t i = 0;

	while (i < OTHER && !str_eq(key, keys[i]))
		i++;
	return i < OTHER ? (int)i : -1;
}

static void forget_entry(struct journal *j)
{
	buf_clear(&j->message);
	j->ident_n = j->pid_n = j->host_n = 0;
	j->priority = j->mono_us = j->source_us = j->wall_us = UNKNOWN;
	j->facility = 0;
	j->kernel = j->any = false;
}

static void keep_small(char *to, size_t room, size_t *n, struct str value)
{
	*n = value.n < room ? value.n : room;
	memcpy(to, value.p, *n);
}

static void keep_number(int64_t *to, struct str value)
{
	int64_t n;

	if (take_i64(&value, &n))
		*to = n;
}

/* It stands between blanks in a line. */
static bool is_host(struct str name)
{
	return name.n && name.n < HOST_MAX && str_find_char(name, ' ') == SIZE_MAX;
}

void entry_value(struct journal *j, int key, struct str value)
{
	j->any = true;
	switch (key) {
	case MESSAGE:
		buf_add(&j->message, value);
		break;
	case TRANSPORT:
		j->kernel = str_eq(value, STR("kernel"));
		break;
	case IDENTIFIER:
		keep_small(j->ident, sizeof(j->ident), &j->ident_n, value);
		break;
	case PID:
		keep_small(j->pid, sizeof(j->pid), &j->pid_n, value);
		break;
	case HOSTNAME:
		if (j->hosts && is_host(value))
			keep_small(j->host, sizeof(j->host), &j->host_n, value);
		break;
	case REALTIME:
		(void)take_wall_us(&value, &j->wall_us);
		break;
	case PRIORITY:
		keep_number(&j->priority, value);
		break;
	case FACILITY:
		keep_number(&j->facility, value);
		break;
	case MONOTONIC:
		keep_number(&j->mono_us, value);
		break;
	case SOURCE_MONOTONIC:
		keep_number(&j->source_us, value);
		break;
	default:
		break;
	}
}

void entry_times(struct journal *j, uint64_t wall_us, uint64_t mono_us)
{
	j->any = true;
	if (wall_us <= INT64_MAX && when_is_writable((int64_t)wall_us))
		j->wall_us = (int64_t)wall_us;
	if (mono_us <= INT64_MAX)
		j->mono_us = (int64_t)mono_us;
}

void entry_end(struct journal *j)
{
	struct record r = {.priority = j->priority, .wall_us = j->wall_us,
			   .host = {j->host, j->host_n}, .text = buf_str(&j->message)};

	r.us = j->source_us != UNKNOWN ? j->source_us : j->mono_us;
	if (r.us < 0)
		r.us = UNKNOWN;
	if (j->until && j->kernel && !before_head(j->until, r.us, r.text))
		j->ended = true;
	if (j->kernel && j->facility > 0 && j->facility < 128) { /* a program's, by /dev/kmsg */
		r.priority = j->facility * 8 + (j->priority == UNKNOWN ? 0 : j->priority);
		if (j->hosts) /* a line without a tag would be taken for the kernel's */
			r.ident = STR("kmsg");
	} else if (!j->kernel) {
		r.ident = (struct str){j->ident, j->ident_n};
		r.pid = (struct str){j->pid, j->pid_n};
	}
	if (!j->ended && j->any && (j->kernel || !j->until))
		record_write(&j->out, &r);
	forget_entry(j);
}

/* What is not given yet; there is something unless it is the end. */
static int journal_fill(struct journal *j, struct err *err)
{
	int rc = 1;

	if (j->given < j->out.n)
		return 0;
	buf_clear(&j->out);
	j->given = 0;
	/* at once: where it grows each page of it is touched twice */
	(void)buf_reserve(&j->out, SOURCE_WINDOW);
	while (rc > 0 && !j->ended && j->out.n < SOURCE_WINDOW)
		rc = j->more(j, j->own, err);
	if (rc == 0 && j->any) /* the last one, cut short or not */
		entry_end(j);
	return rc < 0 ? -1 : 0;
}

static ssize_t journal_borrow(struct stream *in, const char **p, struct err *err)
{
	struct journal *j = in->own;
	struct str have;

	if (journal_fill(j, err))
		return -1;
	have = str_from(buf_str(&j->out), j->given);
	*p = have.p;
	j->given = j->out.n;
	return (ssize_t)have.n;
}

static ssize_t journal_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct journal *j = in->own;
	struct str have;

	if (journal_fill(j, err))
		return -1;
	have = str_sub(buf_str(&j->out), j->given, n);
	memcpy(p, have.p, have.n);
	j->given += have.n;
	return (ssize_t)have.n;
}

static void journal_close(struct stream *in)
{
	struct journal *j = in->own;

	buf_free(&j->message);
	buf_free(&j->out);
}

struct stream *entries_text(struct arena *a, struct stream *below, entries_more *more, void *own,
			    const struct head_of *until, bool hosts, struct err *err)
{
	struct stream *in = stream_over(a, below, sizeof(struct journal), err);
	struct journal *j = in ? in->own : NULL;

	if (!j)
		return NULL;
	j->more = more;
	j->own = own;
	j->message = (struct buf)BUF_INIT(MESSAGE_MAX);
	j->out = (struct buf)BUF_INIT(64 * MESSAGE_MAX);
	j->until = until;
	j->hosts = hosts;
	forget_entry(j);
	in->read = journal_read;
	in->borrow = journal_borrow;
	in->close = journal_close;
	return in;
}

/* ---- export bytes ---- */

struct export {
	struct lines lines;
	bool skip_piece;
};

/* KEY without '=': length and bytes follow. */
static int binary_field(struct lines *lines, struct journal *to, struct str key, struct err *err)
{
	bool message = entry_key(key) == MESSAGE;
	unsigned char head[8];
	uint64_t left = 0;
	char block[4096];

	for (size_t n = 0; n < sizeof(head);) {
		ssize_t got = lines_bytes(lines, (char *)head + n, sizeof(head) - n, err);

		if (got <= 0)
			return (int)got;
		n += (size_t)got;
	}
	for (int i = 7; i >= 0; i--)
		left = left << 8 | head[i];
	while (left) {
		size_t want = left < sizeof(block) ? (size_t)left : sizeof(block);
		ssize_t got = lines_bytes(lines, block, want, err);

		if (got <= 0)
			return (int)got;
		left -= (uint64_t)got;
		if (message)
			buf_add(&to->message, (struct str){block, (size_t)got});
		to->any = true;
	}
	return (int)lines_bytes(lines, block, 1, err); /* its '\n' */
}

/* 1 when an entry or a field was taken in, 0 at the end, -1. */
static int one_line(struct journal *to, void *own, struct err *err)
{
	struct export *x = own;
	bool piece = x->skip_piece;
	struct str line, key;
	int rc = lines_next(&x->lines, &line, err);

	if (rc <= 0)
		return rc;
	x->skip_piece = x->lines.more;
	if (piece) { /* the rest of an overlong value: more of the message, or nothing */
		if (to->message.n)
			buf_add(&to->message, line);
		return 1;
	}
	if (line.n == 0) {
		if (to->any)
			entry_end(to);
		return 1;
	}
	if (take_until(&line, '=', &key)) {
		entry_value(to, entry_key(key), line);
		return 1;
	}
	return binary_field(&x->lines, to, line, err);
}

struct stream *export_text(struct arena *a, struct stream *entries, const struct head_of *until,
			    bool hosts, struct err *err)
{
	struct export *x = arena_take(a, sizeof(*x));

	if (!x || lines_init(&x->lines, a, entries, err)) {
		err_set(err, ERR_NOMEM, "no memory to read the journal");
		stream_close(entries);
		return NULL;
	}
	return entries_text(a, entries, one_line, x, until, hosts, err);
}

/* ---- journalctl ---- */

struct child {
	pid_t pid;
	int fd;
	const volatile int *stop;
};

static bool is_stopped(const struct child *c)
{
	return c->stop && *c->stop;
}

static ssize_t child_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct child *c = in->own;
	struct pollfd ready = {.fd = c->fd, .events = POLLIN};
	int64_t until = when_monotonic() + SILENCE_MS * INT64_C(1000), left;
	ssize_t got;
	int rc;

	do { /* in pieces: who is to stop may have been told just before it waits */
		left = (until - when_monotonic()) / 1000;
		rc = poll(&ready, 1, left > LOOK_MS ? LOOK_MS : left > 0 ? (int)left : 0);
	} while (!is_stopped(c) && ((rc == 0 && left > 0) || (rc < 0 && errno == EINTR)));
	if (rc <= 0 && is_stopped(c))
		return err_set(err, ERR_LIMIT, "journalctl: interrupted while it was silent");
	if (rc == 0)
		return err_set(err, ERR_LIMIT, "journalctl: silent for %d s", SILENCE_MS / 1000);
	got = rc < 0 ? -1 : fd_read(c->fd, p, n);
	return got < 0 ? err_sys(err, errno, "journalctl") : got;
}

static void child_close(struct stream *in)
{
	struct child *c = in->own;

	fd_close(&c->fd);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	c->pid = 0;
}

static int spawn_on(char *const *argv, int out, pid_t *pid)
{
	static char path_env[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C",
		    pager[] = "SYSTEMD_PAGER=", colors[] = "SYSTEMD_COLORS=0";
	static char *const env[] = {path_env, locale, pager, colors, NULL};
	static const char *const programs[] = {"/usr/bin/journalctl", "/bin/journalctl",
					       "/run/current-system/sw/bin/journalctl"};
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return rc;
	rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (!rc)
		/* its complaints go nowhere; in a sandbox nothing is opened for writing */
		rc = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_RDONLY, 0);
	for (size_t i = 0; !rc && i < ARRAY_COUNT(programs); i++) {
		rc = posix_spawn(pid, programs[i], &actions, NULL, argv, env);
		if (rc == ENOENT && i + 1 < ARRAY_COUNT(programs))
			rc = 0;
		else
			break;
	}
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static struct stream *spawn(struct arena *a, char *const *argv, const volatile int *stop,
			    struct err *err)
{
	struct stream *in = stream_new(a, err);
	struct child *c = arena_take(a, sizeof(*c));
	int ends[2], rc;

	if (!in || !c) {
		err_set(err, ERR_NOMEM, "no memory to start journalctl");
		return NULL;
	}
	if (pipe2(ends, O_CLOEXEC)) {
		err_sys(err, errno, "journalctl");
		return NULL;
	}
	rc = spawn_on(argv, ends[1], &c->pid);
	close(ends[1]);
	if (rc) {
		close(ends[0]);
		err_sys(err, rc, "journalctl");
		return NULL;
	}
	c->fd = ends[0];
	c->stop = stop;
	in->own = c;
	in->read = child_read;
	in->close = child_close;
	return in;
}

const char journal_matches[JOURNAL_MATCHES][MATCH_ROOM] = {
	"_TRANSPORT=kernel",
	"SYSLOG_IDENTIFIER=systemd-oomd",
	"SYSLOG_IDENTIFIER=earlyoom",
	"SYSLOG_IDENTIFIER=nohang",
	"SYSLOG_IDENTIFIER=oomd",
};

int journal_lacks_boot(struct err *err)
{
	return err_set(err, ERR_IO, "the journal has no kernel messages of that boot");
}

/* Where journald keeps it, a folder for each machine: without any of them (distributions ship the place
 * empty) journalctl costs a tenth of all small files together, for nothing. */
static bool is_kept(const struct root *root)
{
	static const char *const places[] = {"/var/log/journal", "/run/log/journal"};

	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		CLEANUP_FD int fd = root_openat(root, places[i], O_RDONLY | O_DIRECTORY);
		struct listing names = {.fd = fd};
		const char *name;
		uint8_t type;

		while (fd >= 0 && (name = listing_next(&names, &type))) {
			if (name[0] != '.')
				return true;
		}
	}
	return false;
}

struct stream *journalctl_open(struct arena *a, const struct root *root, int boot,
			       const struct head_of *until, const volatile int *stop, struct err *err)
{
	static char name[] = "journalctl", quiet[] = "-q", export[] = "--output=export",
		    pager[] = "--no-pager", all[] = "--all", by_boot[] = "-b", or[] = "+";
	char boot_text[16], matches[JOURNAL_MATCHES][MATCH_ROOM];
	char *argv[MAX_ARGS] = {name, quiet, export, pager, all, by_boot, boot_text, matches[0]};
	struct stream *in, *text;
	struct str head;
	int n = 8, rc;

	memcpy(matches, journal_matches, sizeof(matches));
	snprintf(boot_text, sizeof(boot_text), "%d", boot);
	for (size_t i = 1; !until && i < JOURNAL_MATCHES; i++) {
		argv[n++] = or;
		argv[n++] = matches[i];
	}
	in = is_kept(root) ? spawn(a, argv, stop, err) : stream_from_str(a, STR(""), err);
	text = in ? export_text(a, in, until, !until, err) : NULL;
	if (!text)
		return NULL;
	rc = stream_peek(text, &head, err);
	if (rc == 0 && head.n)
		return text;
	stream_close(text);
	if (rc == 0)
		(void)journal_lacks_boot(err);
	return NULL;
}
