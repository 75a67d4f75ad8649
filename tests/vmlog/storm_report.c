/* SPDX-License-Identifier: MIT */
/* storm_report.c - what the recorder and the shell loop saw of a storm, side by side.
 *
 *   storm_report NAME DIR CADENCE    DIR as tests/vmlog/storm leaves it
 *   storm_report --bytes|--key|--anchor|--delta DIR
 *                                    bytes that the samples of a recorder's directory take; of
 *                                    the frames of that kind among them
 *
 * Exit status 1 when goal R3 does not hold. */
#include <fcntl.h>
#include <unistd.h>

#include "base/units.h"
#include "harness.h"
#include "vmlog/capture.h"
#include "vmlog/samples.h"

struct seen {
	uint64_t samples, lost, events;
	int64_t gap_us, first_us, last_us; /* monotonic */
	int64_t gap_at_us;
	int64_t storm_gap_us; /* the same, within the storm */
	int64_t own_gap_us;   /* the same, without the time in which the kernel ran nothing */
	unsigned late;	      /* gaps over the goal that are the kernel's */
	int64_t cpu_us, bytes, minor, major;
	int64_t minor_third, major_third; /* at the third sample */
};

static struct buf load(const char *dir, const char *name)
{
	struct root root;
	struct err err = {.code = ERR_NONE};
	struct buf b = BUF_INIT(4 << 20);
	int errnum;

	if (root_open(&root, dir, &err) == 0) {
		(void)file_read(&root, name, &b, &errnum);
		root_close(&root);
	}
	return b;
}

static int64_t number_after(struct str text, const char *key)
{
	size_t at = str_find(text, str_of(key));
	int64_t v;

	text = str_from(text, at == SIZE_MAX ? text.n : at + strlen(key));
	skip_blanks(&text);
	return take_i64(&text, &v) ? v : -1;
}

/* Seconds with two places, as /proc/uptime prints them. */
static int64_t uptime_us(struct str text)
{
	uint64_t s = 0, c = 0;

	if (!take_u64(&text, &s) || !take_char(&text, '.') || !take_u64(&text, &c))
		return 0;
	return (int64_t)(s * 1000000 + c * 10000);
}

/* Goal C3's first part of a collection, in the recorder's own words: the first table of all
 * processes, and the first copies of files with the time when the last of them was stored. */
static struct {
	char table[160], copies[240];
	int64_t first_us, last_us;
	uint64_t files;
} in_oom;

static void keep_last_line(char *to, size_t n, struct str text)
{
	size_t at = str_rfind(text, STR("# "));

	if (to[0] == '\0' && at != SIZE_MAX)
		snprintf(to, n, "%.*s", STR_ARG(str_trim(str_from(text, at + 2))));
}

static void look_at_copies(const struct sample *s)
{
	if (in_oom.copies[0])
		return;
	if (in_oom.files == 0)
		in_oom.first_us = s->mono_us;
	for (size_t i = 0; i < s->n; i++) {
		in_oom.files++;
		if (str_eq(s->files[i].name, STR(CAPTURE_NAME))) {
			in_oom.files--;
			keep_last_line(in_oom.copies, sizeof(in_oom.copies), s->files[i].text);
		}
	}
	in_oom.last_us = s->mono_us;
}

static void look_aside(const struct sample *s)
{
	if (s->copies)
		look_at_copies(s);
	else if (str_eq(s->files[0].name, STR("oomreport/processes")))
		keep_last_line(in_oom.table, sizeof(in_oom.table), s->files[0].text);
}

/* A shell that began to copy the same files with the storm (storms/common.sh): how many it had
 * when the storm was over, and when it was done, if it was. */
static void print_shell_copies(const char *dir, int64_t begin_us, int64_t end_us)
{
	struct buf files = load(dir, "copies.files"), done = load(dir, "copies.done");
	int64_t done_us = uptime_us(buf_str(&done)), n = number_after(buf_str(&files), "");

	if (files.n && done_us)
		printf("  a shell copied such files in the storm: %" PRId64 " in %.1f s\n", n,
		       (double)(done_us - begin_us) / 1e6);
	else if (files.n)
		printf("  a shell copied such files in the storm: %" PRId64
		       ", not done after its %.0f s\n", n, (double)(end_us - begin_us) / 1e6);
	buf_free(&files);
	buf_free(&done);
}

/* Wake-ups of the witness (churn.c) that were late: while it waited, nobody could run. */
struct stall {
	int64_t at_us, late_us;
};

static struct {
	struct stall v[4096];
	size_t n;
} stalls;

