/* SPDX-License-Identifier: MIT */
/* journal_file.c - a .journal file of systemd: only the entries of journal_matches[], told to
 * entries_text() as those of journalctl are.
 *
 * The layout is systemd.io/JOURNAL_FILE_FORMAT: objects of 8-aligned offsets, little-endian. The
 * fields' hash table leads to a field, the field to its values (newest first, so offsets fall), a
 * value to the entries that have it (offsets rise): what does not fall or rise is damage and ends
 * that list, so no file makes us go in circles. Nothing is mapped: a file that becomes shorter
 * is a short read. Entries share most of their values, which are remembered: of one that was seen
 * only the message and the time are read.
 */
#include <endian.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/journal_file.h"

enum {
	BLOCK = 16 << 10, WAYS = 4, SETS = 8, /* what is kept of the files: 512 KiB */
	VALUE_MAX = 256 << 10,		/* as long as a message may be */
	ITEMS_MAX = 4096,		/* fields of an entry */
	ITEMS_ROOM = 64,		/* ... that are looked at at a time */
	/* flags that an older reader must know: xz 1, lz4 2, keyed hash 4, zst 8 */
	COMPACT = 16,
	KNOWN = 1 | 2 | 4 | 8 | COMPACT,
	/* an object's own */
	OBJECT_LZ4 = 2, PACKED = 1 | OBJECT_LZ4 | 4,
	HEAD = 208, ENTRY_HEAD = 64,
	KEY_LOOK = 32,		  /* the longest key that is read, and '=' */
	LOOK = 4096,		  /* a value that is no longer is looked at whole */
	SHORT = 55, SHORTS = 512, /* values that are remembered */
};
enum object_type { DATA = 1, FIELD = 2, ENTRY = 3, ENTRY_ARRAY = 6 };

struct object {
	uint64_t at, size;
	uint8_t flags;
};

struct journal_cache {
	char *joined, *plain; /* VALUE_MAX bytes: what blocks cut; what was packed */
	struct block {
		const struct journal_file *of; /* NULL: empty */
		uint64_t at;		       /* its place in the file */
		uint64_t used;		       /* the least lately used one of its set makes room */
		size_t n;
		char *p; /* BLOCK bytes */
	} blocks[SETS][WAYS];
	uint64_t clock;
	struct known {
		const struct journal_file *of; /* NULL: empty */
		uint64_t at;
		signed char key; /* < 0: none that is wanted */
		unsigned char n;
		char p[SHORT];
	} known[SHORTS];
};

/* What it holds is not zeroed: what is not used of it costs no memory. */
struct journal_cache *journal_cache_new(struct arena *a)
{
	struct journal_cache *c = arena_take(a, sizeof(*c));
	char *blocks = arena_room(a, (size_t)SETS * WAYS * BLOCK);

	if (!c || !blocks)
		return NULL;
	for (size_t i = 0; i < SETS * WAYS; i++)
		c->blocks[i / WAYS][i % WAYS].p = blocks + i * BLOCK;
	c->joined = arena_room(a, VALUE_MAX);
	c->plain = arena_room(a, VALUE_MAX);
	return c->joined && c->plain ? c : NULL;
}

static ssize_t read_at(const struct place *of, uint64_t at, char *p, size_t n)
{
	ssize_t got;

	do {
		got = pread(of->fd, p, n, (off_t)(of->at + at));
	} while (got < 0 && errno == EINTR);
	return got;
}

static const struct block *block_at(struct journal_file *j, uint64_t from)
{
	struct block *set = j->cache->blocks[from / BLOCK % SETS], *b = set;
	const struct place *of = &j->part.place;
	size_t n = of->size - from < BLOCK ? (size_t)(of->size - from) : BLOCK;
	ssize_t got;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].of == j && set[i].at == from) {
			set[i].used = ++j->cache->clock;
			return &set[i];
		}
		if (set[i].used < b->used)
			b = &set[i];
	}
	got = read_at(of, from, b->p, n);
	b->of = got < 0 ? NULL : j;
	b->at = from;
	b->used = ++j->cache->clock;
	b->n = got < 0 ? 0 : (size_t)got;
	return b;
}

