/* SPDX-License-Identifier: MIT */
/* test_mutations.c - what happens to logs on their way, done to the golden ones: lines are lost, the
 * ring buffer wraps, a paste ends early, other lines come between, two CPUs print at once.
 *
 * The laws: what is read of a damaged event is what was read of the whole one, or is not known; the
 * victims and the request whose lines are still there are known; an event that lost its first
 * lines, its last, or its memory says so; lines of others change nothing.
 *
 *	parse_mutations [ROUNDS [SEED]]
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>

#include "dump.h"
#include "harness.h"

enum { LARGEST = 16 << 20, MOST_LINES = 4096, MOST_EVENTS = 64, MOST_CASES = 128 };

/* An event of a golden log: its lines, each with its newline, and what is read of them. */
struct whole {
	char name[128];
	struct str lines[MOST_LINES];
	size_t n;
	struct buf facts;
	uint32_t missing;
	struct event *ev; /* of it alone */
};

static struct buf logs[MOST_CASES];
static struct whole wholes[MOST_CASES];
static size_t n_logs, n_wholes;

static uint64_t dice = 88172645463325252;

static size_t below(size_t n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (size_t)(dice >> 11) % n;
}

/* ---- what an event says, a line each ---- */

static void number(struct buf *out, const char *what, struct str of, const char *key, int64_t n)
{
	if (n != UNKNOWN)
		buf_addf(out, "%s %.*s %s=%" PRId64 "\n", what, STR_ARG(of), key, n);
}

static void text(struct buf *out, const char *what, const char *key, struct str s)
{
	if (s.p)
		buf_addf(out, "%s %s=\"%.*s\"\n", what, key, STR_ARG(s));
}

static void pairs(struct buf *out, const char *what, struct str of, const struct kvs *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].value != UNKNOWN)
			buf_addf(out, "%s %.*s %.*s=%" PRId64 "\n", what, STR_ARG(of),
				 STR_ARG(list->v[i].key), list->v[i].value);
}

static void facts_of_victim(struct buf *out, const struct victim *v)
{
	char room[32];
	struct str of = {room, (size_t)snprintf(room, sizeof(room), "%" PRId64, v->pid)};

	buf_addf(out, "victim %.*s\n", STR_ARG(of));
	text(out, "victim", "comm", v->comm);
	number(out, "victim", of, "uid", v->uid);
	number(out, "victim", of, "score", v->score);
	number(out, "victim", of, "adj", v->oom_score_adj);
	number(out, "victim", of, "vm", v->total_vm_kb);
	number(out, "victim", of, "anon", v->anon_rss_kb);
	number(out, "victim", of, "file", v->file_rss_kb);
	number(out, "victim", of, "shmem", v->shmem_rss_kb);
	number(out, "victim", of, "pgtables", v->pgtables_kb);
}

static void facts_of_memory(struct buf *out, const struct memory_info *m)
{
	pairs(out, "total", STR(""), &m->totals);
	pairs(out, "tail", STR(""), &m->tail);
	number(out, "swap", STR(""), "free", m->swap_free_kb);
	number(out, "swap", STR(""), "total", m->swap_total_kb);
	for (size_t i = 0; i < m->n_nodes; i++) {
		char room[32];

		snprintf(room, sizeof(room), "%" PRId64, m->nodes[i].node);
		pairs(out, "node", str_of(room), &m->nodes[i].kv);
	}
	for (size_t i = 0; i < m->n_zones; i++) {
		const struct zone *z = &m->zones[i];

		pairs(out, "zone", z->name, &z->kv);
		/* not lowmem_reserve[]: whose it is only the line before it tells, which may be lost */
		for (int k = 0; k < z->buddy.orders; k++)
			buf_addf(out, "zone %.*s blocks %d=%" PRId64 "\n", STR_ARG(z->name), k,
				 z->buddy.free_blocks[k]);
		number(out, "zone", z->name, "buddies", z->buddy.total_kb);
	}
}

static void counter(struct buf *out, const char *name, const struct memcg_counter *c)
{
	if (!c->seen)
		return;
	number(out, "counter", str_of(name), "usage", c->usage_kb);
	number(out, "counter", str_of(name), "limit", c->limit_kb);
	number(out, "counter", str_of(name), "failcnt", c->failcnt);
}

