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

#include "source/input.h"

enum {
	BLOCK = 16 << 10, BLOCKS = 32,	/* what is kept of the file: 512 KiB */
	VALUE_MAX = 256 << 10,		/* as long as a message may be */
	ITEMS_MAX = 4096,		/* fields of an entry */
	UNPACK_ROOM = 32 << 20,
	/* flags that an older reader must know */
	PACKED_XZ = 1, PACKED_LZ4 = 2, KEYED_HASH = 4, PACKED_ZSTD = 8, COMPACT = 16,
	KNOWN = PACKED_XZ | PACKED_LZ4 | KEYED_HASH | PACKED_ZSTD | COMPACT,
	/* an object's own */
	OBJECT_LZ4 = 2, PACKED = 1 | OBJECT_LZ4 | 4,
	KEY_LOOK = 32, /* the longest key that is read, and '=' */
	SHORT = 55, SHORTS = 256, /* values that are remembered */
};
enum object_type { DATA = 1, FIELD = 2, ENTRY = 3, ENTRY_ARRAY = 6 };

struct object {
	uint64_t at, size;
	uint8_t flags;
};

/* The entries that have one value. */
struct list {
	uint64_t next;	/* the entry whose turn it is; 0: none */
	uint64_t array, past, index, items, left; /* past: the array ends there */
};

struct journal_file {
	int fd;
	bool compact, done;
	uint64_t size, left; /* left: what may still be read and unpacked, so that no forged file keeps us long */
	uint64_t past; /* the last entry ended there */
	struct source_info *info;
	unsigned lost, packed; /* objects that are damaged; values that cannot be unpacked */
	struct list lists[JOURNAL_MATCHES];
	char *joined, *plain; /* VALUE_MAX bytes: what blocks cut; what was packed */
	struct block {
		uint64_t at; /* its place in the file + 1; 0: empty */
		size_t n;
		char *p; /* BLOCK bytes */
	} blocks[BLOCKS];
	struct known {
		uint64_t at; /* 0: empty */
		unsigned char n; /* 0: none that is wanted */
		char p[SHORT];
	} known[SHORTS];
};

static const struct block *block_at(struct journal_file *j, uint64_t from)
{
	struct block *b = &j->blocks[from / BLOCK % BLOCKS];

	if (b->at != from + 1) {
		ssize_t got;

		do {
			got = pread(j->fd, b->p, BLOCK, (off_t)from);
		} while (got < 0 && errno == EINTR);
		b->at = got < 0 ? 0 : from + 1;
		b->n = got < 0 ? 0 : (size_t)got;
	}
	return b;
}

/* Bytes of the file (at most VALUE_MAX) that stay until the next ones; NULL: it ends before. */
static const char *view(struct journal_file *j, uint64_t at, size_t n)
{
	const struct block *b;
	size_t past = (size_t)(at % BLOCK);

	if (n > j->size || at > j->size - n)
		return NULL;
	b = block_at(j, at - past);
	if (b->n >= past + n)
		return b->p + past;
	for (size_t have = 0, part; have < n; have += part, past = 0) {
		b = block_at(j, at + have - past);
		if (b->n <= past)
			return NULL;
		part = b->n - past < n - have ? b->n - past : n - have;
		memcpy(j->joined + have, b->p + past, part);
		if (part < n - have && past + part < BLOCK)
			return NULL;
	}
	return j->joined;
}

/* A number of the file; 0, which is no offset, where it cannot be read. */
static uint64_t u64_at(struct journal_file *j, uint64_t at)
{
	const char *p = view(j, at, sizeof(uint64_t));
	uint64_t n = 0;

	if (p)
		memcpy(&n, p, sizeof(n));
	return le64toh(n);
}

static uint32_t u32_at(struct journal_file *j, uint64_t at)
{
	const char *p = view(j, at, sizeof(uint32_t));
	uint32_t n = 0;

	if (p)
		memcpy(&n, p, sizeof(n));
	return le32toh(n);
}

static uint64_t offset_at(struct journal_file *j, uint64_t at)
{
	return j->compact ? u32_at(j, at) : u64_at(j, at);
}

static bool object_at(struct journal_file *j, uint64_t at, enum object_type type,
		      uint64_t least, struct object *ret)
{
	const char *head;

	ret->at = at;
	if (j->left < 16) {
		j->lost++;
		return false;
	}
	j->left -= 16;
	head = at % 8 == 0 ? view(j, at, 16) : NULL; /* its type, its flags, 6 of nothing, its size */
	if (head && head[0] == (char)type) {
		ret->flags = (uint8_t)head[1];
		memcpy(&ret->size, head + 8, sizeof(ret->size));
		ret->size = le64toh(ret->size);
		if (ret->size >= least && ret->size <= j->size - at)
			return true;
	}
	j->lost++;
	return false;
}

/* ---- compressed values ---- */

/* A length of LZ4 that goes on in bytes of 255. */
static bool take_more(struct str *in, size_t *n)
{
	unsigned char byte = 255;

	while (byte == 255 && in->n && *n <= VALUE_MAX) {
		byte = (unsigned char)in->p[0];
		*in = str_from(*in, 1);
		*n += byte;
	}
	return byte != 255 && *n <= VALUE_MAX;
}

