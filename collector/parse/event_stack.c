/* SPDX-License-Identifier: MIT */
/* event_stack.c - the stack dump of an event, and what lines anywhere say of the machine. */
#include "parse/find.h"
#include "parse/handlers.h"

/* The release in "Not tainted 4.16.0 #1", "Tainted: P   2.6.24-19-generic #1" and "(2.6.24 #1)":
 * the last word with a digit in front and a dot in it, before the '#'. */
static struct str release_of(struct str text)
{
	struct str word, best = {0};

	text = str_sub(text, 0, str_find(text, STR(" #")));
	for (skip_blanks(&text); take_word(&text, &word); skip_blanks(&text)) {
		(void)take_char(&word, '(');
		if (word.n > 2 && ascii_digit(word.p[0]) &&
		    str_find_char(word, '.') != SIZE_MAX && !best.p)
			best = word;
	}
	if (str_ends(best, STR(")")))
		best.n--;
	return best;
}

/* What stands behind the name: " Not tainted 4.16.0 #1" or " Tainted: P  2.6.24 #1". */
static bool split_comm(struct str text, struct str *comm, struct str *letters, struct str *rest)
{
	static const struct str clean = STR_INIT(" Not tainted"), dirty = STR_INIT(" Tainted: ");
	size_t at = str_find(text, clean), other = str_find(text, dirty), digit = 0;

	*letters = *rest = (struct str){0};
	if (at != SIZE_MAX && at < other) {
		*rest = str_from(text, at + clean.n);
		*letters = STR("not tainted"); /* known, unlike a line that does not say */
	} else if (other != SIZE_MAX) {
		at = other;
		*rest = str_from(text, at + dirty.n);
		while (digit < rest->n && !ascii_digit(rest->p[digit]))
			digit++;
		*letters = str_trim(str_sub(*rest, 0, digit));
	}
	*comm = str_trim(str_sub(text, 0, at));
	if (str_ends(*comm, STR(" Kdump: loaded")))
		comm->n -= STR(" Kdump: loaded").n;
	if (str_find(*rest, STR(" #")) == SIZE_MAX && line_is_cut(*rest)) /* in the release */
		*rest = (struct str){0};
	if (at == SIZE_MAX && line_is_cut(*comm))
		*comm = (struct str){0};
	return at != SIZE_MAX;
}

/* "anaconda Kdump: loaded Not tainted 4.16.0 #1" */
static void read_comm(struct parser *p, struct live *l, struct str text, int64_t pid,
		      int64_t cpu, int64_t uid)
{
	struct trigger *t = &l->ev->trigger;
	struct event *ev = l->ev;
	struct str comm, letters, rest;
	bool whole = split_comm(text, &comm, &letters, &rest);
	size_t hash = str_find(rest, STR(" #"));

	if ((!t->comm.p || l->comm_doubtful) && comm.n && (l->header || l->headless_stack)) {
		l->elided |= l->comm_doubtful && t->comm.p && !str_eq(comm, t->comm);
		t->comm = keep(p, l, comm);
		l->comm_doubtful = false;
	}
	if (t->pid == UNKNOWN) {
		t->pid = pid;
		t->cpu = cpu;
		t->uid = uid;
	}
	if (!whole)
		return;
	ev->tainted = letters.n ? keep(p, l, letters) : ev->tainted;
	ev->kernel = keep(p, l, release_of(rest));
	if (hash != SIZE_MAX) {
		rest = str_trim(str_from(rest, hash));
		if (str_find_char(rest, '(') == SIZE_MAX && str_ends(rest, STR(")")))
			rest.n--;
		ev->kernel_build = keep(p, l, rest);
	}
}

/* A stack dump outside of all events still tells the kernel. */
static void stray_release(struct parser *p, struct str text)
{
	struct str comm, letters, rest;

	struct known *host = p->host->known;

	if (!host->kernel.n && split_comm(text, &comm, &letters, &rest) && release_of(rest).n) {
		note_fact(p, release_of(rest), &host->kernel);
		if (!host->facts.kernel.n)
			host->facts.kernel = host->kernel;
	}
}

static bool number_at(struct str text, struct str key, int64_t *ret)
{
	struct str at;

	if (!value_of(text, key, &at))
		return false;
	skip_blanks(&at);
	*ret = take_number(&at);
	return true;
}

static struct live *stack_of(struct parser *p, const struct piece *pc)
{
	return live_for(p, pc, PART_STACK, false);
}

