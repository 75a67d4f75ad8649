/* SPDX-License-Identifier: MIT */
/* gfp_table.c - the rows: flags, layouts by era, vendors' kernels, composites, print order. */
#include "parse/gfp_table.h"

#define V G_VERSION
/* Flags as one set. */
#define F(name) G_BIT(G_##name)

const struct str gfp_flag_names[G_FLAGS] = {
	[G_DMA] = STR_INIT("__GFP_DMA"),
	[G_HIGHMEM] = STR_INIT("__GFP_HIGHMEM"),
	[G_DMA32] = STR_INIT("__GFP_DMA32"),
	[G_MOVABLE] = STR_INIT("__GFP_MOVABLE"),
	[G_RECLAIMABLE] = STR_INIT("__GFP_RECLAIMABLE"),
	[G_WAIT] = STR_INIT("__GFP_WAIT"),
	[G_HIGH] = STR_INIT("__GFP_HIGH"),
	[G_IO] = STR_INIT("__GFP_IO"),
	[G_FS] = STR_INIT("__GFP_FS"),
	[G_HIGHIO] = STR_INIT("__GFP_HIGHIO"),
	[G_VM] = STR_INIT("__GFP_VM"),
	[G_COLD] = STR_INIT("__GFP_COLD"),
	[G_NOWARN] = STR_INIT("__GFP_NOWARN"),
	[G_REPEAT] = STR_INIT("__GFP_REPEAT"),
	[G_RETRY_MAYFAIL] = STR_INIT("__GFP_RETRY_MAYFAIL"),
	[G_NOFAIL] = STR_INIT("__GFP_NOFAIL"),
	[G_NORETRY] = STR_INIT("__GFP_NORETRY"),
	[G_NO_GROW] = STR_INIT("__GFP_NO_GROW"),
	[G_MEMALLOC] = STR_INIT("__GFP_MEMALLOC"),
	[G_COMP] = STR_INIT("__GFP_COMP"),
	[G_ZERO] = STR_INIT("__GFP_ZERO"),
	[G_NOMEMALLOC] = STR_INIT("__GFP_NOMEMALLOC"),
	[G_NORECLAIM] = STR_INIT("__GFP_NORECLAIM"),
	[G_HARDWALL] = STR_INIT("__GFP_HARDWALL"),
	[G_THISNODE] = STR_INIT("__GFP_THISNODE"),
	[G_ATOMIC] = STR_INIT("__GFP_ATOMIC"),
	[G_KMEMCG] = STR_INIT("__GFP_KMEMCG"),
	[G_NOACCOUNT] = STR_INIT("__GFP_NOACCOUNT"),
	[G_ACCOUNT] = STR_INIT("__GFP_ACCOUNT"),
	[G_NOTRACK] = STR_INIT("__GFP_NOTRACK"),
	[G_NO_KSWAPD] = STR_INIT("__GFP_NO_KSWAPD"),
	[G_OTHER_NODE] = STR_INIT("__GFP_OTHER_NODE"),
	[G_DIRECT_RECLAIM] = STR_INIT("__GFP_DIRECT_RECLAIM"),
	[G_KSWAPD_RECLAIM] = STR_INIT("__GFP_KSWAPD_RECLAIM"),
	[G_WRITE] = STR_INIT("__GFP_WRITE"),
	[G_NOLOCKDEP] = STR_INIT("__GFP_NOLOCKDEP"),
	[G_ZEROTAGS] = STR_INIT("__GFP_ZEROTAGS"),
	[G_SKIP_ZERO] = STR_INIT("__GFP_SKIP_ZERO"),
	[G_SKIP_KASAN_POISON] = STR_INIT("__GFP_SKIP_KASAN_POISON"),
	[G_SKIP_KASAN_UNPOISON] = STR_INIT("__GFP_SKIP_KASAN_UNPOISON"),
	[G_SKIP_KASAN] = STR_INIT("__GFP_SKIP_KASAN"),
	[G_NO_OBJ_EXT] = STR_INIT("__GFP_NO_OBJ_EXT"),
	[G_CMA] = STR_INIT("__GFP_CMA"),
	[G_NO_OOM] = STR_INIT("__GFP_NO_OOM"),
};

/* ---- layouts: the flag of bit 0, 1, 2 ... ---- */

