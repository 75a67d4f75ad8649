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
#define BATCH_US (SECOND / 5)

void writer_wake(struct writer *w)
{
	uint64_t one = 1;

	if (write(w->wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full, or refused: it looks every second by itself */
}

static void note_error(struct writer *w, int errnum)
{
	atomic_fetch_add(&w->errors, 1);
	atomic_store(&w->last_errno, errnum);
}

static int flush(struct writer *w)
{
	int rc = store_flush(w->store);

	if (rc != 0) {
		note_error(w, rc);
		return -1;
	}
	w->last_write_us = when_monotonic();
	w->dirty = true;
	return 0;
}

/* The times are the frame's: it may have waited here through the whole storm. */
static void note_event(struct writer *w, const struct mem_record *rec)
{
	uint8_t bytes[RING_FRAME_HEADER + 1024];
	struct ring_frame f;

	if (rec->n > sizeof(bytes))
		return;
	memring_copy(w->ring, 0, bytes, rec->n);
	if (!ring_unpack_frame((struct str){(const char *)bytes, rec->n}, w->store->last_seq, &f))
		return;
	store_event(w->store, &w->boot, f.mono_us, f.wall_us, rec->kills);
	w->last_event_us = f.mono_us;
}

/* Copy one record to the stage, writing whenever that is full. 0: nothing is left; 1: done;
 * -1: the disk said no: the same call goes on where it stopped, later. */
static int stage_record(struct writer *w)
{
	struct mem_record rec;

	if (!memring_peek(w->ring, &rec))
		return 0;
	if (rec.new_block && w->copied == 0 && w->store->last_seq != rec.block.seq) {
		if (flush(w) != 0)
			return -1;
		store_begin(w->store, &rec.block);
	}
	while (w->copied < rec.n) {
		size_t room, n = rec.n - w->copied;
		uint8_t *to = store_stage(w->store, &room);

		if (room == 0) {
			if (flush(w) != 0)
				return -1;
			to = store_stage(w->store, &room);
			if (room == 0)
				break; /* cannot be: the framer knows the block's size */
		}
		if (n > room)
			n = room;
		memring_copy(w->ring, w->copied, to, n);
		store_staged(w->store, n);
		w->copied += n;
	}
	if (rec.event)
		note_event(w, &rec);
	w->copied = 0;
	memring_drop(w->ring, &rec);
	return 1;
}

/* Every page when it is full, and what there is five times a second: a slow disk has other
 * things to do. */
static int write_out(struct writer *w, bool now)
{
	int rc;

	while ((rc = stage_record(w)) > 0) {
	}
	if (rc == 0 && store_pending(w->store) > 0 &&
	    (now || when_monotonic() - w->last_write_us >= BATCH_US))
		rc = flush(w);
	return rc;
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
		rc = write_out(w, stop);
		sync_when_due(w, stop ? INT64_MAX : when_monotonic());
		mark_when_due(w, when_monotonic());
		if (stop)
			break;
		/* between batches there is no need to be woken by every sample */
		if (rc < 0 || store_pending(w->store) > 0)
			poll(NULL, 0, (int)(BATCH_US / 1000));
		else
			poll(&p, 1, 1000);
		if (read(w->wake_fd, &n, sizeof(n)) < 0)
			n = 0;
	}
	return NULL;
}
