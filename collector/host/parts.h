/* SPDX-License-Identifier: MIT */
/* parts.h - private to host/: rows of the table of sources, and gathering one. */
#ifndef OOMREPORT_HOST_PARTS_H
#define OOMREPORT_HOST_PARTS_H

#include "host/host.h"

enum { HOST_PATH = 1024, WINDOW = 16 * 1024 };

/* ---- reader.c: reading that cannot be stopped by what it reads ----
 *
 * Plain files of the kernel are read here and now. What may block (files of foreign trees,
 * debugfs, a process's address space, mounted file systems) is read by a child process that
 * is killed and left behind when its time is over. */
struct reader {
	const struct root *root;
	int socket; /* to the child; -1 = none runs */
	int child;
	unsigned lost; /* children that had to be given up */
};

#define READER_INIT(r) {.root = (r), .socket = -1}

struct read_request {
	const char *path;
	uint64_t max;	     /* bytes; what is more is cut */
	int64_t deadline_us; /* of the monotonic clock */
	bool aside;	     /* by the child */
	const volatile int *stop;
};
/* Called with pieces; -1 stops with err. */
struct read_sink {
	int (*data)(void *ctx, struct str bytes, struct err *err);
	void *ctx;
};
/* What came of it is data: *ret and (not for READ/CUT) reason. 1 where nothing of that name could be
 * meant to be read: it is not there, a folder, or a switch that is only written. -1 only when the
 * sink failed. */
int reader_read(struct reader *r, const struct read_request *q, const struct read_sink *to,
		enum host_result *ret, char reason[120], struct err *err) MUST_CHECK;
/* statfs(2) and fstat(2) of a path below the root by the child: false when it cannot be had in
 * time. */
struct fs_size {
	int64_t type, total_kb, used_kb, inodes_used;
	uint64_t dev, ino; /* the file itself ... */
	int64_t file_kb;   /* ... and what is allocated to it: of a tmpfs file, memory and swap */
};
bool reader_statfs(struct reader *r, const char *path, int64_t deadline_us,
		   struct fs_size *ret);
/* The same of what a link of the live /proc (PID/fd/N, PID/map_files/FROM-TO) leads to, which
 * may have no name any more. Nothing but the kernel's own links may be given: they lead out of
 * any root. */
bool reader_stat_link(struct reader *r, const char *path, int64_t deadline_us,
		      struct fs_size *ret);
void reader_close(struct reader *r);

/* A sink's data() that hands out lines: one() gets each without its end. What is longer than
 * the room is cut. line_feed_end() hands out a last line that has no end. */
enum { LINE_ROOM = 4608 }; /* a path and what stands before it */
struct line_feed {
	void (*one)(void *ctx, struct str line);
	void *ctx;
	size_t n;
	char line[LINE_ROOM];
};
int line_feed_data(void *feed, struct str bytes, struct err *err);
void line_feed_end(struct line_feed *f);

/* ---- the table ---- */

enum cost { COST_CHEAP, COST_NORMAL, COST_DEAR, COSTS };

struct gather;
struct source_row {
	const char *path; /* on the machine; '*' inside a component; NULL: made by make() */
	const char *dest; /* in the bundle; NULL: after the path */
	const char *why;
	const char *topic;
	enum cost cost;
	bool root;	      /* only root can read it */
	bool aside;	      /* may block: read by the child */
	bool asked;	      /* a profile's: aside but for paths that the kernel answers at once */
	bool history;
	bool commands;	      /* as in struct host_item */
	unsigned max_kb;      /* 0 = 512 */
	unsigned deadline_ms; /* 0 = 2000 */
	unsigned matches;     /* of a pattern; 0 = 64 */
	int (*make)(struct gather *g, const struct source_row *row, struct err *err);
};
extern const struct source_row source_rows[];
extern const size_t n_source_rows;

/* ---- collect.c ---- */

