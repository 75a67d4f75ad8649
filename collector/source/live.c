/* SPDX-License-Identifier: MIT */
/* live.c - the kernel log of a machine: whatever of it can be read, the best way first. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/when.h"
#include "source/input.h"

struct live {
	struct root root;
	struct log_list crashes; /* given by source_next(), after the log itself */
	size_t at;
	struct stream *two[2]; /* the head that was found elsewhere, and the ring */
	struct parts journals; /* of another machine */
	const volatile int *stop;
};

static struct stream *open_of_two(void *own, size_t index, struct err *err)
{
	struct live *l = own;

	(void)err;
	return l->two[index];
}

/* The ring, with its head put before it where that was lost and can be found. */
static void put_head(struct source *s, struct live *l, struct head_of of)
{
	char from[128] = "";
	struct err ignored = {0};
	struct str first;

	if (!s->info.head_lost || of.us == UNKNOWN)
		return;
	l->two[0] = head_open(&s->arena, &l->root, &of, l->stop, from);
	if (!l->two[0] || stream_peek(l->two[0], &first, &ignored) || !first.n) {
		stream_close(l->two[0]);
		source_note(&s->info, "the ring buffer has lost its beginning, and neither the "
				      "journal nor log files have it");
		return;
	}
	l->two[1] = s->in;
	s->in = stream_concat(&s->arena, open_of_two, l, 2, &ignored);
	if (!s->in) {
		s->in = l->two[1];
		stream_close(l->two[0]);
		return;
	}
	if (line_us(first, NULL) < 1000000)
		s->info.head_lost = false;
	source_note(&s->info, "the ring buffer has lost its beginning: what comes before "
			      "%lld.%06lld s is from %s",
		    (long long)(of.us / 1000000), (long long)(of.us % 1000000), from);
}

static void set_name(struct source *s, enum source_kind kind, const char *name)
{
	s->info.kind = kind;
	snprintf(s->info.name, sizeof(s->info.name), "%.*s",
		 (int)sizeof(s->info.name) - 1, name);
}

static bool is_restricted(const struct live *l)
{
	char text[8] = "";
	CLEANUP_FD int fd = root_openat(&l->root, "/proc/sys/kernel/dmesg_restrict", O_RDONLY);

	return fd >= 0 && fd_read(fd, text, sizeof(text) - 1) > 0 && text[0] == '1';
}

/* This boot of this machine: the first of the three that works. */
static int open_ring(struct source *s, struct live *l, struct err *err)
{
	struct head_of of;
	struct err why = {0};
	int first;

	s->info.boot_us = when_booted();
	set_name(s, SOURCE_KMSG, "/dev/kmsg");
	s->in = kmsg_open(&s->arena, &l->root, "/dev/kmsg", &s->info, err);
	if (s->in) {
		put_head(s, l, kmsg_oldest(s->in));
		return 0;
	}
	first = errno;
	source_note(&s->info, "/dev/kmsg: %s%s", strerror(first),
		    first == EPERM || first == EACCES
			    ? (is_restricted(l) ? " (kernel.dmesg_restrict=1): run as root"
						: ": run as root")
			    : "");
	set_name(s, SOURCE_KMSG, "klogctl(2)");
	s->in = klogctl_open(&s->arena, &of, &s->info, err);
	if (s->in) {
		put_head(s, l, of);
		return 0;
	}
	set_name(s, SOURCE_JOURNAL, "journalctl -b 0");
	s->in = journalctl_open(&s->arena, &l->root, 0, NULL, l->stop, &why);
	if (s->in)
		return 0;
	err_set(err, ERR_REFUSED, "the kernel's ring: %s, and %s", strerror(first), why.text);
	return err_hint(err, "run as root, or give the log as a file");
}

/* The best family of log files: they overlap, so one of them. */
static int open_files(struct source *s, struct live *l, struct err *err)
{
	struct log_list list;

	if (logs_find_files(&s->arena, &l->root, &list, err))
		return -1;
	if (list.note[0])
		source_note(&s->info, "%s", list.note);
	for (size_t i = 0; i < list.n && !s->in; i++) {
		struct err ignored = {0};
		struct str head;

		s->in = logs_open(&s->arena, &l->root, &list.items[i], &ignored);
		if (!s->in || stream_peek(s->in, &head, &ignored) || !head.n) {
			stream_close(s->in);
			s->in = NULL;
			continue;
		}
		s->info.kind = SOURCE_FILE;
		if (list.items[i].n_parts > 1)
			snprintf(s->info.name, sizeof(s->info.name), "%s and %zu older",
				 list.items[i].path, list.items[i].n_parts - 1);
		else
			snprintf(s->info.name, sizeof(s->info.name), "%s", list.items[i].path);
	}
	return 0;
}

