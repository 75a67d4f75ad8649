/* SPDX-License-Identifier: MIT */
/* rows.h - private to parse/: what the files of this room tell each other.
 *
 * One line of input is a raw line (lines.c); unwrap.h makes pieces of text of it. kinds.c finds the
 * row of the table a piece belongs to, and its handler (event_*.c) puts it into a live event
 * (event.c).
 */
#ifndef OOMREPORT_PARSE_ROWS_H
#define OOMREPORT_PARSE_ROWS_H

#include "parse/parse.h"

/* ---- a piece of text with what its prefix said ---- */

enum prefix_bits {
	PRE_TIME = 1,	 /* the kernel's timestamp */
	PRE_SYSLOG = 2,	 /* a syslog or journal header */
	PRE_LEVEL = 4,	 /* <4> */
	PRE_CALLER = 8,	 /* [T123] */
	PRE_RECORD = 16, /* a record of its own: kmsg, JSON, export */
	PRE_REST = 32,	 /* a later line of a record with newlines in it */
	PRE_KMSG = 64,	 /* a record of /dev/kmsg: lines of its dictionary may follow */
	PRE_TAG_TEXT = 128, /* what stands as its program is its first word, without the colon */
};

struct piece {
	struct str text; /* prefix taken off, leading blanks too */
	struct str raw;	 /* the input line(s) it came from */
	uint64_t line, last_line;
	unsigned part; /* of a line that holds many: sheet.c; 0: it holds one */
	int64_t mono_us, wall_us;
	struct str caller, host, ident;
	size_t host_at; /* where in raw the host stands; elsewhere: SIZE_MAX */
	unsigned pre;
	uint64_t frag_at, frag_of; /* netconsole: which bytes of how many; of 0: all */
	unsigned quote; /* so many '>' of mails stood in front */
	bool hit;	/* find_interesting() finds something in it */
	bool foreign;	/* another program than the kernel said it */
	bool shouted;	/* a daemon wrote it to all terminals: shout.c */
	bool tail;	/* the log begins in it: what its first word is cannot be known */
};

/* ---- an event being put together ---- */

enum stage { STAGE_OPEN, STAGE_VERDICT, STAGE_TAIL };

/* A victim named by oom-kill: or "Kill process", and not yet by "Killed process"; or only by
 * oom_reaper:, of an event whose other lines are all lost. */
enum named { NAMED_NOT, NAMED_BY_SUMMARY, NAMED_BY_SCORE, NAMED_BY_REAPER };

/* woven.c: whose stack is being printed, where that of another report is, too */
struct weave {
	bool aside;	 /* of the events under way, the stack begun last is another one's */
	bool head;	 /* its own "CPU:" or "Pid:" line was seen */
	bool other;	 /* another's came last, */
	bool other_waits; /* ... or earlier, and its frames are to come */
	bool open, done; /* its own frames follow; have ended */
	bool framed;	 /* its kernel marks where they end */
	bool other_open; /* frames of another follow */
	bool doubt;	 /* there were some that may be of either */
	bool more;	 /* the last line was a frame that others called */
};

struct live;
/* Reads all of a line that came in pieces, as often as there is more of it. */
typedef void torn_reader(struct parser *p, struct live *l, struct str text);

enum { CALLER_ROOM = 24 };

