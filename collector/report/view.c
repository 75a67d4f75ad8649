/* SPDX-License-Identifier: MIT */
/* view.c - report_view(): the document plus "view", ready-made words and rows for templates. */
#include "report/view.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- reading ---- */

json_t *at(json_t *of, const char *path)
{
	struct str rest = str_of(path), part;

	while (of && rest.n) {
		char key[128];
		uint64_t index;

		if (!take_until(&rest, '.', &part)) {
			part = rest;
			rest.n = 0;
		}
		if (part.n >= sizeof(key))
			return NULL;
		if (json_is_array(of)) {
			of = take_u64(&part, &index) ? json_array_get(of, (size_t)index) : NULL;
			continue;
		}
		memcpy(key, part.p, part.n);
		key[part.n] = 0;
		of = json_object_get(of, key);
	}
	return json_is_null(of) ? NULL : of;
}

/* No amount of any machine is beyond this; below it sums cannot overflow. */
static const int64_t LARGEST = INT64_C(1) << 54;

int64_t number_at(json_t *of, const char *path)
{
	json_t *v = at(of, path);
	int64_t n;

	if (json_is_real(v)) {
		double d = json_real_value(v);

		return d > -1e16 && d < 1e16 ? (int64_t)d : UNKNOWN;
	}
	if (!json_is_integer(v))
		return UNKNOWN;
	n = json_integer_value(v);
	return n < -LARGEST || n > LARGEST ? UNKNOWN : n;
}

struct str text_at(json_t *of, const char *path)
{
	json_t *s = at(of, path);

	if (!json_is_string(s))
		return (struct str){NULL, 0};
	return (struct str){json_string_value(s), json_string_length(s)};
}

bool true_at(json_t *of, const char *path)
{
	return json_is_true(at(of, path));
}

struct str text_or(struct str s, const char *otherwise)
{
	return s.n ? s : str_of(otherwise);
}

/* ---- writing ---- */

void put(struct view *v, json_t *obj, const char *key, json_t *value)
{
	if (!value || json_object_set_new(obj, key, value) < 0)
		v->failed = true;
}

void put_text(struct view *v, json_t *obj, const char *key, struct str s)
{
	put(v, obj, key, s.p ? json_stringn(s.p, s.n) : json_null());
}

void put_number(struct view *v, json_t *obj, const char *key, int64_t n)
{
	put(v, obj, key, n == UNKNOWN ? json_null() : json_integer(n));
}

void put_bool(struct view *v, json_t *obj, const char *key, bool b)
{
	put(v, obj, key, json_boolean(b));
}

void put_buf(struct view *v, json_t *obj, const char *key, const struct buf *b)
{
	struct str s = buf_str(b);

	while (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (b->failed)
		v->failed = true;
	put_text(v, obj, key, s.n ? s : (struct str){NULL, 0});
}

void putf(struct view *v, json_t *obj, const char *key, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text)) {
		/* cut between characters */
		n = (int)sizeof(text) - 1;
		while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
			n--;
	}
	put_text(v, obj, key, (struct str){text, n < 0 ? 0 : (size_t)n});
}

/* Something to write into even without memory: then the view fails anyway. */
static json_t *keep(struct view *v, json_t *made, bool kept)
{
	if (made && kept)
		return made;
	v->failed = true;
	return v->to;
}

json_t *put_object(struct view *v, json_t *obj, const char *key)
{
	json_t *made = json_object();

	return keep(v, made, json_object_set_new(obj, key, made) == 0);
}

json_t *put_array(struct view *v, json_t *obj, const char *key)
{
	json_t *made = json_array();

	return keep(v, made, json_object_set_new(obj, key, made) == 0);
}

json_t *add_row(struct view *v, json_t *array)
{
	json_t *made = json_object();

	return keep(v, made, json_array_append_new(array, made) == 0);
}

/* ---- foreign text cannot drive a terminal or turn the reading direction ---- */

static bool is_clean(struct str s)
{
	char room[8];

	while (s.n) {
		if (take_shown(&s, room).p == room)
			return false;
	}
	return true;
}

static json_t *clean_string(json_t *v)
{
	struct str s = {json_string_value(v), json_string_length(v)};
	CLEANUP_BUF struct buf b = BUF_INIT(VIEW_TEXT_MAX * 4U);
	char room[8];

	if (is_clean(s))
		return json_incref(v);
	while (s.n) {
		bool dos = s.n > 1 && s.p[0] == '\r' && s.p[1] == '\n'; /* a log with DOS line ends */
		struct str c = take_shown(&s, room);

		if (!dos)
			buf_add(&b, c);
	}
	return b.failed ? NULL : json_stringn(b.p, b.n);
}

