/* SPDX-License-Identifier: MIT */
/* counters.c - the table of counters, and the few forms of lines they stand in. */
#include "vmlog/counters.h"

#include <math.h>
#include <stdio.h>

#include "vmlog/tool_tables.h"

static const struct counter table[] = {
#define KB(name, grows) {STR_INIT(name), UNIT_KB, false, grows}
#define RATE(name) {STR_INIT(name), UNIT_COUNT, true, false}
#define GAUGE(name) {STR_INIT(name), UNIT_COUNT, false, false}
	KB("memtotal", false), KB("memfree", false), KB("memavailable", false),
	KB("swaptotal", false), KB("swapfree", false), KB("swapcached", false),
	KB("cached", false), KB("buffers", false), KB("active_anon", false),
	KB("inactive_anon", false), KB("active_file", false), KB("inactive_file", false),
	KB("unevictable", true), KB("mlocked", true), KB("dirty", true), KB("writeback", true),
	KB("anonpages", true), KB("anonhugepages", false), KB("mapped", false),
	KB("shmem", true), KB("slab", false), KB("sreclaimable", true), KB("sunreclaim", true),
	KB("kernelstack", true), KB("pagetables", true), KB("secpagetables", true),
	KB("percpu", true), KB("vmallocused", true), KB("zswap", true), KB("hugetlb", true),
	KB("cmafree", false), KB("committed_as", false),
	RATE("pgscan"), RATE("pgscan_direct"), RATE("pgscan_kswapd"), RATE("pgsteal"),
	RATE("pgsteal_direct"), RATE("pgsteal_kswapd"), RATE("allocstall"),
	RATE("compact_stall"), RATE("compact_fail"), RATE("compact_success"),
	RATE("workingset_refault"), RATE("workingset_activate"), RATE("oom_kill"),
	RATE("pswpin"), RATE("pswpout"), RATE("pgmajfault"), RATE("pgpgin"), RATE("pgpgout"),
	RATE("pgalloc"), RATE("pgfree"), RATE("thp_fault_fallback"),
	GAUGE("psi_memory_some_avg10"), GAUGE("psi_memory_full_avg10"),
	GAUGE("psi_io_some_avg10"), GAUGE("psi_io_full_avg10"), GAUGE("psi_cpu_some_avg10"),
	RATE("psi_memory_some_us"), RATE("psi_memory_full_us"),
	GAUGE("load1"), GAUGE("procs_blocked"),
	GAUGE("swapin_kb_per_s"), GAUGE("swapout_kb_per_s"),
};

/* Keys of /proc/meminfo are the names above in lower case, but for these. */
static const struct {
	struct str key, name;
} meminfo_names[] = {
	{STR_INIT("Active(anon)"), STR_INIT("active_anon")},
	{STR_INIT("Inactive(anon)"), STR_INIT("inactive_anon")},
	{STR_INIT("Active(file)"), STR_INIT("active_file")},
	{STR_INIT("Inactive(file)"), STR_INIT("inactive_file")},
};

/* Several keys may add up to one counter: by zone (pgscan_direct_dma32, until 4.8), by type
 * (workingset_refault_anon, from 5.9). A prefix covers the key itself and "key_...". */
