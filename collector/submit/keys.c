/* SPDX-License-Identifier: MIT */
/* keys.c - where API keys are kept: ours, python-bugzilla's, systemd's, or a person's head.
 *
 * bugzillarc as python-bugzilla reads it (bugzilla/_rc.py): /etc/bugzillarc, ~/.bugzillarc,
 * ~/.config/python-bugzilla/bugzillarc, merged, later wins; a section serves a URL when it is
 * its host (with port), or, holding a '/', a part of the URL.
 */
#include "submit/submit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/log.h"

enum { INI_LARGEST = 256 * 1024, PATH_ROOM = 1024 };

void secret_forget(struct secret *s)
{
	explicit_bzero(s->text, sizeof(s->text));
}

static bool set_secret(struct secret *ret, struct str text, const char *source)
{
	text = str_trim(text);
	if (text.n == 0 || text.n >= sizeof(ret->text) || memchr(text.p, '\0', text.n))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f)
			return false; /* would end a header line */
	}
	memcpy(ret->text, text.p, text.n);
	ret->text[text.n] = '\0';
	snprintf(ret->source, sizeof(ret->source), "%s", source);
	return true;
}

/* "host[:port]" of a URL. */
static struct str authority(const char *url)
{
	struct str at = str_of(url), head;
	size_t end = 0;

	(void)take_until_lit(&at, STR("://"), &head);
	while (end < at.n && at.p[end] != '/' && at.p[end] != '?')
		end++;
	return str_sub(at, 0, end);
}

static bool serves(struct str section, const char *url)
{
	if (str_find_char(section, '/') != SIZE_MAX)
		return str_find(str_of(url), section) != SIZE_MAX;
	return str_eq_nocase(section, authority(url));
}

/* The first section in sorted order that serves the URL and has an api_key. */
bool secret_from_ini(struct str ini, const char *url, struct secret *ret)
{
	struct str line, section = {NULL, 0}, best = {NULL, 0}, found = {NULL, 0};

	while (take_line(&ini, &line)) {
		struct str at = str_trim(line), key;
		size_t eq;

		if (at.n == 0 || at.p[0] == '#' || at.p[0] == ';')
			continue;
		if (at.p[0] == '[') {
			section = str_sub(at, 1, str_find_char(at, ']') - 1);
			continue;
		}
		eq = str_find_char(at, '=');
		if (eq == SIZE_MAX || str_find_char(at, ':') < eq)
			eq = str_find_char(at, ':');
		if (eq == SIZE_MAX || !section.p)
			continue;
		key = str_trim(str_sub(at, 0, eq));
		if (str_eq_nocase(key, STR("api_key")) && serves(section, url) &&
		    (!best.p || str_cmp(section, best) <= 0)) {
			best = section;
			found = str_from(at, eq + 1);
		}
	}
	return found.p && set_secret(ret, found, "");
}

static bool home_path(const char *tail, const char *xdg, const char *xdg_tail,
		      char ret[PATH_ROOM])
{
	const char *base = xdg ? getenv(xdg) : NULL, *home = getenv("HOME");
	int n;

	if (base && base[0] == '/')
		n = snprintf(ret, PATH_ROOM, "%s/%s", base, xdg_tail);
	else if (home && home[0] == '/')
		n = snprintf(ret, PATH_ROOM, "%s/%s", home, tail);
	else
		return false;
	return n > 0 && n < PATH_ROOM;
}

static bool own_keys(char ret[PATH_ROOM])
{
	return home_path(".config/oomreport/keys", "XDG_CONFIG_HOME", "oomreport/keys", ret);
}

/* 1 read, 0 not there, -1. A key file others can read is used, but its owner is told. */
static int read_secret_file(const char *path, struct buf *out, struct err *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	char window[1024];
	ssize_t n;
	int rc = 1;

	if (fd < 0)
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR
			       ? 0
			       : err_sys(err, errno, "%s", path);
	if (fstat(fd, &st) == 0 && (st.st_mode & 077))
		log_info("%s: others can read this file: chmod 600 it", path);
	while (rc == 1 && (n = fd_read(fd, window, sizeof(window))) != 0) {
		if (n < 0)
			rc = err_sys(err, errno, "%s", path);
		else if (!buf_add(out, (struct str){window, (size_t)n}))
			rc = buf_ok(out, path, err);
	}
	explicit_bzero(window, sizeof(window));
	return rc;
}

static void forget_buf(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->n);
	buf_free(b);
}

static int from_ini_file(struct secret *ret, const char *path, const char *url,
			 struct err *err)
{
	struct buf text = BUF_INIT(INI_LARGEST);
	int rc = read_secret_file(path, &text, err);

	if (rc == 1) {
		rc = secret_from_ini(buf_str(&text), url, ret);
		if (rc)
			snprintf(ret->source, sizeof(ret->source), "%.290s", path);
	}
	forget_buf(&text);
	return rc;
}

static int from_plain_file(struct secret *ret, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(4096);
	int rc = read_secret_file(path, &text, err);

	if (rc == 1 && !set_secret(ret, buf_str(&text), path))
		rc = err_set(err, ERR_FORMAT, "%s: holds no usable key (one word, one line)",
			     path);
	forget_buf(&text);
	return rc;
}

