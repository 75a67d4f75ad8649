/* SPDX-License-Identifier: MIT */
/* decode.c - compressed bytes and archives; the only file here that knows libarchive.
 *
 * Decoders work in streams: memory is theirs (a zstd window, an xz dictionary) plus one block.
 * What is damaged is read up to the damage; what swells without end is cut (BOMB_*).
 */
#include <archive.h>
#include <archive_entry.h>

#include "source/input.h"

enum { IN_BLOCK = 64 * 1024, RETRIES_MAX = 4096 };
/* A log compresses some 5 to 30 times, a very dull one a few hundred times. */
static const uint64_t BOMB_BYTES = UINT64_C(1) << 30, BOMB_RATIO = 2000;

struct unpack {
	struct archive *archive;
	struct stream *in;
	char *block;
	struct err read_err; /* of the stream below */
	uint64_t bytes_in, bytes_unpacked, bytes_out; /* out: to who reads */
	bool raw, any;
	bool over; /* damaged, or a bomb: nothing more is read */
	char name[256];
	char trouble[200];
};

static const struct {
	enum format format;
	size_t at;
	struct str magic;
} magics[] = {
	{FORMAT_COMPRESSED, 0, STR_INIT("\x1f\x8b")},
	{FORMAT_COMPRESSED, 0, STR_INIT("\xfd" "7zXZ\0")},
	{FORMAT_COMPRESSED, 0, STR_INIT("\x28\xb5\x2f\xfd")},
	{FORMAT_COMPRESSED, 0, STR_INIT("BZh")},
	{FORMAT_COMPRESSED, 0, STR_INIT("\x1f\x9d")},
	{FORMAT_COMPRESSED, 0, STR_INIT("]\0\0")},
	{FORMAT_ARCHIVE, 257, STR_INIT("ustar")},
	{FORMAT_ARCHIVE, 0, STR_INIT("PK\x03\x04")},
	{FORMAT_JOURNAL, 0, STR_INIT("LPKSHHRH")},
	{FORMAT_EXPORT, 0, STR_INIT("__CURSOR=")},
	{FORMAT_EXPORT, 0, STR_INIT("__REALTIME_TIMESTAMP=")},
};

/* Taken for text they would be a log in which nothing is found. */
static const struct {
	struct str magic;
	const char *program; /* that unpacks it */
} foreign[] = {
	{STR_INIT("\x04\x22\x4d\x18"), "lz4"},
	{STR_INIT("7z\xbc\xaf\x27\x1c"), "7z"},
	{STR_INIT("Rar!\x1a\x07"), "unrar"},
	{STR_INIT("\x89LZO\0\r\n\x1a\n"), "lzop"},
	{STR_INIT("LZIP"), "lzip"},
	{STR_INIT("LRZI"), "lrzip"},
};

static size_t foreign_at(struct str head)
{
	size_t i = 0;

	while (i < ARRAY_COUNT(foreign) && !str_starts(head, foreign[i].magic))
		i++;
	return i;
}

/* A program, library or object: what it may say of an OOM is in it. The image of a machine's memory
 * (ET_CORE) is none, and has the machine's log. */
static bool is_program(struct str head)
{
	enum { AT_ORDER = 5, BIG = 2, AT_TYPE = 16, FIRST_TYPE = 1, LAST_TYPE = 3 };
	unsigned type;

	if (head.n < 64 || !str_starts(head, STR("\x7f" "ELF")))
		return false;
	type = (unsigned char)head.p[AT_TYPE + (head.p[AT_ORDER] == BIG)];
	return type >= FIRST_TYPE && type <= LAST_TYPE;
}

int foreign_error(struct str head, const char *name, struct err *err)
{
	size_t i = foreign_at(head);

	if (is_program(head))
		return err_set(err, ERR_FORMAT, "%s: it is a program, not a log", name);
	return err_set(err, ERR_FORMAT, "%s: it is packed in a way that is not read here: unpack it first "
		       "(with %s), or pack it with gzip, xz or zstd", name,
		       i < ARRAY_COUNT(foreign) ? foreign[i].program : "its own program");
}

/* The words of a JSON text, white space between them. */
static bool take_words(struct str in, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n && words[i].n; i++) {
		while (in.n && (ascii_blank(in.p[0]) || in.p[0] == '\n' || in.p[0] == '\r'))
			in = str_from(in, 1);
		if (!take_lit(&in, words[i]))
			return false;
	}
	return true;
}

/* Our own report begins with its schema; sorted (jq -S) with what stands first in the alphabet,
 * its schema too far behind to be looked at. */
