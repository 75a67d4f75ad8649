/* SPDX-License-Identifier: MIT */
/* rules_kind.c - K1 to K9: what kind of event is it? */
#include "diagnose/judge.h"

static bool has_words(struct str s, const char *needle)
{
	return s.n && str_find(s, str_of(needle)) != SIZE_MAX;
}

/* One line each, for everybody: what an order and what GFP_ATOMIC mean. */
static void explain_request(struct judge *j)
{
	const struct trigger *t = &j->ev->trigger;
	if (t->order != UNKNOWN && t->order >= 0 && t->order < 32)
		notes_at(
		    j, words(j, "%.*s.trigger.order", STR_ARG(j->at)), (double)t->order,
		    "order %d: one block of 2^%d = %lld page%s in a row (%s) was asked "
		    "for%s",
		    (int)t->order, (int)t->order, 1LL << t->order, t->order ? "s" : "",
		    human_kb(j, (double)(1LL << t->order) * j->page_kb),
		    t->order > 3 ? "; above order 3 the kernel gives up early, by design"
		    : t->order > 0
			? "; the higher the order, the more it is fragmentation"
			: "; a single page is the smallest request there is");
	if (j->gfp_known && j->gfp.atomic)
		notes(j, "GFP_ATOMIC: the caller could not wait (interrupt or network "
			 "path), so "
			 "nothing could be reclaimed for it; expected under load, and "
			 "usually retried");
	else if (j->gfp_known)
		notes(j, "not GFP_ATOMIC: the caller %s",
		      j->gfp.direct_reclaim ? "could wait for memory to be reclaimed"
					    : "did not wait for memory to be reclaimed");
}

bool oom_nearby(const struct judge *j)
{
	for (size_t i = 0; i < j->in->n_notes; i++) {
		const struct event_note *n = &j->in->notes[i];
		int64_t us = n->monotonic_us, at = j->ev->monotonic_us;
		if (n->kind > EVENT_OOM_NO_VICTIM || us == UNKNOWN || at == UNKNOWN)
			continue;
		if (us > at - 1000000 && us < at + 1000000)
			return true;
	}
	return false;
}

static bool k1_failure(struct judge *j)
{
	if (oom_nearby(j))
		return false;
	explain_request(j);
	const char *what = j->ev->kind == EVENT_ALLOC_STALL ? "was delayed" : "was refused";
	if (j->ev->trigger.what.n)
		notes(j, "%.*s", STR_ARG(j->ev->trigger.what));
	if (j->n_evidence == 0)
		notes(j, "the log has the line of a failed request and no kill near it");
	return because(
	    j,
	    "A request for memory by %.*s %s; nothing was killed, and the machine went "
	    "on",
	    STR_ARG(j->ev->trigger.comm.n ? j->ev->trigger.comm : STR("the kernel")),
	    what);
}

static bool k2_manual(struct judge *j)
{
	static const char *const heads[] = {"moom_callback", "sysrq_", "__handle_sysrq",
					    "write_sysrq_trigger", NULL};
	struct str found;
	bool trace = in_trace(j, heads, &found);
	if (j->ev->trigger.order != -1 && j->ev->scope != SCOPE_MANUAL && !trace)
		return false;
	if (j->ev->trigger.order == -1)
		notes_at(j, words(j, "%.*s.trigger.order", STR_ARG(j->at)), -1,
			 "order=-1: no allocation asked for it, somebody did");
	if (trace)
		notes(j, "call trace: %.*s", STR_ARG(found));
	/* Two independent marks in the log itself are more than a hint. */
	j->confidence = trace && j->ev->trigger.order == -1 ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	return true;
}

static bool k3_memcg(struct judge *j)
{
	if (j->ev->constraint.n)
		notes(j, "constraint=%.*s", STR_ARG(j->ev->constraint));
	shows(j, memcg_usage(j));
	if (j->n_evidence == 0)
		notes(j, "the kernel's own words: memory cgroup out of memory");
	return because(j, "The limit of one control group (%.*s) was reached; the machine itself "
			  "need not be short of memory",
		       STR_ARG(memcg_path(j)));
}

static bool k4_userspace(struct judge *j)
{
	if (j->ev->kind != EVENT_USERSPACE_KILL)
		return false;
	notes(j, "%.*s: %.*s", STR_ARG(j->ev->killer.n ? j->ev->killer : STR("killer")),
	      STR_ARG(j->ev->reason.n ? j->ev->reason : STR("no reason given")));
	struct str whom = j->ev->n_victims && j->ev->victims[0].comm.n ? j->ev->victims[0].comm
								       : STR("a process");
	return because(
	    j,
	    "A program on this machine, %.*s, and not the kernel, decided to kill %.*s",
	    STR_ARG(j->ev->killer.n ? j->ev->killer : STR("a user-space killer")),
	    STR_ARG(whom));
}

static bool k5_nobody(struct judge *j)
{
	bool said = has_words(j->ev->reason, "killable") || has_words(j->ev->reason, "deadlocked");
	if (j->ev->kind != EVENT_OOM_NO_VICTIM && !(j->ev->kind == EVENT_OOM_PANIC && said))
		return false;
	if (j->ev->reason.n)
		notes(j, "%.*s", STR_ARG(j->ev->reason));
	else
		notes(j, "no process was killed");
	return true;
}

