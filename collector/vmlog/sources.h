/* SPDX-License-Identifier: MIT */
/* sources.h - what the recorder reads: one row a file, with its class.
 *
 * Descriptors stay open and are read with pread at 0; buffers are sized once, from the first
 * read. What holds a mutex for long, allocates in the kernel or opens files is read by the
 * survey thread (survey.h) and handed over as text; the sampling thread reads the rest.
 */
#ifndef OOMREPORT_VMLOG_SOURCES_H
#define OOMREPORT_VMLOG_SOURCES_H

#include <stdatomic.h>

#include "base/file.h"
#include "vmlog/ring.h"

enum vm_class {
	VM_FAST,   /* every sample */
	VM_MEDIUM, /* every 10 s, faster under pressure */
	VM_SLOW,   /* every 60 s, and at an event */
	VM_EVENT,  /* once at an event: by the survey thread, and kept in a frame of its own */
	VM_ONCE,   /* at the start */
	VM_OFF,
};

struct source_row {
	const char *name;
	const char *path; /* NULL: made by the survey thread or the recorder itself */
	enum vm_class class;
	bool survey;	  /* the survey thread reads it, unless it is moved to VM_FAST */
	size_t room;	  /* least buffer; 0 = from the first read */
};

/* The rows that the recorder makes itself, and where they stand in the table. */
enum made_source { MADE_RECORDER, MADE_INFO, MADE_PROCESSES, MADE_SLABS, MADE_CGROUPS,
		   MADE_TMPFS, MADE_VMALLOC, MADE_ALLOCINFO, MADE_CENSUS, MADE_FILES,
		   MADE_COUNT };

/* A text of fixed room. */
struct text {
	char *p;
	size_t n;
	bool known; /* it has been read at least once */
	bool cut;   /* the source was longer than the room */
	int errnum; /* why it could not be read, or 0 */
};

struct source {
	char name[RING_NAME_MAX + 1];
	char path[512];
	enum vm_class class;
	bool survey;
	int fd;
	size_t room;
	/* sampling thread only */
	bool fresh; /* cur was read for this sample */
	struct text cur, last, key;
	/* from the survey thread: filled while ready is false, taken while it is true; of VM_EVENT
	 * it is packed already (as ENTRY_WHOLE) */
	struct text handed;
	atomic_bool ready;
	/* larger memory for a source that was cut, made by the survey thread, taken by the
	 * sampling thread; wants_room is set by that one */
	atomic_bool wants_room;
	_Atomic(char *) grown;
	size_t grown_room;
};

struct sources {
	struct source v[RING_SOURCES];
	size_t n;
	size_t made[MADE_COUNT]; /* index of the made ones */
	const struct root *root;
};

/* "meminfo=fast": move a source to another class. False: no such source or class. */
struct class_change {
	const char *name;
	size_t name_n;
	enum vm_class class;
};
bool class_change_parse(const char *text, struct class_change *ret);

/* Fill the table and open what there is. cgroups: paths below the cgroup mount. */
int sources_open(struct sources *s, const struct root *root, const struct class_change *changes,
		 size_t n_changes, const char *const *cgroups, size_t n_cgroups,
		 struct err *err) MUST_CHECK;
/* Read each once to size the buffers; all memory there will ever be. */
int sources_allocate(struct sources *s, struct err *err) MUST_CHECK;
/* pread at 0 until the end or the room is used up. */
void source_read(const struct source *s, struct text *into, size_t room);
/* Survey thread: twice the room for a source that asks for it, while memory is plentiful. */
void source_grow(struct source *s);
/* Sampling thread: move into it. Nothing is freed: what is locked stays (rare, and bounded by
 * RING_TEXT_MAX). */
void source_move(struct source *s);
/* Replace the text, cut at the room. */
void text_set(struct text *t, size_t room, struct str content);

/* Anonymous, touched memory, aligned to a page; NULL when there is none. */
void *pages_take(size_t n);
void pages_drop(void *p, size_t n); /* p may be NULL */

#endif