/* Bytes of the file (at most VALUE_MAX) that stay until the next ones; NULL: it ends before. */
static const char *view(struct journal_file *j, uint64_t at, size_t n)
{
	const struct block *b;
	size_t past = (size_t)(at % BLOCK);

	if (n > j->part.place.size || at > j->part.place.size - n)
		return NULL;
	b = block_at(j, at - past);
	if (b->n >= past + n)
		return b->p + past;
	for (size_t have = 0, part; have < n; have += part, past = 0) {
		b = block_at(j, at + have - past);
		if (b->n <= past)
			return NULL;
		part = b->n - past < n - have ? b->n - past : n - have;
		memcpy(j->cache->joined + have, b->p + past, part);
		if (part < n - have && past + part < BLOCK)
			return NULL;
	}
	return j->cache->joined;
}

static uint64_t u64_of(const char *p)
{
	uint64_t n;

	memcpy(&n, p, sizeof(n));
	return le64toh(n);
}

static uint32_t u32_of(const char *p)
{
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	return le32toh(n);
}

/* A number of the file; 0, which is no offset, where it cannot be read. */
static uint64_t u64_at(struct journal_file *j, uint64_t at)
{
	const char *p = view(j, at, sizeof(uint64_t));

	return p ? u64_of(p) : 0;
}

static uint64_t offset_at(struct journal_file *j, uint64_t at)
{
	const char *p = view(j, at, j->compact ? sizeof(uint32_t) : sizeof(uint64_t));

	return !p ? 0 : j->compact ? u32_of(p) : u64_of(p);
}

/* Its first `least` bytes, until the next ones; NULL: it is none. */
static const char *object_at(struct journal_file *j, uint64_t at, enum object_type type,
			     uint64_t least, struct object *ret)
{
	const char *head = NULL;

	if (j->left >= 16) {
		j->left -= 16;
		head = at % 8 == 0 ? view(j, at, least) : NULL;
	}
	if (head && head[0] == (char)type) { /* then its flags, 6 bytes of nothing, its size */
		*ret = (struct object){at, u64_of(head + 8), (uint8_t)head[1]};
		if (ret->size >= least && ret->size <= j->part.place.size - at)
			return head;
	}
	j->lost++;
	return NULL;
}

/* ---- values ---- */

/* Which field it is that a value begins with, and what is behind its '='; < 0: none we read. */
static int take_key(struct str *value)
{
	struct str key;

	return take_until(value, '=', &key) ? entry_key(key) : -1;
}

static struct known *known_at(const struct journal_file *j, uint64_t at)
{
	return &j->cache->known[at / 8 % SHORTS];
}

static void remember(const struct journal_file *j, uint64_t at, int key, struct str value)
{
	struct known *k = known_at(j, at);

	if (value.n > SHORT)
		return;
	k->of = j;
	k->at = at;
	k->key = (signed char)key;
	k->n = (unsigned char)value.n;
	memcpy(k->p, value.p, value.n);
}

static struct str unpacked(struct journal_file *j, uint8_t flags, struct str in)
{
	char *to = j->cache->plain;
	size_t n = flags & OBJECT_LZ4 ? journal_unpack_lz4(str_from(in, 8), to, VALUE_MAX)
				      : journal_unpack_stream(in, to, VALUE_MAX);

	j->packed += !n;
	j->left -= n < j->left ? n : j->left;
	return (struct str){to, n};
}

/* All of an object's value, unpacked. */
static int whole_value(struct journal_file *j, const struct object *o, uint64_t head, struct str *ret)
{
	size_t n = o->size - head < VALUE_MAX ? (size_t)(o->size - head) : VALUE_MAX;
	bool cut;
	int key;

	*ret = (struct str){n <= j->left ? view(j, o->at + head, n) : NULL, n};
	if (!ret->p) {
		j->lost++;
		return -1;
	}
	j->left -= n;
	if (o->flags & PACKED)
		*ret = unpacked(j, o->flags, *ret);
	cut = n < o->size - head || (o->flags & PACKED && ret->n == VALUE_MAX);
	key = take_key(ret);
	j->lost += key >= 0 && cut;
	return key;
}

