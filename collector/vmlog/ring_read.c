/* SPDX-License-Identifier: MIT */
/* ring_read.c - the recorder's file back to samples, with whatever is whole in it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmlog/capture.h"
#include "vmlog/codec.h"
#include "vmlog/samples.h"

enum {
	FILES_MAX = 4,
	STATE_MAX = 48 << 20,	  /* bytes of all texts together */
	RESYNC_BYTES = 64 << 20, /* checksummed at most when looking for the next frame */
};

struct known {
	struct buf name, last, key;
	bool last_known, key_known;
	int errnum;
	bool fresh, cut;
};

struct place {
	struct ring_block head;
	size_t file;
	int64_t at;
	int64_t end_wall_us; /* where the next block begins, INT64_MAX for the last */
};

struct ring_state {
	struct arena arena;
	int fds[FILES_MAX];
	size_t n_fds;
	uint32_t block_size[FILES_MAX];
	struct place *places; /* in order of time */
	size_t n_places, next_place;
	const struct place *place;
	struct buf block;
	size_t at; /* the next frame in it */
	bool chain, have_key; /* deltas, anchors can be applied */
	uint32_t last_seq;
	bool seq_known;
	struct known known[RING_SOURCES];
	struct sample_file files[RING_SOURCES];
	struct sample sample;
	struct buf scratch, aside;
};

bool ring_recognised(struct str head)
{
	struct ring_header h;

	for (size_t i = 0; i < 2; i++) {
		struct str copy = str_from(head, i * RING_HEADER_SIZE);

		if (copy.n >= RING_HEADER_SIZE && ring_unpack_header((const void *)copy.p, &h))
			return true;
	}
	return str_starts(head, STR("OOMVMLOG")) ||
	       str_starts(str_from(head, RING_HEADER_SIZE), STR("OOMVMLOG"));
}

/* ---- the index ---- */

static ssize_t read_at(int fd, void *p, size_t n, int64_t at)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(fd, (char *)p + done, n - done, at + (int64_t)done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

static bool block_head(int fd, int64_t at, struct ring_block *ret)
{
	uint8_t bytes[RING_BLOCK_HEADER];

	return read_at(fd, bytes, sizeof(bytes), at) == sizeof(bytes) &&
	       ring_unpack_block(bytes, ret);
}

/* Both copies of the header are gone: the size that finds most blocks is the right one. */
static uint32_t guess_block_size(int fd, int64_t size)
{
	uint32_t best = 0;
	size_t most = 0;

	for (uint32_t block = RING_BLOCK_MAX; block >= RING_BLOCK_MIN; block /= 2) {
		struct ring_block head;
		size_t found = 0;

		for (int64_t at = RING_BLOCKS_AT; at < size; at += block)
			found += block_head(fd, at, &head);
		if (found > most) {
			most = found;
			best = block;
		}
	}
	return best;
}

static int index_file(struct ring_state *s, size_t file, size_t *room, struct err *err)
{
	uint8_t bytes[RING_HEADER_SIZE];
	int fd = s->fds[file];
	struct ring_header *h = arena_take(&s->arena, sizeof(*h));
	uint32_t n = RING_BLOCKS_MAX, block = 0;
	struct stat st;

	if (!h)
		return err_set(err, ERR_NOMEM, "no memory for a ring file's header");
	if (fstat(fd, &st) != 0)
		return err_sys(err, errno, "ring file");
	for (int i = 0; i < 2 && block == 0; i++) {
		if (read_at(fd, bytes, sizeof(bytes), i * RING_HEADER_SIZE) == sizeof(bytes) &&
		    ring_unpack_header(bytes, h)) {
			block = h->block_size;
			n = h->n_blocks;
		}
	}
	if (block == 0)
		block = guess_block_size(fd, st.st_size);
	s->block_size[file] = block;
	for (uint32_t i = 0; block && i < n; i++) {
		int64_t at = RING_BLOCKS_AT + (int64_t)i * block;
		struct ring_block head;
		struct place *p;

		if (at >= st.st_size)
			break;
		if (!block_head(fd, at, &head))
			continue;
		p = arena_grow(&s->arena, (void **)&s->places, &s->n_places, room, sizeof(*p));
		if (!p)
			return err_set(err, ERR_NOMEM, "no memory for the index of a ring file");
		*p = (struct place){head, file, at, INT64_MAX};
	}
	return 0;
}

static int by_age(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->head.seq < y->head.seq ? -1 : x->head.seq > y->head.seq;
}

/* ---- one frame ---- */

static size_t state_size(const struct ring_state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < RING_SOURCES; i++)
		n += s->known[i].last.room + s->known[i].key.room;
	return n;
}

