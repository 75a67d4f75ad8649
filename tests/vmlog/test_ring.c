/* SPDX-License-Identifier: MIT */
/* test_ring.c - a ring file cut or damaged anywhere: every whole frame comes back. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "vmlog/capture.h"
#include "vmlog/codec.h"
#include "vmlog/framer.h"
#include "vmlog/samples.h"
#include "vmlog/store.h"
#include "vmlog/vmlog.h"

enum { SAMPLES = 70 };

/* Thousands of small files are written: in memory, where there is such a place. */
static char dir[64] = "/dev/shm/oomreport-ring-XXXXXX";

static void text_make(char *room, size_t n, int i)
{
	snprintf(room, n, "MemFree: %8d kB\nCached: %8d kB\nturn %d\n", 100000 - i * 37, i * i,
		 i);
}

static void append(struct store *store, struct str bytes)
{
	while (bytes.n) {
		size_t room;
		uint8_t *to = store_stage(store, &room);

		if (room > bytes.n)
			room = bytes.n;
		memcpy(to, bytes.p, room);
		store_staged(store, room);
		bytes = str_from(bytes, room);
		if (bytes.n)
			check_int(store_flush(store), 0);
	}
}

static void source_make(struct source *s, const char *name)
{
	memcpy(s->name, name, strlen(name) + 1);
	s->room = 512;
	s->cur.p = pages_take(4 * s->room);
	s->last.p = s->cur.p + s->room;
	s->key.p = s->last.p + s->room;
}

/* A ring of samples and one event, written with the recorder's own parts. */
static void write_ring(const char *path, int samples, int64_t max_size)
{
	static struct sources sources;
	static struct framer framer;
	struct store store;
	struct err err = {.code = ERR_NONE};
	struct store_options o = {path, max_size, RING_BLOCK_MIN, true};
	struct source *s = &sources.v[0];

	memset(&sources, 0, sizeof(sources));
	memset(&framer, 0, sizeof(framer));
	sources.n = 2;
	source_make(s, "meminfo");
	source_make(s + 1, "late");
	memcpy(framer.boot.id, "0123456789abcdef", 16);
	check_ok(store_open(&store, &o, 1, &err), err);
	framer.block_size = store.header.block_size;
	framer.frame = pages_take(framer.block_size);
	framer.block_seq = store.last_seq + 1;
	for (int i = 0; i < samples; i++) {
		struct framed f;
		int64_t us = (i + 1) * INT64_C(1000000);

		text_make(s->cur.p, s->room, i);
		s->cur.n = strlen(s->cur.p);
		s->cur.known = s->fresh = true;
		/* one that is first met in an anchor frame, and then once more */
		s[1].fresh = i == RING_ANCHOR_EVERY || i == RING_ANCHOR_EVERY + 3;
		if (s[1].fresh)
			text_set(&s[1].cur, s[1].room, STR("late 1\n"));
		f = framer_sample(&framer, &sources, us, us, i == 50 ? 7 : 0);
		if (f.new_block) {
			check_int(store_flush(&store), 0);
			store_begin(&store, &f.block);
		}
		append(&store, f.bytes);
		if (i % 7 == 0)
			check_int(store_flush(&store), 0);
		framer_commit(&framer, &sources, &f);
		if (i == 60) {
			f = framer_event(&framer, STR("eat invoked oom-killer"), us, us);
			append(&store, f.bytes);
			store_event(&store, &framer.boot, us, us, 1);
		}
	}
	check_int(store_flush(&store), 0);
	check_int(store_sync(&store), 0);
	store_close(&store);
}

/* Every sample that comes back is exact; which ones came is told in `got`. */
static int read_ring(const char *path, bool got[SAMPLES])
{
	struct samples v;
	const struct sample *s;
	struct err err = {.code = ERR_NONE};
	char want[512];
	int n = 0, rc;

	memset(got, 0, SAMPLES);
	if (samples_open(&v, path, UNKNOWN, UNKNOWN, &err) != 0)
		return -1;
	while ((rc = samples_next(&v, &s, &err)) > 0) {
		int i = (int)(s->mono_us / 1000000) - 1;

		if (s->event.p) {
			check_str(s->event, STR("eat invoked oom-killer"));
			continue;
		}
		text_make(want, sizeof(want), i);
		check_int(s->n, i >= RING_ANCHOR_EVERY && s->n == 2 ? 2 : 1);
		check_str(s->files[0].text, str_of(want));
		if (s->n == 2)
			check_str(s->files[1].text, STR("late 1\n"));
		check_int(s->late_us, i == 50 ? 7 : 0);
		check(i >= 0 && i < SAMPLES && !got[i]);
		got[i] = true;
		n++;
	}
	check_int(rc, 0);
	samples_close(&v);
	return n;
}