static const struct {
	struct str key, name;
	bool prefix;
	unsigned scale; /* pages to kB: 4; only used when there is no meminfo */
} vmstat_names[] = {
	{STR_INIT("pgscan_kswapd"), STR_INIT("pgscan"), true, 0},
	{STR_INIT("pgscan_direct"), STR_INIT("pgscan"), true, 0},
	{STR_INIT("pgscan_khugepaged"), STR_INIT("pgscan"), false, 0},
	{STR_INIT("pgscan_proactive"), STR_INIT("pgscan"), false, 0},
	{STR_INIT("pgscan_direct"), STR_INIT("pgscan_direct"), true, 0},
	{STR_INIT("pgscan_kswapd"), STR_INIT("pgscan_kswapd"), true, 0},
	{STR_INIT("pgsteal_kswapd"), STR_INIT("pgsteal"), true, 0},
	{STR_INIT("pgsteal_direct"), STR_INIT("pgsteal"), true, 0},
	{STR_INIT("pgsteal_khugepaged"), STR_INIT("pgsteal"), false, 0},
	{STR_INIT("pgsteal_proactive"), STR_INIT("pgsteal"), false, 0},
	{STR_INIT("pgsteal_direct"), STR_INIT("pgsteal_direct"), true, 0},
	{STR_INIT("pgsteal_kswapd"), STR_INIT("pgsteal_kswapd"), true, 0},
	{STR_INIT("allocstall"), STR_INIT("allocstall"), true, 0},
	{STR_INIT("compact_stall"), STR_INIT("compact_stall"), false, 0},
	{STR_INIT("compact_fail"), STR_INIT("compact_fail"), false, 0},
	{STR_INIT("compact_success"), STR_INIT("compact_success"), false, 0},
	{STR_INIT("workingset_refault"), STR_INIT("workingset_refault"), true, 0},
	{STR_INIT("workingset_activate"), STR_INIT("workingset_activate"), true, 0},
	{STR_INIT("oom_kill"), STR_INIT("oom_kill"), false, 0},
	{STR_INIT("pswpin"), STR_INIT("pswpin"), false, 0},
	{STR_INIT("pswpout"), STR_INIT("pswpout"), false, 0},
	{STR_INIT("pgmajfault"), STR_INIT("pgmajfault"), false, 0},
	{STR_INIT("pgpgin"), STR_INIT("pgpgin"), false, 0},
	{STR_INIT("pgpgout"), STR_INIT("pgpgout"), false, 0},
	{STR_INIT("pgalloc"), STR_INIT("pgalloc"), true, 0},
	{STR_INIT("pgfree"), STR_INIT("pgfree"), false, 0},
	{STR_INIT("thp_fault_fallback"), STR_INIT("thp_fault_fallback"), false, 0},
	{STR_INIT("nr_free_pages"), STR_INIT("memfree"), false, 4},
	{STR_INIT("nr_anon_pages"), STR_INIT("anonpages"), false, 4},
	{STR_INIT("nr_mapped"), STR_INIT("mapped"), false, 4},
	{STR_INIT("nr_file_pages"), STR_INIT("cached"), false, 4},
	{STR_INIT("nr_dirty"), STR_INIT("dirty"), false, 4},
	{STR_INIT("nr_writeback"), STR_INIT("writeback"), false, 4},
	{STR_INIT("nr_slab_reclaimable"), STR_INIT("sreclaimable"), false, 4},
	{STR_INIT("nr_slab_unreclaimable"), STR_INIT("sunreclaim"), false, 4},
	{STR_INIT("nr_slab_reclaimable"), STR_INIT("slab"), false, 4},
	{STR_INIT("nr_slab_unreclaimable"), STR_INIT("slab"), false, 4},
	{STR_INIT("nr_page_table_pages"), STR_INIT("pagetables"), false, 4},
	{STR_INIT("nr_kernel_stack"), STR_INIT("kernelstack"), false, 1}, /* kB from 4.9 */
	{STR_INIT("nr_shmem"), STR_INIT("shmem"), false, 4},
	{STR_INIT("nr_mlock"), STR_INIT("mlocked"), false, 4},
	{STR_INIT("nr_unevictable"), STR_INIT("unevictable"), false, 4},
};

/* Look like the keys above, and are something else. */
static const struct str vmstat_others[] = {
	STR_INIT("pgscan_direct_throttle"),
	STR_INIT("workingset_refault_memcg"),
};

size_t counters_count(void)
{
	_Static_assert(ARRAY_COUNT(table) <= COUNTERS_MAX, "COUNTERS_MAX");
	return ARRAY_COUNT(table);
}

const struct counter *counters_at(size_t i)
{
	return &table[i];
}

static size_t find(struct str name)
{
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		if (str_eq_nocase(table[i].name, name))
			return i;
	}
	return SIZE_MAX;
}