static json_t *clean(json_t *v, int depth);

/* Containers are copied only where something below them changed: so far is v or a copy of it, and
 * its member at key, or at i of an array, is item. Takes cleaned; NULL: no memory. */
static json_t *with(json_t *so_far, json_t *v, const char *key, size_t i, const json_t *item,
		    json_t *cleaned)
{
	if (cleaned == item) {
		json_decref(cleaned);
		return so_far;
	}
	if (cleaned && so_far == v) {
		json_decref(so_far);
		so_far = json_copy(v);
	}
	if (!cleaned || !so_far) {
		json_decref(cleaned);
		json_decref(so_far);
		return NULL;
	}
	if ((key ? json_object_set_new(so_far, key, cleaned)
		 : json_array_set_new(so_far, i, cleaned)) < 0) {
		json_decref(so_far);
		return NULL;
	}
	return so_far;
}

static json_t *clean_array(json_t *v, int depth)
{
	json_t *ret = json_incref(v), *item;
	size_t i;

	json_array_foreach(v, i, item)
		if (!(ret = with(ret, v, NULL, i, item, clean(item, depth + 1))))
			return NULL;
	return ret;
}

static json_t *clean_object(json_t *v, int depth)
{
	json_t *ret = json_incref(v), *item;
	const char *key;

	json_object_foreach(v, key, item)
		if (!(ret = with(ret, v, key, 0, item, clean(item, depth + 1))))
			return NULL;
	return ret;
}

static json_t *clean(json_t *v, int depth)
{
	if (depth > 64) /* deeper than any document of ours */
		return json_null();
	switch (json_typeof(v)) {
	case JSON_STRING:
		return clean_string(v);
	case JSON_ARRAY:
		return clean_array(v, depth);
	case JSON_OBJECT:
		return clean_object(v, depth);
	default:
		return json_incref(v);
	}
}

json_t *view_clean(json_t *document)
{
	return clean(document, 0);
}

/* ---- the whole ---- */

/* What the diagnosis speaks of: the first fatal event unless another was asked for. */
static json_t *subject_of(json_t *doc)
{
	json_t *event = at(doc, "first_oom"), *events = at(doc, "events");
	int64_t index = number_at(doc, "subject.index");

	if (!event || true_at(doc, "subject.chosen"))
		event = json_array_get(events, index > 0 ? (size_t)index : 0);
	return json_is_object(event) ? event : NULL;
}

/* An event of one cgroup does not print the page size, but the task table counts in pages what
 * the kill line counts in kB. */
static int64_t page_kb_by_victims(json_t *event)
{
	static const int64_t sizes[] = {4, 16, 64};
	json_t *tasks = at(event, "tasks"), *task, *victim = at(event, "victims.0");
	int64_t pid = number_at(victim, "pid"), kb = 0;
	static const char *const parts[] = {"anon_rss_kb", "file_rss_kb", "shmem_rss_kb"};
	size_t i;

	for (i = 0; i < ARRAY_COUNT(parts); i++) {
		int64_t n = number_at(victim, parts[i]);

		if (n > 0 && n < INT32_MAX)
			kb += n;
	}
	json_array_foreach(tasks, i, task) {
		int64_t pages = number_at(task, "rss_pages");

		if (pid == UNKNOWN || number_at(task, "pid") != pid || pages <= 0)
			continue;
		for (size_t k = 0; k < ARRAY_COUNT(sizes); k++) {
			double share = (double)kb / ((double)pages * (double)sizes[k]);

			if (share > 0.6 && share < 1.6)
				return sizes[k];
		}
	}
	return UNKNOWN;
}

/* x86 has pages of 4 kB and no others; the release or the architecture says that it is one. */
static bool has_small_pages(const struct view *v)
{
	static const struct str words[] = {STR_INIT("x86_64"), STR_INIT("amd64"), STR_INIT("i686"),
					   STR_INIT("i386")};
	struct str kernel = text_at(v->event, "kernel"), arch = text_at(v->doc, "system.arch");

	for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
		if ((arch.n && str_find(arch, words[i]) != SIZE_MAX) ||
		    (kernel.n && str_find(kernel, words[i]) != SIZE_MAX))
			return true;
	}
	return false;
}