static const uint8_t bits_2_4_0[LOW_BITS] = {
	G_WAIT, G_HIGH, G_IO, G_DMA, G_HIGHMEM, G_VM,
};
static const uint8_t bits_2_4_6[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_FS,
};
static const uint8_t bits_2_4_10[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_HIGHIO, G_FS,
};
static const uint8_t bits_2_6_0[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW,
};
static const uint8_t bits_2_6_6[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP,
};
static const uint8_t bits_2_6_11[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP, G_ZERO,
};
static const uint8_t bits_2_6_12[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP, G_ZERO, G_NOMEMALLOC,
};
static const uint8_t bits_2_6_13[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP, G_ZERO, G_NOMEMALLOC, G_NORECLAIM,
};
static const uint8_t bits_2_6_14[LOW_BITS] = {
	G_DMA, G_HIGHMEM, 0, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP, G_ZERO, G_NOMEMALLOC, G_NORECLAIM,
	G_HARDWALL,
};
static const uint8_t bits_2_6_15[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
};
static const uint8_t bits_2_6_19[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE,
};
static const uint8_t bits_2_6_22[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, 0, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE,
};
static const uint8_t bits_2_6_23[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, 0, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_MOVABLE,
};
static const uint8_t bits_2_6_24[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, 0, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, G_MOVABLE,
};
static const uint8_t bits_2_6_31[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, 0, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, 0, G_NOTRACK,
};
static const uint8_t bits_2_6_38[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, 0, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, 0, G_NOTRACK, G_NO_KSWAPD,
};
static const uint8_t bits_2_6_39[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, 0, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, 0, G_NOTRACK, G_NO_KSWAPD, G_OTHER_NODE,
};
static const uint8_t bits_3_6[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, 0, G_NOTRACK, G_NO_KSWAPD, G_OTHER_NODE,
};
static const uint8_t bits_3_8[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, G_KMEMCG, G_NOTRACK, G_NO_KSWAPD, G_OTHER_NODE,
};
static const uint8_t bits_4_1[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, G_NOACCOUNT, G_NOTRACK, G_NO_KSWAPD, G_OTHER_NODE,
};
static const uint8_t bits_4_4[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_COLD,
	G_NOWARN, G_REPEAT, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC,
	G_HARDWALL, G_THISNODE, G_ATOMIC, G_NOACCOUNT, G_NOTRACK, G_DIRECT_RECLAIM,
	G_OTHER_NODE,
};
static const uint8_t bits_4_5[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_COLD,
	G_NOWARN, G_REPEAT, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC,
	G_HARDWALL, G_THISNODE, G_ATOMIC, G_ACCOUNT, G_NOTRACK, G_DIRECT_RECLAIM,
	G_OTHER_NODE,
};
static const uint8_t bits_4_10[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_COLD,
	G_NOWARN, G_REPEAT, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC,
	G_HARDWALL, G_THISNODE, G_ATOMIC, G_ACCOUNT, G_NOTRACK, G_DIRECT_RECLAIM, G_WRITE,
};
static const uint8_t bits_4_13[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_COLD,
	G_NOWARN, G_RETRY_MAYFAIL, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO,
	G_NOMEMALLOC, G_HARDWALL, G_THISNODE, G_ATOMIC, G_ACCOUNT, G_NOTRACK,
	G_DIRECT_RECLAIM, G_WRITE,
};
static const uint8_t bits_4_15[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, 0,
	G_NOWARN, G_RETRY_MAYFAIL, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO,
	G_NOMEMALLOC, G_HARDWALL, G_THISNODE, G_ATOMIC, G_ACCOUNT, 0, G_DIRECT_RECLAIM,
	G_WRITE,
};
static const uint8_t bits_4_18[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_WRITE,
	G_NOWARN, G_RETRY_MAYFAIL, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO,
	G_NOMEMALLOC, G_HARDWALL, G_THISNODE, G_ATOMIC, G_ACCOUNT, G_DIRECT_RECLAIM,
	G_KSWAPD_RECLAIM, G_NOLOCKDEP,
};
static const uint8_t bits_5_1[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_ZERO,
	G_ATOMIC, G_DIRECT_RECLAIM, G_KSWAPD_RECLAIM, G_WRITE, G_NOWARN, G_RETRY_MAYFAIL,
	G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_NOMEMALLOC, G_HARDWALL, G_THISNODE,
	G_ACCOUNT, G_NOLOCKDEP,
};
static const uint8_t bits_5_14[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_ZERO,
	G_ATOMIC, G_DIRECT_RECLAIM, G_KSWAPD_RECLAIM, G_WRITE, G_NOWARN, G_RETRY_MAYFAIL,
	G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_NOMEMALLOC, G_HARDWALL, G_THISNODE,
	G_ACCOUNT, G_ZEROTAGS,
};
static const uint8_t bits_6_3[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_HIGH, G_IO, G_FS, G_ZERO,
	0, G_DIRECT_RECLAIM, G_KSWAPD_RECLAIM, G_WRITE, G_NOWARN, G_RETRY_MAYFAIL,
	G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_NOMEMALLOC, G_HARDWALL, G_THISNODE,
	G_ACCOUNT, G_ZEROTAGS,
};
static const uint8_t bits_2_6_18[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, 0, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_NO_GROW, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_NO_OOM,
};
static const uint8_t bits_2_6_32[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, 0, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, 0, 0, G_NO_KSWAPD, G_OTHER_NODE,
};
static const uint8_t bits_3_10[LOW_BITS] = {
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_WAIT, G_HIGH, G_IO, G_FS, G_COLD, G_NOWARN,
	G_REPEAT, G_NOFAIL, G_NORETRY, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC, G_HARDWALL,
	G_THISNODE, G_RECLAIMABLE, G_ACCOUNT, G_NOTRACK, G_NO_KSWAPD, G_OTHER_NODE,
};