static void add(double *v, size_t i, double value)
{
	if (i != SIZE_MAX)
		v[i] = isnan(v[i]) ? value : v[i] + value;
}

void counters_add(double *v, struct str name, double value)
{
	add(v, find(name), value);
}

double counters_get(const double *v, struct str name)
{
	size_t i = find(name);

	return i == SIZE_MAX ? (double)NAN : v[i];
}

static void read_meminfo(struct str text, double *v)
{
	struct str line, key;

	while (take_line(&text, &line)) {
		uint64_t value;

		if (!take_until(&line, ':', &key))
			continue;
		for (size_t i = 0; i < ARRAY_COUNT(meminfo_names); i++) {
			if (str_eq(key, meminfo_names[i].key))
				key = meminfo_names[i].name;
		}
		skip_blanks(&line);
		if (take_u64(&line, &value))
			add(v, find(key), (double)value);
	}
}

static bool is_key(struct str line_key, struct str key, bool prefix)
{
	if (!str_starts(line_key, key))
		return false;
	if (line_key.n == key.n)
		return true;
	if (!prefix || line_key.p[key.n] != '_')
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(vmstat_others); i++) {
		if (str_eq(line_key, vmstat_others[i]))
			return false;
	}
	return true;
}

static void read_vmstat(struct str text, bool has_meminfo, double *v)
{
	struct str line, key;

	while (take_line(&text, &line)) {
		uint64_t value;

		if (!take_until(&line, ' ', &key) || !take_u64(&line, &value))
			continue;
		for (size_t i = 0; i < ARRAY_COUNT(vmstat_names); i++) {
			unsigned scale = vmstat_names[i].scale;

			if ((scale && has_meminfo) ||
			    !is_key(key, vmstat_names[i].key, vmstat_names[i].prefix))
				continue;
			add(v, find(vmstat_names[i].name), (double)value * (scale ? scale : 1));
		}
	}
}

bool take_decimal(struct str *in, double *ret)
{
	uint64_t whole, part = 0;
	double scale = 1;
	struct str at = *in;

	if (!take_u64(&at, &whole))
		return false;
	if (take_char(&at, '.')) {
		size_t n = at.n;

		if (!take_u64(&at, &part))
			return false;
		for (n -= at.n; n; n--)
			scale *= 10;
	}
	*in = at;
	*ret = (double)whole + (double)part / scale;
	return true;
}

static void read_pressure(struct str text, const char *what, double *v)
{
	struct str line, kind, skipped;
	char name[64];

	while (take_line(&text, &line)) {
		double value;

		if (!take_until(&line, ' ', &kind))
			continue;
		if (take_lit(&line, STR("avg10=")) && take_decimal(&line, &value)) {
			snprintf(name, sizeof(name), "psi_%s_%.*s_avg10", what, STR_ARG(kind));
			add(v, find(str_of(name)), value);
		}
		if (take_until_lit(&line, STR("total="), &skipped) && take_decimal(&line, &value)) {
			snprintf(name, sizeof(name), "psi_%s_%.*s_us", what, STR_ARG(kind));
			add(v, find(str_of(name)), value);
		}
	}
}

static void read_loadavg(struct str text, double *v)
{
	double value;

	if (take_decimal(&text, &value))
		add(v, find(STR("load1")), value);
}

static void read_stat(struct str text, double *v)
{
	size_t at = str_find(text, STR("\nprocs_blocked "));
	uint64_t value;

	text = str_from(text, at == SIZE_MAX ? text.n : at + 15);
	if (take_u64(&text, &value))
		add(v, find(STR("procs_blocked")), (double)value);
}

static const struct sample_file *fresh_file(const struct sample *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->files[i].fresh && str_eq(s->files[i].name, name))
			return &s->files[i];
	}
	return NULL;
}

