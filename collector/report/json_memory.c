/* SPDX-License-Identifier: MIT */
/* json_memory.c - a ceiling for what JSON becomes in memory: "{}," of a stranger's report takes
 * two hundred bytes, so that a limit of its text is none. */
#include <malloc.h>
#include <stdlib.h>

#include "base/mem.h"
#include "report/report.h"

static size_t used, ceiling, refusals;

static void *take(size_t n)
{
	bool fits = n <= ceiling && used <= ceiling - n;
	void *p = fits ? malloc(n) : NULL;

	if (p)
		used += malloc_usable_size(p);
	else
		refusals++;
	if (fits && !p)
		mem_refused();
	return p;
}

static void give_back(void *p)
{
	if (!p)
		return;
	used -= malloc_usable_size(p);
	free(p);
}

size_t json_memory_refusals(void)
{
	return refusals;
}

void json_memory_refused(void)
{
	refusals++;
}

void json_memory_cap(size_t most)
{
	ceiling = most;
	json_set_alloc_funcs(take, give_back);
}