int secret_find(struct secret *ret, const char *url, const char *file, struct err *err)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_ROOM];
	struct secret found = {.text = ""};
	int rc = 0, hit = 0;

	if (file) {
		rc = from_plain_file(ret, file, err);
		return rc == 0 ? err_set(err, ERR_IO, "%s: cannot be read", file) : rc;
	}
	if (credentials && snprintf(path, sizeof(path), "%s/oomreport-api-key", credentials) <
				   (int)sizeof(path)) {
		rc = from_plain_file(ret, path, err);
		if (rc != 0)
			return rc;
	}
	if (own_keys(path) && (rc = from_ini_file(ret, path, url, err)) != 0)
		return rc;
	for (int i = 0; i < 3; i++) { /* the later one wins */
		if (i == 0)
			snprintf(path, sizeof(path), "/etc/bugzillarc");
		else if (i == 1 && !home_path(".bugzillarc", NULL, NULL, path))
			continue;
		else if (i == 2 && !home_path(".config/python-bugzilla/bugzillarc",
					      "XDG_CONFIG_HOME", "python-bugzilla/bugzillarc",
					      path))
			continue;
		rc = from_ini_file(&found, path, url, err);
		if (rc < 0)
			return -1;
		if (rc == 1)
			hit = 1;
	}
	if (hit)
		*ret = found;
	secret_forget(&found);
	return hit;
}

/* A line that is not shown. Whoever ends or stops the program meanwhile does so when the terminal
 * shows again what is typed: the signal waits until then. */
static ssize_t read_unseen(int tty, const char *prompt, char *line, size_t room)
{
	struct termios old, silent;
	struct pollfd ready[2] = {{.fd = tty, .events = POLLIN}, {.events = POLLIN}};
	sigset_t ends, before;
	ssize_t n = 0;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGQUIT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGTSTP);
	if (tcgetattr(tty, &old) != 0 || sigprocmask(SIG_BLOCK, &ends, &before) != 0)
		return -1;
	ready[1].fd = signalfd(-1, &ends, SFD_CLOEXEC);
	silent = old;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	tcsetattr(tty, TCSAFLUSH, &silent);
	dprintf(tty, "%s (not shown): ", shown(prompt).z);
	while (poll(ready, ARRAY_COUNT(ready), -1) < 0 && errno == EINTR)
		;
	if (!ready[1].revents)
		n = fd_read(tty, line, room);
	tcsetattr(tty, TCSAFLUSH, &old);
	dprintf(tty, "\n");
	fd_close(&ready[1].fd);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return n;
}

int secret_ask(struct secret *ret, const char *prompt, struct err *err)
{
	CLEANUP_FD int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	char line[KEY_MAX + 2];
	ssize_t n = tty < 0 ? -1 : read_unseen(tty, prompt, line, sizeof(line) - 1);
	bool good;

	if (n < 0) {
		(void)err_set(err, ERR_REFUSED, "no API key, and no terminal to ask for one");
		return err_hint(err, "run 'oomreport submit --login URL' on a terminal, or give "
				     "--api-key-file FILE");
	}
	good = n > 0 && set_secret(ret, (struct str){line, (size_t)n}, "asked");
	explicit_bzero(line, sizeof(line));
	return good ? 0 : err_set(err, ERR_REFUSED, "no key was given");
}

/* The old content without this host's section, then the new one. */
static void replace_section(struct str old, const char *url, struct buf *out)
{
	struct str host = authority(url), line;
	bool skipping = false;

	while (take_line(&old, &line)) {
		if (line.n && line.p[0] == '[')
			skipping = str_eq_nocase(
				str_sub(line, 1, str_find_char(line, ']') - 1), host);
		if (skipping)
			continue;
		buf_add(out, line);
		buf_addc(out, '\n');
	}
}

int secret_store(const struct secret *s, const char *url, struct err *err)
{
	struct buf old = BUF_INIT(INI_LARGEST), text = BUF_INIT(INI_LARGEST + 1024);
	CLEANUP_PUBLISH struct publish p = PUBLISH_CLOSED;
	char path[PATH_ROOM];
	int rc;

	if (!own_keys(path))
		return err_set(err, ERR_IO, "HOME is not set: nowhere to keep the key");
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0700);
		*slash = '/';
	}
	rc = read_secret_file(path, &old, err);
	if (rc >= 0) {
		replace_section(buf_str(&old), url, &text);
		buf_addf(&text, "[%.*s]\napi_key = %s\n", STR_ARG(authority(url)), s->text);
		rc = buf_ok(&text, path, err) != 0 ? -1 : publish_open(&p, path, err);
		if (rc == 0 && fd_write_all(p.fd, buf_str(&text)) != 0)
			rc = err_sys(err, errno, "%s", path);
		if (rc == 0)
			rc = publish_commit(&p, true, 0600, err);
	}
	forget_buf(&old);
	forget_buf(&text);
	return rc;
}
