/* SPDX-License-Identifier: MIT */
/* userspace.c - kills by programs and by Android's driver: events of their own kind, never
 * kernel OOMs.
 */
#include "parse/rows.h"

static struct live *user_event(struct parser *p, struct piece *pc, struct str killer,
			       struct str reason)
{
	struct live *l = live_new(p, pc, EVENT_USERSPACE_KILL);

	if (!l)
		return NULL;
	l->header = l->killed = true;
	l->ev->killer = keep(p, l, killer);
	l->ev->reason = keep(p, l, str_trim(reason));
	live_own(p, l, pc, PART_HEADER | PART_VERDICT);
	live_settled(l);
	return l;
}

static void user_victim(struct parser *p, struct live *l, struct str comm, int64_t pid)
{
	struct victim *v = l ? victim_new(p, l) : NULL;

	if (v) {
		v->comm = keep(p, l, comm);
		v->pid = pid;
	}
}

/* Killed /system.slice/x.service due to memory pressure for /system.slice being 91.73% > ... */
static bool oomd_kill(struct parser *p, struct piece *pc)
{
	struct str at = pc->text, path, reason;
	struct live *l;

	if (!take_lit(&at, STR("Killed ")) || at.n == 0 || at.p[0] != '/' ||
	    !take_until_lit(&at, STR(" due to "), &path) || !str_starts(at, STR("memory ")))
		return false;
	reason = at;
	l = user_event(p, pc, STR("systemd-oomd"), reason);
	user_victim(p, l, path, UNKNOWN);
	if (l && l->ev->n_victims)
		l->ev->victims[0].memcg = l->ev->victims[0].comm;
	return true;
}

/* foo.scope: systemd-oomd killed 12 process(es) in this unit. : the word of PID 1, counted only
 * where oomd's own line is not in the log. */
static bool oomd_told(struct parser *p, struct piece *pc)
{
	size_t at = str_find(pc->text, STR(": systemd-oomd killed "));
	struct str unit;
	struct live *l;

	if (at == SIZE_MAX || at == 0)
		return false;
	unit = str_sub(pc->text, 0, at);
	for (size_t i = p->host->n_live; i-- > 0;) {
		struct event *ev = p->host->live[i]->ev;

		if (ev->kind == EVENT_USERSPACE_KILL && ev->n_victims &&
		    str_ends(ev->victims[0].comm, unit)) {
			live_own(p, p->host->live[i], pc, 0);
			return true;
		}
	}
	l = user_event(p, pc, STR("systemd-oomd"), str_from(pc->text, at + 2));
	user_victim(p, l, unit, UNKNOWN);
	return true;
}

/* sending SIGTERM to process 1234 uid 1000 "chrome": badness 900, VmRSS 1234 MiB */
static bool earlyoom_kill(struct parser *p, struct piece *pc)
{
	struct str at = pc->text, comm = {0};
	int64_t pid, uid = UNKNOWN;
	struct live *l;

	if (!take_lit(&at, STR("sending SIG")) || !take_until_lit(&at, STR(" to process "), &comm))
		return false;
	if (at.n == 0 || !ascii_digit(at.p[0]))
		return false;
	pid = take_number(&at);
	if (take_lit(&at, STR(" uid ")))
		uid = take_number(&at);
	if (take_char(&at, ' ') && take_char(&at, '"')) {
		size_t end = str_find(at, STR("\": "));

		comm = str_sub(at, 0, end);
	}
	l = user_event(p, pc, STR("earlyoom"), pc->text);
	user_victim(p, l, comm, pid);
	if (l && l->ev->n_victims)
		l->ev->victims[0].uid = uid;
	return true;
}

/* Killing process 19914 chrome : until 1.0
 * Killing process: chrome, pid: 19914, badness: 997, VmRSS: 4278 MiB : 1.1
 * Killing process 'chrome' with signal 15, pid: 19914, ... : 1.2 */
static bool earlyoom_old(struct parser *p, struct piece *pc)
{
	struct str name = pc->text, number;
	struct live *l;

	if (!take_lit(&name, STR("Killing process")))
		return false;
	if (value_of(name, STR(", pid: "), &number)) {
		name = str_sub(name, 0, name.n - number.n - STR(", pid: ").n);
		name = str_sub(name, 0, str_rfind(name, STR("' with signal ")));
		(void)(take_lit(&name, STR(" '")) || take_lit(&name, STR(": ")));
	} else {
		skip_blanks(&name);
		number = name;
		name = str_from(name, str_find_char(name, ' '));
	}
	if (number.n == 0 || !ascii_digit(number.p[0]))
		return false;
	l = user_event(p, pc, STR("earlyoom"), pc->text);
	user_victim(p, l, str_trim(name), take_number(&number));
	return true;
}

