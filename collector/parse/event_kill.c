/* SPDX-License-Identifier: MIT */
/* event_kill.c - last lines: who was killed, or why nobody was. */
#include "parse/handlers.h"

/* The event this verdict ends, or a new one whose beginning is lost. */
static struct live *verdict_of(struct parser *p, const struct piece *pc)
{
	struct live *l = pc->shouted ? NULL : live_unsettled(p, pc);

	return l ? l : oom_new(p, pc);
}

/* oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,
 * oom_memcg=/a,task_memcg=/a,task=tail,pid=86,uid=0
 * Lists and names hold commas: keys are found by name, task, pid and uid from the right.
 * The kernel prints it in pieces (mm/oom_kill.c, dump_oom_summary()), and a line of another CPU
 * can end it behind each of them: without its ",uid=" the value of its last key is not known. */
static void read_summary(struct parser *p, struct live *l, struct str text)
{
	static const struct str before_task = STR_INIT(",task_memcg=");
	struct event *ev = l->ev;
	const struct {
		struct str key, *to;
	} rows[] = { /* from the right */
		{STR_INIT(",task="), NULL}, /* only of a cut one: of a whole one it is taken before */
		{before_task, &ev->memcg.task_path},
		{STR_INIT(",oom_memcg="), &ev->memcg.path},
		{STR_INIT(",global_oom"), NULL},
		{STR_INIT(",mems_allowed="), &ev->trigger.mems_allowed},
		{STR_INIT(",cpuset="), &ev->trigger.cpuset},
		{STR_INIT(",nodemask="), &ev->trigger.nodemask},
	};
	struct victim *v = NULL;
	struct str at, head = text, value;
	size_t pid = str_rfind(text, STR(",pid=")), name = SIZE_MAX, i;
	bool cut = pid == SIZE_MAX || str_find(str_from(text, pid), STR(",uid")) == SIZE_MAX;

	ev->constraint = keep(p, l, str_sub(text, 0, str_find_char(text, ',')));
	if (!cut) {
		head = str_sub(text, 0, pid);
		i = str_find(head, before_task);
		name = str_find(str_from(head, i == SIZE_MAX ? 0 : i), STR(",task="));
		if (name != SIZE_MAX && i != SIZE_MAX)
			name += i;
	}
	if (name != SIZE_MAX && (v = victim_new(p, l))) {
		v->comm = keep(p, l, str_from(head, name + STR(",task=").n));
		at = str_from(text, pid + STR(",pid=").n);
		v->pid = take_number(&at);
		if (take_lit(&at, STR(",uid=")))
			v->uid = take_number(&at);
		head = str_sub(head, 0, name);
		l->named = NAMED_BY_SUMMARY;
	}
	/* the kill line says again who it was, none says the rest */
	l->summary_cut = cut && str_find(text, before_task) == SIZE_MAX;
	for (size_t k = cut ? 0 : 1; k < ARRAY_COUNT(rows); k++) {
		i = str_find(head, rows[k].key);
		if (i == SIZE_MAX)
			continue;
		value = str_from(head, i + rows[k].key.n);
		head = str_sub(head, 0, i);
		if (rows[k].to == &ev->memcg.path)
			l->memcg_words = true;
		else if (str_eq(rows[k].key, STR(",global_oom")) && ev->scope == SCOPE_UNKNOWN)
			ev->scope = SCOPE_GLOBAL;
		if (rows[k].to && !cut && !str_starts(value, STR("(null)")))
			*rows[k].to = keep(p, l, value);
		cut = false;
	}
	if (v)
		v->memcg = ev->memcg.task_path;
}

HANDLER(on_summary)
{
	struct live *l;

	if (!str_starts(rest, STR("CONSTRAINT_"))) /* "%s" of sources */
		return false;
	l = live_unsettled(p, pc);
	if (l && l->ev->constraint.n) {
		live_settled(l); /* its kill line was lost; this is the next one's */
		l = NULL;
	}
	if (!l)
		l = oom_new(p, pc);
	if (!l)
		return true;
	read_summary(p, l, rest);
	if (l->named != NAMED_BY_SUMMARY)
		torn_begins(p, l, rest, read_summary);
	live_own(p, l, pc, 0);
	return true;
}

