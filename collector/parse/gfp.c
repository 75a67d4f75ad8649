/* SPDX-License-Identifier: MIT */
/* gfp.c - gfp masks to names and back, by the table of the kernel that printed them. */
#include "parse/gfp_table.h"

/* ---- which era ---- */

/* linux-next and -mm trees of X.Y-rcN carry what becomes X.(Y+1). */
static bool is_next(struct str release)
{
	return str_find(release, STR("-next")) != SIZE_MAX ||
	       str_find(release, STR("-mm")) != SIZE_MAX;
}

static bool match_fits(const struct gfp_match *m, struct str release)
{
	struct str rest = release;
	uint64_t build = 0;

	if (!take_lit(&rest, m->start) || str_find(rest, m->word) == SIZE_MAX)
		return false;
	if (!m->build_from && !m->build_until)
		return true;
	if (!take_u64(&rest, &build) || build > INT32_MAX)
		return false;
	return (int)build >= m->build_from && (!m->build_until || (int)build < m->build_until);
}

const struct gfp_era *gfp_era_for(struct str release)
{
	struct kernel_version v;
	int number;

	release = str_trim(release);
	if (release.n == 0)
		return &gfp_guessed;
	for (int i = 0; i < gfp_n_matches; i++)
		if (match_fits(&gfp_matches[i], release))
			return &gfp_eras[gfp_matches[i].era];
	if (!kernel_version_parse(release, &v) || v.major > 1000 || v.minor > 254)
		return NULL;
	number = G_VERSION(v.major, v.minor + (is_next(release) && v.major > 2), v.patch & 255);
	/* the development series lead up to the next stable one */
	for (int i = 0; i < gfp_n_mainline; i++)
		if (number < gfp_eras[i].before || gfp_eras[i].before == G_NEVER)
			return number < gfp_eras[0].since ? NULL : &gfp_eras[i];
	return NULL;
}

/* The newest of mainline's eras in which these names are that mask. */
static const struct gfp_era *era_of_names(struct str names, uint64_t mask)
{
	for (int i = gfp_n_mainline; i-- > 0;) {
		struct str bad;
		uint64_t said;

		if (gfp_encode(&gfp_eras[i], names, &said, &bad) && said == mask)
			return &gfp_eras[i];
	}
	return &gfp_guessed;
}

const struct gfp_era *gfp_era_of_mask(struct str release, uint64_t mask, struct str names)
{
	enum { RECLAIM_4_4 = 0x2400000, BITS_4_5 = 26 };

	if (str_trim(release).n == 0 && names.n)
		return era_of_names(names, mask);
	if (str_trim(release).n || names.p || mask >> BITS_4_5)
		return gfp_era_for(release);
	return gfp_era_for(mask & RECLAIM_4_4 ? STR("4.5") : STR("2.6.32"));
}

struct str gfp_era_from(const struct gfp_era *era)
{
	return str_of(era->from);
}

struct str gfp_era_until(const struct gfp_era *era)
{
	return era->until ? str_of(era->until) : STR("");
}

const struct gfp_era *gfp_era_next(const struct gfp_era *era)
{
	if (!era)
		return gfp_eras;
	if (era == &gfp_guessed || era + 1 >= gfp_eras + gfp_n_eras)
		return NULL;
	return era + 1;
}

/* ---- one layout ---- */

struct layout {
	const struct gfp_era *era;
	bool tagged; /* with CONFIG_KASAN_HW_TAGS */
};

static enum gfp_flag flag_of_bit(struct layout l, int bit)
{
	if (bit < LOW_BITS)
		return l.era->low[bit];
	if (bit >= LOW_BITS + HIGH_BITS)
		return G_NONE;
	return (l.tagged ? l.era->tagged : l.era->high)[bit - LOW_BITS];
}

static uint64_t mask_of(struct layout l, uint64_t flags)
{
	uint64_t mask = 0;

	for (int bit = 0; bit < LOW_BITS + HIGH_BITS; bit++) {
		enum gfp_flag f = flag_of_bit(l, bit);

		if (f != G_NONE && (flags & G_BIT(f)))
			mask |= UINT64_C(1) << bit;
	}
	return mask;
}

static uint64_t flags_of(struct layout l, uint64_t mask)
{
	uint64_t flags = 0;

	for (int bit = 0; bit < LOW_BITS + HIGH_BITS; bit++)
		if (mask >> bit & 1)
			flags |= G_BIT(flag_of_bit(l, bit));
	return flags & ~G_BIT(G_NONE);
}

static const struct gfp_composite *composite(const struct gfp_era *era, struct str name)
{
	for (int i = 0; i < gfp_n_composites; i++) {
		const struct gfp_composite *c = &gfp_composites[i];

		if ((c->vendor == VENDOR_NONE || c->vendor == era->vendor) &&
		    c->since <= era->since && era->since < c->before && str_eq(c->name, name))
			return c;
	}
	return NULL;
}