void counters_read(const struct sample *s, double v[COUNTERS_MAX])
{
	bool has_meminfo = fresh_file(s, STR("meminfo")) != NULL;

	for (size_t i = 0; i < ARRAY_COUNT(table); i++)
		v[i] = (double)NAN;
	for (size_t i = 0; i < s->n; i++) {
		struct str name = s->files[i].name, text = s->files[i].text;

		if (!s->files[i].fresh)
			continue;
		if (str_eq(name, STR("meminfo")))
			read_meminfo(text, v);
		else if (str_eq(name, STR("vmstat")))
			read_vmstat(text, has_meminfo, v);
		else if (str_eq(name, STR("pressure/memory")))
			read_pressure(text, "memory", v);
		else if (str_eq(name, STR("pressure/io")))
			read_pressure(text, "io", v);
		else if (str_eq(name, STR("pressure/cpu")))
			read_pressure(text, "cpu", v);
		else if (str_eq(name, STR("loadavg")))
			read_loadavg(text, v);
		else if (str_eq(name, STR("stat")))
			read_stat(text, v);
	}
	/* what a tool printed only fills what is missing */
	for (size_t i = 0; i < s->n; i++) {
		if (s->files[i].fresh && str_eq(s->files[i].name, STR("vmstat(8)")))
			tool_vmstat(s->files[i].text, v);
	}
}

/* ---- consumers ---- */

static void each_named(struct str kind, struct str name, double kb, consumer_fn each, void *ctx)
{
	char room[192];
	size_t n = name.n < sizeof(room) - kind.n ? name.n : sizeof(room) - kind.n;

	memcpy(room, kind.p, kind.n);
	memcpy(room + kind.n, name.p, n);
	each(ctx, (struct str){room, kind.n + n}, kb);
}

/* name active_objs num_objs objsize ...: objects times size, whatever a page has. */
static void read_slabinfo(struct str text, consumer_fn each, void *ctx)
{
	struct str line, name;

	while (take_line(&text, &line)) {
		uint64_t v[3];
		int n = 0;

		if (!take_word(&line, &name) || name.p[0] == '#')
			continue;
		for (; n < 3; n++) {
			skip_blanks(&line);
			if (!take_u64(&line, &v[n]))
				break;
		}
		if (n == 3)
			each_named(STR("slab:"), name, (double)v[1] * (double)v[2] / 1024, each,
				   ctx);
	}
}

/* The recorder's own tables: `numbers` numbers, then a name; the first number is kB. */
static void read_table(struct str text, struct str kind, int numbers, consumer_fn each, void *ctx)
{
	struct str line;

	while (take_line(&text, &line)) {
		int64_t v[4] = {0};
		int n = 0;
		char room[160];

		for (; n < numbers; n++) {
			skip_blanks(&line);
			if (!take_i64(&line, &v[n]))
				break;
		}
		skip_blanks(&line);
		if (n < numbers || line.n == 0)
			continue;
		if (str_eq(kind, STR("process:"))) {
			snprintf(room, sizeof(room), "%.*s[%lld]",
				 line.n < 64 ? (int)line.n : 64, line.p, (long long)v[2]);
			line = str_of(room);
		}
		each_named(kind, line, (double)v[0], each, ctx);
	}
}

void consumers_read(const struct sample *s, consumer_fn each, void *ctx)
{
	bool has_slabinfo = fresh_file(s, STR("slabinfo")) != NULL;

	for (size_t i = 0; i < s->n; i++) {
		struct str name = s->files[i].name, text = s->files[i].text;

		if (!s->files[i].fresh)
			continue;
		if (str_eq(name, STR("slabinfo")))
			read_slabinfo(text, each, ctx);
		else if (!has_slabinfo && str_eq(name, STR("oomreport/top-slabs")))
			read_table(text, STR("slab:"), 3, each, ctx);
		else if (str_eq(name, STR("oomreport/top-processes")))
			read_table(text, STR("process:"), 4, each, ctx);
		else if (str_eq(name, STR("oomreport/top-cgroups")))
			read_table(text, STR("cgroup:"), 2, each, ctx);
		else if (str_eq(name, STR("processes")))
			tool_processes(text, each, ctx);
	}
}