static bool is_report(struct str head)
{
	enum { WORDS = 6 };
	static const struct str begins[][WORDS] = {
		{STR_INIT("{"), STR_INIT("\"collection\""), STR_INIT(":"), STR_INIT("null"),
		 STR_INIT(","), STR_INIT("\"counts\"")},
		{STR_INIT("{"), STR_INIT("\"collection\""), STR_INIT(":"), STR_INIT("{"),
		 STR_INIT("\"facts\""), STR_INIT(":")},
	};
	static const struct str object[] = {STR_INIT("{"), STR_INIT("\"")};
	static const struct str schema[] = {STR_INIT("\"schema\""), STR_INIT(":"),
					    STR_INIT("\"oomreport.report/")};

	if (!take_words(head, object, ARRAY_COUNT(object)))
		return false;
	for (size_t i = 0; i < ARRAY_COUNT(begins); i++) {
		if (take_words(head, begins[i], WORDS))
			return true;
	}
	for (size_t at; (at = str_find(head, schema[0])) != SIZE_MAX; head = str_from(head, at + 1)) {
		if (take_words(str_from(head, at), schema, ARRAY_COUNT(schema)))
			return true;
	}
	return false;
}

enum format format_of(struct str head)
{
	for (size_t i = 0; i < ARRAY_COUNT(magics); i++)
		if (str_starts(str_from(head, magics[i].at), magics[i].magic))
			return magics[i].format;
	if (foreign_at(head) < ARRAY_COUNT(foreign) || is_program(head))
		return FORMAT_FOREIGN;
	return is_report(head) ? FORMAT_REPORT : FORMAT_PLAIN;
}

static la_ssize_t read_block(struct archive *a, void *client, const void **block)
{
	struct unpack *u = client;
	ssize_t got = stream_read(u->in, u->block, IN_BLOCK, &u->read_err);

	if (got < 0)
		archive_set_error(a, -1, "%s", u->read_err.text);
	else
		u->bytes_in += (uint64_t)got;
	*block = u->block;
	return got;
}

static int support(struct archive *a)
{
	/* A filter this libarchive was built without answers ARCHIVE_WARN and would start a
	 * program; the ones here are built in everywhere. */
	return archive_read_support_filter_gzip(a) < ARCHIVE_WARN ||
	       archive_read_support_filter_bzip2(a) < ARCHIVE_WARN ||
	       archive_read_support_filter_xz(a) < ARCHIVE_WARN ||
	       archive_read_support_filter_lzma(a) < ARCHIVE_WARN ||
	       archive_read_support_filter_zstd(a) < ARCHIVE_WARN ||
	       archive_read_support_filter_compress(a) < ARCHIVE_WARN ||
	       archive_read_support_format_tar(a) < ARCHIVE_WARN ||
	       archive_read_support_format_zip_streamable(a) < ARCHIVE_WARN ||
	       archive_read_support_format_raw(a) < ARCHIVE_WARN;
}

/* Why, as libarchive says it; what to say where it says nothing. */
static int cannot_unpack(const struct unpack *u, const char *why, struct err *err)
{
	const char *said = u->archive ? archive_error_string(u->archive) : NULL;

	return err_set(err, ERR_FORMAT, "%s: cannot unpack: %s", u->name, said ? said : why);
}

int unpack_open(struct unpack **ret, struct arena *a, struct stream *in, const char *name,
		struct err *err)
{
	struct unpack *u = arena_take(a, sizeof(*u));

	if (u)
		u->block = arena_take(a, IN_BLOCK);
	if (!u || !u->block) {
		stream_close(in);
		return err_set(err, ERR_NOMEM, "no memory to unpack %s", name);
	}
	u->in = in;
	snprintf(u->name, sizeof(u->name), "%s", name);
	u->archive = archive_read_new();
	if (!u->archive || support(u->archive) ||
	    archive_read_open(u->archive, u, NULL, read_block, NULL) < ARCHIVE_WARN) {
		cannot_unpack(u, "no memory", err);
		unpack_close(u);
		return -1;
	}
	*ret = u;
	return 0;
}

/* The next block of a member, where libarchive has it, as libarchive answers. */
static int next_block(struct unpack *u, struct str *ret)
{
	const void *block;
	size_t n = 0;
	la_int64_t offset;
	int rc;

	do /* blocks may be empty */
		rc = u->over ? ARCHIVE_EOF
			     : archive_read_data_block(u->archive, &block, &n, &offset);
	while (rc >= ARCHIVE_WARN && rc != ARCHIVE_EOF && n == 0);
	u->over |= rc == ARCHIVE_FATAL;
	if (rc < ARCHIVE_WARN || rc == ARCHIVE_EOF)
		return rc;
	u->bytes_unpacked += n;
	if (u->bytes_unpacked > BOMB_BYTES && u->bytes_unpacked / BOMB_RATIO > u->bytes_in) {
		u->over = true;
		snprintf(u->trouble, sizeof(u->trouble),
			 "cut after %llu bytes: it swells more than %llu times when unpacked",
			 (unsigned long long)u->bytes_unpacked, (unsigned long long)BOMB_RATIO);
		return ARCHIVE_EOF;
	}
	*ret = (struct str){block, n};
	return ARCHIVE_OK;
}

