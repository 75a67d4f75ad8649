/* SPDX-License-Identifier: MIT */
/* loop_line.c - what a line is, by its content. */
#include "vmlog/loop_line.h"

#include "vmlog/loop_time.h"
#include "vmlog/tool_tables.h"

const struct str loop_names[LOOP_FILES] = {
	[LOOP_NONE] = STR_INIT("?"),
	[LOOP_MEMINFO] = STR_INIT("meminfo"),
	[LOOP_VMSTAT] = STR_INIT("vmstat"),
	[LOOP_ZONEINFO] = STR_INIT("zoneinfo"),
	[LOOP_BUDDYINFO] = STR_INIT("buddyinfo"),
	[LOOP_SLABINFO] = STR_INIT("slabinfo"),
	[LOOP_PAGETYPEINFO] = STR_INIT("pagetypeinfo"),
	[LOOP_PRESSURE_MEMORY] = STR_INIT("pressure/memory"),
	[LOOP_PRESSURE_IO] = STR_INIT("pressure/io"),
	[LOOP_PRESSURE_CPU] = STR_INIT("pressure/cpu"),
	[LOOP_LOADAVG] = STR_INIT("loadavg"),
	[LOOP_STAT] = STR_INIT("stat"),
	[LOOP_PROCESSES] = STR_INIT("oomreport/top-processes"),
	[LOOP_SLABS] = STR_INIT("oomreport/top-slabs"),
	[LOOP_CGROUPS] = STR_INIT("oomreport/top-cgroups"),
	[LOOP_TOOL_VMSTAT] = STR_INIT("vmstat(8)"),
	[LOOP_TOOL_PROCESSES] = STR_INIT("processes"),
};

/* ---- headings ---- */

static enum loop_file file_named(struct str name)
{
	for (int i = 1; i < LOOP_FILES; i++) {
		if (str_eq(name, loop_names[i]))
			return (enum loop_file)i;
	}
	return LOOP_NONE;
}

bool loop_grepped(struct str *line, enum loop_file *ret)
{
	struct str rest = *line, name;
	enum loop_file file;

	if (!take_lit(&rest, STR("/proc/")) || !take_until(&rest, ':', &name) || rest.n == 0)
		return false;
	file = file_named(name);
	if (file == LOOP_NONE)
		return false;
	*line = rest;
	*ret = file;
	return true;
}

/* "---- meminfo", "/proc/meminfo:", "==> /proc/meminfo <==", "cat /proc/meminfo". */
static bool is_heading(struct str line, enum loop_file *ret)
{
	struct str word = line, path;
	bool marked = false;

	static const struct str marks[] = {STR_INIT("---- "), STR_INIT("==> "),
					   STR_INIT("### "),  STR_INIT("# cat "),
					   STR_INIT("$ cat "), STR_INIT("cat ")};

	for (size_t i = 0; i < ARRAY_COUNT(marks) && !marked; i++)
		marked = take_lit(&word, marks[i]);
	marked |= take_lit(&word, STR("/proc/"));
	if (!marked || !take_word(&word, &path))
		return false;
	(void)take_lit(&path, STR("/proc/"));
	if (path.n && path.p[path.n - 1] == ':')
		path.n--;
	*ret = file_named(path);
	return true;
}

/* ---- lines of files ---- */

/* Key, ':' or blank, number; what is left of the line in *rest. */
static bool key_number(struct str line, char end, struct str *key, struct str *rest)
{
	uint64_t value;

	if (!take_until(&line, end, key) || key->n == 0)
		return false;
	for (size_t i = 0; i < key->n; i++) {
		char c = key->p[i];

		if (!ascii_alpha(c) && !ascii_digit(c) && c != '_' && c != '(' && c != ')')
			return false;
	}
	skip_blanks(&line);
	if (!take_u64(&line, &value))
		return false;
	*rest = str_trim(line);
	return true;
}

static bool is_meminfo(struct str line)
{
	struct str key, rest;

	return key_number(line, ':', &key, &rest) && key.p[0] >= 'A' && key.p[0] <= 'Z' &&
	       (rest.n == 0 || str_eq(rest, STR("kB")));
}

static bool is_vmstat(struct str line)
{
	struct str key, rest;

	return key_number(line, ' ', &key, &rest) && rest.n == 0 && key.p[0] >= 'a' &&
	       key.p[0] <= 'z';
}

