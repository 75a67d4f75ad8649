/* SPDX-License-Identifier: MIT */
/* collect_keep.c - what is kept beside the machine's files: the recorded series in the bundle, and
 * the mapping of redacted names with the user. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/collect.h"

/* ---- vmlog/ ---- */

static int export_as(struct collect *c, enum vmlog_format format, const char *path,
		     struct err *err)
{
	struct bundle_entry entry = {.path = path, .source = c->o->vmlog, .read_at_us = c->now_us,
				     .cut_rank = 3};
	struct err why = {.code = ERR_NONE};

	if (pipe_begin(&c->pipe, path, err) != 0)
		return -1;
	if (vmlog_export(c->o->vmlog, UNKNOWN, UNKNOWN, format, pipe_sink(&c->pipe), &why) != 0) {
		log_warn("%s", why.text);
		entry.note = why.text;
	}
	return pipe_end(&c->pipe, &entry, err);
}

int collect_vmlog(struct collect *c, struct err *err)
{
	const struct event *first = report_subject(c->report);
	struct err why = {.code = ERR_NONE};

	if (!c->o->vmlog)
		return 0;
	if (c->has_series)
		series_free(&c->series);
	c->has_series = false;
	collect_progress(c, "reading the recorded samples", 0);
	if (series_read(&c->series, c->o->vmlog, first ? first->wall_us : UNKNOWN, &why) != 0) {
		*err = why; /* it was named: not to find it is an error */
		return -1;
	}
	c->has_series = true;
	if (export_as(c, VMLOG_TEXT, "vmlog/vmlog.txt", err) != 0)
		return -1;
	return export_as(c, VMLOG_CSV, "vmlog/vmlog.csv", err);
}

/* ---- the mapping ---- */

/* ~/.local/state/oomreport/mappings/TOP.json, by the XDG base directory specification. */
static bool mapping_path(const struct collect *c, char out[4096])
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *p;
	int n;

	if (state && state[0] == '/')
		n = snprintf(out, 4096, "%s/oomreport/mappings/%s.json", state, c->top);
	else if (home && home[0] == '/')
		n = snprintf(out, 4096, "%s/.local/state/oomreport/mappings/%s.json", home, c->top);
	else
		return false;
	if (n < 0 || n >= 4096)
		return false;
	for (p = out + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(out, 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES) {
			*p = '/';
			return false;
		}
		*p = '/';
	}
	return true;
}

/* Without it the desk's answer about "host1" cannot be read back; the bundle is good all the
 * same, so this is never an error. */
void collect_keep_mapping(struct collect *c)
{
	CLEANUP_PUBLISH struct publish file = PUBLISH_CLOSED;
	struct err err = {.code = ERR_NONE};
	char path[4096];

	if (!mapping_path(c, path)) {
		log_info("there is no place for the mapping of replaced names");
		return;
	}
	if (publish_open(&file, path, &err) != 0 ||
	    redact_mapping(c->redactor, sink_fd(&file.fd), &err) != 0 ||
	    publish_commit(&file, true, 0600, &err) != 0)
		log_info("the mapping of replaced names is not kept: %s", err.text);
	else
		log_info("what was replaced by what is in %s: keep it, do not send it", path);
}
