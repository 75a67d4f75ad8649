/* SPDX-License-Identifier: MIT */
/* recorder_options.c - the command line of oomreport-recorder, as one table. */
#include <stdio.h>

#include "base/log.h"
#include "base/units.h"
#include "vmlog/capture.h"
#include "vmlog/recorder.h"

enum kind { FLAG, CLEAR, TEXT, SIZE, DURATION, PERCENT, CLASS, CGROUP, QUIET, VERBOSE };

struct row {
	const char *name;
	char letter;
	enum kind kind;
	const char *arg;
	size_t offset;
	const char *help;
};

/* What a value may be, and the words that answer a wrong one. */
struct limit {
	int64_t least, most;
	const char *takes;
};

/* Times are added up: this is far from an overflow. */
#define DAYS_1000 (INT64_C(1000) * 24 * 3600 * 1000000)

static const struct limit kinds[] = {
	[TEXT] = {0, 0, "a directory"},
	[SIZE] = {0, INT64_MAX, "a size such as 512k, 64M or 1G"},
	[DURATION] = {0, DAYS_1000, "a whole number and us, ms, s, min, h or d; at most 1000d"},
	[PERCENT] = {1, 100, "a whole number from 1 to 100"},
	[CLASS] = {0, 0, "NAME=fast|medium|slow|event|off with a NAME as --once prints it "
			 "(" CAPTURE_NAME ": event|off), and at most 32 of them"},
	[CGROUP] = {0, 0, "a path below the cgroup mount, and at most 16 of them"},
};

/* Options that are narrower than their kind. */
static const struct {
	const char *option;
	struct limit limit;
} narrower[] = {
	{"interval", {1000, DAYS_1000, "a time from 1ms to 1000d"}},
	{"duration", {1000, DAYS_1000, "a time from 1ms to 1000d"}},
	{"ring", {256 << 10, 1 << 30, "a size from 256k to 1G"}},
};

#define AT(member) offsetof(struct recorder_options, member)

static const struct row table[] = {
	{"output", 'o', TEXT, "DIR", AT(dir), "record into DIR/ring.vmlog"},
	{"interval", 'i', DURATION, "TIME", AT(sampler.interval_us),
	 "between two samples (1s); shorter under pressure"},
	{"max-size", 0, SIZE, "SIZE", AT(store.max_size), "of the ring file (64M: a day at 1s)"},
	{"duration", 0, DURATION, "TIME", AT(sampler.duration_us), "stop after TIME"},
	{"once", 0, FLAG, NULL, AT(once), "one sample as text to standard output"},
	{"class", 0, CLASS, "NAME=fast|medium|slow|event|off", 0,
	 "how often a source is read, for example slabinfo=fast"},
	{"cgroup", 0, CGROUP, "GROUP", 0, "watch memory.current, .events, .pressure of GROUP"},
	{"medium", 0, DURATION, "TIME", AT(sampler.medium_us), "interval of the medium class (10s)"},
	{"slow", 0, DURATION, "TIME", AT(sampler.slow_us), "interval of the slow class (60s)"},
	{"fixed", 0, CLEAR, NULL, AT(sampler.adaptive), "keep the interval, come what may"},
	{"cpu-percent", 0, PERCENT, "N", AT(sampler.cpu_percent),
	 "of one CPU at most (25): the interval gives way"},
	{"no-realtime", 0, CLEAR, NULL, AT(realtime), "no SCHED_FIFO"},
	{"ring", 0, SIZE, "SIZE", AT(ring_size), "locked memory between disk and sampling (2M)"},
	{"sync", 0, DURATION, "TIME", AT(sync_us), "fdatasync this often (10s; 1s around an OOM)"},
	{"settle", 0, DURATION, "TIME", AT(settle_us),
	 "quiet after an OOM before DIR/oom-marker is written (20s)"},
	{"marker-gap", 0, DURATION, "TIME", AT(marker_gap_us),
	 "least time between two markers (10m), times n squared for the n-th of a day"},
	{"allow-tmpfs", 0, FLAG, NULL, AT(store.allow_tmpfs), "DIR may lie in memory"},
	{"root", 0, TEXT, "DIR", AT(root), "read /proc and /sys below DIR"},
	{"quiet", 'q', QUIET, NULL, 0, "no warnings"},
	{"verbose", 'v', VERBOSE, NULL, 0, "say more"},
	{"help", 'h', FLAG, NULL, AT(help), "show this help"},
	{"version", 0, FLAG, NULL, AT(version), "show the version"},
};