/* One LZ4 block: how many bytes it gave, those before the damage where there is one. */
static size_t unpack_lz4(struct str in, char *to, size_t room)
{
	size_t out = 0;

	while (in.n) {
		unsigned char token = (unsigned char)in.p[0];
		size_t literals = token >> 4, match = token & 15, back;

		in = str_from(in, 1);
		if ((literals == 15 && !take_more(&in, &literals)) || literals > in.n ||
		    literals > room - out)
			break;
		memcpy(to + out, in.p, literals);
		out += literals;
		in = str_from(in, literals);
		if (in.n < 2)
			break;
		back = (unsigned char)in.p[0] | (size_t)(unsigned char)in.p[1] << 8;
		in = str_from(in, 2);
		if ((match == 15 && !take_more(&in, &match)) || back == 0 || back > out ||
		    match + 4 > room - out)
			break;
		for (match += 4; match; match--, out++)
			to[out] = to[out - back];
	}
	return out;
}

/* xz and zst, by the decoders that the house has. */
static size_t unpack_stream(struct str in, char *to, size_t room)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(UNPACK_ROOM);
	struct err ignored = {0};
	struct stream *below = stream_from_str(&a, in, &ignored), *text;
	char name[MEMBER_NAME];
	struct unpack *u = NULL;
	size_t out = 0;

	if (!below || unpack_open(&u, &a, below, "a value", &ignored))
		return 0;
	text = unpack_next(u, name, &ignored) > 0 ? unpack_member(u, &a, &ignored) : NULL;
	while (text && out < room) {
		ssize_t got = stream_read(text, to + out, room - out, &ignored);

		if (got <= 0)
			break;
		out += (size_t)got;
	}
	unpack_close(u);
	return out;
}

static struct str unpacked(struct journal_file *j, uint8_t flags, struct str in)
{
	size_t n;

	if (flags & OBJECT_LZ4)
		n = unpack_lz4(str_from(in, 8), j->plain, VALUE_MAX);
	else
		n = unpack_stream(in, j->plain, VALUE_MAX);
	if (!n)
		j->packed++;
	j->left -= n < j->left ? n : j->left;
	return (struct str){j->plain, n};
}

static bool is_wanted(struct str value)
{
	struct str key;

	return take_until(&value, '=', &key) && entry_wants(key);
}

/* ---- values ---- */

static struct known *known_at(struct journal_file *j, uint64_t at)
{
	return &j->known[at / 8 % SHORTS];
}

static void remember(struct journal_file *j, uint64_t at, struct str value)
{
	struct known *k = known_at(j, at);

	if (value.n > SHORT)
		return;
	k->at = at;
	k->n = (unsigned char)value.n;
	memcpy(k->p, value.p, value.n);
}

/* All of an object's value, unpacked, when it is one we read. */
static bool value_in(struct journal_file *j, const struct object *o, uint64_t head, struct str *ret)
{
	size_t n = o->size - head < VALUE_MAX ? (size_t)(o->size - head) : VALUE_MAX;

	*ret = (struct str){n <= j->left ? view(j, o->at + head, n) : NULL, n};
	if (!ret->p) {
		j->lost++;
		return false;
	}
	j->left -= n;
	if (o->flags & PACKED)
		*ret = unpacked(j, o->flags, *ret);
	if (!is_wanted(*ret))
		return false;
	j->lost += n < o->size - head || (o->flags & PACKED && ret->n == VALUE_MAX); /* cut */
	return true;
}

/* "KEY=value" of a DATA object, when it is one we read; it stays until the next one. */
static bool value_at(struct journal_file *j, uint64_t at, struct str *ret)
{
	const uint64_t head = j->compact ? 72 : 64;
	const struct known *k = known_at(j, at);
	struct object o;

	if (at && k->at == at) {
		*ret = (struct str){k->p, k->n};
		return k->n > 0;
	}
	if (!object_at(j, at, DATA, head, &o))
		return false;
	if (!(o.flags & PACKED)) { /* most values are none of ours */
		ret->n = o.size - head < KEY_LOOK ? (size_t)(o.size - head) : KEY_LOOK;
		ret->p = view(j, at + head, ret->n);
		if (!ret->p)
			return false;
		if (!is_wanted(*ret)) {
			remember(j, at, STR(""));
			return false;
		}
	}
	if (!value_in(j, &o, head, ret))
		return false;
	remember(j, at, *ret);
	return true;
}

/* ---- which entries ---- */

/* The next array of a list; those that follow lie behind it. */
static void array_in(struct journal_file *j, struct list *l, uint64_t at)
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

static void list_next(struct journal_file *j, struct list *l)
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

static void list_begin(struct journal_file *j, struct list *l, uint64_t data)
{
	l->next = u64_at(j, data + 40);
	l->left = u64_at(j, data + 56);
	if (l->left)
		l->left--; /* the first stands in the value itself */
	array_in(j, l, u64_at(j, data + 48));
}

