/* SPDX-License-Identifier: MIT */
/* test_view.c - the arithmetic and the words of the view, on small documents written here. */
#include "harness.h"
#include "report/report.h"

static json_t *parse(const char *text)
{
	json_error_t why;
	json_t *v = json_loads(text, 0, &why);

	if (!v) {
		fprintf(stderr, "%s at %d\n", why.text, why.position);
		abort();
	}
	return v;
}

/* A template of one line over a document. */
static void shows(const char *document, const char *template, const char *want)
{
	CLEANUP_BUF struct buf out = BUF_INIT(1 << 20);
	json_auto_t *doc = parse(document), *view = NULL;
	struct err err = {.code = ERR_NONE};

	check_ok(report_view(doc, &view, &err), err);
	if (!view)
		return;
	check_ok(template_render(str_of(template), "t", view, TEMPLATE_PLAIN, NULL, &out, &err),
		 err);
	check_str(buf_str(&out), str_of(want));
	/* the document itself is as it was */
	check(!json_object_get(doc, "view"));
}

#define EVENT(more) "{\"first_oom\":{\"kind\":\"oom-kill\",\"fatal\":true," more "}}"
#define ZONE(node, zone, rest) \
	"{\"node\":" node ",\"zone\":\"" zone "\",\"free_kb\":1000,\"min_kb\":400,"         \
	"\"low_kb\":500,\"high_kb\":600," rest "}"
#define MEMORY(zones) "\"memory\":{\"page_size_kb\":4,\"zones\":[" zones "]}"
#define FLAGS(f, order) "\"trigger\":{\"gfp_flags\":[" f "],\"order\":" order "}"

static void test_watermarks(void)
{
	const char *one = "{{view.zones.rows.0.arithmetic}}";

	shows(EVENT(FLAGS("\"GFP_KERNEL\"", "0") ","
		    MEMORY(ZONE("0", "Normal", "\"lowmem_reserve_pages\":[0,0,0,0,0]"))),
	      one, "free 1000 > min 400: above by 600 kB");
	/* the reserve of the request's zone, in pages: Normal is the third on x86-64 */
	shows(EVENT(FLAGS("\"GFP_KERNEL\"", "0") ","
		    MEMORY(ZONE("0", "DMA32", "\"lowmem_reserve_pages\":[0,0,200,300,300]"))),
	      one, "free 1000 <= min 400 + reserve 800 = 1200: short by 200 kB");
	shows(EVENT(FLAGS("\"GFP_HIGHUSER_MOVABLE\"", "0") ","
		    MEMORY(ZONE("0", "DMA32", "\"lowmem_reserve_pages\":[0,0,200,300,300]"))),
	      one, "free 1000 <= min 400 + reserve 1200 = 1600: short by 600 kB");
	shows(EVENT(FLAGS("\"GFP_KERNEL\",\"__GFP_DMA32\"", "0") ","
		    MEMORY(ZONE("0", "DMA32", "\"lowmem_reserve_pages\":[0,0,200,300,300]"))),
	      one, "free 1000 > min 400: above by 600 kB");
	/* 32 bit: DMA Normal HighMem Movable */
	shows(EVENT(FLAGS("\"GFP_HIGHUSER\"", "0") ","
		    MEMORY(ZONE("0", "Normal", "\"lowmem_reserve_pages\":[0,0,100,100]") ","
			   ZONE("0", "HighMem", "\"lowmem_reserve_pages\":[0,0,0,0]"))),
	      one, "free 1000 > min 400 + reserve 400 = 800: above by 200 kB");
	/* not usable: high-atomic, CMA for what is not movable, the rest of a block */
	shows(EVENT(FLAGS("\"GFP_KERNEL\"", "0") ","
		    MEMORY(ZONE("0", "Normal", "\"reserved_highatomic_kb\":100,"
					       "\"free_cma_kb\":550"))),
	      one, "free 1000 - highatomic 100 - free_cma 550 = 350 <= min 400: short by 50 kB");
	shows(EVENT(FLAGS("\"GFP_HIGHUSER_MOVABLE\"", "0") ","
		    MEMORY(ZONE("0", "Normal", "\"free_cma_kb\":550"))),
	      one, "free 1000 > min 400: above by 600 kB");
	shows(EVENT(FLAGS("\"GFP_KERNEL\"", "3") ","
		    MEMORY(ZONE("0", "Normal", "\"free_highatomic_kb\":8,"
					       "\"reserved_highatomic_kb\":900"))),
	      one,
	      "free 1000 - highatomic 8 - rest of the block 28 = 964 > min 400: above by 564 kB");
	/* a zone above the request's is not for it */
	shows(EVENT(FLAGS("\"GFP_KERNEL\"", "0") "," MEMORY(ZONE("1", "Movable", "\"x\":1"))),
	      "{{#view.zones.rows}}{{name}} {{eligible}}{{/view.zones.rows}}",
	      "Node 1 Movable false");
	/* unknown stays unknown */
	shows(EVENT("\"memory\":{\"zones\":[{\"node\":0,\"zone\":\"Normal\",\"free_kb\":null}]}"),
	      one, "not known");
}