static void facts_of_memcg(struct buf *out, const struct memcg_info *m)
{
	text(out, "memcg", "path", m->path);
	text(out, "memcg", "task", m->task_path);
	counter(out, "memory", &m->memory);
	counter(out, "memsw", &m->memsw);
	counter(out, "swap", &m->swap);
	counter(out, "kmem", &m->kmem);
	for (size_t i = 0; i < m->n_stats; i++)
		pairs(out, "stat", m->stats[i].path, &m->stats[i].stats);
}

static void facts_of(struct buf *out, const struct event *ev)
{
	const struct trigger *t = &ev->trigger;
	const struct task_table *tasks = &ev->tasks;

	text(out, "request", "comm", t->comm);
	number(out, "request", STR(""), "pid", t->pid);
	number(out, "request", STR(""), "order", t->order);
	number(out, "request", STR(""), "mask", t->gfp_mask);
	text(out, "request", "flags", t->gfp_text);
	number(out, "request", STR(""), "adj", t->oom_score_adj);
	text(out, "request", "cpuset", t->cpuset);
	text(out, "request", "mems", t->mems_allowed);
	for (size_t i = 0; i < ev->n_victims; i++)
		facts_of_victim(out, &ev->victims[i]);
	facts_of_memory(out, &ev->memory);
	facts_of_memcg(out, &ev->memcg);
	for (size_t r = 0; r < tasks->n_rows; r++)
		for (size_t c = 0; c < tasks->n_columns; c++)
			buf_addf(out, "task %" PRId64 " \"%.*s\" %.*s=%" PRId64 "\n",
				 task_value(tasks, r, 0), STR_ARG(tasks->names[r]),
				 STR_ARG(tasks->columns[c]), task_value(tasks, r, (int)c));
	for (size_t i = 0; i < ev->n_slab; i++)
		buf_addf(out, "slab %.*s=%" PRId64 "\n", STR_ARG(ev->slab[i].name), ev->slab[i].used_kb);
	for (size_t i = 0; i < ev->n_call_trace; i++)
		text(out, "frame", "is", ev->call_trace[i]);
}

static bool has_line(struct str lines, struct str line)
{
	for (;;) {
		size_t at = str_find(lines, line);

		if (at == SIZE_MAX)
			return false;
		if ((at == 0 || lines.p[at - 1] == '\n') && at + line.n < lines.n &&
		    lines.p[at + line.n] == '\n')
			return true;
		lines = str_from(lines, at + 1);
	}
}

/* The first of the lines of `some` that `all` does not have; empty: it has all. */
static struct str not_in(struct str some, struct str all)
{
	struct str line;

	while (take_line(&some, &line)) {
		if (!has_line(all, line))
			return line;
	}
	return (struct str){"", 0};
}

/* ---- reading ---- */

static size_t read_events(struct str log, struct event **evs)
{
	struct parser *p;
	struct event *ev;
	size_t n = 0;

	check(parser_new(&p, NULL, NULL) == 0);
	check(parser_feed(p, log, NULL) == 0);
	check(parser_finish(p, NULL) == 0);
	while ((ev = parser_take(p))) {
		if (n < MOST_EVENTS)
			evs[n++] = ev;
		else
			event_free(ev);
	}
	parser_free(p);
	return n;
}

static void free_events(struct event **evs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		event_free(evs[i]);
}

static size_t lines_of(struct str log, struct str *lines, size_t most)
{
	size_t n = 0;

	while (log.n && n < most) {
		size_t end = str_find_char(log, '\n');

		end = end == SIZE_MAX ? log.n : end + 1;
		lines[n++] = str_sub(log, 0, end);
		log = str_from(log, end);
	}
	return n;
}

static void join(struct buf *out, const struct str *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add(out, lines[i]);
}

