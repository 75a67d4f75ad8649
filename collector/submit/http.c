/* SPDX-License-Identifier: MIT */
/* http.c - the only file that sends HTTP requests. */
#include "submit/http.h"

#include <stdio.h>

int http_open(struct http *h, const char *ca_file, const struct talk *talk, struct err *err)
{
	*h = (struct http){.ca_file = ca_file, .talk = talk, .share = curl_share_init()};
	if (!h->share || curl_share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) ||
	    curl_share_setopt(h->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION)) {
		http_close(h);
		return err_set(err, ERR_NOMEM, "libcurl cannot be started");
	}
	return 0;
}

void http_close(struct http *h)
{
	curl_easy_cleanup(h->curl);
	curl_share_cleanup(h->share);
	h->curl = NULL;
	h->share = NULL;
	secret_forget(&h->secret);
}

static struct str authority_of(const char *url)
{
	struct str at = str_of(url), scheme;
	size_t end = 0;

	if (!take_until_lit(&at, STR("://"), &scheme))
		return STR("");
	while (end < at.n && !memchr("/?#\\", at.p[end], 4))
		end++;
	return str_sub(at, 0, end);
}

static struct str host_of(const char *url)
{
	struct str host = authority_of(url);
	size_t end;

	if (host.n && host.p[0] == '[') {
		end = str_find_char(host, ']');
		return str_sub(host, 1, end == SIZE_MAX ? 0 : end - 1);
	}
	end = str_find_char(host, ':');
	return end == SIZE_MAX ? host : str_sub(host, 0, end);
}

bool http_is_loopback(const char *url)
{
	struct str host = host_of(url), at = host;
	uint64_t part;

	if (str_eq_nocase(host, STR("localhost")) || str_eq(host, STR("::1")))
		return true;
	for (int i = 0; i < 4; i++) {
		if ((i && !take_char(&at, '.')) || !take_u64(&at, &part) || part > 255 ||
		    (i == 0 && part != 127))
			return false;
	}
	return at.n == 0;
}

int http_check_user(const char *url, bool name_may_be, struct err *err)
{
	struct str who = authority_of(url);
	size_t end = str_rfind(who, STR("@"));

	if (end == SIZE_MAX)
		return 0;
	if (str_find_char(str_sub(who, 0, end), ':') != SIZE_MAX)
		return err_set(err, ERR_USAGE, "the URL holds a password: leave it out");
	return name_may_be ? 0
			   : err_set(err, ERR_USAGE, "the URL holds a user name: leave it out");
}

int http_check_url(const char *url, struct err *err)
{
	if (http_check_user(url, false, err) != 0)
		return -1;
	if (strncasecmp(url, "https://", 8) == 0 && host_of(url).n)
		return 0;
	if (strncasecmp(url, "http://", 7) == 0 && http_is_loopback(url))
		return 0;
	(void)err_set(err, ERR_REFUSED, "%.200s: not an https URL", url);
	return err_hint(err, "a key or a report is sent over https only (http on loopback)");
}

struct receiver {
	struct buf *body;
};

/* More than the cap is read and forgotten: a maintenance page can repeat our upload. */
static size_t receive(char *p, size_t size, size_t n, void *ctx)
{
	struct receiver *to = ctx;
	size_t room = to->body->max - to->body->n;

	buf_add(to->body, (struct str){p, size * n < room ? size * n : room});
	return size * n;
}

static size_t receive_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_reply *reply = ctx;
	struct str line = {p, size * n};

	if (line.n > 9 && str_eq_nocase(str_sub(line, 0, 9), STR("location:"))) {
		struct str value = str_trim(str_from(line, 9));

		snprintf(reply->location, sizeof(reply->location), "%.*s", STR_ARG(value));
	}
	return size * n;
}

struct sending {
	const struct http *h;
	const char *what;
};

static int show_progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
			 curl_off_t ulnow)
{
	const struct sending *s = ctx;

	(void)dltotal;
	(void)dlnow;
	if (s->what && ultotal > 0)
		s->h->talk->progress(s->h->talk->ctx, s->what, (uint64_t)ulnow,
				     (uint64_t)ultotal);
	return 0;
}

bool http_common(struct http *h, const char *url)
{
	CURL *c = curl_easy_init();

	curl_easy_cleanup(h->curl);
	h->curl = c;
	if (!c)
		return false;
	curl_easy_setopt(c, CURLOPT_SHARE, h->share);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "oomreport/" OOMREPORT_VERSION);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	if (h->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
	/* plain http goes to loopback only, and then not by way of a proxy */
	if (http_is_loopback(url))
		curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	return true;
}