static void look_at_witness(const char *dir)
{
	struct buf b = load(dir, "witness");
	struct str text = buf_str(&b);
	int64_t at, late;

	while (stalls.n < ARRAY_COUNT(stalls.v) && take_i64(&text, &at) && take_char(&text, ' ') &&
	       take_i64(&text, &late) && take_char(&text, '\n'))
		stalls.v[stalls.n++] = (struct stall){at, late};
	buf_free(&b);
}

/* How long the kernel ran nothing between two moments. What is longer than this is its brake on
 * real-time threads (50 ms of a second), and they would be the recorder's. */
enum { BRAKE_US = 40000 };

static int64_t stalled(int64_t from, int64_t to)
{
	int64_t sum = 0;

	for (size_t i = 0; i < stalls.n; i++) {
		int64_t end = stalls.v[i].at_us, begin = end - stalls.v[i].late_us;

		if (stalls.v[i].late_us >= BRAKE_US)
			continue;
		begin = begin > from ? begin : from;
		end = end < to ? end : to;
		sum += end > begin ? end - begin : 0;
	}
	return sum;
}

static void look_at_gap(struct seen *r, int64_t from, int64_t to, int64_t goal_us)
{
	int64_t gap = to - from, own = gap;

	if (gap > goal_us) {
		own -= stalled(from, to);
		r->late += own <= goal_us;
	}
	if (gap > r->storm_gap_us)
		r->storm_gap_us = gap;
	if (own > r->own_gap_us)
		r->own_gap_us = own;
}

static int look_at_ring(const char *dir, int64_t begin, int64_t end, int64_t goal_us,
			struct seen *r)
{
	char path[4096];
	struct samples v;
	const struct sample *s;
	struct err err = {.code = ERR_NONE};
	int rc;

