/* SPDX-License-Identifier: MIT */
/* bugzilla.c - single REST calls: finding the server, using the key, believing an answer. */
#include "submit/bugzilla.h"

#include <stdio.h>

static const char *const entry_pages[] = {
	"/rest.cgi", "/rest", "/index.cgi", "/enter_bug.cgi", "/show_bug.cgi", "/xmlrpc.cgi",
	"/jsonrpc.cgi",
};

/* What people paste: with a slash behind, with the page they just looked at. */
static void clean_url(const char *url, char *out, size_t room)
{
	struct str at = str_of(url);
	size_t query = str_find_char(at, '?');

	at = str_sub(at, 0, query);
	while (at.n && at.p[at.n - 1] == '/')
		at.n--;
	for (size_t i = 0; i < ARRAY_COUNT(entry_pages); i++) {
		if (str_ends(at, str_of(entry_pages[i])))
			at.n -= strlen(entry_pages[i]);
	}
	while (at.n && at.p[at.n - 1] == '/')
		at.n--;
	snprintf(out, room, "%.*s", STR_ARG(at));
}

bool bz_number(const json_t *j, long long *ret)
{
	struct str text = str_of(json_string_value(j));
	int64_t value;

	if (json_is_integer(j)) {
		*ret = json_integer_value(j);
		return true;
	}
	if (!text.p || !take_i64(&text, &value) || text.n)
		return false;
	*ret = value;
	return true;
}

/* Codes that come before anything is stored (user errors are thrown before the commit). */
static bool certainly_refused(long status, long code)
{
	static const short on_400[] = {50, 53, 56, 100, 103, 104, 105, 107, 108, 112, 114, 306,
				       600, 601, 603, 604, 606, 32000};
	static const short on_401[] = {410, 301, 300, 102, 106, 109, 113, 115, 120, 304, 504};
	static const short on_404[] = {51, 101, 32614};
	static const struct {
		long status;
		const short *codes;
		size_t n;
	} rows[] = {
		{400, on_400, ARRAY_COUNT(on_400)},
		{401, on_401, ARRAY_COUNT(on_401)},
		{404, on_404, ARRAY_COUNT(on_404)},
	};

	if (status == 413 || (status >= 300 && status < 400) || status == 429)
		return true;
	if (status == 404 && code == 0)
		return true; /* no REST here at all */
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		for (size_t k = 0; k < rows[i].n && rows[i].status == status; k++) {
			if (rows[i].codes[k] == code)
				return true;
		}
	}
	return false;
}

bool bz_lacks_memory(const struct bz *b)
{
	return b->short_of_memory || json_memory_refusals() != b->refusals;
}

static void read_answer(struct bz *b, struct http_reply *reply, struct bz_answer *ret)
{
	json_error_t where;
	json_t *json = json_loadb(reply->body.p ? reply->body.p : "", reply->body.n,
				  JSON_DISABLE_EOF_CHECK, &where);
	const char *message = json_string_value(json_object_get(json, "message"));
	long long code = 0;
	bool error = json_is_true(json_object_get(json, "error")) ||
		     (json_is_integer(json_object_get(json, "error")) &&
		      json_integer_value(json_object_get(json, "error")) != 0);

	ret->status = reply->status;
	if (!json_is_object(json)) {
		json_decref(json);
		json = NULL;
	}
	ret->json = json;
	(void)bz_number(json_object_get(json, "code"), &code);
	ret->code = (long)code;
	if (message)
		http_safe_text(&b->http, str_of(message), ret->text, sizeof(ret->text));
	else if (reply->location[0] && reply->status / 100 == 3) {
		snprintf(ret->text, sizeof(ret->text), "it redirects to ");
		http_safe_text(&b->http, str_of(reply->location), ret->text + strlen(ret->text),
			       sizeof(ret->text) - strlen(ret->text));
	} else if (!json && bz_lacks_memory(b))
		snprintf(ret->text, sizeof(ret->text), "no memory for the answer");
	else if (!json)
		snprintf(ret->text, sizeof(ret->text), "HTTP %ld without JSON", reply->status);
	else
		snprintf(ret->text, sizeof(ret->text), "HTTP %ld", reply->status);
	if (reply->status / 100 == 2 && json && !error)
		ret->outcome = BZ_DONE;
	else
		ret->outcome = certainly_refused(reply->status, ret->code) ? BZ_REFUSED
									   : BZ_UNKNOWN;
}

static void print_dry(struct bz *b, const char *method, const char *url, const json_t *body)
{
	char *text = body ? json_dumps(body, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
	char line[700];

	if (!b->talk || !b->talk->say)
		return;
	snprintf(line, sizeof(line), "%s %s", method, url);
	b->talk->say(b->talk->ctx, line);
	if (text)
		b->talk->say(b->talk->ctx, text);
	free(text);
}

/* The data of an attachment is shown as its size. */
static json_t *without_data(const json_t *body)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)body);
	const char *data = json_string_value(json_object_get(copy, "data"));
	char text[64];

	if (data) {
		snprintf(text, sizeof(text), "(%zu characters of base64)", strlen(data));
		json_object_set_new(copy, "data", json_string(text));
	}
	return copy;
}