struct span {
	size_t from, to;
	int kind;
};

/* Where the frames lie, read from the bytes by the rules of ring.h alone. */
static size_t spans(const uint8_t *p, size_t n, struct span *ret)
{
	size_t at = RING_BLOCKS_AT + RING_BLOCK_HEADER, k = 0;

	while (at + RING_FRAME_HEADER < n && p[at + 7] != 0 && k < SAMPLES + 1) {
		size_t length = (size_t)p[at + 4] | (size_t)p[at + 5] << 8;

		ret[k++] = (struct span){at, at + RING_FRAME_HEADER + length, p[at + 7]};
		at += RING_FRAME_HEADER + length;
	}
	return k;
}

static void save(const char *path, const uint8_t *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	check(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

static size_t load(const char *path, uint8_t *room, size_t n)
{
	int fd = open(path, O_RDONLY);
	ssize_t got = read(fd, room, n);

	close(fd);
	check(got > 0);
	return (size_t)got;
}

/* How many samples must come back when the frame at `hit` is lost: a key takes its block, an
 * anchor or a delta what depends on it, an event nothing. */
static int expected(const struct span *s, size_t n, size_t hit)
{
	bool chain = false, key = false;
	int count = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i].kind == FRAME_EVENT) {
			if (i == hit) /* nobody can see that it was only an event */
				chain = false;
			continue;
		}
		if (i == hit)
			chain = false;
		else if (s[i].kind == FRAME_KEY)
			chain = key = true;
		else if (s[i].kind == FRAME_ANCHOR)
			chain = key;
		if (chain && i != hit)
			count++;
	}
	return count;
}

static uint8_t bytes[1 << 20], copy[1 << 20];

static void test_damage(void)
{
	char path[128], ring[160], cut[160];
	struct span frames[SAMPLES + 1];
	bool got[SAMPLES];
	size_t n, k, end, last = SIZE_MAX;
	int want = 0;

	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(ring, sizeof(ring), "%s/a/%s", dir, RING_FILE_NAME);
	snprintf(cut, sizeof(cut), "%s/cut", dir);
	write_ring(path, SAMPLES, 8 * RING_BLOCK_MIN + RING_BLOCKS_AT);
	check_int(read_ring(path, got), SAMPLES);
	n = load(ring, bytes, sizeof(bytes));
	k = spans(bytes, n, frames);
	check_int(k, SAMPLES + 1);
	end = frames[k - 1].to;
	/* cut off at every byte: what ends before the cut is there */
	for (size_t at = RING_BLOCKS_AT; at <= end; at++) {
		int whole = 0;

		for (size_t i = 0; i < k; i++)
			whole += frames[i].to <= at && frames[i].kind != FRAME_EVENT;
		save(cut, bytes, at);
		if (whole == 0)
			check(read_ring(cut, got) <= 0);
		else
			check_int(read_ring(cut, got), whole);
	}
	/* one byte flipped, at every byte of the blocks' frames */
	for (size_t at = RING_BLOCKS_AT + RING_BLOCK_HEADER; at < end; at += 1) {
		size_t hit = 0;

		while (frames[hit].to <= at)
			hit++;
		if (hit != last)
			want = expected(frames, k, hit);
		last = hit;
		memcpy(copy, bytes, n);
		copy[at] ^= 0x41;
		save(cut, copy, end + 64);
		check_int(read_ring(cut, got), want);
	}
	/* either copy of the header, or both: all is found */
	memcpy(copy, bytes, n);
	memset(copy, 0xff, RING_HEADER_SIZE);
	save(cut, copy, n);
	check_int(read_ring(cut, got), SAMPLES);
	memset(copy + 8, 0xff, 2 * RING_HEADER_SIZE - 8);
	memcpy(copy, "OOMVMLOG", 8);
	save(cut, copy, n);
	check_int(read_ring(cut, got), SAMPLES);
}

