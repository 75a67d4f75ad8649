/* SPDX-License-Identifier: MIT */
/* verify.c - is a bundle what was written? Every file against the manifest, the manifest
 * against itself, the archive's bytes against its trailer. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/parts.h"
#include "bundle/schema.h"

enum { DOCUMENT_MAX = 64 * 1024 * 1024 };

struct seen {
	struct str path; /* below the top folder */
	uint64_t size;
	unsigned char sum[SHA256_SIZE];
};

struct check {
	const struct bundle_checker *to;
	uint64_t problems;
	struct arena arena;
	struct seen *seen;
	size_t n, room;
	struct buf manifest, report;
	bool is_manifest, had_manifest, is_report;
	char top[256];
	/* the file being read */
	struct seen now;
	uint64_t announced;
	struct sha256 sum;
};

static void problem(struct check *c, struct str path, const char *what)
{
	char name[PATH_ROOM];
	size_t n = 0;

	for (size_t i = 0; i < path.n && n + 1 < sizeof(name); i++)
		name[n++] = (unsigned char)path.p[i] < 0x20 || path.p[i] == 0x7f ? '?' : path.p[i];
	name[n] = '\0';
	c->problems++;
	c->to->problem(c->to->ctx, name, what);
}

static bool path_is_safe(struct str path)
{
	struct str part;

	if (path.n == 0 || path.n >= PATH_ROOM || path.p[0] == '/')
		return false;
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '\0')
			return false;
	}
	while (path.n) {
		if (!take_until(&path, '/', &part)) {
			part = path;
			path.n = 0;
		}
		if (part.n == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return false;
	}
	return true;
}

static int too_many(struct err *err)
{
	return err_set(err, ERR_LIMIT, "too many files");
}

static int on_entry(void *ctx, const struct walk_entry *e, struct err *err)
{
	struct check *c = ctx;
	struct str path = e->path, top;
	size_t slash = str_find_char(path, '/');

	c->now = (struct seen){.path = STR("")};
	c->is_manifest = c->is_report = false;
	sha256_start(&c->sum);
	top = slash == SIZE_MAX ? path : str_sub(path, 0, slash);
	if (c->top[0] == '\0' && top.n < sizeof(c->top))
		memcpy(c->top, top.p, top.n);
	if (e->type == WALK_DIR && path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (!path_is_safe(path))
		problem(c, e->path, "is not a safe path");
	else if (!str_eq(top, str_of(c->top)))
		problem(c, e->path, "stands outside the top folder");
	else if (e->type == WALK_OTHER)
		problem(c, e->path, "is neither a file nor a folder");
	else if (e->uid != UNKNOWN && (e->uid != 0 || e->gid != 0))
		problem(c, e->path, "does not belong to 0:0");
	else if (e->uid != UNKNOWN && e->mode != (e->type == WALK_DIR ? 0755 : 0644))
		problem(c, e->path, "has a mode that is not 0644 (folders 0755)");
	if (e->type != WALK_FILE)
		return 0;
	c->announced = e->size > 0 ? (uint64_t)e->size : 0;
	c->is_manifest = str_eq(str_from(e->path, slash + 1), STR("MANIFEST.json")) &&
			 slash != SIZE_MAX && !c->had_manifest;
	c->had_manifest |= c->is_manifest;
	c->is_report = str_eq(str_from(e->path, slash + 1), STR("report.json")) && c->report.n == 0;
	if (arena_str(&c->arena, slash == SIZE_MAX ? path : str_from(path, slash + 1),
		      &c->now.path))
		return 0;
	return too_many(err);
}

static int on_data(void *ctx, struct str bytes, struct err *err)
{
	struct check *c = ctx;

	c->now.size += bytes.n;
	sha256_add(&c->sum, bytes);
	if (c->is_manifest && !buf_add(&c->manifest, bytes))
		return buf_ok(&c->manifest, "MANIFEST.json", err);
	/* one that is too large has its hash checked all the same */
	if (c->is_report && !c->report.full && !buf_add(&c->report, bytes) && !c->report.full)
		return buf_ok(&c->report, "report.json", err);
	return 0;
}

static int on_end(void *ctx, struct err *err)
{
	struct check *c = ctx;
	struct seen *s;

	if (c->now.size != c->announced)
		problem(c, c->now.path, "is shorter or longer than its header says");
	if (c->is_manifest)
		return 0;
	s = arena_grow(&c->arena, (void **)&c->seen, &c->n, &c->room, sizeof(*s));
	if (!s)
		return too_many(err);
	sha256_end(&c->sum, c->now.sum);
	*s = c->now;
	return 0;
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct seen *)a)->path, ((const struct seen *)b)->path);
}

