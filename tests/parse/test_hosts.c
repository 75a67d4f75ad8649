/* SPDX-License-Identifier: MIT */
/* test_hosts.c - the law of central logs: the lines of many hosts, interleaved in any way, give
 * for each host the events and facts that its lines alone give; and beyond the bounds an event is
 * incomplete, but never holds a line of another host.
 *
 * The hosts say what the golden logs say, in the forms of syslog, the journal and others.
 */
#include <dirent.h>
#include <stdlib.h>

#include "dump.h"
#include "harness.h"

enum { LARGEST = 64 << 20, MOST_LOGS = 80, MOST_LINES = 200000 };

static struct log {
	char name[64];
	struct buf text;
} logs[MOST_LOGS];
static size_t n_logs;

static uint32_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* ---- the golden logs ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct log *)a)->name, ((const struct log *)b)->name);
}

static void read_logs(void)
{
	DIR *dir = opendir(TEST_SOURCE_DIR "/tests/golden");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) && n_logs < MOST_LOGS) {
		struct log *l = &logs[n_logs];
		char path[4600], chunk[65536];
		FILE *f;
		size_t n;

		snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/golden/%s/log",
			 entry->d_name);
		f = fopen(path, "rb");
		if (!f)
			continue;
		l->text = (struct buf)BUF_INIT(LARGEST);
		while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
			buf_add(&l->text, (struct str){chunk, n});
		fclose(f);
		snprintf(l->name, sizeof(l->name), "%.60s", entry->d_name);
		n_logs++;
	}
	if (dir)
		closedir(dir);
	qsort(logs, n_logs, sizeof(*logs), by_name);
	check(n_logs > 30);
}

/* ---- what a host says ---- */

static void quoted(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
			buf_addf(out, "\\u%04x", c);
		else
			buf_addc(out, (char)c);
	}
}

enum form { RFC3164, RFC5424, ISO, JOURNAL, JSON, EXPORT, FORMS };

/* One line of the log in a form; how many raw lines it takes. */
static int say(struct buf *out, enum form form, const char *host, struct str line)
{
	switch (form) {
	case RFC3164:
		buf_addf(out, "Nov 23 02:30:00 %s kernel: %.*s\n", host, STR_ARG(line));
		return 1;
	case RFC5424:
		buf_addf(out, "<4>1 2026-11-23T02:30:00Z %s kernel - - - %.*s\n", host,
			 STR_ARG(line));
		return 1;
	case ISO:
		buf_addf(out, "2026-11-23T02:30:00.123456+01:00 %s kernel: %.*s\n", host,
			 STR_ARG(line));
		return 1;
	case JOURNAL:
		buf_addf(out, "[ 1234.567890] %s kernel: %.*s\n", host, STR_ARG(line));
		return 1;
	case JSON:
		buf_addf(out, "{\"_HOSTNAME\":\"%s\",\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"",
			 host);
		quoted(out, line);
		buf_addz(out, "\"}\n");
		return 1;
	default:
		buf_addf(out, "__REALTIME_TIMESTAMP=1795400000000000\n_HOSTNAME=%s\n"
			      "_TRANSPORT=kernel\nMESSAGE=%.*s\n\n",
			 host, STR_ARG(line));
		return 5;
	}
}

struct speaker {
	char host[40];
	const struct log *log;
	struct str rest;	 /* what it has still to say */
	uint32_t *own;		 /* raw line of the mixed log to one of its own */
	uint32_t lines;
	struct buf alone;	 /* all it says, alone */
	struct buf seen, wanted; /* dumps */
};

static void take_events(struct parser *p, struct speaker *s, size_t n, bool alone)
{
	struct event *ev;

	while ((ev = parser_take(p))) {
		size_t i = 0;

		while (!alone && i < n && !str_eq(str_of(s[i].host), ev->host))
			i++;
		if (i == n) {
			harness_failures++;
			fprintf(stderr, "an event of nobody: '%.*s'\n", STR_ARG(ev->host));
		} else {
			if (!alone) {
				ev->first_line = s[i].own[ev->first_line];
				ev->last_line = s[i].own[ev->last_line];
			}
			dump_event(alone ? &s[i].wanted : &s[i].seen, ev);
		}
		event_free(ev);
	}
}

