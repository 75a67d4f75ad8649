/* SPDX-License-Identifier: MIT */
/* census.c - /proc/PID of all processes as one table, without allocating. */
#include "vmlog/census.h"

#include <stdio.h>
#include <unistd.h>

#include "base/when.h"

enum {
	LAST_LINE = 160,  /* kept free for it */
	STACK_LINES = 12, /* the innermost frames */
};

/* Numbers of /proc/PID/status, in the order of the columns. */
static const struct {
	struct str key;
	const char *column;
} numbers[] = {
    {STR_INIT("\nPPid:"), "ppid"},	     {STR_INIT("\nUid:"), "uid"},
    {STR_INIT("\nThreads:"), "threads"},     {STR_INIT("\nVmSize:"), "vm_kb"},
    {STR_INIT("\nVmRSS:"), "rss_kb"},	     {STR_INIT("\nRssAnon:"), "rss_anon_kb"},
    {STR_INIT("\nRssFile:"), "rss_file_kb"}, {STR_INIT("\nRssShmem:"), "rss_shmem_kb"},
    {STR_INIT("\nVmSwap:"), "swap_kb"},	     {STR_INIT("\nVmLck:"), "locked_kb"},
    {STR_INIT("\nVmPTE:"), "pagetables_kb"},
};

struct count {
	int processes, files, left_out;
	int64_t cpu_us; /* at the start */
	void (*breathe)(void);
};

static struct str read_of(struct count *n, int proc_fd, const char *pid, const char *file,
			  char *room, size_t size)
{
	char path[64];
	struct str text;

	snprintf(path, sizeof(path), "%.20s/%s", pid, file);
	text = look_read(proc_fd, path, room, size);
	n->files += text.n > 0;
	n->breathe();
	return text;
}

static void out_number(struct out *o, struct str text, struct str key)
{
	int64_t value;

	if (key.n ? look_number(text, key, &value) : take_i64(&text, &value))
		out_line(o, "\t%lld", (long long)value);
	else
		out_bytes(o, STR("\t-"));
}

/* A name or path as one cell. */
static void out_cell(struct out *o, struct str text)
{
	out_byte(o, '\t');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		out_byte(o, c < 0x20 || c == 0x7f ? '?' : c);
	}
}

/* The group that the memory controller counts for: v1 by its name, else the one of v2. */
static struct str memory_group(struct str text)
{
	struct str line, found = STR("-"), word;

	while (take_line(&text, &line)) {
		struct str rest = line, names;

		if (!take_until(&rest, ':', &word) || !take_until(&rest, ':', &names))
			continue;
		if (names.n == 0)
			found = rest;
		else if (str_eq(names, STR("memory")))
			return rest;
	}
	return found;
}

/* pid (comm) state ppid pgrp session tty tpgid flags minflt cminflt majflt: the 12th. */
static void out_stat(struct out *o, struct str stat, char state)
{
	size_t open = str_find_char(stat, '('), close = str_rfind(stat, STR(")"));
	struct str comm = STR("?"), rest = STR(""), word;

	if (open != SIZE_MAX && close != SIZE_MAX && close > open) {
		comm = str_sub(stat, open + 1, close - open - 1);
		rest = str_from(stat, close + 1);
	}
	for (int field = 3; field < 12; field++) {
		skip_blanks(&rest);
		(void)take_word(&rest, &word);
	}
	skip_blanks(&rest);
	out_number(o, rest, STR(""));
	out_line(o, "\t%c", state);
	out_cell(o, comm);
}

static void out_stack(struct out *o, struct str text)
{
	struct str line;

	for (int i = 0; i < STACK_LINES && take_line(&text, &line); i++) {
		if (str_starts(line, STR("[<0>] ")))
			line = str_from(line, 6);
		out_cell(o, line);
		out_byte(o, '\n');
	}
}

static char state_of(struct str status)
{
	size_t at = str_find(status, STR("\nState:"));
	struct str rest = str_from(status, at == SIZE_MAX ? status.n : at + 7);

	skip_blanks(&rest);
	return rest.n ? rest.p[0] : '?';
}

/* False: it is gone, or a kernel thread that waits for nothing. */
static bool one_process(struct out *o, struct count *n, int proc_fd, const char *pid)
{
	char status_room[4096], room[1024];
	struct str status =
	    read_of(n, proc_fd, pid, "status", status_room, sizeof(status_room));
	char state = state_of(status);

	if (status.n == 0 ||
	    (state != 'D' && str_find(status, STR("\nVmSize:")) == SIZE_MAX &&
	     state != 'Z'))
		return false;
	out_bytes(o, str_of(pid));
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
		out_number(o, status, numbers[i].key);
	out_number(o, read_of(n, proc_fd, pid, "oom_score", room, sizeof(room)), STR(""));
	out_number(o, read_of(n, proc_fd, pid, "oom_score_adj", room, sizeof(room)),
		   STR(""));
	out_stat(o, read_of(n, proc_fd, pid, "stat", room, sizeof(room)), state);
	out_cell(o, memory_group(read_of(n, proc_fd, pid, "cgroup", room, sizeof(room))));
	out_cell(o, state == 'D' ? read_of(n, proc_fd, pid, "wchan", room, sizeof(room))
				 : STR("-"));
	out_byte(o, '\n');
	if (state == 'D')
		out_stack(o, read_of(n, proc_fd, pid, "stack", room, sizeof(room)));
	n->processes++;
	return true;
}

void census(struct out *o, int proc_fd, void (*breathe)(void))
{
	static struct listing l;
	struct count n = {.cpu_us = when_thread_cpu(), .breathe = breathe};
	int64_t start = when_monotonic(), read_us, used_us;
	const char *name;
	uint8_t type;

	l.fd = proc_fd;
	l.at = l.n = 0;
	if (proc_fd < 0 || o->room < LAST_LINE || lseek(proc_fd, 0, SEEK_SET) < 0)
		return;
	o->room -= LAST_LINE;
	out_bytes(o, STR("pid"));
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
		out_line(o, "\t%s", numbers[i].column);
	out_bytes(o, STR("\toom_score\toom_score_adj\tmajor_"
			 "faults\tstate\tcomm\tcgroup\twchan\n"));
	while ((name = listing_next(&l, &type))) {
		size_t before = o->n;

		if (!ascii_digit(name[0]))
			continue;
		if (!one_process(o, &n, proc_fd, name) || o->full) {
			n.left_out += o->full;
			o->n = before; /* whole lines only */
			o->full = false;
		}
	}
	o->room += LAST_LINE;
	read_us = when_monotonic() - start;
	used_us = when_thread_cpu() - n.cpu_us;
	out_line(o, "# %d processes, %d files in %lld.%03lld s (%lld.%03lld s CPU)",
		 n.processes, n.files, (long long)(read_us / 1000000),
		 (long long)(read_us / 1000 % 1000), (long long)(used_us / 1000000),
		 (long long)(used_us / 1000 % 1000));
	if (n.left_out)
		out_line(o, ", %d more did not fit", n.left_out);
	out_byte(o, '\n');
}