static enum gfp_flag flag_named(struct str name)
{
	for (int f = 1; f < G_FLAGS; f++)
		if (str_eq(gfp_flag_names[f], name))
			return (enum gfp_flag)f;
	return G_NONE;
}

/* The bits of a name in that layout; 0 where it has none. */
static uint64_t value_of(struct layout l, struct str name)
{
	const struct gfp_composite *c = composite(l.era, name);
	enum gfp_flag f = flag_named(name);

	if (c)
		return mask_of(l, c->flags);
	if (f == G_NONE || (l.era->unnamed & G_BIT(f)))
		return 0;
	return mask_of(l, G_BIT(f));
}

/* The same kernel prints GFP_HIGHUSER_MOVABLE differently where KASAN uses memory tags
 * (arm64): a mask with all of those bits tells. */
static struct layout layout_for(const struct gfp_era *era, uint64_t mask)
{
	struct layout plain = {era, false}, tagged = {era, true};
	uint64_t movable;

	if (mask >> LOW_BITS == 0 || !era->tagged[0])
		return plain;
	movable = value_of(tagged, STR("GFP_HIGHUSER_MOVABLE"));
	if (movable != value_of(plain, STR("GFP_HIGHUSER_MOVABLE")) &&
	    movable >> LOW_BITS && (mask & movable) == movable)
		return tagged;
	return plain;
}

/* ---- decode ---- */

/* The names of a layout with their bits, in the order in which they are tried. A log speaks of
 * one kernel or of the few that a fleet runs, so the last lists are kept. */
enum { TRY_NAMES = 96, TRY_LISTS = 4 };

struct try_list {
	struct layout layout;
	size_t n;
	struct {
		struct str name;
		uint64_t value;
	} row[TRY_NAMES];
};

static void try_add(struct try_list *t, struct str name, uint64_t value)
{
	if (!value || t->n == TRY_NAMES)
		return;
	t->row[t->n].name = name;
	t->row[t->n++].value = value;
}

static void try_single_flags(struct try_list *t)
{
	for (int bit = 0; bit < LOW_BITS + HIGH_BITS; bit++) {
		enum gfp_flag f = flag_of_bit(t->layout, bit);

		if (f != G_NONE)
			try_add(t, gfp_flag_names[f], UINT64_C(1) << bit);
	}
}

static void try_as_printed(struct try_list *t)
{
	bool generated = t->layout.era->order == ORDER_6_15;

	for (int i = 0; i < gfp_n_order_4_6; i++) {
		struct str name = gfp_order_4_6[i];

		if (!generated || str_starts(name, STR("GFP_")))
			try_add(t, name, value_of(t->layout, name));
	}
	if (!generated)
		return;
	try_add(t, STR("__GFP_RECLAIM"), value_of(t->layout, STR("__GFP_RECLAIM")));
	try_single_flags(t);
}

static bool is_alias(struct str name)
{
	static const struct str aliases[] = {
		STR_INIT("GFP_DMA"), STR_INIT("GFP_DMA32"), STR_INIT("GFP_NOWAIT"),
		STR_INIT("__GFP_RECLAIM"), STR_INIT("GFP_KSWAPD"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(aliases); i++)
		if (str_eq(aliases[i], name))
			return true;
	return false;
}

/* Before another in the list of a kernel that printed no names: more bits, then by name. */
static bool goes_before(struct str a, uint64_t va, struct str b, uint64_t vb)
{
	int more = __builtin_popcountll(va) - __builtin_popcountll(vb);

	return more > 0 || (more == 0 && str_cmp(a, b) < 0);
}

static void try_largest_first(struct try_list *t)
{
	for (int i = 0; i < gfp_n_composites; i++) {
		const struct gfp_composite *c = &gfp_composites[i];
		uint64_t value;
		size_t k = t->n;

		if (is_alias(c->name) || composite(t->layout.era, c->name) != c)
			continue;
		value = mask_of(t->layout, c->flags);
		try_add(t, c->name, value);
		if (t->n == k)
			continue;
		for (; k > 0 && goes_before(c->name, value, t->row[k - 1].name,
					    t->row[k - 1].value); k--)
			t->row[k] = t->row[k - 1];
		t->row[k].name = c->name;
		t->row[k].value = value;
	}
	try_single_flags(t);
}

static const struct try_list *try_list_of(struct layout l)
{
	static struct try_list kept[TRY_LISTS];
	static size_t next;
	struct try_list *t;

	for (size_t i = 0; i < TRY_LISTS; i++) {
		if (kept[i].layout.era == l.era && kept[i].layout.tagged == l.tagged)
			return &kept[i];
	}
	t = &kept[next++ % TRY_LISTS];
	t->layout = l;
	t->n = 0;
	if (l.era->order == ORDER_UNPRINTED)
		try_largest_first(t);
	else
		try_as_printed(t);
	return t;
}

static void set_facts(struct gfp_decoded *ret, struct layout l, uint64_t mask)
{
	uint64_t f = flags_of(l, mask);
	bool split = l.era->since >= G_VERSION(4, 4, 0); /* __GFP_WAIT split in two */

#define HAS(flag) (f & G_BIT(G_##flag))
	ret->io = HAS(IO);
	ret->fs = HAS(FS);
	ret->direct_reclaim = HAS(WAIT) || HAS(DIRECT_RECLAIM);
	ret->kswapd_reclaim = split ? HAS(KSWAPD_RECLAIM) : !HAS(NO_KSWAPD);
	ret->nofail = HAS(NOFAIL);
	ret->noretry = HAS(NORETRY);
	ret->retry_mayfail = HAS(RETRY_MAYFAIL) || HAS(REPEAT);
	ret->thisnode = HAS(THISNODE);
	ret->movable = HAS(MOVABLE);
	ret->highmem = HAS(HIGHMEM);
	ret->dma = HAS(DMA);
	ret->dma32 = HAS(DMA32);
	ret->memalloc = HAS(MEMALLOC);
	ret->nomemalloc = HAS(NOMEMALLOC);
	ret->high = HAS(HIGH) || HAS(ATOMIC);
	ret->hardwall = HAS(HARDWALL);
	ret->account = HAS(ACCOUNT);
	ret->atomic = ret->high && !ret->direct_reclaim;
#undef HAS
}

static void decode_one(const struct gfp_era *era, uint64_t mask, struct gfp_decoded *ret)
{
	struct layout l = layout_for(era, mask);
	const struct try_list *t = try_list_of(l);
	uint64_t rest = mask;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < t->n && rest && ret->n < GFP_NAMES; i++) {
		if ((rest & t->row[i].value) != t->row[i].value)
			continue;
		ret->names[ret->n++] = t->row[i].name;
		rest &= ~t->row[i].value;
	}
	ret->unknown_bits = rest;
	ret->guessed = era->guessed;
	set_facts(ret, l, mask);
}