/* s: the speakers of the log, or the one that is alone */
static void hear(struct str bytes, size_t window, struct speaker *s, size_t n, bool alone)
{
	const struct parser_options options = {.wanted_verbatim = VERBATIM_ALL, .now_us = 1};
	struct parser *p;

	check(parser_new(&p, &options, NULL) == 0);
	for (size_t at = 0; at < bytes.n; at += window < bytes.n ? window : bytes.n) {
		check(parser_feed(p, str_sub(bytes, at, window), NULL) == 0);
		take_events(p, s, n, alone);
	}
	check(parser_finish(p, NULL) == 0);
	take_events(p, s, n, alone);
	for (size_t i = 0; i < n; i++) {
		struct log_facts f = *parser_facts_of(p, str_of(s[i].host));

		check(f.bytes == bytes.n);
		f.bytes = f.lines = 0;
		/* both also come from lines that are only looked at for others' sake */
		f.context.n = f.arch.n = 0;
		dump_facts(alone ? &s[i].wanted : &s[i].seen, &f);
	}
	parser_free(p);
}

static void show_difference(const struct speaker *s, size_t window)
{
	struct str a = buf_str(&s->wanted), b = buf_str(&s->seen);
	size_t i = 0, from;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	from = i > 60 ? i - 60 : 0;
	fprintf(stderr, "%s says %s: windows of %zu differ at byte %zu:\n--- alone\n%.*s\n"
			"--- with others\n%.*s\n",
		s->host, s->log->name, window, i, STR_ARG(str_sub(a, from, 300)),
		STR_ARG(str_sub(b, from, 300)));
}

/* `n` hosts, each with one of the logs; `burst`: how many lines at most one says at a time. */
static void together(size_t n, enum form form, uint32_t with_seed, uint32_t burst)
{
	static const size_t windows[] = {LARGEST, 65536, 61};
	struct speaker *s = calloc(n, sizeof(*s));
	CLEANUP_BUF struct buf mixed = BUF_INIT(LARGEST);
	size_t left = n;
	uint32_t line = 0;

	seed = with_seed;
	check(s != NULL);
	for (size_t i = 0; s && i < n; i++) {
		/* names of one length, that differ in digits only: the hardest to keep apart */
		snprintf(s[i].host, sizeof(s[i].host), "web%02zu.example", i);
		s[i].log = &logs[rnd((uint32_t)n_logs)];
		s[i].rest = buf_str(&s[i].log->text);
		s[i].own = calloc(MOST_LINES, sizeof(*s[i].own));
		s[i].alone = s[i].seen = s[i].wanted = (struct buf)BUF_INIT(LARGEST);
	}
	while (s && left) {
		struct speaker *who = &s[rnd((uint32_t)n)];
		struct str text;

		for (uint32_t k = 1 + rnd(burst); k && who->rest.n; k--) {
			int lines;

			(void)take_line(&who->rest, &text);
			lines = say(&who->alone, form, who->host, text);
			say(&mixed, form, who->host, text);
			for (int i = 0; i < lines && line + 1 < MOST_LINES; i++)
				who->own[++line] = ++who->lines;
			left -= who->rest.n == 0;
		}
	}
	for (size_t i = 0; s && i < n; i++)
		hear(buf_str(&s[i].alone), SIZE_MAX / 2, &s[i], 1, true);
	for (size_t w = 0; s && w < ARRAY_COUNT(windows); w++) {
		if (windows[w] < 100 && mixed.n > 2000000)
			continue;
		hear(buf_str(&mixed), windows[w], s, n, false);
		for (size_t i = 0; i < n; i++) {
			harness_checks++;
			if (!str_eq(buf_str(&s[i].seen), buf_str(&s[i].wanted))) {
				harness_failures++;
				show_difference(&s[i], windows[w]);
			}
			buf_clear(&s[i].seen);
		}
	}
	for (size_t i = 0; s && i < n; i++) {
		free(s[i].own);
		buf_free(&s[i].alone);
		buf_free(&s[i].seen);
		buf_free(&s[i].wanted);
	}
	free(s);
}

