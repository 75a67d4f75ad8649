/* SPDX-License-Identifier: MIT */
/* when.h - points in time as microseconds, and their text forms.
 *
 * Wall time is microseconds since 1970-01-01T00:00:00Z; UNKNOWN (kv.h) where not known.
 * Nothing here reads the TZ database: logs carry offsets or none, and none is taken as UTC.
 */
#ifndef OOMREPORT_BASE_WHEN_H
#define OOMREPORT_BASE_WHEN_H

#include "base/kv.h"

#define WHEN_TEXT 40 /* room for every form below */

struct civil {
	int year, month, day; /* 1-12, 1-31 */
	int hour, minute, second;
	int micro;
	int offset_s; /* east of UTC */
};

/* False when a field is out of range, or the month has no such day. */
bool when_from_civil(const struct civil *c, int64_t *ret_us);
/* Of the years 0 to 9999, which every form below can write: a foreign number need not be. */
bool when_is_writable(int64_t us);
/* Microseconds in decimal digits, of a writable time. Eats what it matched. */
bool take_wall_us(struct str *in, int64_t *ret_us);
void when_to_civil(int64_t us, struct civil *ret); /* in UTC */
/* "2026-11-23T02:30:00Z" (whole seconds) into out; returns out. */
const char *when_utc(int64_t us, char out[WHEN_TEXT]);
/* "20261123T023000Z", for file names. */
const char *when_stamp(int64_t us, char out[WHEN_TEXT]);
/* RFC 3339 and its relatives: date, 'T' or ' ', time, optional fraction after '.' or ',',
 * optional "Z", "+hh:mm", "+hhmm". Eats what it matched. */
bool take_iso_time(struct str *in, int64_t *ret_us);
/* 1..12 for an English month name of three letters at the start, else 0. */
int month_from_name(struct str s);
int64_t when_now(void);	      /* CLOCK_REALTIME */
int64_t when_monotonic(void); /* CLOCK_MONOTONIC */
/* Wall time of second 0 of the kernel's own clock, which stands still while the machine sleeps: 0
 * when it ever did. */
int64_t when_booted(void);
int64_t when_thread_cpu(void); /* that the calling thread has used */

#endif