static bool before_sending(CURL *c, CURLcode code)
{
	curl_off_t t = 0;

	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
		return true;
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_OUT_OF_MEMORY: /* also where the answer finds no room */
		curl_easy_getinfo(c, CURLINFO_PRETRANSFER_TIME_T, &t);
		return t == 0;
	default:
		return false;
	}
}

void http_send(struct http *h, const struct http_request *request, struct http_reply *ret)
{
	char error[CURL_ERROR_SIZE] = "";
	struct sending sending = {h, request->what};
	struct curl_slist *headers = NULL;
	struct receiver to;
	CURLcode code;

	*ret = (struct http_reply){.body = BUF_INIT(REPLY_MAX)};
	to.body = &ret->body;
	if (!http_common(h, request->url)) {
		ret->fate = HTTP_NOT_SENT;
		snprintf(ret->why, sizeof(ret->why), "no memory for the request");
		return;
	}
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "https,http");
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT,
			 request->timeout_s ? request->timeout_s : 120L);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, &to);
	curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, receive_header);
	curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, ret);
	headers = curl_slist_append(headers, "Accept: application/json");
	if (request->header)
		headers = curl_slist_append(headers, request->header);
	if (request->body.p) {
		headers = curl_slist_append(headers, "Content-Type: application/json");
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)request->body.n);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, request->body.p);
	}
	if (strcmp(request->method, "GET") != 0) {
		curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, request->method);
		/* libcurl sends a request again, a POST too, when a kept connection dies before
		 * the first byte of the answer: that made two bugs of one */
		curl_easy_setopt(h->curl, CURLOPT_FRESH_CONNECT, 1L);
	}
	if (h->talk && h->talk->progress && request->what) {
		curl_easy_setopt(h->curl, CURLOPT_NOPROGRESS, 0L);
		curl_easy_setopt(h->curl, CURLOPT_XFERINFOFUNCTION, show_progress);
		curl_easy_setopt(h->curl, CURLOPT_XFERINFODATA, &sending);
	}
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	code = curl_easy_perform(h->curl);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	ret->fate = code == CURLE_OK		       ? HTTP_ANSWERED
		    : before_sending(h->curl, code) ? HTTP_NOT_SENT
						       : HTTP_UNKNOWN;
	if (ret->body.failed && !ret->body.full) { /* a piece of an answer is none */
		ret->fate = HTTP_UNKNOWN;
		snprintf(ret->why, sizeof(ret->why), "no memory for the answer");
	} else if (code != CURLE_OK)
		http_safe_text(h, str_of(error[0] ? error : curl_easy_strerror(code)), ret->why,
			       sizeof(ret->why));
	curl_slist_free_all(headers);
	curl_easy_reset(h->curl); /* nothing keeps a pointer to the request */
}

void http_reply_free(struct http_reply *r)
{
	buf_free(&r->body);
}

static size_t secret_at(const struct http *h, struct str s)
{
	struct str key = str_of(h->secret.text);
	char *quoted;
	size_t n = 0;

	if (key.n < 4)
		return 0;
	if (str_starts(s, key))
		return key.n;
	quoted = curl_easy_escape(h->curl, key.p, (int)key.n);
	if (quoted && str_starts(s, str_of(quoted)))
		n = strlen(quoted);
	curl_free(quoted);
	return n;
}

void http_safe_text(const struct http *h, struct str text, char *out, size_t room)
{
	size_t n = 0;

	while (text.n && n + 8 < room) {
		size_t hit = secret_at(h, text), len = utf8_sequence(text);

		if (hit) {
			memcpy(out + n, "[key]", 5);
			n += 5;
			text = str_from(text, hit);
			continue;
		}
		if (len == 0 || (unsigned char)text.p[0] < 0x20 || text.p[0] == 0x7f ||
		    (len == 2 && (unsigned char)text.p[0] == 0xc2 &&
		     (unsigned char)text.p[1] < 0xa0)) {
			out[n++] = ' ';
			len = len ? len : 1;
		} else {
			memcpy(out + n, text.p, len);
			n += len;
		}
		text = str_from(text, len);
	}
	if (text.n && n + 4 < room) {
		memcpy(out + n, "...", 3);
		n += 3;
	}
	out[n] = '\0';
}