/* ---- eras ---- */

const struct gfp_era gfp_eras[] = {
	{.from = "2.4.0", .until = "2.4.5", .since = V(2, 4, 0), .before = V(2, 4, 6),
	 .low = bits_2_4_0},
	{.from = "2.4.6", .until = "2.4.9", .since = V(2, 4, 6), .before = V(2, 4, 10),
	 .low = bits_2_4_6},
	{.from = "2.4.10", .until = "2.4.37", .since = V(2, 4, 10), .before = V(2, 5, 0),
	 .low = bits_2_4_10},
	{.from = "2.6.0", .until = "2.6.5", .since = V(2, 6, 0), .before = V(2, 6, 6),
	 .low = bits_2_6_0},
	{.from = "2.6.6", .until = "2.6.10", .since = V(2, 6, 6), .before = V(2, 6, 11),
	 .low = bits_2_6_6},
	{.from = "2.6.11", .until = "2.6.11", .since = V(2, 6, 11), .before = V(2, 6, 12),
	 .low = bits_2_6_11},
	{.from = "2.6.12", .until = "2.6.12", .since = V(2, 6, 12), .before = V(2, 6, 13),
	 .low = bits_2_6_12},
	{.from = "2.6.13", .until = "2.6.13", .since = V(2, 6, 13), .before = V(2, 6, 14),
	 .low = bits_2_6_13},
	{.from = "2.6.14", .until = "2.6.14", .since = V(2, 6, 14), .before = V(2, 6, 15),
	 .low = bits_2_6_14},
	{.from = "2.6.15", .until = "2.6.18", .since = V(2, 6, 15), .before = V(2, 6, 19),
	 .low = bits_2_6_15},
	{.from = "2.6.19", .until = "2.6.21", .since = V(2, 6, 19), .before = V(2, 6, 22),
	 .low = bits_2_6_19},
	{.from = "2.6.22", .until = "2.6.22", .since = V(2, 6, 22), .before = V(2, 6, 23),
	 .low = bits_2_6_22},
	{.from = "2.6.23", .until = "2.6.23", .since = V(2, 6, 23), .before = V(2, 6, 24),
	 .low = bits_2_6_23},
	{.from = "2.6.24", .until = "2.6.28", .since = V(2, 6, 24), .before = V(2, 6, 29),
	 .low = bits_2_6_24},
	{.from = "2.6.29", .until = "2.6.30", .since = V(2, 6, 29), .before = V(2, 6, 31),
	 .low = bits_2_6_24},
	{.from = "2.6.31", .until = "2.6.33", .since = V(2, 6, 31), .before = V(2, 6, 34),
	 .low = bits_2_6_31},
	{.from = "2.6.34", .until = "2.6.37", .since = V(2, 6, 34), .before = V(2, 6, 38),
	 .low = bits_2_6_31},
	{.from = "2.6.38", .until = "2.6.38", .since = V(2, 6, 38), .before = V(2, 6, 39),
	 .low = bits_2_6_38},
	{.from = "2.6.39", .until = "3.2", .since = V(2, 6, 39), .before = V(3, 3, 0),
	 .low = bits_2_6_39},
	{.from = "3.3", .until = "3.5", .since = V(3, 3, 0), .before = V(3, 6, 0),
	 .low = bits_2_6_39, .high = {G_WRITE}},
	{.from = "3.6", .until = "3.7", .since = V(3, 6, 0), .before = V(3, 8, 0),
	 .low = bits_3_6, .high = {G_WRITE}},
	{.from = "3.8", .until = "3.15", .since = V(3, 8, 0), .before = V(3, 16, 0),
	 .low = bits_3_8, .high = {G_WRITE}},
	{.from = "3.16", .until = "4.0", .since = V(3, 16, 0), .before = V(4, 1, 0),
	 .low = bits_3_6, .high = {G_WRITE}},
	{.from = "4.1", .until = "4.3", .since = V(4, 1, 0), .before = V(4, 4, 0),
	 .low = bits_4_1, .high = {G_WRITE}},
	{.from = "4.4", .until = "4.4", .since = V(4, 4, 0), .before = V(4, 5, 0),
	 .low = bits_4_4, .high = {G_WRITE, G_KSWAPD_RECLAIM}},
	{.from = "4.5", .until = "4.5", .since = V(4, 5, 0), .before = V(4, 6, 0),
	 .low = bits_4_5, .high = {G_WRITE, G_KSWAPD_RECLAIM}},
	{.from = "4.6", .until = "4.7", .since = V(4, 6, 0), .before = V(4, 8, 0),
	 .order = ORDER_4_6, .low = bits_4_5, .high = {G_WRITE, G_KSWAPD_RECLAIM}},
	{.from = "4.8", .until = "4.9", .since = V(4, 8, 0), .before = V(4, 10, 0),
	 .order = ORDER_4_6, .low = bits_4_5, .high = {G_WRITE, G_KSWAPD_RECLAIM}},
	{.from = "4.10", .until = "4.11", .since = V(4, 10, 0), .before = V(4, 12, 0),
	 .order = ORDER_4_6, .low = bits_4_10, .high = {G_KSWAPD_RECLAIM}},
	{.from = "4.12", .until = "4.12", .since = V(4, 12, 0), .before = V(4, 13, 0),
	 .order = ORDER_4_6, .low = bits_4_10, .high = {G_KSWAPD_RECLAIM, G_NOLOCKDEP}},
	{.from = "4.13", .until = "4.13", .since = V(4, 13, 0), .before = V(4, 14, 0),
	 .order = ORDER_4_6, .low = bits_4_13, .high = {G_KSWAPD_RECLAIM, G_NOLOCKDEP}},
	{.from = "4.14", .until = "4.14", .since = V(4, 14, 0), .before = V(4, 15, 0),
	 .order = ORDER_4_6, .low = bits_4_13, .high = {G_KSWAPD_RECLAIM, G_NOLOCKDEP}},
	{.from = "4.15", .until = "4.17", .since = V(4, 15, 0), .before = V(4, 18, 0),
	 .order = ORDER_4_6, .low = bits_4_15, .high = {G_KSWAPD_RECLAIM, G_NOLOCKDEP}},
	{.from = "4.18", .until = "5.0", .since = V(4, 18, 0), .before = V(5, 1, 0),
	 .order = ORDER_4_6, .low = bits_4_18},
	{.from = "5.1", .until = "5.13", .since = V(5, 1, 0), .before = V(5, 14, 0),
	 .order = ORDER_4_6, .low = bits_5_1},
	{.from = "5.14", .until = "5.14", .since = V(5, 14, 0), .before = V(5, 15, 0),
	 .order = ORDER_4_6, .low = bits_5_14, .high = {G_SKIP_KASAN_POISON, G_NOLOCKDEP},
	 .unnamed = G_BIT(G_ZEROTAGS) | G_BIT(G_SKIP_KASAN_POISON)},
	{.from = "5.15", .until = "5.17", .since = V(5, 15, 0), .before = V(5, 18, 0),
	 .order = ORDER_4_6, .low = bits_5_14, .high = {G_SKIP_KASAN_POISON, G_NOLOCKDEP}},
	{.from = "5.18", .until = "5.19", .since = V(5, 18, 0), .before = V(6, 0, 0),
	 .order = ORDER_4_6, .low = bits_5_14, .high = {0, 0, 0, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN_UNPOISON, G_SKIP_KASAN_POISON, G_NOLOCKDEP}},
	{.from = "6.0", .until = "6.2", .since = V(6, 0, 0), .before = V(6, 3, 0),
	 .order = ORDER_4_6, .low = bits_5_14, .high = {0, 0, 0, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN_UNPOISON, G_SKIP_KASAN_POISON, G_NOLOCKDEP}},
	{.from = "6.3", .until = "6.3", .since = V(6, 3, 0), .before = V(6, 4, 0),
	 .order = ORDER_4_6, .low = bits_6_3, .high = {0, 0, 0, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN_UNPOISON, G_SKIP_KASAN_POISON, G_NOLOCKDEP}},
	{.from = "6.4", .until = "6.7", .since = V(6, 4, 0), .before = V(6, 8, 0),
	 .order = ORDER_4_6, .low = bits_6_3, .high = {0, 0, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN, G_NOLOCKDEP}},
	{.from = "6.8", .until = "6.8", .since = V(6, 8, 0), .before = V(6, 9, 0),
	 .order = ORDER_4_6, .low = bits_6_3, .high = {0, 0, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN, G_NOLOCKDEP}},
	{.from = "6.9", .until = "6.9", .since = V(6, 9, 0), .before = V(6, 10, 0),
	 .order = ORDER_4_6, .low = bits_6_3, .high = {G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN, G_NOLOCKDEP}},
	{.from = "6.10", .until = "6.14", .since = V(6, 10, 0), .before = V(6, 15, 0),
	 .order = ORDER_4_6, .low = bits_6_3, .high = {G_NO_OBJ_EXT},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN, G_NO_OBJ_EXT}},
	{.from = "6.15", .until = "6.18", .since = V(6, 15, 0), .before = V(6, 19, 0),
	 .order = ORDER_6_15, .low = bits_6_3, .high = {G_NO_OBJ_EXT},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN, G_NO_OBJ_EXT}},
	{.from = "6.19", .until = NULL, .since = V(6, 19, 0), .before = G_NEVER,
	 .order = ORDER_6_15, .low = bits_6_3, .high = {G_NO_OBJ_EXT},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN, G_NO_OBJ_EXT}},
	/* vendors; .since is the kernel whose composites it has */
	{.from = "RHEL 5 (2.6.18)", .since = V(2, 6, 18), .before = G_NEVER, .vendor = VENDOR_EL5,
	 .low = bits_2_6_18},
	{.from = "RHEL 6 (2.6.32)", .since = V(2, 6, 38), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .low = bits_2_6_32},
	{.from = "RHEL 7 (3.10), to 7.7", .since = V(3, 10, 0), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .low = bits_3_8, .high = {G_WRITE}},
	{.from = "RHEL 7 (3.10), from 7.8", .since = V(3, 10, 0), .before = G_NEVER, .vendor = VENDOR_EL7_LATE,
	 .low = bits_3_10, .high = {G_WRITE}},
	{.from = "RHEL 8 (4.18)", .since = V(4, 18, 0), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .order = ORDER_4_6, .low = bits_4_18},
	{.from = "SLE 12 SP2/SP3 (4.4)", .since = V(4, 4, 0), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .order = ORDER_4_6, .low = bits_4_4, .high = {G_WRITE, G_KSWAPD_RECLAIM}},
	{.from = "Android GKI 5.10", .since = V(5, 10, 0), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .order = ORDER_4_6, .low = bits_5_14, .high = {G_SKIP_KASAN_POISON, G_CMA, G_NOLOCKDEP}},
	{.from = "Android GKI 5.15", .since = V(5, 15, 0), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .order = ORDER_4_6, .low = bits_5_14, .high = {0, 0, 0, G_CMA, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN_UNPOISON, G_SKIP_KASAN_POISON, G_CMA,
		    G_NOLOCKDEP}},
	{.from = "Android GKI 6.1", .since = V(6, 1, 0), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .order = ORDER_4_6, .low = bits_5_14, .high = {0, 0, 0, G_CMA, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN_UNPOISON, G_SKIP_KASAN_POISON, G_CMA,
		    G_NOLOCKDEP}},
	/* the memory code of RHEL 9 was rebased in its minor releases: gfp.c tries 5.15, 6.0, 6.3 */
	{.from = "RHEL 9 (5.14)", .since = V(5, 15, 0), .before = G_NEVER, .vendor = VENDOR_OTHER,
	 .order = ORDER_4_6, .low = bits_5_14, .high = {G_SKIP_KASAN_POISON, G_NOLOCKDEP},
	 .rebased = true},
	/* linux-next carried the removal of __GFP_ATOMIC (6.3) from September to December 2022 */
	{.from = "linux-next of autumn 2022", .since = V(6, 0, 0), .before = G_NEVER,
	 .vendor = VENDOR_OTHER, .order = ORDER_4_6, .low = bits_6_3,
	 .high = {0, 0, 0, G_NOLOCKDEP},
	 .tagged = {G_SKIP_ZERO, G_SKIP_KASAN_UNPOISON, G_SKIP_KASAN_POISON, G_NOLOCKDEP}},
};
enum { N_MAINLINE = 46 };
const int gfp_n_mainline = N_MAINLINE;
const int gfp_n_eras = ARRAY_COUNT(gfp_eras);

