/* SPDX-License-Identifier: MIT */
/* find_x86.c - the search for fingerprints and the count of newlines with AVX2 and AVX-512 VBMI. */
#include "parse/find_simd.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET_AVX2 __attribute__((target("avx2,popcnt")))
#define TARGET_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi,avx2,popcnt")))

enum { WIDE = 64, HALF = 32 };

/* The end of a window, where a whole vector does not fit: a copy with zeroes behind. */
static void search_tail(candidate_search *search, const struct fingerprints *f, const uint8_t *p,
			size_t n, size_t from, struct candidate_sink *sink);

/* Hands on every place of a block whose byte in r is not zero. Returns the new end. */
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

TARGET_AVX2 static inline __m256i spread256(const uint8_t *t)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)t));
}

TARGET_AVX2 static inline __m256i load256(const uint8_t *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

TARGET_AVX2 static inline __m256i buckets256(const struct tables256 *t, int k, const uint8_t *p)
{
	__m256i v = load256(p + k);
	__m256i h = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));

	return _mm256_and_si256(_mm256_shuffle_epi8(t->low[k], v),
				_mm256_shuffle_epi8(t->high[k], h));
}

TARGET_AVX2 static inline __m256i match256(const struct tables256 *t, const uint8_t *p)
{
	return _mm256_and_si256(_mm256_and_si256(buckets256(t, 0, p), buckets256(t, 1, p)),
				buckets256(t, 2, p));
}

TARGET_AVX2 static size_t give256(__m256i r, size_t at, size_t end, struct candidate_sink *sink)
{
	uint8_t bytes[HALF];
	__m256i none = _mm256_cmpeq_epi8(r, _mm256_setzero_si256());

	_mm256_storeu_si256((__m256i *)(void *)bytes, r);
	return give(bytes, (uint32_t)~_mm256_movemask_epi8(none), at, end, sink);
}

TARGET_AVX2 void search_avx2(const struct fingerprints *f, const uint8_t *p, size_t n, size_t from,
			     struct candidate_sink *sink)
{
	struct tables256 t;
	size_t end = n < FINGERPRINT ? 0 : n - FINGERPRINT + 1, i = from;

	for (int k = 0; k < FINGERPRINT; k++) {
		t.low[k] = spread256(f->low[k]);
		t.high[k] = spread256(f->high[k]);
	}
	for (; i < end && i + 2 * HALF + FINGERPRINT - 1 <= n; i += 2 * HALF) {
		__m256i a = match256(&t, p + i), b = match256(&t, p + i + HALF);
		__m256i any = _mm256_or_si256(a, b);

		if (__builtin_expect(!_mm256_testz_si256(any, any), 0)) {
			end = give256(a, i, end, sink);
			end = give256(b, i + HALF, end, sink);
		}
	}
	if (i < end)
		search_tail(search_avx2, f, p, n, i, sink);
}

TARGET_AVX2 size_t newlines_avx2(const uint8_t *p, size_t n)
{
	enum { STEP = 4 * HALF, ROUNDS = 63 }; /* before a byte can overflow */
	const __m256i nl = _mm256_set1_epi8('\n'), zero = _mm256_setzero_si256();
	__m256i total = zero;
	uint64_t sums[4];
	size_t i = 0;

	while (i + STEP <= n) {
		__m256i bytes = zero;

		for (int k = 0; k < ROUNDS && i + STEP <= n; k++, i += STEP) {
			__m256i a = _mm256_cmpeq_epi8(load256(p + i), nl);
			__m256i b = _mm256_cmpeq_epi8(load256(p + i + HALF), nl);
			__m256i c = _mm256_cmpeq_epi8(load256(p + i + 2 * HALF), nl);
			__m256i d = _mm256_cmpeq_epi8(load256(p + i + 3 * HALF), nl);

			a = _mm256_add_epi8(_mm256_add_epi8(a, b), _mm256_add_epi8(c, d));
			bytes = _mm256_sub_epi8(bytes, a);
		}
		total = _mm256_add_epi64(total, _mm256_sad_epu8(bytes, zero));
	}
	_mm256_storeu_si256((__m256i *)(void *)sums, total);
	return (size_t)(sums[0] + sums[1] + sums[2] + sums[3]) + newlines_portable(p + i, n - i);
}

