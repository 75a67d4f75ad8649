/* SPDX-License-Identifier: MIT */
/* parts.h - private to bundle/: what the files of this room share. */
#ifndef OOMREPORT_BUNDLE_PARTS_H
#define OOMREPORT_BUNDLE_PARTS_H

#include "base/emit.h"
#include "base/sha256.h"
#include "bundle/bundle.h"

enum {
	HOLD = 64 * 1024,	/* files up to this size are spooled as they are, many at a time */
	CHUNK = 4 * 1024 * 1024, /* larger ones in frames of this much content */
	PATH_ROOM = 1024,
	TAR_BLOCK = 512,
	TAR_HEAD_ROOM = 4 * TAR_BLOCK + PATH_ROOM, /* with a pax record for a long path */
	FILES_MAX = 200000,
};

/* ---- squeeze.c: compress a run of bytes into one frame ---- */

/* How a format is made. *ret of a begin() that went well is ended by drop(), after end() too. */
struct squeezer {
	int (*begin)(void **ret, enum bundle_format format, struct sink out, struct err *err);
	int (*data)(void *squeezer, struct str bytes, struct err *err);
	int (*end)(void *squeezer, struct err *err);
	void (*drop)(void *squeezer);
};
extern const struct squeezer squeezer_zstd;    /* squeeze_zstd.c, the only writer with libzstd */
extern const struct squeezer squeezer_archive; /* squeeze_archive.c: gzip and xz by libarchive */

struct squeeze;
/* On success *ret must be ended or dropped. `out` gets the compressed bytes. */
int squeeze_begin(struct squeeze **ret, enum bundle_format format, struct sink out,
		  struct err *err) MUST_CHECK;
int squeeze_data(struct squeeze *s, struct str bytes, struct err *err) MUST_CHECK;
int squeeze_end(struct squeeze **s, struct err *err) MUST_CHECK;
void squeeze_drop(struct squeeze **s);

/* ---- tar.c: headers ---- */

/* Header of a file (size known) or directory (path ends in '/'); returns its length. */
size_t tar_header(char out[TAR_HEAD_ROOM], struct str path, uint64_t size, int64_t mtime_s);
/* Zeros that fill the last block of a file. */
struct str tar_padding(uint64_t size);

/* ---- items ---- */

/* A large file's state after so many frames: where it may be cut. */
struct cut {
	uint64_t size, spool_end;
	struct sha256 sum;
};

struct item {
	struct str path, source, note, why;
	int64_t read_at_us;
	uint64_t redactions, size;
	uint64_t spool_at, spool_n;
	unsigned char sum[SHA256_SIZE];
	unsigned rank;
	bool absent, squeezed;
	bool cut_away; /* by --max-size: shortened, or (absent) taken out again */
	struct cut *cuts;
	size_t n_cuts, room_cuts;
};

struct bundle {
	struct bundle_options o;
	char top[256];
	struct arena arena;
	struct item **items;
	size_t n, room;
	/* the file being added */
	bool open;
	bool full; /* ... has passed --max-size by itself, or the disk is: the rest is not kept */
	struct item now;
	struct sha256 sum;
	struct squeeze *squeeze;
	uint64_t chunk; /* content in the open frame */
	/* small files, not yet in the spool; the one being added begins at `from` */
	size_t held, from;
	char hold[HOLD];
	/* where the bytes are */
	int spool; /* unnamed file, or the file open in the tree */
	uint64_t spool_end;
	uint64_t kept; /* so far may the spool grow: the disk has room for the archive, too; 0 = nobody
			  knows */
	bool no_room;
	struct publish target;
	int out;   /* finished archive: target.fd or an unnamed file */
	int dir;   /* BUNDLE_DIR: the temporary directory */
	int parent; /* ... and the one it stands in */
	char temp[64];
	char name[256];
};

/* ---- walk.c, walk_tree.c: reading what was written, trusting nothing ---- */
enum walk_type { WALK_FILE, WALK_DIR, WALK_OTHER, WALK_UNREAD };
struct walk_entry {
	struct str path; /* as it stands in the archive; below the directory with "NAME/" first */
	enum walk_type type;
	int64_t size;	 /* as announced */
	unsigned mode;
	int64_t uid, gid; /* UNKNOWN for a directory's files */
	const char *why; /* ... of which some cannot be read (WALK_UNREAD; a folder ends in '/') */
};
struct walker {
	void *ctx;
	int (*entry)(void *ctx, const struct walk_entry *e, struct err *err);
	int (*data)(void *ctx, struct str bytes, struct err *err); /* of a WALK_FILE */
	int (*end)(void *ctx, struct err *err);			   /* of a WALK_FILE */
};
/* What was found around the content. */
struct walk_end {
	enum walk_state {
		WALK_WRITTEN, /* every byte is what collect writes for these entries */
		WALK_CHANGED, /* some are not */
		WALK_CUT,     /* the end is gone, maybe with entries */
		WALK_MORE,    /* something stands behind the end; the rest is as it was written */
	} state;
	uint64_t at; /* bytes of the file up to its end, or (failed) to the damage and a bit beyond */
};
/* In one pass: fd may be a pipe. ret_end or NULL. */
int walk_archive(int fd, const struct walker *to, struct walk_end *ret_end,
		 struct err *err) MUST_CHECK;
