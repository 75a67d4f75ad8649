# What the kernel did while it let nobody run: late.awk WITNESS TRACE, as storm --trace leaves them.
# SPDX-License-Identifier: MIT
#
# For each wake-up of the witness that was MOST late (5 ms) or more: how long interrupts were off
# (its timer could not come), how long it then waited to be switched to, and the functions on the
# stack that ended the longer of the two. Only what the trace's buffer still holds.
function tell(woken, switched,    irqs, wait) {
	irqs = woken - due[at]
	wait = switched - woken
	printf("    %.1f ms late: interrupts off %.1f ms, then waited %.1f ms; in%s\n", late[at] / 1e3,
		(irqs > 0 ? irqs : 0) / 1e3, wait / 1e3, below(stack[(irqs > wait) ? "sched_waking" : "sched_switch"]))
}
# Of a stack: what is below the interrupt or the switch itself.
function below(text) {
	sub(/.* asm_sysvec_apic_timer_interrupt/, "", text)
	gsub(/ (trace_event_[^ ]*|__traceiter_[^ ]*|ftrace_[^ ]*|event_triggers_[^ ]*|__?schedule[^ ]*|schedule|preempt_schedule[^ ]*|raw_irqentry_exit_cond_resched|irqentry_exit|stack_trace_[^ ]*)/, "", text)
	return text == "" ? " user space" : text
}
BEGIN { MOST = MOST ? MOST : 5000 }
FNR == NR { if ($2 >= MOST) { late[++n] = $2; due[n] = $1 - $2; end[n] = $1 } next }
/^ => / { if (on) stack[on] = stack[on] " " $2; next }
/<stack trace>/ { on = kind; stack[on] = ""; next }
{
	on = ""
	if (ready) { tell(woken, switched); ready = 0 }
	match($0, / [0-9]+\.[0-9]+: /)
	now = substr($0, RSTART + 1, RLENGTH - 3) * 1e6
	if (/ sched_waking: /) { kind = "sched_waking"; woken = now }
	else if (/ sched_switch: / && / next_prio=0$/) {
		kind = "sched_switch"
		switched = now
		while (at < n && end[at + 1] < now) at++
		# its own clock is read a little after the switch
		if (at < n && end[at + 1] - now < 500 && due[at + 1] < now) { at++; ready = 1 }
	} else kind = ""
}
