/* SPDX-License-Identifier: MIT */
/* mail.c - a MIME message (RFC 5322, 2045-2047, 2231) to a file, to sendmail, or by SMTP.
 *
 * Plain text first and alone in its part: linux-mm takes no HTML. Log lines longer than the
 * 998 octets of RFC 5322 are carried as quoted-printable, everything else as it is. */
#include "base/when.h"
#include "submit/base64.h"
#include "submit/http.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGE_LARGEST = 512 << 20 };

static bool is_address(const char *text)
{
	const char *at = strchr(text, '@');

	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f || strchr("<>(),;:\\\"", *p))
			return false;
	}
	return at && at != text && at[1] && !strchr(at + 1, '@') && text[0] != '-';
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 0x7f || (unsigned char)s.p[i] < ' ')
			return false;
	}
	return true;
}

/* RFC 2047 encoded words where the text is not plain ASCII; never a line break from outside. */
static void add_header_text(struct buf *out, const char *name, struct str value)
{
	buf_addf(out, "%s: ", name);
	if (is_ascii(value)) {
		buf_add(out, str_sub(value, 0, 900));
		buf_addz(out, "\r\n");
		return;
	}
	while (value.n) {
		size_t used = 0;

		buf_addz(out, "=?utf-8?Q?");
		while (value.n && used < 40) {
			size_t len = utf8_sequence(value);
			struct str c = len ? str_sub(value, 0, len) : STR("?");

			for (size_t i = 0; i < c.n; i++)
				buf_addf(out, "=%02X", (unsigned char)c.p[i]);
			used += 3 * c.n;
			value = str_from(value, len ? len : 1);
		}
		buf_addz(out, value.n ? "?=\r\n " : "?=\r\n");
	}
}

static void add_date(struct buf *out, int64_t now)
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day = now / INT64_C(86400000000) % 7;
	struct civil c;

	when_to_civil(now, &c);
	buf_addf(out, "Date: %.3s, %d %.3s %04d %02d:%02d:%02d +0000\r\n", days + day * 3, c.day,
		 months + (ptrdiff_t)(c.month - 1) * 3, c.year, c.hour, c.minute, c.second);
}

static bool needs_quoting(struct str text)
{
	size_t line = 0;

	for (size_t i = 0; i < text.n; i++) {
		line = text.p[i] == '\n' ? 0 : line + 1;
		if (line > 990 || (unsigned char)text.p[i] >= 0x7f ||
		    ((unsigned char)text.p[i] < ' ' && text.p[i] != '\n' && text.p[i] != '\t'))
			return true;
	}
	return false;
}

static void add_quoted(struct buf *out, struct str text)
{
	size_t column = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool last = i + 1 == text.n || text.p[i + 1] == '\n';
		bool plain = (c > ' ' && c < 0x7f && c != '=') ||
			     ((c == ' ' || c == '\t') && !last);

		if (c == '\n') {
			buf_addz(out, "\r\n");
			column = 0;
			continue;
		}
		if (column > 72) {
			buf_addz(out, "=\r\n");
			column = 0;
		}
		if (plain)
			buf_addc(out, (char)c);
		else
			buf_addf(out, "=%02X", c);
		column += plain ? 1 : 3;
	}
}

static void add_text(struct buf *out, struct str text, bool quoted)
{
	struct str line;

	if (quoted) {
		add_quoted(out, text);
		buf_addz(out, "\r\n");
		return;
	}
	while (take_line(&text, &line)) {
		buf_add(out, line);
		buf_addz(out, "\r\n");
	}
}

static void add_part(struct buf *out, const char *boundary, const struct piece *p)
{
	buf_addf(out, "--%s\r\nContent-Type: %s; name=\"%s\"\r\n", boundary, p->type, p->name);
	buf_addf(out, "Content-Disposition: attachment; filename=\"%s\"\r\n", p->name);
	buf_addz(out, "Content-Transfer-Encoding: base64\r\n\r\n");
	base64_add(out, buf_str(&p->data), 76);
	buf_addz(out, "\r\n");
}

/* Debian's BTS reads "Package: x" lines at the top of the text. */
static void body_of(const struct mail_options *o, struct buf *out)
{
	for (size_t i = 0; o->pseudo_headers && o->pseudo_headers[i]; i++) {
		struct str value = str_of(o->pseudo_headers[i]), key;

		if (take_until(&value, '=', &key))
			buf_addf(out, "%.*s: %.*s\n", STR_ARG(key), STR_ARG(value));
	}
	if (out->n)
		buf_addc(out, '\n');
	buf_add(out, str_of(o->body));
}

