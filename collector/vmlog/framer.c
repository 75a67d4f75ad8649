/* SPDX-License-Identifier: MIT */
/* framer.c - entries into payloads, payloads into frames, frames into blocks. */
#include "vmlog/framer.h"

#include <errno.h>

#include "vmlog/codec.h"

static struct str text_str(const struct text *t)
{
	return (struct str){t->p, t->n};
}

static void out_name(struct out *o, const struct source *s)
{
	struct str name = str_of(s->name);

	out_varint(o, name.n);
	out_bytes(o, name);
}

/* What this source is to the reader after the sample. */
static const struct text *newest(const struct source *s)
{
	return s->fresh || !s->last.known ? &s->cur : &s->last;
}

static void out_text(struct out *o, const struct source *s, enum frame_kind kind, size_t mode_at)
{
	const struct text *old = kind == FRAME_DELTA ? &s->last : &s->key;
	const struct text *new = newest(s);
	enum entry_mode mode = ENTRY_WHOLE;
	unsigned flags = (s->fresh ? 0 : ENTRY_CARRIED) | (new->cut ? ENTRY_CUT : 0);

	if (kind == FRAME_KEY || !old->known) {
		flags |= ENTRY_NAMED;
		out_name(o, s);
	}
	if (new->errnum) {
		mode = ENTRY_ERROR;
		out_varint(o, (unsigned)new->errnum);
	} else if (flags & ENTRY_NAMED) {
		text_encode_whole(o, text_str(new));
	} else {
		mode = text_encode(o, text_str(old), text_str(new));
	}
	if (mode_at < o->n)
		o->p[mode_at] = (uint8_t)(flags | (unsigned)mode);
}

/* In a key frame an entry that does not fit becomes an error entry: the rest of the sample is
 * kept. Other frames then give way to a key frame in a new block. */
static void out_entry(struct out *o, const struct source *s, size_t id, enum frame_kind kind)
{
	struct out start = *o;

	out_varint(o, id);
	out_byte(o, 0);
	out_text(o, s, kind, o->n - 1);
	if (!o->full || kind != FRAME_KEY)
		return;
	*o = start;
	out_varint(o, id);
	out_byte(o, (unsigned)ENTRY_NAMED | ENTRY_ERROR | ENTRY_CARRIED);
	out_name(o, s);
	out_varint(o, EFBIG);
}

static bool wanted(const struct source *s, enum frame_kind kind)
{
	if (s->class == VM_OFF)
		return false;
	if (s->class == VM_EVENT) /* a frame of its own; here only that it is missing */
		return kind != FRAME_DELTA && s->cur.errnum;
	if (kind == FRAME_DELTA)
		return s->fresh;
	return s->fresh || s->last.known || s->cur.errnum;
}

/* What the smallest form of an entry takes: id, mode, name, errno. */
static size_t reserve_for(const struct source *s)
{
	return strlen(s->name) + 12;
}

static size_t make(struct framer *f, const struct sources *s, enum frame_kind kind,
		   size_t room, int64_t late_us)
{
	struct out o = {f->frame, RING_FRAME_HEADER, RING_FRAME_HEADER, false, NULL};
	size_t entries = 0, reserve = 0;

	if (room <= RING_FRAME_HEADER)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		if (!wanted(&s->v[i], kind))
			continue;
		entries++;
		reserve += reserve_for(&s->v[i]);
	}
	o.room = room;
	out_varint(&o, (uint64_t)late_us);
	out_varint(&o, entries);
	for (size_t i = 0; i < s->n; i++) {
		if (!wanted(&s->v[i], kind))
			continue;
		if (kind == FRAME_KEY) {
			reserve -= reserve_for(&s->v[i]);
			o.room = room > reserve ? room - reserve : 0;
			if (o.room < o.n)
				o.room = o.n;
		}
		out_entry(&o, &s->v[i], i, kind);
	}
	return o.full ? 0 : o.n;
}