/* n hosts, "node-0" and so on, each with one of the logs from `first` on. */
static void weave(struct buf *mixed, size_t n, size_t first, uint32_t with_seed)
{
	struct str *rest = calloc(n, sizeof(*rest)), line;
	size_t left = n;

	seed = with_seed;
	for (size_t i = 0; i < n; i++)
		rest[i] = buf_str(&logs[(first + i) % n_logs].text);
	while (left) {
		size_t who = rnd((uint32_t)n);
		char host[40];

		snprintf(host, sizeof(host), "node-%zu", who);
		if (!rest[who].n)
			continue;
		(void)take_line(&rest[who], &line);
		say(mixed, RFC3164, host, line);
		left -= rest[who].n == 0;
	}
	free(rest);
}

/* The text of each host's first fatal event, by the number in its name. */
static void first_texts(struct str log, enum verbatim wanted, struct buf *texts, size_t n)
{
	const struct parser_options options = {.wanted_verbatim = wanted, .now_us = 1};
	uint64_t *at = calloc(n, sizeof(*at));
	struct parser *p;
	struct event *ev;

	check(parser_new(&p, &options, NULL) == 0);
	check(parser_feed(p, log, NULL) == 0 && parser_finish(p, NULL) == 0);
	for (; (ev = parser_take(p)); event_free(ev)) {
		struct str name = ev->host;
		uint64_t who;

		if (!ev->fatal || !take_lit(&name, STR("node-")) || !take_u64(&name, &who) ||
		    who >= n || (at[who] && at[who] < ev->first_line))
			continue;
		at[who] = ev->first_line;
		buf_clear(&texts[who]);
		buf_add(&texts[who], ev->verbatim);
	}
	parser_free(p);
	free(at);
}

/* Whoever wants only the first fatal event of a host has it whole, whatever others say. */
static void first_only(void)
{
	enum { N = 12 };
	size_t with_text = 0;

	for (uint32_t round = 0; round < 8; round++) {
		CLEANUP_BUF struct buf mixed = BUF_INIT(LARGEST);
		struct buf all[N], first[N];

		for (size_t i = 0; i < N; i++)
			all[i] = first[i] = (struct buf)BUF_INIT(LARGEST);
		weave(&mixed, N, round * N, 90 + round);
		first_texts(buf_str(&mixed), VERBATIM_ALL, all, N);
		first_texts(buf_str(&mixed), VERBATIM_FIRST, first, N);
		for (size_t i = 0; i < N; i++) {
			check(str_eq(buf_str(&all[i]), buf_str(&first[i])));
			with_text += all[i].n > 0;
			buf_free(&all[i]);
			buf_free(&first[i]);
		}
	}
	check(with_text > 40);
}

/* More hosts than there are places: an event may end too soon, and then says what it misses;
 * what it holds is of its own host. */
static void too_many(size_t n)
{
	CLEANUP_BUF struct buf mixed = BUF_INIT(LARGEST);
	const struct parser_options options = {.wanted_verbatim = VERBATIM_ALL, .now_us = 1};
	size_t events = 0, incomplete = 0;
	struct str text, line;
	struct parser *p;
	struct event *ev;

	weave(&mixed, n, 0, 5);
	check(parser_new(&p, &options, NULL) == 0);
	check(parser_feed(p, buf_str(&mixed), NULL) == 0 && parser_finish(p, NULL) == 0);
	for (; (ev = parser_take(p)); event_free(ev)) {
		char own[60];

		events++;
		incomplete += ev->missing != 0;
		snprintf(own, sizeof(own), "Nov 23 02:30:00 %.*s kernel: ", STR_ARG(ev->host));
		for (text = ev->verbatim; take_line(&text, &line);)
			check(str_starts(line, str_of(own)));
	}
	parser_free(p);
	printf("%zu hosts: %zu events, %zu of them incomplete\n", n, events, incomplete);
	check(events >= n && incomplete > 0);
}

/* One that stops in the middle of an event does not keep it open for ever; lines that name no
 * host are of the one before. */
