/* SPDX-License-Identifier: MIT */
/* writer.c - frames to the file, in batches; the marker after a storm. */
#include "vmlog/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/when.h"

#define SECOND INT64_C(1000000)
#define DAY (INT64_C(86400) * SECOND)

void writer_wake(struct writer *w)
{
	uint64_t one = 1;

	if (write(w->wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it will wake up */
}

static void note_error(struct writer *w, int errnum)
{
	atomic_fetch_add(&w->errors, 1);
	atomic_store(&w->last_errno, errnum);
}

/* The times are the frame's: it may have waited here through the whole storm. An event's frame
 * is smaller than a chunk. */
static void note_event(struct writer *w, size_t n, uint32_t kills)
{
	struct ring_frame f;

	if (!ring_unpack_frame((struct str){(const char *)w->chunk, n}, w->store->last_seq, &f) ||
	    f.kind != FRAME_EVENT)
		return;
	store_event(w->store, &w->boot, f.mono_us, f.wall_us, kills);
	w->last_event_us = f.mono_us;
}

static int write_frame(struct writer *w, const struct mem_record *rec)
{
	int rc = 0;

	for (size_t from = 0; rc == 0 && from < rec->n; from += WRITER_CHUNK) {
		size_t n = rec->n - from < WRITER_CHUNK ? rec->n - from : WRITER_CHUNK;

		memring_copy(w->ring, from, w->chunk, n);
		rc = store_append(w->store, (struct str){(const char *)w->chunk, n}, from,
				  from + n < rec->n);
	}
	return rc;
}

/* One record. 0: nothing is left; 1: written; -1: the disk said no, try again later. */
static int write_some(struct writer *w)
{
	struct mem_record rec;
	int rc;

	if (!memring_peek(w->ring, &rec))
		return 0;
	if (rec.new_block && w->store->last_seq != rec.block.seq) {
		rc = store_begin(w->store, &rec.block);
		if (rc != 0) {
			note_error(w, rc);
			return -1;
		}
	}
	rc = write_frame(w, &rec);
	if (rc != 0) {
		note_error(w, rc);
		return -1;
	}
	if (rec.n <= WRITER_CHUNK)
		note_event(w, rec.n, rec.kills);
	memring_drop(w->ring, &rec);
	w->dirty = true;
	return 1;
}

static void sync_when_due(struct writer *w, int64_t now)
{
	int64_t every = w->sync_us;
	int rc;

	if (w->last_event_us && now - w->last_event_us < 30 * SECOND && every > SECOND)
		every = SECOND;
	if ((!w->dirty && !w->store->header_dirty) || now - w->last_sync_us < every)
		return;
	rc = store_sync(w->store);
	if (rc != 0)
		note_error(w, rc);
	else
		w->dirty = false;
	w->last_sync_us = when_monotonic();
}

/* One marker for all OOMs since the last one; the n-th of a day waits n squared times the gap. */
static void mark_when_due(struct writer *w, int64_t now)
{
	struct ring_header *h = &w->store->header;
	char text[256], at[WHEN_TEXT];
	uint32_t kills = 0;
	struct ring_event *last = NULL;
	int64_t gap = w->marker_gap_us * (int64_t)w->markers * (int64_t)w->markers;

	if (w->last_event_us && now - w->last_event_us < w->settle_us)
		return;
	for (uint32_t i = 0; i < h->n_events; i++) {
		if (h->events[i].flags & RING_EVENT_MARKED)
			continue;
		last = &h->events[i];
		kills += last->kills;
	}
	if (!last)
		return;
	if (now - w->last_marker_us > DAY)
		w->markers = 0;
	else if (now - w->last_marker_us < gap)
		return;
	snprintf(text, sizeof(text), "oom at %s kills %u until @%lld\n",
		 when_utc(last->wall_us, at), kills, (long long)(last->last_wall_us / SECOND));
	if (store_note(w->store, RING_MARKER_NAME, str_of(text)) != 0)
		return;
	for (uint32_t i = 0; i < h->n_events; i++)
		h->events[i].flags |= RING_EVENT_MARKED;
	w->store->header_dirty = true;
	w->last_marker_us = now;
	w->markers++;
}

void *writer_thread(void *writer)
{
	struct writer *w = writer;
	bool stop = false;

	while (!stop) {
		struct pollfd p = {.fd = w->wake_fd, .events = POLLIN};
		uint64_t n;
		int rc;

		/* asked before the ring is emptied: what was put before the stop is written */
		stop = atomic_load(&w->stop);
		while ((rc = write_some(w)) > 0)
			sync_when_due(w, when_monotonic());
		if (rc < 0 && !stop)
			poll(NULL, 0, 200);
		sync_when_due(w, stop ? INT64_MAX : when_monotonic());
		mark_when_due(w, when_monotonic());
		if (stop)
			break;
		if (rc == 0)
			poll(&p, 1, 1000);
		if (read(w->wake_fd, &n, sizeof(n)) < 0)
			n = 0;
	}
	return NULL;
}
