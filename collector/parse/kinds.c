/* SPDX-License-Identifier: MIT */
/* kinds.c - the table of line kinds, and the way of a piece to its handler.
 *
 * A new wording of the kernel is one row here and one case in tests/parse. Rows of `at_start`
 * stand grouped by their first byte; of several that fit, the first one whose handler takes
 * the line wins. Rows of `anywhere` are tried only on lines in which find_interesting() finds
 * something: their literals, or a part of them, must stand in find.c.
 */
#include "parse/handlers.h"
#include "parse/unwrap.h"

static HANDLER(on_userspace);
static HANDLER(on_stars);

typedef bool handler_fn(struct parser *p, struct piece *pc, struct str rest);

struct row {
	struct str literal;
	handler_fn *handler;
	enum cut cut;
	struct str complete; /* cut_goes_on() */
};

#define ROW(literal, handler) {STR_INIT(literal), handler, CUT_NEVER, {0, 0}}
#define CUT(literal, handler, how, complete) {STR_INIT(literal), handler, how, STR_INIT(complete)}

static const struct row at_start[] = {
	ROW(".", on_elided),
	ROW("---[ end trace ", on_end_trace),
	CUT("( Active:", on_totals, CUT_KEYS, ")"),
	ROW("(...", on_elided),
	ROW("**", on_stars),
	CUT("[ pid ]", on_table_head, CUT_UNTIL, "name"),
	CUT("[  pid  ]", on_table_head, CUT_UNTIL, "name"),
	CUT("[  pid ]", on_table_head, CUT_UNTIL, "name"), /* cut in it */
	ROW("<TASK>", on_stack_noise),
	ROW("</TASK>", on_stack_noise),
	ROW("<IRQ>", on_stack_noise),
	ROW("</IRQ>", on_stack_noise),
	ROW("<NMI>", on_stack_noise),
	ROW("</NMI>", on_stack_noise),
	ROW("<SOFTIRQ>", on_stack_noise),
	ROW("</SOFTIRQ>", on_stack_noise),
	ROW("<EOI>", on_stack_noise),
	ROW("<", on_elided),
	CUT("aa:", on_per_cpu, CUT_KEYS, "\n"),
	CUT("active_anon:", on_totals, CUT_KEYS, "\n"),
	CUT("active_file:", on_totals, CUT_KEYS, "\n"),
	CUT("Active:", on_totals, CUT_KEYS, "\n"),
	CUT("Active_anon:", on_totals, CUT_KEYS, "\n"),
	ROW("Backtrace:", on_call_trace),
	ROW("Call Trace:", on_call_trace),
	ROW("Call trace:", on_call_trace),
	CUT("CPU: ", on_cpu_line, CUT_BUILD, " #"),
	CUT("CPU ", on_per_cpu, CUT_KEYS, "\n"),
	ROW("COMPACTION is disabled", on_stack_noise),
	CUT("Code:", on_stack_noise, CUT_HEX, "\n"),
	CUT("CR2:", on_stack_noise, CUT_HEX, "\n"),
	CUT("CS:", on_stack_noise, CUT_HEX, "\n"),
	ROW("Command line:", on_command_line),
	ROW("cache: ", on_slab_detail),
	CUT("cpu ", on_per_cpu, CUT_KEYS, "\n"),
	CUT("DMA", on_zone, CUT_BUDDY, "\n"),
	CUT("Device", on_zone, CUT_BUDDY, "\n"),
	CUT("DR", on_stack_noise, CUT_HEX, "\n"),
	CUT("EAX:", on_stack_noise, CUT_HEX, "\n"),
	CUT("ESI:", on_stack_noise, CUT_HEX, "\n"),
	CUT("EIP:", on_stack_noise, CUT_HEX, "\n"),
	CUT("EFLAGS:", on_stack_noise, CUT_HEX, "\n"),
	ROW("excessive unreclaimable slab", on_slab_excessive),
	CUT("FS:", on_stack_noise, CUT_HEX, "\n"),
	CUT("Free pages:", on_totals, CUT_KEYS, "\n"),
	CUT("Free swap", on_swap_line, CUT_KEYS, "kB"),
	CUT("free:", on_totals, CUT_KEYS, "\n"),
	CUT("free_cma:", on_totals, CUT_KEYS, "\n"),
	CUT("Hardware name:", on_hardware, CUT_MACHINE, "\n"),
	CUT("HighMem", on_zone, CUT_BUDDY, "\n"),
	CUT("inactive_file:", on_totals, CUT_KEYS, "\n"),
	CUT("Kernel panic - not syncing: ", on_panic, CUT_UNTIL, "\n"),
	ROW("Kernel command line:", on_command_line),
	CUT("Killed process ", on_killed, CUT_UNTIL, "oom_score_adj:"),
	CUT("Killed /", on_userspace, CUT_UNTIL, "activity"),
	CUT("Kill process ", on_sharing, CUT_UNTIL, "memory"),
	CUT("kernel_misc_reclaimable:", on_totals, CUT_KEYS, "\n"),
	CUT("kmem", on_counter, CUT_KEYS, "failcnt "),
	CUT("killed as a result of limit of", on_task_in, CUT_UNTIL, "limit of /"),
	ROW("Linux version ", on_banner),
	CUT("lowmemorykiller:", on_userspace, CUT_UNTIL, "adj"),
	CUT("lowmem_reserve[]:", on_lowmem_reserve, CUT_KEYS, "\n"),
	ROW("Mem-Info:", on_mem_info),
	ROW("Mem-info:", on_mem_info),
	CUT("Movable", on_zone, CUT_BUDDY, "\n"),
	CUT("Memory cgroup out of memory", on_out_of_memory, CUT_UNTIL, "oom_score_adj:"),
	CUT("Memory cgroup stats", on_stats, CUT_PATH, "\n"),
	ROW("Memory cgroup min protection", on_protection),
	ROW("Memory limit reached of cgroup ", on_limit_reached),
	ROW("Memory allocations", on_allocs_head),
	CUT("Modules linked in:", on_stack_noise, CUT_UNTIL, "\n"),
	CUT("memory:", on_counter, CUT_KEYS, "failcnt "),
	CUT("memory+swap:", on_counter, CUT_KEYS, "failcnt "),
	CUT("mapped:", on_totals, CUT_KEYS, "\n"),
	CUT("Node ", on_node, CUT_BUDDY, "\n"),
	CUT("Normal", on_zone, CUT_BUDDY, "\n"),
	CUT("No available memory", on_out_of_memory, CUT_UNTIL, "\n"),
	ROW("node ", on_slab_detail),
	CUT("Out of memory", on_out_of_memory, CUT_UNTIL, "oom_score_adj:"),
	CUT("Out of Memory", on_out_of_memory, CUT_UNTIL, ")."),
	ROW("OOM request ignored", on_ignored),
	CUT("oom-kill:constraint=", on_summary, CUT_UNTIL, ",uid="),
	CUT("oom-killer: ", on_old_header, CUT_KEYS, "\n"),
	CUT("oom_reaper:", on_reaped, CUT_KEYS, "shmem-rss:"),
	ROW("oom_policy=", on_oom_policy),
	CUT("Pid: ", on_pid_line, CUT_UNTIL, " #"),
	ROW("Process ", on_process),
	CUT("protections[]:", on_lowmem_reserve, CUT_KEYS, "\n"),
	CUT("RIP:", on_stack_noise, CUT_HEX, "\n"),
	CUT("RSP:", on_stack_noise, CUT_HEX, "\n"),
	CUT("RAX:", on_stack_noise, CUT_HEX, "\n"),
	CUT("RDX:", on_stack_noise, CUT_HEX, "\n"),
	CUT("RBP:", on_stack_noise, CUT_HEX, "\n"),
	CUT("R10:", on_stack_noise, CUT_HEX, "\n"),
	CUT("R13:", on_stack_noise, CUT_HEX, "\n"),
	CUT("SLUB:", on_slab_failure, CUT_UNTIL, "gfp=0x"),
	CUT("SLAB:", on_slab_failure, CUT_UNTIL, "gfp=0x"),
	ROW("SysRq : ", on_sysrq),
	CUT("Swap cache", on_swap_line, CUT_KEYS, "\n"),
	CUT("slab_reclaimable:", on_totals, CUT_KEYS, "\n"),
	CUT("sec_pagetables:", on_totals, CUT_KEYS, "\n"),
	CUT("slab:", on_totals, CUT_KEYS, "\n"),
	ROW("sysrq: ", on_sysrq),
	ROW("sp=", on_stack_noise),
	CUT("swap:", on_counter, CUT_KEYS, "failcnt "),
	ROW("swap_cgroup", on_stack_noise),
	CUT("Tasks state (memory values in", on_tasks_state, CUT_UNTIL, "pages)"),
	CUT("Tasks in ", on_group, CUT_UNTIL, "group set"),
	CUT("Task in ", on_task_in, CUT_UNTIL, "limit of /"),
	CUT("Total swap", on_swap_line, CUT_KEYS, "kB"),
	ROW("Tainted: [", on_stack_noise),
	ROW("tried to kill init!", on_spared),
	ROW("tried to kill an mm-less task!", on_spared),
	ROW("Unreclaimable slab info", on_slab_head),
	CUT("unevictable:", on_totals, CUT_KEYS, "\n"),
	CUT("VM: killing process ", on_vm_killing, CUT_COLON, "\n"),
	CUT("vmap allocation for size ", on_vmap_failure, CUT_UNTIL, "\n"),
	CUT("vmalloc_node_range for size ", on_vmap_failure, CUT_UNTIL, "\n"),
	CUT("Would have killed process ", on_spared, CUT_UNTIL, "instead"),
	CUT("Workqueue:", on_workqueue, CUT_COLON, "\n"),
	CUT("Zone:", on_zone, CUT_KEYS, "\n"),
};

