/* SPDX-License-Identifier: MIT */
/* members.c - which files of a sos report, a supportconfig, a bundle or any tree are kernel
 * logs, and the log sections of a supportconfig file. */
#include <fnmatch.h>

#include "source/input.h"

/* First row whose pattern fits the path or any tail of it that begins behind a '/'. */
static const struct {
	const char *pattern;
	enum member_kind kind;
} rows[] = {
	/* what only looks like one */
	{"*--disk-usage*", MEMBER_OTHER},
	{"*--list-boots*", MEMBER_OTHER},
	{"*--verify*", MEMBER_OTHER},
	{"*.conf", MEMBER_OTHER},
	{"*.service", MEMBER_OTHER},
	{"*.html", MEMBER_OTHER},
	{"dmesg_restrict", MEMBER_OTHER},
	{"etc/*/*", MEMBER_OTHER},
	/* what a dead kernel left */
	{"vmcore-dmesg*", MEMBER_VMCORE},
	{"sys/fs/pstore/*", MEMBER_PSTORE},
	{"var/lib/systemd/pstore/*/dmesg*", MEMBER_PSTORE},
	{"var/lib/systemd/pstore/*/*/dmesg*", MEMBER_PSTORE},
	{"console-ramoops*", MEMBER_PSTORE},
	{"dmesg-ramoops*", MEMBER_PSTORE},
	{"dmesg-efi*", MEMBER_PSTORE},
	{"last_kmsg*", MEMBER_PSTORE},
	/* supportconfig */
	{"scc_*/boot.txt", MEMBER_SECTIONS},
	{"scc_*/messages.txt", MEMBER_SECTIONS},
	{"scc_*/crash.txt", MEMBER_SECTIONS},
	{"nts_*/boot.txt", MEMBER_SECTIONS},
	{"nts_*/messages.txt", MEMBER_SECTIONS},
	{"nts_*/crash.txt", MEMBER_SECTIONS},
	{"boot.txt", MEMBER_SECTIONS},
	{"messages.txt", MEMBER_SECTIONS},
	/* sos, older sos, and plain trees */
	{"sos_commands/*/dmesg*", MEMBER_LOG},
	{"sos_commands/logs/journalctl*", MEMBER_LOG},
	{"sos_strings/*/*var.log.messages*", MEMBER_LOG}, /* the end of one that is too long for it */
	{"sos_strings/*/*var.log.syslog*", MEMBER_LOG},
	{"sos_strings/*/*var.log.kern*.log*", MEMBER_LOG},
	{"var/log/messages*", MEMBER_LOG},
	{"var/log/syslog*", MEMBER_LOG},
	{"var/log/kern*.log*", MEMBER_LOG},
	{"dmesg", MEMBER_LOG},
	{"dmesg.*", MEMBER_LOG},
	{"dmesg-*", MEMBER_LOG},
	{"dmesg_*", MEMBER_LOG},
	{"*.dmesg", MEMBER_LOG},
	{"messages", MEMBER_LOG},
	{"messages[-.]*", MEMBER_LOG},
	{"syslog", MEMBER_LOG},
	{"syslog[-.]*", MEMBER_LOG},
	{"kern.log*", MEMBER_LOG},
	{"kernel.log*", MEMBER_LOG},
	{"journalctl*", MEMBER_LOG},
	{"journal*.export*", MEMBER_LOG},
	{"*.journal", MEMBER_LOG},
	{"*.journal~", MEMBER_LOG}, /* it was not closed: renamed by the next start */
	{"*.journal.*", MEMBER_LOG},
	{"bugreport-*.txt", MEMBER_LOG},
};

static const char *behind_slash(const char *path)
{
	while (*path && *path != '/')
		path++;
	return *path ? path + 1 : NULL;
}

static bool fits(const char *pattern, const char *path)
{
	for (; path; path = behind_slash(path))
		if (fnmatch(pattern, path, FNM_PATHNAME) == 0)
			return true;
	return false;
}

/* The path inside the top folder. */
static const char *inside(const char *path)
{
	const char *rest;

	while (path[0] == '.' && path[1] == '/')
		path += 2;
	rest = behind_slash(path);
	return rest ? rest : path;
}

bool member_says_bundle(const char *path)
{
	return str_eq(str_of(inside(path)), STR("MANIFEST.json"));
}

enum member_kind member_kind(const char *path, bool bundle)
{
	if (bundle) {
		struct str in = str_of(inside(path));

		if (str_eq(in, STR("report.json")))
			return MEMBER_REPORT;
		return str_starts(in, STR("log/")) ? MEMBER_LOG : MEMBER_OTHER;
	}
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (fits(rows[i].pattern, path))
			return rows[i].kind;
	return MEMBER_OTHER;
}

/* ---- supportconfig ---- */

/*	#==[ Command ]======================================#
 *	# /bin/dmesg -T
 *	...
 *	#==[ Log File ]=====================================#
 *	# /var/log/messages - Last 5000 Lines
 */
struct sections {
	struct lines lines;
	struct str left; /* of the line being given, with its '\n' to come */
	bool newline, heading, wanted;
};

static bool heading_wanted(struct str line)
{
	static const struct str logs[] = {
		STR_INIT("dmesg"),     STR_INIT("/var/log/messages"), STR_INIT("journalctl"),
		STR_INIT("/boot.msg"), STR_INIT("/var/log/kern"),     STR_INIT("/var/log/syslog"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(logs); i++)
		if (str_find(line, logs[i]) != SIZE_MAX)
			return true;
	return false;
}

static ssize_t sections_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct sections *s = in->own;

	while (s->left.n == 0 && !s->newline) {
		struct str line;
		int rc = lines_next(&s->lines, &line, err);

		if (rc <= 0)
			return rc;
		if (str_starts(line, STR("#==["))) {
			s->heading = true;
			s->wanted = false;
		} else if (s->heading) {
			s->heading = false;
			s->wanted = heading_wanted(line);
		} else if (s->wanted) {
			s->left = line;
			s->newline = true;
		}
	}
	if (s->left.n == 0) {
		s->newline = false;
		p[0] = '\n';
		return 1;
	}
	if (n > s->left.n)
		n = s->left.n;
	memcpy(p, s->left.p, n);
	s->left = str_from(s->left, n);
	return (ssize_t)n;
}

struct stream *sections_open(struct arena *a, struct stream *below, struct err *err)
{
	struct stream *in = stream_over(a, below, sizeof(struct sections), err);
	struct sections *s = in ? in->own : NULL;

	if (!s)
		return NULL;
	if (lines_init(&s->lines, a, below, err) != 0) {
		stream_close(in);
		return NULL;
	}
	in->read = sections_read;
	return in;
}