/* What its "CPU:" or "Pid:" line says. True when an event has it. */
static bool read_head(struct parser *p, const struct piece *pc, struct str text, int64_t pid,
		      int64_t cpu, int64_t uid)
{
	struct str comm, letters, rest;
	struct live *l;

	(void)split_comm(text, &comm, &letters, &rest);
	l = woven_head(p, pc, comm);
	if (!l || l->stray || l->weave.other)
		stray_release(p, text);
	if (!l)
		return false;
	if (l->weave.other) {
		live_extra(p, l, pc);
		return true;
	}
	if (!l->ev->kernel.n)
		read_comm(p, l, text, pid, cpu, uid);
	live_own(p, l, pc, PART_STACK);
	return true;
}

/* With blanks where an editor or a terminal has made tabs of them; a line with none, and one too long for
 * such a line, as it is. */
enum { HEAD_LINE = 512 };
static struct str without_tabs(struct str text, char room[HEAD_LINE])
{
	if (text.n > HEAD_LINE || str_find_char(text, '\t') == SIZE_MAX)
		return text;
	for (size_t i = 0; i < text.n; i++)
		room[i] = text.p[i] == '\t' ? ' ' : text.p[i];
	return (struct str){room, text.n};
}

/* CPU: 1 [UID: 0] PID: 4931 Comm: anaconda Not tainted 4.16.0-0.rc4 #1
 * CPU: 1 Not tainted 2.6.32 #1: of s390, with a line of the process behind it (show_regs()) */
HANDLER(on_cpu_line)
{
	int64_t pid = UNKNOWN, cpu, uid = UNKNOWN;
	char room[HEAD_LINE];
	struct str at = without_tabs(rest, room), comm;

	skip_blanks(&at);
	cpu = take_number(&at);
	comm = at;
	if (!str_starts(str_trim(at), STR("Not tainted ")) &&
	    !str_starts(str_trim(at), STR("Tainted: ")) && !value_of(at, STR(" Comm: "), &comm))
		return false;
	(void)number_at(at, STR(" PID:"), &pid);
	(void)number_at(at, STR(" UID:"), &uid);
	return read_head(p, pc, comm, pid, cpu, uid);
}

/* Pid: 2284, comm: firefox Not tainted 2.6.24-19-virtual #1 */
HANDLER(on_pid_line)
{
	char room[HEAD_LINE];
	struct str at = without_tabs(rest, room), comm;
	int64_t pid;

	skip_blanks(&at);
	pid = take_number(&at);
	if (!value_of(at, STR(", comm: "), &comm))
		return false;
	skip_blanks(&comm);
	return read_head(p, pc, comm, pid, UNKNOWN, UNKNOWN);
}

/* Process java (pid: 3121, task: 000000003e2c8338, ksp: 000000003d9b7a58) */
HANDLER(on_process)
{
	struct live *l = stack_of(p, pc);
	size_t at = str_rfind(rest, STR(" (pid: "));
	struct str number;

	if (!l || at == SIZE_MAX || str_find(str_from(rest, at), STR(", task")) == SIZE_MAX)
		return false;
	number = str_from(rest, at + STR(" (pid: ").n);
	if (l->ev->trigger.pid == UNKNOWN)
		l->ev->trigger.pid = take_number(&number);
	if (!l->ev->trigger.comm.p && l->header)
		l->ev->trigger.comm = keep(p, l, str_sub(rest, 0, at));
	live_own(p, l, pc, PART_STACK);
	return true;
}

/* A line that stands between the head of a stack and its frames, or behind them: no name is in it. */
static void own_detail(struct parser *p, struct live *l, const struct piece *pc)
{
	if (woven_is_other(l))
		live_extra(p, l, pc);
	else
		live_own(p, l, pc, PART_STACK);
}

HANDLER(on_hardware)
{
	struct live *l = stack_of(p, pc);
	struct str text = str_trim(rest);

	if (!p->host->known->facts.hardware.n)
		note_fact(p, text, &p->host->known->facts.hardware);
	if (!l)
		return false;
	if (!l->ev->hardware.n)
		l->ev->hardware = keep(p, l, text);
	own_detail(p, l, pc);
	return true;
}

HANDLER(on_workqueue)
{
	struct live *l = stack_of(p, pc);

	if (!l)
		return false;
	if (!l->ev->workqueue.n && !woven_is_other(l))
		l->ev->workqueue = keep(p, l, str_trim(rest));
	own_detail(p, l, pc);
	return true;
}

