/* SPDX-License-Identifier: MIT */
/* gfp_table.h - the tables behind gfp.c: which bit is which flag in which kernel. Private.
 *
 * Facts from include/linux/gfp.h and gfp_types.h of each kernel and, for the order of the
 * printed names, include/trace/events/mmflags.h (4.6 on). A composite is written in flags, not
 * in numbers: it follows the layout of the era it is used with, and a flag that an era does
 * not have drops out of it.
 */
#ifndef OOMREPORT_PARSE_GFP_TABLE_H
#define OOMREPORT_PARSE_GFP_TABLE_H

#include "parse/parse.h"

enum gfp_flag {
	G_NONE,
	G_DMA, G_HIGHMEM, G_DMA32, G_MOVABLE, G_RECLAIMABLE, G_WAIT, G_HIGH, G_IO, G_FS,
	G_HIGHIO, G_VM, G_COLD, G_NOWARN, G_REPEAT, G_RETRY_MAYFAIL, G_NOFAIL, G_NORETRY,
	G_NO_GROW, G_MEMALLOC, G_COMP, G_ZERO, G_NOMEMALLOC, G_NORECLAIM, G_HARDWALL,
	G_THISNODE, G_ATOMIC, G_KMEMCG, G_NOACCOUNT, G_ACCOUNT, G_NOTRACK, G_NO_KSWAPD,
	G_OTHER_NODE, G_DIRECT_RECLAIM, G_KSWAPD_RECLAIM, G_WRITE, G_NOLOCKDEP, G_ZEROTAGS,
	G_SKIP_ZERO, G_SKIP_KASAN_POISON, G_SKIP_KASAN_UNPOISON, G_SKIP_KASAN, G_NO_OBJ_EXT,
	G_CMA, G_NO_OOM,
	G_FLAGS,
};

#define G_BIT(flag) (UINT64_C(1) << (flag))
/* A kernel version as one number. */
#define G_VERSION(a, b, c) (((a) << 16) | ((b) << 8) | (c))
#define G_NEVER INT32_MAX

enum gfp_order {
	ORDER_UNPRINTED, /* before 4.6 no kernel printed names: larger composites first */
	ORDER_4_6,	 /* the hand-written table of mmflags.h */
	ORDER_6_15,	 /* generated: composites, then single flags in bit order */
};

enum gfp_vendor { VENDOR_NONE, VENDOR_EL5 = 1, VENDOR_EL7_LATE, VENDOR_OTHER };

enum { LOW_BITS = 24, HIGH_BITS = 8 };

struct gfp_era {
	const char *from, *until; /* for people; until NULL = still so */
	int since, before;	  /* G_VERSION; vendor rows: of the kernel it is based on */
	enum gfp_vendor vendor;
	enum gfp_order order;
	bool guessed;	     /* the row used when no version is known */
	bool rebased;	     /* numbers moved inside one release name: gfp.c tries several */
	uint64_t unnamed;    /* G_BIT()s this kernel does not print by name */
	const uint8_t *low;  /* enum gfp_flag of bits 0..LOW_BITS-1 */
	uint8_t high[HIGH_BITS];   /* of the bits above, usual configuration */
	uint8_t tagged[HIGH_BITS]; /* the same with CONFIG_KASAN_HW_TAGS, if that differs */
};

/* A vendor's kernel: rows are tried in order, the first whose words all occur wins. */
struct gfp_match {
	struct str start;  /* the release begins so */
	struct str word;   /* ... and holds this */
	int build_from, build_until; /* the number after "-" lies here (until excluded) */
	int era;	   /* index in gfp_eras */
};

struct gfp_composite {
	struct str name;
	int since, before;
	enum gfp_vendor vendor; /* VENDOR_NONE: everybody */
	uint64_t flags;
};

extern const struct gfp_era gfp_eras[];
extern const int gfp_n_mainline, gfp_n_eras; /* mainline rows first, then vendors */
extern const struct gfp_era gfp_guessed;
extern const struct gfp_match gfp_matches[];
extern const int gfp_n_matches;
extern const struct gfp_composite gfp_composites[];
extern const int gfp_n_composites;
extern const struct str gfp_flag_names[G_FLAGS];
extern const struct str gfp_order_4_6[];
extern const int gfp_n_order_4_6;

#endif
