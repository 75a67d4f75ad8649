/* SPDX-License-Identifier: MIT */
/* reader.c - one file with a size cap and a deadline, here or in a child that can be given up. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/when.h"
#include "host/parts.h"

const char host_silent[] = "its file system does not answer";

enum { LOST_MAX = 8, LOOK_MS = 50 };
enum question { ASK_READ = 'r', ASK_STAT = 's', ASK_STAT_LINK = 'l' };
enum answer { ANSWER_DATA, ANSWER_END, ANSWER_ERROR, ANSWER_SIZE, ANSWER_TYPE, ANSWER_UNOPENED };

/* What goes over the socket, one message each: the head and up to WINDOW bytes behind it. */
struct head {
	int32_t what; /* enum question, enum answer */
	int32_t errnum;
	uint64_t max;
};

static const char *type_word(mode_t mode)
{
	if (S_ISFIFO(mode))
		return "is a FIFO, not a file";
	if (S_ISSOCK(mode))
		return "is a socket, not a file";
	if (S_ISDIR(mode))
		return "is a directory";
	if (S_ISREG(mode))
		return "is only written";
	return "is a device, not a file";
}

/* A folder, or a switch that is only written: nobody means to read those. */
static bool is_nothing(mode_t mode)
{
	return S_ISDIR(mode) || (S_ISREG(mode) && (mode & 0444) == 0);
}

/* O_NONBLOCK keeps a FIFO from stopping the open; only regular files are read at all, and of them
 * no switches, whose opening the kernel may refuse even to root. */
static int open_regular(const struct root *root, const char *path, mode_t *odd)
{
	int fd = root_openat(root, path, O_RDONLY), errnum = errno;
	bool refused = fd < 0 && (errnum == EACCES || errnum == EPERM);
	struct stat st;

	*odd = 0;
	if (refused)
		fd = root_openat(root, path, O_PATH);
	if (fd >= 0 && fstat(fd, &st) == 0 && (refused ? is_nothing(st.st_mode)
						       : !S_ISREG(st.st_mode) || is_nothing(st.st_mode)))
		*odd = st.st_mode;
	if (fd >= 0 && !refused && !*odd)
		return fd;
	fd_close(&fd);
	errno = *odd ? EINVAL : errnum;
	return -1;
}

static enum host_result result_of(int errnum, char reason[120])
{
	bool denied = errnum == EACCES || errnum == EPERM;

	if (errnum == ENOENT || errnum == ENOTDIR || errnum == ENODEV || errnum == ESRCH ||
	    errnum == ENXIO || errnum == EOPNOTSUPP) {
		snprintf(reason, 120, "%s", errnum == ENOENT ? "not there" : strerror(errnum));
		return HOST_ABSENT;
	}
	if (errnum == ETIMEDOUT) {
		snprintf(reason, 120, "%s", host_silent);
		return HOST_TIMEOUT;
	}
	if (errnum == EAGAIN) { /* opened without waiting: another reader's, or nothing new */
		snprintf(reason, 120, "has nothing to read now: reading it would wait");
		return HOST_FAILED;
	}
	snprintf(reason, 120, "%s%s", strerror(errnum),
		 denied && geteuid() ? " (needs root)" : "");
	return denied ? HOST_DENIED : HOST_FAILED;
}

/* What reader_read() says of a path that could not be opened. */
static int not_opened(mode_t odd, int errnum, enum host_result *ret, char reason[120])
{
	*ret = odd ? HOST_SKIPPED : result_of(errnum, reason);
	if (odd)
		snprintf(reason, 120, "%s", type_word(odd));
	return odd ? is_nothing(odd) : errnum == ENOENT || errnum == ENOTDIR;
}

/* ---- here ---- */

static bool is_stopped(const volatile int *stop)
{
	return stop && *stop;
}

static int pass_on(const struct read_request *q, const struct read_sink *to, struct str bytes,
		   uint64_t *done, enum host_result *ret, char reason[120], struct err *err)
{
	uint64_t room = q->max - *done;

	if (bytes.n > room) {
		bytes.n = (size_t)room;
		*ret = HOST_CUT;
		snprintf(reason, 120, "cut at %llu bytes", (unsigned long long)q->max);
	}
	*done += bytes.n;
	if (to->data(to->ctx, bytes, err) != 0)
		return -1;
	if (*ret == HOST_CUT)
		return 1;
	if (is_stopped(q->stop)) {
		*ret = HOST_CUT;
		snprintf(reason, 120, "interrupted after %llu bytes", (unsigned long long)*done);
		return 1;
	}
	return 0;
}

static void too_late(const volatile int *stop, enum host_result *ret, char reason[120])
{
	*ret = HOST_TIMEOUT;
	snprintf(reason, 120, "%s", is_stopped(stop) ? "interrupted while it was waited for"
						     : "took too long: passed over");
}

