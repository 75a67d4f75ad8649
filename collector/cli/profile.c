/* SPDX-License-Identifier: MIT */
/* profile.c - reading a support desk's profile and choosing one for this machine. */
#include "cli/profile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cli/cli.h"

static bool is_path(struct str text)
{
	struct str part;

	if (!take_char(&text, '/'))
		return false;
	while (text.n) {
		if (!take_until(&text, '/', &part)) {
			part = text;
			text.n = 0;
		}
		if (str_eq(part, STR("..")))
			return false;
	}
	return true;
}

static bool is_http(struct str text)
{
	return (take_lit(&text, STR("https://")) || take_lit(&text, STR("http://"))) && text.n;
}

static bool is_upload(struct str text)
{
	return (take_lit(&text, STR("https://")) || take_lit(&text, STR("sftp://")) ||
		take_lit(&text, STR("scp://")) || take_lit(&text, STR("http://"))) && text.n;
}

static bool has_no_equals(struct str text)
{
	return str_find_char(text, '=') == SIZE_MAX;
}

/* What stands behind --profile: with a '/' it would be a file. */
static bool is_name(struct str text)
{
	return text.n && text.p[0] != '.' && text.p[0] != '-' && str_find_char(text, '/') == SIZE_MAX;
}

static const struct yaml_form name_form = {is_name, "a word without '/' that begins with no '.' or '-'"};
static const struct yaml_form path_form = {is_path, "an absolute path, without '..'"};
static const struct yaml_form http_form = {is_http, "an address such as https://bugzilla.example.org"};
static const struct yaml_form upload_form = {is_upload, "an https://, sftp:// or scp:// address"};
static const struct yaml_form key_form = {has_no_equals, "a word without '='"};

static const struct yaml_row question_rows[] = {
	{.key = "key", .kind = YAML_TEXT, .offset = offsetof(struct profile_question, key),
	 .required = true, .no_newline = true, .unique = true,
	 .form = &key_form},
	{.key = "text", .kind = YAML_TEXT, .offset = offsetof(struct profile_question, text),
	 .required = true},
	{.key = NULL},
};

static const struct yaml_row submit_rows[] = {
	{.key = "bugzilla", .kind = YAML_TEXT, .offset = offsetof(struct profile, submit.bugzilla),
	 .no_newline = true, .form = &http_form},
	{.key = "product", .kind = YAML_TEXT, .offset = offsetof(struct profile, submit.product),
	 .no_newline = true},
	{.key = "component", .kind = YAML_TEXT,
	 .offset = offsetof(struct profile, submit.component), .no_newline = true},
	{.key = "version", .kind = YAML_TEXT, .offset = offsetof(struct profile, submit.version),
	 .no_newline = true},
	{.key = "mail", .kind = YAML_TEXT, .offset = offsetof(struct profile, submit.mail),
	 .no_newline = true},
	{.key = "upload", .kind = YAML_TEXT, .offset = offsetof(struct profile, submit.upload),
	 .no_newline = true, .form = &upload_form},
	{.key = "cc", .kind = YAML_TEXTS, .offset = offsetof(struct profile, submit.cc),
	 .no_newline = true},
	{.key = "fields", .kind = YAML_PAIRS, .offset = offsetof(struct profile, submit.fields)},
	{.key = "note", .kind = YAML_TEXT, .offset = offsetof(struct profile, submit.note)},
	{.key = NULL},
};

static const struct yaml_row gather_rows[] = {
	{.key = "extra", .kind = YAML_TEXTS, .offset = offsetof(struct profile, extra),
	 .no_newline = true, .form = &path_form},
	{.key = "leave_out", .kind = YAML_TEXTS, .offset = offsetof(struct profile, leave_out),
	 .no_newline = true},
	{.key = "max_size", .kind = YAML_BYTES, .offset = offsetof(struct profile, max_size)},
	{.key = NULL},
};