/* An event of a golden log that is complete, and one and the same alone. */
static void add_whole(const char *name, const struct str *lines, size_t n, const struct event *ev)
{
	struct whole *w = &wholes[n_wholes];
	CLEANUP_BUF struct buf alone = BUF_INIT(LARGEST);
	struct event *evs[MOST_EVENTS];
	size_t count;

	if (n_wholes == MOST_CASES || ev->kind == EVENT_USERSPACE_KILL || ev->missing ||
	    ev->last_line > n || lines[ev->first_line - 1].p[0] != '[')
		return;
	snprintf(w->name, sizeof(w->name), "%.100s:%" PRIu64, name, ev->first_line);
	w->n = (size_t)(ev->last_line - ev->first_line + 1);
	memcpy(w->lines, lines + ev->first_line - 1, w->n * sizeof(*lines));
	join(&alone, w->lines, w->n);
	if (str_find(buf_str(&alone), STR(" SLUB: ")) != SIZE_MAX) /* others' failures, which stay */
		return;
	count = read_events(buf_str(&alone), evs);
	if (count != 1 || evs[0]->missing) {
		free_events(evs, count);
		return;
	}
	w->ev = evs[0];
	w->facts = (struct buf)BUF_INIT(LARGEST);
	facts_of(&w->facts, w->ev);
	n_wholes++;
}

static void read_goldens(void)
{
	DIR *dir = opendir(TEST_SOURCE_DIR "/tests/golden");
	struct dirent *entry;

	check(dir != NULL);
	while (dir && (entry = readdir(dir)) && n_logs < MOST_CASES) {
		static struct str lines[MOST_LINES];
		struct event *evs[MOST_EVENTS];
		struct buf *log = &logs[n_logs];
		char path[4600], chunk[65536];
		size_t n, got;
		FILE *f;

		snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/golden/%s/log", entry->d_name);
		f = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (!f)
			continue;
		*log = (struct buf)BUF_INIT(LARGEST);
		while ((got = fread(chunk, 1, sizeof(chunk), f)) > 0)
			buf_add(log, (struct str){chunk, got});
		fclose(f);
		n_logs++;
		n = lines_of(buf_str(log), lines, MOST_LINES);
		got = read_events(buf_str(log), evs);
		for (size_t i = 0; i < got && i < 3; i++)
			add_whole(entry->d_name, lines, n, evs[i]);
		free_events(evs, got);
	}
	if (dir)
		closedir(dir);
}

/* ---- the laws ---- */

static const char *doing;

static void broken(const struct whole *w, const char *law, struct str what, struct str log)
{
	static int told;

	harness_failures++;
	if (told++ > 12)
		return;
	fprintf(stderr, "%s, %s: %s: %.*s\n", w->name, doing, law, STR_ARG(str_trim(what)));
	if (getenv("MUTATIONS_SHOW"))
		fprintf(stderr, "%.*s\n", STR_ARG(log));
}

/* Which of the two is it, by what it says? Nothing of the other may stand in it. */
static void law_no_more(const struct whole *const *of, size_t n, const struct event *ev, struct str log)
{
	CLEANUP_BUF struct buf facts = BUF_INIT(LARGEST);
	struct str first = {"", 0};

	facts_of(&facts, ev);
	harness_checks++;
	for (size_t i = 0; i < n; i++) {
		struct str odd = not_in(buf_str(&facts), buf_str(&of[i]->facts));

		if (!odd.n)
			return;
		if (odd.p > first.p || !first.n) /* the one it is more like */
			first = odd;
	}
	broken(of[0], "not so in the whole log", first, log);
}

static bool any_has(struct event *const *evs, size_t n, struct str line)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP_BUF struct buf facts = BUF_INIT(LARGEST);

		facts_of(&facts, evs[i]);
		if (has_line(buf_str(&facts), line))
			return true;
	}
	return false;
}