static bool set_buf(struct buf *b, struct str s)
{
	buf_clear(b);
	return buf_add(b, s);
}

static bool take_name(struct str *in, struct known *k)
{
	uint64_t n;

	if (!take_varint(in, &n) || n == 0 || n > RING_NAME_MAX || n > in->n ||
	    !set_buf(&k->name, str_sub(*in, 0, (size_t)n)))
		return false;
	*in = str_from(*in, (size_t)n);
	return true;
}

static bool take_entry(struct ring_state *s, struct str *in, enum frame_kind kind)
{
	uint64_t id, errnum = 0;
	unsigned flags;
	struct known *k;
	bool known;

	if (!take_varint(in, &id) || id >= RING_SOURCES || in->n == 0)
		return false;
	flags = (uint8_t)in->p[0];
	*in = str_from(*in, 1);
	k = &s->known[id];
	if ((flags & ENTRY_NAMED) && !take_name(in, k))
		return false;
	if (k->name.n == 0)
		return false;
	if ((flags & ENTRY_MODE) == ENTRY_ERROR) {
		if (!take_varint(in, &errnum) || errnum == 0 || errnum > 4095)
			return false;
		buf_clear(&k->last);
		known = false;
	} else {
		const struct buf *old = kind == FRAME_ANCHOR ? &k->key : &k->last;
		struct buf swap;

		known = kind == FRAME_ANCHOR ? k->key_known : k->last_known;
		if (!known && (flags & ENTRY_MODE) != ENTRY_WHOLE)
			return false;
		buf_clear(&s->scratch);
		if (!text_decode((enum entry_mode)(flags & ENTRY_MODE), in, buf_str(old),
				 &s->scratch))
			return false;
		swap = k->last;
		k->last = s->scratch;
		s->scratch = swap;
		known = true;
	}
	k->last_known = known;
	k->errnum = (int)errnum;
	k->fresh = !(flags & ENTRY_CARRIED);
	k->cut = (flags & ENTRY_CUT) != 0;
	if (kind == FRAME_KEY) {
		k->key_known = known;
		return set_buf(&k->key, buf_str(&k->last));
	}
	return true;
}

static void forget(struct ring_state *s)
{
	for (size_t i = 0; i < RING_SOURCES; i++) {
		struct known *k = &s->known[i];

		buf_clear(&k->name);
		k->last_known = k->key_known = false;
		k->errnum = 0;
	}
}

static bool take_sample(struct ring_state *s, struct str in, enum frame_kind kind)
{
	uint64_t late, n;

	for (size_t i = 0; i < RING_SOURCES; i++)
		s->known[i].fresh = false;
	if (kind == FRAME_KEY)
		forget(s);
	if (!take_varint(&in, &late) || late > INT64_MAX || !take_varint(&in, &n) ||
	    n > RING_SOURCES)
		return false;
	for (; n; n--) {
		if (!take_entry(s, &in, kind))
			return false;
	}
	s->sample.late_us = (int64_t)late;
	return in.n == 0 && state_size(s) <= STATE_MAX;
}

static void fill_files(struct ring_state *s)
{
	s->sample.n = 0;
	s->sample.event = (struct str){NULL, 0};
	for (size_t i = 0; i < RING_SOURCES; i++) {
		const struct known *k = &s->known[i];

		if (k->name.n == 0 || (!k->last_known && !k->errnum))
			continue;
		s->files[s->sample.n++] = (struct sample_file){
			buf_str(&k->name), buf_str(&k->last), k->errnum, k->fresh, k->cut};
	}
}

static void count_lost(struct ring_state *s, uint32_t seq, const struct ring_boot *boot)
{
	bool same = s->seq_known && memcmp(boot, &s->sample.boot, sizeof(*boot)) == 0;
	uint32_t gap = seq - s->last_seq - 1;

	/* the count begins anew with each run of the recorder */
	s->sample.lost += same && seq > s->last_seq ? gap : 0;
	s->last_seq = seq;
	s->seq_known = true;
}

