/* SPDX-License-Identifier: MIT */
/* test_sha256.c - the vectors of FIPS 180-4 and RFC 6234, whole and in pieces, both ways of
 * computing. */
#include "base/sha256.h"
#include "harness.h"

static const struct {
	const char *text;
	unsigned repeat;
	const char *sum;
} rows[] = {
	{"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	{"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{"0123456701234567012345670123456701234567012345670123456701234567", 10,
	 "594847328451bdfa85056225462cc1d867d877fb388df0ce35f25ab5562bfbb5"},
};

static void one(size_t i)
{
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX];
	struct sha256 s;

	sha256_start(&s);
	for (unsigned r = 0; r < rows[i].repeat; r++)
		sha256_add(&s, str_of(rows[i].text));
	sha256_end(&s, sum);
	sha256_hex(sum, hex);
	check_str(str_of(hex), str_of(rows[i].sum));
}

/* Every cut of a text gives the same sum as the whole. */
static void pieces(void)
{
	char text[300], whole[SHA256_HEX], hex[SHA256_HEX];
	unsigned char sum[SHA256_SIZE];
	struct sha256 s;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		sha256_start(&s);
		sha256_add(&s, (struct str){text, cut});
		sha256_add(&s, (struct str){text + cut, sizeof(text) - cut});
		sha256_end(&s, sum);
		sha256_hex(sum, cut ? hex : whole);
		if (cut)
			check_str(str_of(hex), str_of(whole));
	}
}

int main(void)
{
	for (int plain = 0; plain < 2; plain++) {
		sha256_plain(plain);
		for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
			one(i);
		pieces();
	}
	return tests_done();
}