struct live {
	struct live *next;
	struct host *host;
	struct event *ev;
	char caller[CALLER_ROOM];
	size_t caller_n;
	enum stage stage;
	enum named named;
	bool header;	   /* it has its first line */
	bool stray;	   /* stray.c: nothing but a stack, and whose is not known yet */
	bool headless_stack; /* ... was, when it began */
	bool comm_doubtful; /* the log begins in the middle of its first line */
	bool told;	   /* only its stack says that it is an OOM */
	bool table_head;   /* a task table's own header line was seen */
	bool columns_guessed; /* ... was not, and the rows tell their number only */
	bool in_stats, in_slab, in_allocs, in_table;
	struct weave weave;
	bool twin;	   /* its header came right behind another's */
	bool dumped;	   /* it was an old one-line kill */
	bool memcg_words;  /* a line said "Memory cgroup" */
	bool panic, no_victim, killed, cut, elided, stack_expected;
	bool has_counters; /* its kernel prints the counters of a cgroup */
	bool shouted;	   /* its only line was */
	bool bare;	   /* nothing but "Killed process", which does not say of what */
	bool summary_cut;  /* of "oom-kill:" the cgroups are lost */
	struct str torn;   /* torn.c: a line that may go on in another record, so far */
	torn_reader *torn_read;
	bool shifted;	   /* lines were lost while it stood open */
	bool hexdump;	   /* the last unknown line was of hex words */
	size_t last_zone;  /* 1 + index: lowmem_reserve[] belongs to it */
	unsigned parts;	   /* enum event_part bits seen */
	unsigned late;	   /* ... of those that came behind the verdict */
	int64_t mono_us, wall_us; /* of the last line of its own that has a time */
	uint64_t quiet;	   /* kernel lines since the last one of its own */
	uint64_t idle;	   /* the same, lines of others counted a little, too */
	uint64_t raw_line; /* the last raw line in verbatim, */
	unsigned raw_part; /* ... which of it */
	uint64_t own_line; /* host_line() of its first line */
	unsigned quote;	   /* ... and in how many mails that was quoted */
	size_t counted;    /* bytes of it in parser.live_bytes */
	struct buf text;   /* verbatim so far */
	size_t sure_text, sure_extra; /* ... up to the last line known to be its own */
	uint64_t sure_line; /* host_line() of that */
};

/* ---- what each host of a log has said: hosts.c ---- */

enum {
	MAX_LIVE = 12,	    /* events of one host that are put together at a time */
	MAX_HOSTS = 64,	       /* hosts with something under way */
	KNOWN_HOSTS = 4096,    /* hosts whose kernel and so on are remembered */
	HOST_NAME = 255,       /* bytes of a host's name; the rest is cut */
	HOST_SILENT = 16384,   /* lines of others, and a host's events are over */
	LIVE_BYTES = 96 << 20, /* of the events of all hosts but the one speaking */
};

/* To the end of the log. Its name is facts.hostname, empty while no prefix named one. */
struct known {
	struct known *next; /* with the same hash, or among the spare ones */
	char name[HOST_NAME];
	struct host *host;  /* NULL: nothing of it is under way */
	struct log_facts facts;
	struct str kernel; /* of the running boot, as its banner says */
	uint64_t first_fatal; /* the first line of its first fatal OOM that is all there; 0: none yet */
	unsigned arch_tries;
	bool first_seen;   /* a line with a kernel time was */
	bool booted;	   /* a banner came, and no other name claimed it yet */
	bool oom_seen;	   /* an OOM of its own was in the log */
};

/* What nohang last said before it kills: of whom, and that it does. Lines: 0 = not yet. */
struct nohang {
	int64_t pid, wall_us;
	uint64_t pid_line, action_line;
};

/* Until others need the place. */
struct host {
	struct known *known;
	uint64_t last_line;	     /* of the log, when another began to speak */
	uint64_t of_others;	     /* lines of others so far */
	struct live *live[MAX_LIVE]; /* oldest first */
	size_t n_live;
	struct nohang nohang;
	uint64_t sysrq_line, sysrq_own_line; /* where somebody asked for a kill; host_line() */
	struct buf sysrq_text;
	struct buf frag; /* netconsole: a record whose rest is to come */
	uint64_t frag_n; /* bytes of its text so far */
	unsigned boot_lines; /* so many more in which a booting kernel's command line may come */
};

/* fast.c: how the row before looked, from the line's start to the end of its last column */
enum { ROW_PREFIX = 128, ROW_WIDTH = 256 };
struct row_front {
	size_t n_columns; /* 0: not known */
	size_t n;
	/* a byte xor `like` is at most `most`, or is `blank`: of '0', 9 and a blank a digit or
	 * blank, else the byte itself, 0 and 0 */
	char like[ROW_PREFIX + ROW_WIDTH], most[ROW_PREFIX + ROW_WIDTH];
	char blank[ROW_PREFIX + ROW_WIDTH];
	uint16_t end[TASK_COLUMNS]; /* of each number */
	/* bits of a field of blanks and digits: of its last 8 bytes, and of those in front */
	uint64_t keep[TASK_COLUMNS], gap[TASK_COLUMNS];
	uint8_t wide[TASK_COLUMNS]; /* columns with a gap */
	size_t n_wide;
};

