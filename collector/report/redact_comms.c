/* SPDX-License-Identifier: MIT */
/* redact_comms.c - level strict: how a machine's own programs are called. Those of every machine and
 * the kernel's threads keep their names: redact_is_system_comm(). */
#include <fcntl.h>
#include <stdio.h>

#include "base/listing.h"
#include "base/when.h"
#include "report/redact_private.h"

enum { COMM_ROOM = 64, PROCESSES = 20000, LEARN_US = 2000000, NUMBERS_IN_FRONT = 6 };

/* A kernel thread has no command line. */
static bool is_kernel_thread(const struct root *root, const char *pid)
{
	CLEANUP_FD int fd = -1;
	char path[COMM_ROOM], byte;

	snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	fd = root_openat(root, path, O_RDONLY);
	return fd < 0 || fd_read(fd, &byte, 1) <= 0;
}

static int learn_process(struct redactor *r, const struct root *root, const char *pid, struct err *err)
{
	CLEANUP_BUF struct buf comm = BUF_INIT(COMM_ROOM);
	char path[COMM_ROOM];
	int errnum = 0;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	(void)file_read(root, path, &comm, &errnum);
	if (comm.n == 0 || is_kernel_thread(root, pid))
		return 0;
	return redact_learn(r, REDACT_COMM, str_trim(buf_str(&comm)), err);
}

int redact_learn_processes(struct redactor *r, const struct root *root, struct err *err)
{
	CLEANUP_FD int fd = root_openat(root, "/proc", O_RDONLY | O_DIRECTORY);
	struct listing names = {.fd = fd};
	int64_t until_us = when_monotonic() + LEARN_US;
	const char *name;
	uint8_t type;
	int rc = 0;

	for (int left = PROCESSES; fd >= 0 && rc == 0 && left > 0 && when_monotonic() < until_us &&
				   (name = listing_next(&names, &type));) {
		if (!ascii_digit(name[0]))
			continue;
		left--;
		rc = learn_process(r, root, name, err);
	}
	return rc;
}

/* ---- in a log: who asked, who was there, who was killed (mm/oom_kill.c, lib/dump_stack.c) ---- */

static const struct {
	struct str word, behind[3];
	bool counted; /* a pid and " (" stand in front of the name */
} marks[] = {
	{STR_INIT("Comm: "), {STR_INIT(" Kdump: "), STR_INIT(" Not tainted"), STR_INIT(" Tainted: ")},
	 false},
	{STR_INIT(",task="), {STR_INIT(",pid=")}, false},
	{STR_INIT("Killed process "), {STR_INIT(") "), STR_INIT("), ")}, true},
	{STR_INIT("reaped process "), {STR_INIT("), ")}, true},
};

/* Up to the first of the words that may be behind it; a name may have blanks and brackets in it. */
static struct str marked_name(size_t mark, struct str rest)
{
	size_t n = SIZE_MAX;

	for (size_t k = 0; k < ARRAY_COUNT(marks[mark].behind) && marks[mark].behind[k].n; k++) {
		size_t hit = str_find(rest, marks[mark].behind[k]);

		n = hit < n ? hit : n;
	}
	return n == SIZE_MAX ? STR("") : str_sub(rest, 0, n);
}

static int learn_marked(struct redactor *r, struct str line, struct err *err)
{
	for (size_t i = 0; i < ARRAY_COUNT(marks); i++) {
		struct str rest = line, front;
		uint64_t pid;

		if (!take_until_lit(&rest, marks[i].word, &front) ||
		    (marks[i].counted && !(take_u64(&rest, &pid) && take_lit(&rest, STR(" (")))))
			continue;
		if (redact_learn(r, REDACT_COMM, marked_name(i, rest), err) != 0)
			return -1;
	}
	return 0;
}

/* "smp: [0] 0 1 2 3 4 5 6 [1] 7" is no row of it. */
static bool has_letter(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (ascii_alpha(name.p[i]) || (unsigned char)name.p[i] >= 0x80)
			return true;
	}
	return false;
}

/* "[   1234]  1000  1234    14036    13503   147456        0             0 NAME" */
static bool task_row(struct str line, struct str *ret)
{
	struct str front;
	uint64_t pid;

	while (take_until(&line, '[', &front)) {
		struct str at = line;
		int64_t number;
		int n = 0;

		skip_blanks(&at);
		if (!take_u64(&at, &pid) || !take_char(&at, ']'))
			continue;
		for (skip_blanks(&at); take_i64(&at, &number) && take_char(&at, ' '); skip_blanks(&at))
			n++;
		if (n >= NUMBERS_IN_FRONT && has_letter(at)) {
			*ret = at;
			return true;
		}
	}
	return false;
}

int redact_learn_comms(struct redactor *r, struct str line, struct err *err)
{
	struct str name = line;

	/* of /proc/PID/status, which the recorder copies in an OOM */
	if (take_lit(&name, STR("Name:\t")))
		return redact_learn(r, REDACT_COMM, name, err);
	if (learn_marked(r, line, err) != 0)
		return -1;
	return task_row(line, &name) ? redact_learn(r, REDACT_COMM, str_trim(name), err) : 0;
}
