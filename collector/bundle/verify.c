/* SPDX-License-Identifier: MIT */
/* verify.c - is a bundle what was written? Every file against the manifest, the manifest
 * against itself, the archive's bytes against its trailer and what collect writes around them. */
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
	struct str path; /* below the top folder; a folder's ends in '/' */
	uint64_t size;
	bool unread;
	unsigned char sum[SHA256_SIZE];
};

struct check {
	const struct bundle_checker *to;
	uint64_t problems;
	struct arena arena;
	struct seen *seen;
	size_t n, room;
	struct buf manifest, report;
	bool is_manifest, had_manifest, is_report, is_tree;
	bool broken; /* not read to its end: what was not seen may be there */
	const struct buf *half; /* the document that ends where the reading did */
	uint64_t unseen;
	struct str first_unseen;
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

/* A folder's path ends in '/'. */
static const char *strange_place(const struct check *c, const struct walk_entry *e, struct str top)
{
	struct str path = e->path;

	if (e->type != WALK_FILE && path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (!path_is_safe(path))
		return "is not a safe path";
	return str_eq(top, str_of(c->top)) ? NULL : "stands outside the top folder";
}

/* What no entry of ours is; NULL when nothing. */
static const char *strange(const struct walk_entry *e)
{
	if (e->type == WALK_OTHER)
		return "is neither a file nor a folder";
	if (e->uid != UNKNOWN && (e->uid != 0 || e->gid != 0))
		return "does not belong to 0:0";
	if (e->uid != UNKNOWN && e->mode != (e->type == WALK_DIR ? 0755 : 0644))
		return "has a mode that is not 0644 (folders 0755)";
	return NULL;
}

static int keep_seen(struct check *c, struct err *err)
{
	struct seen *s = arena_grow(&c->arena, (void **)&c->seen, &c->n, &c->room, sizeof(*s));

	if (!s)
		return too_many(err);
	*s = c->now;
	c->now.path = STR(""); /* what fails from here on is not this one */
	return 0;
}

static int on_entry(void *ctx, const struct walk_entry *e, struct err *err)
{
	struct check *c = ctx;
	size_t slash = str_find_char(e->path, '/');
	struct str top = str_sub(e->path, 0, slash), below = str_from(e->path, slash + 1);
	const char *what;
	char words[200];

	c->now = (struct seen){.unread = e->type == WALK_UNREAD};
	c->is_manifest = c->is_report = false;
	sha256_start(&c->sum);
	if (slash == SIZE_MAX)
		top = below = e->path;
	if (c->top[0] == '\0' && top.n < sizeof(c->top))
		memcpy(c->top, top.p, top.n);
	if ((what = strange_place(c, e, top)))
		problem(c, e->path, what);
	else if ((what = strange(e)))
		problem(c, below.n ? below : e->path, what);
	if (e->type == WALK_OTHER || below.n == 0)
		return 0;
	if (!arena_str(&c->arena, below, &c->now.path))
		return too_many(err);
	if (e->type == WALK_UNREAD) {
		snprintf(words, sizeof(words), "cannot be read: %s", e->why);
		problem(c, below, words);
	}
	if (e->type != WALK_FILE)
		return keep_seen(c, err);
	c->announced = e->size > 0 ? (uint64_t)e->size : 0;
	c->is_manifest = !c->had_manifest && str_eq(below, STR("MANIFEST.json"));
	c->had_manifest |= c->is_manifest;
	c->is_report = c->report.n == 0 && str_eq(below, STR("report.json"));
	return 0;
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

	if (c->now.size != c->announced)
		problem(c, c->now.path, "is shorter or longer than it says");
	sha256_end(&c->sum, c->now.sum);
	return keep_seen(c, err);
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

/* The first of that path; NULL when there is none. */
static struct seen *find(const struct check *c, struct str path)
{
	struct seen key = {.path = path}, *s;

	s = c->n ? bsearch(&key, c->seen, c->n, sizeof(key), by_path) : NULL;
	while (s && s > c->seen && str_eq(s[-1].path, path))
		s--;
	return s;
}

/* The folders above a path belong to it. */
static void know_folders(const struct check *c, struct str path, bool *known)
{
	for (size_t i = 0; i < path.n && path.n < PATH_ROOM; i++) {
		struct seen *s = path.p[i] == '/' ? find(c, str_sub(path, 0, i + 1)) : NULL;

		if (s)
			known[s - c->seen] = true;
	}
}

static struct str row_path(const json_t *row)
{
	const char *path = json_string_value(json_object_get(row, "path"));

	return str_of(path ? path : "");
}

static void not_seen(struct check *c, struct str path)
{
	if (!c->broken)
		problem(c, path, "is missing");
	else if (c->unseen++ == 0)
		c->first_unseen = path;
}

/* One row of "files" against what was seen. */
static void check_row(struct check *c, json_t *row, bool *known)
{
	const char *want = json_string_value(json_object_get(row, "sha256"));
	json_t *size = json_object_get(row, "size_bytes");
	struct str name = row_path(row);
	const struct seen *s;
	char hex[SHA256_HEX];

	if (!json_object_get(row, "path") || !want || !json_is_integer(size)) {
		problem(c, name, "the manifest's row lacks path, size or hash");
		return;
	}
	know_folders(c, name, known);
	s = find(c, name);
	if (!s) {
		not_seen(c, name);
		return;
	}
	if (known[s - c->seen])
		problem(c, name, "stands in the manifest twice");
	known[s - c->seen] = true;
	sha256_hex(s->sum, hex);
	if (s->unread)
		return;
	if ((json_int_t)s->size != json_integer_value(size))
		problem(c, name, "has another size than when it was gathered");
	else if (strcmp(hex, want) != 0)
		problem(c, name, "was changed: another hash than when it was gathered");
}

/* What was seen and not known by then. */
static void check_rest(struct check *c, const bool *known)
{
	for (size_t i = 0; i < c->n; i++) {
		struct str path = c->seen[i].path;

		if (i && str_eq(path, c->seen[i - 1].path))
			problem(c, path, "is in the archive twice");
		else if (!known[i] && path.p[path.n - 1] != '/')
			problem(c, path, "is extra: the manifest does not know it");
		else if (!known[i] && (i + 1 == c->n || !str_starts(c->seen[i + 1].path, path)))
			problem(c, path, "is extra: an empty folder that the manifest does not know");
	}
}

static void say_unseen(struct check *c)
{
	char words[100] = "was not seen because of the damage";

	if (c->unseen > 1)
		snprintf(words, sizeof(words),
			 "is the first of %llu files that were not seen because of the damage",
			 (unsigned long long)c->unseen);
	if (c->unseen)
		problem(c, c->first_unseen, words);
}

static int check_rows(struct check *c, json_t *root, struct err *err)
{
	bool *known = arena_array(&c->arena, c->n + 1, sizeof(*known));
	struct seen *manifest;
	json_t *row;
	size_t i;

	if (!known)
		return err_set(err, ERR_NOMEM, "no memory");
	if (c->n)
		qsort(c->seen, c->n, sizeof(c->seen[0]), by_path);
	manifest = find(c, STR("MANIFEST.json"));
	if (manifest)
		known[manifest - c->seen] = true;
	json_array_foreach(json_object_get(root, "files"), i, row)
		check_row(c, row, known);
	say_unseen(c);
	json_array_foreach(json_object_get(root, "absent"), i, row)
		know_folders(c, row_path(row), known);
	check_rest(c, known);
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
	if (c->report.n == 0 || c->report.full || c->half == &c->report)
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
		problem(c, STR("MANIFEST.json"),
			c->broken ? "was not seen because of the damage" : "is missing");
		return 0;
	}
	if (c->manifest.failed || c->half == &c->manifest) /* said already */
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
		if (!top || (!c->is_tree && strcmp(top, c->top) != 0))
			problem(c, STR("MANIFEST.json"), "does not name the top folder");
		check_self(c, root);
		rc = check_schema(c, "manifest.schema.json", "MANIFEST.json", root, err);
		if (rc == 0)
			rc = check_rows(c, root, err);
	}
	json_decref(root);
	return rc;
}

/* "-" is standard input. A pipe may wait for its bytes; a FIFO that nobody writes to is empty. */
static int open_bundle(const char *path, struct stat *st, struct err *err)
{
	bool input = strcmp(path, "-") == 0;
	int fd = input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
		       : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, st) != 0) {
		(void)err_sys(err, errno, "%s", path);
		fd_close(&fd);
	} else if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) && !S_ISFIFO(st->st_mode) &&
		   !S_ISSOCK(st->st_mode)) {
		(void)err_set(err, ERR_USAGE, "%s: neither a file nor a directory", path);
		fd_close(&fd);
	} else if (!input) {
		(void)fcntl(fd, F_SETFL, O_RDONLY);
	}
	return fd;
}

