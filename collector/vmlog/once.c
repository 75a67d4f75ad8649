/* SPDX-License-Identifier: MIT */
/* once.c - one sample as text, and what there is to say about this machine and recorder. */
#include "vmlog/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/emit.h"
#include "base/when.h"
#include "vmlog/look.h"
#include "vmlog/layout.h"

static const char *const settings[] = {
	"/proc/version", "/proc/cmdline", "/proc/sys/vm/overcommit_memory",
	"/proc/sys/vm/overcommit_ratio", "/proc/sys/vm/swappiness",
	"/proc/sys/vm/min_free_kbytes", "/proc/sys/vm/watermark_scale_factor",
	"/proc/sys/vm/watermark_boost_factor", "/proc/sys/vm/vfs_cache_pressure",
	"/proc/sys/vm/dirty_ratio", "/proc/sys/vm/dirty_background_ratio",
	"/proc/sys/vm/panic_on_oom", "/proc/sys/vm/oom_kill_allocating_task",
	"/proc/sys/vm/zone_reclaim_mode", "/proc/sys/vm/nr_hugepages",
	"/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/mm/lru_gen/enabled",
	"/sys/module/zswap/parameters/enabled",
};

static void say_state(struct out *o, const char *what, int errnum)
{
	out_line(o, "%s: %s\n", what, errnum == 0 ? "yes" : errnum < 0 ? "not asked for"
								  : strerror(errnum));
}

static void say_settings(struct out *o, const struct root *root)
{
	char room[300];

	for (size_t i = 0; i < ARRAY_COUNT(settings); i++) {
		CLEANUP_FD int fd = root_openat(root, settings[i], O_RDONLY);
		ssize_t n = fd < 0 ? 0 : fd_read(fd, room, sizeof(room));
		struct str text = str_trim((struct str){room, n > 0 ? (size_t)n : 0});

		if (text.n)
			out_line(o, "%s: %.*s\n", settings[i], STR_ARG(text));
	}
}

static void say_boot(struct out *o, const struct ring_boot *boot)
{
	out_line(o, "boot: ");
	for (size_t i = 0; i < sizeof(boot->id); i++)
		out_line(o, "%02x", boot->id[i]);
	out_line(o, "\n");
}

void describe(struct sources *s, const struct watch *w, const struct armour *a,
	      const struct ring_boot *boot, const struct recorder_options *opt)
{
	struct source *info = &s->v[s->made[MADE_INFO]];
	struct out o = {(uint8_t *)info->cur.p, 0, info->room, false, NULL};

	if (!info->cur.p)
		return;
	out_line(&o, "recorder: %s\n", OOMREPORT_VERSION);
	say_settings(&o, s->root);
	if (boot)
		say_boot(&o, boot);
	out_line(&o, "interval_us: %lld%s\n", (long long)opt->sampler.interval_us,
	    opt->sampler.adaptive ? " (adaptive)" : "");
	if (a) {
		say_state(&o, "memory locked", a->locked);
		say_state(&o, "memory pinned", a->pinned);
		say_state(&o, "oom_score_adj -1000", a->oom_score_adj);
		say_state(&o, "SCHED_FIFO", a->realtime);
	}
	if (w && w->kmsg < 0)
		out_line(&o, "missing: /dev/kmsg: %s\n", w->kmsg_errno ? strerror(w->kmsg_errno)
								  : "not of this machine");
	if (w && w->psi < 0)
		out_line(&o, "missing: PSI trigger: %s\n", w->psi_errno ? strerror(w->psi_errno)
								   : "not of this machine");
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].path[0] && s->v[i].fd < 0 && s->v[i].class != VM_OFF)
			out_line(&o, "missing: %s: %s\n", s->v[i].path, strerror(s->v[i].cur.errnum));
	}
	info->cur.n = o.n;
	info->cur.known = true;
	info->last.n = o.n;
	info->last.known = true;
	memcpy(info->last.p, info->cur.p, o.n);
}

static int print(struct sink out, struct str s, struct err *err)
{
	return s.n ? out.write(out.ctx, s, err) : 0;
}

int record_once(struct sources *s, struct survey *survey, struct err *err)
{
	static const int fd = STDOUT_FILENO;
	struct sink out = sink_shown(&fd);
	char line[256];

	survey_run(survey, WANT_MEDIUM | WANT_SLOW | WANT_EVENT);
	if (print(out, layout_time(line, sizeof(line), when_now(), 0), err) != 0)
		return -1;
	for (size_t i = 0; i < s->n; i++) {
		struct source *at = &s->v[i];
		struct text *t = at->survey && at->handed.p ? &at->handed : &at->cur;
		struct str name = str_of(at->name);

		if (at->class == VM_OFF || i == s->made[MADE_RECORDER])
			continue;
		if (at->fd >= 0 && !at->survey)
			source_read(at, t, at->room);
		if (!at->path[0] && t->n == 0)
			continue;
		if (print(out, layout_name(line, sizeof(line), name, t->errnum, t->cut), err) ||
		    print(out, (struct str){t->p, t->n}, err))
			return -1;
	}
	return 0;
}