/* "---- PATH" or "---- PATH (cut)". What is copied has no such lines of its own. */
static bool take_path(struct str line, const char *text, struct sample_file *ret)
{
	*ret = (struct sample_file){.fresh = true, .text = {text, 0}};
	if (!take_lit(&line, STR("---- ")) || line.n == 0 || line.n > RING_NAME_MAX + 6)
		return false;
	ret->cut = str_ends(line, STR(" (cut)"));
	ret->name = str_sub(line, 0, line.n - (ret->cut ? 6 : 0));
	return true;
}

/* The files of a batch. */
static bool take_copies(struct ring_state *s, struct str text)
{
	struct sample_file *f = NULL, next;
	struct str line;

	s->sample.n = 0;
	while (take_line(&text, &line)) {
		if (take_path(line, text.p, &next)) {
			if (s->sample.n == RING_SOURCES)
				return false;
			f = &s->files[s->sample.n++];
			*f = next;
		} else if (f) {
			f->text.n = (size_t)(text.p - f->text.p);
		} else {
			return false;
		}
	}
	return true;
}

static bool take_file(struct ring_state *s, struct str in)
{
	struct str name;
	uint64_t n;
	unsigned flags;

	if (!take_varint(&in, &n) || n == 0 || n > RING_NAME_MAX || n >= in.n)
		return false;
	name = str_sub(in, 0, (size_t)n);
	flags = (uint8_t)in.p[n];
	in = str_from(in, (size_t)n + 1);
	buf_clear(&s->aside);
	if ((flags & ENTRY_MODE) != ENTRY_WHOLE ||
	    !text_decode(ENTRY_WHOLE, &in, STR(""), &s->aside) || in.n)
		return false;
	s->files[0] = (struct sample_file){name, buf_str(&s->aside), 0, true,
					   (flags & ENTRY_CUT) != 0};
	s->sample.event = (struct str){NULL, 0};
	s->sample.n = 1;
	s->sample.late_us = 0;
	s->sample.copies = str_eq(name, STR(CAPTURE_NAME));
	return !s->sample.copies || take_copies(s, buf_str(&s->aside));
}

/* True: s->sample is filled. */
static bool apply(struct ring_state *s, const struct ring_frame *f, struct str payload)
{
	const struct ring_boot *boot = &s->place->head.boot;

	s->sample.copies = false;
	if (f->kind == FRAME_FILE) {
		if (!take_file(s, payload))
			return false;
	} else if (f->kind == FRAME_EVENT) {
		s->sample.event = payload;
		s->sample.n = 0;
		s->sample.late_us = 0;
	} else {
		if ((f->kind == FRAME_DELTA && !s->chain) ||
		    (f->kind == FRAME_ANCHOR && !s->have_key))
			return false;
		s->chain = take_sample(s, payload, f->kind);
		if (f->kind == FRAME_KEY)
			s->have_key = s->chain;
		if (!s->chain)
			return false;
		count_lost(s, f->seq, boot);
		fill_files(s);
	}
	s->sample.aside = f->kind == FRAME_FILE;
	s->sample.boot = *boot;
	s->sample.wall_us = f->wall_us;
	s->sample.mono_us = f->mono_us;
	s->sample.files = s->files;
	return true;
}

/* ---- block by block ---- */

/* From a place that is no frame to the next one, or false. The boot tag is looked for, and
 * only where it stands a checksum is made. */
static bool resync(struct ring_state *s)
{
	const uint8_t *tag = s->place->head.boot.id;
	struct str block = buf_str(&s->block);
	size_t budget = RESYNC_BYTES;
	struct ring_frame f;

	for (size_t at = s->at + 1; at + RING_FRAME_HEADER <= block.n; at++) {
		const uint8_t *p = (const uint8_t *)block.p + at;
		size_t length = (size_t)p[4] | (size_t)p[5] << 8 | (size_t)p[6] << 16;

		if (memcmp(p + 8, tag, 4) != 0 || p[7] < FRAME_KEY || p[7] > FRAME_FILE ||
		    length > block.n - at - RING_FRAME_HEADER)
			continue;
		if (length > budget)
			return false;
		budget -= length;
		if (ring_unpack_frame(str_from(block, at), s->place->head.seq, &f)) {
			s->at = at;
			return true;
		}
	}
	return false;
}

