/* SPDX-License-Identifier: MIT */
/* parts.c - what the document says besides events: source, system, collection,
 * vmlog, interview. */
#include "report/event.h"
#include "report/map.h"
#include "report/private.h"

/* ---- source ---- */

void parts_emit_source(struct emit *e, const struct report_parts *parts)
{
	const struct source_info *s = parts->source;
	const struct log_facts *log = parts->log;

	emit_object(e, STR("source"));
	emit_str(e, STR("kind"), s ? str_of(source_kind_name(s->kind)) : NOKEY);
	emit_str(e, STR("name"), s ? str_of(s->name) : NOKEY);
	emit_i64(e, STR("bytes"), log ? (int64_t)log->bytes : UNKNOWN);
	emit_i64(e, STR("lines"), log ? (int64_t)log->lines : UNKNOWN);
	if (s || log)
		emit_bool(e, STR("head_lost"), (s && s->head_lost) || (log && log->head_lost));
	else
		emit_null(e, STR("head_lost"));
	emit_i64(e, STR("lost_records"),
		 s || log ? (int64_t)((s ? s->lost_records : 0) + (log ? log->lost_records : 0))
			  : UNKNOWN);
	emit_str(e, STR("note"), s && s->note[0] ? str_of(s->note) : NOKEY);
	emit_str(e, STR("banner"), log ? log->banner : NOKEY);
	if (log)
		map_kvs_object(e, STR("context"), &log->context);
	else
		emit_null(e, STR("context"));
	emit_end(e);
}

/* ---- system ---- */

static struct str first_known(const struct str *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (from[i].n)
			return from[i];
	}
	return NOKEY;
}

static int64_t first_number(const int64_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (from[i] != UNKNOWN)
			return from[i];
	}
	return UNKNOWN;
}

/* "el8", "debian": as much as a kernel release tells of the distribution. */
static struct str release_distro(struct str release)
{
	struct kernel_version v;

	return release.n && kernel_version_parse(release, &v) && v.distro.n ? v.distro : NOKEY;
}

/* Releases that end in their architecture: "6.1.0-56-amd64", "5.14.0-427.el9.x86_64". */
static struct str release_arch(struct str release)
{
	static const struct {
		struct str tail, arch;
	} rows[] = {
		{STR_INIT("-amd64"), STR_INIT("x86_64")},   {STR_INIT("x86_64"), STR_INIT("x86_64")},
		{STR_INIT("-arm64"), STR_INIT("aarch64")},  {STR_INIT("aarch64"), STR_INIT("aarch64")},
		{STR_INIT("-686-pae"), STR_INIT("i686")},   {STR_INIT(".i686"), STR_INIT("i686")},
		{STR_INIT("-686"), STR_INIT("i686")},	    {STR_INIT("ppc64le"), STR_INIT("ppc64le")},
		{STR_INIT("-powerpc64le"), STR_INIT("ppc64le")}, {STR_INIT("s390x"), STR_INIT("s390x")},
		{STR_INIT("-armmp"), STR_INIT("armv7l")},   {STR_INIT("-riscv64"), STR_INIT("riscv64")},
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (str_ends(release, rows[i].tail))
			return rows[i].arch;
	}
	return NOKEY;
}

static int64_t times(int64_t value, int64_t factor)
{
	int64_t out;

	return value == UNKNOWN || factor == UNKNOWN ||
			       __builtin_mul_overflow(value, factor, &out)
		       ? UNKNOWN
		       : out;
}

enum likeness { UNLIKE = -1, UNSAID, ALIKE };

static enum likeness alike(struct str a, struct str b)
{
	return a.n == 0 || b.n == 0 ? UNSAID : str_eq(a, b) ? ALIKE : UNLIKE;
}

/* syslog cuts the name at the first dot, or not */
static enum likeness same_name(struct str a, struct str b)
{
	return a.n == 0 || b.n == 0 ? UNSAID
	       : str_starts(a, b) || str_starts(b, a) ? ALIKE : UNLIKE;
}

/* A log may show the loader's command line without what the kernel was built with, or its tail. */
static enum likeness same_cmdline(struct str a, struct str b)
{
	return a.n == 0 || b.n == 0 ? UNSAID
	       : str_find(a, b) != SIZE_MAX || str_find(b, a) != SIZE_MAX ? ALIKE : UNLIKE;
}

static int64_t event_ram_kb(const struct event *ev, int64_t page_kb);