/* cgroup v1: a group's own amounts and those with its children, its limit, its tasks. */
static void test_cgroup(void)
{
#define TASKS(rss) "\"memory\":{\"page_size_kb\":4},\"tasks\":[{\"pid\":7,\"rss_pages\":" rss "}]"
#define MEMCG(limit, stats) \
	"\"memcg\":{\"usage_kb\":4000,\"limit_kb\":" limit ",\"stats\":{" stats "}}"
	const char *stats = "{{#view.memcg.stats}}{{name}} {{kb}};{{/view.memcg.stats}}";
	const char *share = "{{view.tasks.sorts.0.rows.0.percent}} of {{view.tasks.share_of}}";

	shows(EVENT(MEMCG("4000", "\"rss\":0,\"cache\":2048,\"total_rss\":4096000,"
				  "\"total_cache\":4096,\"dirty\":1024")),
	      stats, "rss 4000;cache 4;dirty 1;");
	shows(EVENT(MEMCG("4000", "\"rss_kb\":17,\"mapped_file_kb\":5")), stats,
	      "rss_kb 17;mapped_file_kb 5;");
	shows(EVENT(MEMCG("8000", "") "," TASKS("500")), share, "25.0 of the cgroup's limit");
	shows(EVENT(MEMCG("null", "") "," TASKS("500")), share, "50.0 of the cgroup's usage");
	shows(EVENT(MEMCG("4000", "") "," TASKS("1500")), share, "100.0 of the cgroup's limit");
	shows(EVENT(MEMCG("4000", "") "," TASKS("1500")), "{{view.tasks.words}}",
	      "1 task, 5.9 MiB (part of it charged elsewhere); share of the limit");
	shows(EVENT(MEMCG("8000", "") "," TASKS("1500")), "{{view.tasks.words}}",
	      "1 task, 5.9 MiB (shared pages count in each); share of the limit");
}

/* Of this machine's settings those that are always asked for, and those that were changed. */
static void test_settings(void)
{
#define SYSCTL(own) \
	"{\"collection\":{\"log_is_of_this_machine\":" own ",\"facts\":{\"sysctl\":{\"vm_swappiness\":60," \
	"\"vm_panic_on_oom\":1,\"vm_min_free_kbytes\":67584,\"vm_overcommit_ratio\":50," \
	"\"vm_page_cluster\":0}}}}"
	const char *facts = "{{#view.facts}}{{name}}={{value}}{{/view.facts}}";

	shows(SYSCTL("true"), facts,
	      "vm.*=swappiness 60, min_free_kbytes 67584; changed: panic_on_oom 1, page-cluster 0");
	shows(SYSCTL("false"), facts, "");
	shows("{\"source\":{\"kind\":\"file\",\"name\":\"a\",\"lines\":2,\"note\":\"it is cut short\"}}",
	      facts, "log=file a, 2 lines; it is cut short");
}

static void test_sentences(void)
{
	const char *t = "{{view.sentence}}";

	shows("{}", t, "The log holds no out-of-memory event.");
	shows("{\"first_oom\":null,\"events\":[]}", "{{view.label}}", "no OOM event");
	shows(EVENT("\"scope\":\"memcg\",\"memcg\":{\"path\":\"/a\",\"limit_kb\":20480},"
		    "\"trigger\":{\"comm\":\"x\",\"pid\":7,\"order\":0,\"request_kb\":4},"
		    "\"victims\":[{\"comm\":\"y\",\"pid\":8,\"anon_rss_kb\":1024,"
		    "\"file_rss_kb\":null,\"shmem_rss_kb\":1024}]"),
	      t, "x (pid 7) asked for one page (order 0, 4 KiB); the memory cgroup /a was at "
		 "its limit of 20 MiB and reclaim inside it did not help. The OOM killer killed "
		 "y (pid 8), which held 2 MiB.");
	shows("{\"events\":[{\"kind\":\"alloc-failure\",\"trigger\":{\"comm\":\"x\",\"order\":4,"
	      "\"gfp_atomic\":true},\"memory\":{\"page_size_kb\":4}}]}",
	      t, "x asked for 16 pages in one piece (order 4, 64 KiB) and got none. This is a page "
		 "allocation failure, not an OOM kill: nobody was killed, and the caller has to "
		 "cope. The request was atomic: it may not wait for reclaim, so under load some "
		 "are expected to fail.");
	shows(EVENT("\"scope\":\"manual\",\"victims\":[{\"comm\":\"x\",\"pid\":1}]"), t,
	      "Somebody called the OOM killer by hand (SysRq-f, or a program that writes to "
	      "sysrq-trigger); no allocation failed. The OOM killer killed x (pid 1).");
	shows("{\"first_oom\":{\"kind\":\"userspace-kill\",\"killer\":\"systemd-oomd\","
	      "\"reason\":\"pressure\",\"victims\":[{\"comm\":\"x\"}]}}",
	      t, "systemd-oomd (a userspace program, not the kernel) killed x: pressure.");
	/* the event asked for, not the first fatal one */
	shows("{\"first_oom\":{\"kind\":\"oom-kill\"},\"subject\":{\"index\":1,\"chosen\":true},"
	      "\"events\":[{\"kind\":\"oom-kill\"},{\"kind\":\"oom-panic\"}]}",
	      "{{view.label}}", "OOM panic");
}