/* What the first and last lines said is known as long as they are there. */
static void law_no_less(const struct whole *w, struct event *const *evs, size_t n, struct str log)
{
	static const struct {
		struct str line, fact;
	} rows[] = {
		{STR_INIT(" invoked oom-killer:"), STR_INIT("request  ")},
		{STR_INIT(": page allocation failure:"), STR_INIT("request  ")},
		{STR_INIT("] Out of memory: Killed process "), STR_INIT("victim ")},
		{STR_INIT("] Memory cgroup out of memory: Killed process "), STR_INIT("victim ")},
	};
	struct str facts, line;

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (str_find(log, rows[i].line) == SIZE_MAX)
			continue;
		for (facts = buf_str(&w->facts); take_line(&facts, &line);) {
			if (!str_starts(line, rows[i].fact) ||
			    (i < 2 && str_find(line, STR(" pid=")) != SIZE_MAX))
				continue;
			if (i >= 2 && w->ev->n_victims != 1) /* which line is there is not asked */
				continue;
			harness_checks++;
			if (!any_has(evs, n, line))
				broken(w, "not known any more", line, log);
		}
	}
}

static void law_incomplete(const struct whole *w, struct event *const *evs, size_t n, struct str log)
{
	for (size_t i = 0; i < n; i++) {
		harness_checks++;
		if (!evs[i]->missing)
			broken(w, "says it is complete", STR(""), log);
	}
}

/* ---- the mutations ---- */

/* Is it of the lines without which an event cannot be whole? */
static bool is_first_or_last(const struct whole *w, size_t i)
{
	return i == 0 || str_find(w->lines[i], STR("Killed process ")) != SIZE_MAX;
}

static void read_and_judge(const struct whole *w, struct str log, bool incomplete)
{
	struct event *evs[MOST_EVENTS];
	size_t n = read_events(log, evs);

	for (size_t i = 0; i < n; i++)
		law_no_more(&w, 1, evs[i], log);
	law_no_less(w, evs, n, log);
	if (incomplete)
		law_incomplete(w, evs, n, log);
	free_events(evs, n);
}

static void drop_lines(const struct whole *w)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	size_t from = below(w->n), count = 1 + below(below(4) ? 3 : w->n);
	bool lost = false;

	doing = "lines dropped";
	for (size_t i = 0; i < w->n; i++) {
		if (i >= from && i < from + count)
			lost |= is_first_or_last(w, i) && w->ev->n_victims < 2;
		else
			buf_add(&log, w->lines[i]);
	}
	read_and_judge(w, buf_str(&log), lost);
}

/* The ring buffer kept the end, from the middle of a line on. */
static void cut_head(const struct whole *w)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	size_t from = below(w->n);

	doing = "head cut";
	join(&log, w->lines + from, w->n - from);
	if (below(2) && !is_first_or_last(w, from))
		buf_drop_front(&log, below(w->lines[from].n));
	read_and_judge(w, buf_str(&log), from > 0);
}

static void cut_tail(const struct whole *w)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	size_t until = 1 + below(w->n), last = w->n, first = 0;

	doing = "tail cut";
	while (last > 0 && !(str_find(w->lines[last - 1], STR("Killed process ")) != SIZE_MAX ||
			     str_find(w->lines[last - 1], STR(" pages reserved")) != SIZE_MAX))
		last--;
	/* a failure whose memory is not shown, or only its totals, is whole */
	while (!event_is_oom(w->ev) && first < w->n && str_find(w->lines[first], STR(" min:")) == SIZE_MAX)
		first++;
	join(&log, w->lines, until);
	read_and_judge(w, buf_str(&log), until > first && until < last && w->ev->n_victims < 2);
}

/* Lines of drivers and programs, none of which an event has. */
static void put_others(const struct whole *w)
{
	static const char *const others[] = {
		"usb 1-1: new high-speed USB device number 5 using xhci_hcd",
		"EXT4-fs (sda1): mounted filesystem with ordered data mode. Opts: (null)",
		"TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.",
		"audit: type=1400 audit(1463.116:5): apparmor=\"DENIED\" operation=\"open\" pid=77",
		"e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex",
		"perf: interrupt took too long (2510 > 2500), lowering sampling rate",
		"IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready",
		"systemd[1]: foo.service: Main process exited, code=killed, status=9/KILL",
		"NVRM: Xid (PCI:0000:01:00): 31, pid=4242, Ch 00000010",
		"nfs: server 10.0.0.1 not responding, still trying",
	};
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), facts = BUF_INIT(LARGEST);
	struct event *evs[MOST_EVENTS];
	size_t n;

	doing = "others' lines between";
	for (size_t i = 0; i < w->n; i++) {
		if (i && below(8) == 0)
			buf_addf(&log, "%.*s %s\n",
				 STR_ARG(str_sub(w->lines[i], 0, str_find_char(w->lines[i], ']') + 1)),
				 others[below(ARRAY_COUNT(others))]);
		buf_add(&log, w->lines[i]);
	}
	n = read_events(buf_str(&log), evs);
	check_int(n, 1);
	if (n) {
		struct str lost;

		facts_of(&facts, evs[0]);
		harness_checks++;
		lost = not_in(buf_str(&w->facts), buf_str(&facts));
		if (lost.n)
			broken(w, "lost", lost, buf_str(&log));
		lost = not_in(buf_str(&facts), buf_str(&w->facts));
		if (lost.n)
			broken(w, "made up", lost, buf_str(&log));
		if (evs[0]->missing)
			broken(w, "says it is incomplete", STR(""), buf_str(&log));
	}
	free_events(evs, n);
}