/* The field and the value of a DATA object, when it is one we read; it stays until the next one. */
static int value_at(struct journal_file *j, uint64_t at, struct str *ret)
{
	const uint64_t head = j->compact ? 72 : 64;
	const struct known *k = known_at(j, at);
	struct object o;
	int key;

	if (k->of == j && k->at == at) {
		*ret = (struct str){k->p, k->n};
		return k->key;
	}
	if (!object_at(j, at, DATA, head, &o))
		return -1;
	if (!(o.flags & PACKED) && o.size - head > LOOK) { /* a long one is mostly none of ours */
		*ret = (struct str){view(j, at + head, KEY_LOOK), KEY_LOOK};
		if (!ret->p || take_key(ret) < 0) {
			remember(j, at, -1, STR(""));
			return -1;
		}
	}
	key = whole_value(j, &o, head, ret);
	remember(j, at, key, key < 0 ? STR("") : *ret);
	return key;
}

/* ---- which entries ---- */

/* The next array of a list; those that follow lie behind it. */
static void array_in(struct journal_file *j, struct journal_list *l, uint64_t at)
{
	struct object o;

	l->array = l->index = l->items = 0;
	if (!at)
		return;
	if (at < l->past)
		j->lost++;
	else if (object_at(j, at, ENTRY_ARRAY, 24, &o)) {
		l->array = at;
		l->past = at + o.size;
		l->items = (o.size - 24) / (j->compact ? 4 : 8);
	}
}

static void list_next(struct journal_file *j, struct journal_list *l)
{
	uint64_t last = l->next;

	l->next = 0;
	for (; l->left; l->left--) {
		uint64_t at;

		if (l->array && l->index == l->items)
			array_in(j, l, u64_at(j, l->array + 16));
		if (!l->array || l->index == l->items)
			break;
		at = offset_at(j, l->array + 24 + l->index++ * (j->compact ? 4 : 8));
		if (at > last) {
			l->next = at;
			l->left--;
			return;
		}
		j->lost++;
	}
	j->lost += l->left > 0; /* more were promised */
	l->left = 0;
}

static void list_begin(struct journal_file *j, struct journal_list *l, uint64_t data)
{
	l->next = u64_at(j, data + 40);
	l->left = u64_at(j, data + 56);
	if (l->left)
		l->left--; /* the first stands in the value itself */
	array_in(j, l, u64_at(j, data + 48));
}

/* The values of a field: each was put in front of the one before it. */
static void values_in(struct journal_file *j, uint64_t data, struct str field)
{
	for (uint64_t last = UINT64_MAX; data; data = u64_at(j, data + 32)) {
		struct str value, key, match;

		if (data >= last) {
			j->lost++;
			return;
		}
		last = data;
		if (value_at(j, data, &value) != entry_key(field))
			continue;
		for (size_t i = 0; i < JOURNAL_MATCHES; i++) {
			match = str_of(journal_matches[i]);
			if (take_until(&match, '=', &key) && str_eq(key, field) &&
			    str_eq(match, value))
				list_begin(j, &j->lists[i], data);
		}
	}
}

static void field_in(struct journal_file *j, const struct object *o)
{
	static const struct str keys[] = {STR_INIT("_TRANSPORT"), STR_INIT("SYSLOG_IDENTIFIER")};

	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		const char *p = o->size - 40 == keys[i].n ? view(j, o->at + 40, keys[i].n) : NULL;

		if (p && str_eq((struct str){p, keys[i].n}, keys[i]))
			values_in(j, u64_at(j, o->at + 32), keys[i]);
	}
}

static void fields_find(struct journal_file *j)
{
	uint64_t table = u64_at(j, 120), n = u64_at(j, 128) / 16, size = j->part.place.size;

	if (table >= size || n > (size - table) / 16) {
		j->lost++;
		return;
	}
	for (uint64_t i = 0; i < n; i++) {
		uint64_t last = 0, at = u64_at(j, table + i * 16);
		struct object o;

		for (; at > last && object_at(j, at, FIELD, 40, &o); at = u64_at(j, at + 24)) {
			field_in(j, &o);
			last = at;
		}
	}
}

/* ---- entries ---- */

/* The lists' first in the order of the file, which is the order of writing. */
static uint64_t next_of_lists(struct journal_file *j)
{
	uint64_t at = UINT64_MAX;

	for (size_t i = 0; i < JOURNAL_MATCHES; i++)
		if (j->lists[i].next && j->lists[i].next < at)
			at = j->lists[i].next;
	if (at == UINT64_MAX)
		return 0;
	for (size_t i = 0; i < JOURNAL_MATCHES; i++)
		if (j->lists[i].next == at)
			list_next(j, &j->lists[i]);
	return at;
}