struct process {
	int64_t pid, ppid, uid, threads, vm_kb, rss_kb, rss_anon_kb, rss_file_kb, shmem_kb, swap_kb,
		locked_kb, pte_kb, hugetlb_kb, oom_score, oom_score_adj, fds;
	char comm[64], cgroup[512], state;
};

/* What one look at every process finds for the tables that come after it. */
enum { LARGEST = 64, CLOSELY = 32, MEMBERS_MAX = 65536, KILLERS_MAX = 64 };
struct member {
	uint32_t pid, shmem_kb; /* as much as fits */
};
struct census {
	bool taken;
	struct process largest[LARGEST]; /* by rss + swap, largest first */
	struct buf members; /* struct member of each with memory of its own: no kernel thread */
	int64_t killers[KILLERS_MAX]; /* pids of userspace OOM killers and recorders */
	size_t n_largest, n_killers;
	int64_t tasks;
};

struct gather {
	const struct host_plan *plan;
	const struct host_receiver *to;
	struct reader reader;
	const struct source_row *row;
	struct host_item item;
	int64_t started_us; /* monotonic, of the item */
	int64_t deadline_us;
	uint64_t left; /* bytes the item may still have */
	unsigned lost_before; /* readers, when the item began */
	bool live;
	struct census census;
	char source[HOST_PATH], dest[HOST_PATH];
};

bool gather_stopped(const struct gather *g);
bool gather_late(const struct gather *g); /* the item's time is over */
/* Two readers had to be given up for this item: the next ones would be, too, and there are few. */
bool gather_gives_up(const struct gather *g);
bool gather_left_out(const struct gather *g, const char *path);
/* One file of the row. dest NULL: named after the path. */
int gather_file(struct gather *g, const char *path, const char *dest,
		struct err *err) MUST_CHECK;
/* The same of a name that was found: what it turns out to be may be nothing to read, then nothing is
 * said of it. */
int gather_found(struct gather *g, const char *path, struct err *err) MUST_CHECK;
/* A made file: begin, data, end. gather_text() returns 1 when the item is full or late: end it. */
int gather_begin(struct gather *g, const char *source, const char *dest,
		 struct err *err) MUST_CHECK;
int gather_text(struct gather *g, struct str bytes, struct err *err) MUST_CHECK;
int gather_end(struct gather *g, enum host_result result, const char *reason,
	       struct err *err) MUST_CHECK;
/* Why nothing is read from a file system whose server does not answer. */
extern const char host_silent[];
/* Not there: one line, no content. */
int gather_absent(struct gather *g, const char *source, const char *dest,
		  enum host_result result, const char *reason, struct err *err) MUST_CHECK;
/* Call one() for each path that matches the pattern, sorted, at most max. Returns how many, or
 * -1 when one() failed. */
int paths_matching(const struct root *root, const char *pattern, unsigned max,
		   int (*one)(void *ctx, const char *path, struct err *err), void *ctx,
		   struct err *err) MUST_CHECK;
/* A small file's text, trimmed, cut at the room there is. False when it cannot be read. */
bool small_text(const struct root *root, const char *path, char *out, size_t room);
bool small_number(const struct root *root, const char *path, int64_t *ret);

/* ---- processes.c ---- */

/* One directory of /proc; false when the process is gone. Each depth costs files more: status;
 * cgroup, too; oom_score, oom_score_adj and the number of fds, too. */
enum process_depth { PROCESS_STATUS, PROCESS_GROUP, PROCESS_ALL };
bool process_read(const struct root *root, int64_t pid, enum process_depth depth,
		  struct process *ret);
