/* SPDX-License-Identifier: MIT */
/* input.h - private to source/: streams of bytes, and what a source is made of.
 *
 * A stream is anything that gives bytes: a descriptor, a decoder on top of another stream, a
 * member of an archive, the records of /dev/kmsg written as text. Streams live in the arena of
 * their source; closing one closes what lies below it.
 */
#ifndef OOMREPORT_SOURCE_INPUT_H
#define OOMREPORT_SOURCE_INPUT_H

#include <sys/types.h>

#include "source/source.h"

enum {
	PEEK_ROOM = 1024, /* enough for every magic, "ustar" at 257 included */
	SOURCE_ARENA = 64 << 20,
	MEMBER_NAME = 480,
};

struct stream {
	/* Bytes into p (at least one), 0 at the end, -1. Never called after it gave 0 or -1. */
	ssize_t (*read)(struct stream *in, char *p, size_t n, struct err *err);
	/* The same without a copy: bytes that stay until the next call. NULL: only read. */
	ssize_t (*borrow)(struct stream *in, const char **p, struct err *err);
	void (*close)(struct stream *in);
	void *own;	/* what read and close know */
	struct stream *below; /* what it is made of, and closed with it; NULL: nothing */
	char *head;	/* bytes that were looked at before they were asked for */
	size_t head_n, head_at, head_room;
	uint64_t left; /* what read() may still give: a bound for what anybody may have put there */
	bool ended;
};

/* A new stream in the arena; NULL without memory (err is set). */
struct stream *stream_new(struct arena *a, struct err *err);
/* ... on top of another, with so many bytes of its own, zeroed. NULL: that one is closed, too. */
struct stream *stream_over(struct arena *a, struct stream *below, size_t own, struct err *err);
/* Up to PEEK_ROOM first bytes, without eating them; short only at the end. */
int stream_peek(struct stream *in, struct str *ret, struct err *err) MUST_CHECK;
/* The same of more bytes, for which the arena gives room. */
int stream_look(struct stream *in, struct arena *a, size_t room, struct str *ret,
		struct err *err) MUST_CHECK;
/* As read(2): 1..n, 0 at the end (again and again), -1. */
ssize_t stream_read(struct stream *in, char *p, size_t n, struct err *err);
void stream_close(struct stream *in); /* NULL is fine */

/* The descriptor is closed with the stream; it may block (a pipe). Files are read, not mapped, however
 * large: reading costs a copy, but one that the search then finds in the processor's cache. */
struct stream *stream_from_fd(struct arena *a, int fd, const char *name, struct err *err);
/* A text that stays where it is. */
struct stream *stream_from_str(struct arena *a, struct str text, struct err *err);
/* One after the other; each is opened when its turn comes. open() returns NULL with err. */
typedef struct stream *stream_opener(void *own, size_t index, struct err *err);
struct stream *stream_concat(struct arena *a, stream_opener *open, void *own, size_t n,
			     struct err *err);
/* Lines of a stream, one at a time: 1 and *ret (without "\n"), 0 at the end, -1. A line longer
 * than the room is given in pieces. */
enum { LINES_ROOM = 64 * 1024 };
struct lines {
	struct stream *in;
	char *p; /* LINES_ROOM bytes */
	size_t from, to;
	bool ended;
	bool more; /* what was given last is only a piece: its line goes on */
};
int lines_init(struct lines *l, struct arena *a, struct stream *in, struct err *err) MUST_CHECK;
int lines_next(struct lines *l, struct str *ret, struct err *err) MUST_CHECK;
/* Up to n bytes behind the last line, whatever they are: as read(2). */
ssize_t lines_bytes(struct lines *l, char *p, size_t n, struct err *err);

/* ---- decode.c: compressed bytes and archives, the only file that knows libarchive ---- */

enum format {
	FORMAT_PLAIN,
	FORMAT_COMPRESSED, /* gz, xz, zst, bz2, lzma, Z: what is inside shows later */
	FORMAT_ARCHIVE,	   /* tar or zip, not compressed around */
	FORMAT_JOURNAL,	   /* a .journal file of systemd */
	FORMAT_EXPORT,	   /* journalctl -o export */
	FORMAT_REPORT,	   /* a report.json of this program: a document, no log */
	FORMAT_FOREIGN,	   /* 7z, rar, lz4 and others that are not read here, programs: see foreign_error() */
};
enum format format_of(struct str head); /* by the first bytes, never by the name */
int foreign_error(struct str head, const char *name, struct err *err); /* -1, and what to do */

struct unpack;
/* Takes the stream over (also when it fails). */
int unpack_open(struct unpack **ret, struct arena *a, struct stream *in, const char *name,
		struct err *err) MUST_CHECK;
