/* SPDX-License-Identifier: MIT */
/* samples.c - finds the reader for a path by what lies there. */
#include "vmlog/samples.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const ring_names[] = {RING_FILE_NAME ".old", RING_FILE_NAME};

/* A recorder's directory: the file put aside and the one in use. 1 when there is one. */
static int open_ring_dir(struct samples *ret, const char *path, struct err *err)
{
	CLEANUP_FD int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fds[ARRAY_COUNT(ring_names)];
	size_t n = 0;

	if (dir < 0) {
		bool denied = errno == EACCES;

		(void)err_sys(err, errno, "%s", path);
		return denied ? err_hint(err, "root recorded there? Try it with sudo") : -1;
	}
	for (size_t i = 0; i < ARRAY_COUNT(ring_names); i++) {
		fds[n] = openat(dir, ring_names[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fds[n] >= 0)
			n++;
		else if (errno != ENOENT)
			(void)err_sys(err, errno, "%s/%s", path, ring_names[i]);
	}
	if (n == 0)
		return err && err->code != ERR_NONE ? -1 : 0;
	if (err)
		err->code = ERR_NONE;
	if (ring_samples_open(ret, fds, n, err) == 0)
		return 1;
	while (n)
		fd_close(&fds[--n]);
	return -1;
}

int samples_open_fd(struct samples *ret, int *fd, struct err *err)
{
	char head[2 * RING_HEADER_SIZE];
	ssize_t n = pread(*fd, head, sizeof(head), 0);
	struct str text = {head, n > 0 ? (size_t)n : 0};
	int rc;

	if (ring_recognised(text))
		rc = ring_samples_open(ret, fd, 1, err);
	else if (vmstat_ring_recognised(text))
		rc = vmstat_ring_open(ret, *fd, err);
	else
		rc = loop_samples_open(ret, *fd, 0, UNKNOWN, err);
	if (rc == 0)
		*fd = -1;
	return rc;
}

static int open_file(struct samples *ret, const char *path, struct err *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(err, errno, "%s", path);
	return samples_open_fd(ret, &fd, err) == 0 ? 0 : err_wrap(err, "%s", path);
}

int samples_skipped(const struct samples *s, struct arena *a, struct str *ret, struct err *err)
{
	const struct {
		uint64_t n;
		const char *one, *many;
	} rows[] = {
		{s->damaged, "damaged place", "damaged places"},
		{s->unknown_lines, "line that is of no known file",
		 "lines that are of no known file"},
		{s->untimed, "sample without a time", "samples without a time"},
		{s->unread_files, "file without samples that are known here",
		 "files without samples that are known here"},
	};
	char text[256];
	size_t n = 0;
	struct str made;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (rows[i].n && n < sizeof(text))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%llu %s",
					      n ? ", " : "", (unsigned long long)rows[i].n,
					      rows[i].n == 1 ? rows[i].one : rows[i].many);
	}
	made = (struct str){NULL, 0};
	if (text[0] && !arena_str(a, str_of(text), &made))
		return err_set(err, ERR_NOMEM, "no memory");
	*ret = made;
	return 0;
}

int samples_none(const struct samples *s, const char *why, struct err *err)
{
	struct arena arena = ARENA_INIT(4096);
	struct str skipped = {NULL, 0};

	if (samples_skipped(s, &arena, &skipped, err) == 0) {
		(void)err_set(err, ERR_FORMAT, "%s%s%.*s", why, skipped.p ? ", but " : "",
			      STR_ARG(skipped));
		if (s->untimed)
			(void)err_hint(err, "a time belongs before each sample (a line of `date`), "
					    "or into each file's name (vmstat.EPOCH)");
	}
	arena_free(&arena);
	return -1;
}

int samples_open(struct samples *ret, const char *path, int64_t since_us, int64_t until_us,
		 struct err *err)
{
	struct samples s = {.since_us = since_us, .until_us = until_us};
	struct stat st;
	int rc;

	if (!path[0])
		return err_set(err, ERR_USAGE, "'' is no file or folder of samples");
	if (stat(path, &st) != 0)
		return err_sys(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode)) {
		rc = open_ring_dir(&s, path, err);
		if (rc == 0)
			rc = folder_samples_open(&s, path, err);
	} else {
		rc = S_ISREG(st.st_mode) ? archive_samples_open(&s, path, err) : 0;
		if (rc == 0)
			rc = open_file(&s, path, err);
	}
	if (rc < 0)
		return -1;
	*ret = s;
	return 0;
}

int samples_next(struct samples *s, const struct sample **ret, struct err *err)
{
	int rc;

	while ((rc = s->reader->next(s, ret, err)) > 0) {
		int64_t at = (*ret)->wall_us;

		if ((s->since_us == UNKNOWN || at >= s->since_us) &&
		    (s->until_us == UNKNOWN || at <= s->until_us))
			break;
	}
	return rc;
}

void samples_close(struct samples *s)
{
	if (s->reader)
		s->reader->close(s);
	s->reader = NULL;
}