static char *body_with_key(const struct bz *b, const json_t *body)
{
	json_t *copy;
	char *text;

	if (!body)
		return NULL;
	copy = json_copy((json_t *)(uintptr_t)body);
	if (b->auth == AUTH_QUERY)
		json_object_set_new(copy, "api_key", json_string(b->http.secret.text));
	/* ASCII only: 5.1 stores raw UTF-8 as mojibake, escapes are right everywhere */
	text = json_dumps(copy, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_SORT_KEYS);
	json_decref(copy);
	return text;
}

void bz_call(struct bz *b, const char *method, const char *path, const char *query,
	     const json_t *body, const char *what, struct bz_answer *ret)
{
	CLEANUP_BUF struct buf url = BUF_INIT(16384);
	char header[KEY_MAX + 40] = "";
	struct http_request request = {.method = method, .what = what};
	struct http_reply reply;
	char *text;

	*ret = (struct bz_answer){.outcome = BZ_REFUSED};
	buf_addf(&url, "%s/%s", b->base, path);
	if (query && *query)
		buf_addf(&url, "?%s", query);
	if (body && b->dry_run) {
		json_t *shown = without_data(body);

		print_dry(b, method, buf_cstr(&url), shown);
		json_decref(shown);
		return;
	}
	if (b->auth == AUTH_QUERY && !body)
		bz_query(b, &url, query && *query ? "&api_key" : "?api_key", b->http.secret.text);
	if (b->auth == AUTH_HEADER)
		snprintf(header, sizeof(header), "X-BUGZILLA-API-KEY: %s", b->http.secret.text);
	else if (b->auth == AUTH_BEARER)
		snprintf(header, sizeof(header), "Authorization: Bearer %s",
			 b->http.secret.text);
	text = body_with_key(b, body);
	b->short_of_memory |= url.failed || (body && !text);
	request.url = buf_cstr(&url);
	request.body = str_of(text);
	request.header = header[0] ? header : NULL;
	/* the server needs about 0.25 s per MB and reads it at the speed of the line */
	request.timeout_s = 300 + (long)(request.body.n >> 16);
	if (bz_lacks_memory(b))
		reply = (struct http_reply){.body = BUF_INIT(0), .fate = HTTP_NOT_SENT,
					    .why = "no memory for the request"};
	else
		http_send(&b->http, &request, &reply);
	if (reply.fate == HTTP_ANSWERED) {
		read_answer(b, &reply, ret);
	} else {
		ret->outcome = reply.fate == HTTP_NOT_SENT ? BZ_REFUSED : BZ_UNKNOWN;
		ret->status = 0;
		snprintf(ret->text, sizeof(ret->text), "%s", reply.why);
	}
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	if (url.p)
		explicit_bzero(url.p, url.n);
	explicit_bzero(header, sizeof(header));
	http_reply_free(&reply);
}

void bz_answer_free(struct bz_answer *a)
{
	json_decref(a->json);
	a->json = NULL;
}

int bz_fail(const struct bz_answer *a, const char *what, struct err *err)
{
	enum err_code code = a->status == 0				   ? ERR_NET
			     : a->status == 401 || a->code == 306 ? ERR_REFUSED
								   : ERR_REMOTE;

	if (a->code)
		return err_set(err, code, "%s: %s (code %ld)", what, a->text, a->code);
	return err_set(err, code, "%s: %s", what, a->text);
}

int bz_get(struct bz *b, const char *path, const char *query, json_t **ret, struct err *err)
{
	struct bz_answer a;
	int rc = 0;

	bz_call(b, "GET", path, query, NULL, NULL, &a);
	if (a.outcome == BZ_DONE)
		*ret = json_incref(a.json);
	else
		rc = bz_fail(&a, path, err);
	bz_answer_free(&a);
	return rc;
}

void bz_query(struct bz *b, struct buf *query, const char *name, const char *value)
{
	char *quoted = curl_easy_escape(b->http.curl, value, 0);

	if (query->n && name[0] != '&' && name[0] != '?')
		buf_addc(query, '&');
	buf_addf(query, "%s=%s", name, quoted ? quoted : "");
	query->failed |= !quoted;
	curl_free(quoted);
}

const char *bz_query_end(struct bz *b, struct buf *query)
{
	const char *text = query->failed ? NULL : buf_cstr(query);

	b->short_of_memory |= !text;
	return text;
}

static size_t characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