static const struct row anywhere[] = {
	CUT(" invoked oom-killer:", on_invoked, CUT_KEYS, "_adj="),
	ROW(" invoked oom-killer", on_invoked_only),
	CUT("page allocation failure", on_page_failure, CUT_KEYS, "mems_allowed="),
	CUT("page allocation stalls for", on_page_stall, CUT_KEYS, "mems_allowed="),
	CUT("-order allocation failed", on_old_failure, CUT_KEYS, ")"),
	CUT("vmemmap alloc failure", on_vmemmap_failure, CUT_KEYS, "mems_allowed="),
	CUT("vmalloc", on_vmalloc_failure, CUT_UNTIL, ")"),
};

/* Kinds without a literal, told by their form. */
enum {
	KIND_ANYWHERE = 1000,
	KIND_TASK_ROW = 2000,
	KIND_FRAME,
	KIND_COUNT,
	KIND_DOUBT, /* the front of a frame whose name went to the next line */
	KIND_HEAD,  /* "java invoked", "java cpuset=/" */
};

/* Where the rows of a first byte begin and end. */
static struct {
	uint8_t from, until;
} bucket[256];
static bool bucket_made;

void kinds_init(void)
{
	if (bucket_made)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(at_start); i++) {
		unsigned char c = (unsigned char)at_start[i].literal.p[0];

		if (bucket[c].until == 0)
			bucket[c].from = (uint8_t)i;
		bucket[c].until = (uint8_t)(i + 1);
	}
	bucket_made = true;
}