/* total-vm:8860kB, anon-rss:124kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:60kB
 * oom_score_adj:0 */
void victim_sizes(struct victim *v, struct str text)
{
	static const struct {
		struct str key;
		size_t offset;
	} fields[] = {
		{STR_INIT("total-vm:"), offsetof(struct victim, total_vm_kb)},
		{STR_INIT("vsz:"), offsetof(struct victim, vsz_kb)},
		{STR_INIT("anon-rss:"), offsetof(struct victim, anon_rss_kb)},
		{STR_INIT("file-rss:"), offsetof(struct victim, file_rss_kb)},
		{STR_INIT("shmem-rss:"), offsetof(struct victim, shmem_rss_kb)},
		{STR_INIT("UID:"), offsetof(struct victim, uid)},
		{STR_INIT("pgtables:"), offsetof(struct victim, pgtables_kb)},
		{STR_INIT("oom_score_adj:"), offsetof(struct victim, oom_score_adj)},
	};

	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		struct str at;

		if (value_of(text, fields[i].key, &at))
			*(int64_t *)((char *)v + fields[i].offset) = take_kb(&at);
	}
}

/* ", UID 48" of RHEL, before or behind the name */
static int64_t uid_word(struct str text)
{
	struct str at;

	return value_of(text, STR("UID "), &at) ? take_number(&at) : UNKNOWN;
}

/* The tasks of a group are killed one by one. From 4.19 to 5.2 those lines do not say of what. */
static bool is_of_group(const struct live *l, const struct piece *pc, bool memcg)
{
	return l->ev->memcg.oom_group && l->quiet < 64 &&
	       (memcg == l->memcg_words || str_starts(pc->text, STR("Killed process")));
}

/* Which event is a "Killed process" line of? */
static struct live *killed_in(struct parser *p, const struct piece *pc, int64_t pid,
			      bool memcg, struct victim **victim)
{
	struct live *l = live_of_victim(p, pid, victim);

	/* named before, its details not yet seen; or said twice in one group kill */
	if (l && (*victim)->vsz_kb == UNKNOWN &&
	    (l->ev->memcg.oom_group ||
	     ((*victim)->total_vm_kb == UNKNOWN && l->named != NAMED_NOT)))
		return l;
	*victim = NULL;
	for (size_t i = p->host->n_live; !pc->shouted && i-- > 0;) {
		l = p->host->live[i];
		/* The old rule sacrificed a child, and a thread may be named where its
		 * process is killed: another pid than the one named. */
		if (l->named != NAMED_NOT && !l->killed && l->stage == STAGE_OPEN &&
		    caller_matches(l, pc)) {
			*victim = l->ev->n_victims ? &l->ev->victims[l->ev->n_victims - 1] : NULL;
			return l;
		}
		if (is_of_group(l, pc, memcg))
			return l;
	}
	return verdict_of(p, pc);
}

/* "9943 (a.out)", and where lines were cut at the edge of a screen also "9943 (a.o" and "9943":
 * only of the kernel is that believed. */
static bool take_victim(struct parser *p, const struct piece *pc, struct str *in,
			int64_t *pid, struct str *name)
{
	enum { COMM = 16 };
	struct str at = *in, rest;

	if (take_pid_name(in, pid, name))
		return true;
	skip_blanks(&at);
	if (at.n == 0 || !ascii_digit(at.p[0]) ||
	    !(pc->pre & (PRE_TIME | PRE_SYSLOG | PRE_RECORD) || live_any_open(p)))
		return false;
	*pid = take_number(&at);
	rest = str_trim(at);
	if (rest.n && (!take_lit(&rest, STR("(")) || rest.n > COMM))
		return false;
	*name = rest.n && !line_is_cut(rest) ? rest : (struct str){0};
	*in = str_from(at, at.n);
	return true;
}