static int read_here(struct reader *r, const struct read_request *q, const struct read_sink *to,
		     enum host_result *ret, char reason[120], struct err *err)
{
	mode_t odd;
	CLEANUP_FD int fd = open_regular(r->root, q->path, &odd);
	char window[WINDOW];
	uint64_t done = 0;
	ssize_t n;

	*ret = HOST_READ;
	if (fd < 0)
		return not_opened(odd, errno, ret, reason);
	while ((n = fd_read(fd, window, sizeof(window))) > 0) {
		int rc = pass_on(q, to, (struct str){window, (size_t)n}, &done, ret, reason, err);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (when_monotonic() > q->deadline_us) {
			too_late(NULL, ret, reason);
			return 0;
		}
	}
	if (n < 0)
		*ret = result_of(errno, reason);
	return 0;
}

/* ---- the child ---- */

static void say(int socket, int what, int errnum, const char *p, size_t n)
{
	char message[sizeof(struct head) + WINDOW];
	struct head head = {.what = what, .errnum = errnum};

	memcpy(message, &head, sizeof(head));
	if (n)
		memcpy(message + sizeof(head), p, n);
	if (send(socket, message, sizeof(head) + n, MSG_NOSIGNAL) < 0)
		_exit(0); /* nobody listens any more */
}

static void child_read(int socket, const struct root *root, const char *path, uint64_t max)
{
	mode_t odd;
	int fd = open_regular(root, path, &odd), errnum = errno;
	char window[WINDOW];
	uint64_t done = 0;
	size_t n = 0; /* the kernel hands out a page at a time: full windows are fewer messages */
	ssize_t got = 0;

	if (fd < 0) {
		say(socket, odd ? ANSWER_TYPE : ANSWER_UNOPENED, odd ? (int)odd : errnum, NULL, 0);
		return;
	}
	while (done <= max && (got = fd_read(fd, window + n, sizeof(window) - n)) > 0) {
		done += (uint64_t)got;
		n += (size_t)got;
		if (n < sizeof(window))
			continue;
		say(socket, ANSWER_DATA, 0, window, n);
		n = 0;
	}
	say(socket, got < 0 ? ANSWER_ERROR : ANSWER_END, got < 0 ? errno : 0, window, n);
	fd_close(&fd);
}

/* The kernel's links lead to files without a name: openat2(2) refuses those below a root. */
static void child_stat(int socket, const struct root *root, const char *path, bool link)
{
	int fd = link ? open(path, O_PATH | O_CLOEXEC) : root_openat(root, path, O_PATH);
	struct statfs fs;
	struct stat st;
	struct fs_size size = {0};

	if (fd < 0 || fstatfs(fd, &fs) != 0 || fstat(fd, &st) != 0) {
		say(socket, ANSWER_ERROR, errno, NULL, 0);
	} else {
		size.dev = st.st_dev;
		size.ino = st.st_ino;
		size.file_kb = (int64_t)st.st_blocks / 2;
		size.type = (int64_t)fs.f_type;
		size.total_kb = (int64_t)(fs.f_blocks * (uint64_t)fs.f_bsize / 1024);
		size.used_kb = (int64_t)((fs.f_blocks - fs.f_bfree) * (uint64_t)fs.f_bsize / 1024);
		size.inodes_used = (int64_t)(fs.f_files - fs.f_ffree);
		say(socket, ANSWER_SIZE, 0, (const char *)&size, sizeof(size));
	}
	fd_close(&fd);
}

static void child_main(int socket, const struct root *root)
{
	char message[sizeof(struct head) + HOST_PATH + 1];
	struct head head;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	ssize_t n;

	/* it may outlive us, asleep in the kernel: who reads our output shall see its end */
	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	while ((n = recv(socket, message, sizeof(message) - 1, 0)) >= (ssize_t)sizeof(head)) {
		memcpy(&head, message, sizeof(head));
		message[n] = '\0';
		if (head.what == ASK_READ)
			child_read(socket, root, message + sizeof(head), head.max);
		else
			child_stat(socket, root, message + sizeof(head),
				   head.what == ASK_STAT_LINK);
	}
	_exit(0);
}

static bool child_start(struct reader *r)
{
	const struct timeval look = {.tv_usec = LOOK_MS * 1000};
	int sockets[2];

	if (r->socket >= 0)
		return true;
	if (r->lost >= LOST_MAX ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
		return false;
	r->child = fork();
	if (r->child == 0) {
		close(sockets[0]);
		child_main(sockets[1], r->root);
	}
	close(sockets[1]);
	if (r->child < 0) {
		close(sockets[0]);
		return false;
	}
	(void)setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &look, sizeof(look));
	r->socket = sockets[0];
	return true;
}

/* A child that hangs in the kernel may not even die now; it is not waited for. */
static void child_give_up(struct reader *r)
{
	fd_close(&r->socket);
	kill(r->child, SIGKILL);
	waitpid(r->child, NULL, WNOHANG);
	r->lost++;
}