/* The next regular file inside: 1, 0 at the end, -1. A single compressed file has one member
 * with an empty name. */
int unpack_next(struct unpack *u, char name[MEMBER_NAME], struct err *err) MUST_CHECK;
bool unpack_is_archive(const struct unpack *u); /* after the first unpack_next() */
/* The member's bytes; closing it does not close the archive. */
struct stream *unpack_member(struct unpack *u, struct arena *a, struct err *err);
/* A damaged or oversized member ended early: a line about it, or "". */
const char *unpack_trouble(const struct unpack *u);
void unpack_close(struct unpack *u);

/* ---- text.c: text that is saved as something else ---- */

/* Does the head say that it is text, in UTF-16 at least? */
bool text_in(struct str head);
/* All put a decoder on top of *in where its head tells that it needs one; it stays open also
 * when they fail. charset_open() knows UTF-16 only, text_open() also what mail.c, strings.c and
 * newest_first.c read, oldest_first() only that. It says so in *info, which stays. */
int charset_open(struct stream **in, struct arena *a, struct err *err) MUST_CHECK;
int text_open(struct stream **in, struct arena *a, struct source_info *info, struct err *err) MUST_CHECK;
int oldest_first(struct stream **in, struct arena *a, struct source_info *info, struct err *err) MUST_CHECK;
/* All three take the stream over, also when they fail (NULL). */
bool mail_begins(struct str head);
struct stream *mail_open(struct arena *a, struct stream *below, struct err *err);
bool report_begins(struct str head); /* of Apport */
struct stream *report_open(struct arena *a, struct stream *below, struct err *err);
bool base64_begins(struct str head);
struct stream *base64_open(struct arena *a, struct stream *below, struct err *err);
bool strings_begin(struct str head);
struct stream *strings_open(struct arena *a, struct stream *below, struct err *err);

/* ---- record.c: records of the kernel as text lines ---- */

struct record {
	int64_t priority; /* facility * 8 + level; UNKNOWN */
	int64_t us;	  /* since boot; UNKNOWN */
	int64_t wall_us;  /* only asked for with a host; UNKNOWN */
	struct str host, caller, ident, pid, text;
};
/* "<4>[   12.345678][ T123] text\n", with a host "<4>2026-11-23T02:30:00.123456Z host kernel:
 * [   12.345678] text\n"; a record of several lines becomes several lines with the same prefix. */
void record_write(struct buf *out, const struct record *r);
/* "[  12.345678]" of a log line, however it is wrapped in front: microseconds, or UNKNOWN.
 * at (may be NULL): where its '[' is. */
int64_t line_us(struct str line, size_t *at);

/* ---- live kernels ---- */

/* The oldest record that is still in the ring: what comes before it is its head. */
struct head_of {
	int64_t us; /* UNKNOWN: no limit */
	struct str text;
};
/* Does a record of that time and text lie before it? */
bool before_head(const struct head_of *of, int64_t us, struct str text);

/* /dev/kmsg (path below root) as text. NULL: errno says why. *info is kept up to date while
 * reading. */
struct stream *kmsg_open(struct arena *a, const struct root *root, const char *path,
			 struct source_info *info, struct err *err);
struct head_of kmsg_oldest(const struct stream *in);
/* The ring by klogctl(2), and which record is its first. NULL: errno says why. */
struct stream *klogctl_open(struct arena *a, struct head_of *oldest, struct source_info *info,
			    struct err *err);
/* journalctl's answer as text: the messages of the kernel and of userspace OOM killers in a boot of
 * this machine, 0 this one. root: where none is kept below it, nobody is started.
 * until: only the kernel's messages before that (NULL: all). NULL and err when it cannot be
 * started or has nothing. Without until each line says its host and its time. *stop: see
 * source_open_live(). */
struct stream *journalctl_open(struct arena *a, const struct root *root, int boot,
			       const struct head_of *until, const volatile int *stop, struct err *err);
int journal_lacks_boot(struct err *err); /* -1 */
/* Which entries are read of a journal: the kernel's, and those of userspace OOM killers. */
enum { JOURNAL_MATCHES = 5, MATCH_ROOM = 40 };
extern const char journal_matches[JOURNAL_MATCHES][MATCH_ROOM];
/* A file, or a piece of one, that is read here and there. */
struct place {
	int fd;
	uint64_t at, size;
};
bool place_of(int fd, struct place *ret); /* a whole one; false: no ordinary file */
/* What a .journal file says of itself at its beginning: whose it is, and of which writer's
 * numbers. False: it is cut short there. */