json_t *bz_text(struct str text, size_t limit)
{
	enum { LINES = 1000 }; /* a field shorter than this is of one line */
	static const char cut[] = "\n[cut here: the rest is in the attachment]\n";
	CLEANUP_BUF struct buf out = BUF_INIT(8 << 20);
	size_t n = 0, line = 0;
	bool too_long;

	for (struct str at = text; at.n;) {
		size_t len = utf8_sequence(at);
		unsigned char c = (unsigned char)at.p[0];

		if (len == 0)
			buf_addz(&out, "\xef\xbf\xbd");
		else if (c >= 0x20 || c == '\n' || c == '\t')
			buf_add(&out, str_sub(at, 0, c == 0x7f ? 0 : len));
		at = str_from(at, len ? len : 1);
	}
	too_long = characters(buf_str(&out)) > limit;
	if (too_long) {
		size_t room = limit >= LINES ? limit - sizeof(cut) : limit;

		for (size_t i = 0; i < out.n && n < room; i++) {
			if (out.p[i] == '\n')
				line = i + 1;
			n += i + 1 < out.n && ((unsigned char)out.p[i + 1] & 0xc0) != 0x80;
			if (n == room)
				out.n = line > i / 2 && room != limit ? line : i + 1;
		}
		if (room != limit)
			buf_addz(&out, cut + 1);
	}
	if (!out.failed)
		return json_stringn(buf_str(&out).p, out.n);
	json_memory_refused();
	return NULL;
}

static int probe(struct bz *b, const char *tail, struct bz_answer *a)
{
	const char *version;

	snprintf(b->base, sizeof(b->base), "%s%s", b->web, tail);
	bz_call(b, "GET", "version", NULL, NULL, NULL, a);
	version = json_string_value(json_object_get(a->json, "version"));
	if (a->outcome != BZ_DONE || !version)
		return -1;
	http_safe_text(&b->http, str_of(version), b->version, sizeof(b->version));
	return 0;
}

int bz_open(struct bz *b, const char *url, const char *ca_file, const struct talk *talk,
	    struct err *err)
{
	struct bz_answer a = {0}, second = {0};
	int rc = 0;

	*b = (struct bz){.talk = talk, .refusals = json_memory_refusals()};
	if (http_check_url(url, err) != 0 || http_open(&b->http, ca_file, talk, err) != 0)
		return -1;
	clean_url(url, b->web, sizeof(b->web));
	/* one more look where REST is only to be had as a CGI program */
	if (probe(b, "/rest", &a) != 0 &&
	    ((a.status / 100 != 2 && a.status != 404 && a.status != 403) ||
	     probe(b, "/rest.cgi", &second) != 0)) {
		rc = err_set(err, a.status ? ERR_REMOTE : ERR_NET, "%s: %s", b->web,
			     a.status == 200 ? "no Bugzilla answers there" : a.text);
		if (a.status / 100 == 3)
			(void)err_hint(err, "use the URL it redirects to");
		else if (a.status == 0)
			(void)err_hint(err, "nothing was sent: is that the address, and is "
					    "there a network?");
		else
			(void)err_hint(err, "give the address of the Bugzilla's start page");
		bz_close(b);
	}
	bz_answer_free(&a);
	bz_answer_free(&second);
	return rc;
}

void bz_close(struct bz *b)
{
	http_close(&b->http);
}

/* A server may say any number: more than there can be is no limit. */
static uint64_t in_bytes(int64_t n, int64_t unit)
{
	int64_t bytes;

	if (n <= 0)
		return 0;
	/* the journal keeps it, as JSON's signed integer */
	return (uint64_t)(__builtin_mul_overflow(n, unit, &bytes) ? INT64_MAX : bytes);
}

static void read_limit(struct bz *b, const json_t *parameters)
{
	uint64_t small, large;
	long long kb = 0, mb = 0;

	(void)bz_number(json_object_get(parameters, "maxattachmentsize"), &kb);
	(void)bz_number(json_object_get(parameters, "maxlocalattachment"), &mb);
	small = in_bytes(kb, 1 << 10);
	large = in_bytes(mb, 1 << 20);
	b->attachment_limit = small > large ? small : large;
	b->limit_known = true;
}

/* A 200 does not tell an honoured key from an ignored one; parameters that only a logged-in
 * user sees do. The header ways go first: a key in a query ends up in the server's log. */
int bz_use_key(struct bz *b, const struct secret *key, struct err *err)
{
	static const enum bz_auth ways[] = {AUTH_HEADER, AUTH_BEARER, AUTH_QUERY};

	b->http.secret = *key;
	for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
		const json_t *parameters;
		struct bz_answer a;
		int rc = 1;

		b->auth = ways[i];
		bz_call(b, "GET", "parameters",
			"include_fields=maxattachmentsize,maxlocalattachment,defaultseverity",
			NULL, NULL, &a);
		parameters = json_object_get(a.json, "parameters");
		if (a.outcome == BZ_DONE && json_object_get(parameters, "maxattachmentsize")) {
			read_limit(b, parameters);
			rc = 0;
		} else if (a.code == 306 || a.code == 301) {
			rc = bz_fail(&a, b->web, err);
			(void)err_hint(err, "make a new key in the Bugzilla's preferences, then "
					    "'oomreport submit --login %s'", b->web);
		} else if (a.outcome != BZ_DONE && a.status != 400 && a.status != 401) {
			rc = bz_fail(&a, b->web, err);
		}
		bz_answer_free(&a);
		if (rc <= 0)
			return rc;
	}
	(void)err_set(err, ERR_REFUSED, "%s: the server takes the key in none of the known ways",
		      b->web);
	return err_hint(err, "is it the key of this server? 'oomreport submit --login %s'",
			b->web);
}