/* The newest kernel, when nothing is known. */
const struct gfp_era gfp_guessed = {
	.from = "7.0", .until = NULL, .since = V(6, 19, 0), .before = G_NEVER,
	.order = ORDER_6_15, .low = bits_6_3, .high = {G_NO_OBJ_EXT},
	.tagged = {G_SKIP_ZERO, G_SKIP_KASAN, G_NO_OBJ_EXT}, .guessed = true,
};

enum {
	EL5 = N_MAINLINE, EL6, EL7, EL7_LATE, EL8, SLE12, GKI_5_10, GKI_5_15, GKI_6_1, EL9, NEXT_2022,
};

const struct gfp_match gfp_matches[] = {
	{STR_INIT("2.6.18-"), STR_INIT(".el5"), 0, 0, EL5},
	{STR_INIT("2.6.32-"), STR_INIT(".el6"), 0, 0, EL6},
	{STR_INIT("3.10.0-"), STR_INIT(".el7"), 0, 1100, EL7},
	{STR_INIT("3.10.0-"), STR_INIT(".el7"), 1100, 0, EL7_LATE},
	{STR_INIT("4.18.0-"), STR_INIT(".el8"), 0, 0, EL8},
	{STR_INIT("5.14.0-"), STR_INIT(".el9"), 0, 0, EL9},
	{STR_INIT("4.4."), STR_INIT("-default"), 0, 0, SLE12},
	{STR_INIT("5.10."), STR_INIT("-android12"), 0, 0, GKI_5_10},
	{STR_INIT("5.10."), STR_INIT("-android13"), 0, 0, GKI_5_10},
	{STR_INIT("5.10."), STR_INIT("-gki"), 0, 0, GKI_5_10},
	{STR_INIT("5.15."), STR_INIT("-android13"), 0, 0, GKI_5_15},
	{STR_INIT("5.15."), STR_INIT("-android14"), 0, 0, GKI_5_15},
	{STR_INIT("6.1."), STR_INIT("-android14"), 0, 0, GKI_6_1},
	{STR_INIT("6.0.0-"), STR_INIT("-next-2022"), 0, 0, NEXT_2022},
	{STR_INIT("6.1.0-"), STR_INIT("-next-2022"), 0, 0, NEXT_2022},
};
const int gfp_n_matches = ARRAY_COUNT(gfp_matches);