/* MemTotal lacks a little of what the allocator has, and hotplug or a balloon moves both. */
static enum likeness same_ram(const struct event *ev, const struct host_facts *h)
{
	/* a copied tree does not say its page size; the event's own is what its pages are of */
	int64_t page_kb = ev ? event_page_kb(ev) : UNKNOWN, ram, total = h->mem_total_kb;

	if (page_kb == UNKNOWN && h->page_size_bytes != UNKNOWN)
		page_kb = h->page_size_bytes / 1024;
	ram = ev ? event_ram_kb(ev, page_kb) : UNKNOWN;

	if (ram == UNKNOWN || total == UNKNOWN || ram <= 0)
		return UNSAID;
	return total < ram - ram / 4 || total > ram + ram / 4 ? UNLIKE : UNSAID;
}

bool parts_is_of_host(const struct report *r, const struct report_parts *parts)
{
	static const struct log_facts no_log;
	const struct log_facts *log = parts->log ? parts->log : &no_log;
	const struct host_facts *h = parts->host;
	const struct event *ev = r->subject;
	enum likeness kernel, name;
	bool carried;

	if (!h)
		return false;
	carried = parts->source && (parts->source->kind == SOURCE_FILE ||
				    parts->source->kind == SOURCE_STDIN);
	kernel = alike(ev && ev->kernel.n ? ev->kernel : log->kernel, h->kernel);
	name = same_name(ev && ev->host.n ? ev->host : log->hostname, h->hostname);
	if (kernel == UNLIKE || name == UNLIKE || same_ram(ev, h) == UNLIKE ||
	    same_cmdline(log->cmdline, h->cmdline) == UNLIKE)
		return false;
	/* a file that does not say whose it is may be anybody's */
	return !carried || kernel == ALIKE || name == ALIKE;
}

/* RAM as the event prints it: what the page allocator had, without the reserved pages. */
static int64_t event_ram_kb(const struct event *ev, int64_t page_kb)
{
	const struct kv *ram = kvs_find(&ev->memory.tail, STR("ram"));
	int64_t all = kvs_get_kb(&ev->memory.tail, STR("ram"), page_kb);
	int64_t reserved = kvs_get_kb(&ev->memory.tail, STR("reserved"), page_kb);

	if (!ram || all == UNKNOWN || (ram->unit == UNIT_PAGES && page_kb == UNKNOWN))
		return UNKNOWN;
	return reserved == UNKNOWN || reserved > all ? all : all - reserved;
}

/* The machine the events happened on: the event's own words first, then the log's, then what
 * was found on the host (which for --log FILE may be another one). */
void parts_emit_system(struct emit *e, const struct report *r, const struct report_parts *parts,
		       bool of_host)
{
	static const struct event none = {.memory = {.swap_total_kb = UNKNOWN}};
	static const struct log_facts no_log;
	static const struct host_facts no_host = {.page_size_bytes = UNKNOWN,
						  .mem_total_kb = UNKNOWN,
						  .swap_total_kb = UNKNOWN,
						  .cpus = UNKNOWN,
						  .nodes = UNKNOWN};
	const struct event *ev = r->subject ? r->subject : &none;
	const struct log_facts *log = parts->log ? parts->log : &no_log;
	const struct host_facts *h = of_host ? parts->host : &no_host;
	struct str kernel = first_known((struct str[]){ev->kernel, log->kernel, h->kernel,
						       r->kernel}, 4);
	int64_t page_kb = event_page_kb(ev);
	const struct {
		struct str key, value;
	} texts[] = {
		{STR_INIT("kernel"), kernel},
		{STR_INIT("kernel_build"), ev->kernel_build},
		{STR_INIT("arch"), first_known((struct str[]){log->arch, h->arch,
					      release_arch(kernel)}, 3)},
		{STR_INIT("distribution"), first_known((struct str[]){h->distribution,
						      release_distro(kernel)}, 2)},
		{STR_INIT("hostname"), first_known((struct str[]){ev->host, log->hostname,
						   h->hostname}, 3)},
		{STR_INIT("hardware"), first_known((struct str[]){ev->hardware, log->hardware,
						   h->hardware}, 3)},
		{STR_INIT("tainted"), first_known((struct str[]){ev->tainted, h->tainted}, 2)},
		{STR_INIT("cmdline"), first_known((struct str[]){log->cmdline, h->cmdline}, 2)},
	};

	emit_object(e, STR("system"));
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		emit_str(e, texts[i].key, texts[i].value.n ? texts[i].value : NOKEY);
	emit_i64(e, STR("page_size_bytes"),
		 first_number((int64_t[]){times(page_kb, 1024), h->page_size_bytes}, 2));
	emit_i64(e, STR("mem_total_kb"),
		 first_number((int64_t[]){h->mem_total_kb, event_ram_kb(ev, page_kb)}, 2));
	emit_i64(e, STR("swap_total_kb"),
		 first_number((int64_t[]){ev->memory.swap_total_kb, h->swap_total_kb}, 2));
	emit_i64(e, STR("cpus"), h->cpus);
	emit_i64(e, STR("numa_nodes"), h->nodes);
	emit_end(e);
}

