/* SPDX-License-Identifier: MIT */
/* signature.c - one name for one kind of OOM, the same on every host and every time.
 *
 *     oom1-CLASS-CAUSE-HHHHHHHH
 *
 * oom1    version of this recipe: another recipe gets another number.
 * CLASS   global, memcg, cpuset, mempolicy, manual, failure, stall, userspace, nothing.
 * CAUSE   id of the first finding of confidence medium or high, else "unclear".
 * HHHH    first 32 bits of FNV-1a/64 over "oom1|CLASS|CAUSE|VARIANT|OUTCOME|PROGRAM|REQUEST":
 *   VARIANT  the form of the cause: the largest part of a full cgroup (anon, shmem, file ...),
 *            the cache of a slab leak.
 *   OUTCOME  kill, panic, no-victim, failure, stall, userspace.
 *   PROGRAM  where programs are the cause (and where it is unclear): the name of the largest
 *            listed task, else of the first victim;
 *            digits and what follows a '/', ':' or '-' digit are taken out, so that
 *            "kworker/3:1", "php-fpm7.4" and "worker-12" of two hosts are equal. For a
 *            failure: the first function of the call trace outside the allocator.
 *   REQUEST  only where the cause is about the request (failures, fragmentation, zones):
 *            order class 0, 1-3 or costly, "atomic" or "may-wait".
 * Not in it: host, pid, uid, time, amounts, addresses, paths, kernel version, gfp mask, and for
 * a kill the order and the task that happened to ask.
 */
#include "diagnose/judge.h"

#include <stdio.h>

static const char *class_of(const struct judge *j)
{
	if (!j->in->subject)
		return "nothing";
	switch (j->ev->kind) {
	case EVENT_ALLOC_FAILURE:
		return "failure";
	case EVENT_ALLOC_STALL:
		return "stall";
	case EVENT_USERSPACE_KILL:
		return "userspace";
	default:
		break;
	}
	if (j->memcg)
		return "memcg";
	if (j->ev->scope == SCOPE_CPUSET)
		return "cpuset";
	if (j->ev->scope == SCOPE_MEMPOLICY)
		return "mempolicy";
	return j->ev->scope == SCOPE_MANUAL || j->ev->trigger.order == -1 ? "manual" : "global";
}

static const char *outcome_of(const struct judge *j)
{
	static const char *const names[] = {"kill", "panic", "no-victim", "failure", "stall",
					    "userspace"};
	return j->in->subject ? names[j->ev->kind] : "none";
}

/* Frames that every allocation has, without leading underscores. */
static const char *const allocator[] = {
	"dump_stack", "show_stack", "warn_alloc", "alloc_page", "get_free", "get_zeroed", "rmqueue",
	"kmalloc", "kmem", "slab", "new_slab", "allocate_slab", "alloc_slab", "cache_alloc",
	"cache_grow", "do_kmalloc", "vmalloc", "vzalloc", "vmap", "page_frag", "vma_alloc",
	"folio_alloc", "dump_", "unwind_backtrace", "out_of_memory", "oom_", "warn", "kzalloc",
	"show_trace", "dma_alloc", "dma_direct", "show_regs", "krealloc", "kvmalloc", "kvzalloc",
	"alloc_skb", "netdev_alloc", "napi_alloc", NULL};

static bool of_allocator(struct str symbol)
{
	while (symbol.n && (symbol.p[0] == '_' || symbol.p[0] == '?' || symbol.p[0] == ' '))
		symbol = str_from(symbol, 1);
	for (const char *const *a = allocator; *a; a++)
		if (str_starts(symbol, str_of(*a)))
			return true;
	return false;
}

/* "foo.isra.0+0x12/0x40" -> "foo" */
static struct str plain_symbol(struct str s)
{
	size_t n = 0;
	while (n < s.n && (ascii_alpha(s.p[n]) || ascii_digit(s.p[n]) || s.p[n] == '_'))
		n++;
	return str_sub(s, 0, n);
}