/* The last lines come before some of the memory and of the tasks: of what is sorted anew. */
static void move_the_verdict(const struct whole *w)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), facts = BUF_INIT(LARGEST);
	struct event *evs[MOST_EVENTS];
	size_t n, first = 0, at, last = w->n;
	struct str lost;

	doing = "its verdict early";
	while (first < w->n && str_find(w->lines[first], STR("] Mem-Info:")) == SIZE_MAX)
		first++;
	while (last > 0 && str_find(w->lines[last - 1], STR("] oom-kill:constraint=")) == SIZE_MAX)
		last--;
	if (!event_is_oom(w->ev) || first == w->n || last <= first + 1)
		return;
	at = first + 1 + below(last - first - 1);
	join(&log, w->lines, at);
	join(&log, w->lines + last - 1, w->n - last + 1);
	join(&log, w->lines + at, last - 1 - at);
	n = read_events(buf_str(&log), evs);
	check_int(n, 1);
	if (n) {
		facts_of(&facts, evs[0]);
		harness_checks++;
		lost = not_in(buf_str(&w->facts), buf_str(&facts));
		if (lost.n)
			broken(w, "lost", lost, buf_str(&log));
		law_no_more(&w, 1, evs[0], buf_str(&log));
		if (evs[0]->missing)
			broken(w, "says it is incomplete", STR(""), buf_str(&log));
	}
	free_events(evs, n);
}

/* Another CPU's oops, line by line between, and nothing tells whose a line is. */
static void weave_an_oops(const struct whole *w)
{
	static const char *const oops[] = {
		"BUG: unable to handle page fault for address: ffffc900012ab000",
		"#PF: supervisor read access in kernel mode",
		"Oops: 0000 [#1] PREEMPT SMP NOPTI",
		"CPU: 1 UID: 0 PID: 65012 Comm: oopser Tainted: G           OE      6.4.0-other #9",
		"Hardware name: Acme Board/X1, BIOS 1.2 01/02/2024",
		"RIP: 0010:widget_exit+0x12/0x30 [widget]",
		"RAX: ffffc900012ab000 RBX: 0000000000000000 RCX: 0000000000000000",
		"Call Trace:",
		" <TASK>",
		" ? page_fault_oops+0x15c/0x2c0",
		" widget_free+0x12/0x30 [widget]",
		" __do_sys_delete_module+0x1a1/0x2f0",
		" do_syscall_64+0x5d/0xc0",
		" </TASK>",
		"Modules linked in: widget(OE-) dm_mod",
		"---[ end trace 0000000000000000 ]---",
	};
	static const struct str frames = STR_INIT("frame ");
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), facts = BUF_INIT(LARGEST);
	struct event *evs[MOST_EVENTS];
	size_t n, at = 0, run = 1 + below(8);
	struct str all, lost;

	doing = "woven with an oops";
	for (size_t i = 0; i < w->n; i++) {
		struct str head = str_sub(w->lines[i], 0, str_find_char(w->lines[i], ']') + 1);

		for (size_t k = below(2) * below(run + 1); k > 0 && at < ARRAY_COUNT(oops); k--)
			buf_addf(&log, "%.*s %s\n", STR_ARG(head), oops[at++]);
		buf_add(&log, w->lines[i]);
	}
	n = read_events(buf_str(&log), evs);
	check_int(n, 1);
	for (size_t i = 0; i < n; i++) {
		law_no_more(&w, 1, evs[i], buf_str(&log));
		facts_of(&facts, evs[i]);
	}
	for (all = buf_str(&w->facts); n == 1 && all.n;) { /* no more than frames may be lost */
		lost = not_in(all, buf_str(&facts));
		harness_checks++;
		if (lost.n && (!str_starts(lost, frames) || !(evs[0]->missing & PART_STACK)))
			broken(w, "lost", lost, buf_str(&log));
		all = lost.n ? str_from(all, (size_t)(lost.p - all.p) + lost.n) : lost;
	}
	free_events(evs, n);
}

