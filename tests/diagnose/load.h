/* SPDX-License-Identifier: MIT */
/* load.h - a log and, beside it, facts of a machine made into an incident, for tests.
 *
 * Facts are lines of words, '#' begins a comment:
 *   meminfo|vmstat|sysctl|numbers KEY VALUE [kb|pages|bytes]
 *   slab NAME ACTIVE OBJECTS SIZE_BYTES TOTAL_KB
 *   swap NAME TYPE SIZE_KB USED_KB
 *   process COMM PID RSS_KB SWAP_KB LOCKED_KB ADJ
 *   context KEY COUNT               lines seen near events
 *   cpus N | nodes N | cmdline TEXT | tainted TEXT | kernel RELEASE
 *   window SECONDS event|noevent
 *   counter NAME START END MAX SLOPE [rate]
 */
#ifndef OOMREPORT_TESTS_DIAGNOSE_LOAD_H
#define OOMREPORT_TESTS_DIAGNOSE_LOAD_H

#include "diagnose/diagnose.h"
#include "harness.h"

#include <sys/stat.h>

struct loaded {
	struct parser *parser;
	struct event *subject;
	struct event_note *notes;
	size_t n_notes;
	uint64_t n_oom, n_fatal;
	struct log_facts log;
	struct host_facts host;
	struct series series;
	bool has_host, has_series;
	struct incident incident;
};

/* The bytes of a file, the caller's to free; NULL when it cannot be opened. */
static inline char *load_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	char *text;
	*n = 0;
	if (!f)
		return NULL;
	check(fstat(fileno(f), &st) == 0);
	text = malloc((size_t)st.st_size + 1);
	check(text != NULL);
	if (text)
		*n = fread(text, 1, (size_t)st.st_size, f);
	fclose(f);
	return text;
}

static inline void load_name(struct str s, char *out, size_t room)
{
	size_t n = s.n < room - 1 ? s.n : room - 1;
	memcpy(out, s.p ? s.p : "", n);
	out[n] = '\0';
}

static inline void load_note(struct loaded *l, const struct event *ev)
{
	l->notes = realloc(l->notes, (l->n_notes + 1) * sizeof(*l->notes));
	struct event_note *n = &l->notes[l->n_notes++];
	*n = (struct event_note){.kind = ev->kind, .scope = ev->scope, .fatal = ev->fatal,
				 .first_line = ev->first_line, .monotonic_us = ev->monotonic_us,
				 .wall_us = ev->wall_us, .order = ev->trigger.order,
				 .gfp_mask = ev->trigger.gfp_mask, .killed_kb = UNKNOWN,
				 .swap_free_kb = ev->memory.swap_free_kb, .victim_pid = UNKNOWN};
	n->free_kb = kvs_get_kb(&ev->memory.totals, STR("free"), 4);
	int64_t active = kvs_get_kb(&ev->memory.totals, STR("active_anon"), 4);
	int64_t inactive = kvs_get_kb(&ev->memory.totals, STR("inactive_anon"), 4);
	n->anon_kb = active == UNKNOWN || inactive == UNKNOWN ? UNKNOWN : active + inactive;
	for (size_t i = 0; i < ev->n_victims; i++) {
		if (ev->victims[i].anon_rss_kb == UNKNOWN)
			continue;
		n->killed_kb = (n->killed_kb == UNKNOWN ? 0 : n->killed_kb) +
			       ev->victims[i].anon_rss_kb;
	}
	if (ev->n_victims) {
		n->victim_pid = ev->victims[0].pid;
		load_name(ev->victims[0].comm, n->victim, sizeof(n->victim));
	}
	load_name(ev->trigger.comm, n->trigger, sizeof(n->trigger));
}

static inline void load_events(struct loaded *l)
{
	struct event *ev;
	while ((ev = parser_take(l->parser))) {
		load_note(l, ev);
		l->n_oom += event_is_oom(ev);
		l->n_fatal += ev->fatal;
		if (!l->subject || (ev->fatal && !l->subject->fatal)) {
			if (l->subject)
				event_free(l->subject);
			l->subject = ev;
		} else {
			event_free(ev);
		}
	}
}

static inline int64_t load_number(struct str *line)
{
	struct str word;
	int64_t v = UNKNOWN;
	skip_blanks(line);
	if (!take_i64(line, &v) && take_word(line, &word))
		v = UNKNOWN;
	return v;
}

