/* SPDX-License-Identifier: MIT */
/* day.c - what a day at one sample a second takes, with the recorder's own encoder and
 * file.
 *
 *   vmlog_day [--seconds 86400] [--max-size 64M]
 *
 * This machine's own files of /proc are read twice, some seconds apart; from then on each
 * number goes on as it did between the two, by nothing up to twice as much a second, so
 * that the day is one of a busy machine and the test does not have to last for it.
 * Classes as in the table of sources; without the tables of consumers (some 100 bytes a
 * second more). Fails when the day does not fit, or does not come back whole. */
#include <stdlib.h>
#include <unistd.h>

#include "base/units.h"
#include "harness.h"
#include "vmlog/codec.h"
#include "vmlog/framer.h"
#include "vmlog/samples.h"
#include "vmlog/store.h"

enum { APART_S = 3 };

static struct sources sources;
static struct framer framer;
static struct buf before[RING_SOURCES], scratch;
static uint64_t seed = 88172645463325252;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void put_number(struct buf *b, struct str literal, const struct field *f,
		       uint64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);

	buf_add(b, literal);
	for (size_t pad = field_pad(f, (size_t)n); pad; pad--)
		buf_addc(b, f->zeros ? '0' : ' ');
	buf_add(b, (struct str){digits, (size_t)n});
}

/* One second on: each number of `cur` by what it changed from `old` to `new` in APART_S.
 */
static void move_on(struct str old, struct str new, struct text *cur, size_t room,
		    unsigned seconds)
{
	struct str text = {cur->p, cur->n}, at;
	struct field was, is, now;

	buf_clear(&scratch);
	for (;;) {
		int64_t change;
		uint64_t value;

		at = text;
		if (!take_field(&old, &was) || !take_field(&new, &is) ||
		    !take_field(&text, &now))
			break;
		change = ((int64_t)(is.value - was.value) * (int64_t)(next() % 2001) /
			  1000 * (int64_t)seconds) /
			 APART_S;
		value = now.value;
		if (change)
			value = change < 0 && (uint64_t)-change > value
				    ? 0
				    : value + (uint64_t)change;
		put_number(&scratch, str_sub(at, 0, now.literal), &now, value);
	}
	buf_add(&scratch, at);
	text_set(cur, room, buf_str(&scratch));
}

static unsigned every(const struct source *s)
{
	return s->class == VM_FAST ? 1 : s->class == VM_MEDIUM ? 10 : 60;
}

static bool is_used(const struct source *s)
{
	return s->cur.p && s->fd >= 0 && s->class <= VM_SLOW;
}

static void read_all(void)
{
	for (size_t i = 0; i < sources.n; i++) {
		struct source *s = &sources.v[i];

		if (is_used(s))
			source_read(s, &s->cur, s->room);
	}
}

static void put(struct store *store, struct str bytes)
{
	while (bytes.n) {
		size_t room;
		uint8_t *to = store_stage(store, &room);

		room = room > bytes.n ? bytes.n : room;
		memcpy(to, bytes.p, room);
		store_staged(store, room);
		bytes = str_from(bytes, room);
		if (bytes.n)
			check_int(store_flush(store), 0);
	}
}

static void sample(struct store *store, int64_t second, const struct buf *later)
{
	int64_t us = second * 1000000;
	struct framed f;

	for (size_t i = 0; i < sources.n; i++) {
		struct source *s = &sources.v[i];

		s->fresh = is_used(s) && second % every(s) == 0;
		if (s->fresh)
			move_on(buf_str(&before[i]), buf_str(&later[i]), &s->cur, s->room,
				every(s));
	}
	f = framer_sample(&framer, &sources, us, us, 0);
	if (f.new_block) {
		check_int(store_flush(store), 0);
		store_begin(store, &f.block);
	}
	put(store, f.bytes);
	framer_commit(&framer, &sources, &f);
}

static void read_back(const char *dir, int64_t seconds)
{
	struct samples v;
	const struct sample *s;
	struct err err = {.code = ERR_NONE};
	int64_t n = 0, first = 0, last = 0;

	check_ok(samples_open(&v, dir, UNKNOWN, UNKNOWN, &err), err);
	while (samples_next(&v, &s, &err) > 0) {
		last = s->mono_us / 1000000;
		first = n++ ? first : last;
	}
	samples_close(&v);
	check_int(n, seconds);
	check_int(first, 1);
	check_int(last, seconds);
}

int main(int argc, char **argv)
{
	static struct buf later[RING_SOURCES];
	char dir[] = "/var/tmp/oomreport-day-XXXXXX", path[64];
	int64_t seconds = 86400, max_size = 64 << 20, taken;
	struct root root;
	struct store store;
	struct err err = {.code = ERR_NONE};

	for (int i = 1; i + 1 < argc; i += 2) {
		if (str_eq(str_of(argv[i]), STR("--seconds")))
			seconds = strtol(argv[i + 1], NULL, 10);
		else if (!size_parse(str_of(argv[i + 1]), &max_size))
			return 2;
	}
	if (!mkdtemp(dir))
		return test_skip("no directory in /var/tmp");
	check_ok(root_open(&root, "/", &err), err);
	check_ok(sources_open(&sources, &root, NULL, 0, NULL, 0, &err), err);
	check_ok(sources_allocate(&sources, &err), err);
	scratch = (struct buf)BUF_INIT(RING_TEXT_MAX);
	for (size_t i = 0; i < RING_SOURCES; i++)
		before[i] = later[i] = (struct buf)BUF_INIT(RING_TEXT_MAX);
	read_all();
	for (size_t i = 0; i < sources.n; i++)
		buf_add(&before[i], (struct str){sources.v[i].cur.p, sources.v[i].cur.n});
	sleep(APART_S);
	read_all();
	for (size_t i = 0; i < sources.n; i++)
		buf_add(&later[i], (struct str){sources.v[i].cur.p, sources.v[i].cur.n});
	check_ok(store_open(&store,
			    &(struct store_options){dir, max_size, 128 << 10, true}, 1,
			    &err),
		 err);
	framer.block_size = store.header.block_size;
	framer.frame = pages_take(framer.block_size);
	framer.block_seq = 1;
	for (int64_t s = 1; s <= seconds; s++)
		sample(&store, s, later);
	check_int(store_flush(&store), 0);
	taken = (int64_t)(store.last_seq - 1) * store.header.block_size +
		(int64_t)framer.used;
	printf("a day at one sample a second takes %.1f MiB (%.0f bytes a second, all "
	       "classes; %lld s "
	       "were recorded)\n",
	       (double)taken / (double)seconds * 86400 / 1048576,
	       (double)taken / (double)seconds, (long long)seconds);
	store_close(&store);
	read_back(dir, seconds);
	snprintf(path, sizeof(path), "%s/%s", dir, RING_FILE_NAME);
	unlink(path);
	rmdir(dir);
	return tests_done();
}