void journal_file_skip(struct journal_file *j)
{
	const char *head = NULL;
	struct object o;

	while (!head && (j->entry = next_of_lists(j)) != 0)
		if (j->entry >= j->past)
			head = object_at(j, j->entry, ENTRY, ENTRY_HEAD, &o);
	if (!head)
		return;
	j->past = o.at + o.size;
	j->key = (struct entry_key){.seqnum = u64_of(head + 16), .realtime = u64_of(head + 24),
				    .monotonic = u64_of(head + 32), .hash = u64_of(head + 56)};
	memcpy(j->key.boot, head + 40, sizeof(j->key.boot));
}

void journal_file_tell(struct journal_file *j, struct journal *to)
{
	const uint64_t step = j->compact ? 4 : 16, from = j->entry + ENTRY_HEAD;
	uint64_t n = (j->past - from) / step;

	entry_times(to, j->key.realtime, j->key.monotonic);
	j->lost += n > ITEMS_MAX;
	n = n < ITEMS_MAX ? n : ITEMS_MAX;
	for (uint64_t i = 0; i < n; i += ITEMS_ROOM) {
		char items[ITEMS_ROOM * 16];
		size_t some = n - i < ITEMS_ROOM ? (size_t)(n - i) : ITEMS_ROOM;
		const char *p = view(j, from + i * step, some * (size_t)step);

		if (!p)
			break;
		memcpy(items, p, some * (size_t)step); /* values take the place of what is viewed */
		for (size_t k = 0; k < some; k++) {
			struct str value;
			int key = value_at(j, j->compact ? u32_of(items + k * 4)
							 : u64_of(items + k * 16), &value);

			if (key >= 0)
				entry_value(to, key, value);
		}
	}
	entry_end(to);
	journal_file_skip(j);
}

/* ---- the file ---- */

static int not_read(const char *name, const char *why, struct err *err)
{
	err_set(err, ERR_FORMAT, "%s: %s", name, why);
	return err_hint(err, "give what `journalctl -k -o export --file` prints of it");
}

bool journal_id_of(const struct place *of, struct journal_id *ret)
{
	char head[HEAD];

	if (of->size < HEAD || read_at(of, 0, head, HEAD) != HEAD)
		return false;
	memcpy(ret->machine, head + 40, sizeof(ret->machine));
	memcpy(ret->series, head + 72, sizeof(ret->series));
	ret->seqnum = u64_of(head + 168);
	ret->realtime = u64_of(head + 184);
	return true;
}

bool place_of(int fd, struct place *ret)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	*ret = (struct place){fd, 0, (uint64_t)st.st_size};
	return true;
}

int journal_file_begin(struct journal_file *j, struct journal_cache *cache,
		       const struct journal_part *part, struct err *err)
{
	const char *flags;

	*j = (struct journal_file){.part = *part, .cache = cache};
	j->left = (1 << 20) + 64 * part->place.size;
	if (!journal_id_of(&part->place, &j->id)) {
		journal_file_end(j);
		return not_read(part->name, "the journal file is cut short in its head", err);
	}
	flags = view(j, 12, 4);
	if (!flags || u32_of(flags) & ~(uint32_t)KNOWN) {
		journal_file_end(j);
		return not_read(part->name, "the journal file is of a newer format", err);
	}
	j->compact = u32_of(flags) & COMPACT;
	fields_find(j);
	journal_file_skip(j);
	return 0;
}

void journal_file_end(struct journal_file *j)
{
	j->entry = 0;
	if (!j->part.kept)
		fd_close(&j->part.place.fd);
}

struct stream *journal_file_open(struct arena *a, int fd, const char *name,
				 struct source_info *info, struct err *err)
{
	struct journal_part part = {.name = arena_cstr(a, str_of(name))};

	if (part.name && place_of(fd, &part.place))
		return journals_open(a, &part, 1, ANY_BOOT, info, err);
	fd_close(&fd);
	if (part.name)
		not_read(name, "a .journal file must be an ordinary file", err);
	else
		err_set(err, ERR_NOMEM, "no memory to read %s", name);
	return NULL;
}