static void silent(void)
{
	static const struct {
		int others;
		bool whole;
	} cases[] = {{10, true}, {10000, true}, {40000, false}};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), seen = BUF_INIT(LARGEST);

		buf_addz(&log, "Jan  2 15:04:05 a kernel: eat invoked oom-killer: "
			       "gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			       "CPU: 0 PID: 7 Comm: eat Not tainted 6.1.0 #1\n");
		for (int k = 0; k < cases[i].others; k++)
			buf_addf(&log, "Jan  2 15:04:05 b daemon: nothing to see %d\n", k);
		buf_addz(&log, "Jan  2 15:04:05 a kernel: Out of memory: Killed process 7 (eat) "
			       "total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
			       "pgtables:60kB oom_score_adj:0\n");
		check(dump_bytes(&seen, buf_str(&log), 0));
		check((str_find(buf_str(&seen), STR("missing: header")) == SIZE_MAX) ==
		      cases[i].whole);
		check(str_find(buf_str(&seen), STR("kernel=\"6.1.0\"")) != SIZE_MAX);
	}
}

/* A machine is "localhost" until it has read its name: the boot is its own. */
static void boot_name(void)
{
	static const char kill[] = "kernel: Out of memory: Killed process 7 (eat) total-vm:1kB, "
				   "anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
				   "pgtables:60kB oom_score_adj:0\n";
	CLEANUP_BUF struct buf log = BUF_INIT(LARGEST), seen = BUF_INIT(LARGEST);
	struct str first, rest;

	buf_addz(&log, "Jan  2 15:04:01 localhost kernel: Linux version 5.14.0-1.el9 (a) #1\n");
	buf_addf(&log, "Jan  2 15:04:05 web1 %s", kill);
	buf_addf(&log, "Jan  2 15:04:05 web2 %s", kill);
	check(dump_bytes(&seen, buf_str(&log), 0));
	rest = buf_str(&seen);
	check(take_until_lit(&rest, STR("  end\n"), &first));
	check(str_find(first, STR("host=\"web1\" kernel=\"5.14.0-1.el9\"")) != SIZE_MAX);
	check(str_find(rest, STR("host=\"web2\"")) != SIZE_MAX);
	rest.n = str_find(rest, STR("  end\n"));
	check(str_find(rest, STR("kernel=")) == SIZE_MAX);
}

/* Where different writers put the name. */
/* More names than there is room for: what is forgotten makes room, and nothing ends the log. */
static void crowd(void)
{
	const struct parser_options options = {.wanted_verbatim = VERBATIM_ALL, .now_us = 1};
	size_t events = 0;
	struct parser *p;
	struct event *ev;

	check(parser_new(&p, &options, NULL) == 0);
	for (int i = 0; i < 150000; i++) {
		char text[400];
		int n = snprintf(text, sizeof(text),
				 "Nov 23 02:30:00 a-name-of-some-length-%06d%s\n", i,
				 i % 50000 ? " kernel: Out of memory: none"
					   : " kernel: Out of memory: Killed process 7 (eat) "
					     "total-vm:1kB, anon-rss:1kB, file-rss:0kB, "
					     "shmem-rss:0kB, UID:0 pgtables:60kB oom_score_adj:0");

		if (parser_feed(p, (struct str){text, (size_t)n}, NULL) != 0)
			break;
		for (; (ev = parser_take(p)); event_free(ev))
			events++;
	}
	check(parser_finish(p, NULL) == 0);
	for (; (ev = parser_take(p)); event_free(ev))
		events++;
	check_int(events, 3);
	parser_free(p);
}