/* ---- composites ----
 *
 * First row of a name whose range and vendor fit. Flags an era lacks drop out: __GFP_WAIT was
 * split into DIRECT_RECLAIM and KSWAPD_RECLAIM in 4.4, HARDWALL came in 2.6.14 ... */

#define RECLAIM (F(WAIT) | F(DIRECT_RECLAIM) | F(KSWAPD_RECLAIM))
#define NOFS	(RECLAIM | F(IO) | F(HIGHIO))
#define KERNEL	(NOFS | F(FS))
#define USER	(KERNEL | F(HARDWALL))
#define MOVABLE (USER | F(HIGHMEM) | F(MOVABLE))
/* Pages of user space carry no KASAN tags: part of GFP_HIGHUSER_MOVABLE since 5.14 */
#define UNTAGGED   (F(SKIP_KASAN_POISON) | F(SKIP_KASAN))
#define UNTAGGED_6 (UNTAGGED | F(SKIP_KASAN_UNPOISON))
#define HUGE	   (F(COMP) | F(NOMEMALLOC) | F(NOWARN))
#define NO_RECLAIM(set) ((set) & ~RECLAIM)

#define ROW(name, since, before, set) {STR_INIT(name), since, before, VENDOR_NONE, set}
#define VENDOR_ROW(name, vendor, set) {STR_INIT(name), 0, G_NEVER, vendor, set}

