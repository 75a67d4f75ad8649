/* SPDX-License-Identifier: MIT */
/* per_host.c - one report for each host of a log. */
#include "cli/per_host.h"

bool host_alike(struct str a, struct str b)
{
	if (a.n > b.n)
		return host_alike(b, a);
	return a.n && str_starts(b, a) && (a.n == b.n || b.p[a.n] == '.') &&
	       !(a.n < b.n && ascii_digit(a.p[0])); /* of an address a part is another's */
}

static void set_name(char to[HOST_ROOM], struct str name)
{
	name = str_sub(name, 0, HOST_ROOM - 1);
	if (name.n)
		memcpy(to, name.p, name.n);
	to[name.n] = '\0';
}

static int begin(struct per_host *p, struct str name, struct err *err)
{
	struct report_options o = p->options;
	struct host_report *h = &p->hosts[p->n];

	if (p->n > 0) { /* inside the document of the first, or behind it */
		o.stream = (struct sink){NULL, NULL};
		o.indent = 0;
		if (p->brief)
			o.budget_bytes = 1;
	}
	*h = (struct host_report){.report = NULL};
	set_name(h->name, name);
	if (report_new(&h->report, &o, err) != 0)
		return -1;
	p->n++;
	return 0;
}

int per_host_start(struct per_host *p, struct err *err)
{
	return begin(p, str_of(p->only ? p->only : ""), err);
}

/* The one that is meant, a new one; NULL with *full: no more of them, else an error. */
static struct host_report *host_for(struct per_host *p, struct str name, bool *full,
				    struct err *err)
{
	*full = false;
	if (name.n == 0)
		return &p->hosts[0];
	for (size_t i = 0; i < p->n; i++) {
		if (host_alike(str_of(p->hosts[i].name), name))
			return &p->hosts[i];
	}
	if (p->n == 1 && !p->hosts[0].name[0]) {
		set_name(p->hosts[0].name, name);
		return &p->hosts[0];
	}
	*full = p->n == REPORT_HOSTS;
	return *full || begin(p, name, err) != 0 ? NULL : &p->hosts[p->n - 1];
}

int per_host_add(struct per_host *p, struct event *ev, struct err *err)
{
	struct host_report *h;
	bool full;

	if (p->only && !host_alike(str_of(p->only), ev->host)) {
		if (p->passed_over++ == 0)
			set_name(p->another, ev->host);
		event_free(ev);
		return 0;
	}
	h = host_for(p, ev->host, &full, err);
	if (h)
		return report_add_event(h->report, ev, err);
	event_free(ev);
	p->left_out += full;
	return full ? 0 : -1;
}

void per_host_next_log(struct per_host *p)
{
	for (size_t i = 0; i < p->n; i++)
		report_next_log(p->hosts[i].report);
}

int per_host_settle(struct per_host *p, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < p->n; i++)
		rc |= report_settle(p->hosts[i].report, err);
	return rc;
}

static void to_front(struct per_host *p, size_t i)
{
	for (; i > 0; i--) {
		struct host_report h = p->hosts[i];

		p->hosts[i] = p->hosts[i - 1];
		p->hosts[i - 1] = h;
	}
}

bool per_host_first(struct per_host *p, struct str name, struct err *err)
{
	bool full;
	struct host_report *h = host_for(p, name, &full, err);

	if (h)
		to_front(p, (size_t)(h - p->hosts));
	return h != NULL;
}

void per_host_order(struct per_host *p)
{
	const struct event *first = NULL;
	size_t best = 0;

	if (p->options.stream.write)
		return;
	for (size_t i = 0; i < p->n; i++) {
		const struct event *ev = report_first_oom(p->hosts[i].report);

		if (ev && (!first || ev->first_line < first->first_line)) {
			first = ev;
			best = i;
		}
	}
	to_front(p, best);
}

void per_host_free(struct per_host *p)
{
	for (size_t i = 0; i < p->n; i++)
		report_free(p->hosts[i].report);
	p->n = 0;
}