static inline double load_real(struct str *line)
{
	struct str word;
	char text[40];
	skip_blanks(line);
	if (!take_word(line, &word))
		return 0;
	load_name(word, text, sizeof(text));
	return strtod(text, NULL);
}

static inline struct str load_word(struct str *line)
{
	struct str word = STR("");
	skip_blanks(line);
	(void)take_word(line, &word);
	return word;
}

static inline bool load_kv(struct loaded *l, struct str what, struct str *line)
{
	struct arena *a = &l->host.arena;
	struct kvs *list = str_eq(what, STR("meminfo"))	  ? &l->host.meminfo
			   : str_eq(what, STR("vmstat"))  ? &l->host.vmstat
			   : str_eq(what, STR("sysctl"))  ? &l->host.sysctl
			   : str_eq(what, STR("numbers")) ? &l->host.numbers
			   : str_eq(what, STR("context")) ? &l->log.context
							  : NULL;
	if (!list)
		return false;
	struct str key = load_word(line);
	int64_t value = load_number(line);
	struct str unit = load_word(line);
	check(kvs_add(a, list, key, value,
		      str_eq(unit, STR("kb"))	   ? UNIT_KB
		      : str_eq(unit, STR("pages")) ? UNIT_PAGES
		      : str_eq(unit, STR("bytes")) ? UNIT_BYTES
						   : UNIT_COUNT));
	if (list != &l->log.context)
		l->has_host = true;
	return true;
}

static inline void load_slab(struct loaded *l, struct str *line)
{
	static const size_t room = 64;
	if (!l->host.slabs)
		l->host.slabs = arena_array(&l->host.arena, room, sizeof(*l->host.slabs));
	struct slab_fact *s = &l->host.slabs[l->host.n_slabs++];
	s->name = load_word(line);
	s->active_objs = load_number(line);
	s->objs = load_number(line);
	s->obj_size_bytes = load_number(line);
	s->total_kb = load_number(line);
	l->has_host = true;
}

static inline void load_swap(struct loaded *l, struct str *line)
{
	if (!l->host.swaps)
		l->host.swaps = arena_array(&l->host.arena, 8, sizeof(*l->host.swaps));
	struct swap_fact *s = &l->host.swaps[l->host.n_swaps++];
	s->name = load_word(line);
	s->type = load_word(line);
	s->size_kb = load_number(line);
	s->used_kb = load_number(line);
	l->has_host = true;
}

static inline void load_process(struct loaded *l, struct str *line)
{
	if (!l->host.processes)
		l->host.processes = arena_array(&l->host.arena, 64, sizeof(*l->host.processes));
	struct process_fact *p = &l->host.processes[l->host.n_processes++];
	p->comm = load_word(line);
	p->pid = load_number(line);
	p->rss_kb = load_number(line);
	p->swap_kb = load_number(line);
	p->locked_kb = load_number(line);
	p->oom_score_adj = load_number(line);
	l->has_host = true;
}

static inline void load_holder(struct loaded *l, struct str *line)
{
	if (!l->host.holders)
		l->host.holders = arena_array(&l->host.arena, HOST_HOLDERS, sizeof(*l->host.holders));
	struct holder_fact *h = &l->host.holders[l->host.n_holders++];
	h->comm = load_word(line);
	h->pid = load_number(line);
	h->kind = load_word(line);
	h->kb = load_number(line);
	l->has_host = true;
}

static inline void load_counter(struct loaded *l, struct str *line)
{
	struct series *s = &l->series;
	if (!s->counters)
		s->counters = arena_array(&l->host.arena, 64, sizeof(*s->counters));
	struct series_counter *c = &s->counters[s->n_counters++];
	c->name = load_word(line);
	c->start = load_real(line);
	c->end = c->at_event = load_real(line);
	c->max = load_real(line);
	c->slope_per_s = load_real(line);
	c->is_rate = load_word(line).n > 0;
	l->has_series = true;
}

static inline void load_window(struct loaded *l, struct str *line)
{
	l->series.first_us = 1000000;
	l->series.last_us = 1000000 + load_number(line) * 1000000;
	l->series.event_us = str_eq(load_word(line), STR("event")) ? l->series.last_us : UNKNOWN;
	l->series.samples = 60;
	l->has_series = true;
}

