/* SPDX-License-Identifier: MIT */
/* journal_merge.c - the .journal files of one machine as one text: what was rotated away, the files
 * of users beside the system's, those that were not closed. Entries come in the order journalctl has
 * them: of one writer by their number, of one boot by its clock, else by wall time; what two files
 * hold (a copy, /run and /var) comes once.
 */
#include "source/journal_file.h"

enum { BOOTS_MAX = 256 };

struct journals {
	struct journal_cache *cache;
	struct journal_file *files;
	size_t n;
	struct journal_file *now;	 /* whose entry comes next; NULL: all were told */
	const struct journal_file *then; /* ... and whose comes after it; NULL: no other has any */
	struct source_info *info;
	bool done, one_boot;
	unsigned char boot[16]; /* then only entries of it */
};

static bool same_id(const unsigned char *a, const unsigned char *b)
{
	return memcmp(a, b, 16) == 0;
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int order(const struct journal_file *a, const struct journal_file *b)
{
	const struct entry_key *k = &a->key, *l = &b->key;

	if (same_id(a->id.series, b->id.series) && k->seqnum != l->seqnum)
		return by_number(k->seqnum, l->seqnum);
	if (same_id(k->boot, l->boot) && k->monotonic != l->monotonic)
		return by_number(k->monotonic, l->monotonic);
	if (k->realtime != l->realtime)
		return by_number(k->realtime, l->realtime);
	return by_number(k->hash, l->hash);
}

static bool same_entry(const struct entry_key *a, const struct entry_key *b)
{
	return a->realtime == b->realtime && a->monotonic == b->monotonic && a->hash == b->hash &&
	       same_id(a->boot, b->boot);
}

static void choose(struct journals *s)
{
	s->now = NULL;
	s->then = NULL;
	for (size_t i = 0; i < s->n; i++) {
		struct journal_file *j = &s->files[i];

		while (j->entry && s->now && same_entry(&j->key, &s->now->key))
			journal_file_skip(j);
		if (!j->entry)
			continue;
		if (!s->now || order(j, s->now) < 0) {
			s->then = s->now;
			s->now = j;
		} else if (!s->then || order(j, s->then) < 0) {
			s->then = j;
		}
	}
}

/* The one whose entry it was has gone on to its next. */
static void choose_again(struct journals *s)
{
	if (!s->now->entry || (s->then && order(s->now, s->then) >= 0))
		choose(s);
}

/* ---- one boot ---- */

static void begin_again(struct journals *s)
{
	struct err ignored = {0};

	for (size_t i = 0; i < s->n; i++) {
		const struct journal_part part = s->files[i].part;

		if (journal_file_begin(&s->files[i], s->cache, &part, &ignored))
			s->files[i].entry = 0;
	}
	choose(s);
}

static bool is_among(unsigned char (*boots)[16], size_t n, const unsigned char *boot)
{
	while (n > 0 && !same_id(boots[n - 1], boot))
		n--;
	return n > 0;
}

/* 0: the last one, -1 the one before. All entries are gone through. */
static bool find_boot(struct journals *s, int boot)
{
	unsigned char boots[BOOTS_MAX][16];
	size_t n = 0, back = (size_t)-(int64_t)boot;

	while (s->now) {
		if (!is_among(boots, n, s->now->key.boot)) {
			if (n == BOOTS_MAX)
				memmove(boots[0], boots[1], --n * sizeof(boots[0]));
			memcpy(boots[n++], s->now->key.boot, sizeof(boots[0]));
		}
		journal_file_skip(s->now);
		choose_again(s);
	}
	if (back >= n)
		return false;
	s->one_boot = true;
	memcpy(s->boot, boots[n - 1 - back], sizeof(s->boot));
	begin_again(s);
	return true;
}

/* ---- the text ---- */

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

static void say_damage(const struct journals *s)
{
	const struct journal_file *first = NULL;
	unsigned files = 0, lost = 0, packed = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct journal_file *j = &s->files[i];

		if (j->lost == 0 && j->packed == 0)
			continue;
		first = first ? first : j;
		files++;
		lost += j->lost;
		packed += j->packed;
	}
	if (files == 0)
		return;
	if (s->n > 1)
		source_note(s->info, "%u of %zu journal files (%.60s) damaged, cut short or too large: "
			    "%u objects and %u compressed values could not be read", files, s->n,
			    base_of(first->part.name), lost, packed);
	else
		source_note(s->info, "the journal file is damaged, cut short or too large: %u objects "
			    "and %u compressed values could not be read", lost, packed);
}

static int next_entry(struct journal *to, void *own, struct err *err)
{
	struct journals *s = own;

	(void)err;
	while (s->now) {
		bool told = !s->one_boot || same_id(s->now->key.boot, s->boot);

		if (told)
			journal_file_tell(s->now, to);
		else
			journal_file_skip(s->now);
		choose_again(s);
		if (told)
			return 1;
	}
	if (!s->done)
		say_damage(s);
	s->done = true;
	return 0;
}

static void journals_close(struct stream *in)
{
	struct journals *s = in->own;

	for (size_t i = 0; i < s->n; i++)
		journal_file_end(&s->files[i]);
}

/* Those that can be read; why not, of the first that cannot. */
static void begin_all(struct journals *s, const struct journal_part *parts, size_t n, struct err *why)
{
	unsigned failed = 0;

	for (size_t i = 0; i < n; i++) {
		if (journal_file_begin(&s->files[s->n], s->cache, &parts[i],
				       why) == 0)
			s->n++;
		else
			failed++;
	}
	if (failed && s->n)
		source_note(s->info, "%u of %zu journal files cannot be read, first %.100s", failed, n,
			    why->text);
}

static bool any_damage(const struct journals *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->files[i].lost)
			return true;
	return false;
}

struct stream *journals_open(struct arena *a, const struct journal_part *parts, size_t n, int boot,
			     struct source_info *info, struct err *err)
{
	struct stream *in = stream_new(a, err), *text;
	struct journals *s = arena_take(a, sizeof(*s));
	struct err why = {0};

	if (s) {
		s->cache = journal_cache_new(a);
		s->files = arena_array(a, n, sizeof(*s->files));
	}
	if (!in || !s || !s->cache || !s->files) {
		for (size_t i = 0; i < n; i++)
			journal_file_end(&(struct journal_file){.part = parts[i]});
		err_set(err, ERR_NOMEM, "no memory to read %s", parts[0].name);
		return NULL;
	}
	s->info = info;
	in->own = s;
	in->close = journals_close;
	begin_all(s, parts, n, &why);
	choose(s);
	if (!s->now) {
		if (s->n)
			err_set(err, ERR_FORMAT, "%s: no kernel messages in this journal file%s",
				parts[0].name, any_damage(s) ? ", which is damaged" : "");
		else
			*err = why;
		stream_close(in);
		return NULL;
	}
	if (boot != ANY_BOOT && !find_boot(s, boot)) {
		stream_close(in);
		(void)journal_lacks_boot(err);
		return NULL;
	}
	text = entries_text(a, in, next_entry, s, NULL, true, err);
	return text;
}