/* fast.c: the last row of a task table that went the long way */
struct fast_rows {
	struct live *live; /* NULL: the line before was none */
	uint64_t rows;	   /* ... since, the short way */
	size_t prefix_n;
	size_t host_at, host_n; /* its bytes there must be the same */
	char prefix[ROW_PREFIX];
	struct row_front front;
};

/* table.c: a table being read, in the names of its columns */
enum { TABLE_COLUMNS = 32, COLUMN_NAME = 48, TABLE_HEAD_WITHIN = 3 };
struct table {
	char names[TABLE_COLUMNS][COLUMN_NAME];
	size_t n;
	char sep; /* 0: none is */
	struct buf open; /* a record whose last field goes on in the next line */
	uint64_t line;	 /* where it began */
};

/* split.c: a line whose rest is to come */
struct split {
	struct buf text; /* empty: none is */
	char stream;
	uint64_t line; /* where it began */
};

/* outer.c: what stands in front of the lines, and is no part of them */
enum { OUTER_LAYERS = 3 };
struct outer {
	uint8_t forms[OUTER_LAYERS];
	size_t n;	/* 0: nothing does */
	bool strict;	/* names may look like one of them */
	unsigned quiet; /* lines without */
	unsigned quote; /* marks of mails in front of this line */
};

/* quoted.c: what tells an event of the log from others; UNKNOWN or 0 where it does not say */
struct gist {
	enum event_kind kind;
	unsigned quote;
	int64_t mono_us, wall_us, pid, order, mask, victim, vm_kb, first_pages, free_pages;
	int64_t words;	     /* of a program that kills: a hash */
	uint64_t comm, host; /* the same */
};
enum { GISTS = 32 };

/* prefix.c: the syslog header of the line before, and the byte behind it */
struct known_header {
	char text[160];
	size_t n; /* with its tag; 0: none */
	size_t tag_at, ident_n, host_at, host_n;
	int64_t wall_us;
	bool foreign;
};

/* lines.c: a line longer than LINE_CAP, which is read piece by piece */
enum sheet_form { SHEET_NONE, SHEET_MARKUP, SHEET_ESCAPES, SHEET_BLANKS, SHEET_RECORD };
struct pieces {
	unsigned n; /* of it so far */
	unsigned parts; /* lines that were in them */
	enum sheet_form form;
};

struct parser {
	struct parser_options options;
	int now_year; /* of options.now_us */
	struct arena arena;	  /* of itself and its hosts */
	struct arena facts_arena; /* of what note_fact() keeps */

	/* lines.c */
	struct buf part;    /* a line whose end is not here yet */
	bool part_over;	    /* ... and it is longer than LINE_CAP */
	struct pieces pieces;
	struct str skipped; /* of the bytes being fed: skipped, and not in history yet */
	struct buf history; /* the last bytes that were skipped before those */
	bool history_cut;   /* ... of more */
	uint64_t line_no;
	bool careful;	    /* gear two: look at every line */
	unsigned booting;   /* hosts with boot_lines */
	uint64_t careful_until; /* gear one: the last line that was looked at */

	/* entry.c: an entry being read */
	struct buf entry_text;
	struct piece entry;
	int wrap_mode;
	int entry_binary; /* 1 in a binary field, 2 in one that is the message */
	struct buf entry_binary_bytes;
	bool entry_message, entry_kernel, entry_stranger, verbose_message;
	char entry_host[256], entry_ident[128];
	size_t entry_host_n, entry_ident_n;

	bool long_foreign; /* logcat -v long: the head of the text being read is a program's */
	struct buf object; /* a JSON object of many lines */
	int object_depth;  /* brackets that stand open */
	uint64_t object_line;

	/* json.c */
	struct buf json_scratch;
	struct piece json_record;
	char json_host[256], json_ident[128], json_caller[CALLER_ROOM];
	size_t json_ident_n;
	size_t json_rank; /* of the key that named the host */
	bool json_kernel, json_stranger, json_level, json_msg; /* which keys it has */
	bool json_guess; /* a value that begins as the kernel's lines do */

