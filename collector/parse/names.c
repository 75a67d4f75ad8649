/* SPDX-License-Identifier: MIT */
/* names.c - the words of the document for kinds, scopes and parts. */
#include "parse/parse.h"

const char *event_kind_name(enum event_kind k)
{
	static const char *const names[] = {
		[EVENT_OOM_KILL] = "oom-kill",
		[EVENT_OOM_PANIC] = "oom-panic",
		[EVENT_OOM_NO_VICTIM] = "oom-no-victim",
		[EVENT_ALLOC_FAILURE] = "alloc-failure",
		[EVENT_ALLOC_STALL] = "alloc-stall",
		[EVENT_USERSPACE_KILL] = "userspace-kill",
	};

	return (size_t)k < ARRAY_COUNT(names) ? names[k] : "unknown";
}

const char *event_scope_name(enum event_scope s)
{
	static const char *const names[] = {
		[SCOPE_GLOBAL] = "global",	 [SCOPE_MEMCG] = "memcg",
		[SCOPE_CPUSET] = "cpuset",	 [SCOPE_MEMPOLICY] = "mempolicy",
		[SCOPE_MANUAL] = "manual",
	};

	return (size_t)s < ARRAY_COUNT(names) ? names[s] : NULL;
}

const char *part_name(enum event_part one_bit)
{
	static const struct {
		enum event_part bit;
		const char *name;
	} names[] = {
		{PART_HEADER, "header"}, {PART_STACK, "stack"}, {PART_MEMORY, "memory"},
		{PART_MEMCG, "memcg"},	 {PART_TASKS, "tasks"}, {PART_VERDICT, "verdict"},
		{PART_MIDDLE, "middle"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		if (names[i].bit == one_bit)
			return names[i].name;
	}
	return "unknown";
}

bool event_is_oom(const struct event *ev)
{
	return ev->kind == EVENT_OOM_KILL || ev->kind == EVENT_OOM_PANIC ||
	       ev->kind == EVENT_OOM_NO_VICTIM;
}

bool event_is_page_failure(const struct event *ev)
{
	return ev->kind == EVENT_ALLOC_FAILURE && ev->page_failure;
}
