/* SPDX-License-Identifier: MIT */
/* cmd_record.c - `oomreport record`: starts the flight recorder, or prints what it recorded. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/emit.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/launch.h"
#include "vmlog/vmlog.h"

struct options {
	const char *output, *export_path, *root;
	int64_t interval_us, max_size, duration_us, medium_us, slow_us, sync_us, settle_us;
	int64_t since_us, until_us, cpu_percent;
	struct text_list classes, cgroups;
	bool once, fixed, no_realtime, allow_tmpfs;
	int format;
};

static const struct options defaults = {.interval_us = UNKNOWN,
					.max_size = UNKNOWN,
					.duration_us = UNKNOWN,
					.medium_us = UNKNOWN,
					.slow_us = UNKNOWN,
					.sync_us = UNKNOWN,
					.settle_us = UNKNOWN,
					.since_us = UNKNOWN,
					.until_us = UNKNOWN,
					.cpu_percent = UNKNOWN,
					.format = VMLOG_TEXT};

#define AT(member) offsetof(struct options, member)

static const struct option_row rows[] = {
	{"output", 'o', OPT_TEXT, false, "DIR", AT(output), "record into DIR, until stopped"},
	{"interval", 'i', OPT_DURATION, false, "TIME", AT(interval_us),
	 "between two samples (1s); shorter under pressure and around an OOM"},
	{"max-size", 0, OPT_SIZE, false, "SIZE", AT(max_size),
	 "of the ring file (64M: more than a day at 1s)"},
	{"duration", 0, OPT_DURATION, false, "TIME", AT(duration_us), "stop after TIME"},
	{"once", 0, OPT_FLAG, false, NULL, AT(once), "one sample as text to standard output"},
	{"export", 0, OPT_TEXT, false, "DIR", AT(export_path),
	 "print what was recorded there, or any file or folder of somebody's samples"},
	{"format", 0, OPT_CHOICE, false, "text|csv|json", AT(format), "of --export"},
	{"since", 0, OPT_TIME, false, "TIME", AT(since_us), "export from then: '2026-11-23 02:30', today, -10min, @EPOCH"},
	{"until", 0, OPT_TIME, false, "TIME", AT(until_us), "export until then"},
	{"class", 0, OPT_LIST, false, "NAME=CLASS", AT(classes),
	 "read a source as fast|medium|slow|event|off, for example slabinfo=fast"},
	{"cgroup", 0, OPT_LIST, false, "GROUP", AT(cgroups), "watch this cgroup in every sample"},
	{"medium", 0, OPT_DURATION, false, "TIME", AT(medium_us), "interval of that class (10s)"},
	{"slow", 0, OPT_DURATION, false, "TIME", AT(slow_us), "interval of that class (60s)"},
	{"fixed", 0, OPT_FLAG, false, NULL, AT(fixed), "keep the interval, come what may"},
	{"cpu-percent", 0, OPT_NUMBER, false, "N", AT(cpu_percent),
	 "of one CPU at most (25): the interval gives way"},
	{"no-realtime", 0, OPT_FLAG, false, NULL, AT(no_realtime), "no SCHED_FIFO"},
	{"sync", 0, OPT_DURATION, false, "TIME", AT(sync_us), "make it durable this often (10s)"},
	{"settle", 0, OPT_DURATION, false, "TIME", AT(settle_us),
	 "quiet after an OOM before DIR/oom-marker is written (20s)"},
	{"allow-tmpfs", 0, OPT_FLAG, false, NULL, AT(allow_tmpfs), "DIR may lie in memory"},
	{"root", 0, OPT_TEXT, false, "DIR", AT(root), "read /proc and /sys below DIR"},
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

/* ---- the recorder's command line ---- */

enum { WORDS = 2 * TEXT_LIST_MAX * 2 + 64 };

struct words {
	char *v[WORDS];
	size_t n;
	struct arena arena;
	bool failed;
};

static void word(struct words *w, const char *text)
{
	char *copy = arena_cstr(&w->arena, str_of(text));

	if (!copy || w->n + 1 >= WORDS) {
		w->failed = true;
		return;
	}
	w->v[w->n++] = copy;
	w->v[w->n] = NULL;
}