static size_t words(const struct gfp_decoded *d)
{
	return d->n + (d->unknown_bits ? 2 : 0);
}

/* RHEL 9 keeps its release number while its memory code follows later kernels: the reading
 * with the fewest words is the one that kernel printed. */
static void decode_rebased(uint64_t mask, struct gfp_decoded *ret)
{
	static const struct str likely[] = {STR_INIT("5.15"), STR_INIT("6.0"), STR_INIT("6.3")};
	struct gfp_decoded d;

	for (size_t i = 0; i < ARRAY_COUNT(likely); i++) {
		const struct gfp_era *era = gfp_era_for(likely[i]);

		decode_one(era ? era : &gfp_guessed, mask, &d);
		if (i == 0 || words(&d) < words(ret))
			*ret = d;
	}
}

void gfp_decode(const struct gfp_era *era, uint64_t mask, struct gfp_decoded *ret)
{
	if (era && era->rebased)
		decode_rebased(mask, ret);
	else
		decode_one(era ? era : &gfp_guessed, mask, ret);
}

/* ---- encode ---- */

static bool encode_word(struct layout l, struct str word, uint64_t *mask)
{
	const struct gfp_composite *c;
	enum gfp_flag f;
	uint64_t number;
	struct str rest = word;
	char spelled[48] = "__";

	if (str_starts(word, STR("0x")) && take_hex(&rest, &number) && rest.n == 0) {
		*mask |= number;
		return true;
	}
	if (str_eq(word, STR("GFP_HIGHUSER_PAGECACHE"))) /* another name, 2.6.23-2.6.28 */
		word = STR("GFP_HIGHUSER_MOVABLE");
	c = composite(l.era, word);
	if (c) {
		*mask |= mask_of(l, c->flags);
		return true;
	}
	if (str_starts(word, STR("GFP_")) && word.n < sizeof(spelled) - 2) {
		memcpy(spelled + 2, word.p, word.n); /* a linux-next of 2016: "GFP_COLD" */
		word = (struct str){spelled, word.n + 2};
	}
	f = flag_named(word);
	if (f == G_NONE || !mask_of(l, G_BIT(f)))
		return false;
	*mask |= mask_of(l, G_BIT(f));
	return true;
}

static bool encode_in(struct layout l, struct str names, uint64_t *ret, struct str *bad)
{
	uint64_t mask = 0;
	struct str word;

	while (names.n) {
		if (!take_until(&names, '|', &word)) {
			word = names;
			names.n = 0;
		}
		word = str_trim(word);
		if (!encode_word(l, word, &mask)) {
			*bad = word;
			return false;
		}
	}
	*ret = mask;
	return true;
}

bool gfp_encode(const struct gfp_era *era, struct str names, uint64_t *ret, struct str *bad)
{
	struct str first = {NULL, 0};
	uint64_t mask;

	if (!era)
		era = &gfp_guessed;
	if (str_trim(names).n == 0) {
		*bad = names;
		return false;
	}
	if (encode_in((struct layout){era, false}, names, &mask, &first) ||
	    encode_in((struct layout){era, true}, names, &mask, bad)) {
		*ret = mask;
		return true;
	}
	*bad = first;
	return false;
}
