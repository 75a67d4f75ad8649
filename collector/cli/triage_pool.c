/* SPDX-License-Identifier: MIT */
/* triage_pool.c - reader processes: each takes a path, answers with its records. A reader that
 * dies or takes too long costs its input one line, not the run. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "cli/triage.h"
#include "report/report.h"

enum { READERS_MAX = 64, ANSWER_LARGEST = 64 << 20, PATH_LARGEST = 4096, INPUT_SECONDS = 600 };
enum { READER_JSON = 64 << 20 }; /* of a document less its tables */

/* An answer: status (0 or 1), lengths, then the error text, the log's head and the records. */
struct answer {
	uint32_t failed, error_bytes, head_bytes;
	uint64_t log_bytes, bytes;
};

struct reader {
	pid_t pid;
	int fd; /* -1 = not started */
	bool busy;
	char path[PATH_LARGEST];
	struct buf in;
};

struct triage_pool {
	struct arena arena;
	struct reader readers[READERS_MAX];
	int n;
	int64_t now_us;
	struct triage_sink to;
};

/* ---- inside a reader ---- */

static void reader_main(int fd, int64_t now_us)
{
	char path[PATH_LARGEST];
	ssize_t n;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	json_memory_cap(READER_JSON);
	sandbox_enter(NULL);
	while ((n = recv(fd, path, sizeof(path) - 1, 0)) > 0) {
		struct triage_answer out = {.lines = BUF_INIT(ANSWER_LARGEST),
					    .head = BUF_INIT(TRIAGE_HEAD)};
		struct err err = {.code = ERR_NONE};
		struct answer a = {0};

		path[n] = '\0';
		alarm(INPUT_SECONDS);
		a.failed = triage_read(path, now_us, &out, &err) != 0;
		alarm(0);
		a.error_bytes = a.failed ? (uint32_t)strlen(err.text) : 0;
		a.head_bytes = (uint32_t)out.head.n;
		a.log_bytes = out.bytes;
		a.bytes = out.lines.n;
		if (fd_write_all(fd, (struct str){(const char *)&a, sizeof(a)}) != 0 ||
		    fd_write_all(fd, (struct str){err.text, a.error_bytes}) != 0 ||
		    fd_write_all(fd, buf_str(&out.head)) != 0 ||
		    fd_write_all(fd, buf_str(&out.lines)) != 0)
			break;
		buf_free(&out.lines);
		buf_free(&out.head);
	}
	_exit(0);
}

/* ---- outside ---- */

static int start(struct triage_pool *p, struct reader *r, struct err *err)
{
	int ends[2];

	/* seqpacket would cut large answers; a stream carries paths one at a time anyway,
	 * because a reader gets the next one only after its answer */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return err_sys(err, errno, "socketpair");
	fflush(NULL);
	r->pid = fork();
	if (r->pid == 0) {
		close(ends[0]);
		for (int i = 0; i < p->n; i++) {
			if (p->readers[i].fd >= 0)
				close(p->readers[i].fd);
		}
		reader_main(ends[1], p->now_us);
	}
	close(ends[1]);
	if (r->pid < 0) {
		close(ends[0]);
		return err_sys(err, errno, "fork");
	}
	r->fd = ends[0];
	r->busy = false;
	buf_clear(&r->in);
	return 0;
}

static void stop(struct reader *r, int *status)
{
	fd_close(&r->fd);
	while (waitpid(r->pid, status, 0) < 0 && errno == EINTR)
		;
}

int triage_pool_new(struct triage_pool **ret, int readers, int64_t now_us,
		    const struct triage_sink *to, struct err *err)
{
	struct arena a = ARENA_INIT(sizeof(struct triage_pool) + 64);
	struct triage_pool *p = arena_take(&a, sizeof(*p));

	if (!p)
		return err_set(err, ERR_NOMEM, "no memory");
	p->arena = a;
	p->n = readers < 1 ? 1 : readers > READERS_MAX ? READERS_MAX : readers;
	p->now_us = now_us;
	p->to = *to;
	for (int i = 0; i < p->n; i++) {
		p->readers[i].fd = -1;
		p->readers[i].in = (struct buf)BUF_INIT(ANSWER_LARGEST + TRIAGE_HEAD + 4096);
	}
	*ret = p;
	return 0;
}