static bool k6_panic(struct judge *j)
{
	if (j->ev->kind != EVENT_OOM_PANIC)
		return false;
	if (has_words(j->ev->reason, "panic_on_oom"))
		return notes(j, "%.*s", STR_ARG(j->ev->reason)) &&
		       shows(j, sysctl(j, STR("vm_panic_on_oom")));
	if (has_words(j->ev->reason, "killable") || has_words(j->ev->reason, "deadlocked"))
		return false;
	return says(j, sysctl(j, STR("vm_panic_on_oom")), ">", q_constant(j, 0, NULL));
}

static bool k8_incomplete(struct judge *j)
{
	static const enum event_part parts[] = {PART_HEADER, PART_STACK,   PART_MEMORY, PART_MEMCG,
						PART_TASKS,  PART_VERDICT, PART_MIDDLE};
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		if (j->ev->missing & parts[i])
			notes(j, "missing: %s", part_name(parts[i]));
	if (j->in->log && j->in->log->lost_records)
		notes(j, "%lld records of the log were lost",
		      (long long)j->in->log->lost_records);
	return j->n_evidence > 0;
}

static bool k9_stuck(struct judge *j)
{
	bool reaper_age = kernel_between(j, 4, 6, 99, 0);
	struct quantity hung = context_count(j, STR("hung_task"));
	for (size_t i = 0; i < j->ev->n_victims; i++) {
		const struct victim *v = &j->ev->victims[i];
		if (v->reaped == 0) {
			j->confidence = CONFIDENCE_HIGH;
			return notes(j, "oom_reaper: unable to reap %.*s (pid %lld)",
				     STR_ARG(v->comm), (long long)v->pid);
		}
		if (v->reaped == 1 || !reaper_age || !storm_goes_on(j) || hung.value <= 0)
			continue;
		return says(j, hung, ">", q_constant(j, 0, NULL)) &&
		       notes(j, "%.*s (pid %lld) was not reported as reaped before the next OOM",
			     STR_ARG(v->comm), (long long)v->pid);
	}
	return false;
}

const struct rule rules_kind[] = {
	{"K1", "alloc-failure", "A request for memory failed and nothing was killed", NULL,
	 k1_failure, ON_FAILURE, CONFIDENCE_HIGH, 40,
	 "Not a bug unless it repeats or errors follow it. A driver that asks for large blocks "
	 "should use kvmalloc() or __GFP_NOWARN.",
	 "Hellwig <20041124165658.GA16800@infradead.org>; linux-mm.org, OOM"},
	{"K2", "manual-oom", "Somebody asked the kernel to kill a process (SysRq-f); memory need "
	 "not have been short", NULL, k2_manual, ON_EVENT, CONFIDENCE_MEDIUM, 99,
	 "Find out who wrote f to /proc/sysrq-trigger or pressed the keys (earlyoom with "
	 "--use-kernel-oom does, too). The memory numbers are still good to look at.",
	 "drivers/tty/sysrq.c moom_callback(); OOMAnalyser"},
	{"K3", "memcg-oom", NULL, NULL, k3_memcg, ON_MEMCG, CONFIDENCE_HIGH, 30,
	 "Judge by the cgroup's numbers, not by the free memory of the host.",
	 "Hocko <20170209132628.GI10257@dhcp22.suse.cz>"},
	{"K4", "userspace-killer", NULL, NULL, k4_userspace, ON_OTHER, CONFIDENCE_HIGH, 95,
	 "Attach the killer's settings and state (oomctl dump for systemd-oomd). The kernel's OOM "
	 "killer is not involved.", "systemd#32304, systemd#25853"},
	{"K5", "nobody-to-kill", "The kernel found no process that it was allowed to kill", NULL,
	 k5_nobody, ON_OOM, CONFIDENCE_HIGH, 58,
	 "See which tasks have oom_score_adj -1000 and what holds the memory besides processes.",
	 "KAMEZAWA <20111201185001.5bf85500.kamezawa.hiroyu@jp.fujitsu.com>"},
	{"K6", "panic-on-oom", "The machine stopped because it is set to panic when memory runs "
	 "out", NULL, k6_panic, ON_OOM, CONFIDENCE_HIGH, 45,
	 "vm.panic_on_oom decides this; with 2 also the limit of a single control group panics the "
	 "host.", "Hocko <20170209132628.GI10257@dhcp22.suse.cz>"},
	{"K7", "oom-storm", NULL, NULL, storm_seen, ON_OOM, CONFIDENCE_MEDIUM, 25,
	 "Read the first event: only it shows the state before anything was killed.",
	 "Hocko <20161217000203.GC23392@dhcp22.suse.cz>"},
	{"K8", "evidence-incomplete", "Parts of the kernel's report are missing from this log",
	 NULL, k8_incomplete, ON_OOM | ON_FAILURE, CONFIDENCE_HIGH, 5,
	 "Get the journal, serial console or pstore copy of the log; raise log_buf_len.",
	 "Hocko <20170219150037.GB24890@dhcp22.suse.cz>"},
	{"K9", "victim-stuck", "The process that was killed could not exit and give its memory "
	 "back", NULL, k9_stuck, ON_OOM, CONFIDENCE_MEDIUM, 35,
	 "Send SysRq-t and SysRq-w output; look for the lock or the I/O it waits for. Take the log "
	 "from the first OOM on.",
	 "Tetsuo Handa <931bbf2e-19e3-c598-c244-ae5e7d00dfb0@i-love.sakura.ne.jp>"},
};
const size_t n_rules_kind = ARRAY_COUNT(rules_kind);
