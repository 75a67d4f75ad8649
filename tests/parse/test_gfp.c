/* SPDX-License-Identifier: MIT */
/* test_gfp.c - masks to names and back, for every era; the printed triples where they are. */
#include "harness.h"
#include "parse/parse.h"

/* As %pGg: names joined by '|', what is left over in hex. */
static struct str join(const struct gfp_decoded *d, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += (size_t)snprintf(out + n, room - n, "%s%.*s", i ? "|" : "",
				      STR_ARG(d->names[i]));
	if (d->unknown_bits)
		n += (size_t)snprintf(out + n, room - n, "%s0x%" PRIx64, n ? "|" : "",
				      d->unknown_bits);
	return (struct str){out, n};
}

/* Names do not say whether KASAN uses memory tags (GFP_HIGHUSER_MOVABLE of 5.18 and later has
 * other bits above 2^24 then): there the way back may give another mask of the same names. */
static bool same_words(const struct gfp_era *era, uint64_t a, uint64_t b)
{
	struct gfp_decoded da, db;
	char ta[2048], tb[2048];

	gfp_decode(era, a, &da);
	gfp_decode(era, b, &db);
	return a == b || (str_eq(join(&da, ta, sizeof(ta)), join(&db, tb, sizeof(tb))) &&
			  ((a ^ b) & ~UINT64_C(0x7000000)) == 0);
}

