/* SPDX-License-Identifier: MIT */
/* sha256.c - SHA-256 in plain C, and with the x86 SHA instructions where the processor has
 * them: a bundle may carry a log of a gigabyte, and hashing it must not cost more than
 * compressing it. */
#include "base/sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static bool plain_only;

void sha256_plain(bool on)
{
	plain_only = on;
}

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void blocks_plain(uint32_t h[8], const unsigned char *p, size_t n)
{
	for (; n; n--, p += 64) {
		uint32_t w[64], s[8];

		for (size_t i = 0; i < 16; i++)
			w[i] = big_endian(p + 4 * i);
		for (size_t i = 16; i < 64; i++) {
			uint32_t a = w[i - 15], b = w[i - 2];

			w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
			       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
		}
		memcpy(s, h, sizeof(s));
		for (size_t i = 0; i < 64; i++) {
			uint32_t e = s[4], a = s[0];
			uint32_t t1 = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
				      ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
			uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
				      ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

			memmove(s + 1, s, 7 * sizeof(s[0]));
			s[4] += t1;
			s[0] = t1 + t2;
		}
		for (size_t i = 0; i < 8; i++)
			h[i] += s[i];
	}
}

#if defined(__x86_64__)
static bool has_sha(void)
{
	static int known; /* 0 not asked, 1 no, 2 yes */
	unsigned a, b, c, d;

	if (!known) {
		known = 1;
		if (__get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1) && (c & bit_SSSE3) &&
		    __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29)))
			known = 2;
	}
	return known == 2;
}

/* Four rounds of message w + constants; the next message words are made on the way. */
__attribute__((target("sha,sse4.1,ssse3"))) static void
blocks_sha(uint32_t h[8], const unsigned char *p, size_t n)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i lo = _mm_loadu_si128((const __m128i *)(const void *)&h[0]);
	__m128i hi = _mm_loadu_si128((const __m128i *)(const void *)&h[4]);
	__m128i t = _mm_shuffle_epi32(lo, 0xB1), abef, cdgh;

	hi = _mm_shuffle_epi32(hi, 0x1B);
	abef = _mm_alignr_epi8(t, hi, 8);
	cdgh = _mm_blend_epi16(hi, t, 0xF0);
	for (; n; n--, p += 64) {
		__m128i abef0 = abef, cdgh0 = cdgh, w[4];

		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(
				_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)),
				swap);
		for (int i = 0; i < 16; i++) {
			__m128i m = _mm_add_epi32(
				w[i & 3],
				_mm_loadu_si128((const __m128i *)(const void *)&k[4 * i]));

			if (i < 12) {
				__m128i next = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);

				next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3],
									   w[(i + 2) & 3], 4));
				w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
			}
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, m);
			m = _mm_shuffle_epi32(m, 0x0E);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, m);
		}
		abef = _mm_add_epi32(abef, abef0);
		cdgh = _mm_add_epi32(cdgh, cdgh0);
	}
	t = _mm_shuffle_epi32(abef, 0x1B);
	cdgh = _mm_shuffle_epi32(cdgh, 0xB1);
	_mm_storeu_si128((__m128i *)(void *)&h[0], _mm_blend_epi16(t, cdgh, 0xF0));
	_mm_storeu_si128((__m128i *)(void *)&h[4], _mm_alignr_epi8(cdgh, t, 8));
}
#endif

static void blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
#if defined(__x86_64__)
	if (!plain_only && has_sha()) {
		blocks_sha(h, p, n);
		return;
	}
#endif
	blocks_plain(h, p, n);
}

void sha256_start(struct sha256 *s)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	memcpy(s->h, start, sizeof(start));
	s->bytes = 0;
}

void sha256_add(struct sha256 *s, struct str bytes)
{
	size_t have = s->bytes % 64;

	s->bytes += bytes.n;
	if (have) {
		size_t n = 64 - have < bytes.n ? 64 - have : bytes.n;

		memcpy(s->part + have, bytes.p, n);
		bytes = str_from(bytes, n);
		if (have + n < 64)
			return;
		blocks(s->h, s->part, 1);
	}
	if (bytes.n >= 64)
		blocks(s->h, (const unsigned char *)bytes.p, bytes.n / 64);
	if (bytes.n % 64)
		memcpy(s->part, bytes.p + bytes.n / 64 * 64, bytes.n % 64);
}

void sha256_end(struct sha256 *s, unsigned char out[SHA256_SIZE])
{
	static const char pad[64] = {(char)0x80};
	uint64_t bits = s->bytes * 8;
	char size[8];

	for (int i = 0; i < 8; i++)
		size[i] = (char)(bits >> (56 - 8 * i));
	sha256_add(s, (struct str){pad, (119 - s->bytes % 64) % 64 + 1});
	sha256_add(s, (struct str){size, 8});
	for (size_t i = 0; i < SHA256_SIZE; i++)
		out[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_hex(const unsigned char sum[SHA256_SIZE], char out[SHA256_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_SIZE; i++) {
		out[2 * i] = digits[sum[i] >> 4];
		out[2 * i + 1] = digits[sum[i] & 15];
	}
	out[2 * SHA256_SIZE] = '\0';
}
