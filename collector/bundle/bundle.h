/* SPDX-License-Identifier: MIT */
/* bundle.h - the door of bundle/: the archive, its manifest, and checking one.
 *
 * Entries come in any order, in pieces, and are spooled compressed into an unnamed file beside
 * the target (for standard output: in $TMPDIR or /var/tmp); bundle_commit() puts them together
 * sorted and publishes the archive under its final name. What was large is not compressed
 * twice: a .zst, .gz or .xz file may be made of many frames one after the other. Reading never trusts a bundle: names, links, sizes, counts and compression
 * ratios are checked, nothing is ever written to disk by reading.
 */
#ifndef OOMREPORT_BUNDLE_BUNDLE_H
#define OOMREPORT_BUNDLE_BUNDLE_H

#include "base/file.h"
#include "base/kv.h"

enum bundle_format { BUNDLE_TAR_ZST, BUNDLE_TAR_GZ, BUNDLE_TAR_XZ, BUNDLE_DIR };

struct bundle_options {
	const char *path;	/* file, "-" for standard output, or directory for BUNDLE_DIR */
	const char *top;	/* name of the one top folder; strange bytes become '_' */
	enum bundle_format format;
	int64_t now_us;		/* mtime of every entry: reproducible */
	uint64_t max_bytes;	/* of the archive (of the content for BUNDLE_DIR); 0 = no limit:
				   what is cut first is said by bundle_entry.cut_rank */
	bool force;		/* replace an existing file */
	bool give_to;		/* the finished bundle belongs to this user (sudo's caller), if the
				   directory it goes to is his or everybody's (/tmp) */
	uid_t uid;
	gid_t gid;
	/* Sees the finished content of every file before the bundle is published (the manifest
	 * too); -1 refuses to publish. Called with bytes.n == 0 at the end of each file. */
	int (*inspect)(void *ctx, const char *path, struct str bytes, struct err *err);
	void *inspect_ctx;
};

struct bundle;
int bundle_open(struct bundle **ret, const struct bundle_options *o, struct err *err) MUST_CHECK;

/* One file: begin, any number of data, end. Strange bytes in a path become '_'; of two files of
 * the same path the first one stays. */
struct bundle_entry {
	const char *path;   /* below the top folder: "proc/meminfo" */
	const char *source; /* where it was read from, for the manifest; or NULL */
	int64_t read_at_us; /* UNKNOWN = not read from anywhere */
	uint64_t redactions;
	const char *note;   /* "cut at 1 MiB", or NULL */
	unsigned cut_rank;  /* max_bytes: the highest goes first, whole; BUNDLE_CUT_TAIL (1) is
			       shortened from its end last of all; 0 is never cut */
};
enum { BUNDLE_KEEP = 0, BUNDLE_CUT_TAIL = 1 };
int bundle_begin(struct bundle *b, const char *path, struct err *err) MUST_CHECK;
int bundle_data(struct bundle *b, struct str bytes, struct err *err) MUST_CHECK;
int bundle_end(struct bundle *b, const struct bundle_entry *entry, struct err *err) MUST_CHECK;
/* Instead of bundle_end(): what was given is dropped, the manifest has a line with the reason. */
int bundle_cancel(struct bundle *b, const char *source, const char *why,
		  struct err *err) MUST_CHECK;
int bundle_add(struct bundle *b, const struct bundle_entry *entry, struct str content,
	       struct err *err) MUST_CHECK;
/* A file that could not be had: only a line in the manifest. */
int bundle_absent(struct bundle *b, const char *path, const char *source, const char *why,
		  struct err *err) MUST_CHECK;
/* The disk is full but for the space that was kept to publish what there is: of the file that is open,
 * and of those that come, no more is taken. */
bool bundle_is_out_of_room(const struct bundle *b);
/* Gathering is over: what comes now must be in it, and that space is for it. */
void bundle_last(struct bundle *b);
/* Write MANIFEST.json, close and publish. `partial` goes into the manifest. */
int bundle_commit(struct bundle *b, bool partial, struct err *err) MUST_CHECK;
void bundle_free(struct bundle *b); /* without a commit nothing is left */

/* Check a bundle; every problem goes to `problem`, one line each. Returns 0 when it could be
 * read to its end (*ret_problems says how many), -1 when not. */
struct bundle_checker {
	void *ctx;
	void (*problem)(void *ctx, const char *path, const char *what);
};
int bundle_verify(const char *path, const struct bundle_checker *to, uint64_t *ret_problems,
		  struct err *err) MUST_CHECK;

#endif