static void pass_row(struct words *w, const struct option_row *row, const struct options *o)
{
	const char *at = (const char *)o + row->offset;
	char name[40], number[UNITS_TEXT];
	const char *text = NULL;
	int64_t n;

	snprintf(name, sizeof(name), "--%s", row->name);
	if (row->kind == OPT_LIST) {
		const struct text_list *list = (const void *)at;

		for (size_t i = 0; i < list->n; i++) {
			word(w, name);
			word(w, list->v[i]);
		}
		return;
	}
	if (row->kind == OPT_FLAG) {
		if (*(const bool *)at)
			word(w, name);
		return;
	}
	if (row->kind == OPT_TEXT) {
		text = *(const char *const *)(const void *)at;
	} else if ((n = *(const int64_t *)(const void *)at) != UNKNOWN) {
		if (row->kind == OPT_NUMBER)
			snprintf(number, sizeof(number), "%lld", (long long)n);
		text = row->kind == OPT_DURATION ? duration_text(n, number)
		       : row->kind == OPT_SIZE	 ? size_text(n, number)
						 : number;
	}
	if (text) {
		word(w, name);
		word(w, text);
	}
}

static bool is_export_only(const struct option_row *row)
{
	return row->kind == OPT_CHOICE || row->kind == OPT_TIME ||
	       row->offset == AT(export_path);
}

static int start_recorder(const struct options *o, struct err *err)
{
	struct words w = {.arena = ARENA_INIT(1 << 20)};

	word(&w, "oomreport-recorder");
	for (size_t i = 0; rows[i].name; i++) {
		if (!is_export_only(&rows[i]))
			pass_row(&w, &rows[i], o);
	}
	if (w.failed)
		(void)err_set(err, ERR_LIMIT, "record: too many options");
	else
		(void)launch("oomreport-recorder", w.v, err);
	arena_free(&w.arena);
	return -1;
}

static bool is_given(const struct option_row *row, const struct options *o)
{
	size_t n = row->kind == OPT_LIST ? sizeof(struct text_list)
		   : row->kind == OPT_FLAG ? sizeof(bool)
		   : row->kind == OPT_CHOICE ? sizeof(int) : sizeof(int64_t);

	return memcmp((const char *)o + row->offset, (const char *)&defaults + row->offset, n) != 0;
}

/* Recording and exporting share no option: one of the other kind was meant for something. */
static int check_kinds(const struct options *o, struct err *err)
{
	for (const struct option_row *row = rows; row->name; row++) {
		if (is_given(row, o) && is_export_only(row) != !!o->export_path)
			return err_set(err, ERR_USAGE, "record: --%s goes %s --export", row->name,
				       o->export_path ? "without" : "only with");
	}
	if (o->since_us != UNKNOWN && o->until_us != UNKNOWN && o->since_us > o->until_us)
		return err_set(err, ERR_USAGE, "record: --since is later than --until");
	return 0;
}

static int run_record(const void *options, int argc, char **argv, struct err *err)
{
	const struct options *o = options;
	static const int fd = STDOUT_FILENO;

	if (argc > 0)
		return err_set(err, ERR_USAGE, "record: '%.60s': too much", argv[0]);
	if (!!o->output + o->once + !!o->export_path != 1)
		return err_set(err, ERR_USAGE, "record: one of -o DIR, --once and --export DIR");
	if (check_kinds(o, err) != 0)
		return -1;
	if (o->export_path)
		return vmlog_export(o->export_path, o->since_us, o->until_us,
				    (enum vmlog_format)o->format, sink_shown(&fd), err);
	return start_recorder(o, err);
}

const struct command cmd_record = {
	.name = "record",
	.operands = "",
	.summary = "flight recorder: sample /proc on a cadence, through an OOM",
	.example = "sudo oomreport record -o /var/lib/oomreport/vmlog\n"
		   "  oomreport record --export /var/lib/oomreport/vmlog --since -10min --format csv",
	.options = rows,
	.options_size = sizeof(struct options),
	.defaults = &defaults,
	.run = run_record,
};
