/* SPDX-License-Identifier: MIT */
/* recorder.c - main of oomreport-recorder: get everything ready, then sample until stopped.
 *
 * Links nothing but libc and allocates only before the first sample. */
#include "vmlog/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/when.h"

enum { HELPER_STACK = 32 << 10 };

struct recorder {
	struct recorder_options o;
	struct root root;
	struct sources sources;
	struct survey survey;
	struct store store;
	struct memring ring;
	struct writer writer;
	struct sampler sampler;
	struct armour armour;
	pthread_t writer_id, survey_id;
};

static void read_boot_id(const struct root *root, struct ring_boot *ret)
{
	CLEANUP_FD int fd = root_openat(root, "/proc/sys/kernel/random/boot_id", O_RDONLY);
	char text[64];
	ssize_t n = fd < 0 ? 0 : fd_read(fd, text, sizeof(text));

	(void)ring_boot_parse((struct str){text, n > 0 ? (size_t)n : 0}, ret);
}

/* A key frame of packed texts is far below half a block; 128 KiB are minutes to an hour. */
static size_t block_for(const struct sources *s)
{
	size_t texts = 0, block = 128 << 10;

	for (size_t i = 0; i < s->n; i++)
		texts += s->v[i].cur.p ? s->v[i].room : 0;
	while (block < RING_BLOCK_MAX && block < texts / 2)
		block *= 2;
	return block;
}

/* In a small ring file a batch of copied files is small too: half a block always has room. */
static void limit_batches(struct sources *s, size_t block)
{
	struct source *files = &s->v[s->made[MADE_FILES]];

	if (files->room > block / 4)
		files->room = block / 4;
}

static int open_memory(struct recorder *r, struct err *err)
{
	size_t block = r->store.header.block_size;
	struct memring *ring = &r->ring;

	ring->size = (size_t)r->o.ring_size;
	while (ring->size < 4 * block)
		ring->size *= 2;
	ring->p = pages_take(ring->size);
	r->sampler.framer.frame = pages_take(block);
	r->sampler.framer.block_size = block;
	if (!ring->p || !r->sampler.framer.frame)
		return err_set(err, ERR_NOMEM, "no memory for a ring of %zu kB",
			       ring->size / 1024);
	return 0;
}

static int open_signals(struct sampler *s, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		return err_set(err, ERR_IO, "signals cannot be blocked");
	s->stop_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->stop_fd < 0 ? err_sys(err, errno, "signalfd") : 0;
}

static void join(struct recorder *r)
{
	struct ring_boot *boot = &r->sampler.framer.boot;

	read_boot_id(&r->root, boot);
	r->writer.boot = *boot;
	r->writer.ring = &r->ring;
	r->writer.store = &r->store;
	r->writer.sync_us = r->o.sync_us;
	r->writer.settle_us = r->o.settle_us;
	r->writer.marker_gap_us = r->o.marker_gap_us;
	r->sampler.o = r->o.sampler;
	r->sampler.sources = &r->sources;
	r->sampler.ring = &r->ring;
	r->sampler.survey = &r->survey;
	r->sampler.writer = &r->writer;
	r->sampler.framer.block_seq = r->store.last_seq + 1;
	r->sampler.storm_budget = (struct budget){60000000, 60000000, 20};
	r->sampler.alert_budget = (struct budget){600000000, 600000000, 10};
}

static void *run_writer(void *writer)
{
	setpriority(PRIO_PROCESS, 0, -10);
	return writer_thread(writer);
}

static void *run_survey(void *survey)
{
	setpriority(PRIO_PROCESS, 0, -20);
	return survey_thread(survey);
}

static int start_threads(struct recorder *r, struct err *err)
{
	pthread_attr_t attr;
	int rc = pthread_attr_init(&attr);

	if (rc == 0)
		rc = pthread_attr_setstacksize(&attr, HELPER_STACK);
	if (rc == 0)
		rc = pthread_create(&r->writer_id, &attr, run_writer, &r->writer);
	if (rc == 0)
		rc = pthread_create(&r->survey_id, &attr, run_survey, &r->survey);
	return rc ? err_sys(err, rc, "threads") : 0;
}