static bool is_stat(struct str line)
{
	static const struct str heads[] = {
		STR_INIT("cpu"),       STR_INIT("intr "),	  STR_INIT("ctxt "),
		STR_INIT("btime "),    STR_INIT("processes "),	  STR_INIT("procs_running "),
		STR_INIT("procs_blocked "), STR_INIT("softirq "), STR_INIT("swap "),
		STR_INIT("page "),
	};

	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		if (str_starts(line, heads[i]))
			return true;
	}
	return false;
}

/* "Node 0, zone DMA": zoneinfo; with numbers behind it: buddyinfo; with ", type": pagetypeinfo. */
static enum loop_file node_line(struct str line)
{
	struct str word;

	if (str_find(line, STR(", type")) != SIZE_MAX)
		return LOOP_PAGETYPEINFO;
	if (!take_until_lit(&line, STR("zone"), &word))
		return LOOP_NONE;
	skip_blanks(&line);
	if (!take_word(&line, &word))
		return LOOP_NONE;
	return str_trim(line).n ? LOOP_BUDDYINFO : LOOP_ZONEINFO;
}

/* "0.91 0.52 0.28 2/109 11440" */
static bool is_loadavg(struct str line)
{
	uint64_t n;

	for (int i = 0; i < 3; i++) {
		if (!take_u64(&line, &n) || !take_char(&line, '.') || !take_u64(&line, &n) ||
		    !take_char(&line, ' '))
			return false;
	}
	return take_u64(&line, &n) && take_char(&line, '/') && take_u64(&line, &n);
}

static bool is_slab_line(struct str line)
{
	return str_starts(line, STR("slabinfo - version")) ||
	       str_starts(line, STR("# name ")) ||
	       str_find(line, STR(" : tunables ")) != SIZE_MAX ||
	       str_find(line, STR(" : slabdata ")) != SIZE_MAX;
}

/* What vmstat and top print around their tables, and nothing is taken from. */
static bool is_tool_ornament(struct str line)
{
	static const struct str heads[] = {
		STR_INIT("procs --"), STR_INIT("procs  "), STR_INIT("top - "), STR_INIT("Tasks:"),
		STR_INIT("Threads:"), STR_INIT("%Cpu"),    STR_INIT("Cpu(s):"), STR_INIT("KiB "),
		STR_INIT("MiB "),     STR_INIT("GiB "),    STR_INIT("Mem: "),	 STR_INIT("Swap: "),
	};

	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		if (str_starts(line, heads[i]))
			return true;
	}
	return false;
}

static enum loop_file file_of(struct str line, enum loop_file current, bool headed)
{
	enum loop_file table;

	if (headed)
		return current;
	table = tool_heading(line);
	if (table != LOOP_NONE)
		return table;
	if ((current == LOOP_TOOL_VMSTAT || current == LOOP_TOOL_PROCESSES) &&
	    is_tool_row(current, line))
		return current;
	if (str_starts(line, STR("Node ")))
		return node_line(line);
	if (current == LOOP_ZONEINFO && line.p[0] == ' ')
		return LOOP_ZONEINFO;
	if (current == LOOP_PAGETYPEINFO || str_starts(line, STR("Page block order:")))
		return str_starts(line, STR("Page")) || str_starts(line, STR("Free pages")) ||
				       str_starts(line, STR("Number of blocks"))
			       ? LOOP_PAGETYPEINFO
			       : LOOP_NONE;
	if (is_slab_line(line))
		return LOOP_SLABINFO;
	if (str_starts(line, STR("some avg10=")) || str_starts(line, STR("full avg10=")))
		return current >= LOOP_PRESSURE_MEMORY && current <= LOOP_PRESSURE_CPU
			       ? current
			       : LOOP_PRESSURE_MEMORY;
	if (current == LOOP_STAT ? is_stat(line) : str_starts(line, STR("cpu  ")))
		return LOOP_STAT;
	if (is_meminfo(line))
		return LOOP_MEMINFO;
	if (is_vmstat(line))
		return LOOP_VMSTAT;
	return is_loadavg(line) ? LOOP_LOADAVG : LOOP_NONE;
}

struct loop_line loop_line(struct str line, enum loop_file current, bool headed)
{
	struct loop_line ret = {.kind = LINE_UNKNOWN, .wall_us = UNKNOWN};

	if (line.n == 0 || is_tool_ornament(line))
		return (struct loop_line){.kind = LINE_FILE, .file = LOOP_NONE};
	if (loop_time(line, &ret.wall_us)) {
		ret.kind = LINE_TIME;
	} else if (is_heading(line, &ret.file)) {
		ret.kind = LINE_HEADING;
	} else {
		ret.file = file_of(line, current, headed);
		ret.kind = ret.file == LOOP_NONE && !headed ? LINE_UNKNOWN : LINE_FILE;
	}
	return ret;
}