static bool killed(struct parser *p, struct piece *pc, struct str rest, bool memcg)
{
	struct victim *v = NULL;
	struct str at = rest, name;
	int64_t pid;
	struct live *l;

	if (!take_victim(p, pc, &at, &pid, &name))
		return false;
	if (shout_is_known(p, pc, pid))
		return true;
	l = killed_in(p, pc, pid, memcg, &v);
	if (!l)
		return true;
	if (!v)
		v = victim_new(p, l);
	if (v) {
		struct str before = str_sub(rest, 0, rest.n - at.n - name.n);

		if (v->pid != pid || name.n >= v->comm.n)
			v->comm = keep(p, l, name);
		if (v->pid != pid) {
			v->score = UNKNOWN;
			v->pid = pid;
		}
		if (v->uid == UNKNOWN)
			v->uid = uid_word(at.n && str_starts(at, STR(", UID")) ? at : before);
		victim_sizes(v, at);
	}
	l->killed = true;
	l->ev->killed_us = pc->mono_us;
	l->memcg_words |= memcg;
	live_own(p, l, pc, PART_VERDICT);
	live_settled(l);
	shout_absorb(p, l);
	return true;
}

/* "Killed process" alone, its first line lost, does not say which OOM it was of. Kills come in
 * storms: where another one, within a few lines, has the same name and a cgroup, it had, too. */
static void same_storm(struct parser *p, struct live *now)
{
	for (size_t i = 0; i < p->host->n_live; i++) {
		struct live *l = p->host->live[i];

		if (l != now && (l->bare || now->bare) && l->quiet < 6 &&
		    l->ev->n_victims == 1 && now->ev->n_victims == 1 &&
		    str_eq(l->ev->victims[0].comm, now->ev->victims[0].comm))
			l->memcg_words = now->memcg_words = l->memcg_words || now->memcg_words;
	}
}

/* Out of memory: Kill process 9943 (a.out) score 919 or sacrifice child */
static bool named_by_score(struct parser *p, struct piece *pc, struct str rest, bool memcg)
{
	struct str at = rest, name;
	struct victim *v;
	struct live *l;
	int64_t pid;

	if (!take_victim(p, pc, &at, &pid, &name))
		return false;
	if (str_starts(at, STR(" sharing same memory")))
		return on_sharing(p, pc, rest);
	if (shout_is_known(p, pc, pid))
		return true;
	l = pc->shouted ? NULL : live_unsettled(p, pc);
	if (l && l->named == NAMED_BY_SCORE) {
		live_settled(l);
		l = NULL;
	}
	if (!l)
		l = oom_new(p, pc);
	if (!l)
		return true;
	v = victim_new(p, l);
	if (v) {
		v->pid = pid;
		v->comm = keep(p, l, name);
		if (value_of(at, STR("score "), &at))
			v->score = take_number(&at);
	}
	l->named = NAMED_BY_SCORE;
	l->memcg_words |= memcg;
	if (memcg)
		same_storm(p, l);
	live_own(p, l, pc, PART_VERDICT);
	return true;
}

/* The line says that nobody is killed after all. */
static void nobody(struct parser *p, struct live *l, const struct piece *pc)
{
	l->no_victim = true;
	l->ev->reason = keep(p, l, str_trim(pc->text));
	live_own(p, l, pc, PART_VERDICT);
	live_settled(l);
}

static bool kill_words(struct parser *p, struct piece *pc, struct str rest, bool memcg)
{
	if (take_lit(&rest, STR("Killed process ")))
		return killed(p, pc, rest, memcg);
	if (take_lit(&rest, STR("Kill process ")) || take_lit(&rest, STR("kill process ")))
		return named_by_score(p, pc, rest, memcg);
	if (take_lit(&rest, STR("OOM victim "))) { /* 5.9+: ... is already exiting */
		struct live *l = live_unsettled(p, pc);

		if (!l)
			return false;
		if (!memcg && l->ev->scope == SCOPE_UNKNOWN)
			l->ev->scope = SCOPE_GLOBAL;
		l->memcg_words |= memcg;
		nobody(p, l, pc);
		return true;
	}
	return false;
}