static ssize_t text_block(struct unpack *u, const char **p, struct err *err)
{
	struct str block;
	int rc = next_block(u, &block);
	const char *why;

	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc < ARCHIVE_WARN && u->bytes_out == 0 && u->raw)
		return cannot_unpack(u, "damaged", err);
	if (rc < ARCHIVE_WARN) {
		why = archive_error_string(u->archive);
		snprintf(u->trouble, sizeof(u->trouble), "damaged after %llu bytes of text: %s",
			 (unsigned long long)u->bytes_out, why ? why : "it cannot be read on");
		return 0;
	}
	u->bytes_out += block.n;
	*p = block.p;
	return (ssize_t)block.n;
}

static void note_damage(struct unpack *u)
{
	const char *why = archive_error_string(u->archive);

	snprintf(u->trouble, sizeof(u->trouble), "the archive is damaged: %s",
		 why ? why : "it cannot be read on");
}

/* What nobody reads of a member is unpacked all the same: it may be a bomb as any other. Behind a
 * header that is none the next one is looked for: what follows may be whole. */
static int next_header(struct unpack *u, struct archive_entry **entry, struct err *err)
{
	struct str block;
	int rc = ARCHIVE_OK;

	while (u->any && rc == ARCHIVE_OK)
		rc = next_block(u, &block);
	if (u->over) {
		if (!u->trouble[0])
			note_damage(u);
		return 0;
	}
	rc = archive_read_next_header(u->archive, entry);
	for (unsigned i = 0; rc == ARCHIVE_RETRY && i < RETRIES_MAX; i++) {
		note_damage(u);
		rc = archive_read_next_header(u->archive, entry);
	}
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc >= ARCHIVE_WARN)
		return 1;
	if (!u->any)
		return cannot_unpack(u, "it cannot be read", err);
	u->over = true;
	note_damage(u); /* what was read so far is good */
	return 0;
}

int unpack_next(struct unpack *u, char name[MEMBER_NAME], struct err *err)
{
	struct archive_entry *entry;
	const char *path;
	int rc;

	for (;;) {
		rc = next_header(u, &entry, err);
		if (rc <= 0)
			return rc;
		u->raw = archive_format(u->archive) == ARCHIVE_FORMAT_RAW;
		u->any = true;
		if (u->raw) {
			name[0] = 0;
			return 1;
		}
		path = archive_entry_pathname(entry);
		if (archive_entry_filetype(entry) != AE_IFREG || !path ||
		    str_of(path).n >= MEMBER_NAME)
			continue;
		snprintf(name, MEMBER_NAME, "%s", path);
		return 1;
	}
}

bool unpack_is_archive(const struct unpack *u)
{
	return u->any && !u->raw;
}

const char *unpack_trouble(const struct unpack *u)
{
	return u->trouble;
}

struct member {
	struct unpack *u;
	struct str left; /* of the block: not yet read */
};

static ssize_t member_borrow(struct stream *in, const char **p, struct err *err)
{
	struct member *m = in->own;
	ssize_t got = (ssize_t)m->left.n;

	if (!got)
		return text_block(m->u, p, err);
	*p = m->left.p;
	m->left.n = 0;
	return got;
}

static ssize_t member_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct member *m = in->own;

	if (m->left.n == 0) {
		ssize_t got = text_block(m->u, &m->left.p, err);

		if (got <= 0)
			return got;
		m->left.n = (size_t)got;
	}
	if (n > m->left.n)
		n = m->left.n;
	memcpy(p, m->left.p, n);
	m->left = str_from(m->left, n);
	return (ssize_t)n;
}

struct stream *unpack_member(struct unpack *u, struct arena *a, struct err *err)
{
	struct stream *in = stream_new(a, err);
	struct member *m = arena_take(a, sizeof(*m));

	if (!in || !m) {
		err_set(err, ERR_NOMEM, "no memory to unpack %s", u->name);
		return NULL;
	}
	m->u = u;
	in->own = m;
	in->read = member_read;
	in->borrow = member_borrow;
	return in;
}

void unpack_close(struct unpack *u)
{
	if (!u)
		return;
	if (u->archive)
		archive_read_free(u->archive);
	u->archive = NULL;
	stream_close(u->in);
	u->in = NULL;
}