/* The manifest's own hash, counted with zeros in its place. */
static void check_self(struct check *c, json_t *root)
{
	static const char key[] = "\"self_sha256\": \"";
	size_t at = str_find(buf_str(&c->manifest), (struct str){key, sizeof(key) - 1});
	const char *want = json_string_value(json_object_get(root, "self_sha256"));
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX];
	struct sha256 s;

	if (at == SIZE_MAX || !want || strlen(want) != SHA256_HEX - 1 ||
	    c->manifest.n - at < sizeof(key) + SHA256_HEX) {
		problem(c, STR("MANIFEST.json"), "has no hash of itself");
		return;
	}
	memset(c->manifest.p + at + sizeof(key) - 1, '0', SHA256_HEX - 1);
	sha256_start(&s);
	sha256_add(&s, buf_str(&c->manifest));
	sha256_end(&s, sum);
	sha256_hex(sum, hex);
	if (strcmp(hex, want) != 0)
		problem(c, STR("MANIFEST.json"), "was changed: its own hash does not fit");
}

/* One row of "files" against what was seen; *at walks the sorted list. */
static void check_row(struct check *c, json_t *row, bool *matched)
{
	const char *path = json_string_value(json_object_get(row, "path"));
	const char *want = json_string_value(json_object_get(row, "sha256"));
	json_t *size = json_object_get(row, "size_bytes");
	struct seen key = {.path = str_of(path ? path : "")}, *s;
	char hex[SHA256_HEX];

	if (!path || !want || !json_is_integer(size)) {
		problem(c, key.path, "the manifest's row lacks path, size or hash");
		return;
	}
	s = c->n ? bsearch(&key, c->seen, c->n, sizeof(key), by_path) : NULL;
	if (!s) {
		problem(c, key.path, "is missing");
		return;
	}
	if (matched[s - c->seen])
		problem(c, key.path, "stands in the manifest twice");
	matched[s - c->seen] = true;
	sha256_hex(s->sum, hex);
	if ((json_int_t)s->size != json_integer_value(size))
		problem(c, key.path, "has another size than when it was gathered");
	else if (strcmp(hex, want) != 0)
		problem(c, key.path, "was changed: another hash than when it was gathered");
}

static int check_rows(struct check *c, json_t *files, struct err *err)
{
	bool *matched = arena_array(&c->arena, c->n + 1, sizeof(*matched));
	json_t *row;
	size_t i;

	if (!matched)
		return err_set(err, ERR_NOMEM, "no memory");
	if (c->n)
		qsort(c->seen, c->n, sizeof(c->seen[0]), by_path);
	json_array_foreach(files, i, row)
		check_row(c, row, matched);
	for (i = 0; i < c->n; i++) {
		if (i && str_eq(c->seen[i].path, c->seen[i - 1].path))
			problem(c, c->seen[i].path, "is in the archive twice");
		else if (!matched[i])
			problem(c, c->seen[i].path, "is extra: the manifest does not know it");
	}
	return 0;
}

static int check_schema(struct check *c, const char *schema, const char *path,
			const json_t *document, struct err *err)
{
	struct schema_fault fault;
	char words[400];
	int rc = schema_check(schema, document, &fault, err);

	if (rc > 0) {
		snprintf(words, sizeof(words), "is not what the schema says: %s %s", fault.where,
			 fault.what);
		problem(c, str_of(path), words);
	}
	return rc < 0 ? -1 : 0;
}

static const char *not_loaded(const json_error_t *why)
{
	/* without memory jansson may say nothing at all */
	bool full = json_error_code(why) == json_error_out_of_memory || !why->text[0];

	return full ? "holds too many values" : "is not JSON";
}