/* Written round many times: the newest are there, in order, and the protected window too. */
static void test_round(void)
{
	char path[128];
	struct samples v;
	const struct sample *s;
	struct err err = {.code = ERR_NONE};
	int64_t last = 0, first = 0;
	int n = 0;

	snprintf(path, sizeof(path), "%s/b", dir);
	write_ring(path, 20000, 8 * RING_BLOCK_MIN + RING_BLOCKS_AT);
	check_ok(samples_open(&v, path, UNKNOWN, UNKNOWN, &err), err);
	while (samples_next(&v, &s, &err) > 0) {
		if (s->event.p)
			continue;
		if (first == 0)
			first = s->mono_us;
		check(s->mono_us > last);
		last = s->mono_us;
		n++;
	}
	samples_close(&v);
	check_int(last, INT64_C(20000) * 1000000);
	/* the OOM was in the 61st second: its ten minutes before and two after were kept */
	check_int(first, 1000000);
	check(n > 181 && n < 19999);
	/* --since opens only the blocks that matter */
	check_ok(samples_open(&v, path, INT64_C(19990) * 1000000, UNKNOWN, &err), err);
	for (n = 0; samples_next(&v, &s, &err) > 0; n++)
		check(s->wall_us >= INT64_C(19990) * 1000000);
	samples_close(&v);
	check_int(n, 11);
}

/* Files copied at an OOM, in two batches: each comes back under its path, also in what a bundle
 * shows of the moment. */
static struct str copy_batch(struct source *s, const char *text)
{
	struct out o = {(uint8_t *)s->handed.p, 0, s->room, false, NULL};

	text_encode_whole(&o, str_of(text));
	check(!o.full);
	s->handed.n = o.n;
	return (struct str){s->handed.p, o.n};
}

static void test_copies(void)
{
	static const char *const batches[] = {
		"---- /proc/7/status\nName:\ta\nVmRSS: 5 kB\n---- /proc/7/wchan\n0\n"
		"---- /proc/big (cut)\nxxxx\n",
		"---- /sys/kernel/mm/empty\n\n---- " CAPTURE_NAME "\n# 4 files\n",
	};
	static const char want[] =
		"---- /proc/7/status\nName:\ta\nVmRSS: 5 kB\n---- /proc/7/wchan\n0\n"
		"---- /proc/big (cut)\nxxxx\n";
	static struct sources sources;
	static struct framer framer;
	CLEANUP_BUF struct buf text = BUF_INIT(1 << 16);
	struct source *files = &sources.v[0], *meminfo = &sources.v[1];
	struct ring_block block = {.seq = 1, .mono_us = 1000000, .wall_us = 1000000};
	struct store store;
	struct err err = {.code = ERR_NONE};
	struct samples v;
	const struct sample *s;
	char path[128];
	bool fits;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/d", dir);
	sources.n = 2;
	source_make(files, CAPTURE_NAME);
	files->class = VM_EVENT;
	files->handed.p = pages_take(files->room);
	source_make(meminfo, "meminfo");
	text_set(&meminfo->cur, meminfo->room, STR("MemFree: 1 kB\n"));
	meminfo->fresh = true;
	check_ok(store_open(&store, &(struct store_options){path, 8 * RING_BLOCK_MIN + RING_BLOCKS_AT,
							    RING_BLOCK_MIN, true}, 1, &err), err);
	framer.block_size = store.header.block_size;
	framer.frame = pages_take(framer.block_size);
	framer.block_seq = 1;
	{
		struct framed f = framer_sample(&framer, &sources, 1000000, 1000000, 0);

		store_begin(&store, &block);
		append(&store, f.bytes);
		framer_commit(&framer, &sources, &f);
	}
	for (size_t i = 0; i < ARRAY_COUNT(batches); i++) {
		struct framed f;

		(void)copy_batch(files, batches[i]);
		f = framer_file(&framer, files, 2000000, 2000000, &fits);
		check(f.bytes.n && fits);
		append(&store, f.bytes);
	}
	/* one that is no list of files is left out */
	{
		struct framed f;

		(void)copy_batch(files, "what is this\n");
		f = framer_file(&framer, files, 2000000, 2000000, &fits);
		append(&store, f.bytes);
	}
	check_int(store_flush(&store), 0);
	store_close(&store);
	check_ok(samples_open(&v, path, UNKNOWN, UNKNOWN, &err), err);
	while (samples_next(&v, &s, &err) > 0) {
		if (!s->copies)
			continue;
		check(s->aside && s->n > 0 && s->files[0].fresh);
		n += s->n;
	}
	samples_close(&v);
	check_int(n, 5);
	check_ok(vmlog_at_oom(path, 1500000, sink_buf(&text), &err), err);
	check(str_find(buf_str(&text), str_of(want)) != SIZE_MAX);
	check(str_find(buf_str(&text), STR("---- meminfo\nMemFree: 1 kB\n")) != SIZE_MAX);
	check(str_ends(buf_str(&text), STR("---- " CAPTURE_NAME "\n# 4 files\n")));
}