static bool is_task_row(struct str text)
{
	struct str at = text;
	uint64_t n;

	if (!take_char(&at, '['))
		return false;
	skip_blanks(&at);
	return take_u64(&at, &n) && take_char(&at, ']') && at.n > 1 && ascii_blank(at.p[0]);
}

/* With the literal in front, or the literal alone without the blank at its end. */
static bool starts_cut(struct str text, struct str literal)
{
	if (text.n + 1 == literal.n && literal.p[literal.n - 1] == ' ')
		literal.n--;
	return str_starts(text, literal);
}

/* "active_file:0kB ...": not of the totals, but cut off from the line of a node or zone */
static bool is_node_rest(struct str text)
{
	struct str word;

	return take_word(&text, &word) && word.n > 4 && str_ends(word, STR("kB")) &&
	       word.p[0] >= 'a';
}

/* Is what stands behind the words of a row what its lines go on with? */
static bool fits(const struct row *row, struct str text)
{
	if (row->handler == on_totals)
		return !is_node_rest(text);
	/* "node -1, gfp=0x..": cut off from the line before */
	if (row->handler == on_slab_detail && text.p[0] == 'n')
		return str_find_char(text, ':') != SIZE_MAX;
	/* "HighMem/MovableOnly": of a count */
	return row->handler != on_zone || text.n <= row->literal.n || text.p[row->literal.n] != '/';
}