static const struct yaml_row profile_rows[] = {
	{.key = "name", .kind = YAML_TEXT, .offset = offsetof(struct profile, name),
	 .required = true, .no_newline = true, .form = &name_form},
	{.key = "title", .kind = YAML_TEXT, .offset = offsetof(struct profile, title),
	 .required = true, .no_newline = true},
	{.key = "description", .kind = YAML_TEXT, .offset = offsetof(struct profile, description)},
	{.key = "os", .kind = YAML_TEXTS, .offset = offsetof(struct profile, os),
	 .no_newline = true},
	{.key = "gather", .kind = YAML_MAP, .sub = gather_rows},
	{.key = "questions", .kind = YAML_RECORDS, .offset = offsetof(struct profile, questions),
	 .sub = question_rows, .record_size = sizeof(struct profile_question)},
	{.key = "redact", .kind = YAML_CHOICE, .offset = offsetof(struct profile, redact),
	 .choices = "none|standard|strict"},
	{.key = "template", .kind = YAML_TEXT,
	 .offset = offsetof(struct profile, summary_template), .no_newline = true},
	{.key = "submit", .kind = YAML_MAP, .sub = submit_rows},
	{.key = NULL},
};

enum { PROFILE_BYTES = YAML_LARGEST + (1 << 20), REDACT_BY_DEFAULT = 1 /* standard */ };

/* "words/ours.txt" lies beside the profile, wherever it is used. */
static int find_template(struct profile *p, struct err *err)
{
	const char *name = p->summary_template, *slash = strrchr(p->path, '/');
	char dir[DATA_PATH], whole[PATH_MAX + DATA_PATH];

	if (!name || name[0] == '/' || !strchr(name, '/'))
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - p->path) + 1 : 1,
		 slash ? p->path : ".");
	if (!realpath(dir, whole))
		return err_sys(err, errno, "%s", dir);
	snprintf(whole + strlen(whole), DATA_PATH, "/%s", name);
	p->summary_template = arena_cstr(&p->arena, str_of(whole));
	return p->summary_template ? 0 : err_set(err, ERR_NOMEM, "%s: no memory", p->path);
}

static int fill(struct profile *ret, const char *path, struct str text, struct err *err)
{
	struct profile p = {.arena = ARENA_INIT(PROFILE_BYTES), .redact = REDACT_BY_DEFAULT};

	snprintf(p.path, sizeof(p.path), "%s", path);
	if (!arena_str(&p.arena, text, &p.text)) {
		arena_free(&p.arena);
		return err_set(err, ERR_NOMEM, "%s: no memory", path);
	}
	if (yaml_fill(p.text, path, profile_rows, &p, &p.arena, err) != 0 ||
	    find_template(&p, err) != 0) {
		arena_free(&p.arena);
		return -1;
	}
	*ret = p;
	return 0;
}

int profile_read(struct profile *ret, const char *path, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(YAML_LARGEST);

	if (data_read(path, &text, err) != 0)
		return -1;
	return fill(ret, path, buf_str(&text), err);
}

/* 1, 0 there is none of that name at that place, -1. */
static int read_at(struct profile *ret, int place, const char *name, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(YAML_LARGEST);
	char path[DATA_PATH];
	int rc = data_profile(place, name, &text, path, err);

	if (rc <= 0)
		return rc;
	return fill(ret, path, buf_str(&text), err) == 0 ? 1 : -1;
}

void profile_free(struct profile *p)
{
	arena_free(&p->arena);
}

/* The value of KEY= in an os-release file, quotes taken off. */
static struct str os_release_value(struct str text, struct str key)
{
	struct str line, value;

	while (take_line(&text, &line)) {
		if (!take_lit(&line, key) || !take_char(&line, '='))
			continue;
		value = str_trim(line);
		if (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') &&
		    value.p[value.n - 1] == value.p[0])
			value = str_sub(value, 1, value.n - 2);
		return value;
	}
	return (struct str){NULL, 0};
}

static bool serves(const struct profile *p, struct str id)
{
	for (size_t i = 0; i < p->os.n; i++) {
		if (str_eq(str_of(p->os.v[i]), id))
			return true;
	}
	return false;
}