/* ---- collection: what was found on the machine ---- */

static const struct map_row slab_rows[] = {
	ROW_STR("name", struct slab_fact, name),
	ROW_I64("active_objects", struct slab_fact, active_objs),
	ROW_I64("objects", struct slab_fact, objs),
	ROW_I64("object_size_bytes", struct slab_fact, obj_size_bytes),
	ROW_I64("total_kb", struct slab_fact, total_kb),
	ROW_BOOL("reclaimable", struct slab_fact, reclaimable),
};

static const struct map_row swap_rows[] = {
	ROW_STR("name", struct swap_fact, name),
	ROW_STR("type", struct swap_fact, type),
	ROW_I64("size_kb", struct swap_fact, size_kb),
	ROW_I64("used_kb", struct swap_fact, used_kb),
	ROW_I64("priority", struct swap_fact, priority),
};

static const struct map_row process_rows[] = {
	ROW_I64("pid", struct process_fact, pid),
	ROW_I64("ppid", struct process_fact, ppid),
	ROW_STR("comm", struct process_fact, comm),
	ROW_STR("cgroup", struct process_fact, cgroup),
	ROW_I64("rss_kb", struct process_fact, rss_kb),
	ROW_I64("swap_kb", struct process_fact, swap_kb),
	ROW_I64("shmem_kb", struct process_fact, shmem_kb),
	ROW_I64("locked_kb", struct process_fact, locked_kb),
	ROW_I64("oom_score", struct process_fact, oom_score),
	ROW_I64("oom_score_adj", struct process_fact, oom_score_adj),
	ROW_I64("fds", struct process_fact, fds),
};

static const struct map_row holder_rows[] = {
	ROW_I64("pid", struct holder_fact, pid),
	ROW_STR("comm", struct holder_fact, comm),
	ROW_STR("kind", struct holder_fact, kind),
	ROW_STR("name", struct holder_fact, name),
	ROW_STR("cgroup", struct holder_fact, cgroup),
	ROW_I64("held_kb", struct holder_fact, kb),
	ROW_I64("mapped_by", struct holder_fact, mapped_by),
	ROW_I64("opened_by", struct holder_fact, opened_by),
};

static void emit_facts(struct emit *e, const struct host_facts *h)
{
	if (!h) {
		emit_null(e, STR("facts"));
		return;
	}
	emit_object(e, STR("facts"));
	map_kvs_object(e, STR("meminfo"), &h->meminfo);
	map_kvs_object(e, STR("vmstat"), &h->vmstat);
	map_kvs_object(e, STR("sysctl"), &h->sysctl);
	map_kvs_object(e, STR("numbers"), &h->numbers);
	map_array(e, STR("slabs"), slab_rows, ARRAY_COUNT(slab_rows), h->slabs, h->n_slabs,
		  sizeof(*h->slabs));
	map_array(e, STR("swaps"), swap_rows, ARRAY_COUNT(swap_rows), h->swaps, h->n_swaps,
		  sizeof(*h->swaps));
	map_array(e, STR("processes"), process_rows, ARRAY_COUNT(process_rows), h->processes,
		  h->n_processes, sizeof(*h->processes));
	map_array(e, STR("shmem_holders"), holder_rows, ARRAY_COUNT(holder_rows), h->holders,
		  h->n_holders, sizeof(*h->holders));
	emit_end(e);
}

/* "facts" and, spliced in, the members of the object the collector wrote. */
void parts_emit_collection(struct emit *e, const struct report_parts *parts, bool of_host)
{
	struct str members = str_trim(parts->collection);

	if (!parts->host && !members.n) {
		emit_null(e, STR("collection"));
		return;
	}
	emit_object(e, STR("collection"));
	if (parts->host)
		emit_bool(e, STR("log_is_of_this_machine"), of_host);
	else
		emit_null(e, STR("log_is_of_this_machine"));
	emit_facts(e, parts->host);
	if (members.n > 2 && take_char(&members, '{')) {
		members = str_trim(str_sub(members, 0, members.n - 1));
		if (members.n) {
			emit_raw(e, STR(","));
			emit_raw(e, members);
		}
	}
	emit_end(e);
}

