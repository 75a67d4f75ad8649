/* SPDX-License-Identifier: MIT */
/* remote.c - which file systems may keep us waiting for ever, and whether they do. Whoever asks a hard
 * NFS mount whose server is gone sleeps until it is back; so a child asks first, and may sleep. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/listing.h"
#include "base/remote.h"
#include "base/when.h"

enum { MOUNTS_MAX = 1024, WINDOW = 64 * 1024, WAIT_MS = 2000 };

struct mount {
	struct str where; /* below the root: "/var/crash" */
	enum { NOT_ASKED, ANSWERS, SILENT } state;
};

struct remote {
	struct arena arena;
	struct mount *mounts;
	size_t n;
};

static bool is_remote(struct str type)
{
	static const struct str kinds[] = {
		STR_INIT("nfs"),    STR_INIT("nfs4"),	 STR_INIT("cifs"),   STR_INIT("smb3"),
		STR_INIT("smbfs"),  STR_INIT("ceph"),	 STR_INIT("9p"),     STR_INIT("afs"),
		STR_INIT("coda"),   STR_INIT("lustre"),	 STR_INIT("beegfs"), STR_INIT("gpfs"),
		STR_INIT("gfs2"),   STR_INIT("ocfs2"),	 STR_INIT("pvfs2"),  STR_INIT("virtiofs"),
		STR_INIT("autofs"), STR_INIT("fuseblk"), STR_INIT("fuse"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (str_eq(type, kinds[i]))
			return true;
	}
	return str_starts(type, STR("fuse."));
}

/* mountinfo writes blanks, line ends and backslashes as "\040". */
static struct str unescape(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++, to++) {
		if (p[i] == '\\' && i + 3 < n) {
			p[to] = (char)((p[i + 1] - '0') * 64 + (p[i + 2] - '0') * 8 + p[i + 3] - '0');
			i += 3;
		} else {
			p[to] = p[i];
		}
	}
	return (struct str){p, to};
}

static bool lies_in(struct str path, struct str folder)
{
	return str_starts(path, folder) && (path.n == folder.n || path.p[folder.n] == '/');
}

/* "ID PARENT DEV ROOT WHERE OPTIONS [TAGS] - TYPE SOURCE OPTIONS". What the root directory itself is
 * on is not asked: without it there is nothing to do. */
static void add_mount(struct remote *r, struct str line, struct str top)
{
	struct str word, where = STR(""), type;
	size_t dash = str_find(line, STR(" - "));
	char *copy;

	if (dash == SIZE_MAX || r->n == MOUNTS_MAX)
		return;
	type = str_from(line, dash + 3);
	type.n = str_find_char(type, ' ') == SIZE_MAX ? type.n : str_find_char(type, ' ');
	for (int i = 0; i < 5 && take_until(&line, ' ', &word); i++)
		where = word;
	copy = is_remote(type) && where.n ? arena_cstr(&r->arena, where) : NULL;
	if (!copy)
		return;
	where = unescape(copy, where.n);
	if (!lies_in(where, top) || where.n <= top.n + 1)
		return;
	r->mounts[r->n++] = (struct mount){.where = str_from(where, top.n)};
}

/* Line by line: a host of containers has thousands of mounts. One longer than the window is dropped. */
static void read_mounts(struct remote *r, struct str top)
{
	CLEANUP_FD int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	char *window = arena_take(&r->arena, WINDOW);
	bool torn = false;
	size_t kept = 0;
	ssize_t n;

	while (fd >= 0 && window && (n = fd_read(fd, window + kept, WINDOW - kept)) > 0) {
		struct str rest = {window, kept + (size_t)n}, line;

		for (; str_find_char(rest, '\n') < rest.n && take_line(&rest, &line); torn = false) {
			if (!torn)
				add_mount(r, line, top);
		}
		torn |= rest.n == WINDOW;
		kept = torn ? 0 : rest.n;
		memmove(window, rest.p, kept);
	}
}

