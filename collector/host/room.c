/* SPDX-License-Identifier: MIT */
/* room.c - may a program be started here? Its memory is charged to the same control group as ours,
 * and where that is short, the OOM killer would answer. */
#include <stdio.h>

#include "host/parts.h"

/* A program of a distribution (journalctl, oomctl) needs some ten MiB. */
enum { ROOM_KB = 32 * 1024 };

static bool number_in(const struct root *root, const char *path, struct str before, uint64_t *ret)
{
	CLEANUP_BUF struct buf b = BUF_INIT(64 * 1024);
	struct str text, head;
	int errnum;

	if (file_read(root, path, &b, &errnum) == READ_ERROR)
		return false;
	text = buf_str(&b);
	if (before.n && !take_until_lit(&text, before, &head))
		return false;
	while (text.n && text.p[0] == ' ')
		text = str_from(text, 1);
	return take_u64(&text, ret); /* "max" is no number, and no limit */
}

/* The limits of the group and of those above it: DIR is where the hierarchy is mounted. */
static bool limit_is_low(const struct root *root, const char *dir, struct str group,
			 const char *name)
{
	for (;;) {
		char path[HOST_PATH];
		uint64_t bytes;

		snprintf(path, sizeof(path), "%s%.*s/%s", dir, STR_ARG(group), name);
		if (number_in(root, path, STR(""), &bytes) && bytes / 1024 < ROOM_KB)
			return true;
		while (group.n && group.p[group.n - 1] != '/')
			group.n--;
		if (!group.n)
			return false;
		group.n--; /* the slash; the root's own group is "" */
	}
}

bool host_group_is_small(const struct root *root)
{
	CLEANUP_BUF struct buf b = BUF_INIT(64 * 1024);
	struct str text, line, head;
	int errnum;

	if (file_read(root, "/proc/self/cgroup", &b, &errnum) == READ_ERROR)
		return false;
	for (text = buf_str(&b); take_line(&text, &line);) {
		if (str_starts(line, STR("0::")))
			head = str_from(line, 3);
		else if (!take_until_lit(&line, STR(":memory:"), &head))
			continue;
		else
			head = line;
		if (limit_is_low(root, "/sys/fs/cgroup", head, "memory.max") ||
		    limit_is_low(root, "/sys/fs/cgroup/memory", head, "memory.limit_in_bytes"))
			return true;
	}
	return false;
}

bool host_room_is_short(const struct root *root)
{
	uint64_t available_kb;

	return (number_in(root, "/proc/meminfo", STR("MemAvailable:"), &available_kb) &&
		available_kb < ROOM_KB) ||
	       host_group_is_small(root);
}
