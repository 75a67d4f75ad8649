/* SPDX-License-Identifier: MIT */
/* folder.c - a directory (or an archive) of samples: one file per time, or several logs merged
 * by time.
 *
 * Looks two levels deep (OSWatcher keeps a folder per kind of file). Files are opened when
 * their first sample's turn comes, so a year of hourly files needs few descriptors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmlog/samples.h"
#include "vmlog/spool.h"

enum { FILES_MAX = 100000, OPEN_MAX = 48, DEPTH = 2, NAME_ROOM = 1024 };

struct log {
	const char *name;
	int64_t from, to; /* of the spool; to = UNKNOWN: a file of the directory */
	int64_t first_us;
};

struct live {
	struct samples samples;
	const struct sample *head;
};

struct folder {
	struct arena arena;
	int dirfd; /* of an archive: its spool */
	struct stamped *stamped;
	size_t n_stamped, stamped_room;
	struct log *logs;
	size_t n_logs, logs_room, next_log;
	struct live live[OPEN_MAX];
	size_t n_live;
	struct live *given; /* whose head was handed out last */
	struct samples one; /* the reader of stamped files */
	bool stamped_only;
};

/* Seconds since 1970, of this century. */
static bool is_epoch(struct str digits, int64_t *ret)
{
	uint64_t s;

	if (!take_u64(&digits, &s) || digits.n || s < 946684800 || s > 4102444800)
		return false;
	*ret = (int64_t)s * 1000000;
	return true;
}

/* "vmstat.1471234567": the time in the name; "vmstat.1471234567.123456789" (date +%s.%N), too. */
static bool stamp_of(const char *name, int64_t *ret)
{
	static const struct str packed[] = {STR_INIT(".gz"), STR_INIT(".xz"), STR_INIT(".bz2"),
					    STR_INIT(".zst"), STR_INIT(".Z")};
	struct str rest = str_of(name), part;
	int64_t us, scale = 100000;
	size_t dot;

	for (size_t i = 0; i < ARRAY_COUNT(packed); i++) {
		if (str_ends(rest, packed[i])) {
			rest.n -= packed[i].n;
			break;
		}
	}
	dot = str_rfind(rest, STR("."));
	if (dot == SIZE_MAX)
		return false;
	part = str_from(rest, dot + 1);
	if (is_epoch(part, ret))
		return true;
	dot = str_rfind(str_sub(rest, 0, dot), STR("."));
	if (dot == SIZE_MAX || part.n == 0 ||
	    !is_epoch(str_sub(rest, dot + 1, rest.n - part.n - dot - 2), &us))
		return false;
	for (size_t i = 0; i < part.n; i++, scale /= 10) {
		if (!ascii_digit(part.p[i]))
			return false;
		us += (part.p[i] - '0') * scale;
	}
	*ret = us;
	return true;
}

static int add_file(struct folder *f, const char *path, int64_t from, int64_t to,
		    struct err *err)
{
	char *name = arena_cstr(&f->arena, str_of(path));
	struct stamped *stamped;
	struct log *log;
	int64_t us;

	if (!name || f->n_stamped + f->n_logs >= FILES_MAX)
		return err_set(err, ERR_LIMIT, "more than %d files", FILES_MAX);
	if (stamp_of(name, &us)) {
		stamped = arena_grow(&f->arena, (void **)&f->stamped, &f->n_stamped,
				     &f->stamped_room, sizeof(*stamped));
		if (stamped)
			*stamped = (struct stamped){name, us, from, to};
		return stamped ? 0 : err_set(err, ERR_NOMEM, "no memory for a list of files");
	}
	log = arena_grow(&f->arena, (void **)&f->logs, &f->n_logs, &f->logs_room, sizeof(*log));
	if (log)
		*log = (struct log){name, from, to, UNKNOWN};
	return log ? 0 : err_set(err, ERR_NOMEM, "no memory for a list of files");
}