static int build(const struct mail_options *o, const struct pieces *pieces, struct buf *out,
		 struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(16 << 20);
	char boundary[48];
	uint64_t random[2];
	bool quoted;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_sys(err, errno, "getrandom");
	snprintf(boundary, sizeof(boundary), "oomreport-%016llx", (unsigned long long)random[0]);
	body_of(o, &text);
	quoted = needs_quoting(buf_str(&text));
	buf_addf(out, "From: %s\r\nTo: %s\r\n", o->from, o->to);
	for (size_t i = 0; o->cc && o->cc[i]; i++)
		buf_addf(out, "Cc: %s\r\n", o->cc[i]);
	add_header_text(out, "Subject", str_of(o->subject));
	add_date(out, o->now_us);
	buf_addf(out, "Message-ID: <oomreport.%016llx%016llx@%s>\r\n",
		 (unsigned long long)random[0], (unsigned long long)random[1],
		 strchr(o->from, '@') + 1);
	buf_addf(out, "MIME-Version: 1.0\r\nUser-Agent: oomreport/%s\r\n", OOMREPORT_VERSION);
	if (pieces->n)
		buf_addf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n",
			 boundary, boundary);
	buf_addf(out, "Content-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: %s\r\n%s\r\n",
		 quoted ? "quoted-printable" : "7bit", "Content-Disposition: inline\r\n");
	add_text(out, buf_str(&text), quoted);
	for (size_t i = 0; i < pieces->n; i++)
		add_part(out, boundary, &pieces->v[i]);
	if (pieces->n)
		buf_addf(out, "--%s--\r\n", boundary);
	return buf_ok(&text, "mail", err) != 0 ? -1 : buf_ok(out, "mail", err);
}

/* ---- ways out ---- */

static int write_all(int fd, struct str s, const char *what, struct err *err)
{
	return fd_write_all(fd, s) == 0 ? 0 : err_sys(err, errno, "%s", what);
}

/* mboxrd: every line that is "From " behind any '>' gets one more. */
static int to_mbox(const struct mail_options *o, struct str message, struct err *err)
{
	CLEANUP_FD int fd = open(o->outbox, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
				 0600);
	CLEANUP_BUF struct buf text = BUF_INIT(MESSAGE_LARGEST);
	struct str line;

	if (fd < 0)
		return err_sys(err, errno, "%s", o->outbox);
	buf_addf(&text, "From %s Thu Jan  1 00:00:00 1970\n", o->from);
	while (take_line(&message, &line)) {
		size_t quotes = 0;

		while (quotes < line.n && line.p[quotes] == '>')
			quotes++;
		if (str_starts(str_from(line, quotes), STR("From ")))
			buf_addc(&text, '>');
		buf_add(&text, line);
		buf_addc(&text, '\n');
	}
	buf_addc(&text, '\n');
	if (buf_ok(&text, o->outbox, err) != 0)
		return -1;
	return write_all(fd, buf_str(&text), o->outbox, err);
}

static int to_file(const struct mail_options *o, struct str message, struct err *err)
{
	CLEANUP_PUBLISH struct publish p = PUBLISH_CLOSED;

	if (!str_ends(str_of(o->outbox), STR(".eml")))
		return to_mbox(o, message, err);
	if (publish_open(&p, o->outbox, err) != 0 ||
	    write_all(p.fd, message, o->outbox, err) != 0)
		return -1;
	return publish_commit(&p, false, 0600, err);
}

