/* SPDX-License-Identifier: MIT */
/* find.c - the literals that wake the parser, and the search for them. */
#include "parse/find.h"

/* What can begin an event, end one whose beginning is lost, or tell which kernel it is. */
static const struct str literals[] = {
	STR_INIT("oom-kill"),		       /* "invoked oom-killer:", "oom-kill:constraint=" */
	STR_INIT("Killed process"),
	STR_INIT("ut of memory"),	       /* Out of memory: Kill, Memory cgroup out of ... */
	STR_INIT("ut of Memory"),	       /* 2.4 to 2.6.18 */
	STR_INIT("allocation fail"),	       /* page, vmalloc, 2.4 N-order */
	STR_INIT("allocation stalls"),
	STR_INIT("allocate memory on"),	       /* SLUB, SLAB */
	STR_INIT("vmalloc error"),
	STR_INIT("vmap allocation"),
	STR_INIT("killing process"),	       /* VM: killing process */
	STR_INIT("total_vm"),		       /* head of the task table */
	STR_INIT("oom_reaper"),
	STR_INIT("OOM request ignored"),
	STR_INIT("memory.oom.group"),
	STR_INIT("Linux version "),
	STR_INIT("systemd-oomd"),
	STR_INIT("earlyoom"),
	STR_INIT("nohang"),
	STR_INIT("oomd kill"),
	STR_INIT("lowmemorykiller"),
	STR_INIT("lmkd"),
};

size_t find_interesting(struct str window, size_t from)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < ARRAY_COUNT(literals); i++) {
		size_t end = best == SIZE_MAX ? window.n : best + literals[i].n;
		struct str part = str_sub(window, from, end - from);
		size_t at = str_find(part, literals[i]);

		if (at != SIZE_MAX && from + at < best)
			best = from + at;
	}
	return best;
}

size_t count_newlines(struct str bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes.n; i++)
		n += bytes.p[i] == '\n';
	return n;
}