static int next_crash(struct source *s, struct err *err)
{
	struct live *l = s->own;

	while (l->at < l->crashes.n) {
		const struct log_item *item = &l->crashes.items[l->at++];
		struct stream *in = logs_open(&s->arena, &l->root, item, err);
		struct err ignored = {0};
		struct str head;

		if (!in || stream_peek(in, &head, &ignored) || !head.n) {
			stream_close(in);
			continue;
		}
		memset(&s->info, 0, sizeof(s->info));
		set_name(s, item->kind, item->path);
		s->in = in;
		return 1;
	}
	return 0;
}

/* Another machine's journal, which needs no journalctl: that here may be older, or not there. */
static void open_journal_files(struct source *s, struct live *l, int boot, struct err *why)
{
	char id[64] = "";
	CLEANUP_FD int said = root_openat(&l->root, "/etc/machine-id", O_RDONLY);
	ssize_t n = said < 0 ? -1 : fd_read(said, id, sizeof(id) - 1);
	struct str machine = str_trim((struct str){id, n > 0 ? (size_t)n : 0});
	size_t at;

	if (str_find_char(machine, '/') != SIZE_MAX)
		machine.n = 0;
	l->journals.boot = boot;
	if (logs_find_journals(&l->root, machine, &l->journals)) {
		err_set(why, ERR_NOMEM, "no memory for the names of the journal's files");
		return;
	}
	parts_group(&l->journals, &s->log);
	if (!parts_next(&l->journals, s, l->root.path)) {
		*why = l->journals.why;
		(void)journal_lacks_boot(why);
		return;
	}
	at = str_of(s->info.name).n;
	snprintf(s->info.name + at, sizeof(s->info.name) - at, ", boot %d", boot);
}

/* Boots are those of journalctl -b, 0 the last one. */
static void open_journal(struct source *s, struct live *l, int boot, struct err *why)
{
	char name[40];

	if (!root_is_live(&l->root)) {
		open_journal_files(s, l, boot, why);
		return;
	}
	snprintf(name, sizeof(name), "journalctl -b %d", boot);
	set_name(s, SOURCE_JOURNAL, name);
	s->in = journalctl_open(&s->arena, &l->root, boot, NULL, l->stop, why);
}

static int no_log(const struct live *l, const struct err *why, struct err *err)
{
	err_set(err, ERR_IO, "no kernel log of %s: %s",
		root_is_live(&l->root) ? "that boot" : l->root.path, why->text);
	return err_hint(err, "give a log with --log FILE");
}

/* Another boot, or another machine's disk: the journal, else log files; with the boot before the
 * last one, which it is at the latest, what crashes left. */
static int open_kept(struct source *s, struct live *l, int boot, struct err *err)
{
	struct err why = {0};

	open_journal(s, l, boot, &why);
	if (!s->in) {
		source_note(&s->info, "%s", why.text);
		if (boot == 0 && open_files(s, l, err))
			return -1;
	}
	if (boot != -1)
		return s->in ? 0 : no_log(l, &why, err);
	if (logs_find_crashes(&s->arena, &l->root, &l->crashes, err))
		return -1;
	s->next = next_crash;
	if (s->in)
		return 0;
	switch (next_crash(s, err)) {
	case 1:
		return 0;
	case 0:
		return no_log(l, &why, err);
	default:
		return -1;
	}
}

static void live_close(struct source *s)
{
	struct live *l = s->own;

	parts_close(&l->journals);
	root_close(&l->root);
}

int source_open_live(struct source **ret, const struct root *root, int boot, const volatile int *stop,
		     struct err *err)
{
	struct source *s;
	struct live *l;
	int rc = -1;

	if (source_new(&s, err))
		return -1;
	l = arena_take(&s->arena, sizeof(*l));
	if (l) {
		l->stop = stop;
		l->root = *root;
		l->root.fd = fcntl(root->fd, F_DUPFD_CLOEXEC, 3);
		l->journals = (struct parts)PARTS_OF(&s->arena, &l->root);
		s->own = l;
		s->close = live_close;
	}
	if (!l)
		err_set(err, ERR_NOMEM, "no memory to read the kernel log");
	else if (l->root.fd < 0)
		err_sys(err, errno, "%s", root->path);
	else if (boot > 0)
		err_set(err, ERR_USAGE, "boot %d: 0 is this boot, -1 the one before", boot);
	else if (boot == 0 && root_is_live(root))
		rc = open_ring(s, l, err);
	else
		rc = open_kept(s, l, boot, err);
	if (rc) {
		source_close(s);
		return -1;
	}
	*ret = s;
	return 0;
}
