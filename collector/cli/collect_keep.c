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

/* What is read, and of which time: the window that the recorder protects around an OOM. */
struct recording {
	char path[4096];
	bool named; /* by --vmlog; else found where the recorder keeps it */
	int64_t since_us, until_us;
};

static int export_as(struct collect *c, const struct recording *r, enum vmlog_format format,
		     const char *path, struct err *err)
{
	struct bundle_entry entry = {.path = path, .source = r->path, .read_at_us = c->now_us,
				     .cut_rank = 3};
	struct err why = {.code = ERR_NONE};

	if (pipe_begin(&c->pipe, path, err) != 0)
		return -1;
	if (vmlog_export(r->path, r->since_us, r->until_us, format, pipe_sink(&c->pipe), &why) !=
	    0) {
		log_warn("%s", why.text);
		entry.note = why.text;
	}
	return pipe_end(&c->pipe, &entry, err);
}

static int export_at_oom(struct collect *c, const struct recording *r, struct err *err)
{
	struct bundle_entry entry = {.path = "vmlog/at-oom.txt", .source = r->path,
				     .read_at_us = c->series.event_us, .cut_rank = 2};
	struct err why = {.code = ERR_NONE};

	if (pipe_begin(&c->pipe, entry.path, err) != 0)
		return -1;
	if (vmlog_at_oom(r->path, c->series.event_us, pipe_sink(&c->pipe), &why) != 0) {
		log_warn("%s", why.text);
		entry.note = why.text;
	}
	return pipe_end(&c->pipe, &entry, err);
}

static bool find_recording(const struct collect *c, int64_t event_us, struct recording *ret)
{
	int64_t around = event_us;

	ret->named = c->o->vmlog != NULL;
	if (ret->named)
		snprintf(ret->path, sizeof(ret->path), "%s", c->o->vmlog);
	else if (!vmlog_find(&c->root, ret->path, sizeof(ret->path)))
		return false;
	/* without an event: all that was named, but of a recorder's day only its last minutes */
	if (around == UNKNOWN && !ret->named)
		around = c->now_us;
	ret->since_us = around == UNKNOWN ? UNKNOWN : around - VMLOG_BEFORE_US;
	ret->until_us = around == UNKNOWN ? UNKNOWN : around + VMLOG_AFTER_US;
	return true;
}

/* What was named and cannot be read is said before minutes go into gathering the rest. */
int collect_vmlog_check(const struct collect *c, struct err *err)
{
	struct series s;

	if (!c->o->vmlog)
		return 0;
	if (series_read(&s, c->o->vmlog, UNKNOWN, err) != 0)
		return -1;
	series_free(&s);
	return 0;
}

int collect_vmlog(struct collect *c, struct err *err)
{
	const struct event *first = report_subject(c->report);
	int64_t event_us = first ? first->wall_us : UNKNOWN, around;
	struct recording r;
	struct err why = {.code = ERR_NONE};
	int rc;

	if (!find_recording(c, event_us, &r))
		return 0;
	if (c->has_series)
		series_free(&c->series);
	c->has_series = false;
	collect_progress(c, "reading the recorded samples", 0);
	around = r.since_us == UNKNOWN ? UNKNOWN : r.since_us + VMLOG_BEFORE_US;
	rc = series_read(&c->series, r.path, around, &why);
	if (rc != 0 && r.named && around != UNKNOWN) {
		/* somebody's loop may count in another time zone: better all of it than nothing */
		log_warn("%s; all of it is taken", why.text);
		why = (struct err){.code = ERR_NONE};
		r.since_us = r.until_us = UNKNOWN;
		rc = series_read(&c->series, r.path, UNKNOWN, &why);
	}
	if (rc != 0 && r.named) {
		*err = why; /* it was named: not to find it is an error */
		return -1;
	}
	if (rc != 0) {
		log_info("%s", why.text);
		return 0;
	}
	c->has_series = true;
	if (c->series.event_us != UNKNOWN && export_at_oom(c, &r, err) != 0)
		return -1;
	if (export_as(c, &r, VMLOG_TEXT, "vmlog/vmlog.txt", err) != 0)
		return -1;
	return export_as(c, &r, VMLOG_CSV, "vmlog/vmlog.csv", err);
}

/* ---- the mapping ---- */

enum { MAPPINGS_MAX = 999 }; /* of bundles of one name */
#define WITHOUT_IT "an answer about this bundle cannot be read back"

static bool make_folders(char path[4096])
{
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		bool made;

		*p = '\0';
		made = mkdir(path, 0700) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES;
		*p = '/';
		if (!made)
			return false;
	}
	return true;
}

/* The mapping of another bundle of this name, that lies elsewhere or was sent, is never lost:
 * its user1 is somebody else. With --force that bundle is replaced, and so is its mapping. */
static bool free_place(const struct collect *c, char path[4096], unsigned *ret_nth)
{
	struct stat st;

	for (unsigned nth = 1; nth <= MAPPINGS_MAX; nth++) {
		if (!mapping_path(&c->caller, str_of(c->stem), nth, path))
			return false;
		*ret_nth = nth;
		if (c->o->force || lstat(path, &st) != 0)
			return true;
	}
	return false;
}

static void keep_mapping(struct collect *c)
{
	CLEANUP_PUBLISH struct publish file = PUBLISH_CLOSED;
	struct err err = {.code = ERR_NONE};
	unsigned nth = 0;
	char path[4096];

	if (!free_place(c, path, &nth)) {
		log_warn("there is no place for the mapping of replaced names, no $HOME and no "
			 "$XDG_STATE_HOME: " WITHOUT_IT);
		return;
	}
	if (!make_folders(path))
		(void)err_sys(&err, errno, "%s", path);
	if (err.code != ERR_NONE || publish_open(&file, path, &err) != 0 ||
	    redact_mapping(c->redactor, sink_fd(&file.fd), &err) != 0 ||
	    publish_commit(&file, c->o->force, 0600, &err) != 0)
		log_warn("the mapping of replaced names is not kept (%s): " WITHOUT_IT, err.text);
	else if (nth > 1)
		log_warn("there was a bundle of this name before: what was replaced by what in this one "
			 "is in %s, which 'oomreport reveal' wants to be told", path);
	else
		log_info("what was replaced by what is in %s: keep it, do not send it; 'oomreport "
			 "reveal' reads an answer with it", path);
}

/* Without it the desk's answer about "host1" cannot be read back; the bundle is good all the
 * same, so this is never an error. It is the caller's, in a place of the caller's. */
void collect_keep_mapping(struct collect *c)
{
	if (!caller_become(&c->caller))
		return log_warn("the mapping of replaced names is not kept: " WITHOUT_IT);
	keep_mapping(c);
	caller_return(&c->caller);
}