static int to_sendmail(struct str message, struct err *err)
{
	static const char *const places[] = {"/usr/sbin/sendmail", "/usr/lib/sendmail"};
	char dash_i[] = "-i", dash_t[] = "-t", name[] = "sendmail";
	char *argv[] = {name, dash_i, dash_t, NULL};
	char path_env[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *envp[] = {path_env, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], status = 0, rc = ENOENT;
	pid_t pid = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_sys(err, errno, "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
	for (size_t i = 0; i < ARRAY_COUNT(places) && rc != 0; i++)
		rc = posix_spawn(&pid, places[i], &actions, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	if (rc != 0) {
		close(ends[1]);
		(void)err_sys(err, rc, "sendmail");
		return err_hint(err, "give --smtp URL, or --mail-file FILE.eml and send it "
				     "yourself");
	}
	rc = write_all(ends[1], message, "sendmail", err);
	close(ends[1]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		rc = err_set(err, ERR_IO, "sendmail: it failed with status %d",
			     WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return rc;
}

static size_t give(char *p, size_t size, size_t n, void *ctx)
{
	struct str *left = ctx;
	size_t take = left->n < size * n ? left->n : size * n;

	memcpy(p, left->p, take);
	*left = str_from(*left, take);
	return take;
}

static int smtp_url(const char *url, struct err *err)
{
	bool plain = strncasecmp(url, "smtp://", 7) == 0;

	if (plain || strncasecmp(url, "smtps://", 8) == 0)
		return http_check_user(url, false, err);
	return err_set(err, ERR_USAGE, "%.100s: not smtp:// or smtps://", url);
}

static int to_smtp(const struct mail_options *o, struct str message, struct err *err)
{
	char error[CURL_ERROR_SIZE] = "", why[300], from[300], to[300];
	struct curl_slist *rcpt = NULL;
	struct str left = message;
	CURLcode code;
	struct http h;
	int rc = 0;

	if (smtp_url(o->smtp, err) != 0 || http_open(&h, o->ca_file, o->talk, err) != 0)
		return -1;
	if (o->user && o->password_file) {
		rc = secret_find(&h.secret, o->smtp, o->password_file, err) == 1 ? 0 : -1;
	} else if (o->user) {
		rc = secret_ask(&h.secret, "SMTP password", err);
	}
	if (rc == 0 && !http_common(&h, o->smtp))
		rc = err_set(err, ERR_NOMEM, "%s: no memory to send a mail", o->smtp);
	curl_easy_setopt(h.curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(h.curl, CURLOPT_ERRORBUFFER, error);
	/* TLS always, but for a server on this very machine */
	curl_easy_setopt(h.curl, CURLOPT_USE_SSL,
			 (long)(http_is_loopback(o->smtp) && !o->user ? CURLUSESSL_TRY
								       : CURLUSESSL_ALL));
	if (o->user) {
		curl_easy_setopt(h.curl, CURLOPT_USERNAME, o->user);
		curl_easy_setopt(h.curl, CURLOPT_PASSWORD, h.secret.text);
	}
	snprintf(from, sizeof(from), "<%s>", o->from);
	snprintf(to, sizeof(to), "<%s>", o->to);
	rcpt = curl_slist_append(rcpt, to);
	for (size_t i = 0; o->cc && o->cc[i]; i++) {
		snprintf(to, sizeof(to), "<%s>", o->cc[i]);
		rcpt = curl_slist_append(rcpt, to);
	}
	curl_easy_setopt(h.curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(h.curl, CURLOPT_MAIL_RCPT, rcpt);
	curl_easy_setopt(h.curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(h.curl, CURLOPT_READFUNCTION, give);
	curl_easy_setopt(h.curl, CURLOPT_READDATA, &left);
	curl_easy_setopt(h.curl, CURLOPT_TIMEOUT, 600L);
	if (rc == 0 && (code = curl_easy_perform(h.curl)) != CURLE_OK) {
		http_safe_text(&h, str_of(error[0] ? error : curl_easy_strerror(code)), why,
			       sizeof(why));
		rc = err_set(err, ERR_NET, "%s: %s", o->smtp, why);
	}
	curl_slist_free_all(rcpt);
	http_close(&h);
	return rc;
}

static int check_addresses(const struct mail_options *o, struct err *err)
{
	if (!is_address(o->to))
		return err_set(err, ERR_USAGE, "--mail '%.100s': not a mail address", o->to);
	if (!o->from || !is_address(o->from)) {
		(void)err_set(err, ERR_USAGE, "--from: your mail address is wanted");
		return err_hint(err, "give --from YOU@DOMAIN");
	}
	for (size_t i = 0; o->cc && o->cc[i]; i++) {
		if (!is_address(o->cc[i]))
			return err_set(err, ERR_USAGE, "--cc '%.100s': not a mail address",
				       o->cc[i]);
	}
	return 0;
}

static void preview(const struct mail_options *o, const struct pieces *pieces)
{
	char line[1200];

	if (!o->talk || !o->talk->say)
		return;
	snprintf(line, sizeof(line), "Mail to %s, subject: %s", o->to, o->subject);
	o->talk->say(o->talk->ctx, line);
	for (size_t i = 0; o->cc && o->cc[i]; i++) {
		snprintf(line, sizeof(line), "  copy to: %s", o->cc[i]);
		o->talk->say(o->talk->ctx, line);
	}
	for (size_t i = 0; i < pieces->n; i++) {
		snprintf(line, sizeof(line), "  attachment: %s, %zu bytes", pieces->v[i].name,
			 pieces->v[i].data.n);
		o->talk->say(o->talk->ctx, line);
	}
}

int mail_submit(const struct mail_options *o, const struct pieces *pieces, struct err *err)
{
	CLEANUP_BUF struct buf message = BUF_INIT(MESSAGE_LARGEST);

	if (check_addresses(o, err) != 0 || build(o, pieces, &message, err) != 0)
		return -1;
	preview(o, pieces);
	if (o->dry_run) {
		if (o->talk && o->talk->say)
			o->talk->say(o->talk->ctx, o->body);
		return 0;
	}
	if (!o->outbox && talk_agree(o->talk, o->yes, err) != 0)
		return -1;
	if (o->outbox)
		return to_file(o, buf_str(&message), err);
	return o->smtp ? to_smtp(o, buf_str(&message), err)
		       : to_sendmail(buf_str(&message), err);
}
