/* SPDX-License-Identifier: MIT */
/* spool.c - an archive of samples into one nameless file. */
#include "vmlog/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "source/source.h"

enum { SPOOL_FILES_MAX = 100000 };
static const int64_t SPOOL_MAX = INT64_C(4) << 30;

/* What to do about an archive that cannot be unpacked here. */
static int unpack_yourself(struct err *err)
{
	return err_hint(err, "unpack it, and give the directory");
}

static int too_much(const char *path, struct err *err)
{
	(void)err_set(err, ERR_LIMIT, "%s: too much to unpack here", path);
	return unpack_yourself(err);
}

static int nameless(const char *path, struct err *err)
{
	static const char *const folders[] = {"/var/tmp", "/tmp", "."};
	int fd = -1;

	for (size_t i = 0; i < ARRAY_COUNT(folders) && fd < 0; i++)
		fd = open(folders[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
	(void)err_sys(err, errno, "%s: no room in /var/tmp to unpack it", path);
	return unpack_yourself(err);
}

/* All windows of the text that the source stands at. A damaged end costs what is behind it. */
static int spool_one(struct spool *sp, struct arena *a, struct source *s, const char *path,
		     struct err *err)
{
	struct str full = str_of(source_info(s)->name), window;
	size_t inside = str_of(path).n + 2; /* "PATH: " */
	const char *name = arena_cstr(a, str_from(full, inside < full.n ? inside : full.n));
	struct spooled *f = arena_grow(a, (void **)&sp->files, &sp->n, &sp->room, sizeof(*f));
	int64_t from = sp->n > 1 ? sp->files[sp->n - 2].to : 0, at = from;
	struct err why = {.code = ERR_NONE};

	if (!name || !f || sp->n > SPOOL_FILES_MAX)
		return too_much(path, err);
	while (source_window(s, &window, &why) > 0) {
		at += (int64_t)window.n;
		if (at > SPOOL_MAX)
			return too_much(path, err);
		if (fd_write_all(sp->fd, window) != 0) {
			(void)err_sys(err, errno, "%s: cannot be unpacked into /var/tmp", path);
			return unpack_yourself(err);
		}
	}
	*f = (struct spooled){name, from, at};
	return 0;
}

int spool_archive(struct spool *ret, struct arena *a, const char *path, struct err *err)
{
	CLEANUP_SOURCE struct source *s = NULL;
	struct spool sp = {.fd = -1};
	int rc = source_open_members(&s, path, err);

	if (rc <= 0)
		return rc;
	sp.fd = nameless(path, err);
	rc = sp.fd < 0 ? -1 : 1;
	while (rc > 0) {
		if (spool_one(&sp, a, s, path, err) != 0)
			rc = -1;
		else
			rc = source_next(s, err);
	}
	if (rc < 0) {
		fd_close(&sp.fd);
		return -1;
	}
	*ret = sp;
	return 1;
}
