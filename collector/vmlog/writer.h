/* SPDX-License-Identifier: MIT */
/* writer.h - the thread between the memory ring and the ring file; it may wait for the disk. */
#ifndef OOMREPORT_VMLOG_WRITER_H
#define OOMREPORT_VMLOG_WRITER_H

#include "vmlog/memring.h"
#include "vmlog/store.h"

struct writer {
	struct memring *ring;
	struct store *store;
	int wake_fd;	   /* eventfd */
	int64_t sync_us;   /* fdatasync this often, every second around an OOM */
	int64_t settle_us; /* quiet time after the last kill until the marker is left */
	int64_t marker_gap_us; /* between two markers; grows with their number */
	struct ring_boot boot;
	atomic_bool stop;
	atomic_uint errors; /* failed writes, repeated until they succeed */
	atomic_int last_errno;
	/* the thread's own */
	int64_t last_write_us, last_sync_us, last_event_us, last_marker_us;
	unsigned markers;
	bool dirty;
	size_t copied; /* bytes of the oldest record that are staged */
};

/* Wakes the thread. */
void writer_wake(struct writer *w);
void *writer_thread(void *writer);

#endif