static struct str caller(const struct judge *j)
{
	for (size_t i = 0; i < j->ev->n_call_trace; i++)
		if (!of_allocator(j->ev->call_trace[i]))
			return plain_symbol(j->ev->call_trace[i]);
	return STR("");
}

/* A process name without what counts instances. */
static struct str plain_name(struct str name, char *out, size_t room)
{
	size_t n = 0;
	for (size_t i = 0; i < name.n && n < room; i++) {
		char c = ascii_lower(name.p[i]);
		if (c == '/' || c == ':')
			break;
		if (ascii_alpha(c) || c == '_' || (c == '-' && i + 1 < name.n &&
						   ascii_alpha(name.p[i + 1])))
			out[n++] = c;
	}
	return (struct str){out, n};
}

static bool about_the_request(const char *cause)
{
	static const char *const ids[] = {"alloc-failure", "fragmentation", "costly-order",
					  "atomic-reserve", "dma-zone-failure", "vmalloc-space",
					  "lowmem-exhausted", "lowmem-request", "known-bad-kernel",
					  "huge-vmalloc", "cma-only-free", "premature-oom"};
	for (size_t i = 0; i < ARRAY_COUNT(ids); i++)
		if (str_eq(str_of(cause), str_of(ids[i])))
			return true;
	return false;
}

/* Is it a program that filled the memory? A leak of the kernel makes any of them the largest. */
static bool about_programs(const char *cause)
{
	static const char *const ids[] = {"unclear", "demand-exceeds-memory", "too-many-tasks",
					  "memcg-limit", "mlock", "cpuset-or-mempolicy",
					  "victims-excluded", "memcg-no-victim", "userspace-killer",
					  "thrashing", "swap-unused", "swappiness-zero"};
	for (size_t i = 0; i < ARRAY_COUNT(ids); i++)
		if (str_eq(str_of(cause), str_of(ids[i])))
			return true;
	return false;
}

static const char *request_of(const struct judge *j)
{
	int64_t order = j->ev->trigger.order;
	bool atomic = j->gfp_known && j->gfp.atomic;
	if (order == UNKNOWN)
		return "unknown";
	if (order <= 0)
		return atomic ? "0 atomic" : "0 may-wait";
	if (order <= 3)
		return atomic ? "1-3 atomic" : "1-3 may-wait";
	return atomic ? "costly atomic" : "costly may-wait";
}

static uint64_t fnv(const char *p, size_t n)
{
	uint64_t h = 14695981039346656037ULL;
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 1099511628211ULL;
	return h;
}

void signature_make(struct judge *j)
{
	char text[400], name[24];
	const struct diagnosis *d = j->d;
	const char *cause = "unclear";
	struct str variant = STR("");
	bool failure = j->ev->kind == EVENT_ALLOC_FAILURE || j->ev->kind == EVENT_ALLOC_STALL;
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].confidence != CONFIDENCE_HINT && d->findings[i].rank >= 40) {
			cause = d->findings[i].id;
			variant = d->findings[i].variant;
			break;
		}
	struct str program = failure ? caller(j) : STR("");
	bool of_program = !failure && about_programs(cause);
	if (of_program && j->biggest_task != SIZE_MAX)
		program = plain_name(task_name(j, j->biggest_task), name, sizeof(name));
	else if (of_program && j->ev->n_victims)
		program = plain_name(j->ev->victims[0].comm, name, sizeof(name));
	const char *request = failure || about_the_request(cause) ? request_of(j) : "-";
	int n = snprintf(text, sizeof(text), "oom1|%s|%s|%.*s|%s|%.*s|%s", class_of(j), cause,
			 STR_ARG(variant), outcome_of(j), STR_ARG(program), request);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	snprintf(j->d->signature, sizeof(j->d->signature), "oom1-%s-%.40s-%08llx",
		 class_of(j), cause, (unsigned long long)(fnv(text, len) >> 32));
}
