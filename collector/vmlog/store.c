/* SPDX-License-Identifier: MIT */
/* store.c - the preallocated ring file and which of its blocks comes next. */
#include "vmlog/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/kv.h"
#include "base/units.h"
#include "vmlog/sources.h"

#define TEMP_NAME RING_FILE_NAME ".tmp"
#define OLD_NAME RING_FILE_NAME ".old"

enum { BLOCKS_MIN = 4 };

static int write_at(int fd, struct str bytes, int64_t at)
{
	while (bytes.n) {
		ssize_t n = pwrite(fd, bytes.p, bytes.n, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ENOSPC;
		bytes = str_from(bytes, (size_t)n);
		at += n;
	}
	return 0;
}

static int64_t block_at(const struct store *s, size_t i)
{
	return RING_BLOCKS_AT + (int64_t)i * s->header.block_size;
}

/* ---- opening ---- */

static int check_file_system(const struct store_options *o, int dirfd, struct err *err)
{
	enum { TMPFS = 0x01021994, RAMFS = (int)0x858458f6 };
	struct statfs fs;

	if (o->allow_tmpfs || fstatfs(dirfd, &fs) != 0 ||
	    ((int)fs.f_type != TMPFS && (int)fs.f_type != RAMFS))
		return 0;
	(void)err_set(err, ERR_REFUSED, "%s: lies in memory (tmpfs): it is lost with the machine "
		      "and takes memory when there is none", o->dir);
	return err_hint(err, "give a directory on a disk, or --allow-tmpfs");
}

static int refused(int errnum, struct err *err, const char *dir, const char *what)
{
	(void)err_sys(err, errnum, "%s%s", dir, what);
	return errnum == EACCES ? err_hint(err, "give a directory of your own, or use sudo") : -1;
}

static int open_dir(const struct store_options *o, int *ret, struct err *err)
{
	CLEANUP_FD int dirfd = -1;
	bool made = mkdir(o->dir, 0700) == 0;

	if (!made && errno != EEXIST)
		return refused(errno, err, o->dir, ": cannot be made");
	dirfd = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return refused(errno, err, o->dir, "");
	if (check_file_system(o, dirfd, err) != 0) {
		if (made)
			(void)rmdir(o->dir);
		return -1;
	}
	if (flock(dirfd, LOCK_EX | LOCK_NB) != 0)
		return err_set(err, ERR_REFUSED, "%s: another recorder is writing there", o->dir);
	*ret = dirfd;
	dirfd = -1;
	return 0;
}

static bool read_header(int fd, struct ring_header *ret)
{
	static struct ring_header copy;
	uint8_t bytes[RING_HEADER_SIZE];
	bool found = false;

	for (int i = 0; i < 2; i++) {
		if (pread(fd, bytes, sizeof(bytes), i * RING_HEADER_SIZE) != sizeof(bytes) ||
		    !ring_unpack_header(bytes, &copy))
			continue;
		if (!found || copy.generation > ret->generation)
			*ret = copy;
		found = true;
	}
	return found;
}

/* All of it, now: room first, so that a full disk is found at once; then zeros, because the
 * first write to a fallocated page has to change the file system's tables. */
static int fill(const struct store *s, int64_t size)
{
	const char *zeros = (const char *)s->stage;

	if (fallocate(s->fd, 0, 0, size) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
		return errno;
	for (int64_t at = 0; at < size; at += STAGE_SIZE) {
		int64_t n = size - at < STAGE_SIZE ? size - at : STAGE_SIZE;
		int rc = write_at(s->fd, (struct str){zeros, (size_t)n}, at);

		if (rc != 0)
			return rc;
	}
	if (fsync(s->fd) != 0)
		return errno;
	/* what is written from now on goes past the page cache: 64 MB of it are for others */
	(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

/* Whole pages from aligned memory: O_DIRECT asks for that, and tells at once if it cannot. */
static void go_direct(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	char *page = pages_take(STAGE_PAGE);

	if (flags < 0 || !page || fcntl(fd, F_SETFL, flags | O_DIRECT) != 0)
		return;
	if (pread(fd, page, STAGE_PAGE, 0) != STAGE_PAGE)
		fcntl(fd, F_SETFL, flags);
}

static int write_header(struct store *s)
{
	int rc;

	s->header.generation++;
	ring_pack_header(&s->header, s->page);
	rc = write_at(s->fd, (struct str){(const char *)s->page, RING_HEADER_SIZE},
		      (int64_t)(s->header.generation % 2) * RING_HEADER_SIZE);
	if (rc == 0)
		s->header_dirty = false;
	return rc;
}

static size_t fit_block(const struct store_options *o)
{
	size_t size = o->block_size;

	while (size > RING_BLOCK_MIN && (int64_t)size > (o->max_size - RING_BLOCKS_AT) / 8)
		size /= 2;
	return size;
}

static int64_t blocks_of(const struct store_options *o)
{
	return (o->max_size - RING_BLOCKS_AT) / (int64_t)fit_block(o);
}

/* Before anything is made or put aside. The more this machine's /proc prints, the larger are the
 * blocks, and so is the most. */
static int check_size(const struct store_options *o, struct err *err)
{
	int64_t n = blocks_of(o);
	char size[UNITS_TEXT];

	if (n >= BLOCKS_MIN && n <= RING_BLOCKS_MAX)
		return 0;
	return err_set(err, ERR_USAGE, "--max-size does not take '%s', but a size from %dk to %lldG",
		       size_text(o->max_size, size),
		       (RING_BLOCKS_AT + BLOCKS_MIN * RING_BLOCK_MIN) / 1024,
		       (long long)RING_BLOCKS_MAX * (long long)o->block_size >> 30);
}

static int make_file(struct store *s, const struct store_options *o, int64_t now_us,
		     struct err *err)
{
	size_t block = fit_block(o);
	int64_t n = blocks_of(o);
	int rc;

	s->fd = openat(s->dirfd, TEMP_NAME, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		       0600);
	if (s->fd < 0)
		return refused(errno, err, o->dir, ": cannot write there");
	s->header = (struct ring_header){.block_size = (uint32_t)block,
					 .n_blocks = (uint32_t)n,
					 .created_us = now_us};
	rc = fill(s, RING_BLOCKS_AT + n * (int64_t)block);
	if (rc == 0)
		rc = write_header(s);
	if (rc == 0)
		rc = write_header(s);
	if (rc == 0 && fdatasync(s->fd) != 0)
		rc = errno;
	/* the name has to survive a power cut too */
	if (rc == 0 && (renameat(s->dirfd, TEMP_NAME, s->dirfd, RING_FILE_NAME) != 0 ||
			fsync(s->dirfd) != 0))
		rc = errno;
	if (rc == 0)
		return 0;
	unlinkat(s->dirfd, TEMP_NAME, 0);
	(void)err_sys(err, rc, "%s: no ring file of %lld kB", o->dir,
		      (long long)(o->max_size / 1024));
	return err_hint(err, "free some space there, or give a smaller --max-size");
}

/* An existing file goes on being used; of another size, or damaged, it is put aside and can
 * still be read. */
static bool open_existing(struct store *s, const struct store_options *o)
{
	struct stat st;
	int64_t whole;

	s->fd = openat(s->dirfd, RING_FILE_NAME, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (s->fd < 0)
		return false;
	if (read_header(s->fd, &s->header) && fstat(s->fd, &st) == 0) {
		whole = RING_BLOCKS_AT + (int64_t)s->header.n_blocks * s->header.block_size;
		if (whole <= o->max_size && whole > o->max_size - RING_BLOCK_MAX &&
		    s->header.block_size >= fit_block(o) && st.st_size >= whole)
			return true;
	}
	fd_close(&s->fd);
	renameat(s->dirfd, RING_FILE_NAME, s->dirfd, OLD_NAME);
	return false;
}

static int by_seq(const void *a, const void *b)
{
	const struct store_block *const *x = a, *const *y = b;

	return (*x)->head.seq < (*y)->head.seq ? -1 : (*x)->head.seq > (*y)->head.seq;
}

static bool same_boot(const struct ring_boot *a, const struct ring_boot *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0;
}

static int load_blocks(struct store *s, struct err *err)
{
	size_t n = s->header.n_blocks;
	struct store_block **order = calloc(n, sizeof(*order));
	uint8_t bytes[RING_BLOCK_HEADER];

	s->blocks = calloc(n, sizeof(*s->blocks));
	if (!s->blocks || !order) {
		free(order);
		return err_set(err, ERR_NOMEM, "no memory for the table of blocks");
	}
	for (size_t i = 0; i < n; i++) {
		struct store_block *b = &s->blocks[i];

		order[i] = b;
		b->end_mono_us = INT64_MAX;
		if (pread(s->fd, bytes, sizeof(bytes), block_at(s, i)) != sizeof(bytes) ||
		    !ring_unpack_block(bytes, &b->head))
			b->head.seq = 0;
		if (b->head.seq > s->last_seq)
			s->last_seq = b->head.seq;
	}
	qsort(order, n, sizeof(struct store_block *), by_seq);
	for (size_t i = 0; i + 1 < n; i++) {
		if (same_boot(&order[i]->head.boot, &order[i + 1]->head.boot))
			order[i]->end_mono_us = order[i + 1]->head.mono_us;
	}
	free(order);
	return 0;
}

int store_open(struct store *ret, const struct store_options *o, int64_t now_us,
	       struct err *err)
{
	struct store s = {.dirfd = -1, .fd = -1};

	if (check_size(o, err) != 0 || open_dir(o, &s.dirfd, err) != 0)
		return -1;
	s.stage = pages_take(STAGE_SIZE);
	s.page = pages_take(RING_HEADER_SIZE);
	if (!s.stage || !s.page) {
		store_close(&s);
		return err_set(err, ERR_NOMEM, "no memory for writing");
	}
	if ((!open_existing(&s, o) && make_file(&s, o, now_us, err) != 0) ||
	    load_blocks(&s, err) != 0) {
		store_close(&s);
		return -1;
	}
	go_direct(s.fd);
	*ret = s;
	return 0;
}

void store_close(struct store *s)
{
	fd_close(&s->fd);
	fd_close(&s->dirfd);
	free(s->blocks);
	s->blocks = NULL;
	pages_drop(s->stage, STAGE_SIZE);
	pages_drop(s->page, RING_HEADER_SIZE);
	s->stage = s->page = NULL;
}

/* ---- writing ---- */

static bool protects(const struct ring_event *e, const struct store_block *b)
{
	return same_boot(&e->boot, &b->head.boot) &&
	       b->head.mono_us <= e->last_mono_us + RING_PROTECT_AFTER_US &&
	       b->end_mono_us >= e->mono_us - RING_PROTECT_BEFORE_US;
}

static bool is_protected(const struct store *s, const struct store_block *b, uint32_t from)
{
	for (uint32_t i = from; i < s->header.n_events; i++) {
		if (protects(&s->header.events[i], b))
			return true;
	}
	return false;
}

/* The lowest block that no event protects. Events protect at most half of the file: the oldest
 * give way. */
static size_t next_block(const struct store *s)
{
	for (uint32_t from = 0;; from++) {
		size_t best = SIZE_MAX, kept = 0;

		for (size_t i = 0; i < s->header.n_blocks; i++) {
			const struct store_block *b = &s->blocks[i];

			if (b->head.seq && is_protected(s, b, from))
				kept++;
			else if (best == SIZE_MAX || b->head.seq < s->blocks[best].head.seq)
				best = i;
		}
		if (best != SIZE_MAX && kept <= s->header.n_blocks / 2)
			return best;
		if (from >= s->header.n_events)
			return best == SIZE_MAX ? 0 : best;
	}
}

void store_begin(struct store *s, const struct ring_block *block)
{
	size_t next = next_block(s);

	if (s->begun && same_boot(&s->blocks[s->at].head.boot, &block->boot))
		s->blocks[s->at].end_mono_us = block->mono_us;
	s->blocks[next] = (struct store_block){*block, INT64_MAX};
	s->at = next;
	s->begun = true;
	s->last_seq = block->seq;
	s->stage_at = 0;
	s->safe = 0;
	s->staged = RING_BLOCK_HEADER;
	ring_pack_block(block, s->stage);
}

uint8_t *store_stage(struct store *s, size_t *room)
{
	size_t left = s->begun ? s->header.block_size - s->stage_at : 0;

	if (left > STAGE_SIZE)
		left = STAGE_SIZE;
	*room = left - s->staged;
	return s->stage + s->staged;
}

void store_staged(struct store *s, size_t n)
{
	s->staged += n;
}

size_t store_pending(const struct store *s)
{
	return s->staged - s->safe;
}

int store_flush(struct store *s)
{
	size_t whole = (s->staged + STAGE_PAGE - 1) / STAGE_PAGE * STAGE_PAGE;
	size_t full = s->staged / STAGE_PAGE * STAGE_PAGE;
	int rc;

	if (store_pending(s) == 0)
		return 0;
	/* what was there before must not come back behind the end */
	memset(s->stage + s->staged, 0, whole - s->staged);
	rc = write_at(s->fd, (struct str){(const char *)s->stage, whole},
		      block_at(s, s->at) + (int64_t)s->stage_at);
	if (rc != 0)
		return rc;
	/* the page that is not full goes with the next write again */
	memmove(s->stage, s->stage + full, s->staged - full);
	s->stage_at += full;
	s->staged -= full;
	s->safe = s->staged;
	return 0;
}

void store_event(struct store *s, const struct ring_boot *boot, int64_t mono_us,
		 int64_t wall_us, uint32_t kills)
{
	struct ring_header *h = &s->header;
	struct ring_event *last = h->n_events ? &h->events[h->n_events - 1] : NULL;

	if (!last || !same_boot(&last->boot, boot) || (last->flags & RING_EVENT_MARKED) ||
	    mono_us - last->last_mono_us > RING_PROTECT_AFTER_US) {
		if (h->n_events == RING_EVENTS) {
			memmove(h->events, h->events + 1, sizeof(h->events) - sizeof(*h->events));
			h->n_events--;
		}
		last = &h->events[h->n_events++];
		*last = (struct ring_event){.boot = *boot, .mono_us = mono_us, .wall_us = wall_us};
	}
	last->last_mono_us = mono_us;
	last->last_wall_us = wall_us;
	last->kills += kills;
	s->header_dirty = true;
}

int store_sync(struct store *s)
{
	int rc = s->header_dirty ? write_header(s) : 0;

	if (fdatasync(s->fd) != 0 && rc == 0)
		rc = errno;
	return rc;
}

/* Written in place and closed: that is what a path unit waits for. */
int store_note(struct store *s, const char *name, struct str content)
{
	CLEANUP_FD int fd = openat(s->dirfd, name,
				   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc;

	if (fd < 0)
		return errno;
	rc = write_at(fd, content, 0);
	return rc == 0 && fsync(fd) != 0 ? errno : rc;
}