/* One answer: its bytes, or -1 when the time is over, Ctrl-C was pressed or the child is gone. */
static ssize_t answer(struct reader *r, int64_t deadline_us, const volatile int *stop,
		      struct head *head, char *bytes)
{
	char message[sizeof(struct head) + WINDOW];
	ssize_t n;

	do /* recv() ends after LOOK_MS: the signal may come before the call */
		n = recv(r->socket, message, sizeof(message), 0);
	while (n < 0 && (errno == EAGAIN || errno == EINTR) && when_monotonic() < deadline_us &&
	       !is_stopped(stop));
	if (n < (ssize_t)sizeof(*head))
		return -1;
	memcpy(head, message, sizeof(*head));
	n -= (ssize_t)sizeof(*head);
	memcpy(bytes, message + sizeof(*head), (size_t)n);
	return n;
}

static bool ask(struct reader *r, int what, const char *path, uint64_t max)
{
	struct head head = {.what = what, .max = max};
	char message[sizeof(head) + HOST_PATH];
	size_t n = strlen(path);

	if (n >= HOST_PATH || !child_start(r))
		return false;
	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), path, n);
	return send(r->socket, message, sizeof(head) + n, MSG_NOSIGNAL) >= 0;
}

static int read_aside(struct reader *r, const struct read_request *q,
		      const struct read_sink *to, enum host_result *ret, char reason[120],
		      struct err *err)
{
	char bytes[WINDOW];
	struct head head;
	uint64_t done = 0;
	ssize_t n;

	*ret = HOST_READ;
	if (!ask(r, ASK_READ, q->path, q->max)) {
		*ret = HOST_SKIPPED;
		snprintf(reason, 120, "%s", r->lost >= LOST_MAX ? "too many files took too long"
								: "no process to read it");
		return 0;
	}
	while ((n = answer(r, q->deadline_us, q->stop, &head, bytes)) >= 0) {
		int rc;

		if (head.what == ANSWER_TYPE)
			return not_opened((mode_t)head.errnum, 0, ret, reason);
		if (head.what == ANSWER_UNOPENED)
			return not_opened(0, head.errnum, ret, reason);
		rc = n ? pass_on(q, to, (struct str){bytes, (size_t)n}, &done, ret, reason, err) : 0;
		if (rc != 0 && head.what == ANSWER_DATA) {
			/* it may be in the middle of an endless file: the next one starts anew */
			unsigned lost = r->lost;

			child_give_up(r);
			r->lost = lost;
		}
		if (rc != 0)
			return rc < 0 ? -1 : 0;
		if (head.what == ANSWER_ERROR)
			*ret = result_of(head.errnum, reason);
		if (head.what != ANSWER_DATA)
			return 0;
	}
	child_give_up(r);
	too_late(q->stop, ret, reason);
	return 0;
}

int reader_read(struct reader *r, const struct read_request *q, const struct read_sink *to,
		enum host_result *ret, char reason[120], struct err *err)
{
	reason[0] = '\0';
	return (q->aside ? read_aside : read_here)(r, q, to, ret, reason, err);
}

static bool ask_size(struct reader *r, enum question what, const char *path,
		     int64_t deadline_us, struct fs_size *ret)
{
	char bytes[WINDOW];
	struct head head;
	ssize_t n;

	if (!ask(r, (int)what, path, 0))
		return false;
	n = answer(r, deadline_us, NULL, &head, bytes);
	if (n < 0)
		child_give_up(r);
	if (n != (ssize_t)sizeof(*ret) || head.what != ANSWER_SIZE)
		return false;
	memcpy(ret, bytes, sizeof(*ret));
	return true;
}

bool reader_statfs(struct reader *r, const char *path, int64_t deadline_us,
		   struct fs_size *ret)
{
	return ask_size(r, ASK_STAT, path, deadline_us, ret);
}

bool reader_stat_link(struct reader *r, const char *path, int64_t deadline_us,
		      struct fs_size *ret)
{
	return ask_size(r, ASK_STAT_LINK, path, deadline_us, ret);
}

int line_feed_data(void *feed, struct str bytes, struct err *err)
{
	struct line_feed *f = feed;

	(void)err;
	while (bytes.n) {
		size_t end = str_find_char(bytes, '\n');
		struct str part = str_sub(bytes, 0, end), fits;

		fits = str_sub(part, 0, sizeof(f->line) - f->n);
		memcpy(f->line + f->n, fits.p, fits.n);
		f->n += fits.n;
		if (end == SIZE_MAX)
			break;
		f->one(f->ctx, (struct str){f->line, f->n});
		f->n = 0;
		bytes = str_from(bytes, end + 1);
	}
	return 0;
}

void line_feed_end(struct line_feed *f)
{
	if (f->n)
		f->one(f->ctx, (struct str){f->line, f->n});
	f->n = 0;
}

void reader_close(struct reader *r)
{
	if (r->socket < 0)
		return;
	fd_close(&r->socket); /* it sees the end of the socket and goes */
	waitpid(r->child, NULL, 0);
}
