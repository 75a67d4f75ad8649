/* SPDX-License-Identifier: MIT */
/* codec.h - a /proc file's text against an earlier text of the same file.
 *
 * These texts are the same words with other numbers, so a text is seen as literals and fields.
 * A field is a run of digits (at most FIELD_DIGITS; a longer run is several fields) with the
 * padding before it: blanks, or zeros after a '.' or where the run starts with one. The
 * encoding is exact: decoding gives the same bytes.
 *
 *   ENTRY_NUMBERS  ops, each a byte: high nibble g = fields skipped (14: a varint more than 14
 *                  follows, 15: end of the text), low nibble c = the change, z = zigzag(new -
 *                  old): c 0..11: z = c + 1; 12: z - 13 in one byte; 13: z - 269 in two; 14: z
 *                  as varint; 15: z as varint, then the padding as varint. Without padding
 *                  given: zero padding keeps the field's width, two or more blanks keep it too
 *                  (but one stays), one blank or none stay as they are.
 *   ENTRY_LINES    varints n << 2 | op: 0 copy n lines, followed by ENTRY_NUMBERS ops for
 *                  them; 1 skip n lines of the old text; 2 n bytes of new text follow; 3 end
 *   ENTRY_WHOLE    varint length, varint packed length (0 = not packed), bytes (lz.h)
 */
#ifndef OOMREPORT_VMLOG_CODEC_H
#define OOMREPORT_VMLOG_CODEC_H

#include "base/mem.h"
#include "vmlog/ring.h"

enum { FIELD_DIGITS = 18 };

/* What lz_pack() remembers of one text: one for each thread. */
struct lz {
	uint32_t seen[1 << 12]; /* place + 1 */
};

/* Bytes going into fixed memory: the recorder never allocates. */
struct out {
	uint8_t *p;
	size_t n, room;
	bool full; /* sticky */
	struct lz *lz; /* for text_encode_whole(); NULL = the sampling thread's own */
};

void out_byte(struct out *o, unsigned value);
void out_varint(struct out *o, uint64_t value);
void out_bytes(struct out *o, struct str s);
bool take_varint(struct str *in, uint64_t *ret);

struct field {
	size_t literal; /* bytes before the padding */
	size_t pad, digits;
	bool zeros; /* the padding is of zeros */
	uint64_t value;
};

/* The next field of *in, which is moved behind it; false (nothing moved): only literal left. */
bool take_field(struct str *in, struct field *ret);
/* The padding that a new value of a field gets when none is given. */
size_t field_pad(const struct field *old, size_t new_digits);

/* Append mode-dependent bytes for `text` against `old`; ENTRY_SAME writes nothing. The mode
 * used is returned. */
enum entry_mode text_encode(struct out *o, struct str old, struct str text);
void text_encode_whole(struct out *o, struct str text);
/* The reverse: eats the bytes from *in, appends the text to out (which must not be the owner
 * of old). False: the bytes are not valid. */
bool text_decode(enum entry_mode mode, struct str *in, struct str old, struct buf *out);

/* lz.c: LZ77 in the layout of an LZ4 block. Returns the packed size, 0 when it does not fit
 * into room. */
size_t lz_pack(struct lz *lz, struct str in, uint8_t *out, size_t room);
/* Appends exactly n bytes to out, or false. */
bool lz_unpack(struct str in, size_t n, struct buf *out);

#endif
