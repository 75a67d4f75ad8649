/* SPDX-License-Identifier: MIT */
/* http.h - private to submit/: one request, one reply, and what is known about its fate. */
#ifndef OOMREPORT_SUBMIT_HTTP_H
#define OOMREPORT_SUBMIT_HTTP_H

#include <curl/curl.h>

#include "submit/submit.h"

enum http_fate {
	HTTP_ANSWERED, /* status and body are there */
	HTTP_NOT_SENT, /* no connection, or TLS refused: the server knows nothing of it */
	HTTP_UNKNOWN,  /* it may have been sent and carried out */
};

enum { REPLY_MAX = 8 << 20 };

struct http {
	CURL *curl;    /* of the last transfer, or NULL */
	CURLSH *share; /* the connections */
	const char *ca_file;
	const struct talk *talk;
	struct secret secret; /* cut out of every text */
};

struct http_request {
	const char *method; /* GET, POST, PUT */
	const char *url;
	struct str body;
	const char *header; /* one more header line, or NULL */
	const char *what;   /* for progress: "bundle.tar.zst", or NULL */
	long timeout_s;
};

struct http_reply {
	enum http_fate fate;
	long status;
	struct buf body;
	char location[400];
	char why[300]; /* for NOT_SENT and UNKNOWN; no secrets */
};

int http_open(struct http *h, const char *ca_file, const struct talk *talk, struct err *err);
void http_close(struct http *h);
/* A password in a URL stands in the command line, and is shown with the URL: refused; so is a
 * user's name where none is expected. */
int http_check_user(const char *url, bool name_may_be, struct err *err) MUST_CHECK;
/* https, or http on a loopback address: else an error that says so. */
int http_check_url(const char *url, struct err *err);
bool http_is_loopback(const char *url);
/* Never fails: what happened is in the reply (free with http_reply_free). */
void http_send(struct http *h, const struct http_request *request, struct http_reply *ret);
void http_reply_free(struct http_reply *r);
/* A new handle with the options every transfer of this program shares: verification, no redirects.
 * False: no memory. No handle is used again: up to libcurl 8.1 one keeps a pointer to the headers of
 * the answer before, through which it writes when the first header of the next one is folded;
 * curl_easy_reset() leaves it (found by fuzz_reply). */
bool http_common(struct http *h, const char *url) MUST_CHECK;
/* Text of a server to one safe line: no control bytes, no secret (also URL-quoted), cut. */
void http_safe_text(const struct http *h, struct str text, char *out, size_t room);

#endif