static struct live *last_user_event(struct parser *p, struct str killer)
{
	for (size_t i = p->host->n_live; i-- > 0;) {
		const struct event *ev = p->host->live[i]->ev;

		if (ev->kind == EVENT_USERSPACE_KILL && str_eq(ev->killer, killer))
			return p->host->live[i];
	}
	return NULL;
}

/* In the journal every line has nohang's name in front; its own log, and what it prints, is known
 * by the words, and only a paragraph's first line has the time:
 *	2023-08-10 16:53:26,463: TOP printed in 1ms; process with highest badness:
 *	  PID: 903309, name: mysqld, badness: 849
 *	2023-08-10 16:53:26,470: Implementing a corrective action:
 *	  Sending SIGTERM to the victim
 * Until 0.1: Implement a corrective action: Send SIGTERM to the victim; total response ...
 * Then it counts what happened so far, this kill among it:
 *	  [ OK ] Sending SIGKILL to chrome: 1 */
static void nohang_plan(struct parser *p, const struct piece *pc)
{
	struct nohang *plan = &p->host->nohang;
	struct str at = pc->text;

	if (take_lit(&at, STR("PID: ")) && str_find(at, STR(", badness: ")) != SIZE_MAX) {
		plan->pid = take_number(&at);
		plan->pid_line = pc->line;
	} else if (str_starts(at, STR("Implement")) &&
		   str_ends(at, STR(" a corrective action:"))) {
		plan->wall_us = pc->wall_us;
		plan->action_line = pc->line;
	}
}

static bool nohang_kill(struct parser *p, struct piece *pc)
{
	enum { NEAR = 64 };
	struct nohang *plan = &p->host->nohang;
	struct str at = pc->text, word, name = STR("");
	bool tally = take_lit(&at, STR("[ OK ] "));
	struct live *l = tally ? last_user_event(p, STR("nohang")) : NULL;

	if ((!take_lit(&at, STR("Sending SIG")) && !take_lit(&at, STR("Send SIG"))) ||
	    !take_word(&at, &word) || !take_lit(&at, STR(" to ")))
		return false;
	if (!l && !str_starts(pc->ident, STR("nohang")) &&
	    (!plan->action_line || pc->line != plan->action_line + 1))
		return false;
	if (!str_starts(at, STR("the victim")))
		name = at;
	if (tally)
		name = str_sub(name, 0, str_rfind(name, STR(":")));
	if (l) {
		live_own(p, l, pc, 0);
	} else {
		l = user_event(p, pc, STR("nohang"), pc->text);
		if (l && l->ev->wall_us == UNKNOWN && pc->line == plan->action_line + 1)
			l->ev->wall_us = plan->wall_us;
		if (plan->pid_line && pc->line - plan->pid_line < NEAR)
			user_victim(p, l, (struct str){0}, plan->pid);
	}
	if (l && !l->ev->n_victims && name.n)
		user_victim(p, l, str_trim(name), UNKNOWN);
	else if (l && l->ev->n_victims && !l->ev->victims[0].comm.p && name.n)
		l->ev->victims[0].comm = keep(p, l, str_trim(name));
	return true;
}

/* Talos (internal/app/machined/pkg/controllers/runtime/oom.go, 1.12): [talos] Sending SIGKILL to
 * cgroup {"component": "...", "controller": "runtime.OOMController", "cgroup": "/sys/fs/cgroup/kubepods/..."}
 * and then: [talos] victim processes: {..., "processes": ["..."]} */
static bool talos_kill(struct parser *p, struct piece *pc)
{
	struct str at = pc->text, path;
	struct live *l;

	if (str_starts(at, STR("[talos] victim processes: "))) {
		l = last_user_event(p, STR("talos"));
		if (!l)
			return false;
		live_own(p, l, pc, 0);
		return true;
	}
	if (!take_until_lit(&at, STR("Sending SIGKILL to cgroup "), &path) || path.n > 64 ||
	    at.n == 0 || (at.p[0] != '{' && at.p[0] != '/'))
		return false;
	path = str_trim(at);
	if (at.p[0] == '{' && (!take_until_lit(&at, STR("\"cgroup\": \""), &path) ||
			       !take_until(&at, '"', &path)))
		return false;
	(void)take_lit(&path, STR("/sys/fs/cgroup"));
	l = user_event(p, pc, STR("talos"), pc->text);
	user_victim(p, l, path, UNKNOWN);
	if (l && l->ev->n_victims)
		l->ev->victims[0].memcg = l->ev->victims[0].comm;
	return true;
}

/* oomd kill: 12.34 5.67 1.20 system.slice/foo.service 123456789 ruleset:[..] ... */
static bool fb_oomd_kill(struct parser *p, struct piece *pc)
{
	struct str at = pc->text, word = {0};
	struct live *l;

	if (!take_lit(&at, STR("oomd kill: ")))
		return false;
	for (int i = 0; i < 4; i++) {
		skip_blanks(&at);
		if (!take_word(&at, &word))
			return false;
	}
	l = user_event(p, pc, STR("oomd"), pc->text);
	user_victim(p, l, word, UNKNOWN);
	if (l && l->ev->n_victims)
		l->ev->victims[0].memcg = l->ev->victims[0].comm;
	return true;
}