int remote_find(struct remote **ret, struct root *root, struct err *err)
{
	char *top = realpath(root->path, NULL);
	struct remote *r = calloc(1, sizeof(*r));
	struct str folder = str_of(top ? top : "/");

	if (str_eq(folder, STR("/")))
		folder = STR("");
	if (r) {
		r->arena = (struct arena)ARENA_INIT(1 << 20);
		r->mounts = arena_array(&r->arena, MOUNTS_MAX, sizeof(*r->mounts));
	}
	if (!r || !r->mounts) {
		free(top);
		free(r);
		return err_set(err, ERR_NOMEM, "no memory for the table of mounts");
	}
	read_mounts(r, folder); /* without a table none is known */
	free(top);
	root->remote = r;
	*ret = r;
	return 0;
}

void remote_free(struct remote *r)
{
	if (r)
		arena_free(&r->arena);
	free(r);
}

/* In the child: a look at it, and at what is in it. */
static void look(const struct root *root, const struct mount *m)
{
	char path[4096];
	struct listing names = {.fd = -1};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	uint8_t type;
	struct stat st;

	/* it may outlive us, asleep in the kernel: who reads our output shall see its end */
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	signal(SIGINT, SIG_IGN);
	memcpy(path, m->where.p + 1, m->where.n - 1);
	path[m->where.n - 1] = '\0';
	names.fd = openat(root->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (names.fd >= 0 && fstat(names.fd, &st) == 0 && S_ISDIR(st.st_mode))
		(void)listing_next(&names, &type);
}

static bool ask(const struct root *root, const struct mount *m)
{
	int64_t left, until = when_monotonic() + WAIT_MS * 1000;
	struct pollfd end = {.events = POLLIN};
	int ends[2];
	bool answered;
	pid_t child;

	if (m->where.n >= 4096 || pipe2(ends, O_CLOEXEC) != 0)
		return true;
	child = fork();
	if (child == 0) {
		look(root, m);
		_exit(0);
	}
	close(ends[1]);
	end.fd = ends[0]; /* its other end closes when the child has come to its end */
	do
		left = (until - when_monotonic()) / 1000 + 1;
	while (child > 0 && poll(&end, 1, left > 0 ? (int)left : 0) < 0 && errno == EINTR);
	answered = child < 0 || end.revents != 0;
	close(ends[0]);
	if (child > 0) {
		if (!answered)
			kill(child, SIGKILL);
		waitpid(child, NULL, answered ? 0 : WNOHANG);
	}
	return answered;
}

bool remote_answers(struct remote *r, const struct root *root, const char *path)
{
	struct str s = str_of(path);

	for (size_t i = 0; i < r->n; i++) {
		struct mount *m = &r->mounts[i];

		if (!lies_in(s, m->where))
			continue;
		if (m->state == NOT_ASKED)
			m->state = ask(root, m) ? ANSWERS : SILENT;
		if (m->state == SILENT)
			return false;
	}
	return true;
}

/* ---- a folder that a user names ---- */

/* From "/" and without "..", which would lead around what is asked for. */
static bool whole_path(const char *dir, struct buf *ret)
{
	char here[4096];
	struct str rest = str_of(dir), part;

	if (dir[0] != '/') {
		if (!getcwd(here, sizeof(here)))
			return false;
		buf_addz(ret, here);
	}
	while (rest.n) {
		part = str_sub(rest, 0, str_find_char(rest, '/'));
		rest = str_from(rest, part.n + 1);
		if (str_eq(part, STR(".."))) {
			size_t slash = str_rfind(buf_str(ret), STR("/"));

			ret->n = slash == SIZE_MAX ? 0 : slash;
		} else if (part.n && !str_eq(part, STR("."))) {
			buf_addc(ret, '/');
			buf_add(ret, part);
		}
	}
	return buf_addc(ret, '\0') && ret->n > 1;
}

int remote_check(const char *dir, struct err *err)
{
	CLEANUP_BUF struct buf path = BUF_INIT(8192);
	CLEANUP_ROOT struct root top = ROOT_CLOSED;
	struct remote *r = NULL;
	bool silent;
	int fd;

	if (!whole_path(dir, &path))
		return 0;
	if (root_open(&top, "/", err) != 0 || remote_find(&r, &top, err) != 0)
		return -1;
	fd = root_openat(&top, path.p, O_PATH | O_DIRECTORY);
	silent = fd < 0 && errno == ETIMEDOUT;
	fd_close(&fd);
	remote_free(r);
	if (!silent)
		return 0;
	(void)err_set(err, ERR_IO, "%s: its file system does not answer", dir);
	return err_hint(err, "is the server of that mount gone? umount -l ends the waiting for it");
}