/* A disk that is full in the middle of anything: writes stop at a limit that moves on byte by
 * byte. What is staged waits; nothing that was whole is lost, and in the end all is there. */
static int count_events(const char *path)
{
	struct samples v;
	const struct sample *s;
	struct err err = {.code = ERR_NONE};
	int n = 0;

	check_ok(samples_open(&v, path, UNKNOWN, UNKNOWN, &err), err);
	while (samples_next(&v, &s, &err) > 0) {
		check(s->event.n == 256 && s->mono_us == n);
		n++;
	}
	samples_close(&v);
	return n;
}

static void test_full(void)
{
	enum { FRAMES = 40 };
	char path[128];
	struct rlimit limit, before;
	struct store store;
	struct err err = {.code = ERR_NONE};
	struct store_options o = {path, 8 * RING_BLOCK_MIN + RING_BLOCKS_AT, RING_BLOCK_MIN, true};
	struct ring_block block = {.seq = 1, .mono_us = 1, .wall_us = 1};
	int refused = 0, seen = 0;

	snprintf(path, sizeof(path), "%s/c", dir);
	check_ok(store_open(&store, &o, 1, &err), err);
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	limit = before;
	limit.rlim_cur = RING_BLOCKS_AT;
	store_begin(&store, &block);
	for (int i = 0; i < FRAMES; i++) {
		uint8_t frame[RING_FRAME_HEADER + 256];
		struct ring_frame f = {.length = 256, .kind = FRAME_EVENT, .mono_us = i};
		size_t room;
		uint8_t *to = store_stage(&store, &room);

		check(room >= sizeof(frame));
		memset(frame, 'x', sizeof(frame));
		ring_pack_frame(&f, block.seq, frame);
		memcpy(to, frame, sizeof(frame));
		store_staged(&store, sizeof(frame));
		/* sometimes nothing fits, sometimes a part, and then all of it */
		limit.rlim_cur += i % 5 == 4 ? 3 * STAGE_PAGE : 100;
		setrlimit(RLIMIT_FSIZE, &limit);
		refused += store_flush(&store) != 0;
		setrlimit(RLIMIT_FSIZE, &before);
		check(count_events(path) >= seen);
		seen = count_events(path);
	}
	check(refused > 3);
	check_int(store_flush(&store), 0);
	check_int(count_events(path), FRAMES);
	store_close(&store);
}

static char *set_dir(const char *other)
{
	snprintf(dir, sizeof(dir), "%s", other);
	return dir;
}

int main(void)
{
	if (!mkdtemp(dir) && !mkdtemp(set_dir("/tmp/oomreport-ring-XXXXXX")))
		return test_skip("no directory in /dev/shm or /tmp");
	test_damage();
	test_round();
	test_full();
	test_copies();
	{
		char command[128];
		static const char *const left[] = {"a/" RING_FILE_NAME, "b/" RING_FILE_NAME,
						   "c/" RING_FILE_NAME, "d/" RING_FILE_NAME,
						   "cut", "a", "b", "c", "d", ""};

		for (size_t i = 0; i < ARRAY_COUNT(left); i++) {
			snprintf(command, sizeof(command), "%s/%s", dir, left[i]);
			remove(command);
		}
	}
	return tests_done();
}