/* "2314 total pagecache pages" */
static bool is_count_line(struct str text)
{
	uint64_t n;

	return take_u64(&text, &n) && take_char(&text, ' ') && text.n > 8 && text.n < 60 &&
	       ascii_alpha(text.p[0]) && str_find(text, STR("page")) != SIZE_MAX &&
	       str_find_char(text, '=') == SIZE_MAX; /* "0 hugepages_total=0": of a node */
}

/* "?", "[<ffffffff81118898>]", "[<ffffffff81118898>] ?" */
static bool is_frame_head(struct str text)
{
	text = str_trim(text);
	if (str_eq(text, STR("?")))
		return true;
	return str_starts(text, STR("[<")) &&
	       (str_ends(text, STR(">]")) || str_ends(text, STR(">] ?")));
}

/* "Node 0": what it says of the node, or of a zone of it, did not fit beside it */
static bool is_bare_node(struct str text)
{
	uint64_t n;

	return take_lit(&text, STR("Node ")) && take_u64(&text, &n) && str_trim(text).n == 0;
}

/* What must follow, whatever kind it seems to be by itself. */
bool kind_expects(int kind, const struct piece *wait, const struct piece *next)
{
	struct str text = str_trim(wait->text);

	if (kind == KIND_DOUBT)
		return str_find(next->text, STR("+0x")) != SIZE_MAX;
	if (kind == KIND_HEAD)
		return str_starts(next->text, STR("oom-killer:")) ||
		       str_starts(next->text, STR("mems_allowed="));
	return (text.p[text.n - 1] == ':' && kind >= 0) || is_bare_node(text);
}

/* The row whose words stand at the start, or -1. */
static int row_of(struct str text)
{
	unsigned char c = text.n ? (unsigned char)text.p[0] : 0;

	for (unsigned i = bucket[c].from; i < bucket[c].until; i++) {
		if (starts_cut(text, at_start[i].literal) && fits(&at_start[i], text))
			return (int)i;
	}
	return -1;
}

size_t kind_words(struct str text)
{
	int kind = row_of(text);

	return kind < 0 ? 0 : at_start[kind].literal.n;
}

bool kind_words_begin(struct str head)
{
	unsigned char c = head.n ? (unsigned char)head.p[0] : 0;

	for (unsigned i = bucket[c].from; i < bucket[c].until; i++) {
		struct str literal = at_start[i].literal;

		if (str_starts(literal, head) && literal.n > head.n + 1 &&
		    literal.p[head.n] == ' ')
			return true;
	}
	return false;
}

int kind_of(struct str text, bool hit)
{
	char c = text.n ? text.p[0] : 0;
	int row = row_of(text);

	if (row >= 0)
		return row;
	for (size_t i = 0; hit && i < ARRAY_COUNT(anywhere); i++) {
		if (str_find(text, anywhere[i].literal) != SIZE_MAX)
			return KIND_ANYWHERE + (int)i;
	}
	if (c == '[' && is_task_row(text))
		return KIND_TASK_ROW;
	if (ascii_digit(c) && is_count_line(text))
		return KIND_COUNT;
	if (text.n < 48 && (c == '?' || c == '[') && is_frame_head(text))
		return KIND_DOUBT;
	if (text.n > 160)
		return -1;
	if (str_ends(text, STR(" invoked")) || str_find(text, STR(" cpuset=")) < 32)
		return KIND_HEAD;
	return str_find(text, STR("+0x")) != SIZE_MAX ? KIND_FRAME : -1;
}

