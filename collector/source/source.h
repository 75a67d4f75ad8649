/* SPDX-License-Identifier: MIT */
/* source.h - the door of source/: kernel text from wherever it is, in bounded windows.
 *
 * A source is opened by kind or by looking at the bytes (compressed files, archives, journal
 * exports are recognised by their magic, not their name), then read window by window. Memory
 * is bounded by one window plus the decoder's own state. A container that holds several logs
 * (a sos report, a bundle) gives them one after the other: source_next(). The files of one log that
 * was rotated, and the .journal files of one machine, are one log.
 */
#ifndef OOMREPORT_SOURCE_SOURCE_H
#define OOMREPORT_SOURCE_SOURCE_H

#include "base/file.h"
#include "base/kv.h"

enum source_kind {
	SOURCE_KMSG,
	SOURCE_JOURNAL,
	SOURCE_FILE,
	SOURCE_STDIN,
	SOURCE_BUNDLE,
	SOURCE_PSTORE,
	SOURCE_VMCORE_DMESG,
};
const char *source_kind_name(enum source_kind k); /* "kmsg" ..., as in report.json */

enum { SOURCE_WINDOW = 256 * 1024 };

struct source_info {
	enum source_kind kind;
	char name[512];	       /* path or command, for people */
	uint64_t bytes;	       /* read so far, decompressed */
	uint64_t lost_records; /* sequence gaps of /dev/kmsg */
	bool head_lost;	       /* the ring had already been overwritten */
	int64_t boot_us;       /* of the running kernel's ring: wall time of its second 0; 0 = UNKNOWN */
	bool document;	       /* no log: a report.json, see source_saved_report() */
	char note[240];	       /* why this source and not a better one; "" = nothing to say */
};

struct source;
#define CLEANUP_SOURCE __attribute__((cleanup(source_closep)))

/* A file, "-" for standard input, a directory (bundle made by --format dir), an archive. */
int source_open_file(struct source **ret, const char *path, struct err *err) MUST_CHECK;
/* How many of the paths, from the first on, are files of the same log as the first, a systemd journal
 * or one that was rotated: at least 1. Such files further behind are moved up to them. */
size_t source_of_one_log(const char **paths, size_t n);
/* Several of them as the one log they are. */
int source_open_several(struct source **ret, const char *const *paths, size_t n,
			struct err *err) MUST_CHECK;
/* Every text inside an archive, whatever its name, one after the other as source_next() gives
 * them; info.name ends with ": " and the path inside. 1; 0: it is a file and no archive; -1. */
int source_open_members(struct source **ret, const char *path, struct err *err) MUST_CHECK;
/* The live kernel log: /dev/kmsg, else klogctl, else journalctl; below another root: what log
 * files are there. boot: 0 this one, -1 the one before; others come from the journal. What did
 * not work is said in info.note. stop (or NULL): once it is set nothing is waited for any more, and
 * a journalctl that says nothing counts as failed; it is looked at as long as the source is open. */
int source_open_live(struct source **ret, const struct root *root, int boot,
		     const volatile int *stop, struct err *err) MUST_CHECK;
/* May this process read the kernel's ring? It asks klogctl(2) and reads nothing. */
bool source_may_read_ring(void);
/* The next window: 1 and *ret (valid until the next call), 0 at the end of this log, -1. */
int source_window(struct source *s, struct str *ret, struct err *err) MUST_CHECK;
/* The next log of the same container: 1 there is one (source_info is its own), 0 none, -1. */
int source_next(struct source *s, struct err *err) MUST_CHECK;
/* Before the first window: of the whole container; from then on of the log being read. */
const struct source_info *source_info(const struct source *s);
/* A bundle's own report.json, if this source is a bundle that has one, or the source itself if
 * it is a report.json (info.document): the text is appended to out (up to its maximum) and 1 returned; 0 when it is none. Call before source_window(). */
int source_saved_report(struct source *s, struct buf *out, struct err *err) MUST_CHECK;
void source_close(struct source *s);
static inline void source_closep(struct source **s)
{
	if (*s)
		source_close(*s);
	*s = NULL;
}

#endif