static int finish_input(struct triage_pool *p, struct reader *r, struct triage_input in,
			struct err *err)
{
	r->busy = false;
	in.path = r->path;
	return p->to.done(p->to.ctx, &in, err);
}

/* The reader is gone in the middle of an input. */
static int died(struct triage_pool *p, struct reader *r, struct err *err)
{
	char why[120];
	int status = 0;

	stop(r, &status);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(why, sizeof(why), "took longer than %d s", INPUT_SECONDS);
	else if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "its reader died of signal %d", WTERMSIG(status));
	else
		snprintf(why, sizeof(why), "its reader ended with status %d",
			 WEXITSTATUS(status));
	buf_clear(&r->in);
	return finish_input(p, r, (struct triage_input){.error = why}, err);
}

static int read_some(struct triage_pool *p, struct reader *r, struct err *err)
{
	char window[65536], error[400];
	struct triage_input in;
	struct answer a;
	struct str all;
	ssize_t n = fd_read(r->fd, window, sizeof(window));

	if (n <= 0)
		return died(p, r, err);
	if (!buf_add(&r->in, (struct str){window, (size_t)n}))
		return err_set(err, ERR_NOMEM, "%s: its records do not fit", r->path);
	if (r->in.n < sizeof(a))
		return 0;
	memcpy(&a, r->in.p, sizeof(a));
	if (r->in.n < sizeof(a) + a.error_bytes + a.head_bytes + a.bytes)
		return 0;
	all = str_from(buf_str(&r->in), sizeof(a));
	snprintf(error, sizeof(error), "%.*s", (int)a.error_bytes, all.p);
	all = str_from(all, a.error_bytes);
	in = (struct triage_input){.lines = str_from(all, a.head_bytes),
				   .head = str_sub(all, 0, a.head_bytes),
				   .bytes = a.log_bytes,
				   .error = a.failed ? error : NULL};
	if (finish_input(p, r, in, err) != 0)
		return -1;
	buf_clear(&r->in);
	return 0;
}

/* Until a reader has something to say, and then until all that was said is heard. */
static int wait_some(struct triage_pool *p, struct err *err)
{
	struct pollfd fds[READERS_MAX];
	int n = 0, which[READERS_MAX];

	for (int i = 0; i < p->n; i++) {
		if (!p->readers[i].busy)
			continue;
		fds[n] = (struct pollfd){.fd = p->readers[i].fd, .events = POLLIN};
		which[n++] = i;
	}
	while (poll(fds, (nfds_t)n, -1) < 0) {
		if (errno != EINTR)
			return err_sys(err, errno, "poll");
	}
	for (int i = 0; i < n; i++) {
		if (fds[i].revents && read_some(p, &p->readers[which[i]], err) != 0)
			return -1;
	}
	return 0;
}

static struct reader *idle(struct triage_pool *p)
{
	for (int i = 0; i < p->n; i++) {
		if (!p->readers[i].busy)
			return &p->readers[i];
	}
	return NULL;
}

int triage_pool_add(struct triage_pool *p, const char *path, struct err *err)
{
	struct reader *r;

	if (strlen(path) >= PATH_LARGEST)
		return p->to.done(p->to.ctx,
				  &(struct triage_input){.path = path,
							 .error = "the path is too long"},
				  err);
	while (!(r = idle(p))) {
		if (wait_some(p, err) != 0)
			return -1;
	}
	if (r->fd < 0 && start(p, r, err) != 0)
		return -1;
	memcpy(r->path, path, strlen(path) + 1);
	r->busy = true;
	if (send(r->fd, path, strlen(path), MSG_NOSIGNAL) < 0)
		return died(p, r, err);
	return 0;
}

int triage_pool_finish(struct triage_pool *p, struct err *err)
{
	for (int i = 0; i < p->n; i++) {
		while (p->readers[i].busy) {
			if (wait_some(p, err) != 0)
				return -1;
		}
	}
	return 0;
}

void triage_pool_free(struct triage_pool *p)
{
	struct arena home;
	int status;

	if (!p)
		return;
	home = p->arena;
	for (int i = 0; i < p->n; i++) {
		if (p->readers[i].fd >= 0) {
			if (p->readers[i].busy)
				kill(p->readers[i].pid, SIGKILL);
			stop(&p->readers[i], &status);
		}
		buf_free(&p->readers[i].in);
	}
	arena_free(&home);
}