	struct buf clean;      /* one line with its dirt taken out */
	struct buf soft;       /* quoted-printable: a line waiting for its rest */
	struct buf decoded;    /* text of a JSON record */
	struct buf unquoted;   /* a line of quoted-printable, which may hold such a record */
	struct split split;
	bool in_record; /* its text is a record, too */
	struct buf sheet, unescaped; /* sheet.c: lines that stood in one */
	unsigned sheet_part;	     /* the one being read; 0: none is */
	bool qp;
	unsigned qp_seen;      /* lines that look like it */
	uint64_t soft_line;    /* where it began */
	enum { SHOUT_NONE, SHOUT_HEAD, SHOUT_TEXT } shout; /* the line before, or an empty one, told of it */
	int64_t shout_us;      /* ... and when */
	bool after_kmsg;       /* the line before was a record of /dev/kmsg */
	bool json_members;     /* a record comes a member a line */

	/* join.c: the piece that waits for its continuation */
	struct piece wait;
	bool waiting, wait_owned;
	size_t full_width, full_count, near_count; /* the widest lines, and nearly so */
	size_t at_edge, past_edge; /* lines cut at the widest's width, and narrower ones */
	bool wait_gap; /* an empty line came since */
	int wait_kind;
	struct buf wait_text, wait_raw, wait_rest;

	struct outer outer;
	struct table table;
	struct fast_rows fast;
	struct known_header header;

	/* hosts.c */
	struct host *host; /* who speaks */
	struct host first_host;
	struct known first_known;
	struct log_facts forgotten; /* of a host beyond KNOWN_HOSTS */
	struct more_hosts *more; /* NULL while there is only one */
	uint64_t next_sweep;	 /* the line at which silent hosts are looked for */

	/* event.c */
	struct live *done, *spare;
	struct gist gists[GISTS]; /* of the last events, in a ring */
	size_t n_gists;
	size_t live_bytes; /* of the events being put together */
	bool failed; /* memory ran out */
	bool ended;  /* there are no more lines */
	uint64_t calm; /* lines since something was of interest */

	struct buf tagged; /* prefix_logcat.c: a text whose first word stood as a tag */
};

/* hosts.c */
uint64_t hash_of(struct str name);
struct more_hosts {
	struct host *hosts[MAX_HOSTS]; /* the first one, too */
	size_t n, n_known;
	size_t n_named; /* known ones whose name is not that of a machine being started */
	struct known *by_hash[1024];
	struct known *spare; /* of hosts that were forgotten */
};
/* The line's host speaks from now on; what waits of the one before is done. Lines that name none
 * are of the one before. */
void host_switch(struct parser *p, const struct piece *pc);
static inline void host_speaks(struct parser *p, const struct piece *pc)
{
	struct str now = p->host->known->facts.hostname;

	if (pc->host.n && !str_eq(pc->host, now))
		host_switch(p, pc);
}
/* The number a line would have if its host's lines stood alone in the log. */
static inline uint64_t host_line(const struct host *h, uint64_t line)
{
	return line > h->of_others ? line - h->of_others : 0;
}
size_t hosts_count(const struct parser *p);
struct host *host_at(struct parser *p, size_t i);
void hosts_sweep(struct parser *p); /* close what is open of hosts that are silent for long */
void hosts_make_room(struct parser *p); /* ... or hold too much memory */
void hosts_free(struct parser *p);

/* lines.c */
/* Room for one raw line; of a longer one that holds lines they are read piece by piece, the rest of another
 * one is dropped. */
enum {
	LINE_CAP = 256 * 1024,
	HISTORY = 64 * 1024,
	SHARED_HISTORY = 8, /* ... so many times that in a log of several hosts */
	CALM_LINES = 96,
	CALM_AFTER_WORDS = 24,
};

/* fast.c */
void fast_note(struct parser *p, struct live *l, const struct piece *pc);
/* The same bytes, or other digits where digits were; blanks: digits and blanks are one. */
bool same_shape(const char *p, const char *q, size_t n, bool blanks);
/* Was this line the next row of a task table? It must hold no literal of find.c. */
void fast_end(struct parser *p);
bool fast_row(struct parser *p, struct str raw, uint64_t number);