struct journal_id {
	unsigned char machine[16], series[16];
	uint64_t seqnum, realtime; /* of its first entry */
};
bool journal_id_of(const struct place *of, struct journal_id *ret);
enum { JOURNALS_MAX = 512 }; /* of one log, as all of them are open */
struct journal_part {
	const char *name;
	struct place place;
	bool kept; /* the descriptor is not ours to close */
};
/* The same of .journal files, which needs no journalctl: whoever gets a file has an older one
 * or none. The running machine's own journal stays journalctl's, which knows who may read what.
 * Several are those of one machine. boot: of those that are in them 0 is the last. The descriptors are taken over, also when it fails (NULL). What
 * could not be read is noted in *info at the end. */
enum { ANY_BOOT = INT32_MIN };
struct stream *journals_open(struct arena *a, const struct journal_part *parts, size_t n, int boot,
			     struct source_info *info, struct err *err);
/* One file, named so. */
struct stream *journal_file_open(struct arena *a, int fd, const char *name,
				 struct source_info *info, struct err *err);
/* Entries of a journal as text lines, whoever has them: more() tells all about one or more of them
 * by the functions below, 1, or 0 at the end (again and again), or -1. hosts: each line says its host
 * and its time, as a file may hold the journals of many machines (systemd-journal-remote). What is
 * below is closed with it, also when it fails (NULL). */
struct journal;
typedef int entries_more(struct journal *to, void *own, struct err *err);
struct stream *entries_text(struct arena *a, struct stream *below, entries_more *more, void *own,
			    const struct head_of *until, bool hosts, struct err *err);
int entry_key(struct str key); /* for entry_value(); < 0: the values of others need not be told */
void entry_value(struct journal *to, int key, struct str value);
void entry_times(struct journal *to, uint64_t wall_us, uint64_t mono_us);
void entry_end(struct journal *to);
/* The same of journal export bytes. */
struct stream *export_text(struct arena *a, struct stream *entries, const struct head_of *until,
			    bool hosts, struct err *err);
/* What came before the ring's oldest record, from the journal or from files; from: where it
 * was found. NULL: nowhere. */
struct stream *head_open(struct arena *a, const struct root *root, const struct head_of *of,
			 const volatile int *stop, char from[128]);

/* ---- rotation.c: files that are one log, rotated ---- */

/* "kern.log.1" is newer than "kern.log.2.gz", "messages-20240101" is as old as it says. */
struct rotation {
	struct str family; /* the name without that */
	uint64_t age, within; /* the oldest has the least; UINT64_MAX: it is still written to */
};
void rotation_of(struct str name, struct rotation *ret);
/* Of a log that was too long for it sos keeps the end as "sos_strings/logs/var.log.messages.tailed":
 * the path it stands for; any other path is itself. */
struct str rotation_name(struct str path, char room[MEMBER_NAME]);
int rotation_order(const struct rotation *a, const struct rotation *b); /* as strcmp */
/* A part of what firmware keeps of a crash: of which record, and which; 1 is the newest text. */
bool efi_part(struct str name, uint64_t *record, unsigned *part);
void rotation_of_pstore(struct str path, struct rotation *ret); /* the same in these words */

/* ---- log files of a machine, below a root ---- */

struct log_list {
	struct log_item {
		enum source_kind kind;
		char path[MEMBER_NAME];		/* below the root; a family: its newest file */
		char (*parts)[MEMBER_NAME];	/* oldest first */
		size_t n_parts, room_parts;
	} *items;
	size_t n, room;
	char note[240];
};
/* messages, syslog, kern.log with their rotations (one item a family). */
int logs_find_files(struct arena *a, const struct root *root, struct log_list *ret,
		    struct err *err) MUST_CHECK;
/* pstore and vmcore-dmesg.txt: what a dead kernel left behind. */
int logs_find_crashes(struct arena *a, const struct root *root, struct log_list *ret,
		      struct err *err) MUST_CHECK;
/* The .journal files of the machine with that id ("": not known). */
struct parts;
int logs_find_journals(const struct root *root, struct str machine, struct parts *ret) MUST_CHECK;
struct stream *logs_open(struct arena *a, const struct root *root, const struct log_item *item,
			 struct err *err);
/* An ordinary file below a root, decompressed; refuses FIFOs, sockets and devices. */
struct stream *logs_open_one(struct arena *a, const struct root *root, const char *path,
			     struct err *err);

/* ---- container.c: which members of an archive or a tree are kernel logs ---- */

enum member_kind {
	MEMBER_OTHER,
	MEMBER_LOG,
	MEMBER_SECTIONS, /* supportconfig: "#==[ Command ]===" sections, some of them logs */
	MEMBER_VMCORE,
	MEMBER_PSTORE,
	MEMBER_REPORT, /* a bundle's report.json */
};
enum member_kind member_kind(const char *path, bool bundle);
bool member_says_bundle(const char *path); /* TOP/MANIFEST.json and the like */
/* Only the sections of a supportconfig file that are kernel logs. */
struct stream *sections_open(struct arena *a, struct stream *in, struct err *err);