const struct gfp_composite gfp_composites[] = {
	VENDOR_ROW("GFP_ATOMIC", VENDOR_EL5, F(HIGH) | F(NOWARN)),
	VENDOR_ROW("GFP_KERNEL_ACCOUNT", VENDOR_EL7_LATE, KERNEL | F(ACCOUNT)),
	/* 2.4: __GFP_HIGH is part of everything the kernel itself asks for */
	ROW("GFP_BUFFER", 0, V(2, 4, 6), F(HIGH) | F(WAIT)),
	ROW("GFP_NOIO", V(2, 4, 6), V(2, 5, 0), F(HIGH) | F(WAIT)),
	ROW("GFP_NOHIGHIO", V(2, 4, 10), V(2, 5, 0), F(HIGH) | F(WAIT) | F(IO)),
	ROW("GFP_NOFS", V(2, 4, 6), V(2, 5, 0), F(HIGH) | NOFS),
	ROW("GFP_KERNEL", 0, V(2, 5, 0), F(HIGH) | KERNEL),
	ROW("GFP_KSWAPD", 0, V(2, 4, 10), F(IO) | F(FS)),
	ROW("GFP_KSWAPD", V(2, 4, 10), V(2, 5, 0), KERNEL),

	ROW("GFP_DMA", V(2, 6, 0), G_NEVER, F(DMA)),
	ROW("GFP_DMA32", V(2, 6, 15), G_NEVER, F(DMA32)),
	ROW("GFP_NOWAIT", V(6, 8, 0), G_NEVER, F(KSWAPD_RECLAIM) | F(NOWARN)),
	ROW("GFP_NOWAIT", V(2, 6, 19), V(6, 8, 0), F(KSWAPD_RECLAIM)),
	ROW("GFP_ATOMIC", 0, G_NEVER, F(HIGH) | F(ATOMIC) | F(KSWAPD_RECLAIM)),
	ROW("GFP_NOIO", V(2, 6, 0), G_NEVER, RECLAIM),
	ROW("__GFP_RECLAIM", V(4, 4, 0), G_NEVER, RECLAIM),
	ROW("GFP_NOFS", V(2, 6, 0), G_NEVER, NOFS),
	ROW("GFP_KERNEL", V(2, 6, 0), G_NEVER, KERNEL),
	ROW("GFP_KERNEL_ACCOUNT", V(4, 5, 0), G_NEVER, KERNEL | F(ACCOUNT)),
	ROW("GFP_TEMPORARY", V(2, 6, 24), V(4, 14, 0), KERNEL | F(RECLAIMABLE)),
	ROW("GFP_USER", 0, G_NEVER, USER),
	ROW("GFP_HIGHUSER", 0, G_NEVER, USER | F(HIGHMEM)),
	ROW("GFP_NOFS_PAGECACHE", V(2, 6, 23), V(2, 6, 29), NOFS | F(MOVABLE)),
	ROW("GFP_USER_PAGECACHE", V(2, 6, 23), V(2, 6, 29), USER | F(MOVABLE)),
	ROW("GFP_HIGHUSER_MOVABLE", V(2, 6, 23), V(6, 0, 0), MOVABLE | UNTAGGED),
	ROW("GFP_HIGHUSER_MOVABLE", V(6, 0, 0), G_NEVER, MOVABLE | UNTAGGED_6),
	ROW("GFP_THISNODE", V(2, 6, 19), V(4, 1, 0), F(THISNODE) | F(NOWARN) | F(NORETRY)),
	ROW("GFP_IOFS", V(2, 6, 34), V(4, 4, 0), F(IO) | F(FS)),
	ROW("GFP_TRANSHUGE", V(2, 6, 38), V(4, 4, 0),
	    MOVABLE | HUGE | F(NORETRY) | F(NO_KSWAPD)),
	ROW("GFP_TRANSHUGE", V(4, 4, 0), V(4, 6, 0),
	    (MOVABLE | HUGE | F(NORETRY)) & ~F(KSWAPD_RECLAIM)),
	ROW("GFP_TRANSHUGE", V(4, 6, 0), V(4, 8, 0), NO_RECLAIM(MOVABLE | HUGE | F(NORETRY))),
	ROW("GFP_TRANSHUGE", V(4, 8, 0), V(6, 0, 0),
	    (MOVABLE | HUGE | UNTAGGED) & ~F(KSWAPD_RECLAIM)),
	ROW("GFP_TRANSHUGE", V(6, 0, 0), G_NEVER,
	    (MOVABLE | HUGE | UNTAGGED_6) & ~F(KSWAPD_RECLAIM)),
	ROW("GFP_TRANSHUGE_LIGHT", V(4, 8, 0), V(6, 0, 0), NO_RECLAIM(MOVABLE | HUGE | UNTAGGED)),
	ROW("GFP_TRANSHUGE_LIGHT", V(6, 0, 0), G_NEVER, NO_RECLAIM(MOVABLE | HUGE | UNTAGGED_6)),
};
const int gfp_n_composites = ARRAY_COUNT(gfp_composites);