/* A further column: a number (UNKNOWN: "-"), a text (control characters: '?'). */
void column_number(struct buf *line, int64_t value);
void column_text(struct buf *line, struct str text);
/* Why rows of a table are missing: /proc shows a user with hidepid=2 not even init; or NULL. */
const char *processes_hidden(const struct gather *g);
/* Why columns of a table are empty or rows are missing, or NULL. */
const char *table_gaps(const struct gather *g, const char *what, int64_t denied, char room[120]);
int make_largest(struct gather *g, const struct source_row *row, struct err *err);
int make_oom_killers(struct gather *g, const struct source_row *row, struct err *err);
int make_drm_clients(struct gather *g, const struct source_row *row, struct err *err);
/* The numeric names of /proc in rising order of appearance: 1 a pid, 0 the end. */
struct pid_walk {
	void *dir;
};
bool pid_walk_open(struct pid_walk *w, const struct root *root);
int pid_walk_next(struct pid_walk *w, int64_t *ret);
void pid_walk_close(struct pid_walk *w);
/* What each open file of a process leads to ("/dev/shm/x", "socket:[7]"), until one() returns
 * something else than 0: that, or 0. *denied: only root may look. */
int each_fd(const struct root *root, int64_t pid,
	    int (*one)(void *ctx, int64_t pid, const char *fd, struct str to, struct err *err),
	    void *ctx, bool *denied, struct err *err) MUST_CHECK;

/* ---- census.c ---- */
int make_processes(struct gather *g, const struct source_row *row, struct err *err);
/* Where the table of all processes was left out or not finished, they are looked at now. */
const struct census *take_census(struct gather *g);
void census_free(struct census *c);
/* A list of the largest, by rss + swap, gets one more if it is one of them. */
void keep_largest(struct process list[LARGEST], size_t *n, const struct process *p);

/* What a collection found, in place of what a tree's own tables said. facts_more.c */
void facts_set_processes(struct host_facts *f, const struct process *largest, size_t n,
			 int64_t tasks);
void facts_set_tmpfs(struct host_facts *f, int64_t used_kb);
/* One holder more, copied; those beyond HOST_HOLDERS are dropped. */
void facts_add_holder(struct host_facts *f, const struct holder_fact *one);

/* ---- mappings.c ---- */

/* Files that take the address space's lock, which an OOM victim may hold for long: at arm's length,
 * each for `us`, and none any more once some have had to be given up. */
enum { LOOK_US = 300000, SLOW_LOOK_US = 1500000 };
struct looking {
	struct gather *g;
	int64_t until_us; /* what is found must still be written down */
};
struct looking looking(struct gather *g);
bool looking_late(const struct looking *l);
enum host_result look(const struct looking *l, int64_t pid, const char *file, int64_t us,
		      struct line_feed *lines);
/* A tree may say anything: what does not fit is as much as fits. */
void add_product(int64_t *sum, uint64_t a, uint64_t b);
int make_shmem_holders(struct gather *g, const struct source_row *row, struct err *err);

/* ---- numa.c ---- */
int make_numa(struct gather *g, const struct source_row *row, struct err *err);

/* ---- cgroups.c ---- */
int make_cgroup_event(struct gather *g, const struct source_row *row, struct err *err);
int make_cgroup_siblings(struct gather *g, const struct source_row *row, struct err *err);
int make_cgroup_tree(struct gather *g, const struct source_row *row, struct err *err);
/* "/sys/fs/cgroup" or "/sys/fs/cgroup/memory"; NULL when there is none. */
const char *cgroup_base(const struct root *root, bool *ret_v2);

/* ---- makers.c ---- */
int make_tmpfs(struct gather *g, const struct source_row *row, struct err *err);
int make_config(struct gather *g, const struct source_row *row, struct err *err);
int make_shrinkers(struct gather *g, const struct source_row *row, struct err *err);
int make_dmabuf(struct gather *g, const struct source_row *row, struct err *err);
int make_page_owner(struct gather *g, const struct source_row *row, struct err *err);
int make_history(struct gather *g, const struct source_row *row, struct err *err);
int make_program(struct gather *g, const struct source_row *row, struct err *err);
int make_killers_log(struct gather *g, const struct source_row *row, struct err *err);
/* One tmpfs or ramfs of the mount table after the other: 1, 0 at the end. */
struct mount_line {
	char where[HOST_PATH], type[32];
	struct str options;
};
bool take_mount(struct str *mounts, struct mount_line *ret);

#endif
