/* SPDX-License-Identifier: MIT */
/* cmd_decode.c - `oomreport decode`: a gfp mask to names, or names to a mask, per kernel. */
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/emit.h"
#include "cli/cli.h"
#include "parse/parse.h"

struct options {
	const char *kernel;
	bool json;
};

static const struct option_row rows[] = {
	{"kernel", 'k', OPT_KERNEL, false, "VERSION", offsetof(struct options, kernel),
	 "read it as this kernel does (default: the running one)"},
	{"json", 0, OPT_FLAG, false, NULL, offsetof(struct options, json), "print JSON"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

/* One mask as one kernel reads it. */
struct reading {
	const struct gfp_era *era;
	struct str kernel;
	uint64_t mask;
	struct gfp_decoded d;
};

static const struct {
	struct str key;
	size_t offset;
	const char *words; /* when it is set */
} facts[] = {
	{STR_INIT("gfp_atomic"), offsetof(struct gfp_decoded, atomic),
	 "must not sleep: served from the free lists and part of the reserves, or not at all"},
	{STR_INIT("direct_reclaim"), offsetof(struct gfp_decoded, direct_reclaim),
	 "may sleep and reclaim memory itself"},
	{STR_INIT("kswapd_reclaim"), offsetof(struct gfp_decoded, kswapd_reclaim),
	 "wakes kswapd"},
	{STR_INIT("io"), offsetof(struct gfp_decoded, io), "may start I/O"},
	{STR_INIT("fs"), offsetof(struct gfp_decoded, fs), "may call into file systems"},
	{STR_INIT("nofail"), offsetof(struct gfp_decoded, nofail), "must not fail"},
	{STR_INIT("noretry"), offsetof(struct gfp_decoded, noretry),
	 "gives up early, no OOM kill"},
	{STR_INIT("retry_mayfail"), offsetof(struct gfp_decoded, retry_mayfail),
	 "tries hard, then fails without an OOM kill"},
	{STR_INIT("thisnode"), offsetof(struct gfp_decoded, thisnode), "from this NUMA node only"},
	{STR_INIT("movable"), offsetof(struct gfp_decoded, movable),
	 "movable memory: ZONE_MOVABLE and CMA can serve it"},
	{STR_INIT("highmem"), offsetof(struct gfp_decoded, highmem), "high memory will do"},
	{STR_INIT("dma"), offsetof(struct gfp_decoded, dma), "from ZONE_DMA only"},
	{STR_INIT("dma32"), offsetof(struct gfp_decoded, dma32), "from ZONE_DMA32 or below"},
	{STR_INIT("memalloc"), offsetof(struct gfp_decoded, memalloc), "may use all reserves"},
	{STR_INIT("account"), offsetof(struct gfp_decoded, account),
	 "charged to the memory cgroup"},
};

static bool fact(const struct gfp_decoded *d, size_t i)
{
	return *(const bool *)(const void *)((const char *)d + facts[i].offset);
}

static void join(struct buf *out, const struct gfp_decoded *d)
{
	for (size_t i = 0; i < d->n; i++) {
		if (i)
			buf_addc(out, '|');
		buf_add(out, d->names[i]);
	}
	if (d->unknown_bits)
		buf_addf(out, "%s0x%llx", d->n ? "|" : "", (unsigned long long)d->unknown_bits);
	if (!d->n && !d->unknown_bits)
		buf_addz(out, "(no flags)");
}

/* "4.8 - 4.9", "6.19 and newer", "RHEL 8 (4.18)". */
static void add_range(struct buf *out, const struct gfp_era *from, const struct gfp_era *until)
{
	struct str a = gfp_era_from(from), b = gfp_era_until(until);

	buf_add(out, a);
	if (!b.n && ascii_digit(a.n ? a.p[0] : ' '))
		buf_addz(out, " and newer");
	else if (b.n && !str_eq(a, b))
		buf_addf(out, " - %.*s", STR_ARG(b));
}

/* ---- which kernels read the mask otherwise ---- */

/* Calls back for each run of neighbouring eras that agree with each other but not with ours. */
struct otherwise {
	void (*say)(void *ctx, struct str range, struct str names);
	void *ctx;
};

static bool is_vendor(const struct gfp_era *era)
{
	struct str from = gfp_era_from(era);

	return from.n == 0 || !ascii_digit(from.p[0]);
}

/* The order of the names has changed over time; that is no other reading. */
static bool same(const struct gfp_decoded *a, const struct gfp_decoded *b)
{
	size_t found = 0;

	for (size_t i = 0; i < a->n; i++) {
		for (size_t j = 0; j < b->n; j++)
			found += str_eq(a->names[i], b->names[j]);
	}
	return a->n == b->n && found == a->n && a->unknown_bits == b->unknown_bits;
}

static void say_run(const struct otherwise *to, const struct gfp_era *first,
		    const struct gfp_era *last, const struct gfp_decoded *d)
{
	CLEANUP_BUF struct buf range = BUF_INIT(256), names = BUF_INIT(4096);

	add_range(&range, first, last);
	join(&names, d);
	to->say(to->ctx, buf_str(&range), buf_str(&names));
}

static void walk_otherwise(const struct reading *r, const struct otherwise *to)
{
	const struct gfp_era *first = NULL, *last = NULL, *era = NULL;
	struct gfp_decoded of_run, d;

	do {
		era = gfp_era_next(era);
		if (era)
			gfp_decode(era, r->mask, &d);
		if (first && (!era || is_vendor(era) || !same(&d, &of_run))) {
			if (!same(&of_run, &r->d))
				say_run(to, first, last, &of_run);
			first = NULL;
		}
		if (era && !first) {
			first = era;
			of_run = d;
		}
		last = era;
	} while (era);
}

static void print_otherwise(void *ctx, struct str range, struct str names)
{
	bool *said = ctx;

	if (!*said)
		printf("other kernels read it otherwise (see --kernel):\n");
	*said = true;
	printf("  %-24.*s  %.*s\n", STR_ARG(range), STR_ARG(names));
}

static void emit_otherwise(void *ctx, struct str range, struct str names)
{
	struct emit *e = ctx;

	emit_object(e, NOKEY);
	emit_str(e, STR("kernels"), range);
	emit_str(e, STR("gfp_flags"), names);
	emit_end(e);
}

/* ---- printing ---- */

enum { FACT_AT = 2, MEANING_AT = 28 };

/* The rest of a line: within a terminal's edge, whole where a program reads it. */
static void print_words(const char *text, int column)
{
	int width = cli_columns(STDOUT_FILENO);

	print_wrapped(stdout, text, column, width ? width : INT_MAX);
}

static void print_text(const struct reading *r, bool compare)
{
	CLEANUP_BUF struct buf names = BUF_INIT(4096), range = BUF_INIT(256);
	bool said = false, any = false;

	join(&names, &r->d);
	add_range(&range, r->era, r->era);
	printf("0x%llx = %.*s\n", (unsigned long long)r->mask, STR_ARG(buf_str(&names)));
	printf("kernel %.*s (as in %.*s)\n", STR_ARG(r->kernel), STR_ARG(buf_str(&range)));
	for (size_t i = 0; i < r->d.n; i++) {
		printf("  %-24.*s  ", STR_ARG(r->d.names[i]));
		print_words(gfp_meaning(r->d.names[i]).p, MEANING_AT);
	}
	if (r->d.unknown_bits)
		printf("  0x%-22llx  no flag of this kernel\n",
		       (unsigned long long)r->d.unknown_bits);
	printf("such a request:\n");
	for (size_t i = 0; i < ARRAY_COUNT(facts); i++) {
		if (!fact(&r->d, i))
			continue;
		printf("  ");
		print_words(facts[i].words, FACT_AT);
		any = true;
	}
	if (!any)
		printf("  takes what is free, or fails\n");
	if (compare)
		walk_otherwise(r, &(struct otherwise){print_otherwise, &said});
}

static void emit_hex(struct emit *e, struct str key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	emit_str(e, key, str_of(text));
}

static void emit_reading(struct emit *e, const struct reading *r)
{
	emit_object(e, NOKEY);
	emit_hex(e, STR("mask"), r->mask);
	emit_str(e, STR("kernel"), r->kernel);
	emit_array(e, STR("gfp_flags"));
	for (size_t i = 0; i < r->d.n; i++)
		emit_str(e, NOKEY, r->d.names[i]);
	emit_end(e);
	for (size_t i = 0; i < ARRAY_COUNT(facts); i++)
		emit_bool(e, facts[i].key, fact(&r->d, i));
	if (r->d.unknown_bits)
		emit_hex(e, STR("unknown_bits"), r->d.unknown_bits);
	else
		emit_null(e, STR("unknown_bits"));
	emit_array(e, STR("meaning"));
	for (size_t i = 0; i < r->d.n; i++) {
		emit_object(e, NOKEY);
		emit_str(e, STR("flag"), r->d.names[i]);
		emit_str(e, STR("meaning"), gfp_meaning(r->d.names[i]));
		emit_end(e);
	}
	emit_end(e);
	emit_array(e, STR("otherwise"));
	walk_otherwise(r, &(struct otherwise){emit_otherwise, e});
	emit_end(e);
	emit_end(e);
}

/* ---- reading ---- */

/* "0x140dca", "140dca", and as the log has it: "gfp_mask=0x140dca(GFP_...)". */
static bool take_mask(struct str text, uint64_t *ret)
{
	(void)take_lit(&text, STR("gfp_mask="));
	if (!take_hex(&text, ret))
		return false;
	return text.n == 0 || text.p[0] == '(' || text.p[0] == ',';
}

static int no_such_name(struct str bad, struct err *err)
{
	struct nearest best = {NULL, 0};

	(void)err_set(err, ERR_USAGE, "decode: '%.*s' is neither a mask nor a flag", STR_ARG(bad));
	for (size_t i = 0; gfp_name(i); i++)
		word_nearer(bad, gfp_name(i), &best);
	return best.word ? err_hint(err, "did you mean '%s'?", best.word)
			 : err_hint(err, "no kernel has a flag of this name");
}

static int unknown_name(const struct reading *r, struct str bad, struct err *err)
{
	CLEANUP_BUF struct buf range = BUF_INIT(256);
	const struct gfp_era *era = NULL, *first = NULL, *last = NULL;
	uint64_t mask;
	struct str again;

	while ((era = gfp_era_next(era)) && !is_vendor(era)) {
		if (gfp_encode(era, bad, &mask, &again)) {
			first = first ? first : era;
			last = era;
		}
	}
	if (!first)
		return no_such_name(bad, err);
	add_range(&range, first, last);
	(void)err_set(err, ERR_FORMAT, "decode: kernel %.*s has no flag '%.*s'", STR_ARG(r->kernel),
		      STR_ARG(bad));
	return err_hint(err, "kernels %.*s have: choose one with --kernel",
			STR_ARG(buf_str(&range)));
}

static int read_operand(struct reading *r, const char *operand, struct err *err)
{
	struct str text = str_trim(str_of(operand)), bad = NOKEY;

	if (!text.n)
		return err_set(err, ERR_USAGE, "decode: an empty mask");
	if (!take_mask(text, &r->mask) && ascii_digit(text.p[0])) {
		(void)err_set(err, ERR_USAGE, "decode: '%.*s' is no hexadecimal number of 64 bits",
			      STR_ARG(text));
		return err_hint(err, "a mask looks like 0x140dca");
	}
	if (!take_mask(text, &r->mask) && !gfp_encode(r->era, text, &r->mask, &bad))
		return unknown_name(r, bad.n ? bad : text, err);
	gfp_decode(r->era, r->mask, &r->d);
	return 0;
}

static int choose_kernel(struct reading *r, const char *wanted, const struct utsname *running,
			 struct err *err)
{
	r->kernel = str_of(wanted ? wanted : running->release);
	r->era = r->kernel.n ? gfp_era_for(r->kernel) : NULL;
	if (r->era)
		return 0;
	(void)err_set(err, ERR_FORMAT, "decode: '%.60s' is no kernel version", running->release);
	return err_hint(err, "give one as uname -r prints it: --kernel 6.1");
}

static int run(const void *options, int argc, char **argv, struct err *err)
{
	const struct options *o = options;
	struct utsname running = {.release = ""};
	struct reading r = {.mask = 0};
	int out = STDOUT_FILENO;
	struct emit e;

	if (argc == 0) {
		(void)err_set(err, ERR_USAGE, "decode: which mask?");
		return err_hint(err, "for example: oomreport decode 0x140dca --kernel 6.1");
	}
	(void)uname(&running);
	if (choose_kernel(&r, o->kernel, &running, err) != 0)
		return -1;
	emit_init(&e, sink_shown(&out), 2);
	if (argc > 1)
		emit_array(&e, NOKEY);
	for (int i = 0; i < argc; i++) {
		if (read_operand(&r, argv[i], err) != 0)
			return -1;
		if (o->json)
			emit_reading(&e, &r);
		else
			print_text(&r, !o->kernel);
	}
	if (o->json && emit_finish(&e, err) != 0)
		return err_wrap(err, "standard output");
	return 0;
}

const struct command cmd_decode = {
	.name = "decode",
	.operands = "MASK|NAMES...",
	.summary = "name the flags of a gfp mask, for a kernel version; or the reverse",
	.example = "oomreport decode 0x140dca --kernel 6.1\n"
		   "  oomreport decode 'GFP_KERNEL|__GFP_ZERO'",
	.options = rows,
	.options_size = sizeof(struct options),
	.run = run,
};
