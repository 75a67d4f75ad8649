/* SPDX-License-Identifier: MIT */
/* counters.h - numbers of interest in the texts of a sample: one table of what they are called
 * here, which file tells them, and under which key (or keys: older kernels count by zone). */
#ifndef OOMREPORT_VMLOG_COUNTERS_H
#define OOMREPORT_VMLOG_COUNTERS_H

#include "vmlog/samples.h"

enum { COUNTERS_MAX = 96 };

struct counter {
	struct str name; /* "memfree", "pgscan", "psi_memory_full_avg10" */
	enum unit unit;
	bool is_rate; /* counts up: of interest per second */
	bool grows;   /* memory that has gone somewhere: a candidate for "what grew most" */
};

size_t counters_count(void);
const struct counter *counters_at(size_t i);
/* One number, by its counter's name: added to what is there. A name that is none is ignored. */
void counters_add(double *v, struct str name, double value);
double counters_get(const double *v, struct str name);
/* "12.34" as a number; the locale has no say. */
bool take_decimal(struct str *in, double *ret);
/* NAN where the sample does not tell. v has room for counters_count(). */
void counters_read(const struct sample *s, double v[COUNTERS_MAX]);

/* Consumers by name: "slab:dentry", "process:eat[123]", "cgroup:/a.slice". */
typedef void (*consumer_fn)(void *ctx, struct str name, double kb);
void consumers_read(const struct sample *s, consumer_fn each, void *ctx);

#endif