static void say_end(struct check *c, const struct walk_end *end)
{
	unsigned long long at = (unsigned long long)end->at;
	char words[160] = "its bytes are not the ones that were written (changed, cut, added to, or "
			  "packed again)";

	if (end->state == WALK_CUT)
		snprintf(words, sizeof(words), "its end is cut off behind byte %llu of the file", at);
	else if (end->state == WALK_MORE)
		snprintf(words, sizeof(words),
			 "something stands behind its end, which is byte %llu of the file", at);
	problem(c, STR("archive"), words);
	c->broken = end->state == WALK_CUT;
}

/* What was being read keeps its name: it was seen, though not its end. */
static int say_broken(struct check *c, const struct walk_end *end, const struct err *why,
		      struct err *err)
{
	struct str name = c->now.path.n ? c->now.path : STR("archive");
	char words[sizeof(why->text) + 80];

	snprintf(words, sizeof(words), "%s", why->text);
	if (why->code == ERR_FORMAT && end->at)
		snprintf(words, sizeof(words), "%s, at or before byte %llu of the file", why->text,
			 (unsigned long long)end->at);
	problem(c, name, words);
	c->broken = c->now.unread = true;
	if (c->now.path.n)
		c->half = c->is_manifest ? &c->manifest : c->is_report ? &c->report : NULL;
	return c->now.path.n ? keep_seen(c, err) : 0;
}

static int walk(struct check *c, const char *path, const struct walker *to, struct err *err)
{
	struct walk_end end = {.state = WALK_WRITTEN};
	struct err inner = {.code = ERR_NONE};
	struct stat st = {.st_mode = 0};
	CLEANUP_FD int fd = open_bundle(path, &st, err);
	int rc;

	if (fd < 0)
		return -1;
	c->is_tree = S_ISDIR(st.st_mode);
	rc = c->is_tree ? walk_tree(fd, "bundle", to, &inner) : walk_archive(fd, to, &end, &inner);
	if (rc == 0) {
		if (end.state != WALK_WRITTEN)
			say_end(c, &end);
		return 0;
	}
	if (inner.code == ERR_NOMEM || inner.code == ERR_IO) {
		*err = inner;
		return err_wrap(err, "%s", path);
	}
	if (!c->top[0] && !c->is_tree) { /* not one entry */
		(void)err_set(err, ERR_FORMAT, "%s: is no bundle: %s", path, inner.text);
		return err_hint(err, "a log is for 'oomreport analyze'; was it a bundle, ask for it again");
	}
	return say_broken(c, &end, &inner, err);
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
