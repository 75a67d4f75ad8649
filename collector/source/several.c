/* SPDX-License-Identifier: MIT */
/* several.c - files named one by one that are one log: the .journal files of one machine, a log and
 * what logrotate made of it. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/input.h"

/* A .journal file that is not compressed, and whose it is. A FIFO is not even opened: its writer
 * would take us for the reader. */
static int open_journal(const char *path, struct place *place, struct journal_id *id)
{
	char magic[8];
	struct str head = {magic, sizeof(magic)};
	struct stat st;
	int fd = stat(path, &st) == 0 && S_ISREG(st.st_mode)
			 ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;

	if (fd >= 0 && place_of(fd, place) && pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	    format_of(head) == FORMAT_JOURNAL && journal_id_of(place, id))
		return fd;
	fd_close(&fd);
	return -1;
}

static bool whose(const char *path, struct journal_id *id)
{
	struct place place;
	CLEANUP_FD int fd = open_journal(path, &place, id);

	return fd >= 0;
}

static struct str base_of(struct str path)
{
	size_t slash = str_rfind(path, STR("/"));

	return slash == SIZE_MAX ? path : str_from(path, slash + 1);
}

/* Names such as "kern.log.1" are logrotate's only where a system keeps its log under that name, and
 * those in another folder are another machine's. */
static bool is_rotated(const char *path)
{
	struct stat st;

	return part_is_rotated(path, MEMBER_LOG) && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, R_OK) == 0;
}

static bool same_family(const char *path, const char *other)
{
	struct rotation a, b;

	rotation_of(str_of(path), &a);
	rotation_of(str_of(other), &b);
	return str_eq(a.family, b.family) && is_rotated(other);
}

size_t source_of_one_log(const char **paths, size_t n)
{
	struct journal_id first, other;
	bool journal = n > 1 && whose(paths[0], &first);
	size_t one = 1;

	if (n < 2 || (!journal && !is_rotated(paths[0])))
		return 1;
	for (size_t i = 1; i < n && one < JOURNALS_MAX; i++) {
		const char *path = paths[i];

		if (journal ? !whose(path, &other) || !journal_same(paths[0], &first, path, &other)
			    : !same_family(paths[0], path))
			continue;
		memmove(paths + one + 1, paths + one, (i - one) * sizeof(*paths));
		paths[one++] = path;
	}
	return one;
}

/* ---- a log and its rotations ---- */

struct family {
	struct root root; /* their folder */
	struct parts parts;
};

static void family_close(struct source *s)
{
	struct family *f = s->own;

	parts_close(&f->parts);
	root_close(&f->root);
}

static int open_family(struct source *s, const char *const *paths, size_t n, struct err *err)
{
	struct family *f = arena_take(&s->arena, sizeof(*f));
	struct str path = str_of(paths[0]);
	size_t slash = path.n - base_of(path).n;
	struct str folder = slash ? str_sub(path, 0, slash > 1 ? slash - 1 : 1) : STR(".");
	const char *dir = arena_cstr(&s->arena, folder);
	bool all = f && dir;

	if (f) {
		f->root = (struct root)ROOT_CLOSED;
		f->parts = (struct parts)PARTS_OF(&s->arena, &f->root);
		s->own = f;
		s->close = family_close;
	}
	for (size_t i = 0; i < n && all; i++)
		all = parts_add(&f->parts, base_of(str_of(paths[i])).p, MEMBER_LOG);
	if (!all)
		return err_set(err, ERR_NOMEM, "no memory to read %s", paths[0]);
	if (root_open(&f->root, dir, err))
		return -1;
	parts_group(&f->parts, &s->log);
	if (parts_next(&f->parts, s, dir))
		return 0;
	return err_set(err, ERR_FORMAT, "%s: nothing can be read of it", paths[0]);
}

/* ---- journals ---- */

static int open_journals(struct source *s, const char *const *paths, size_t n, struct err *err)
{
	struct journal_part *parts = arena_array(&s->arena, n, sizeof(*parts));
	size_t there = 0;

	if (!parts)
		return err_set(err, ERR_NOMEM, "no memory to read %s", paths[0]);
	for (size_t i = 0; i < n; i++) {
		struct journal_id id;

		parts[there].name = paths[i];
		parts[there].place.fd = -1;
		there += open_journal(paths[i], &parts[there].place, &id) >= 0;
	}
	s->info.kind = SOURCE_JOURNAL;
	snprintf(s->info.name, sizeof(s->info.name), "%.400s and %zu more", paths[0], n - 1);
	if (there < n)
		source_note(&s->info, "%zu of them are gone", n - there);
	if (!there)
		return err_set(err, ERR_IO, "%s: it is gone", paths[0]);
	s->in = journals_open(&s->arena, parts, there, ANY_BOOT, &s->info, err);
	return s->in ? 0 : -1;
}

int source_open_several(struct source **ret, const char *const *paths, size_t n, struct err *err)
{
	CLEANUP_SOURCE struct source *s = NULL;
	struct journal_id id;
	int rc;

	if (source_new(&s, err))
		return -1;
	rc = whose(paths[0], &id) ? open_journals(s, paths, n, err) : open_family(s, paths, n, err);
	if (rc != 0)
		return -1;
	*ret = s;
	s = NULL;
	return 0;
}