static int list(struct samples *v, struct folder *f, const char *path, int depth,
		struct err *err)
{
	CLEANUP_FD int fd = openat(f->dirfd, path[0] ? path : ".",
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int rc = 0;

	if (!dir) {
		v->unread_files++;
		return 0;
	}
	fd = -1; /* dir's */
	while (rc == 0 && (entry = readdir(dir))) {
		char below[NAME_ROOM];
		struct stat st;
		int n = snprintf(below, sizeof(below), "%s%s%s", path, path[0] ? "/" : "",
				 entry->d_name);

		if (entry->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof(below) ||
		    fstatat(f->dirfd, below, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			rc = add_file(f, below, 0, UNKNOWN, err);
		else if (S_ISDIR(st.st_mode) && depth < DEPTH)
			rc = list(v, f, below, depth + 1, err);
	}
	closedir(dir);
	return rc;
}

static int by_stamp(const void *a, const void *b)
{
	const struct stamped *x = a, *y = b;

	return x->wall_us < y->wall_us ? -1 : x->wall_us > y->wall_us ? 1
								      : strcmp(x->name, y->name);
}

static int by_first(const void *a, const void *b)
{
	const struct log *x = a, *y = b;

	return x->first_us < y->first_us ? -1 : x->first_us > y->first_us ? 1
									  : strcmp(x->name, y->name);
}

/* ---- logs, merged ---- */

static bool open_log(struct folder *f, const struct log *log, struct live *ret)
{
	bool part = log->to != UNKNOWN;
	CLEANUP_FD int fd = part ? fcntl(f->dirfd, F_DUPFD_CLOEXEC, 3)
				 : openat(f->dirfd, log->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct err err = {.code = ERR_NONE};

	*ret = (struct live){.samples = {.since_us = UNKNOWN, .until_us = UNKNOWN}};
	if (fd < 0)
		return false;
	if (!part && samples_open_fd(&ret->samples, &fd, &err) != 0)
		return false;
	if (part) {
		if (loop_samples_open(&ret->samples, fd, log->from, log->to, &err) != 0)
			return false;
		fd = -1; /* the reader's */
	}
	if (ret->samples.reader->next(&ret->samples, &ret->head, &err) > 0)
		return true;
	samples_close(&ret->samples);
	return false;
}

static void absorb(struct samples *v, const struct samples *from)
{
	v->damaged += from->damaged;
	v->unknown_lines += from->unknown_lines;
	v->untimed += from->untimed;
}

/* The first time of each file orders them; a file without samples is left out. */
static void date_logs(struct samples *v, struct folder *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n_logs; i++) {
		struct live live;

		if (!open_log(f, &f->logs[i], &live)) {
			v->unread_files++;
			continue;
		}
		f->logs[i].first_us = live.head->wall_us;
		f->logs[kept++] = f->logs[i];
		samples_close(&live.samples);
	}
	f->n_logs = kept;
	if (kept)
		qsort(f->logs, kept, sizeof(*f->logs), by_first);
}

static struct live *earliest(struct folder *f)
{
	struct live *best = NULL;

	for (size_t i = 0; i < f->n_live; i++) {
		if (!best || f->live[i].head->wall_us < best->head->wall_us)
			best = &f->live[i];
	}
	return best;
}

static int advance(struct samples *v, struct folder *f, struct live *l, struct err *err)
{
	int rc = l->samples.reader->next(&l->samples, &l->head, err);

	if (rc > 0)
		return 0;
	absorb(v, &l->samples);
	samples_close(&l->samples);
	*l = f->live[--f->n_live];
	return rc;
}

static int folder_next(struct samples *v, const struct sample **ret, struct err *err)
{
	struct folder *f = v->state;
	struct live *best;

	if (f->stamped_only)
		return f->one.reader->next(&f->one, ret, err);
	if (f->given && advance(v, f, f->given, err) != 0)
		return -1;
	f->given = NULL;
	best = earliest(f);
	while (f->next_log < f->n_logs && f->n_live < OPEN_MAX &&
	       (!best || f->logs[f->next_log].first_us <= best->head->wall_us)) {
		if (open_log(f, &f->logs[f->next_log++], &f->live[f->n_live]))
			f->n_live++;
		best = earliest(f);
	}
	if (!best)
		return 0;
	f->given = best;
	*ret = best->head;
	return 1;
}

static void folder_close(struct samples *v)
{
	struct folder *f = v->state;
	struct arena arena;

	if (!f)
		return;
	for (size_t i = 0; i < f->n_live; i++)
		samples_close(&f->live[i].samples);
	samples_close(&f->one);
	fd_close(&f->dirfd);
	arena = f->arena;
	arena_free(&arena);
	v->state = NULL;
}

static const struct samples_reader folder_reader = {"folder of logs", folder_next, folder_close};
static const struct samples_reader by_time_reader = {"files by time", folder_next, folder_close};

/* By time, once the files are known. */
static int arrange(struct samples *ret, struct folder *f, const char *path, struct err *err)
{
	if (f->n_stamped > 0) {
		int copy = fcntl(f->dirfd, F_DUPFD_CLOEXEC, 3);

		qsort(f->stamped, f->n_stamped, sizeof(*f->stamped), by_stamp);
		f->stamped_only = true;
		ret->reader = &by_time_reader;
		return stamped_samples_open(&f->one, copy, f->stamped, f->n_stamped, err);
	}
	date_logs(ret, f);
	if (f->n_logs == 0)
		return err_set(err, ERR_FORMAT, "%s: no samples of /proc files in it", path);
	return 0;
}

static int fill_from_directory(struct samples *ret, struct folder *f, const char *path,
			       struct err *err)
{
	f->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dirfd < 0)
		return err_sys(err, errno, "%s", path);
	return list(ret, f, "", 0, err) != 0 ? -1 : 1;
}

static int fill_from_archive(struct samples *ret, struct folder *f, const char *path,
			     struct err *err)
{
	struct spool sp;
	int rc = spool_archive(&sp, &f->arena, path, err);

	(void)ret;
	if (rc <= 0)
		return rc;
	f->dirfd = sp.fd;
	for (size_t i = 0; i < sp.n; i++) {
		if (add_file(f, sp.files[i].name, sp.files[i].from, sp.files[i].to, err) != 0)
			return -1;
	}
	return 1;
}

typedef int filler(struct samples *ret, struct folder *f, const char *path, struct err *err);

static int open_with(struct samples *ret, filler *fill, const char *path, struct err *err)
{
	struct arena arena = ARENA_INIT(64 << 20);
	struct folder *f = arena_take(&arena, sizeof(*f));
	int rc;

	if (!f)
		return err_set(err, ERR_NOMEM, "no memory for a list of files");
	f->arena = arena;
	f->dirfd = -1;
	ret->reader = &folder_reader;
	ret->state = f;
	rc = fill(ret, f, path, err);
	if (rc > 0 && arrange(ret, f, path, err) != 0)
		rc = -1;
	if (rc > 0)
		return 1;
	folder_close(ret);
	ret->reader = NULL;
	return rc;
}

int folder_samples_open(struct samples *ret, const char *path, struct err *err)
{
	return open_with(ret, fill_from_directory, path, err) > 0 ? 0 : -1;
}

int archive_samples_open(struct samples *ret, const char *path, struct err *err)
{
	return open_with(ret, fill_from_archive, path, err);
}
