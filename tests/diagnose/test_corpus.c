/* SPDX-License-Identifier: MIT */
/* Real logs of strangers, where they are at hand: every event as the subject has a verdict, and
 * every inequality holds when it is computed again from its terms.
 */
#include "load.h"

#include <dirent.h>

struct all {
	struct event **events;
	size_t n;
};

static void keep(struct all *a, struct parser *p)
{
	struct event *ev;
	while ((ev = parser_take(p))) {
		a->events = realloc(a->events, (a->n + 1) * sizeof(struct event *));
		a->events[a->n++] = ev;
	}
}

static void judge(struct loaded *l, const struct event *ev, const char *name)
{
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	struct incident in = l->incident;
	in.subject = ev;
	check_ok(diagnose(&d, &in, &err), err);
	check(d.verdict.n > 10 && d.verdict.n < 700);
	check(str_starts(str_of(d.signature), STR("oom1-")));
	check_evidence(&d, name);
	bool failure = ev->kind == EVENT_ALLOC_FAILURE || ev->kind == EVENT_ALLOC_STALL;
	check(!failure || str_find(d.verdict, STR("OOM")) == SIZE_MAX);
	check(!failure || str_find(d.verdict, STR("ran out of memory")) == SIZE_MAX);
	check(!failure || str_find(d.verdict, STR("nothing was killed")) != SIZE_MAX ||
	      str_find(d.verdict, STR("not this failure")) != SIZE_MAX ||
	      str_find(d.verdict, STR("beside a kill")) != SIZE_MAX ||
	      str_find(d.verdict, STR("was delayed")) != SIZE_MAX);
	diagnosis_free(&d);
}

static void one_log(const char *folder, const char *name)
{
	char path[1000];
	size_t n = 0;
	struct loaded l;
	struct all a = {NULL, 0};
	struct err err = {ERR_NONE, "", ""};
	struct parser_options options = {.now_us = UNKNOWN};
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	char *log = load_file(path, &n);
	if (!log)
		return;
	load_incident(&l, (struct str){log, n}, STR(""));
	struct parser *p;
	check_ok(parser_new(&p, &options, &err), err);
	check_ok(parser_feed(p, (struct str){log, n}, &err), err);
	keep(&a, p);
	check_ok(parser_finish(p, &err), err);
	keep(&a, p);
	/* a storm of hundreds is judged at its ends */
	for (size_t i = 0; i < a.n; i++) {
		if (i < 12 || i + 2 > a.n)
			judge(&l, a.events[i], name);
		event_free(a.events[i]);
	}
	free(a.events);
	parser_free(p);
	load_free(&l);
	free(log);
}

int main(void)
{
	const char *env = getenv("OOMREPORT_CORPUS");
	char folder[500];
	snprintf(folder, sizeof(folder), "%s/logs",
		 env ? env : TEST_SOURCE_DIR "/../shared/corpus");
	DIR *dir = opendir(folder);
	struct dirent *e;
	if (!dir)
		return test_skip("no corpus beside the source tree");
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			one_log(folder, e->d_name);
	closedir(dir);
	return tests_done();
}