static inline void load_fact(struct loaded *l, struct str line)
{
	struct str what = load_word(&line);
	if (!what.n || what.p[0] == '#' || load_kv(l, what, &line))
		return;
	if (str_eq(what, STR("slab"))) {
		load_slab(l, &line);
	} else if (str_eq(what, STR("swap"))) {
		load_swap(l, &line);
	} else if (str_eq(what, STR("process"))) {
		load_process(l, &line);
	} else if (str_eq(what, STR("holder"))) {
		load_holder(l, &line);
	} else if (str_eq(what, STR("counter"))) {
		load_counter(l, &line);
	} else if (str_eq(what, STR("window"))) {
		load_window(l, &line);
	} else if (str_eq(what, STR("cmdline"))) {
		l->log.cmdline = str_trim(line);
	} else if (str_eq(what, STR("cpus"))) {
		l->host.cpus = load_number(&line);
		l->has_host = true;
	} else if (str_eq(what, STR("nodes"))) {
		l->host.nodes = load_number(&line);
		l->has_host = true;
	} else if (str_eq(what, STR("tainted"))) {
		l->host.tainted = str_trim(line);
		l->has_host = true;
	} else if (str_eq(what, STR("kernel"))) {
		l->host.kernel = str_trim(line);
		l->has_host = true;
	} else {
		fprintf(stderr, "unknown fact: %.*s\n", STR_ARG(what));
		check(false);
	}
}

/* The text of the log and of the facts must outlive the result. facts may be empty. */
static inline void load_incident(struct loaded *l, struct str log, struct str facts)
{
	struct err err = {ERR_NONE, "", ""};
	struct parser_options options = {.now_us = UNKNOWN};
	struct str line;
	*l = (struct loaded){.parser = NULL};
	l->host.arena = (struct arena)ARENA_INIT(4 << 20);
	l->host.page_size_bytes = 4096;
	l->host.cpus = l->host.nodes = l->host.mem_total_kb = l->host.swap_total_kb = UNKNOWN;
	check_ok(parser_new(&l->parser, &options, &err), err);
	check_ok(parser_feed(l->parser, log, &err), err);
	load_events(l);
	check_ok(parser_finish(l->parser, &err), err);
	load_events(l);
	l->log = *parser_facts(l->parser);
	struct kvs printed = l->log.context;
	l->log.context = (struct kvs){.n = 0};
	for (size_t i = 0; i < printed.n; i++)
		check(kvs_add(&l->host.arena, &l->log.context, printed.v[i].key, printed.v[i].value,
			      printed.v[i].unit));
	while (take_line(&facts, &line))
		load_fact(l, line);
	l->incident = (struct incident){.subject = l->subject, .notes = l->notes,
					.n_notes = l->n_notes, .n_events = l->n_notes,
					.log = &l->log, .host = l->has_host ? &l->host : NULL,
					.series = l->has_series ? &l->series : NULL};
}

static inline void load_free(struct loaded *l)
{
	if (l->subject)
		event_free(l->subject);
	parser_free(l->parser);
	arena_free(&l->host.arena);
	free(l->notes);
}

/* Every inequality of every finding, from its terms: the arithmetic that is printed. */
static inline void check_evidence(const struct diagnosis *d, const char *name)
{
	for (size_t i = 0; i < d->n_findings; i++)
		for (size_t k = 0; k < d->findings[i].n_evidence; k++) {
			const struct evidence *e = &d->findings[i].evidence[k];
			double l = 0, r = 0;
			check(e->text.n > 0);
			if (!e->op[0])
				continue;
			for (size_t t = 0; t < e->n_left; t++)
				l += e->left[t].value * e->left[t].factor;
			for (size_t t = 0; t < e->n_right; t++)
				r += e->right[t].value * e->right[t].factor;
			const double near = 1e-6;
			struct str op = str_of(e->op);
			bool holds = str_eq(op, STR("<"))    ? l < r + near
				     : str_eq(op, STR("<=")) ? l <= r + near
				     : str_eq(op, STR(">"))  ? l > r - near
				     : str_eq(op, STR(">=")) ? l >= r - near
							     : l > r - 0.5 && l < r + 0.5;
			check(holds);
			if (!holds)
				fprintf(stderr, "%s: %s: %.*s (%f, %f)\n", name, d->findings[i].id,
					STR_ARG(e->text), l, r);
		}
}

#endif