static bool row_complete(const struct parser *p, struct str text)
{
	size_t want = 8, words = 0;
	struct str word;

	for (size_t i = p->host->n_live; i-- > 0;) {
		if (p->host->live[i]->in_table && p->host->live[i]->ev->tasks.n_columns) {
			want = p->host->live[i]->ev->tasks.n_columns;
			break;
		}
	}
	(void)take_until(&text, ']', &word);
	for (skip_blanks(&text); take_word(&text, &word); skip_blanks(&text))
		words++;
	return words >= want; /* the pid is taken off, the name is one more */
}

static bool row_continues(const struct row *row, struct str wait, struct str next)
{
	return cut_goes_on(row->cut, row->literal, row->complete, wait, next);
}

bool kind_continues(const struct parser *p, int kind, const struct piece *wait,
		    const struct piece *next)
{
	if (kind == KIND_TASK_ROW)
		return !row_complete(p, wait->text);
	if (kind == KIND_DOUBT || kind == KIND_HEAD)
		return kind_expects(kind, wait, next);
	if (kind == KIND_COUNT) { /* "2253 pages in swap" "cache" */
		struct str text = str_trim(wait->text);

		return next->text.n < 24 && ascii_alpha(next->text.p[0]) &&
		       (str_ends(text, STR("swap")) || str_ends(text, STR("pages")) ||
			str_ends(text, STR("pages in")) ||
			str_ends(text, STR("pagecache")) || str_ends(text, STR("cma")));
	}
	if (kind < 0)
		return false;
	if (is_bare_node(str_trim(wait->text)))
		return true;
	if (kind >= KIND_ANYWHERE && kind < KIND_TASK_ROW)
		return row_continues(&anywhere[kind - KIND_ANYWHERE], wait->text, next->text);
	if (kind < (int)ARRAY_COUNT(at_start))
		return row_continues(&at_start[kind], wait->text, next->text);
	return false;
}

/* The first and last lines of an event are worth a guess at narrower widths; what goes on with
 * amounts of memory is none. */
size_t kind_width(int kind, struct str next)
{
	enum { NARROW = 28, USUAL = 56 };

	if (kind >= 0 && kind < (int)ARRAY_COUNT(at_start) && at_start[kind].cut == CUT_BUDDY &&
	    cut_is_amounts(next))
		return 0;
	return (kind >= KIND_ANYWHERE && kind < KIND_TASK_ROW) || kind == KIND_HEAD ? NARROW
										    : USUAL;
}

/* ---- dispatch ---- */

static HANDLER(on_userspace)
{
	(void)rest;
	return userspace_line(p, pc);
}

/* "** 7 printk messages dropped **": no rest of the line before; piece_out() asks on_lost() */
static HANDLER(on_stars)
{
	(void)p, (void)pc, (void)rest;
	return false;
}

static bool by_literal(struct parser *p, struct piece *pc)
{
	unsigned char c = (unsigned char)pc->text.p[0];

	for (unsigned i = bucket[c].from; i < bucket[c].until; i++) {
		struct str rest = pc->text;

		if (take_lit(&rest, at_start[i].literal) && fits(&at_start[i], pc->text) &&
		    at_start[i].handler(p, pc, rest))
			return true;
	}
	for (size_t i = 0; pc->hit && i < ARRAY_COUNT(anywhere); i++) {
		size_t at = str_find(pc->text, anywhere[i].literal);

		if (at != SIZE_MAX &&
		    anywhere[i].handler(p, pc,
					str_from(pc->text, at + anywhere[i].literal.n)))
			return true;
	}
	return false;
}