static void names(void)
{
	static const struct {
		const char *head, *tail, *host;
	} cases[] = {
		{"Jan  2 15:04:05 web1 kernel: ", "", "web1"},
		{"<4>1 2026-01-02T15:04:05Z web1 kernel - - - ", "", "web1"},
		{"[    5.123456] web1 kernel: ", "", "web1"},
		{"web1  | [    5.123456] ", "", "web1"},
		{"[pod/dmesg-x7k2p/reader] [    5.123456] ", "", "dmesg-x7k2p"},
		{"{\"_HOSTNAME\":\"web1\",\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"", "\"}", "web1"},
		{"{\"host\":\"relay\",\"MESSAGE\":\"", "\",\"_HOSTNAME\":\"web1\"}", "web1"},
		{"{\"_HOSTNAME\":\"web1\",\"host\":\"relay\",\"MESSAGE\":\"", "\"}", "web1"},
		{"{\"HOST\":\"web1\",\"PROGRAM\":\"kernel\",\"MESSAGE\":\"", "\"}", "web1"},
		{"{\"host\":{\"ip\":\"1.2.3.4\",\"hostname\":\"web1\"},\"message\":\"", "\"}", "web1"},
		{"{\"host\":{\"os\":{}},\"message\":\"", "\"}", ""},
		{"{\"hostname\":\"web1\",\"programname\":\"kernel\",\"msg\":\"", "\"}", "web1"},
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		CLEANUP_BUF struct buf log = BUF_INIT(LARGEST);
		const struct parser_options options = {.wanted_verbatim = VERBATIM_ALL};
		struct parser *p;
		struct event *ev;

		buf_addf(&log, "%sOut of memory: Killed process 7 (eat) total-vm:1kB, "
			       "anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:60kB "
			       "oom_score_adj:0%s\n",
			 cases[i].head, cases[i].tail);
		check(parser_new(&p, &options, NULL) == 0);
		check(parser_feed(p, buf_str(&log), NULL) == 0 && parser_finish(p, NULL) == 0);
		ev = parser_take(p);
		check(ev != NULL);
		if (ev)
			check_str(ev->host, str_of(cases[i].host));
		event_free(ev);
		parser_free(p);
	}
}

/* Events that are put together side by side hold so much at most: the one that was silent for the
 * longest is given as it is. */
static void full(void)
{
	enum { HOSTS = 20, LINES = 220, LONG = 32000 };
	const struct parser_options options = {.wanted_verbatim = VERBATIM_ALL, .now_us = 1};
	CLEANUP_BUF struct buf line = BUF_INIT(2 * LONG);
	bool whole[HOSTS] = {false};
	size_t events = 0;
	struct parser *p;
	struct event *ev;

	check(parser_new(&p, &options, NULL) == 0);
	for (int i = 0; i < HOSTS * LINES; i++, buf_clear(&line)) {
		buf_addf(&line, "Jan  2 15:04:05 h%d kernel: ", i / LINES);
		if (i % LINES == 0)
			buf_addz(&line, "eat invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), "
					"order=0, oom_score_adj=0\n");
		else if (i % LINES % 4 == 1) /* it goes on */
			buf_addz(&line, "Node 0 DMA free:1kB min:2kB low:3kB high:4kB\n");
		else
			buf_addf(&line, "some words of a driver %0*d\n", LONG, i);
		check(parser_feed(p, buf_str(&line), NULL) == 0);
	}
	for (int i = 0; i < HOSTS; i++, buf_clear(&line)) {
		buf_addf(&line, "Jan  2 15:04:06 h%d kernel: Out of memory: Killed process 7 (eat) "
				"total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 "
				"pgtables:60kB oom_score_adj:0\n", i);
		check(parser_feed(p, buf_str(&line), NULL) == 0);
	}
	check(parser_finish(p, NULL) == 0);
	for (; (ev = parser_take(p)); event_free(ev)) {
		events++;
		if (ev->n_victims == 1 && ev->trigger.order == 0)
			whole[atoi(ev->host.p + 1)] = true;
	}
	parser_free(p);
	check(events > HOSTS && !whole[0] && whole[HOSTS - 1]);
}

int main(void)
{
	read_logs();
	for (uint32_t k = 0; k < FORMS * 4; k++)
		together(2 + k / FORMS, (enum form)(k % FORMS), k + 1, k % 3 ? 1 : 9);
	together(12, RFC3164, 77, 3);
	together(60, RFC5424, 78, 1);
	too_many(150);
	first_only();
	silent();
	crowd();
	names();
	boot_name();
	full();
	printf("%zu logs\n", n_logs);
	return tests_done();
}