/* ---- AVX-512 with VBMI: 64 places at once, one lookup by the whole byte ----
 *
 * vpermi2b looks up 7 bits of every byte in a table of 128: no nibbles are needed. Bytes above
 * 127 are taken for the letter 128 below; the comparison sorts that out. */

struct tables512 {
	__m512i ascii[FINGERPRINT][2];
};

TARGET_VBMI static inline __m512i match512(const struct tables512 *t, const uint8_t *p)
{
	__m512i a = _mm512_loadu_si512(p), b = _mm512_loadu_si512(p + 1),
		c = _mm512_loadu_si512(p + 2);

	a = _mm512_permutex2var_epi8(t->ascii[0][0], a, t->ascii[0][1]);
	b = _mm512_permutex2var_epi8(t->ascii[1][0], b, t->ascii[1][1]);
	c = _mm512_permutex2var_epi8(t->ascii[2][0], c, t->ascii[2][1]);
	return _mm512_ternarylogic_epi64(a, b, c, 0x80); /* a & b & c */
}

TARGET_VBMI static size_t give512(__m512i r, size_t at, size_t end, struct candidate_sink *sink)
{
	uint8_t bytes[WIDE];

	_mm512_storeu_si512(bytes, r);
	return give(bytes, _mm512_test_epi8_mask(r, r), at, end, sink);
}

TARGET_VBMI void search_vbmi(const struct fingerprints *f, const uint8_t *p, size_t n, size_t from,
			     struct candidate_sink *sink)
{
	struct tables512 t;
	size_t end = n < FINGERPRINT ? 0 : n - FINGERPRINT + 1, i = from;

	for (int k = 0; k < FINGERPRINT; k++) {
		t.ascii[k][0] = _mm512_loadu_si512(f->ascii[k]);
		t.ascii[k][1] = _mm512_loadu_si512(f->ascii[k] + WIDE);
	}
	for (; i < end && i + 2 * WIDE + FINGERPRINT - 1 <= n; i += 2 * WIDE) {
		__m512i a = match512(&t, p + i), b = match512(&t, p + i + WIDE);
		__m512i any = _mm512_or_si512(a, b);

		if (__builtin_expect(_mm512_test_epi8_mask(any, any) != 0, 0)) {
			end = give512(a, i, end, sink);
			end = give512(b, i + WIDE, end, sink);
		}
	}
	if (i < end)
		search_tail(search_vbmi, f, p, n, i, sink);
}

TARGET_VBMI size_t newlines_vbmi(const uint8_t *p, size_t n)
{
	const __m512i nl = _mm512_set1_epi8('\n');
	size_t count = 0, i = 0;

	for (; i + WIDE <= n; i += WIDE)
		count += (size_t)__builtin_popcountll(
			_mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p + i), nl));
	return count + newlines_portable(p + i, n - i);
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

	if (at + m->by >= m->end)
		return 0;
	until = m->real->take(m->real, at + m->by, buckets);
	return until == SIZE_MAX ? SIZE_MAX : until > m->by ? until - m->by : 0;
}

static void search_tail(candidate_search *search, const struct fingerprints *f, const uint8_t *p,
			size_t n, size_t from, struct candidate_sink *sink)
{
	/* less than 2 * WIDE + FINGERPRINT bytes are left; with zeroes up to a multiple of the
	 * step the loop above ends exactly at the end of the copy */
	uint8_t copy[4 * WIDE + FINGERPRINT - 1] = {0};
	struct moved_sink moved = {{take_moved}, sink, from, n - FINGERPRINT + 1};

	memcpy(copy, p + from, n - from);
	search(f, copy, 2 * WIDE * 2 + FINGERPRINT - 1, 0, &moved.sink);
}
#endif

/* ISO C wants something in every file, on every machine. */
typedef int find_x86_is_not_empty;