/* " in UB 1234: OOM killed process 21738 (php-cgi) score 0 vm:281988kB, rss:17004kB, swap:0kB":
 * OpenVZ, whose containers (UB: user beancounter) are the cgroups of that kernel. */
static bool openvz_kill(struct parser *p, struct piece *pc, struct str rest)
{
	bool container = take_lit(&rest, STR(" in UB "));
	struct str number, at, name;
	struct victim *v = NULL;
	struct live *l;
	int64_t pid;

	if (container && !take_until(&rest, ':', &number))
		return false;
	(void)take_char(&rest, ':');
	skip_blanks(&rest);
	if (!take_lit(&rest, STR("OOM killed process ")))
		return false;
	at = rest;
	if (!killed(p, pc, rest, container) || !take_pid_name(&at, &pid, &name))
		return false;
	l = live_of_victim(p, pid, &v);
	if (!l || !v)
		return true;
	if (value_of(at, STR("score "), &rest))
		v->score = take_number(&rest);
	if (value_of(at, STR(" vm:"), &rest))
		v->total_vm_kb = take_kb(&rest);
	return true;
}

/* Behind "Out of memory", "Memory cgroup out of memory", "No available memory ..." */
HANDLER(on_out_of_memory)
{
	bool memcg = str_starts(pc->text, STR("Memory cgroup"));
	struct live *l;

	if (str_starts(rest, STR(" and no killable processes")))
		return on_no_killable(p, pc, rest);
	if (openvz_kill(p, pc, rest))
		return true;
	(void)take_lit(&rest, STR(" (oom_kill_allocating_task)"));
	if (take_lit(&rest, STR(" (MPOL_BIND)")) || take_lit(&rest, STR(" in cpuset"))) {
		l = verdict_of(p, pc);
		if (l)
			l->ev->scope = str_find(pc->text, STR("cpuset")) == SIZE_MAX
					       ? SCOPE_MEMPOLICY
					       : SCOPE_CPUSET;
	}
	if (!take_lit(&rest, STR(":")))
		return false;
	skip_blanks(&rest);
	return kill_words(p, pc, rest, memcg);
}

HANDLER(on_killed)
{
	struct live *l;

	if (!killed(p, pc, rest, false))
		return false;
	l = p->host->n_live ? p->host->live[p->host->n_live - 1] : NULL;
	if (l && l->ev->first_line == pc->line) {
		l->bare = true;
		same_storm(p, l);
	}
	return true;
}

/* Kill process 123 (java) sharing same memory : 2.6.37 to 4.3 */
HANDLER(on_sharing)
{
	struct str at = rest, name;
	struct victim *v;
	struct live *l;
	int64_t pid;

	if (!take_pid_name(&at, &pid, &name) ||
	    !str_starts(at, STR(" sharing same memory")) || p->host->n_live == 0)
		return false;
	l = p->host->live[p->host->n_live - 1];
	if (l->ev->kind != EVENT_OOM_KILL || !caller_matches(l, pc))
		return false;
	v = victim_new(p, l);
	if (v) {
		v->pid = pid;
		v->comm = keep(p, l, name);
	}
	live_own(p, l, pc, 0);
	return true;
}

/* Out of memory and no killable processes... */
HANDLER(on_no_killable)
{
	struct live *l = verdict_of(p, pc);

	(void)rest;
	if (l)
		nobody(p, l, pc);
	return true;
}

/* tried to kill init! / tried to kill an mm-less task! : until 2.6.35, and nobody was;
 * Would have killed process 123 (java). But continuing instead. : RHEL 6 */
HANDLER(on_spared)
{
	struct live *l = NULL;

	(void)rest;
	for (size_t i = p->host->n_live; i-- > 0 && !l;) {
		if (p->host->live[i]->ev->kind == EVENT_OOM_KILL && !p->host->live[i]->killed &&
		    !p->host->live[i]->no_victim && caller_matches(p->host->live[i], pc))
			l = p->host->live[i];
	}
	if (!l)
		return false;
	l->named = NAMED_NOT;
	if (!l->memcg_words && l->ev->scope == SCOPE_UNKNOWN)
		l->ev->scope = SCOPE_GLOBAL;
	nobody(p, l, pc);
	return true;
}

/* Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled */
HANDLER(on_panic)
{
	static const struct str reasons[] = {
		STR_INIT("Out of memory and no killable"), STR_INIT("out of memory"),
		STR_INIT("Out of memory: "), STR_INIT("System is deadlocked on memory"),
	};
	struct live *l = NULL;
	size_t i;

	for (i = 0; i < ARRAY_COUNT(reasons); i++) {
		if (str_starts(rest, reasons[i]))
			break;
	}
	if (i == ARRAY_COUNT(reasons)) {
		woven_panic(p, pc);
		return false;
	}
	/* 4.19+: "no killable processes" came just before */
	for (size_t k = p->host->n_live; k-- > 0 && !l;) {
		if (p->host->live[k]->no_victim && !p->host->live[k]->panic &&
		    caller_matches(p->host->live[k], pc))
			l = p->host->live[k];
	}
	if (!l)
		l = verdict_of(p, pc);
	if (!l)
		return true;
	l->panic = true;
	l->memcg_words |= str_starts(rest, STR("out of memory(memcg)"));
	l->ev->reason = keep(p, l, str_trim(rest));
	live_own(p, l, pc, PART_VERDICT);
	live_settled(l);
	shout_absorb(p, l);
	return true;
}

/* VM: killing process python[(123)] : the page fault path of 2.4 and 2.6 */
HANDLER(on_vm_killing)
{
	struct str name = str_trim(rest), at;
	struct victim *v;
	struct live *l;

	if (name.n == 0 || name.n > 64)
		return false;
	l = live_unsettled(p, pc);
	if (!l || l->ev->kind != EVENT_OOM_KILL)
		l = oom_new(p, pc);
	if (!l)
		return true;
	v = victim_new(p, l);
	if (v) {
		size_t open = str_rfind(name, STR("("));

		if (open != SIZE_MAX && str_ends(name, STR(")"))) {
			at = str_from(name, open + 1);
			v->pid = take_number(&at);
			name = str_sub(name, 0, open);
		}
		v->comm = keep(p, l, name);
	}
	l->killed = true;
	live_own(p, l, pc, PART_VERDICT);
	live_settled(l);
	return true;
}

/* Tasks in /a/b are going to be killed due to memory.oom.group set */
HANDLER(on_group)
{
	size_t end = str_find(rest, STR(" are going to be killed due"));
	struct live *l = NULL;
	struct str *path;

	if (end == SIZE_MAX)
		return false;
	for (size_t i = p->host->n_live; i-- > 0 && !l;) {
		if (p->host->live[i]->ev->kind == EVENT_OOM_KILL && caller_matches(p->host->live[i], pc) &&
		    p->host->live[i]->quiet < 64)
			l = p->host->live[i];
	}
	if (!l || (l->ev->memcg.oom_group && !str_eq(l->ev->memcg.path, str_sub(rest, 0, end))))
		l = verdict_of(p, pc);
	if (!l)
		return true;
	l->ev->memcg.oom_group = true;
	l->memcg_words |= !l->killed || l->bare; /* where the machine ran out, groups are killed, too */
	path = l->memcg_words ? &l->ev->memcg.path : &l->ev->memcg.task_path;
	if (!path->p)
		*path = keep(p, l, str_sub(rest, 0, end));
	live_own(p, l, pc, 0);
	return true;
}

/* OOM request ignored. No task eligible : SysRq-f that found nobody */
HANDLER(on_ignored)
{
	struct live *l = live_unsettled(p, pc);

	(void)rest;
	if (!l)
		for (size_t i = p->host->n_live; i-- > 0 && !l;)
			if (p->host->live[i]->no_victim && p->host->live[i]->quiet < 16)
				l = p->host->live[i];
	if (!l)
		l = oom_new(p, pc);
	if (!l)
		return true;
	l->ev->scope = SCOPE_MANUAL;
	if (l->ev->trigger.order == UNKNOWN)
		l->ev->trigger.order = -1;
	nobody(p, l, pc);
	return true;
}