/* Rung until it hears: a bell (eventfd) whose write was refused has not rung. */
static void join_thread(pthread_t id, void (*ring)(struct recorder *), struct recorder *r)
{
	struct timespec until;

	do {
		ring(r);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
	} while (pthread_timedjoin_np(id, NULL, &until) == ETIMEDOUT);
}

static void stop_writer(struct recorder *r)
{
	atomic_store(&r->writer.stop, true);
	writer_wake(&r->writer);
}

static void stop_survey(struct recorder *r)
{
	survey_ask(&r->survey, WANT_STOP);
}

static void stop_threads(struct recorder *r)
{
	join_thread(r->writer_id, stop_writer, r);
	join_thread(r->survey_id, stop_survey, r);
}

static int record(struct recorder *r, struct err *err)
{
	int rc;

	r->o.store.block_size = block_for(&r->sources);
	if (store_open(&r->store, &r->o.store, when_now(), err) != 0)
		return -1;
	limit_batches(&r->sources, r->store.header.block_size);
	r->writer.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->writer.wake_fd < 0)
		return err_sys(err, errno, "eventfd");
	if (open_memory(r, err) != 0 || open_signals(&r->sampler, err) != 0)
		return -1;
	join(r);
	watch_open(&r->sampler.watch, &r->root);
	armour_process(&r->armour);
	if (start_threads(r, err) != 0)
		return -1;
	if (r->o.realtime)
		r->survey.may_hurry = armour_thread(&r->armour);
	if (r->armour.locked == 0)
		r->armour.pinned = armour_pin();
	describe(&r->sources, &r->sampler.watch, &r->armour, &r->sampler.framer.boot, &r->o);
	rc = sampler_run(&r->sampler, err);
	stop_threads(r);
	if (atomic_load(&r->writer.errors))
		log_warn("%s: %u failed writes (%s)", r->o.dir, atomic_load(&r->writer.errors),
			 strerror(atomic_load(&r->writer.last_errno)));
	log_info("%llu samples, %llu lost", (unsigned long long)r->sampler.samples,
		 (unsigned long long)r->sampler.lost);
	return rc;
}

static int run(struct recorder *r, int argc, char **argv, struct err *err)
{
	if (recorder_options_parse(&r->o, argc, argv, err) != 0)
		return -1;
	if (r->o.help || r->o.version) {
		if (r->o.help)
			recorder_help();
		else
			printf("oomreport-recorder %s\n", OOMREPORT_VERSION);
		return 0;
	}
	if (root_open(&r->root, r->o.root, err) != 0 ||
	    sources_open(&r->sources, &r->root, r->o.changes, r->o.n_changes, r->o.cgroups,
			 r->o.n_cgroups, err) != 0)
		return -1;
	for (size_t i = 0; r->o.once && i < r->sources.n; i++) { /* as they are, not packed */
		if (r->sources.v[i].class == VM_EVENT)
			r->sources.v[i].room = RING_TEXT_MAX;
	}
	if (sources_allocate(&r->sources, err) != 0)
		return -1;
	if (survey_open(&r->survey, &r->sources, err) != 0)
		return -1;
	if (r->o.once) {
		r->survey.plain = true;
		describe(&r->sources, NULL, NULL, NULL, &r->o);
		return record_once(&r->sources, &r->survey, err);
	}
	return record(r, err);
}

int main(int argc, char **argv)
{
	static struct recorder r; /* all zero: it takes no room in the program */
	struct err err = {.code = ERR_NONE};
	int rc;

	mem_heap_tight(); /* it is locked too */
	r.root = (struct root)ROOT_CLOSED;
	rc = run(&r, argc, argv, &err);

	if (rc < 0) {
		log_line(LOG_LEVEL_ERROR, "%s", err.text);
		if (err.hint[0])
			log_line(LOG_LEVEL_ERROR, "%s", err.hint);
	}
	if (fflush(stdout) != 0 && rc == 0) {
		log_line(LOG_LEVEL_ERROR, "standard output: cannot be written");
		return 1;
	}
	return rc < 0 ? err_exit_status(err.code) : 0;
}