/* ID ("rocky"), then the words of ID_LIKE ("rhel centos fedora"), then "*". */
struct os_words {
	struct str lists[3];
};

static struct os_words os_words(const struct root *root, struct buf *text)
{
	static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};
	int errnum = 0;

	for (size_t i = 0; i < ARRAY_COUNT(paths) && text->n == 0; i++)
		(void)file_read(root, paths[i], text, &errnum);
	return (struct os_words){{os_release_value(buf_str(text), STR("ID")),
				  os_release_value(buf_str(text), STR("ID_LIKE")), STR("*")}};
}

/* How far behind is the first word that its "os" names; SIZE_MAX: none. */
static size_t rank_of(const struct profile *p, const struct os_words *words)
{
	size_t rank = 0;

	for (size_t i = 0; i < ARRAY_COUNT(words->lists); i++) {
		struct str list = words->lists[i], word;

		for (skip_blanks(&list); take_word(&list, &word); skip_blanks(&list), rank++) {
			if (serves(p, word))
				return rank;
		}
	}
	return SIZE_MAX;
}

/* The profile of that name, at the first place that has one: 1, 0 none has, -1. */
static int read_named(struct profile *ret, const char *name, int *place, struct err *err)
{
	int rc = 0;

	for (*place = 0; *place < DATA_PLACES; ++*place) {
		rc = read_at(ret, *place, name, err);
		if (rc != 0)
			break;
	}
	return rc;
}

/* A desk's own profile that cannot be read is told: it may be the one that wants more replaced. */
static bool read_to_choose(struct profile *ret, int place, const char *name, bool tell)
{
	struct err why = {.code = ERR_NONE};
	int at, rc = read_named(ret, name, &at, &why);

	if (rc == 1 && at != place) /* another one of that name counts */
		profile_free(ret);
	if (tell && rc < 0 && at == place)
		log_warn("a profile is passed over: %s", why.text);
	return rc == 1 && at == place;
}

/* The profile with the lowest rank, /etc before the shipped ones. */
static bool find_for_os(const struct root *root, bool tell, struct profile *ret)
{
	CLEANUP_BUF struct buf text = BUF_INIT(64 * 1024);
	const struct os_words words = os_words(root, &text);
	size_t best = SIZE_MAX;

	for (int place = 0; place < DATA_PLACES; place++) {
		struct data_names names = {.n = 0};
		struct profile p;

		data_names(place, &names);
		for (size_t i = 0; i < names.n; i++) {
			size_t rank;

			if (!read_to_choose(&p, place, names.v[i], tell))
				continue;
			rank = rank_of(&p, &words);
			if (rank >= best) {
				profile_free(&p);
				continue;
			}
			if (best != SIZE_MAX)
				profile_free(ret);
			*ret = p;
			best = rank;
		}
	}
	return best != SIZE_MAX;
}

static int no_such(const char *name, struct err *err)
{
	struct data_names names = {.n = 0};
	struct nearest best = {NULL, 0};

	for (int place = 0; place < DATA_PLACES; place++)
		data_names(place, &names);
	for (size_t i = 0; i < names.n; i++)
		word_nearer(str_of(name), names.v[i], &best);
	(void)err_set(err, ERR_USAGE, "profile '%.100s': there is none of that name", name);
	if (best.word)
		return err_hint(err, "did you mean '%s'? See 'oomreport profile list'", best.word);
	return err_hint(err, "see 'oomreport profile list', or give a path");
}

int profile_choose(struct profile *ret, const struct root *root, bool tell, struct err *err)
{
	if (find_for_os(root, tell, ret))
		return 0;
	return err_set(err, ERR_NOMEM, "profile generic: no memory to read it");
}

int profile_load(struct profile *ret, const char *name, const struct root *root,
		 struct err *err)
{
	int place, rc;

	if (!name)
		return profile_choose(ret, root, true, err);
	if (strchr(name, '/') || str_ends(str_of(name), STR(".yaml")))
		return profile_read(ret, name, err);
	rc = read_named(ret, name, &place, err);
	return rc == 0 ? no_such(name, err) : rc < 0 ? -1 : 0;
}
