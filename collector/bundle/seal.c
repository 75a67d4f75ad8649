/* SPDX-License-Identifier: MIT */
/* seal.c - from a heap of items to the final list: sorted, with the manifest, small enough.
 *
 * What goes first when --max-size is passed: whole files by falling rank, the largest of a
 * rank first; then the kernel log loses its end. Rank 0 is never cut.
 */
#include <stdlib.h>

#include "bundle/parts.h"

static int compare(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
	int order = str_cmp(x->path, y->path);

	if (order == 0)
		order = x->absent - y->absent;
	return order ? order : (x->spool_at > y->spool_at) - (x->spool_at < y->spool_at);
}

/* Sort; of two files with one path the first stays. MANIFEST.json of an earlier try goes. */
static void arrange(struct bundle *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (!str_eq(b->items[i]->path, STR("MANIFEST.json")))
			b->items[n++] = b->items[i];
	}
	b->n = n;
	qsort(b->items, b->n, sizeof(b->items[0]), compare);
	for (size_t i = 1; i < b->n; i++) {
		struct item *it = b->items[i];

		if (!it->absent && str_eq(it->path, b->items[i - 1]->path)) {
			it->absent = true;
			it->why = STR("a file of this name was there already");
		}
	}
}

static int to_bundle(void *ctx, struct str bytes, struct err *err)
{
	return bundle_data(ctx, bytes, err);
}

/* The manifest is a file like the others; being named with a capital, it sorts first. */
int bundle_seal(struct bundle *b, bool partial, struct err *err)
{
	struct bundle_entry entry = {.path = "MANIFEST.json", .read_at_us = UNKNOWN};

	arrange(b);
	if (bundle_begin(b, entry.path, err) != 0 ||
	    manifest_write(b, partial, (struct sink){to_bundle, b}, err) != 0 ||
	    bundle_end(b, &entry, err) != 0)
		return -1;
	qsort(b->items, b->n, sizeof(b->items[0]), compare);
	return 0;
}

/* Shorten the kernel log to the frames that fit. */
static bool shorten(struct bundle *b, struct item *it, uint64_t too_much)
{
	size_t keep = it->n_cuts;
	unsigned char sum[SHA256_SIZE];
	struct buf note = BUF_INIT(120);

	while (keep > 0 && it->spool_n - (it->cuts[keep - 1].spool_end - it->spool_at) < too_much)
		keep--;
	if (keep == 0 || it->cuts[keep - 1].size == it->size)
		return false;
	it->size = it->cuts[keep - 1].size;
	it->spool_n = it->cuts[keep - 1].spool_end - it->spool_at;
	it->n_cuts = keep - 1;
	it->cut_away = true;
	sha256_end(&it->cuts[keep - 1].sum, sum);
	memcpy(it->sum, sum, sizeof(sum));
	buf_addf(&note, "cut after %llu bytes: --max-size", (unsigned long long)it->size);
	if (!arena_str(&b->arena, buf_str(&note), &it->note))
		it->note = STR("cut: --max-size");
	buf_free(&note);
	return true;
}

/* What may go, first of all the highest rank and the largest of it; the rest behind. */
static int by_cut(const void *a, const void *b)
{
	const struct item *x = *(struct item *const *)a, *y = *(struct item *const *)b;
	unsigned x_rank = x->absent ? BUNDLE_KEEP : x->rank;
	unsigned y_rank = y->absent ? BUNDLE_KEEP : y->rank;

	if (x_rank != y_rank)
		return x_rank < y_rank ? 1 : -1;
	if (x->spool_n != y->spool_n)
		return x->spool_n < y->spool_n ? 1 : -1;
	return compare(a, b);
}

/* Every try writes the whole archive again, so all goes at once that surely must: a small file
 * takes less in the archive than in the spool, where it is not compressed yet. */
bool bundle_shrink(struct bundle *b, uint64_t too_much)
{
	uint64_t saved = 0;
	size_t i;

	qsort(b->items, b->n, sizeof(b->items[0]), by_cut);
	for (i = 0; i < b->n && saved < too_much; i++) {
		struct item *it = b->items[i];

		if (it->absent || it->rank == BUNDLE_KEEP)
			break;
		if (it->rank == BUNDLE_CUT_TAIL && shorten(b, it, too_much - saved))
			return true;
		saved += it->spool_n + TAR_BLOCK;
		it->absent = it->cut_away = true;
		it->why = STR("left out: --max-size");
	}
	return i > 0;
}
