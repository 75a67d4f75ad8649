/* SPDX-License-Identifier: MIT */
/* find_x86.c - the search for fingerprints, newlines counted meanwhile, with AVX2 and AVX-512 VBMI.
 *
 * What nothing passes of is looked at in a loop without a call, where the tables stay in registers
 * (measured: half of the search's time); the step it ends at is looked at again.
 */
#include "parse/find_simd.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET_AVX2 __attribute__((target("avx2,popcnt"), noinline))
#define TARGET_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi,avx2,popcnt"), noinline))
#define INLINE_AVX2 __attribute__((target("avx2,popcnt"))) static inline
#define INLINE_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi,avx2,popcnt"))) static inline

enum { WIDE = 64, HALF = 32 };

/* A vector unit: how many places it looks at in a step. */
struct unit {
	size_t step;
	/* The first step from i on, but before `last`, in which a fingerprint passes, else any that is
	 * not before it. */
	size_t (*pass)(const struct fingerprints *f, const uint8_t *p, size_t i, size_t last,
		       size_t *newlines);
	/* Hands on the places of that step. Returns the new end. */
	size_t (*hand_on)(const struct fingerprints *f, const uint8_t *p, size_t i, size_t end,
			  struct candidate_sink *sink, size_t *newlines);
};

/* The last places of a window, where a whole step does not fit: a copy with zeroes behind. */
static size_t search_tail(const struct unit *u, const struct fingerprints *f, const uint8_t *p,
			  size_t n, size_t from, size_t end, struct candidate_sink *sink);

static size_t search_by(const struct unit *u, const struct fingerprints *f, const uint8_t *p,
			size_t n, size_t from, struct candidate_sink *sink)
{
	size_t reads = u->step + FINGERPRINT - 1, last = n < reads ? 0 : n - reads + 1;
	size_t end = n < FINGERPRINT ? 0 : n - FINGERPRINT + 1, i = from, newlines = 0;

	while (i < last && i < end) {
		i = u->pass(f, p, i, last < end ? last : end, &newlines);
		if (i < last && i < end) {
			end = u->hand_on(f, p, i, end, sink, &newlines);
			i += u->step;
		}
	}
	return newlines + search_tail(u, f, p, n, i, end, sink);
}

/* Hands on every place of a vector whose byte in r is not zero. Returns the new end. */
static size_t give(const uint8_t *r, uint64_t mask, size_t at, size_t end,
		   struct candidate_sink *sink)
{
	while (mask) {
		unsigned i = (unsigned)__builtin_ctzll(mask);
		size_t until;

		if (at + i >= end)
			break;
		until = sink->take(sink, at + i, r[i]);
		if (until < end)
			end = until;
		mask &= mask - 1;
	}
	return end;
}

/* ---- AVX2: 32 places at once ---- */

struct tables256 {
	__m256i low[FINGERPRINT], high[FINGERPRINT];
};

INLINE_AVX2 struct tables256 tables256_of(const struct fingerprints *f)
{
	struct tables256 t;

	for (int k = 0; k < FINGERPRINT; k++) {
		t.low[k] = _mm256_broadcastsi128_si256(
			_mm_loadu_si128((const __m128i *)(const void *)f->low[k]));
		t.high[k] = _mm256_broadcastsi128_si256(
			_mm_loadu_si128((const __m128i *)(const void *)f->high[k]));
	}
	return t;
}

INLINE_AVX2 __m256i load256(const uint8_t *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

INLINE_AVX2 __m256i buckets256(const struct tables256 *t, int k, __m256i v)
{
	__m256i h = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));

	return _mm256_and_si256(_mm256_shuffle_epi8(t->low[k], v),
				_mm256_shuffle_epi8(t->high[k], h));
}

/* v: the bytes at p */
INLINE_AVX2 __m256i match256(const struct tables256 *t, __m256i v, const uint8_t *p)
{
	__m256i r = _mm256_and_si256(buckets256(t, 0, v), buckets256(t, 1, load256(p + 1)));

	return _mm256_and_si256(r, buckets256(t, 2, load256(p + 2)));
}

INLINE_AVX2 uint32_t equal256(__m256i a, __m256i b)
{
	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, b));
}

INLINE_AVX2 size_t newlines64(__m256i v, __m256i w)
{
	const __m256i nl = _mm256_set1_epi8('\n');

	return (size_t)__builtin_popcountll((uint64_t)equal256(w, nl) << HALF | equal256(v, nl));
}

TARGET_AVX2 static size_t pass_avx2(const struct fingerprints *f, const uint8_t *p, size_t i,
				    size_t last, size_t *newlines)
{
	const struct tables256 t = tables256_of(f);
	size_t count = 0;

	for (; i < last; i += 2 * HALF) {
		__m256i v = load256(p + i), w = load256(p + i + HALF);
		__m256i any = _mm256_or_si256(match256(&t, v, p + i), match256(&t, w, p + i + HALF));

		if (__builtin_expect(!_mm256_testz_si256(any, any), 0))
			break;
		count += newlines64(v, w);
	}
	*newlines += count;
	return i;
}

