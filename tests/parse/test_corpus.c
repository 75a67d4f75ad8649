/* SPDX-License-Identifier: MIT */
/* test_corpus.c - real logs of public archives against what a person read in them.
 *
 * The corpus lies beside the source tree (../shared/corpus) where it is present, and is no
 * part of it. truth.tsv has one row a log; the columns are named in its first line.
 */
#include <dirent.h>

#include "base/mem.h"
#include "harness.h"
#include "parse/parse.h"

enum { MOST_COLUMNS = 24, LARGEST = 16 << 20 };

static int differing, files;

/* Rows of truth.tsv that are wrong, with what is right and why. */
static const struct exception {
	const char *file, *column, *right, *why;
} exceptions[] = {
	{"213-systemd-oomd-fedora-psi.log", "victim_comm",
	 "/user.slice/user-1000.slice/user@1000.service/session.slice/"
	 "org.gnome.Shell@wayland.service",
	 "the whole path stands in the line, as in 210 where truth.tsv has it"},
};

static const char *root(void)
{
	static char path[4096];
	const char *env = getenv("OOMREPORT_CORPUS");

	snprintf(path, sizeof(path), "%s", env ? env : TEST_SOURCE_DIR "/../shared/corpus");
	return path;
}

static bool read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char chunk[65536];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(out, (struct str){chunk, n});
	fclose(f);
	return !out->failed;
}

struct result {
	int64_t n_events, n_failures;
	const struct event *first;
	struct event *events[4096];
	size_t n;
};