/* Rows of lists that an event is in the middle of. */
static bool by_list(struct parser *p, struct piece *pc)
{
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct live *l = p->host->live[i];

		if (!(l->in_stats || l->in_slab || l->in_allocs) || !caller_matches(l, pc) ||
		    (l->stage != STAGE_OPEN && !live_at_once(l, pc)))
			continue;
		if ((l->in_stats && stats_row(p, l, pc)) || (l->in_slab && slab_row(p, l, pc)) ||
		    (l->in_allocs && alloc_row(p, l, pc)))
			return true;
	}
	return false;
}

/* An unknown line of totals: every word of it is key:number. */
static bool unknown_totals(struct parser *p, struct piece *pc)
{
	struct live *l = live_for(p, pc, PART_MEMORY, false);
	struct str at = pc->text, word;

	if (!l || !l->ev->memory.totals.n || l->parts & PART_TASKS || pc->text.n > 200)
		return false;
	for (skip_blanks(&at); take_word(&at, &word); skip_blanks(&at)) {
		size_t colon = str_find_char(word, ':');

		if (colon == SIZE_MAX || colon == 0 || colon + 1 >= word.n)
			return false;
		for (size_t i = colon + 1; i < word.n; i++) {
			if (!ascii_digit(word.p[i]))
				return false;
		}
	}
	return on_totals(p, pc, pc->text);
}

/* A log that begins in the middle of a line of totals: "057 slab:220275 mapped:12395". */
static bool torn_totals(struct parser *p, struct piece *pc)
{
	static const struct str known[] = {
		STR_INIT(" slab:"), STR_INIT(" mapped:"),	  STR_INIT(" pagetables:"),
		STR_INIT(" free:"), STR_INIT(" isolated_file:"), STR_INIT(" bounce:"),
		STR_INIT(" shmem:"), STR_INIT(" writeback:"),	  STR_INIT(" free_cma:"),
	};
	struct str at = pc->text;
	struct live *l;

	if (host_line(p->host, pc->line) > 2 || pc->text.n > 200)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		struct str digits;

		if (value_of(at, known[i], &digits) && digits.n && ascii_digit(digits.p[0])) {
			l = live_for(p, pc, PART_MEMORY, true);
			if (!l)
				return true;
			(void)take_until(&at, ' ', &digits);
			l->ev->memory.seen = true;
			take_pairs(&l->ev->arena, &l->ev->memory.totals, &at, UNIT_PAGES);
			live_own(p, l, pc, PART_MEMORY);
			return true;
		}
	}
	return false;
}

static bool by_form(struct parser *p, struct piece *pc)
{
	char c = pc->text.p[0];

	if (c == '[' && is_task_row(pc->text) &&
	    on_task_row(p, pc, str_from(pc->text, 1)))
		return true;
	if (p->host->n_live && by_list(p, pc))
		return true;
	if ((ascii_digit(c) && on_count_line(p, pc, pc->text)) ||
	    on_nameless_buddy(p, pc, pc->text) || torn_totals(p, pc))
		return true;
	return on_frame(p, pc, pc->text) || unknown_totals(p, pc) ||
	       on_elided(p, pc, pc->text) || on_cpuset(p, pc, pc->text);
}

static void note_facts(struct parser *p, const struct piece *pc)
{
	struct known *host = p->host->known;

	if (p->host->boot_lines && --p->host->boot_lines == 0)
		p->booting--;
	if (!host->facts.arch.n && !pc->foreign)
		note_arch(p, pc->text);
	if (!host->first_seen && pc->mono_us != UNKNOWN) {
		host->first_seen = true;
		host->facts.head_lost = pc->mono_us > 5000000;
	}
}

void piece_out(struct parser *p, struct piece *pc)
{
	fast_end(p);
	if (pc->text.n == 0)
		return;
	note_facts(p, pc);
	live_tick(p, pc->foreign);
	if (pc->foreign) {
		(void)userspace_line(p, pc);
		return;
	}
	if (by_literal(p, pc) || torn_goes_on(p, pc) || by_form(p, pc) || userspace_line(p, pc))
		return;
	(void)on_lost(p, pc, pc->text);
	(void)on_context(p, pc, pc->text);
	live_unknown(p, pc);
}