static void test_sizes(void)
{
	shows(EVENT("\"memory\":{\"free_kb\":1023,\"ram_kb\":2097152}"),
	      "{{view.free.human}} {{view.free.percent}} {{view.free.ram_human}}",
	      "1023 KiB 0 2 GiB");
	shows(EVENT("\"memory\":{\"free_kb\":1536,\"ram_kb\":4096}"),
	      "{{view.free.human}} {{view.free.percent}}", "1.5 MiB 37.5");
	shows(EVENT("\"memory\":{\"free_kb\":null}"), "({{view.free.kb}}{{view.free.percent}})",
	      "()");
	/* a cgroup's event does not print the page size: the kill line tells it */
	shows(EVENT("\"victims\":[{\"comm\":\"x\",\"pid\":5,\"anon_rss_kb\":64000}],"
		    "\"tasks\":[{\"comm\":\"x\",\"pid\":5,\"rss_pages\":1000}]"),
	      "{{#view.tasks.sorts.0.rows}}{{name}} {{rss_kb}} {{killed}}"
	      "{{/view.tasks.sorts.0.rows}}",
	      "x 64000 true");
}

static void test_hostile(void)
{
	shows(EVENT("\"trigger\":{\"comm\":\"a\\u001b[31m\\u009b\\u202eb\\n\\tc\\r\"}"),
	      "{{view.request.who}}", "a\\x1b[31m\\x9b\\u202eb\n\tc\\x0d");
	shows("{\"first_oom\":[],\"events\":7,\"diagnosis\":\"x\",\"vmlog\":[1],\"system\":0}",
	      "{{view.label}}", "no OOM event");
	shows("{\"a\":\"``x`````\"}", "{{view.fence}}", "``````");
	shows("{}", "{{view.fence}}", "```");
	shows("{\"vmlog\":{\"points\":{\"time_s\":[1,null,\"x\"],\"values\":{}}}}",
	      "{{view.series.has_charts}}", "false");
}

/* The task rows with the least memory go first, and it is said. */
static void test_cut(void)
{
	CLEANUP_BUF struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct render_options o = {.verbatim_max = 3000};
	json_auto_t *doc = NULL, *view = NULL;
	struct err err = {.code = ERR_NONE};

	buf_addz(&text, "[1.0] x invoked oom-killer: order=0\n");
	for (int i = 0; i < 200; i++)
		buf_addf(&text, "[1.0] [%5d]     0 %5d     1000 %8d    4096        0     0 t%d\n",
			 1000 + i, 1000 + i, 1000 + i, i);
	buf_addz(&text, "[1.0] Out of memory: Killed process 1199 (t199)");
	doc = json_pack("{s:{s:s,s:s}}", "first_oom", "kind", "oom-kill", "verbatim",
			buf_cstr(&text));
	check_ok(report_view_sized(doc, &o, &view, &err), err);
	check_ok(template_render(STR("{{view.verbatim.text}}"), "t", view, TEMPLATE_PLAIN, NULL,
				 &out, &err),
		 err);
	check(out.n <= 3000 && out.n > 2000);
	check(str_starts(buf_str(&out), STR("[1.0] x invoked oom-killer")));
	check(str_find(buf_str(&out), STR("smaller rows of the task table left out")) != SIZE_MAX);
	check(str_find(buf_str(&out), STR(" t199\n")) != SIZE_MAX);
	check(str_find(buf_str(&out), STR(" t0\n")) == SIZE_MAX);
	check(str_ends(buf_str(&out), STR("Killed process 1199 (t199)")));
}

static void test_no_memory(void)
{
	json_auto_t *doc = parse(EVENT("\"tasks\":[{\"comm\":\"x\",\"pid\":5,\"rss_pages\":1}],"
				       MEMORY(ZONE("0", "Normal", "\"x\":1"))));
	unsigned failed = 0;

	for (unsigned long n = 1; n < 60; n += 3) {
		json_t *view = NULL;
		struct err err = {.code = ERR_NONE};

		mem_fail_after(n);
		if (report_view(doc, &view, &err) < 0) {
			failed++;
			check_int(err.code, ERR_NOMEM);
			check(!view);
		}
		mem_fail_after(0);
		json_decref(view);
	}
	check(failed > 5);
}

int main(void)
{
	test_watermarks();
	test_cgroup();
	test_settings();
	test_sentences();
	test_sizes();
	test_hostile();
	test_cut();
	test_no_memory();
	return tests_done();
}