static void analyze(struct str bytes, struct result *r, struct parser **keep)
{
	struct parser_options options = {.wanted_verbatim = VERBATIM_ALL};
	struct err err = {0};
	struct parser *p;
	struct event *ev;

	*r = (struct result){0};
	*keep = NULL;
	if (parser_new(&p, &options, &err) || parser_feed(p, bytes, &err) ||
	    parser_finish(p, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	*keep = p;
	while ((ev = parser_take(p)) && r->n < ARRAY_COUNT(r->events)) {
		r->events[r->n++] = ev;
		r->n_events += event_is_oom(ev);
		r->n_failures += event_is_page_failure(ev);
	}
	/* the first fatal one of the kernel, else the first oom, else the first of any kind */
	for (size_t pass = 0; pass < 2 && !r->first; pass++) {
		for (size_t i = 0; i < r->n && !r->first; i++) {
			const struct event *e = r->events[i];

			if (pass == 1 || (e->fatal && event_is_oom(e)) || event_is_oom(e))
				r->first = e;
		}
	}
}

static struct str kind_text(const struct event *ev)
{
	static char text[64];

	if (!ev)
		return STR("none");
	if (ev->kind == EVENT_OOM_KILL || ev->kind == EVENT_OOM_NO_VICTIM)
		snprintf(text, sizeof(text), "oom-%s",
			 event_scope_name(ev->scope) ? event_scope_name(ev->scope) : "unknown");
	else
		snprintf(text, sizeof(text), "%s", event_kind_name(ev->kind));
	return str_of(text);
}

static struct str number_text(int64_t n)
{
	static char text[8][32];
	static int at;
	char *t = text[at++ % 8];

	if (n == UNKNOWN)
		return STR("-");
	snprintf(t, 32, "%" PRId64, n);
	return str_of(t);
}

static struct str mask_text(int64_t n)
{
	static char text[32];

	if (n == UNKNOWN)
		return STR("-");
	snprintf(text, sizeof(text), "0x%" PRIx64, n);
	return str_of(text);
}

static struct str text_or_dash(struct str s, bool empty_is_text)
{
	if (!s.p)
		return STR("-");
	if (s.n == 0)
		return empty_is_text ? STR("(empty)") : STR("-");
	return s;
}

static void compare(const char *file, const char *column, struct str got, struct str want)
{
	for (size_t i = 0; i < ARRAY_COUNT(exceptions); i++) {
		if (str_eq(str_of(exceptions[i].file), str_of(file)) &&
		    str_eq(str_of(exceptions[i].column), str_of(column)))
			want = str_of(exceptions[i].right);
	}
	harness_checks++;
	if (str_eq(got, want))
		return;
	differing++;
	harness_failures++;
	fprintf(stderr, "%s: %s is %.*s, not %.*s\n", file, column, STR_ARG(got), STR_ARG(want));
}

static void one_log(struct str *column, struct str *value, size_t n)
{
	CLEANUP_BUF struct buf bytes = BUF_INIT(LARGEST);
	static struct result r;
	struct parser *p;
	char file[256], path[4700];
	const struct event *ev;
	const struct victim *v;

	snprintf(file, sizeof(file), "%.*s", STR_ARG(value[0]));
	snprintf(path, sizeof(path), "%s/logs/%s", root(), file);
	if (!read_file(path, &bytes)) {
		fprintf(stderr, "%s: cannot be read\n", path);
		harness_failures++;
		return;
	}
	files++;
	analyze(buf_str(&bytes), &r, &p);
	ev = r.first;
	v = ev && ev->n_victims ? &ev->victims[0] : NULL;
	for (size_t i = 1; i < n; i++) {
		struct str name = column[i], got;

		if (str_eq(name, STR("n_events")))
			got = number_text(r.n_events);
		else if (str_eq(name, STR("n_alloc_failures")))
			got = number_text(r.n_failures);
		else if (str_eq(name, STR("first_event_kind")))
			got = kind_text(ev);
		else if (str_eq(name, STR("first_event_line")))
			got = ev ? number_text((int64_t)ev->first_line) : STR("-");
		else if (str_eq(name, STR("invoker")))
			got = ev ? text_or_dash(ev->trigger.comm, false) : STR("-");
		else if (str_eq(name, STR("order")))
			got = ev ? number_text(ev->trigger.order) : STR("-");
		else if (str_eq(name, STR("gfp_mask")))
			got = ev ? mask_text(ev->trigger.gfp_mask) : STR("-");
		else if (str_eq(name, STR("gfp_text")))
			got = ev ? text_or_dash(ev->trigger.gfp_text, true) : STR("-");
		else if (str_eq(name, STR("victim_pid")))
			got = v ? number_text(v->pid) : STR("-");
		else if (str_eq(name, STR("victim_comm")))
			got = v ? text_or_dash(v->comm, false) : STR("-");
		else if (str_eq(name, STR("free_swap_kB")))
			got = ev ? number_text(ev->memory.swap_free_kb) : STR("-");
		else if (str_eq(name, STR("total_swap_kB")))
			got = ev ? number_text(ev->memory.swap_total_kb) : STR("-");
		else if (str_eq(name, STR("truncated")))
			got = ev && ev->missing ? STR("y") : STR("n");
		else if (str_eq(name, STR("kernel")) && ev)
			got = text_or_dash(ev->kernel.n ? ev->kernel : parser_facts(p)->kernel,
					   false);
		else if (str_eq(name, STR("arch")) && parser_facts(p)->arch.n &&
			 !str_eq(value[i], STR("-")))
			got = parser_facts(p)->arch; /* only where it says something */
		else
			continue;
		snprintf(path, sizeof(path), "%.*s", STR_ARG(name));
		compare(file, path, got, value[i]);
	}
	for (size_t i = 0; i < r.n; i++)
		event_free(r.events[i]);
	parser_free(p);
}

static size_t split(struct str line, struct str *out)
{
	size_t n = 0;

	while (n < MOST_COLUMNS && take_until(&line, '\t', &out[n]))
		n++;
	if (n < MOST_COLUMNS)
		out[n++] = line;
	return n;
}

int main(int argc, char **argv)
{
	CLEANUP_BUF struct buf truth = BUF_INIT(LARGEST);
	struct str column[MOST_COLUMNS], value[MOST_COLUMNS], text, line;
	char path[4200];

	snprintf(path, sizeof(path), "%s/truth.tsv", root());
	if (!read_file(path, &truth))
		return test_skip("no corpus beside the source tree");
	text = buf_str(&truth);
	if (!take_line(&text, &line))
		return test_skip("truth.tsv is empty");
	split(line, column);
	while (take_line(&text, &line)) {
		size_t n = split(line, value);

		if (argc > 1 && !str_starts(value[0], str_of(argv[1])))
			continue;
		one_log(column, value, n);
	}
	printf("%d logs, %d differences\n", files, differing);
	return tests_done();
}