/* arch.c: until something tells it; lines of stack dumps and banners do. */
void note_arch(struct parser *p, struct str text);
/* May a stack end in it? */
bool arch_is_outermost(struct str symbol);

/* kinds.c */
enum { KIND_NOT_ASKED = -2 }; /* what kind_of() never answers */
/* Which row of the table starts this text: its number, or -1. */
int kind_of(struct str text, bool hit);
/* May `next` be what a mail program cut off from a line of this kind? */
bool kind_continues(const struct parser *p, int kind, const struct piece *wait,
		    const struct piece *next);
bool kind_expects(int kind, const struct piece *wait, const struct piece *next);
/* Lines shorter than this were not cut by a mail program in front of `next`. */
size_t kind_width(int kind, struct str next);
/* Are these the first of the words that tell a kind? */
bool kind_words_begin(struct str head);
/* Is it of a kind told by words at its start? How many bytes they are; else 0. */
size_t kind_words(struct str text);
void kinds_init(void);
void piece_out(struct parser *p, struct piece *pc);

/* event.c */
struct live *live_new(struct parser *p, const struct piece *pc, enum event_kind kind);
/* The event a line of this part belongs to; without one, a new one that lacks its header when
 * `orphan` is set, else NULL. */
struct live *live_for(struct parser *p, const struct piece *pc, enum event_part part,
		      bool orphan);
/* The event waiting for its kill, panic or no-victim line, or NULL. */
struct live *live_unsettled(struct parser *p, const struct piece *pc);
/* Is there an OOM of this host, in the log or under way, but that one? */
bool oom_near(const struct host *h, const struct live *but);
struct live *live_of_victim(struct parser *p, int64_t pid, struct victim **victim);
/* The line is one of this event's own. */
void live_own(struct parser *p, struct live *l, const struct piece *pc, enum event_part part);
/* The same for one more row of a list it has rows of: nothing new but the text. */
void live_own_row(struct parser *p, struct live *l, struct str raw, uint64_t line, unsigned part,
		  uint64_t last);
void live_extra(struct parser *p, struct live *l, const struct piece *pc);
void extra_text(struct live *l, struct str text);
void live_settled(struct live *l);
void live_close(struct parser *p, struct host *h, size_t index);
void live_close_host(struct parser *p, struct host *h);
void live_close_all(struct parser *p);
void live_tick(struct parser *p, bool foreign); /* once a piece */
/* So many lines of the kernel were `own`'s; for all others of its host they count as ticks. */
void live_pass(struct parser *p, struct live *own, uint64_t lines);
bool live_any_open(struct parser *p);    /* more than a late line is waited for */
/* Lines that nobody looked at, when all that is live waits for a late line: close what has
 * waited long enough whatever they were; count them. */
void live_expire(struct parser *p, uint64_t lines);
void live_skip(struct parser *p, uint64_t lines);
void event_finish(struct parser *p, struct live *l); /* event_end.c */
void live_unknown(struct parser *p, const struct piece *pc);
struct str keep(struct parser *p, struct live *l, struct str s); /* into its arena */
struct victim *victim_new(struct parser *p, struct live *l);
void victim_sizes(struct victim *v, struct str text); /* event_kill.c: "total-vm:8kB, anon-rss:4kB ..." */
bool caller_matches(const struct live *l, const struct piece *pc);

/* ---- what an event is made by ---- */

/* torn.c */
void torn_begins(struct parser *p, struct live *l, struct str text, torn_reader *read);
/* Is it a piece of a line that an event has the beginning of? */
bool torn_goes_on(struct parser *p, struct piece *pc);

/* shout.c */
bool take_shout(struct parser *p, struct str *in, struct piece *pc);
void shout_line(struct parser *p, struct piece *pc); /* the lines behind */
/* Is a kill that is shouted known from the log? */
bool shout_is_known(struct parser *p, const struct piece *pc, int64_t pid);
/* The log tells of what was only shouted before. */
void shout_absorb(struct parser *p, const struct live *now);