static const struct {
	const char *release;
	uint64_t mask;
	const char *names;
} rows[] = {
	/* seen in logs of the kernel that printed them */
	{"6.1.0-56-amd64", 0x140cca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP"},
	{"6.1.0-56-amd64", 0x140dca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO"},
	{"6.12.57+deb13-amd64", 0xcc0, "GFP_KERNEL"},
	{"4.9.24-coreos", 0x24201ca, "GFP_HIGHUSER_MOVABLE|__GFP_COLD"},
	{"4.15.0-108-generic", 0x15000c0, "GFP_KERNEL_ACCOUNT"},
	{"4.18.0-147.3.1.el8_1.x86_64", 0x6200ca, "GFP_HIGHUSER_MOVABLE"},
	{"5.4.0-29-generic", 0x100cca, "GFP_HIGHUSER_MOVABLE"},
	{"5.15.0-84-generic", 0x1100cca, "GFP_HIGHUSER_MOVABLE"},
	{"5.7.0-rc4", 0x0, ""},
	/* by the tables of the kernels */
	{"2.4.27", 0x1f0, "GFP_KERNEL"},
	{"2.4.27", 0x1d2, "GFP_HIGHUSER"},
	{"2.6.9-89.EL", 0xd2, "GFP_HIGHUSER"},
	{"2.6.18-274.el5", 0x201d2, "GFP_HIGHUSER|__GFP_COLD"},
	{"2.6.32-642.6.2.el6.x86_64", 0x201da, "GFP_HIGHUSER_MOVABLE|__GFP_COLD"},
	{"2.6.32-642.6.2.el6.x86_64", 0x20, "GFP_ATOMIC"},
	{"3.10.0-1160.el7.x86_64", 0x1000d0, "GFP_KERNEL_ACCOUNT"},
	{"3.10.0-957.10.1.el7.x86_64", 0x1000d0, "GFP_KERNEL|__GFP_KMEMCG"},
	{"3.10.0-957.10.1.el7.x86_64", 0x4020, "GFP_ATOMIC|__GFP_COMP"},
	{"3.2.0-4-amd64", 0x280da, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO"},
	{"4.4.121-92.92-default", 0x24201ca, "GFP_HIGHUSER_MOVABLE|__GFP_COLD"},
	{"5.14.0-70.13.1.el9_0.x86_64", 0x1100cca, "GFP_HIGHUSER_MOVABLE"},
	{"5.14.0-427.13.1.el9_4.x86_64", 0x140cca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP"},
	{"5.14.0-427.13.1.el9_4.x86_64", 0x40820, "GFP_ATOMIC|__GFP_COMP"},
	{"6.2.0", 0xa20, "GFP_ATOMIC"},
	{"6.3.0", 0xa20, "GFP_ATOMIC|0x200"},
	{"6.3.0", 0x820, "GFP_ATOMIC"},
	{"6.8.0", 0x2800, "GFP_NOWAIT"},
	{"6.7.0", 0x2800, "GFP_NOWAIT|__GFP_NOWARN"},
	{"6.14.0", 0x140dca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO"},
	{"6.15.0", 0x140dca, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP"},
	{"6.17.3-arch2-1-lily", 0xcc1, "GFP_KERNEL|GFP_DMA"},
	{"6.12.0", 0x1000cc0, "GFP_KERNEL|0x1000000"},
	{"6.16.0", 0x1000cc0, "GFP_KERNEL|__GFP_NO_OBJ_EXT"},
	{"6.6.30-android15-8", 0x2140cca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP"},
	{"6.1.43-android14-11", 0x6100cca, "GFP_HIGHUSER_MOVABLE"},
	{"6.1.43-android14-11", 0xe140cca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_CMA"},
	{"5.10.168-gki-gade08d90ed8c", 0x1100cca, "GFP_HIGHUSER_MOVABLE"},
	{"5.10.168-gki-gade08d90ed8c", 0x40dc0, "GFP_KERNEL|__GFP_COMP|__GFP_ZERO"},
	{"7.1.0", 0x100000000cc0, "GFP_KERNEL|0x100000000000"},
};

static void test_rows(void)
{
	struct gfp_decoded d;
	char text[2048];

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct gfp_era *era = gfp_era_for(str_of(rows[i].release));
		uint64_t back = 1;
		struct str bad;

		check(era != NULL);
		if (!era)
			continue;
		gfp_decode(era, rows[i].mask, &d);
		check_str(join(&d, text, sizeof(text)), str_of(rows[i].names));
		if (!rows[i].mask)
			continue;
		/* RHEL 9 has no single table to go back by */
		if (str_find(str_of(rows[i].release), STR(".el9")) != SIZE_MAX)
			continue;
		check(gfp_encode(era, str_of(rows[i].names), &back, &bad));
		check(same_words(era, back, rows[i].mask));
	}
}

/* Single bits, pairs of bits and heaps of bits, there and back, in all eras. */
static void test_round_trip(void)
{
	int eras = 0;
	uint64_t seed = 88172645463325252u;
	char text[2048];

	for (const struct gfp_era *e = gfp_era_next(NULL); e; e = gfp_era_next(e)) {
		int wrong = 0;

		eras++;
		check(gfp_era_from(e).n > 0);
		for (int i = 0; i < 40 * 40 + 100; i += i < 40 * 40 ? 7 : 1) {
			uint64_t mask, back = 0;
			struct gfp_decoded d;
			struct str bad;

			if (i < 40 * 40) {
				mask = UINT64_C(1) << (i / 40) | UINT64_C(1) << (i % 40);
			} else {
				seed ^= seed << 13;
				seed ^= seed >> 7;
				seed ^= seed << 17;
				mask = seed & 0xfffffffff;
			}
			gfp_decode(e, mask, &d);
			if (str_starts(gfp_era_from(e), STR("RHEL 9")))
				continue;
			if (!gfp_encode(e, join(&d, text, sizeof(text)), &back, &bad) ||
			    !same_words(e, back, mask)) {
				if (!wrong++)
					fprintf(stderr, "%.*s: 0x%" PRIx64 " -> %s -> 0x%" PRIx64
						"\n", STR_ARG(gfp_era_from(e)), mask, text, back);
			}
			for (size_t k = 0; k < d.n; k++)
				if (gfp_meaning(d.names[k]).n == 0)
					check_str(d.names[k], STR("a name with a meaning"));
		}
		check_int(wrong, 0);
	}
	check(eras >= 54);
}

/* A log without a release: what has no names is of before 4.6, and names tell their table. */
static void test_no_release(void)
{
	static const struct {
		uint64_t mask;
		struct str printed;
		const char *names;
	} t[] = {
		{0xd0, {0}, "GFP_KERNEL"},
		{0x201d2, {0}, "GFP_HIGHUSER|__GFP_COLD"},
		{0x24000c0, {0}, "GFP_KERNEL"},
		{0xcc0, STR_INIT("GFP_KERNEL"), "GFP_KERNEL"},
		{0x24200ca, STR_INIT("GFP_HIGHUSER_MOVABLE"), "GFP_HIGHUSER_MOVABLE"},
		{0x14200ca, STR_INIT("GFP_HIGHUSER_MOVABLE"), "GFP_HIGHUSER_MOVABLE"},
		{0xcc0, STR_INIT("GFP_OF_ANOTHER_WORLD"), "GFP_KERNEL"},
	};
	struct gfp_decoded d;
	char text[2048];

	for (size_t i = 0; i < ARRAY_COUNT(t); i++) {
		gfp_decode(gfp_era_of_mask(STR(""), t[i].mask, t[i].printed), t[i].mask, &d);
		check_str(join(&d, text, sizeof(text)), str_of(t[i].names));
		check(d.direct_reclaim && !d.atomic);
	}
	gfp_decode(gfp_era_of_mask(STR("6.1"), 0xcc0, (struct str){0}), 0xcc0, &d); /* the release decides */
	check_str(join(&d, text, sizeof(text)), STR("GFP_KERNEL"));
}

static void test_facts(void)
{
	struct gfp_decoded d;
	struct str bad = STR("");
	uint64_t mask = 5;

	gfp_decode(gfp_era_for(STR("6.1")), 0xa20, &d);
	check(d.atomic && d.high && !d.direct_reclaim && d.kswapd_reclaim && !d.guessed);
	gfp_decode(gfp_era_for(STR("6.12")), 0x40820, &d);
	check(d.atomic);
	gfp_decode(gfp_era_for(STR("6.1")), 0xcc0, &d);
	check(!d.atomic && d.io && d.fs && d.direct_reclaim && !d.movable && !d.highmem);
	gfp_decode(gfp_era_for(STR("6.1")), 0x140dca, &d);
	check(d.movable && d.highmem && d.hardwall && !d.atomic);
	gfp_decode(gfp_era_for(STR("6.1")), 0, &d);
	check(!d.atomic && d.n == 0 && d.unknown_bits == 0);
	gfp_decode(gfp_era_for(STR("2.6.32")), 0x20, &d);
	check(d.atomic && d.kswapd_reclaim);
	gfp_decode(gfp_era_for(STR("2.6.32")), 0xd0, &d);
	check(!d.atomic && d.direct_reclaim);
	gfp_decode(gfp_era_for(STR("2.4.20")), 0x1f0, &d); /* __GFP_HIGH is in GFP_KERNEL */
	check(!d.atomic && d.high);
	gfp_decode(gfp_era_for(STR("")), 0xcc0, &d);
	check(d.guessed && d.n == 1);
	gfp_decode(NULL, 0xcc0, &d);
	check(d.guessed && d.n == 1);
	gfp_decode(gfp_era_for(STR("6.1")), 0x28cc1, &d);
	check(d.nofail && d.memalloc && d.dma && !d.dma32 && !d.noretry);

	check(gfp_era_for(STR("windows")) == NULL);
	check(gfp_era_for(STR("1.2.13")) == NULL);
	check(gfp_era_for(STR("9999999.1")) == NULL);
	check_str(gfp_era_from(gfp_era_for(STR("6.2.16"))), STR("6.0"));
	check_str(gfp_era_until(gfp_era_for(STR("6.2.16"))), STR("6.2"));
	check_str(gfp_era_from(gfp_era_for(STR("5.20.1"))), STR("5.18"));
	check_str(gfp_era_until(gfp_era_for(STR("6.19"))), STR(""));

	check(!gfp_encode(gfp_era_for(STR("6.1")), STR("GFP_KERNEL|__GFP_WAIT"), &mask, &bad));
	check_str(bad, STR("__GFP_WAIT"));
	check(!gfp_encode(gfp_era_for(STR("6.1")), STR(""), &mask, &bad));
	check(!gfp_encode(gfp_era_for(STR("6.1")), STR("GFP_KERNEL|"), &mask, &bad) || mask == 0xcc0);
	check(!gfp_encode(gfp_era_for(STR("6.1")), STR("0x"), &mask, &bad));
	check(gfp_encode(gfp_era_for(STR("6.1")), STR(" GFP_KERNEL | __GFP_ZERO "), &mask, &bad));
	check_int(mask, 0xdc0);
	check(gfp_encode(gfp_era_for(STR("4.5.0-rc1-next-20160201")),
			 STR("GFP_HIGHUSER_MOVABLE|GFP_COLD"), &mask, &bad));
	check_int(mask, 0x24201ca);
	check(gfp_meaning(STR("GFP_ATOMIC")).n > 80);
	check(gfp_meaning(STR("GFP_NONSENSE")).n == 0);
}

/* "release TAB mask TAB names TAB ..." lines, as gathered from public logs. */
static int test_triples(const char *path)
{
	char line[4096], text[2048];
	FILE *f = fopen(path, "r");
	int n = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		struct str in = str_of(line), release, number, names;
		struct gfp_decoded d;
		uint64_t mask;

		if (line[0] == '#' || !take_until(&in, '\t', &release) ||
		    !take_until(&in, '\t', &number) || !take_until(&in, '\t', &names))
			continue;
		check(take_hex(&number, &mask));
		check(gfp_era_for(release) != NULL);
		gfp_decode(gfp_era_for(release), mask, &d);
		if (!str_eq(join(&d, text, sizeof(text)), names))
			fprintf(stderr, "%.*s:\n", STR_ARG(release));
		check_str(join(&d, text, sizeof(text)), names);
		n++;
	}
	fclose(f);
	check(n > 100);
	return n;
}

/* "triples": compare with the list of printed triples, where it is there. */
int main(int argc, char **argv)
{
	if (argc > 1 && str_eq(str_of(argv[1]), STR("triples"))) {
		if (!test_triples(TEST_SOURCE_DIR "/../shared/reference/gfp-triples.tsv"))
			return test_skip("no ../shared/reference/gfp-triples.tsv here");
		return tests_done();
	}
	test_rows();
	test_round_trip();
	test_no_release();
	test_facts();
	return tests_done();
}