/* `name` stands for the directory in the paths given. */
int walk_tree(int dirfd, const char *name, const struct walker *to, struct err *err) MUST_CHECK;
/* Show the finished content to bundle_options.inspect. */
int bundle_show(struct bundle *b, struct err *err) MUST_CHECK;

/* ---- manifest.c ---- */
/* Write MANIFEST.json's text for the items there are now. */
int manifest_write(const struct bundle *b, bool partial, struct sink out,
		   struct err *err) MUST_CHECK;

/* ---- archive.c: the spool put together ---- */
/* What of the small files is only in hold goes to the spool, where they are read. */
int bundle_flush(struct bundle *b, struct err *err) MUST_CHECK;
int archive_finish(struct bundle *b, bool partial, struct err *err) MUST_CHECK;
/* Sort the items, write the manifest as one of them. */
int bundle_seal(struct bundle *b, bool partial, struct err *err) MUST_CHECK;
/* Make the bundle smaller by at least a little, by cut_rank; false when nothing is left. */
bool bundle_shrink(struct bundle *b, uint64_t too_much);
/* An unnamed file in `dir`. */
int unnamed_file(const char *dir);

/* A file or folder of the bundle, open but without its final name, to who shall have it. */
void bundle_give(const struct bundle *b, int dir, int fd);

/* ---- tree.c: --format dir ---- */
int tree_open(struct bundle *b, struct err *err) MUST_CHECK;
/* A new file below the temporary directory, folders made on the way. */
int tree_create(struct bundle *b, struct str path, struct err *err) MUST_CHECK;
int tree_publish(struct bundle *b, bool partial, struct err *err) MUST_CHECK;
void tree_abort(struct bundle *b);

/* ---- trailer.c: the last bytes of an archive are the hash of all before them ---- */
enum { TRAILER_MAX = 128 };
/* Writes the trailer of that format for a sum; 0 bytes when the format has none. */
size_t trailer_make(enum bundle_format format, const unsigned char sum[SHA256_SIZE],
		    char out[TRAILER_MAX]);
/* A file's bytes as they pass; starts as {.sum after sha256_start()}. */
struct trailer {
	const struct form *form;
	struct sha256 sum; /* of what was passed on; zst and gz */
	uint64_t before;   /* of what was passed on, so many are of the stream under way; xz */
	enum { TRAILER_AHEAD, TRAILER_WHOLE, TRAILER_CUT } state;
	size_t n; /* of the bytes that were not passed on, so many are the trailer */
};
/* How many of the bytes are frames of the archive, to be passed on. While the trailer is ahead the
 * rest, never more than TRAILER_MAX bytes, is to be given again with more behind it. `last`: no
 * more follows. */
size_t trailer_pass(struct trailer *t, struct str bytes, bool last) MUST_CHECK;

/* ---- frames.c: an archive's bytes out of their frames ---- */

/* `in` is what stands on the disk or came from the pipe, `out` what became of it. A log of equal
 * lines reaches ratios of thousands, so the ratio counts only beyond some GiB. */
bool is_bomb(uint64_t in, uint64_t out);

struct archive;
/* What libarchive says, as an error. */
int archive_damaged(struct archive *a, struct err *err);

struct frames {
	int fd, errnum;
	struct archive *raw;
	uint64_t bytes; /* unpacked so far */
	uint64_t passed; /* of the file, to be unpacked */
	struct trailer file;
	bool sums;	/* `file` is kept */
	bool ended;	/* the file, for good or bad */
	size_t n, given; /* in the window; of these, passed to the decompressor */
	char window[TRAILER_MAX + HOLD / 4];
};
/* *ret must be closed. */
int frames_open(struct frames **ret, int fd, bool sums, struct err *err) MUST_CHECK;
/* 1 some bytes, valid until the next call; 0 the end, -1 failed. */
int frames_next(struct frames *f, struct str *ret, struct err *err) MUST_CHECK;
/* After the last of the bytes: is something left of the file? */
bool frames_left(struct frames *f);
void frames_close(struct frames **f);

#endif