/* Call Trace: [<0004a8c0>] oom_kill_process+0x50/0x1aa: m68k and others begin beside it */
HANDLER(on_call_trace)
{
	struct live *l = woven_trace(p, pc);
	struct piece frame = *pc;

	if (!l)
		return false;
	if (l->parts & PART_MEMORY || (l->weave.other_open && !l->weave.open)) {
		live_extra(p, l, pc); /* of another report woven in */
		return true;
	}
	live_own(p, l, pc, PART_STACK);
	frame.text = str_trim(rest);
	if (frame.text.n)
		(void)on_frame(p, &frame, frame.text);
	return true;
}

static bool symbol_byte(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '_' || c == '.' || c == '$';
}

/* One frame, of any architecture and age:
 *	dump_stack+0x8f/0xd0		? _raw_spin_lock+0x24/0x40
 *	[<c0147386>] out_of_memory+0x70/0xf6	([<000105860>] show_trace+0xe8/0x138): s390
 *	<ffffffff802500fd>{out_of_memory+55}
 *	[c000] [c000000000a8] .out_of_memory+0x1bc/0x3d8 (unreliable)
 *	[<c00168ec>] (unwind_backtrace) from [<c0012a40>] (show_stack+0x10/0x14)
 *	dump_stack_lvl from warn_alloc+0xac/0x174
 *	dump_stack_lvl (lib/dump_stack.c:107)
 *	[nfs:__alloc_pages+0x34c/0x380] __alloc_pages+0x34c/0x380	klogd's own symbols in front
 */
static bool read_frame(struct str in, struct str *symbol, bool *sure)
{
	struct str at = in, hex;
	uint64_t n;
	size_t i = 0;
	*sure = true;
	if (str_starts(at, STR("([<")))
		at = str_from(at, 1);
	for (int k = 0; k < 3; k++) {
		struct str back = at;

		if (take_char(&at, '[')) {
			(void)take_char(&at, '<');
			if (!take_hex(&at, &n)) {
				at = back;
				break;
			}
			(void)take_char(&at, '>');
			if (!take_char(&at, ']')) {
				at = back;
				break;
			}
			skip_blanks(&at);
		} else if (take_char(&at, '<') && take_hex(&at, &n) && take_lit(&at, STR(">{"))) {
			break;
		} else {
			at = back;
			break;
		}
	}
	hex = at;
	if (take_char(&hex, '[') && str_find_char(hex, ']') != SIZE_MAX &&
	    str_find(str_sub(hex, 0, str_find_char(hex, ']')), STR("+0x")) != SIZE_MAX) {
		at = str_from(hex, str_find_char(hex, ']') + 1);
		skip_blanks(&at);
	}
	if (take_lit(&at, STR("? ")))
		*sure = false;
	(void)take_char(&at, '(');
	(void)take_char(&at, ':');
	hex = at;
	while (i < at.n && symbol_byte(at.p[i]))
		i++;
	if (i < 2 || i == at.n || ascii_digit(at.p[0]))
		return false;
	hex.n = i;
	at = str_from(at, i);
	if (!(take_lit(&at, STR("+0x")) && at.n && take_hex(&at, &n)) &&
	    !(at.p[0] == '+' && at.n > 1 && ascii_digit(at.p[1]) && in.n < 90) &&
	    !(str_starts(at, STR(" from ")) && str_find(at, STR("+0x")) != SIZE_MAX) &&
	    !str_starts(at, STR(") from ")) &&
	    !(str_starts(at, STR(" (")) && str_find_char(at, ':') != SIZE_MAX &&
	      str_find_char(at, '/') != SIZE_MAX && str_find_char(at, ')') != SIZE_MAX))
		return false;
	while (hex.n > 1 && hex.p[0] == '.')
		hex = str_from(hex, 1);
	*symbol = hex;
	return true;
}

HANDLER(on_frame)
{
	enum { MOST_FRAMES = 256 };
	struct live *l;
	struct event *ev;
	struct str symbol;
	bool sure;

	(void)rest;
	if (!read_frame(pc->text, &symbol, &sure))
		return false;
	l = stack_of(p, pc);
	if (!l)
		l = stray_new(p, pc);
	if (!l)
		return false;
	ev = l->ev;
	/* behind Mem-Info it is somebody else's */
	if (l->parts & (PART_MEMORY | PART_TASKS | PART_MEMCG) || !woven_is_own(l, symbol)) {
		live_extra(p, l, pc);
		return true;
	}
	if (sure && ev->n_call_trace < MOST_FRAMES) {
		struct str copy, *slot = NULL;

		if (arena_str(&ev->arena, symbol, &copy))
			slot = arena_grow(&ev->arena, (void **)&ev->call_trace,
					  &ev->n_call_trace, &ev->room_call_trace,
					  sizeof(*slot));
		if (slot)
			*slot = copy;
	}
	live_own(p, l, pc, PART_STACK);
	l->weave.more = !arch_is_outermost(symbol);
	return true;
}

