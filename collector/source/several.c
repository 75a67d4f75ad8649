/* SPDX-License-Identifier: MIT */
/* several.c - files named one by one that are one log: the .journal files of one machine. */
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

size_t source_of_one_log(const char **paths, size_t n)
{
	struct journal_id first, other;
	size_t one = 1;

	if (n < 2 || !whose(paths[0], &first))
		return 1;
	for (size_t i = 1; i < n && one < JOURNALS_MAX; i++) {
		const char *path = paths[i];

		if (!whose(path, &other) || !journal_same(paths[0], &first, path, &other))
			continue;
		memmove(paths + one + 1, paths + one, (i - one) * sizeof(*paths));
		paths[one++] = path;
	}
	return one;
}

int source_open_journals(struct source **ret, const char *const *paths, size_t n,
			 struct err *err)
{
	CLEANUP_SOURCE struct source *s = NULL;
	struct journal_part *parts;
	size_t there = 0;

	if (source_new(&s, err))
		return -1;
	parts = arena_array(&s->arena, n, sizeof(*parts));
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
	if (!s->in)
		return -1;
	*ret = s;
	s = NULL;
	return 0;
}