/* The order in which 4.6 to 6.14 try names; the composites at its head also open the list of
 * 6.15 and later. A bit with no name here is printed as a number. */
const struct str gfp_order_4_6[] = {
	STR_INIT("GFP_TRANSHUGE"), STR_INIT("GFP_TRANSHUGE_LIGHT"),
	STR_INIT("GFP_HIGHUSER_MOVABLE"), STR_INIT("GFP_HIGHUSER"), STR_INIT("GFP_USER"),
	STR_INIT("GFP_TEMPORARY"), STR_INIT("GFP_KERNEL_ACCOUNT"), STR_INIT("GFP_KERNEL"),
	STR_INIT("GFP_NOFS"), STR_INIT("GFP_ATOMIC"), STR_INIT("GFP_NOIO"),
	STR_INIT("GFP_NOWAIT"), STR_INIT("GFP_DMA"), STR_INIT("__GFP_HIGHMEM"),
	STR_INIT("GFP_DMA32"), STR_INIT("__GFP_HIGH"), STR_INIT("__GFP_ATOMIC"),
	STR_INIT("__GFP_IO"), STR_INIT("__GFP_FS"), STR_INIT("__GFP_COLD"),
	STR_INIT("__GFP_NOWARN"), STR_INIT("__GFP_REPEAT"), STR_INIT("__GFP_RETRY_MAYFAIL"),
	STR_INIT("__GFP_NOFAIL"), STR_INIT("__GFP_NORETRY"), STR_INIT("__GFP_COMP"),
	STR_INIT("__GFP_ZERO"), STR_INIT("__GFP_NOMEMALLOC"), STR_INIT("__GFP_MEMALLOC"),
	STR_INIT("__GFP_HARDWALL"), STR_INIT("__GFP_THISNODE"), STR_INIT("__GFP_RECLAIMABLE"),
	STR_INIT("__GFP_MOVABLE"), STR_INIT("__GFP_ACCOUNT"), STR_INIT("__GFP_NOACCOUNT"),
	STR_INIT("__GFP_NOTRACK"), STR_INIT("__GFP_WRITE"), STR_INIT("__GFP_RECLAIM"),
	STR_INIT("__GFP_DIRECT_RECLAIM"), STR_INIT("__GFP_KSWAPD_RECLAIM"),
	STR_INIT("__GFP_OTHER_NODE"), STR_INIT("__GFP_ZEROTAGS"), STR_INIT("__GFP_SKIP_ZERO"),
	STR_INIT("__GFP_SKIP_KASAN_POISON"), STR_INIT("__GFP_SKIP_KASAN_UNPOISON"),
	STR_INIT("__GFP_SKIP_KASAN"), STR_INIT("__GFP_CMA"),
};
const int gfp_n_order_4_6 = ARRAY_COUNT(gfp_order_4_6);