/* The values of a field: each was put in front of the one before it. */
static void values_in(struct journal_file *j, uint64_t data, struct str key)
{
	for (uint64_t last = UINT64_MAX; data; data = u64_at(j, data + 32)) {
		struct str value;

		if (data >= last) {
			j->lost++;
			return;
		}
		last = data;
		if (!value_at(j, data, &value) || !str_starts(value, key))
			continue;
		for (size_t i = 0; i < JOURNAL_MATCHES; i++)
			if (str_eq(value, str_of(journal_matches[i])))
				list_begin(j, &j->lists[i], data);
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
	uint64_t table = u64_at(j, 120), n = u64_at(j, 128) / 16;

	if (table >= j->size || n > (j->size - table) / 16) {
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

static void entry_out(struct journal_file *j, uint64_t at, struct journal *to)
{
	const uint64_t step = j->compact ? 4 : 16;
	struct object o;
	uint64_t n;

	if (at < j->past || !object_at(j, at, ENTRY, 64, &o))
		return;
	j->past = at + o.size;
	entry_times(to, u64_at(j, at + 24), u64_at(j, at + 32));
	n = (o.size - 64) / step;
	j->lost += n > ITEMS_MAX;
	for (uint64_t i = 0; i < n && i < ITEMS_MAX; i++) {
		struct str value, key;

		if (value_at(j, offset_at(j, at + 64 + i * step), &value) &&
		    take_until(&value, '=', &key))
			entry_field(to, key, value);
	}
	entry_end(to);
}

/* The lists' first in the order of the file, which is the order of writing. */
static bool next_out(struct journal_file *j, struct journal *to)
{
	uint64_t at = UINT64_MAX;

	for (size_t i = 0; i < JOURNAL_MATCHES; i++)
		if (j->lists[i].next && j->lists[i].next < at)
			at = j->lists[i].next;
	if (at == UINT64_MAX)
		return false;
	for (size_t i = 0; i < JOURNAL_MATCHES; i++)
		if (j->lists[i].next == at)
			list_next(j, &j->lists[i]);
	entry_out(j, at, to);
	return true;
}

static int next_entry(struct journal *to, void *own, struct err *err)
{
	struct journal_file *j = own;

	(void)err;
	if (next_out(j, to))
		return 1;
	if (!j->done && (j->lost || j->packed))
		source_note(j->info, "the journal file is damaged, cut short or too large: %u objects "
			    "and %u compressed values could not be read", j->lost, j->packed);
	j->done = true;
	return 0;
}

static void file_close(struct stream *in)
{
	struct journal_file *j = in->own;

	fd_close(&j->fd);
}

static int not_read(const char *name, const char *why, struct err *err)
{
	err_set(err, ERR_FORMAT, "%s: %s", name, why);
	return err_hint(err, "give what `journalctl -k -o export --file` prints of it");
}

static int head_in(struct journal_file *j, const char *name, struct err *err)
{
	uint32_t flags;
	struct stat st;

	if (fstat(j->fd, &st) || !S_ISREG(st.st_mode))
		return not_read(name, "a .journal file must be an ordinary file", err);
	j->size = (uint64_t)st.st_size;
	j->left = (1 << 20) + 64 * j->size;
	if (j->size < 208)
		return not_read(name, "the journal file is cut short in its head", err);
	flags = u32_at(j, 12);
	if (flags & ~(uint32_t)KNOWN)
		return not_read(name, "the journal file is of a newer format", err);
	j->compact = flags & COMPACT;
	fields_find(j);
	return 0;
}

/* What it holds is not zeroed: what is not used of it costs no memory. */
static struct journal_file *file_new(struct arena *a)
{
	struct journal_file *j = arena_take(a, sizeof(*j));
	char *blocks = arena_room(a, (size_t)BLOCKS * BLOCK);

	if (!j || !blocks)
		return NULL;
	for (size_t i = 0; i < BLOCKS; i++)
		j->blocks[i].p = blocks + i * BLOCK;
	j->joined = arena_room(a, VALUE_MAX);
	j->plain = arena_room(a, VALUE_MAX);
	return j->joined && j->plain ? j : NULL;
}

struct stream *journal_file_open(struct arena *a, int fd, const char *name,
				 struct source_info *info, struct err *err)
{
	struct stream *in = stream_new(a, err), *text;
	struct journal_file *j = file_new(a);
	struct str head;

	if (!in || !j) {
		fd_close(&fd);
		err_set(err, ERR_NOMEM, "no memory to read %s", name);
		return NULL;
	}
	j->fd = fd;
	j->info = info;
	in->own = j;
	in->close = file_close;
	if (head_in(j, name, err)) {
		stream_close(in);
		return NULL;
	}
	text = entries_text(a, in, next_entry, j, NULL, true, err);
	if (!text)
		return NULL;
	if (stream_peek(text, &head, err) || head.n == 0) {
		stream_close(text);
		err_set(err, ERR_FORMAT, "%s: no kernel messages in this journal file%s", name,
			j->lost ? ", which is damaged" : "");
		return NULL;
	}
	return text;
}
