/* SPDX-License-Identifier: MIT */
/* per_host.h - private to cli/: the events of a log to one report for each of its hosts. */
#ifndef OOMREPORT_CLI_PER_HOST_H
#define OOMREPORT_CLI_PER_HOST_H

#include "report/report.h"

enum { REPORT_HOSTS = 64, HOST_ROOM = 256 };

struct per_host {
	struct report_options options; /* of each report; only the first one may stream */
	bool brief;		       /* of the others' events only the first one whole */
	const char *only;	       /* --host: leave all others out; NULL: none */
	struct host_report {
		char name[HOST_ROOM]; /* empty: no line says it */
		struct report *report;
	} hosts[REPORT_HOSTS];
	size_t n;
	uint64_t left_out; /* events of hosts beyond that number */
	uint64_t passed_over;	 /* events of hosts that are not `only` */
	char another[HOST_ROOM]; /* the first of those */
};

/* The same name, or one of them in full ("web1", "web1.example.org"). */
bool host_alike(struct str a, struct str b);
/* A log without any event has one report all the same. */
int per_host_start(struct per_host *p, struct err *err) MUST_CHECK;
/* Takes the event over. Events that name no host are of the first. */
int per_host_add(struct per_host *p, struct event *ev, struct err *err) MUST_CHECK;
void per_host_next_log(struct per_host *p);
int per_host_settle(struct per_host *p, struct err *err) MUST_CHECK; /* behind the last log */
/* The host of the first fatal event comes first, unless its document is on its way already. */
void per_host_order(struct per_host *p);
/* This host comes first, with or without an event. False: it has none, and no room is left. */
bool per_host_first(struct per_host *p, struct str name, struct err *err);
void per_host_free(struct per_host *p);

#endif