static void put_with_caller(struct buf *log, struct str line, int caller)
{
	size_t end = str_find_char(line, ']') + 1;

	buf_addf(log, "%.*s[  T%d]%.*s", STR_ARG(str_sub(line, 0, end)), caller,
		 STR_ARG(str_from(line, end)));
}

static bool same_victim(const struct event *a, const struct event *b)
{
	for (size_t i = 0; i < a->n_victims; i++)
		for (size_t k = 0; k < b->n_victims; k++)
			if (a->victims[i].pid == b->victims[k].pid)
				return true;
	return false;
}

/* Two CPUs, each with its caller id: line by line, or in runs. Some lines are lost. */
static void weave(const struct whole *a, const struct whole *b)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	const struct whole *both[] = {a, b};
	size_t at[2] = {0, 0}, run = 1 + below(20), n, lost = below(2) ? 0 : 1 + below(6);
	struct event *evs[MOST_EVENTS];

	doing = "woven with another";
	while (at[0] < a->n || at[1] < b->n) {
		size_t k = below(2);

		for (size_t i = below(run) + 1; i > 0 && at[k] < both[k]->n; i--, at[k]++)
			if (!lost || below(100) >= lost)
				put_with_caller(&log, both[k]->lines[at[k]], 100 + (int)k);
	}
	n = read_events(buf_str(&log), evs);
	for (size_t i = 0; i < n; i++)
		law_no_more(both, 2, evs[i], buf_str(&log));
	if (!lost) {
		law_no_less(a, evs, n, buf_str(&log));
		law_no_less(b, evs, n, buf_str(&log));
	}
	free_events(evs, n);
}

/* One behind the other, and lines were lost where they meet. */
static void lose_the_seam(const struct whole *a, const struct whole *b)
{
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
	const struct whole *both[] = {a, b};
	struct event *evs[MOST_EVENTS];
	size_t n, until = a->n - below(2) * below(a->n), from = below(b->n);

	doing = "the seam of two lost";
	join(&log, a->lines, until);
	join(&log, b->lines + from, b->n - from);
	n = read_events(buf_str(&log), evs);
	/* an OOM's beginning and another's end, both without what tells them apart, are one for
	 * every reader: only what lost no first line is asked */
	if (from == 0)
		for (size_t i = 0; i < n; i++)
			law_no_more(both, 2, evs[i], buf_str(&log));
	free_events(evs, n);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 2;

	dice += argc > 2 ? strtoull(argv[2], NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) : 0;
	read_goldens();
	check(n_wholes > 30);
	for (int r = 0; r < rounds; r++) {
		for (size_t i = 0; i < n_wholes; i++) {
			const struct whole *w = &wholes[i], *other = &wholes[below(n_wholes)];

			drop_lines(w);
			cut_head(w);
			cut_tail(w);
			put_others(w);
			weave_an_oops(w);
			move_the_verdict(w);
			if (same_victim(w->ev, other->ev)) /* one pid is one victim */
				continue;
			weave(w, other);
			lose_the_seam(w, other);
		}
	}
	printf("%zu events, %d rounds\n", n_wholes, rounds);
	for (size_t i = 0; i < n_wholes; i++) {
		event_free(wholes[i].ev);
		buf_free(&wholes[i].facts);
	}
	for (size_t i = 0; i < n_logs; i++)
		buf_free(&logs[i]);
	return tests_done();
}
