/* SPDX-License-Identifier: MIT */
/* manifest.c - MANIFEST.json: every file with its hash, and every one that could not be had.
 *
 * "self_sha256" is the hash of the manifest's own text with 64 zeros in the place of that
 * hash, so that a change of the manifest itself shows too.
 */
#include "base/when.h"
#include "bundle/parts.h"

static void one_file(struct emit *e, const struct item *it)
{
	char hex[SHA256_HEX], when[WHEN_TEXT];

	sha256_hex(it->sum, hex);
	emit_object(e, NOKEY);
	emit_str(e, STR("path"), it->path);
	emit_i64(e, STR("size_bytes"), (int64_t)it->size);
	emit_str(e, STR("sha256"), str_of(hex));
	emit_str(e, STR("source"), it->source);
	if (it->read_at_us == UNKNOWN)
		emit_null(e, STR("read_at"));
	else
		emit_str(e, STR("read_at"), str_of(when_utc(it->read_at_us, when)));
	emit_i64(e, STR("redactions"), (int64_t)it->redactions);
	emit_str(e, STR("note"), it->note);
	emit_end(e);
}

static void one_absent(struct emit *e, const struct item *it)
{
	emit_object(e, NOKEY);
	emit_str(e, STR("path"), it->path);
	emit_str(e, STR("source"), it->source);
	emit_str(e, STR("reason"), it->why);
	emit_end(e);
}

static void lists(struct emit *e, const struct bundle *b)
{
	emit_array(e, STR("files"));
	for (size_t i = 0; i < b->n; i++) {
		if (!b->items[i]->absent)
			one_file(e, b->items[i]);
	}
	emit_end(e);
	emit_array(e, STR("absent"));
	for (size_t i = 0; i < b->n; i++) {
		if (b->items[i]->absent)
			one_absent(e, b->items[i]);
	}
	emit_end(e);
}

static int write_once(const struct bundle *b, bool partial, const char *self, struct sink out,
		      struct err *err)
{
	char when[WHEN_TEXT];
	struct emit e;

	emit_init(&e, out, 1);
	emit_object(&e, NOKEY);
	emit_str(&e, STR("schema"), STR("oomreport.manifest/1"));
	emit_str(&e, STR("self_sha256"), str_of(self));
	emit_object(&e, STR("tool"));
	emit_str(&e, STR("name"), STR("oomreport"));
	emit_str(&e, STR("version"), STR(OOMREPORT_VERSION));
	emit_end(&e);
	emit_str(&e, STR("created"), str_of(when_utc(b->o.now_us, when)));
	emit_str(&e, STR("top"), str_of(b->top));
	emit_bool(&e, STR("partial"), partial);
	lists(&e, b);
	return emit_finish(&e, err);
}

static int add_to_sum(void *ctx, struct str bytes, struct err *err)
{
	(void)err;
	sha256_add(ctx, bytes);
	return 0;
}

int manifest_write(const struct bundle *b, bool partial, struct sink out, struct err *err)
{
	static const char zeros[] =
		"0000000000000000000000000000000000000000000000000000000000000000";
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX];
	struct sha256 s;

	sha256_start(&s);
	if (write_once(b, partial, zeros, (struct sink){add_to_sum, &s}, err) != 0)
		return -1;
	sha256_end(&s, sum);
	sha256_hex(sum, hex);
	return write_once(b, partial, hex, out, err);
}