/* Registers and the like between the frames. */
HANDLER(on_stack_noise)
{
	struct live *l = stack_of(p, pc);

	(void)rest;
	if (l && str_eq(pc->text, STR("<TASK>")))
		woven_begin(l);
	else if (l && str_eq(pc->text, STR("</TASK>")))
		woven_end(l);
	if (!l || !(l->parts & PART_STACK) || l->parts & (PART_MEMORY | PART_TASKS))
		return false;
	if (pc->text.p[0] == '<') /* whose it is, woven_end() knows */
		live_own(p, l, pc, PART_STACK);
	else
		own_detail(p, l, pc);
	return true;
}

/* ---[ end trace 0000000000000000 ]---: of a warning or an oops */
HANDLER(on_end_trace)
{
	struct live *l;

	(void)rest;
	stray_forget(p, pc);
	l = stack_of(p, pc);
	if (l)
		woven_other_ends(l);
	return false;
}

static bool is_elision_word(struct str words)
{
	static const struct str known[] = {
		STR_INIT("snip"),    STR_INIT("snipped"), STR_INIT("cut"),
		STR_INIT("skip"),    STR_INIT("skipped"), STR_INIT("trimmed"),
		STR_INIT("deleted"), STR_INIT("removed"), STR_INIT("omitted"),
		STR_INIT("truncated"), STR_INIT("elided"), STR_INIT("etc"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		if (str_eq(words, known[i]))
			return true;
	}
	return false;
}

/* "...", "[snip]", "(...snipped...)": the poster left something out. */
bool on_elided(struct parser *p, struct piece *pc, struct str rest)
{
	struct str t = str_trim(pc->text);
	struct live *l = NULL;
	char room[32];
	struct str words;

	(void)rest;
	/* with a time in front the kernel printed it: MIPS ends its stack dump with "..." */
	if (t.n > 40 || pc->pre & (PRE_TIME | PRE_RECORD))
		return false;
	for (size_t i = p->host->n_live; i-- > 0 && !l;) {
		if (p->host->live[i]->stage == STAGE_OPEN)
			l = p->host->live[i];
	}
	if (!l || (l->hexdump && str_eq(t, STR("..."))))
		return false;
	/* behind the last counts of a failure's memory nothing of it can be left out */
	if (!event_is_oom(l->ev) && kvs_find(&l->ev->memory.tail, STR("reserved")))
		return false;
	words = kv_key(t, room, sizeof(room));
	if (!is_elision_word(words) && !str_starts(words, STR("snip_")) &&
	    !(words.n == 0 && str_find(t, STR("...")) != SIZE_MAX) &&
	    !(words.n <= 1 && (str_find(t, STR("8<")) != SIZE_MAX ||
			       str_find(t, STR(">8")) != SIZE_MAX)) &&
	    str_find(t, STR("\xe2\x80\xa6")) != 0)
		return false;
	l->elided = true;
	live_extra(p, l, pc);
	return true;
}

/* Linux version 6.1.0-9-amd64 (debian-kernel@...) (gcc-12 ...) #1 SMP ... */
HANDLER(on_banner)
{
	enum { BOOT_LINES = 16 };
	struct known *host = p->host->known;
	struct str release, at = rest;

	if (!take_word(&at, &release) || !ascii_digit(release.p[0]) ||
	    str_find_char(release, '.') == SIZE_MAX)
		return false;
	live_close_host(p, p->host); /* another boot */
	note_fact(p, release, &host->kernel);
	host->booted = true;
	p->booting += p->host->boot_lines == 0;
	p->host->boot_lines = BOOT_LINES;
	if (!host->facts.kernel.n)
		host->facts.kernel = host->kernel;
	if (!host->facts.banner.n)
		note_fact(p, pc->text, &host->facts.banner);
	return true;
}

/* "Command line:" is the loader's; "Kernel command line:" of the same boot may hold more, built in
 * or from a bootconfig. */
HANDLER(on_command_line)
{
	struct str *known = &p->host->known->facts.cmdline;

	(void)pc;
	if (str_find(rest, *known) == SIZE_MAX)
		return false;
	note_fact(p, str_trim(rest), known);
	return true;
}

/* ** 7 printk messages dropped ** / printk: 5 messages suppressed. / Missed 12 kernel messages
 * / warn_alloc_show_mem: 1 callbacks suppressed */
HANDLER(on_lost)
{
	static const struct find_row rows[] = {
		{STR_INIT(" printk messages dropped"), 16, 0},
		{STR_INIT(" messages suppressed"), 8, 0},
		{STR_INIT(" kernel messages"), 6, 1},
		{STR_INIT(" callbacks suppressed"), 8, 2},
	};
	static struct find_table words = {.rows = rows, .n = ARRAY_COUNT(rows)};
	struct str text = pc->text;

	(void)rest;
	if (find_in(&words, text, 0) == SIZE_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		size_t at = str_find(text, rows[i].literal), from = at;
		struct str number;

		if (at == SIZE_MAX || at == 0 || !ascii_digit(text.p[at - 1]))
			continue;
		while (from > 0 && ascii_digit(text.p[from - 1]))
			from--;
		number = str_sub(text, from, at - from);
		if (i != 3 && number.n < 12)
			p->host->known->facts.lost_records += (uint64_t)take_number(&number);
		return false;
	}
	return false;
}

/* "EDAC MC0: 1 CE memory read error", "EDAC MC0: UE page ..." (drivers/edac/edac_mc.c); its driver
 * also says so where all is well: "EDAC MC: Ver: 3.0.0", "EDAC MC0: Giving out device to". */
static bool is_memory_error(struct str text)
{
	return str_find(text, STR(" CE ")) != SIZE_MAX || str_find(text, STR(" UE ")) != SIZE_MAX;
}

/* Lines around an event that explain it: counted, never part of it. */
HANDLER(on_context)
{
	static const struct find_row rows[] = {
		{STR_INIT(" blocked for more than "), 8, 0},
		{STR_INIT("soft lockup"), 3, 1},
		{STR_INIT("workqueue lockup"), 2, 2},
		{STR_INIT("detected stall"), 7, 3},
		{STR_INIT("I/O error"), 0, 4},
		{STR_INIT("Write-error on swap"), 4, 5},
		{STR_INIT("Read-error on swap"), 3, 6},
		{STR_INIT("Purging GPU memory"), 8, 7},
		{STR_INIT("Out of puff"), 7, 0},
		{STR_INIT("nf_conntrack: table full"), 1, 1},
		{STR_INIT("TCP: out of memory"), 1, 2},
		{STR_INIT("Huh VM_FAULT_OOM"), 5, 3},
		{STR_INIT("cma_alloc"), 2, 4},
		{STR_INIT("HugeTLB: allocating"), 4, 5},
		{STR_INIT("possible memory allocation deadlock"), 31, 6},
		{STR_INIT("EDAC MC"), 1, 7},
		{STR_INIT("Machine check events logged"), 6, 0},
		{STR_INIT("zram: Error allocating"), 0, 1},
		{STR_INIT("warn_alloc_show_mem: "), 13, 2},
		{STR_INIT("messages suppressed"), 7, 3},
		{STR_INIT("callbacks suppressed"), 7, 4},
	};
	static const struct str keys[ARRAY_COUNT(rows)] = {
		STR_INIT("hung_task"),
		STR_INIT("soft_lockup"),
		STR_INIT("workqueue_lockup"),
		STR_INIT("rcu_stall"),
		STR_INIT("io_error"),
		STR_INIT("swap_write_error"),
		STR_INIT("swap_read_error"),
		STR_INIT("purging_gpu"),
		STR_INIT("balloon_out_of_puff"),
		STR_INIT("conntrack_full"),
		STR_INIT("tcp_memory"),
		STR_INIT("vm_fault_oom"),
		STR_INIT("cma_alloc"),
		STR_INIT("hugetlb_short"),
		STR_INIT("xfs_deadlock"),
		STR_INIT("edac"),
		STR_INIT("edac"),
		STR_INIT("zram_error"),
		STR_INIT("show_mem_suppressed"),
		STR_INIT("messages_suppressed"),
		STR_INIT("callbacks_suppressed"),
	};
	static struct find_table words = {.rows = rows, .n = ARRAY_COUNT(rows)};

	(void)rest;
	if (find_in(&words, pc->text, 0) == SIZE_MAX)
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct kvs *list = &p->host->known->facts.context;
		size_t k = 0;

		if (str_find(pc->text, rows[i].literal) == SIZE_MAX)
			continue;
		if (str_eq(rows[i].literal, STR("EDAC MC")) && !is_memory_error(pc->text))
			break;
		while (k < list->n && !str_eq(list->v[k].key, keys[i]))
			k++;
		if (k < list->n)
			list->v[k].value++;
		else
			(void)kvs_add(&p->arena, list, keys[i], 1, UNIT_COUNT);
		break;
	}
	return false; /* it stays an unknown line of its event */
}