void recorder_help(void)
{
	printf("usage: oomreport-recorder -o DIR [options]\n"
	       "       oomreport-recorder --once\n"
	       "Samples /proc on a cadence, through an OOM.\n\noptions:\n");
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		char left[80];

		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", table[i].letter ? '-' : ' ',
			 table[i].letter ? table[i].letter : ' ', table[i].letter ? "," : " ",
			 table[i].name, table[i].arg ? " " : "", table[i].arg ? table[i].arg : "");
		printf(strlen(left) > 28 ? "  %s\n  %28s  %s\n" : "  %-28s%.0s  %s\n", left, "",
		       table[i].help);
	}
	printf("\nexample:\n  oomreport-recorder -o /var/lib/oomreport/vmlog\n");
}

static const struct limit *limit_of(const struct row *row)
{
	for (size_t i = 0; i < ARRAY_COUNT(narrower); i++) {
		if (strcmp(row->name, narrower[i].option) == 0)
			return &narrower[i].limit;
	}
	return &kinds[row->kind];
}

static bool store_number(const struct row *row, const char *value, int64_t *ret)
{
	const struct limit *limit = limit_of(row);
	struct str text = str_of(value);
	int64_t n = 0;
	bool read = row->kind == DURATION ? duration_parse(text, &n) : size_parse(text, &n);

	if (!read || n < limit->least || n > limit->most)
		return false;
	*ret = n;
	return true;
}

static bool store(struct recorder_options *o, const struct row *row, const char *value)
{
	char *at = (char *)o + row->offset;
	int64_t percent;

	switch (row->kind) {
	case FLAG:
		*(bool *)(void *)at = true;
		return true;
	case CLEAR:
		*(bool *)(void *)at = false;
		return true;
	case TEXT:
		*(const char **)(void *)at = value;
		return value[0] != '\0';
	case SIZE:
	case DURATION:
		return store_number(row, value, (int64_t *)(void *)at);
	case PERCENT:
		if (!store_number(row, value, &percent))
			return false;
		*(unsigned *)(void *)at = (unsigned)percent;
		return true;
	case CLASS:
		return o->n_changes < CHANGES_MAX &&
		       class_change_parse(value, &o->changes[o->n_changes++]);
	case CGROUP:
		if (o->n_cgroups == CGROUPS_WATCHED_MAX || !value[0])
			return false;
		o->cgroups[o->n_cgroups++] = value;
		return true;
	case QUIET:
		log_set_level(LOG_LEVEL_ERROR);
		return true;
	case VERBOSE:
		log_set_level(LOG_LEVEL_INFO);
		return true;
	}
	return false;
}

static const struct row *find(struct str name, char letter)
{
	for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
		if (letter ? table[i].letter == letter : str_eq(name, str_of(table[i].name)))
			return &table[i];
	}
	return NULL;
}

static int wrong(struct err *err, const char *what, const char *word)
{
	(void)err_set(err, ERR_USAGE, "%s '%.80s'", what, word);
	return err_hint(err, "see 'oomreport-recorder --help'");
}

static int wrong_value(struct err *err, const struct row *row, const char *value)
{
	return err_set(err, ERR_USAGE, "--%s does not take '%.60s', but %s", row->name, value,
		       limit_of(row)->takes);
}

static int parse_words(struct recorder_options *o, int argc, char **argv, struct err *err)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = NULL;
		struct str name = str_of(word);
		const struct row *row = NULL;

		if (take_lit(&name, STR("--"))) {
			struct str rest = name;

			if (take_until(&rest, '=', &name))
				value = rest.p;
			row = find(name, 0);
		} else if (word[0] == '-' && word[1]) {
			row = find(name, word[1]);
			value = word[2] ? word + 2 : NULL;
		}
		if (!row || (value && !row->arg))
			return wrong(err, "there is no option", word);
		if (row->arg && !value) {
			if (i + 1 >= argc)
				return wrong(err, "an argument is missing after", word);
			value = argv[++i];
		}
		if (!value)
			value = "";
		if (!store(o, row, value))
			return wrong_value(err, row, value);
	}
	return 0;
}

int recorder_options_parse(struct recorder_options *ret, int argc, char **argv, struct err *err)
{
	struct recorder_options o = {
		.root = "/",
		.realtime = true,
		.sampler = {.interval_us = 1000000,
			    .medium_us = 10000000,
			    .slow_us = 60000000,
			    .adaptive = true,
			    .cpu_percent = 25},
		.store = {.max_size = 64 << 20},
		.ring_size = 2 << 20,
		.sync_us = 10000000,
		.settle_us = 20000000,
		.marker_gap_us = 600000000,
	};

	if (parse_words(&o, argc, argv, err) != 0)
		return -1;
	o.store.dir = o.dir;
	if (!o.dir && !o.once && !o.help && !o.version) {
		(void)err_set(err, ERR_USAGE, "where to record is missing: -o DIR");
		return err_hint(err, "or --once for one sample to standard output");
	}
	*ret = o;
	return 0;
}