static struct framed finish(struct framer *f, enum frame_kind kind, size_t n, int64_t mono_us,
			    int64_t wall_us)
{
	struct ring_frame frame = {
		.length = (uint32_t)(n - RING_FRAME_HEADER),
		.kind = kind,
		.seq = f->seq,
		.mono_us = mono_us,
		.wall_us = wall_us,
	};
	struct framed ret = {.bytes = {(const char *)f->frame, n},
			     .new_block = kind == FRAME_KEY,
			     .event = kind == FRAME_EVENT};

	for (int i = 4; i-- > 0;)
		frame.boot_tag = frame.boot_tag << 8 | f->boot.id[i];
	if (ret.new_block)
		ret.block = (struct ring_block){f->block_seq + f->any, f->boot, mono_us, wall_us};
	ring_pack_frame(&frame, ret.new_block ? ret.block.seq : f->block_seq, f->frame);
	return ret;
}

struct framed framer_sample(struct framer *f, struct sources *s, int64_t mono_us,
			    int64_t wall_us, int64_t late_us)
{
	enum frame_kind kind = f->since_anchor + 1 >= RING_ANCHOR_EVERY ? FRAME_ANCHOR : FRAME_DELTA;
	size_t n = 0;

	f->seq++;
	if (f->any && f->used)
		n = make(f, s, kind, f->block_size - f->used, late_us);
	if (n == 0) {
		kind = FRAME_KEY;
		n = make(f, s, kind, f->block_size - RING_BLOCK_HEADER, late_us);
	}
	if (n == 0)
		return (struct framed){.bytes = {NULL, 0}};
	return finish(f, kind, n, mono_us, wall_us);
}

static void copy_text(struct text *to, const struct text *from)
{
	to->n = from->n;
	to->known = from->known && from->errnum == 0;
	to->errnum = from->errnum;
	to->cut = from->cut;
	if (to->n)
		memcpy(to->p, from->p, from->n);
}

void framer_commit(struct framer *f, struct sources *s, const struct framed *done)
{
	bool anchor = done->bytes.n && f->frame[7] == FRAME_ANCHOR;

	if (done->new_block) {
		f->block_seq = done->block.seq;
		f->any = true;
		f->used = RING_BLOCK_HEADER;
	}
	f->used += done->bytes.n;
	f->since_anchor = done->new_block || anchor ? 0 : f->since_anchor + 1;
	for (size_t i = 0; i < s->n; i++) {
		struct source *at = &s->v[i];

		if (!at->cur.p || at->class == VM_OFF)
			continue;
		if (at->fresh)
			copy_text(&at->last, &at->cur);
		if (done->new_block)
			copy_text(&at->key, &at->last);
	}
}

struct framed framer_event(struct framer *f, struct str line, int64_t mono_us, int64_t wall_us)
{
	struct framed ret = {.bytes = {NULL, 0}};

	line = str_sub(line, 0, 512);
	if (!f->any || f->used + RING_FRAME_HEADER + line.n > f->block_size)
		return ret;
	memcpy(f->frame + RING_FRAME_HEADER, line.p, line.n);
	ret = finish(f, FRAME_EVENT, RING_FRAME_HEADER + line.n, mono_us, wall_us);
	f->used += ret.bytes.n;
	return ret;
}

struct framed framer_file(struct framer *f, const struct source *s, int64_t mono_us,
			  int64_t wall_us, bool *fits)
{
	struct framed ret = {.bytes = {NULL, 0}};
	struct out o = {f->frame, RING_FRAME_HEADER, f->any ? f->block_size - f->used : 0,
			false, NULL};

	*fits = true;
	if (o.room > RING_FRAME_HEADER) {
		out_name(&o, s);
		out_byte(&o, (unsigned)ENTRY_WHOLE | (s->handed.cut ? ENTRY_CUT : 0));
		out_bytes(&o, text_str(&s->handed));
	}
	if (o.room <= RING_FRAME_HEADER || o.full) {
		*fits = f->used > f->block_size / 2;
		f->used = f->block_size; /* the next sample begins a block */
		return ret;
	}
	ret = finish(f, FRAME_FILE, o.n, mono_us, wall_us);
	f->used += ret.bytes.n;
	return ret;
}