static int load_block(struct samples *v, struct ring_state *s, struct err *err)
{
	uint32_t size;
	ssize_t n;

	s->place = &s->places[s->next_place++];
	size = s->block_size[s->place->file];
	buf_clear(&s->block);
	if (!buf_reserve(&s->block, size))
		return err_set(err, ERR_NOMEM, "no memory for a block of the ring file");
	n = read_at(s->fds[s->place->file], s->block.p, size, s->place->at);
	if (n < 0) { /* a bad sector costs one block */
		v->damaged++;
		n = 0;
	}
	s->block.n = (size_t)n;
	s->at = RING_BLOCK_HEADER;
	s->chain = s->have_key = false;
	return 0;
}

static bool outside(const struct samples *v, const struct place *p)
{
	return (v->since_us != UNKNOWN && p->end_wall_us < v->since_us) ||
	       (v->until_us != UNKNOWN && p->head.wall_us > v->until_us);
}

static int ring_next(struct samples *v, const struct sample **ret, struct err *err)
{
	struct ring_state *s = v->state;

	s->sample.lost = 0;
	for (;;) {
		struct ring_frame f;
		struct str rest;

		while (!s->place || s->at >= s->block.n) {
			while (s->next_place < s->n_places && outside(v, &s->places[s->next_place]))
				s->next_place++;
			if (s->next_place == s->n_places)
				return 0;
			if (load_block(v, s, err) != 0)
				return -1;
		}
		rest = str_from(buf_str(&s->block), s->at);
		if (!ring_unpack_frame(rest, s->place->head.seq, &f)) {
			if (!resync(s)) { /* the end of what was written */
				s->at = s->block.n;
				continue;
			}
			v->damaged++;
			s->chain = false;
			continue;
		}
		s->at += RING_FRAME_HEADER + f.length;
		if (!apply(s, &f, str_sub(rest, RING_FRAME_HEADER, f.length)))
			continue;
		*ret = &s->sample;
		return 1;
	}
}

static void ring_close(struct samples *v)
{
	struct ring_state *s = v->state;

	if (!s)
		return;
	for (size_t i = 0; i < RING_SOURCES; i++) {
		buf_free(&s->known[i].name);
		buf_free(&s->known[i].last);
		buf_free(&s->known[i].key);
	}
	buf_free(&s->block);
	buf_free(&s->scratch);
	buf_free(&s->aside);
	for (size_t i = 0; i < s->n_fds; i++)
		fd_close(&s->fds[i]);
	{
		struct arena arena = s->arena; /* s lies in it */

		arena_free(&arena);
	}
	v->state = NULL;
}

static const struct samples_reader ring_reader = {"oomreport-recorder", ring_next, ring_close};

static void order_places(struct ring_state *s)
{
	if (s->n_places == 0)
		return;
	qsort(s->places, s->n_places, sizeof(*s->places), by_age);
	for (size_t i = 0; i + 1 < s->n_places; i++)
		s->places[i].end_wall_us = s->places[i + 1].head.wall_us;
}

int ring_samples_open(struct samples *ret, const int *fds, size_t n, struct err *err)
{
	struct arena arena = ARENA_INIT(16 << 20);
	struct ring_state *s = arena_take(&arena, sizeof(*s));
	size_t room = 0;

	if (!s || n > FILES_MAX) {
		arena_free(&arena);
		return err_set(err, ERR_NOMEM, "no memory for reading a ring file");
	}
	s->arena = arena;
	memcpy(s->fds, fds, n * sizeof(*fds));
	s->n_fds = n;
	s->block = (struct buf)BUF_INIT(RING_BLOCK_MAX);
	s->scratch = (struct buf)BUF_INIT(RING_TEXT_MAX);
	s->aside = (struct buf)BUF_INIT(RING_TEXT_MAX);
	for (size_t i = 0; i < RING_SOURCES; i++) {
		s->known[i].name = (struct buf)BUF_INIT(RING_NAME_MAX);
		s->known[i].last = (struct buf)BUF_INIT(RING_TEXT_MAX);
		s->known[i].key = (struct buf)BUF_INIT(RING_TEXT_MAX);
	}
	ret->reader = &ring_reader;
	ret->state = s;
	for (size_t i = 0; i < n; i++) {
		if (index_file(s, i, &room, err) != 0) {
			s->n_fds = 0; /* the caller keeps them */
			ring_close(ret);
			return -1;
		}
	}
	order_places(s);
	return 0;
}
