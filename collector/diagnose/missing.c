/* SPDX-License-Identifier: MIT */
/* missing.c - for each cause that stayed undecided: the fact that would decide it, and how to
 * get it. Asked once, all together. */
#include "diagnose/judge.h"

static const struct {
	const char *what, *how;
} facts[NEED_COUNT] = {
	[NEED_MEMORY] =
	{"the Mem-Info block of the first event",
	 "send the whole kernel log (journalctl -k -b -1, the serial console, pstore); "
	 "a log filtered by level lacks it"},
	[NEED_HEADER] = {"the first line of the event (order and gfp mask)",
		     "send the log from before the event on; raise log_buf_len= if it "
		     "was overwritten"},
	[NEED_TASKS] =
	{"the table of tasks",
	 "sysctl vm.oom_dump_tasks=1, and send the log without a level filter"},
	[NEED_MEMCG] =
	{"what the log lacks of the control group's usage, limit and statistics",
	 "send the whole kernel log, or run oomreport collect, which reads the group and "
	 "its ancestors"},
	[NEED_KERNEL] = {"the kernel release", "uname -r, or --kernel VERSION"},
	[NEED_MEMINFO] = {"/proc/meminfo of the machine",
		      "run oomreport collect there; it reads /proc/meminfo"},
	[NEED_SLABINFO] =
	{"the list of kernel caches",
	 "run oomreport collect as root (/proc/slabinfo), best before a restart"},
	[NEED_VMSTAT] = {"/proc/vmstat of the machine", "run oomreport collect there"},
	[NEED_SYSCTL] = {"the vm settings (/proc/sys/vm)", "run oomreport collect there"},
	[NEED_SWAPS] =
	{"which swap there is, and the state of zram or zswap",
	 "run oomreport collect there; it reads /proc/swaps and /sys/block/zram*"},
	[NEED_PROCESSES] = {"locked memory and swap of each process",
			"run oomreport collect as root (/proc/PID/status)"},
	[NEED_NUMBERS] =
	{"what drivers, GPU, balloon, vmalloc, sockets and open files hold",
	 "run oomreport collect as root; it reads debugfs, /proc/vmallocinfo, sockstat "
	 "and file-nr"},
	[NEED_CMDLINE] = {"the kernel command line",
		      "send the log from boot on, or /proc/cmdline"},
	[NEED_SERIES] =
	{"what grew before the event, second by second",
	 "run oomreport record, reproduce the problem, then collect with --vmlog DIR"},
};

static bool listed_before(const uint32_t *lacking, const struct rule *rules, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (lacking[k] && rules[k].id == rules[i].id)
			return true;
	return false;
}

static void add_decides(struct buf *out, const uint32_t *lacking, const struct rule *rules,
			size_t n, enum need need, int least)
{
	for (size_t i = 0; i < n; i++) {
		if (!(lacking[i] & 1U << need) || listed_before(lacking, rules, i) ||
		    rules[i].rank < least)
			continue;
		if (out->n > 300)
			return;
		buf_addf(out, "%s%s", out->n ? ", " : "", rules[i].id);
	}
}

void missing_make(struct judge *j, uint32_t lacking, const uint32_t *rules_lacking)
{
	size_t room = 0;
	/* once the cause is plain, what would only add to it is not worth a question */
	const struct diagnosis *d = j->d;
	bool plain = d->n_findings && d->findings[0].confidence == CONFIDENCE_HIGH &&
		     d->findings[0].rank >= 60;
	int least = plain ? 50 : 0;
	for (int need = 1; need < NEED_COUNT; need++) {
		CLEANUP_BUF struct buf decides = BUF_INIT(2048);
		size_t at = 0;
		if (!(lacking & 1U << need))
			continue;
		for (size_t t = 0; t < n_rule_tables; t++) {
			add_decides(&decides, rules_lacking + at, rule_tables[t].rules,
				    *rule_tables[t].n, (enum need)need, least);
			at += *rule_tables[t].n;
		}
		if (!decides.n)
			continue;
		void *items = j->d->missing;
		struct missing_fact *m = diagnosis_grow(j, &items, &j->d->n_missing, &room,
							sizeof(*j->d->missing));
		j->d->missing = items;
		if (!m)
			return;
		m->what = facts[need].what;
		m->how = facts[need].how;
		m->decides = words_z(j, "%.*s", STR_ARG(buf_str(&decides)));
	}
}
