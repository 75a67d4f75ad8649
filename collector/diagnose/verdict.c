/* SPDX-License-Identifier: MIT */
/* verdict.c - one plain sentence for somebody who does not know kernels; never empty. */
#include "diagnose/judge.h"

#include <stdio.h>

/* Names of processes are bytes of strangers: what would break a sentence becomes '?'. */
static struct str safe_name(struct judge *j, struct str name)
{
	char out[64];
	size_t n = name.n < sizeof(out) ? name.n : sizeof(out);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		out[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	return words(j, "%.*s", (int)n, out);
}

/* What was done about it: the second half of the sentence. */
static struct str outcome(struct judge *j)
{
	const struct event *ev = j->ev;
	if (ev->kind == EVENT_OOM_PANIC)
		return words(j, ", and the machine stopped (kernel panic)");
	if (ev->kind == EVENT_OOM_NO_VICTIM)
		return words(j, ", and the kernel found nothing that it could kill");
	if (ev->n_victims == 0)
		return words(
		    j, ev->kind == EVENT_OOM_KILL
			   ? ", and the kernel had to kill (whom, this log does not say)"
			   : "");
	struct str name =
	    safe_name(j, ev->victims[0].comm.n ? ev->victims[0].comm : STR("a process"));
	if (ev->n_victims > 1)
		return words(j, ", so the kernel killed %.*s (pid %lld) and %zu more",
			     STR_ARG(name), (long long)ev->victims[0].pid,
			     ev->n_victims - 1);
	if (ev->victims[0].pid == UNKNOWN)
		return words(j, ", so the kernel killed %.*s", STR_ARG(name));
	return words(j, ", so the kernel killed %.*s (pid %lld)", STR_ARG(name),
		     (long long)ev->victims[0].pid);
}

static struct str nothing_seen(struct judge *j)
{
	if (j->in->log && j->in->log->lines)
		return words(j, "This log shows no out-of-memory event: if the machine "
				"did run out of "
				"memory, the kernel log of that time is what to send.");
	return words(
	    j,
	    "There is no kernel log here to judge: send the log of the time when memory "
	    "ran out (journalctl -k -b -1).");
}

static struct str lost_parts(struct judge *j)
{
	CLEANUP_BUF struct buf out = BUF_INIT(400);
	for (unsigned bit = PART_HEADER; bit <= PART_MIDDLE; bit <<= 1)
		if (j->ev->missing & bit)
			buf_addf(&out, "%s%s", out.n ? ", " : "missing: ",
				 part_name((enum event_part)bit));
	return words(j, "%.*s", STR_ARG(buf_str(&out)));
}

/* A failure beside a kill: the process that was just killed often asks once more. */
static struct str beside_a_kill(struct judge *j)
{
	const struct trigger *t = &j->ev->trigger;
	struct str who = safe_name(j, t->comm.n ? t->comm : STR("a task"));
	for (size_t i = 0; i < j->in->n_notes; i++)
		if (t->pid != UNKNOWN && j->in->notes[i].victim_pid == t->pid &&
		    j->in->notes[i].kind <= EVENT_OOM_NO_VICTIM)
			return words(j,
				     "The process %.*s, which was being killed to free memory, asked for "
				     "more and was refused; that kill, not this failure, is the "
				     "event to look at.",
				     STR_ARG(who));
	return words(j,
		     "A request for memory by %.*s failed while the kernel was killing to free "
		     "memory; that kill, not this failure, is the event to look at.",
		     STR_ARG(who));
}

/* The facts that would decide, the first three of them. */
static struct str wanted(struct judge *j)
{
	struct str list = str_of(j->d->missing[0].what);
	for (size_t i = 1; i < j->d->n_missing && i < 3; i++)
		list = words(j, "%.*s; %s", STR_ARG(list), j->d->missing[i].what);
	return list;
}

static struct str unclear(struct judge *j)
{
	bool failure = applies_to(j) == ON_FAILURE;
	const char *what = j->memcg	? "The memory limit of a control group was reached"
			   : j->oom	? "The machine ran out of memory"
			   : !failure	? "A program of the system killed a process to free memory"
					: "A request for memory failed, and nothing was killed";
	struct str after = j->oom ? outcome(j) : STR("");
	if (failure && oom_nearby(j))
		return beside_a_kill(j);
	if (j->ev->missing & ~(uint32_t)PART_STACK)
		return words(j,
			     "%s%.*s; why is not clear, because the log is cut (%.*s): send the "
			     "whole log of that time (journalctl -k -b -1, the serial console, "
			     "pstore).",
			     what, STR_ARG(after), STR_ARG(lost_parts(j)));
	if (j->d->n_missing)
		return words(j, "%s%.*s; why is not clear from what is here: to decide it, send %.*s.",
			     what, STR_ARG(after), STR_ARG(wanted(j)));
	return words(j,
		     "%s%.*s; why is not clear from what is here: send the full kernel log and "
		     "what oomreport record writes while it happens again.",
		     what, STR_ARG(after));
}

/* "Most likely: the ...": a sentence that goes on begins small, a name or an acronym does not. */
static struct str as_likely(struct judge *j, const char *cause)
{
	struct str rest = str_of(cause);
	if (rest.n < 2 || (rest.p[1] != ' ' && ascii_lower(rest.p[1]) != rest.p[1]))
		return words(j, "Most likely: %s", cause);
	return words(j, "Most likely: %c%s", ascii_lower(cause[0]), cause + 1);
}

void verdict_make(struct judge *j)
{
	struct diagnosis *d = j->d;
	struct str more;
	if (!j->in->subject) {
		d->verdict = d->n_findings ? words(j, "No out-of-memory event is in this log. %s.",
						   d->findings[0].cause)
					   : nothing_seen(j);
		return;
	}
	const struct finding *f = d->n_findings ? &d->findings[0] : NULL;
	if (f && f->confidence == CONFIDENCE_HINT)
		f = NULL;
	bool describes = f && (f->rank < 40 || (j->oom && f->rank < 50));
	if (!f || describes) {
		d->verdict = unclear(j);
		return;
	}
	struct str after = STR("");
	if (j->oom)
		after = outcome(j);
	else if (applies_to(j) == ON_FAILURE && oom_nearby(j))
		after = STR("; one request for memory failed, beside a kill");
	else if (applies_to(j) == ON_FAILURE && !str_eq(str_of(f->id), STR("alloc-failure")))
		after = STR("; one request for memory failed, nothing was killed");
	struct str cause = f->confidence == CONFIDENCE_HIGH ? str_of(f->cause)
							    : as_likely(j, f->cause);
	if (j->oom && storm_text(j, &more))
		d->verdict = words(j, "%.*s%.*s; %.*s.", STR_ARG(cause), STR_ARG(after),
				   STR_ARG(more));
	else
		d->verdict = words(j, "%.*s%.*s.", STR_ARG(cause), STR_ARG(after));
}