/* ---- vmlog ---- */

static const struct map_row series_rows[] = {
	ROW_STR("kind", struct series, kind),
	ROW_U64("samples", struct series, samples),
	ROW_WALL("first", struct series, first_us),
	ROW_WALL("last", struct series, last_us),
	ROW_WALL("event", struct series, event_us),
	ROW_REAL("interval_s", struct series, interval_s),
	ROW_REAL("longest_gap_s", struct series, longest_gap_s),
	ROW_STR("grew_most", struct series, grew_most),
	ROW_REAL("grew_kb", struct series, grew_kb),
	ROW_STR("skipped", struct series, skipped),
};

static const struct map_row counter_rows[] = {
	ROW_STR("name", struct series_counter, name),
	ROW_BOOL("is_rate", struct series_counter, is_rate),
	ROW_REAL("start", struct series_counter, start),
	ROW_REAL("end", struct series_counter, end),
	ROW_REAL("min", struct series_counter, min),
	ROW_REAL("max", struct series_counter, max),
	ROW_REAL("slope_per_s", struct series_counter, slope_per_s),
	ROW_REAL("at_event", struct series_counter, at_event),
};

static void emit_counters(struct emit *e, const struct series *s)
{
	emit_array(e, STR("counters"));
	for (size_t i = 0; i < s->n_counters; i++) {
		struct str unit = unit_suffix(s->counters[i].unit);

		emit_object(e, NOKEY);
		map_members(e, counter_rows, ARRAY_COUNT(counter_rows), &s->counters[i]);
		emit_str(e, STR("unit"), unit.n ? str_from(unit, 1) : STR("count"));
		emit_end(e);
	}
	emit_end(e);
}

/* The thinned points of one counter, for charts: numbers only, one line each. */
static void emit_points_of(struct emit *e, const struct series *s, size_t counter)
{
	int indent = e->indent;

	emit_array(e, s->counters[counter].name);
	e->indent = 0;
	for (size_t p = 0; p < s->n_points; p++)
		emit_double(e, NOKEY, s->points[p * s->n_counters + counter]);
	emit_end(e);
	e->indent = indent;
}

static void emit_points(struct emit *e, const struct series *s)
{
	int indent = e->indent;

	emit_object(e, STR("points"));
	emit_array(e, STR("time_s"));
	e->indent = 0;
	for (size_t p = 0; p < s->n_points; p++)
		emit_micro(e, NOKEY, s->point_us[p]);
	emit_end(e);
	e->indent = indent;
	emit_object(e, STR("values"));
	for (size_t i = 0; i < s->n_counters; i++)
		emit_points_of(e, s, i);
	emit_end(e);
	emit_end(e);
}

void parts_emit_series(struct emit *e, const struct series *s)
{
	if (!s) {
		emit_null(e, STR("vmlog"));
		return;
	}
	emit_object(e, STR("vmlog"));
	map_members(e, series_rows, ARRAY_COUNT(series_rows), s);
	emit_counters(e, s);
	emit_points(e, s);
	emit_end(e);
}

/* ---- interview ---- */

static const struct map_row interview_rows[] = {
	ROW_CSTR("workload", struct interview, workload),
	ROW_CSTR("before", struct interview, before),
	ROW_CSTR("after", struct interview, after),
	ROW_CSTR("impact", struct interview, impact),
	ROW_CSTR("reproducible", struct interview, reproducible),
	ROW_CSTR("changed", struct interview, changed),
};

void parts_emit_interview(struct emit *e, const struct interview *i)
{
	static const struct interview silent;

	emit_object(e, STR("interview"));
	map_members(e, interview_rows, ARRAY_COUNT(interview_rows), i ? i : &silent);
	if (i) {
		emit_array(e, STR("other"));
		for (size_t k = 0; k < i->n_extra; k++) {
			emit_object(e, NOKEY);
			emit_str(e, STR("key"), str_of(i->extra[k].key));
			emit_str(e, STR("question"), str_of(i->extra[k].question));
			emit_str(e, STR("answer"), str_of(i->extra[k].answer));
			emit_end(e);
		}
		emit_end(e);
	}
	emit_end(e);
}
