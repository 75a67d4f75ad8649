/* SPDX-License-Identifier: MIT */
/* The kernel's watermark test, by numbers that maintainers have argued with. */
#include "build.h"

#include <math.h>

static void check_close(double got, double want, const char *what)
{
	check(fabs(got - want) < 0.01);
	if (fabs(got - want) >= 0.01)
		fprintf(stderr, "%s: %f, not %f\n", what, got, want);
}

/* Yu Zhao: 1482936 - 1073152 = 409784 < 410416. */
static void highatomic(const char *release, const char *letters, double usable, bool is_short)
{
	struct event ev;
	struct judge j;
	struct diagnosis d;
	struct incident in;
	static const int64_t none[5];
	build_event(&ev);
	ev.kernel = str_of(release);
	ev.trigger.gfp_text = STR("GFP_KERNEL");
	struct zone *z = build_zone(&ev, 0, "Normal");
	build_kb(&ev, z, "free", 1482936);
	build_kb(&ev, z, "min", 410416);
	build_kb(&ev, z, "high", 615624);
	build_kb(&ev, z, "reserved_highatomic", 1073152);
	build_reserve(&ev, z, none, 5);
	build_blocks(z, 0, 100, letters);
	build_judge(&j, &d, &in, &ev);
	check_int(j.n_zones, 1);
	check(j.zones[0].eligible);
	check_close(j.zones[0].usable.value, usable, release);
	check(j.zones[0].short_of_min == is_short);
	diagnosis_free(&d);
	arena_free(&ev.arena);
}

/* lowmem_reserve is in pages and indexed by the request, not by the zone. */
static void reserve(const char *gfp, enum zone_kind request, double need, bool normal_eligible)
{
	struct event ev;
	struct judge j;
	struct diagnosis d;
	struct incident in;
	static const int64_t dma[] = {0, 1504, 3929, 3929}, normal[] = {0, 0, 0, 0};
	build_event(&ev);
	ev.kernel = STR("5.4.0");
	ev.trigger.gfp_text = str_of(gfp);
	struct zone *z = build_zone(&ev, 0, "DMA");
	build_kb(&ev, z, "free", 15904);
	build_kb(&ev, z, "min", 64);
	build_reserve(&ev, z, dma, 4);
	z = build_zone(&ev, 0, "Normal");
	build_kb(&ev, z, "free", 4000);
	build_kb(&ev, z, "min", 4096);
	build_reserve(&ev, z, normal, 4);
	build_judge(&j, &d, &in, &ev);
	check_int(j.request_zone, request);
	check_close(j.zones[0].need_min.value, need, gfp);
	check(j.zones[1].eligible == normal_eligible);
	diagnosis_free(&d);
	arena_free(&ev.arena);
}

/* __GFP_HIGH halves, atomic takes a quarter of the rest; whole pages: 1023 -> 512 -> 384. */
static void discounts(void)
{
	struct event ev;
	struct judge j;
	struct diagnosis d;
	struct incident in;
	build_event(&ev);
	ev.kind = EVENT_ALLOC_FAILURE;
	ev.fatal = false;
	ev.kernel = STR("6.1.0");
	ev.trigger.gfp_text = STR("GFP_ATOMIC");
	struct zone *z = build_zone(&ev, 0, "Normal");
	build_kb(&ev, z, "free", 1536);
	build_kb(&ev, z, "min", 4092);
	build_judge(&j, &d, &in, &ev);
	check(j.gfp_known && j.gfp.atomic);
	check_close(j.zones[0].need_min.value, 384 * 4, "atomic");
	check(j.zones[0].short_of_min);
	double sum = 0;
	for (size_t i = 0; i < j.zones[0].need_min.n; i++)
		sum += j.zones[0].need_min.terms[i].value * j.zones[0].need_min.terms[i].factor;
	check_close(sum, j.zones[0].need_min.value, "terms");
	diagnosis_free(&d);
	arena_free(&ev.arena);
}