/* Nothing is held against a bundle for want of memory here. */
static int no_memory(unsigned long refusals, const char *path, struct err *err)
{
	return mem_refusals() == refusals ? 0 : err_set(err, ERR_NOMEM, "%s: no memory", path);
}

static int check_report(struct check *c, struct err *err)
{
	const unsigned long refusals = mem_refusals();
	json_error_t where;
	json_t *root;
	int rc = 0;

	if (c->report.full)
		problem(c, STR("report.json"), "is too large to be looked at");
	if (c->report.n == 0 || c->report.full)
		return 0;
	root = json_loadb(c->report.p, c->report.n, JSON_REJECT_DUPLICATES, &where);
	if (root)
		rc = check_schema(c, "report.schema.json", "report.json", root, err);
	else if ((rc = no_memory(refusals, "report.json", err)) == 0)
		problem(c, STR("report.json"), not_loaded(&where));
	json_decref(root);
	return rc;
}

static int check_manifest(struct check *c, struct err *err)
{
	const unsigned long refusals = mem_refusals();
	const char *schema, *top;
	json_error_t where;
	json_t *root;
	int rc = -1;

	if (!c->had_manifest) {
		problem(c, STR("MANIFEST.json"), "is missing");
		return 0;
	}
	if (c->manifest.failed) /* "too large" is said already */
		return 0;
	root = json_loadb(buf_str(&c->manifest).p, c->manifest.n, JSON_REJECT_DUPLICATES, &where);
	if (!root && no_memory(refusals, "MANIFEST.json", err) != 0)
		return -1;
	schema = json_string_value(json_object_get(root, "schema"));
	top = json_string_value(json_object_get(root, "top"));
	if (!root || !schema || strcmp(schema, "oomreport.manifest/1") != 0 ||
	    !json_is_array(json_object_get(root, "files"))) {
		problem(c, STR("MANIFEST.json"), root ? "is of no known schema" : not_loaded(&where));
		rc = 0;
	} else {
		if (!top || top[0] == '\0' || strchr(top, '/'))
			problem(c, STR("MANIFEST.json"), "does not name the top folder");
		check_self(c, root);
		rc = check_schema(c, "manifest.schema.json", "MANIFEST.json", root, err);
		if (rc == 0)
			rc = check_rows(c, json_object_get(root, "files"), err);
	}
	json_decref(root);
	return rc;
}

static int walk(struct check *c, const char *path, const struct walker *to, struct err *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct err inner = {.code = ERR_NONE};
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) != 0)
		return err_sys(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode)) {
		rc = walk_tree(fd, "bundle", to, &inner);
	} else if (S_ISREG(st.st_mode)) {
		if (trailer_check(fd) < 0)
			problem(c, STR("archive"),
				"its bytes are not the ones that were written (changed, cut, "
				"added to, or packed again)");
		rc = walk_archive(fd, to, &inner);
	} else {
		return err_set(err, ERR_USAGE, "%s: neither a file nor a directory", path);
	}
	if (rc == 0)
		return 0;
	if (inner.code == ERR_NOMEM || inner.code == ERR_IO) {
		*err = inner;
		return -1;
	}
	if (!c->top[0] && S_ISREG(st.st_mode)) { /* not one entry */
		(void)err_set(err, ERR_FORMAT, "%s: is no bundle: %s", path, inner.text);
		return err_hint(err, "a log is for 'oomreport analyze'; was it a bundle, ask for it again");
	}
	problem(c, c->now.path.n ? c->now.path : STR("archive"), inner.text);
	return 0;
}

int bundle_verify(const char *path, const struct bundle_checker *to, uint64_t *ret_problems,
		  struct err *err)
{
	struct check c = {
		.to = to,
		.arena = ARENA_INIT((size_t)256 * 1024 * 1024),
		.manifest = BUF_INIT(DOCUMENT_MAX),
		.report = BUF_INIT(DOCUMENT_MAX),
	};
	struct walker walker = {&c, on_entry, on_data, on_end};
	int rc = walk(&c, path, &walker, err);

	if (rc == 0)
		rc = check_manifest(&c, err);
	if (rc == 0)
		rc = check_report(&c, err);
	buf_free(&c.manifest);
	buf_free(&c.report);
	arena_free(&c.arena);
	if (rc == 0)
		*ret_problems = c.problems;
	return rc;
}
