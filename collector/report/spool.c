/* SPDX-License-Identifier: MIT */
/* spool.c - memory first, then an unnamed temporary file. */
#include "report/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

/* /var/tmp is on a disk where /tmp may be memory, and memory is what may be short. */
static int open_unnamed(void)
{
	static const char *const places[] = {"/var/tmp", "/tmp", "."};
	int fd = -1;

	for (size_t i = 0; i < ARRAY_COUNT(places) && fd < 0; i++)
		fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return fd >= 0 ? fd : memfd_create("oomreport", MFD_CLOEXEC);
}

static int spool_write(void *ctx, struct str bytes, struct err *err)
{
	struct spool *s = ctx;

	if (s->fd < 0 && s->head.n + bytes.n <= SPOOL_MEMORY && buf_add(&s->head, bytes))
		return 0;
	if (s->fd < 0)
		s->fd = open_unnamed();
	if (s->fd < 0)
		return err_sys(err, errno, "temporary file");
	if (sink_fd(&s->fd).write(sink_fd(&s->fd).ctx, bytes, err) != 0)
		return err_wrap(err, "temporary file");
	return 0;
}

struct sink spool_sink(struct spool *s)
{
	return (struct sink){spool_write, s};
}

int spool_copy(struct spool *s, struct emit *out, struct err *err)
{
	char window[16384];
	off_t at = 0;

	emit_raw(out, buf_str(&s->head));
	while (s->fd >= 0) {
		ssize_t n = pread(s->fd, window, sizeof(window), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "temporary file");
		if (n == 0)
			break;
		emit_raw(out, (struct str){window, (size_t)n});
		at += n;
	}
	return 0;
}

void spool_free(struct spool *s)
{
	buf_free(&s->head);
	fd_close(&s->fd);
}