TARGET_AVX2 static size_t hand_on_avx2(const struct fingerprints *f, const uint8_t *p, size_t i,
				       size_t end, struct candidate_sink *sink, size_t *newlines)
{
	const struct tables256 t = tables256_of(f);
	uint8_t bytes[2 * HALF];
	uint64_t none = 0;

	for (size_t k = 0; k < 2 * HALF; k += HALF) {
		__m256i r = match256(&t, load256(p + i + k), p + i + k);

		_mm256_storeu_si256((__m256i *)(void *)(bytes + k), r);
		none |= (uint64_t)equal256(r, _mm256_setzero_si256()) << k;
	}
	*newlines += newlines64(load256(p + i), load256(p + i + HALF));
	return give(bytes, ~none, i, end, sink);
}

size_t search_avx2(const struct fingerprints *f, const uint8_t *p, size_t n, size_t from,
		   struct candidate_sink *sink)
{
	static const struct unit avx2 = {2 * HALF, pass_avx2, hand_on_avx2};

	return search_by(&avx2, f, p, n, from, sink);
}

/* ---- AVX-512 with VBMI: 64 places at once, one lookup by the whole byte ----
 *
 * vpermi2b looks up 7 bits of every byte in a table of 128: no nibbles are needed. Bytes above
 * 127 are taken for the letter 128 below; the comparison sorts that out. */

struct tables512 {
	__m512i ascii[FINGERPRINT][2];
};

INLINE_VBMI struct tables512 tables512_of(const struct fingerprints *f)
{
	struct tables512 t;

	for (int k = 0; k < FINGERPRINT; k++) {
		t.ascii[k][0] = _mm512_loadu_si512(f->ascii[k]);
		t.ascii[k][1] = _mm512_loadu_si512(f->ascii[k] + WIDE);
	}
	return t;
}

/* v: the bytes at p */
INLINE_VBMI __m512i match512(const struct tables512 *t, __m512i v, const uint8_t *p)
{
	__m512i a = _mm512_permutex2var_epi8(t->ascii[0][0], v, t->ascii[0][1]),
		b = _mm512_permutex2var_epi8(t->ascii[1][0], _mm512_loadu_si512(p + 1),
					     t->ascii[1][1]),
		c = _mm512_permutex2var_epi8(t->ascii[2][0], _mm512_loadu_si512(p + 2),
					     t->ascii[2][1]);

	return _mm512_ternarylogic_epi64(a, b, c, 0x80); /* a & b & c */
}

INLINE_VBMI size_t newlines512(__m512i v)
{
	return (size_t)__builtin_popcountll(_mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')));
}

TARGET_VBMI static size_t pass_vbmi(const struct fingerprints *f, const uint8_t *p, size_t i,
				    size_t last, size_t *newlines)
{
	const struct tables512 t = tables512_of(f);
	size_t count = 0;

	for (; i < last; i += 2 * WIDE) {
		__m512i v = _mm512_loadu_si512(p + i), w = _mm512_loadu_si512(p + i + WIDE);
		__m512i any = _mm512_or_si512(match512(&t, v, p + i), match512(&t, w, p + i + WIDE));

		if (__builtin_expect(_mm512_test_epi8_mask(any, any) != 0, 0))
			break;
		count += newlines512(v) + newlines512(w);
	}
	*newlines += count;
	return i;
}

TARGET_VBMI static size_t hand_on_vbmi(const struct fingerprints *f, const uint8_t *p, size_t i,
				       size_t end, struct candidate_sink *sink, size_t *newlines)
{
	const struct tables512 t = tables512_of(f);

	for (size_t k = i; k < i + 2 * WIDE; k += WIDE) {
		__m512i v = _mm512_loadu_si512(p + k), r = match512(&t, v, p + k);
		uint8_t bytes[WIDE];

		*newlines += newlines512(v);
		_mm512_storeu_si512(bytes, r);
		end = give(bytes, _mm512_test_epi8_mask(r, r), k, end, sink);
	}
	return end;
}

size_t search_vbmi(const struct fingerprints *f, const uint8_t *p, size_t n, size_t from,
		   struct candidate_sink *sink)
{
	static const struct unit vbmi = {2 * WIDE, pass_vbmi, hand_on_vbmi};

	return search_by(&vbmi, f, p, n, from, sink);
}

/* ---- the end of a window ---- */

struct moved_sink {
	struct candidate_sink sink;
	struct candidate_sink *real;
	size_t by, end;
};

static size_t take_moved(struct candidate_sink *sink, size_t at, uint8_t buckets)
{
	struct moved_sink *m = (struct moved_sink *)(void *)sink;
	size_t until;

	if (at + m->by >= m->end) /* among the zeroes */
		return SIZE_MAX;
	until = m->real->take(m->real, at + m->by, buckets);
	return until == SIZE_MAX ? SIZE_MAX : until > m->by ? until - m->by : 0;
}

static size_t search_tail(const struct unit *u, const struct fingerprints *f, const uint8_t *p,
			  size_t n, size_t from, size_t end, struct candidate_sink *sink)
{
	/* less than 2 * WIDE + FINGERPRINT bytes are left; with zeroes up to a multiple of the
	 * step the loop above ends exactly at the end of the copy */
	uint8_t copy[4 * WIDE + FINGERPRINT - 1] = {0};
	struct moved_sink moved = {{take_moved}, sink, from, end};
	size_t newlines = 0;

	if (from < end) {
		memcpy(copy, p + from, n - from);
		return search_by(u, f, copy, sizeof(copy), 0, &moved.sink);
	}
	for (size_t i = from; i < n && n - from < FINGERPRINT; i++)
		newlines += p[i] == '\n';
	return newlines;
}
#endif

/* ISO C wants something in every file, on every machine. */
typedef int find_x86_is_not_empty;
