/* SPDX-License-Identifier: MIT */
/* upload.c - a bundle to a place of the user's: https PUT or POST (also presigned), sftp, scp.
 *
 * sftp goes on where an interrupted upload stopped (libcurl CURLOPT_RESUME_FROM -1); http has
 * no way to, so it starts again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "submit/http.h"

static const struct scheme {
	const char *prefix, *protocols;
	bool http, resumes;
} schemes[] = {
	{"https://", "https", true, false},
	{"http://", "http", true, false},
	{"sftp://", "sftp", false, true},
	{"scp://", "scp", false, false},
};

static const struct scheme *scheme_of(const char *url)
{
	for (size_t i = 0; i < ARRAY_COUNT(schemes); i++) {
		if (strncasecmp(url, schemes[i].prefix, strlen(schemes[i].prefix)) == 0)
			return &schemes[i];
	}
	return NULL;
}

struct outgoing {
	int fd;
	const struct talk *talk;
	const char *name;
	struct sha256 sum;
	curl_off_t at, hashed;
	bool failed;
};

static size_t give(char *p, size_t size, size_t n, void *ctx)
{
	struct outgoing *out = ctx;
	ssize_t got = pread(out->fd, p, size * n, out->at);

	if (got < 0) {
		out->failed = true;
		return CURL_READFUNC_ABORT;
	}
	if (out->at == out->hashed) { /* a resent part is not hashed twice */
		sha256_add(&out->sum, (struct str){p, (size_t)got});
		out->hashed += got;
	}
	out->at += got;
	return (size_t)got;
}

static int rewind_to(void *ctx, curl_off_t offset, int origin)
{
	struct outgoing *out = ctx;

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	out->at = offset;
	return CURL_SEEKFUNC_OK;
}

static int progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
		    curl_off_t ulnow)
{
	const struct outgoing *out = ctx;

	(void)dltotal;
	(void)dlnow;
	if (out->talk && out->talk->progress && ultotal > 0)
		out->talk->progress(out->talk->ctx, out->name, (uint64_t)ulnow, (uint64_t)ultotal);
	return 0;
}

static size_t forget(char *p, size_t size, size_t n, void *ctx)
{
	(void)p;
	(void)ctx;
	return size * n;
}

/* "https://host/dir/" + "bundle.tar.zst"; a name or a query of the URL's own stays. */
static void full_url(const char *url, const char *name, char *out, size_t room)
{
	bool folder = str_ends(str_of(url), STR("/"));

	snprintf(out, room, "%s%s", url, folder ? name : "");
}

static void set_ssh(CURL *c, const struct upload_options *o)
{
	curl_easy_setopt(c, CURLOPT_SSH_AUTH_TYPES,
			 (long)(CURLSSH_AUTH_PUBLICKEY | CURLSSH_AUTH_AGENT));
	if (o->known_hosts)
		curl_easy_setopt(c, CURLOPT_SSH_KNOWNHOSTS, o->known_hosts);
	if (o->ssh_key)
		curl_easy_setopt(c, CURLOPT_SSH_PRIVATE_KEYFILE, o->ssh_key);
}

static int transfer(struct http *h, const struct upload_options *o, const struct scheme *scheme,
		    const char *url, struct outgoing *out, curl_off_t size, struct err *err)
{
	char error[CURL_ERROR_SIZE] = "", why[300];
	CURLcode code;
	long status = 0;
	CURL *c;

	if (!http_common(h, url))
		return err_set(err, ERR_NOMEM, "%s: no memory to send it", url);
	c = h->curl;
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, scheme->protocols);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, size);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(c, CURLOPT_READDATA, out);
	curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, rewind_to);
	curl_easy_setopt(c, CURLOPT_SEEKDATA, out);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, forget);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, out);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 120L);
	if (scheme->http && o->method && strcmp(o->method, "PUT") != 0)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, o->method);
	if (scheme->resumes)
		curl_easy_setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)-1);
	if (!scheme->http)
		set_ssh(c, o);
	code = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_reset(c);
	http_safe_text(h, str_of(error[0] ? error : curl_easy_strerror(code)), why, sizeof(why));
	if (code != CURLE_OK)
		return err_set(err, ERR_NET, "upload: %s", why);
	if (scheme->http && status / 100 != 2)
		return err_set(err, ERR_REMOTE, "upload: the server answers %ld", status);
	return 0;
}

/* A presigned URL's query is a secret. */
static void link_of(const char *url, char *ret)
{
	snprintf(ret, 1000, "%.*s", (int)strcspn(url, "?#"), url);
}

static int upload_file(const struct upload_options *o, const struct scheme *scheme,
		       const char *path, int fd, char *ret_link, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct outgoing out = {.fd = fd, .talk = o->talk, .name = slash ? slash + 1 : path};
	unsigned char sum[SHA256_SIZE];
	char url[4096], line[1300], hex[SHA256_HEX];
	struct stat st;
	struct http h;
	int rc;

	if (fstat(fd, &st) != 0)
		return err_sys(err, errno, "%s", path);
	full_url(o->url, out.name, url, sizeof(url));
	if (http_open(&h, o->ca_file, o->talk, err) != 0)
		return -1;
	sha256_start(&out.sum);
	rc = transfer(&h, o, scheme, url, &out, st.st_size, err);
	http_close(&h);
	if (out.failed)
		return err_set(err, ERR_IO, "%s: cannot be read to its end", path);
	if (rc != 0)
		return scheme->resumes ? err_hint(err, "run it again: it goes on where it stopped")
				       : -1;
	link_of(url, ret_link);
	if (out.hashed == st.st_size && o->talk && o->talk->say) {
		sha256_end(&out.sum, sum);
		sha256_hex(sum, hex);
		snprintf(line, sizeof(line), "sha256 %s  %s", hex, ret_link);
		o->talk->say(o->talk->ctx, line);
	}
	return 0;
}

int upload_submit(const struct upload_options *o, const char *path, char *ret_link,
		  struct err *err)
{
	const struct scheme *scheme = scheme_of(o->url);
	CLEANUP_FD int fd = -1;

	if (!scheme) {
		(void)err_set(err, ERR_USAGE, "%.100s: not a URL to upload to", o->url);
		return err_hint(err, "https://, sftp:// and scp:// are known");
	}
	if (scheme->http ? http_check_url(o->url, err) : http_check_user(o->url, true, err))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, errno, "%s", path);
	return upload_file(o, scheme, path, fd, ret_link, err);
}