/* Order 2: a block that only CMA has does not serve an unmovable request. */
static void blocks(const char *release, const char *gfp, const char *letters, bool fits)
{
	struct event ev;
	struct judge j;
	struct diagnosis d;
	struct incident in;
	build_event(&ev);
	ev.kernel = str_of(release);
	ev.trigger.gfp_text = str_of(gfp);
	ev.trigger.order = 2;
	struct zone *z = build_zone(&ev, 0, "Normal");
	build_kb(&ev, z, "free", 40000);
	build_kb(&ev, z, "min", 400);
	build_kb(&ev, z, "free_cma", 20000);
	build_blocks(z, 0, 5000, "UM");
	build_blocks(z, 3, 625, letters);
	build_judge(&j, &d, &in, &ev);
	check(j.zones[0].has_block == fits);
	check(no_fitting_block(&j) == !fits);
	check_close(j.zones[0].usable.value, j.may_cma ? 40000 - 12 : 20000 - 12, gfp);
	diagnosis_free(&d);
	arena_free(&ev.arena);
}

/* 3.10: free pages of lower orders do not count, min is halved at each step. */
static void old_kernel(int64_t order3, bool fits)
{
	struct event ev;
	struct judge j;
	struct diagnosis d;
	struct incident in;
	build_event(&ev);
	ev.kernel = STR("3.10.0");
	ev.trigger.gfp_mask = 0xd0;
	ev.trigger.order = 2;
	struct zone *z = build_zone(&ev, 0, "Normal");
	build_kb(&ev, z, "free", 8000 + order3 * 32);
	build_kb(&ev, z, "min", 400);
	build_blocks(z, 0, 2000, "UM");
	build_blocks(z, 3, order3, "U");
	build_judge(&j, &d, &in, &ev);
	check(j.gfp_known);
	check(j.zones[0].has_block == fits);
	diagnosis_free(&d);
	arena_free(&ev.arena);
}

/* A machine of 256 memory nodes is judged within the memory that diagnosis may take. */
static void many_nodes(void)
{
	struct event ev;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	static const int64_t none[5];
	build_event(&ev);
	ev.arena = (struct arena)ARENA_INIT(16 << 20);
	ev.kernel = STR("6.1.0");
	ev.trigger.gfp_text = STR("GFP_HIGHUSER_MOVABLE");
	for (int node = 0; node < 256; node++)
		for (int k = 0; k < 2; k++) {
			struct zone *z = build_zone(&ev, node, k ? "Movable" : "Normal");
			build_kb(&ev, z, "free", 4000);
			build_kb(&ev, z, "min", 4096);
			build_kb(&ev, z, "high", 6000);
			build_kb(&ev, z, "managed", 1000000);
			build_kb(&ev, z, "active_anon", 900000);
			build_kb(&ev, z, "inactive_anon", 50000);
			build_kb(&ev, z, "mlocked", 4);
			build_kb(&ev, z, "kernel_stack", 40);
			build_reserve(&ev, z, none, 5);
			build_blocks(z, 0, 1000, "UM");
		}
	ev.memory.swap_free_kb = ev.memory.swap_total_kb = 0;
	struct incident in = {.subject = &ev, .n_events = 1};
	check_ok(diagnose(&d, &in, &err), err);
	check(d.n_findings > 0 && str_eq(str_of(d.findings[0].id), STR("demand-exceeds-memory")));
	check(d.arena.used < 24u << 20);
	diagnosis_free(&d);
	arena_free(&ev.arena);
}

int main(void)
{
	many_nodes();
	highatomic("6.1.0", "UM", 409784, true);
	highatomic("6.14.0", "UM", 1482936, false);
	highatomic("6.14.0", "UMH", 409784, true);
	reserve("GFP_HIGHUSER_MOVABLE", Z_MOVABLE, 64 + 3929 * 4, true);
	reserve("GFP_KERNEL|GFP_DMA", Z_DMA, 64, false);
	reserve("GFP_KERNEL|GFP_DMA32", Z_DMA32, 64 + 1504 * 4, false);
	discounts();
	blocks("6.1.0", "GFP_KERNEL", "C", false);
	blocks("6.1.0", "GFP_KERNEL", "UC", true);
	blocks("6.1.0", "GFP_KERNEL", "H", false);
	blocks("6.1.0", "GFP_HIGHUSER_MOVABLE", "C", true);
	old_kernel(2, false);
	old_kernel(100, true);
	check(node_in_list(STR("0,2-3"), 3));
	check(!node_in_list(STR("0,2-3"), 1));
	return tests_done();
}