	snprintf(path, sizeof(path), "%s/rec", dir);
	if (samples_open(&v, path, UNKNOWN, UNKNOWN, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	while ((rc = samples_next(&v, &s, &err)) > 0) {
		if (s->event.p) {
			r->events++;
			continue;
		}
		if (s->aside) {
			look_aside(s);
			continue;
		}
		r->lost += s->lost;
		if (r->samples++ == 0)
			r->first_us = s->mono_us;
		else if (s->mono_us - r->last_us > r->gap_us) {
			r->gap_us = s->mono_us - r->last_us;
			r->gap_at_us = s->mono_us;
		}
		if (r->samples > 1 && s->mono_us >= begin && r->last_us <= end)
			look_at_gap(r, r->last_us, s->mono_us, goal_us);
		r->last_us = s->mono_us;
		for (size_t i = 0; i < s->n; i++) {
			struct str text = s->files[i].text;

			if (!str_eq(s->files[i].name, STR("oomreport/recorder")))
				continue;
			r->cpu_us = number_after(text, "cpu_us ");
			r->minor = number_after(text, "minor_faults ");
			r->major = number_after(text, "major_faults ");
			if (r->samples == 3) {
				r->minor_third = r->minor;
				r->major_third = r->major;
			}
		}
	}
	samples_close(&v);
	return rc;
}

/* utime, stime and those of the children that were waited for: fields 14 to 17, in 10 ms. */
static int64_t stat_cpu_us(struct str text)
{
	size_t at = str_rfind(text, STR(")"));
	struct str word;
	int64_t sum = 0, v;

	text = str_from(text, at == SIZE_MAX ? text.n : at + 1);
	for (int field = 3; field <= 17; field++) {
		skip_blanks(&text);
		if (field < 14 ? !take_word(&text, &word) : !take_i64(&text, &v))
			return 0;
		if (field >= 14)
			sum += v;
	}
	return sum * 10000;
}

static void look_at_loop(const char *dir, int64_t end_us, struct seen *l)
{
	struct buf times = load(dir, "loop.times"), bytes = load(dir, "loop.bytes");
	struct buf stat = load(dir, "loop.stat");
	struct str text = buf_str(&times), line;

	while (take_line(&text, &line)) {
		int64_t at = uptime_us(str_from(line, 5));

		if (l->samples++ && at - l->last_us > l->gap_us)
			l->gap_us = at - l->last_us;
		l->last_us = at;
	}
	if (end_us - l->last_us > l->gap_us) /* it never came back */
		l->gap_us = end_us - l->last_us;
	l->bytes = number_after(buf_str(&bytes), "");
	l->cpu_us = stat_cpu_us(buf_str(&stat));
	buf_free(&times);
	buf_free(&bytes);
	buf_free(&stat);
}

/* What the samples take in the file: frames and block heads, not the empty rest. of: of the
 * frames of one kind only; 0 = all. */
static int64_t ring_bytes(const char *dir, int of)
{
	static uint8_t block[RING_BLOCK_MAX];
	char path[4096];
	uint8_t head[RING_HEADER_SIZE];
	struct ring_header h;
	struct ring_block b;
	struct ring_frame f;
	int64_t sum = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, RING_FILE_NAME);
	fd = open(path, O_RDONLY);
	if (fd < 0 || pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    !ring_unpack_header(head, &h))
		return -1;
	for (uint32_t i = 0; i < h.n_blocks; i++) {
		ssize_t n = pread(fd, block, h.block_size,
				  RING_BLOCKS_AT + (int64_t)i * h.block_size);
		size_t at = RING_BLOCK_HEADER;

		if (n < RING_BLOCK_HEADER || !ring_unpack_block(block, &b))
			continue;
		while (at < (size_t)n && ring_unpack_frame((struct str){(char *)block + at,
									 (size_t)n - at},
							   b.seq, &f)) {
			at += RING_FRAME_HEADER + f.length;
			sum += of == (int)f.kind ? RING_FRAME_HEADER + f.length : 0;
		}
		sum += of ? 0 : (int64_t)at;
	}
	close(fd);
	return sum;
}

static void print(const char *who, const struct seen *s)
{
	double n = s->samples ? (double)s->samples : 1;

	printf("  %-10s longest gap %9.1f ms, %5" PRIu64 " samples, %3" PRIu64
	       " lost, %7.3f ms CPU and %6.0f bytes a sample\n",
	       who, (double)s->gap_us / 1000, s->samples, s->lost,
	       (double)s->cpu_us / 1000 / n, (double)s->bytes / n);
}

int main(int argc, char **argv)
{
	struct seen recorder = {0}, loop = {0};
	int64_t cadence = 0, begin, end;
	struct buf kills, mem, at;
	char ring[4096];
	bool good;

	if (argc == 3 && argv[1][0] == '-') {
		static const char *const kinds[] = {"--bytes", "--key", "--anchor", "--delta"};

		for (int i = 0; i < (int)ARRAY_COUNT(kinds); i++) {
			if (str_eq(str_of(argv[1]), str_of(kinds[i])))
				printf("%" PRId64 "\n", ring_bytes(argv[2], i));
		}
		return 0;
	}
	if (argc < 4 || !duration_parse(str_of(argv[3]), &cadence)) {
		fprintf(stderr, "usage: storm_report NAME DIR CADENCE\n");
		return 2;
	}
	at = load(argv[2], "storm.begin");
	begin = uptime_us(buf_str(&at));
	buf_free(&at);
	at = load(argv[2], "storm.end");
	end = uptime_us(buf_str(&at));
	buf_free(&at);
	look_at_witness(argv[2]);
	if (look_at_ring(argv[2], begin, end, cadence + 5000, &recorder) != 0)
		return 1;
	look_at_loop(argv[2], end, &loop);
	snprintf(ring, sizeof(ring), "%s/rec", argv[2]);
	recorder.bytes = ring_bytes(ring, 0);
	kills = load(argv[2], "kills");
	mem = load(argv[2], "recorder.status");
	printf("%s: %.0f s, %" PRId64 " OOM kills, %" PRIu64 " samples heard of one; locked %" PRId64
	       " kB; faults after the third sample: %" PRId64 " minor, %" PRId64 " major\n",
	       argv[1], (double)(end - begin) / 1e6,
	       number_after(buf_str(&kills), "oom_kill "), recorder.events,
	       number_after(buf_str(&mem), "VmLck:"), recorder.minor - recorder.minor_third,
	       recorder.major - recorder.major_third);
	print("recorder", &recorder);
	printf("             (in the storm %.1f ms; the longest one %.1f s after it began)\n",
	       (double)recorder.storm_gap_us / 1000, (double)(recorder.gap_at_us - begin) / 1e6);
	if (recorder.late)
		printf("             (%u gaps are the kernel's: a thread at SCHED_FIFO 99 that only slept "
		       "did not run either; without that time the longest is %.1f ms)\n",
		       recorder.late, (double)recorder.own_gap_us / 1000);
	if (in_oom.table[0])
		printf("             (in the first OOM it read %s)\n", in_oom.table);
	if (in_oom.files)
		printf("             (then it copied %s; %" PRIu64 " are in the ring, stored within %.3f s)\n",
		       in_oom.copies[0] ? in_oom.copies : "files, and did not come to the end",
		       in_oom.files, (double)(in_oom.last_us - in_oom.first_us) / 1e6);
	print("shell loop", &loop);
	print_shell_copies(argv[2], begin, end);
	good = recorder.own_gap_us <= cadence + 5000 && recorder.lost == 0 &&
	       recorder.minor == recorder.minor_third &&
	       recorder.major == recorder.major_third && recorder.last_us >= end &&
	       recorder.first_us <= begin;
	if (!good)
		printf("  NOT within the cadence of %.0f ms and 5 ms, or not whole\n",
		       (double)cadence / 1000);
	buf_free(&kills);
	buf_free(&mem);
	return good ? 0 : 1;
}