/* late.c */
/* Is a line said at the same time as its last one? Where nothing has a time: right behind it? */
bool live_at_once(const struct live *l, const struct piece *pc);
bool live_apart(const struct live *l, const struct piece *pc); /* ... at another, as their times say */
/* The one that has its verdict, and may still lack this line; or NULL. */
struct live *late_for(struct parser *p, const struct piece *pc, enum event_part part);

/* woven.c */
/* The event whose stack begins with the line of a task of this name, which may be empty; NULL: none */
struct live *woven_head(struct parser *p, const struct piece *pc, struct str comm);
struct live *woven_trace(struct parser *p, const struct piece *pc); /* "Call Trace:", the same */
/* The event begins while one that is none prints its stack. */
void woven_goes_on(struct live *l, const struct live *stray);
void woven_begin(struct live *l); /* "<TASK>" */
void woven_end(struct live *l);	  /* "</TASK>" */
void woven_panic(struct parser *p, const struct piece *pc); /* of something else */
void woven_other_ends(struct live *l); /* "---[ end trace": of a warning or an oops */
/* Is a frame of this symbol the event's own? */
bool woven_is_own(struct live *l, struct str symbol);
bool woven_is_other(const struct live *l); /* a line with no name or symbol in it */
/* Was the stack cut off in the middle? */
bool woven_is_cut(const struct parser *p, const struct live *l);

/* gather.c */
/* Is it a piece of one that is under way? Then that has all of it now, and its event is no more. */
bool gather_piece(struct live *l);

/* quoted.c */
/* Was it read before, where a mail quotes another one? It is remembered. */
bool quoted_before(struct parser *p, const struct live *l);

/* stray.c */
/* Does the symbol say that an allocation or the OOM killer printed the stack? */
bool stray_symbol(struct str symbol);
/* One that begins with its stack: NULL where there is no room for it. */
struct live *stray_new(struct parser *p, const struct piece *pc);
/* May a line that is not of its stack go on with it? When one does, it is no stray any more. */
bool stray_takes(const struct live *l);
void stray_joined(struct live *l, enum event_part part);
/* Something else was printed: what is still a stray one is of no event. */
void stray_forget(struct parser *p, const struct piece *pc);
void stray_settle(struct live *l); /* at its end */

/* event_head.c */
/* One whose header is lost. */
struct live *oom_new(struct parser *p, const struct piece *pc);

/* event_mem.c */
bool slab_row(struct parser *p, struct live *l, const struct piece *pc);
bool alloc_row(struct parser *p, struct live *l, const struct piece *pc);

/* event_task.c */
/* Is it a name that a task table's column has? */
bool task_is_column(struct str word);
/* Where the next row's values go, and room for one more behind them; NULL: it gets no row. */
int64_t *task_room(struct parser *p, struct live *l);
/* The values may stand there already. */
void task_add(struct parser *p, struct live *l, const int64_t *values, size_t n,
	      struct str name);
/* Names columns by what stands in them, where the head is lost. */
void task_settle_columns(struct event *ev);

/* event_memcg.c */
bool stats_row(struct parser *p, struct live *l, const struct piece *pc);

/* userspace.c */
/* A kill by a program, or by Android's driver. */
bool userspace_line(struct parser *p, struct piece *pc);

/* Copy into the arena of the facts; *ret stays as it is when that is full. */
void note_fact(struct parser *p, struct str s, struct str *ret);

/* scan.c: what all handlers read with */
/* Has the width of a terminal cut it? */
bool line_is_cut(struct str text);
/* A number with a sign; UNKNOWN when it is none, is cut off, or does not fit (its digits are
 * eaten). */
int64_t take_number(struct str *in);
/* "12345kB" or "12345KB": also without a unit. */
int64_t take_kb(struct str *in);
/* "key:valuekB ..." pairs into the list, unknown keys too. Stops at text of another form. */
void take_pairs(struct arena *a, struct kvs *list, struct str *in, enum unit unit);
/* 0x24200ca(GFP_HIGHUSER_MOVABLE|...) */
bool take_gfp(struct parser *p, struct live *l, struct str *in);
/* Text between "key=" and the next ",knownkey=" */
bool value_of(struct str text, struct str key, struct str *ret);
/* "1234 (name)" with any bytes in the name: the last ')' before one of the known endings. */
bool take_pid_name(struct str *in, int64_t *pid, struct str *name);

#endif