/* ---- parts.c: the files of a container, those of one log together ---- */

struct part {
	const char *name; /* below the top */
	enum member_kind kind;
	struct place kept; /* fd -1: it is opened by its name */
	struct rotation rotation;
	bool journal;
	struct journal_id id;
	size_t log; /* which; parts_group() */
};
struct parts {
	struct arena *arena;	 /* of the names */
	const struct root *root; /* NULL: all are kept */
	bool bundle;
	int boot; /* which, of a journal; ANY_BOOT */
	struct part *v;
	size_t n, room, at;
	int kept_fd;
	struct err why; /* the first journal that could not be read */
};
#define PARTS_OF(of_arena, below)                                                                  \
	{.arena = (of_arena), .root = (below), .boot = ANY_BOOT, .kept_fd = -1}
/* Journals of one machine by what they say and how they are called? */
bool journal_same(const char *name, const struct journal_id *id, const char *other_name,
		  const struct journal_id *other);
/* Is it, or may it be, one of several files of a log? */
bool part_is_rotated(const char *name, enum member_kind kind);
bool parts_add(struct parts *p, const char *name, enum member_kind kind);
/* The stream is taken over, also when it fails; a is for now only. */
int parts_keep(struct parts *p, const char *name, enum member_kind kind, struct stream *in,
	       struct arena *a, struct err *err) MUST_CHECK;
/* Puts the files of one log together, the oldest first, at the place of the first by its name. What
 * systemd-pstore has put together already takes the place of its parts. */
void parts_group(struct parts *p, struct arena *a);
/* Makes the next of them the log to read: 1, 0 at the end. */
int parts_next(struct parts *p, struct source *s, const char *path);
void parts_close(struct parts *p);

/* ---- source.c ---- */

struct source {
	struct arena arena;
	struct arena log; /* what reading one log of an archive takes; emptied before the next */
	struct arena turn; /* ... and one file of a rotated log */
	struct source_info info;
	struct stream *in; /* the log being read; NULL: none */
	char *window;	   /* SOURCE_WINDOW bytes */
	bool started;	   /* source_window() or source_next() was called */
	bool all_members;  /* of an archive, not only what is a kernel log */
	/* opens the first log when it is asked for: 1, 0, -1; NULL: it is open */
	int (*first)(struct source *s, struct err *err);
	/* the next log of a container: 1, 0, -1; NULL: there is only one */
	int (*next)(struct source *s, struct err *err);
	int (*saved_report)(struct source *s, struct buf *out, struct err *err);
	void (*close)(struct source *s);
	/* says what the reader met on the way; called at the end of each log */
	void (*ended)(struct source *s);
	void *own;
};

int source_new(struct source **ret, struct err *err) MUST_CHECK;
/* container.c */
int archive_start(struct source *s, int fd, const char *path, struct err *err) MUST_CHECK;
int tree_start(struct source *s, const char *path, struct err *err) MUST_CHECK;
/* Takes off compression: *ret gives the text, NULL when it is nothing to read (an archive
 * within). The stream below is taken over in every case. info (may be NULL): a damage that the
 * text ends at is noted there. */
int nested_open(struct stream **ret, struct arena *a, struct stream *below, const char *name,
		struct source_info *info, struct err *err) MUST_CHECK;
/* The text of a member; NULL when it is none (an archive, empty, a journal, not text), with err where
 * it is damaged. The stream is taken over in every case. */
struct stream *container_text(struct stream *in, struct arena *a, const char *member,
			      enum member_kind kind, struct source_info *info, struct err *err);
/* Makes a member the log to read, compression inside taken off: 1, or 0 when it is none (an
 * archive, empty, not text). The stream is taken over in both cases; NULL is none. */
int container_take(struct source *s, struct stream *in, const char *path, const char *member,
		   enum member_kind kind, bool bundle);
/* A .journal file is read here and there: what comes from a stream, which is taken over, is kept
 * in a nameless file first. */
struct stream *journal_spooled(struct arena *a, struct stream *in, const char *name,
			       struct source_info *info, struct err *err);
int scratch_file(void); /* without a name, in /var/tmp or where there is room; -1: errno says why */
/* An archive or a folder in which there is none. */
int no_log_inside(const char *path, struct err *err);
/* The source is a report.json: it is read by source_saved_report(), as that of a bundle. */
void document_take(struct source *s);
/* Adds a sentence to info.note, cut where it is full. */
void source_note(struct source_info *info, const char *fmt, ...) FORMAT_ARGS(2, 3);

#endif
