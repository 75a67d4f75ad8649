/* SPDX-License-Identifier: MIT */
/* bundle.c - taking files in, spooling them, publishing the whole. */
#include "bundle/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"

enum { ARENA_MAX = 96 * 1024 * 1024 };

static const char *directory_of(const char *path, char room[4096])
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (!slash)
		return ".";
	if (n == 0)
		return "/";
	if (n >= 4096)
		return ".";
	memcpy(room, path, n);
	room[n] = '\0';
	return room;
}

/* Standard output has no directory beside it. Never /tmp first: it may be memory. */
static int scratch_file(void)
{
	const char *dirs[] = {getenv("TMPDIR"), "/var/tmp", "/tmp", "."};

	for (size_t i = 0; i < ARRAY_COUNT(dirs); i++) {
		int fd = dirs[i] && *dirs[i] ? unnamed_file(dirs[i]) : -1;

		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* Space for what will be spooled next, for the documents at the end, and for an archive of all that:
 * compressed it is no larger. False: the disk has no more of it, or does not say. (Of a tmpfs it would
 * be memory.) */
static bool keep_room(struct bundle *b)
{
	enum { STEP = 256 * 1024, DOCUMENTS = 256 * 1024, PACKED = 128 * 1024 };
	off_t end = (off_t)b->spool_end + STEP;
	struct statfs fs;

	if (fstatfs(b->spool, &fs) != 0 || fs.f_type == TMPFS_MAGIC ||
	    fallocate(b->spool, FALLOC_FL_KEEP_SIZE, 0, end + DOCUMENTS) != 0 ||
	    fallocate(b->out, FALLOC_FL_KEEP_SIZE, 0, end + PACKED) != 0)
		return false;
	b->kept = (uint64_t)end;
	return true;
}

static int open_archive(struct bundle *b, struct err *err)
{
	char room[4096];

	if (strcmp(b->o.path, "-") == 0) {
		b->spool = scratch_file();
		b->out = scratch_file();
	} else {
		if (publish_open(&b->target, b->o.path, err) != 0)
			return -1;
		b->spool = unnamed_file(directory_of(b->o.path, room));
		b->out = b->target.fd;
	}
	if (b->spool < 0 || b->out < 0)
		return err_sys(err, errno, "%s: no room for a temporary file", b->o.path);
	/* Disks read up to megabytes ahead (read_ahead_kb), in pages that nobody can take back while
	 * they are read: more than a small memory cgroup has. */
	(void)posix_fadvise(b->spool, 0, 0, POSIX_FADV_RANDOM);
	(void)keep_room(b);
	return 0;
}

static int is_full(struct err *err)
{
	return err_set(err, ERR_LIMIT, "bundle: too many files");
}

/* A path that is safe in every tar, JSON and file system: no strange bytes, no "..". */
static int clean_path(struct bundle *b, const char *path, struct str *ret, struct err *err)
{
	struct str s = str_of(path);
	char out[PATH_ROOM];
	size_t n = 0;

	while (s.n && s.p[0] == '/')
		s = str_from(s, 1);
	while (s.n && n + 8 < sizeof(out)) {
		size_t seq = utf8_sequence(s);
		bool odd = seq == 0 || (unsigned char)s.p[0] < 0x20 || s.p[0] == 0x7f ||
			   s.p[0] == '\\';
		bool after = n == 0 || out[n - 1] == '/';

		if (after && s.p[0] == '/') {
			s = str_from(s, 1);
			continue;
		}
		if (odd || (after && s.p[0] == '.' && (s.n == 1 || s.p[1] == '/' || s.p[1] == '.'))) {
			out[n++] = '_';
			seq = seq ? seq : 1;
		} else {
			memcpy(out + n, s.p, seq);
			n += seq;
		}
		s = str_from(s, seq);
	}
	if (n == 0 || out[n - 1] == '/')
		out[n++] = '_';
	if (arena_str(&b->arena, (struct str){out, n}, ret))
		return 0;
	return is_full(err);
}

static int name_top(struct bundle *b, struct err *err)
{
	const char *top = b->o.top;
	struct str clean;

	if (top[0] == '\0' || strlen(top) >= sizeof(b->top) || strchr(top, '/'))
		return err_set(err, ERR_USAGE, "'%.60s' cannot name the top folder", top);
	if (clean_path(b, top, &clean, err) != 0)
		return -1;
	memcpy(b->top, clean.p, clean.n); /* never longer than it was */
	return 0;
}

int bundle_open(struct bundle **ret, const struct bundle_options *o, struct err *err)
{
	struct bundle *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(err, ERR_NOMEM, "no memory");
	b->o = *o;
	b->arena = (struct arena)ARENA_INIT(ARENA_MAX);
	b->spool = b->out = b->dir = b->parent = -1;
	b->target = (struct publish)PUBLISH_CLOSED;
	if (name_top(b, err) != 0 || (o->format == BUNDLE_DIR ? tree_open(b, err) : open_archive(b, err)) != 0) {
		bundle_free(b);
		return -1;
	}
	*ret = b;
	return 0;
}

static int append(void *ctx, struct str bytes, struct err *err)
{
	struct bundle *b = ctx;
	struct sink to = sink_fd(&b->spool);

	if (b->kept && b->spool_end + bytes.n > b->kept && (b->no_room || !keep_room(b)))
		b->no_room = b->full = true;
	if (to.write(to.ctx, bytes, err) != 0)
		return err_wrap(err, "%s", b->o.path);
	b->spool_end += bytes.n;
	file_write_behind(b->spool, b->spool_end - (b->o.format == BUNDLE_DIR ? b->now.spool_at : 0),
			  bytes.n);
	return 0;
}

/* The first n bytes of hold; the rest moves to the front. */
static int flush(struct bundle *b, size_t n, struct err *err)
{
	if (n && append(b, (struct str){b->hold, n}, err) != 0)
		return -1;
	memmove(b->hold, b->hold + n, b->held - n);
	b->held -= n;
	b->from = 0;
	return 0;
}

int bundle_flush(struct bundle *b, struct err *err)
{
	return flush(b, b->held, err);
}

int bundle_begin(struct bundle *b, const char *path, struct err *err)
{
	if (b->n >= FILES_MAX)
		return err_set(err, ERR_LIMIT, "bundle: more than %d files", FILES_MAX);
	memset(&b->now, 0, sizeof(b->now));
	if (clean_path(b, path, &b->now.path, err) != 0)
		return -1;
	b->now.spool_at = b->spool_end + b->held;
	b->from = b->held;
	b->chunk = 0;
	b->full = false;
	sha256_start(&b->sum);
	if (b->o.format == BUNDLE_DIR) {
		b->spool = tree_create(b, b->now.path, err);
		if (b->spool < 0)
			return -1;
	}
	b->open = true;
	return 0;
}

/* Note where the file may be cut: at the end of a frame (dir: anywhere). */
static void note_cut(struct bundle *b)
{
	struct item *it = &b->now;
	struct cut *cut = arena_grow(&b->arena, (void **)&it->cuts, &it->n_cuts, &it->room_cuts,
				     sizeof(*cut));

	if (cut)
		*cut = (struct cut){it->size, b->spool_end, b->sum};
}

static int end_frame(struct bundle *b, struct err *err)
{
	if (b->squeeze && squeeze_end(&b->squeeze, err) != 0)
		return -1;
	b->chunk = 0;
	note_cut(b);
	return 0;
}

/* A large file is cut into frames; when it has passed --max-size alone, the rest is not kept. */
static int take_large(struct bundle *b, struct str bytes, struct err *err)
{
	while (bytes.n && !b->full) {
		size_t n = bytes.n < CHUNK - b->chunk ? bytes.n : (size_t)(CHUNK - b->chunk);

		if (!b->squeeze && b->o.format != BUNDLE_DIR &&
		    squeeze_begin(&b->squeeze, b->o.format, (struct sink){append, b}, err) != 0)
			return -1;
		if (b->o.format == BUNDLE_DIR ? append(b, str_sub(bytes, 0, n), err) != 0
					      : squeeze_data(b->squeeze, str_sub(bytes, 0, n),
							     err) != 0)
			return -1;
		sha256_add(&b->sum, str_sub(bytes, 0, n));
		b->now.size += n;
		b->chunk += n;
		bytes = str_from(bytes, n);
		if (b->chunk == CHUNK) {
			if (end_frame(b, err) != 0)
				return -1;
			b->full = b->o.max_bytes &&
				  b->spool_end - b->now.spool_at > b->o.max_bytes;
		}
	}
	return 0;
}

int bundle_data(struct bundle *b, struct str bytes, struct err *err)
{
	if (b->full)
		return 0;
	if (b->now.size == 0) {
		if (bytes.n > HOLD - b->held && b->from && flush(b, b->from, err) != 0)
			return -1;
		if (bytes.n <= HOLD - b->held) {
			if (bytes.n)
				memcpy(b->hold + b->held, bytes.p, bytes.n);
			b->held += bytes.n;
			return 0;
		}
	}
	if (b->held) {
		size_t held = b->held;

		b->held = 0;
		if (take_large(b, (struct str){b->hold, held}, err) != 0)
			return -1;
	}
	return take_large(b, bytes, err);
}

static bool keep_text(struct bundle *b, const char *z, struct str *ret)
{
	return !z || arena_str(&b->arena, str_of(z), ret);
}

static int end_content(struct bundle *b, struct err *err)
{
	struct item *it = &b->now;

	if (it->size == 0) {
		it->size = b->held - b->from;
		sha256_add(&b->sum, (struct str){b->hold + b->from, b->held - b->from});
		if (b->o.format == BUNDLE_DIR && flush(b, b->held, err) != 0)
			return -1;
		it->spool_n = it->size;
	} else {
		it->squeezed = b->o.format != BUNDLE_DIR;
		if (b->chunk && end_frame(b, err) != 0)
			return -1;
		it->spool_n = b->spool_end - it->spool_at;
	}
	sha256_end(&b->sum, it->sum);
	if (b->o.format == BUNDLE_DIR)
		fd_close(&b->spool);
	return 0;
}

static int add_item(struct bundle *b, const struct item *now, struct err *err)
{
	struct item *it = arena_take(&b->arena, sizeof(*it)), **place;

	place = it ? arena_grow(&b->arena, (void **)&b->items, &b->n, &b->room, sizeof(*place))
		   : NULL;
	if (!place)
		return is_full(err);
	*it = *now;
	*place = it;
	return 0;
}

int bundle_end(struct bundle *b, const struct bundle_entry *entry, struct err *err)
{

	if (end_content(b, err) != 0)
		return -1;
	b->open = false;
	b->now.read_at_us = entry->read_at_us;
	b->now.redactions = entry->redactions;
	b->now.rank = entry->cut_rank;
	if (!keep_text(b, entry->source, &b->now.source) ||
	    !keep_text(b, !b->full	 ? entry->note
			 : b->no_room ? "cut: no space left on the disk"
				      : "cut: larger than --max-size",
		       &b->now.note))
		return is_full(err);
	return add_item(b, &b->now, err);
}

int bundle_cancel(struct bundle *b, const char *source, const char *why, struct err *err)
{
	struct bundle_entry entry = {.read_at_us = UNKNOWN, .source = source};
	struct item *it;

	if (bundle_end(b, &entry, err) != 0)
		return -1;
	it = b->items[b->n - 1];
	it->absent = it->cut_away = true;
	return keep_text(b, why, &it->why) ? 0 : is_full(err);
}

int bundle_add(struct bundle *b, const struct bundle_entry *entry, struct str content,
	       struct err *err)
{
	if (bundle_begin(b, entry->path, err) != 0 || bundle_data(b, content, err) != 0)
		return -1;
	return bundle_end(b, entry, err);
}

int bundle_absent(struct bundle *b, const char *path, const char *source, const char *why,
		  struct err *err)
{
	struct item now = {.absent = true, .read_at_us = UNKNOWN};

	if (b->n >= FILES_MAX || clean_path(b, path, &now.path, err) != 0 ||
	    !keep_text(b, source, &now.source) || !keep_text(b, why, &now.why))
		return is_full(err);
	return add_item(b, &now, err);
}

/* Before it has a name, and by descriptor: nobody can put another file in its place. */
void bundle_give(const struct bundle *b, int dir, int fd)
{
	struct stat st;

	if (!b->o.give_to || fstat(dir, &st) != 0)
		return;
	if (st.st_uid != b->o.uid && (st.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH))
		log_info("%s: stays root's, as its directory", b->o.path);
	else if (fchown(fd, b->o.uid, b->o.gid) != 0)
		log_info("%s: stays root's: %s", b->o.path, strerror(errno));
}

static int to_stdout(struct bundle *b, struct err *err)
{
	static const int fd = STDOUT_FILENO;
	struct sink to = sink_fd(&fd);
	char window[HOLD / 4];
	ssize_t n;

	if (lseek(b->out, 0, SEEK_SET) != 0)
		return err_sys(err, errno, "standard output");
	while ((n = fd_read(b->out, window, sizeof(window))) > 0) {
		if (to.write(to.ctx, (struct str){window, (size_t)n}, err) != 0)
			return err_wrap(err, "standard output");
	}
	return n < 0 ? err_sys(err, errno, "standard output") : 0;
}

bool bundle_is_out_of_room(const struct bundle *b)
{
	return b->no_room;
}

void bundle_last(struct bundle *b)
{
	b->kept = 0;
}

int bundle_commit(struct bundle *b, bool partial, struct err *err)
{
	bundle_last(b);
	if (b->open)
		return err_set(err, ERR_FORMAT, "bundle: a file is still open");
	if (b->o.format == BUNDLE_DIR)
		return tree_publish(b, partial, err);
	if (archive_finish(b, partial, err) != 0)
		return err_wrap(err, "%s", b->o.path);
	if (b->o.inspect && bundle_show(b, err) != 0)
		return -1;
	if (b->target.fd >= 0)
		bundle_give(b, b->target.dirfd, b->target.fd);
	if (b->target.fd < 0)
		return to_stdout(b, err);
	b->out = -1;
	return publish_commit(&b->target, b->o.force, 0600, err);
}

void bundle_free(struct bundle *b)
{
	if (!b)
		return;
	squeeze_drop(&b->squeeze);
	if (b->o.format == BUNDLE_DIR)
		tree_abort(b);
	if (b->out != b->target.fd)
		fd_close(&b->out);
	publish_abort(&b->target);
	fd_close(&b->spool);
	arena_free(&b->arena);
	free(b);
}