/* Kill 'com.example.app' (4024), uid 10123, oom_score_adj 900 to free 65536kB rss; reason: ..
 * Killing 'd.play.games.ui' (2613), adj 1000, */
static bool android_kill(struct parser *p, struct piece *pc, struct str at, struct str killer)
{
	struct str name, v;
	int64_t pid;
	struct live *l;
	size_t end;

	if (!take_lit(&at, STR("Killing '")) && !take_lit(&at, STR("Kill '")) &&
	    !take_lit(&at, STR("Reclaim '"))) /* Samsung's lmkd */
		return false;
	end = str_find(at, STR("' ("));
	if (end == SIZE_MAX)
		return false;
	name = str_sub(at, 0, end);
	at = str_from(at, end + 3);
	pid = take_number(&at);
	l = user_event(p, pc, killer, pc->text);
	user_victim(p, l, name, pid);
	if (!l || !l->ev->n_victims)
		return true;
	if (value_of(at, STR("uid "), &v))
		l->ev->victims[0].uid = take_number(&v);
	if (value_of(at, STR("adj "), &v))
		l->ev->victims[0].oom_score_adj = take_number(&v);
	if (value_of(at, STR("reason: "), &v))
		l->ev->reason = keep(p, l, v);
	if (value_of(at, STR("to free "), &v))
		l->ev->victims[0].anon_rss_kb = take_kb(&v);
	return true;
}

/* send sigkill to 123 (name), adj 1, size 2: up to 3.4 the driver does not say who it is */
static bool lowmemorykiller_old(struct parser *p, struct piece *pc, struct str at)
{
	struct str name;
	struct live *l;
	int64_t pid;

	if (pc->foreign || !take_lit(&at, STR("send sigkill to ")) || !take_pid_name(&at, &pid, &name) ||
	    !str_starts(at, STR(", adj ")))
		return false;
	l = user_event(p, pc, STR("lowmemorykiller"), pc->text);
	user_victim(p, l, name, pid);
	if (l && l->ev->n_victims && take_lit(&at, STR(", adj ")))
		l->ev->victims[0].oom_score_adj = take_number(&at);
	return true;
}

/* lowmemorykiller: ... of the driver in the kernel */
static bool lowmemorykiller(struct parser *p, struct piece *pc)
{
	struct str at = pc->text;

	if (!take_lit(&at, STR("lowmemorykiller: "))) {
		if (!str_eq(pc->ident, STR("lowmemorykiller")) && !str_eq(pc->ident, STR("lmkd")))
			return false;
		return android_kill(p, pc, at, STR("lmkd"));
	}
	return android_kill(p, pc, at, STR("lowmemorykiller")) || lowmemorykiller_old(p, pc, at);
}

/* The lines behind "lowmemorykiller: Killing": "   to free 20784kB on behalf of .." */
static bool lowmemorykiller_more(struct parser *p, struct piece *pc)
{
	static const struct str heads[] = {
		STR_INIT("to free "), STR_INIT("cache "), STR_INIT("Free memory is "),
	};
	struct live *l = p->host->n_live ? p->host->live[p->host->n_live - 1] : NULL;

	if (!l || l->ev->kind != EVENT_USERSPACE_KILL || l->quiet > 6 ||
	    !str_eq(l->ev->killer, STR("lowmemorykiller")))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		if (str_starts(pc->text, heads[i])) {
			live_own(p, l, pc, 0);
			return true;
		}
	}
	return false;
}

bool userspace_line(struct parser *p, struct piece *pc)
{
	struct str id = pc->ident;

	if (pc->text.n == 0)
		return false;
	switch (pc->text.p[0]) {
	case 'I':
	case 'P':
		nohang_plan(p, pc);
		break;
	case 'K':
		if (oomd_kill(p, pc) || (str_eq(id, STR("earlyoom")) && earlyoom_old(p, pc)))
			return true;
		break;
	case 's':
		if ((str_eq(id, STR("earlyoom")) && earlyoom_kill(p, pc)) ||
		    lowmemorykiller_old(p, pc, pc->text))
			return true;
		break;
	case 'S':
	case '[':
		if (nohang_kill(p, pc) || talos_kill(p, pc))
			return true;
		break;
	case 'o':
		if (fb_oomd_kill(p, pc))
			return true;
		break;
	case 't':
	case 'c':
	case 'F':
		if (lowmemorykiller_more(p, pc))
			return true;
		break;
	default:
		break;
	}
	return pc->hit && (lowmemorykiller(p, pc) || oomd_told(p, pc));
}