static int64_t usable_ram(const struct view *v)
{
	int64_t ram = number_at(v->event, "memory.ram_kb");
	int64_t reserved = pages_to_kb(v, number_at(v->event, "memory.reserved_pages"));

	if (ram == UNKNOWN)
		return number_at(v->doc, "system.mem_total_kb");
	return reserved == UNKNOWN || reserved >= ram ? ram : ram - reserved;
}

static void view_paint(struct view *v)
{
	static const struct {
		const char *key;
		enum paint paint;
	} rows[] = {
		{"bad", PAINT_BAD}, {"warn", PAINT_WARN}, {"good", PAINT_GOOD},
		{"dim", PAINT_DIM}, {"bold", PAINT_BOLD},
	};
	json_t *paint = put_object(v, v->to, "paint");

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		put_text(v, paint, rows[i].key, paint_on(v, rows[i].paint));
	put_text(v, paint, "off", paint_off(v));
}

/* A fence for Markdown, longer than any run of backticks in a string of the document. */
static size_t longest_run(json_t *v, int depth)
{
	size_t longest = 0, run = 0, i;
	const char *key;
	json_t *item;

	if (json_is_string(v)) {
		const char *p = json_string_value(v);

		for (i = 0; i < json_string_length(v); i++) {
			run = p[i] == '`' ? run + 1 : 0;
			longest = run > longest ? run : longest;
		}
	} else if (depth < 64 && json_is_array(v)) {
		json_array_foreach(v, i, item) {
			run = longest_run(item, depth + 1);
			longest = run > longest ? run : longest;
		}
	} else if (depth < 64 && json_is_object(v)) {
		json_object_foreach(v, key, item) {
			run = longest_run(item, depth + 1);
			longest = run > longest ? run : longest;
		}
	}
	return longest;
}

static void view_fence(struct view *v)
{
	CLEANUP_BUF struct buf b = BUF_INIT(4096);
	size_t n = longest_run(v->doc, 0);

	for (size_t i = 0; i < (n < 3 ? 3 : n + 1); i++)
		buf_addc(&b, '`');
	put_buf(v, v->to, "fence", &b);
}

int report_view_sized(json_t *document, const struct render_options *o, json_t **ret,
		      struct err *err)
{
	struct view v = {.o = *o, .page_kb = UNKNOWN, .ram_kb = UNKNOWN};
	json_t *cleaned = view_clean(document);

	v.doc = cleaned ? json_copy(cleaned) : NULL;
	json_decref(cleaned);
	if (!json_is_object(v.doc)) {
		json_decref(v.doc);
		return err_set(err, document && !json_is_object(document) ? ERR_FORMAT : ERR_NOMEM,
			       "the report cannot be shown: %s",
			       json_is_object(document) ? "no memory" : "it is not an object");
	}
	if (v.o.width <= 0)
		v.o.width = 72;
	v.event = o->event ? json_array_get(at(v.doc, "events"), o->event - 1)
			   : subject_of(v.doc);
	v.page_kb = number_at(v.event, "memory.page_size_kb");
	if (v.page_kb == UNKNOWN)
		v.page_kb = page_kb_by_victims(v.event);
	if (v.page_kb == UNKNOWN && number_at(v.doc, "system.page_size_bytes") >= 1024)
		v.page_kb = number_at(v.doc, "system.page_size_bytes") / 1024;
	if (v.page_kb == UNKNOWN && has_small_pages(&v))
		v.page_kb = 4;
	if (v.page_kb < 1 || v.page_kb > 1024)
		v.page_kb = UNKNOWN;
	v.ram_kb = usable_ram(&v);
	v.to = json_object();
	if (!v.to || json_object_set_new(v.doc, "view", v.to) < 0) {
		json_decref(v.doc);
		return err_set(err, ERR_NOMEM, "the report cannot be shown: no memory");
	}
	put_bool(&v, v.to, "all", o->all);
	view_paint(&v);
	view_fence(&v);
	view_event(&v);
	view_machine(&v);
	view_memory(&v);
	view_zones(&v);
	view_tasks(&v);
	view_findings(&v);
	view_series(&v);
	view_host(&v);
	view_verbatim(&v);
	if (v.failed) {
		json_decref(v.doc);
		return err_set(err, ERR_NOMEM, "the report cannot be shown: no memory");
	}
	*ret = v.doc;
	return 0;
}

int report_view(json_t *document, json_t **ret, struct err *err)
{
	static const struct render_options plain = {.width = 72};

	return report_view_sized(document, &plain, ret, err);
}
