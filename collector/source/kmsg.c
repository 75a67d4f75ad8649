/* SPDX-License-Identifier: MIT */
/* kmsg.c - the kernel's ring buffer: /dev/kmsg without waiting, or klogctl(2).
 *
 * /dev/kmsg gives one record a read(2), oldest first (Documentation/ABI/testing/dev-kmsg):
 *	"4,1034,192206114689,-,caller=T1234;text\n SUBSYSTEM=pci\n"
 * A full ring answers EPIPE once when records were overwritten under the reader; the numbers
 * then jump. EAGAIN is the end of what is there now.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/klog.h>
#include <sys/stat.h>

#include "source/input.h"

enum {
	RECORD_ROOM = 16 * 1024, /* the kernel's own limit is 8 KiB (CONSOLE_EXT_LOG_MAX) */
	TEXT_ROOM = 256 * 1024,
	READ_ALL_MAX = 32 << 20,
	SYSLOG_ACTION_READ_ALL = 3,
	SYSLOG_ACTION_SIZE_BUFFER = 10,
};

struct kmsg {
	int fd;
	char *raw;
	struct buf text; /* lines made and not yet asked for */
	size_t given;
	bool open_line; /* the last record may go on in the next one (flag '+') */
	uint64_t next_seq;
	bool any, ended;
	struct head_of oldest;
	struct arena *arena;
	struct source_info *info;
};

struct kmsg_head {
	uint64_t priority, seq, us;
	char flag;
	struct str caller, text;
};

static bool take_head(struct str in, struct kmsg_head *h)
{
	struct str fields;

	h->caller = (struct str){NULL, 0};
	if (!take_until(&in, ';', &fields) || !take_u64(&fields, &h->priority) ||
	    !take_char(&fields, ',') || !take_u64(&fields, &h->seq) ||
	    !take_char(&fields, ',') || !take_u64(&fields, &h->us) ||
	    !take_char(&fields, ',') || !fields.n)
		return false;
	h->flag = fields.p[0];
	while (fields.n) {
		struct str one;

		if (!take_until(&fields, ',', &one)) {
			one = fields;
			fields.n = 0;
		}
		if (take_lit(&one, STR("caller=")))
			h->caller = one;
	}
	if (!take_until(&in, '\n', &h->text)) /* the dictionary behind it is not text */
		h->text = in;
	return h->us <= INT64_MAX / 2 && h->priority <= INT32_MAX;
}

static int hex_digit(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xHH back to bytes, in place: it only shrinks. */
static struct str unescape(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\' && i + 3 < n && p[i + 1] == 'x' && hex_digit(p[i + 2]) >= 0 &&
		    hex_digit(p[i + 3]) >= 0) {
			p[to++] = (char)(hex_digit(p[i + 2]) * 16 + hex_digit(p[i + 3]));
			i += 3;
		} else {
			p[to++] = p[i];
		}
	}
	return (struct str){p, to};
}

static void count_gap(struct kmsg *k, uint64_t seq)
{
	if (!k->any && seq > 0)
		k->info->head_lost = true;
	if (k->any && seq > k->next_seq)
		k->info->lost_records += seq - k->next_seq;
	k->next_seq = seq + 1;
}

static void record_in(struct kmsg *k, size_t n)
{
	struct kmsg_head h;
	struct record r = {.priority = UNKNOWN, .us = UNKNOWN};
	bool known = take_head((struct str){k->raw, n}, &h);

	if (!known) {
		r.text = str_trim((struct str){k->raw, n});
		record_write(&k->text, &r);
		return;
	}
	count_gap(k, h.seq);
	r = (struct record){.priority = (int64_t)h.priority, .us = (int64_t)h.us,
			    .caller = h.caller,
			    .text = unescape(k->raw + (h.text.p - k->raw), h.text.n)};
	if (!k->any) {
		k->oldest.us = r.us;
		if (!arena_str(k->arena, r.text, &k->oldest.text))
			k->oldest.text = STR("");
	}
	if (h.flag == '+' && k->any && k->text.n) { /* 3.5 to 4.8: goes on with the line before */
		k->text.n--;
		buf_add(&k->text, r.text);
		buf_addc(&k->text, '\n');
	} else {
		record_write(&k->text, &r);
	}
	k->any = true;
}

/* One record into k->text: 1, 0 at the end, -1 with errno. */
static int read_record(struct kmsg *k)
{
	int overwritten = 0;

	while (!k->ended) {
		ssize_t n = fd_read(k->fd, k->raw, RECORD_ROOM);

		if (n > 0) {
			record_in(k, (size_t)n);
			return 1;
		}
		if (n < 0 && errno == EPIPE && overwritten++ < 1000)
			continue; /* the next record's number tells how many */
		k->ended = n == 0 || errno == EAGAIN || errno == EPIPE;
		if (!k->ended && errno != EINVAL)
			return -1;
		k->ended = true; /* EINVAL: a record larger than we can take: the rest is lost */
	}
	return 0;
}

static ssize_t kmsg_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct kmsg *k = in->own;
	size_t have;

	if (k->given == k->text.n) {
		buf_clear(&k->text);
		k->given = 0;
		/* keep one record back, a fragment may have to be joined to it */
		while (k->text.n < TEXT_ROOM / 2) {
			int rc = read_record(k);

			if (rc < 0 && k->text.n == 0)
				return err_sys(err, errno, "%s", k->info->name);
			if (rc <= 0)
				break;
		}
		if (buf_ok(&k->text, "kernel log", err))
			return -1;
	}
	have = k->text.n - k->given;
	if (have > n)
		have = n;
	memcpy(p, k->text.p + k->given, have);
	k->given += have;
	return (ssize_t)have;
}

static void kmsg_close(struct stream *in)
{
	struct kmsg *k = in->own;

	fd_close(&k->fd);
	buf_free(&k->text);
}

struct head_of kmsg_oldest(const struct stream *in)
{
	const struct kmsg *k = in->own;

	return k->oldest;
}

struct stream *kmsg_open(struct arena *a, const struct root *root, const char *path,
			 struct source_info *info, struct err *err)
{
	int fd = root_openat(root, path, O_RDONLY);
	struct stream *in;
	struct kmsg *k;
	int rc;

	if (fd < 0)
		return NULL;
	in = stream_new(a, err);
	k = arena_take(a, sizeof(*k));
	if (k)
		k->raw = arena_take(a, RECORD_ROOM);
	if (!in || !k || !k->raw) {
		fd_close(&fd);
		errno = ENOMEM;
		return NULL;
	}
	k->fd = fd;
	k->text = (struct buf)BUF_INIT(TEXT_ROOM);
	k->oldest = (struct head_of){UNKNOWN, STR_INIT("")};
	k->arena = a;
	k->info = info;
	in->own = k;
	in->read = kmsg_read;
	in->close = kmsg_close;
	rc = read_record(k); /* here it shows whether reading is allowed, and what the ring lost */
	if (rc < 0) {
		int why = errno;

		stream_close(in);
		errno = why;
		return NULL;
	}
	return in;
}

/* ---- klogctl ---- */

bool source_may_read_ring(void)
{
	return klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0) >= 0;
}

struct stream *klogctl_open(struct arena *a, struct head_of *oldest, struct source_info *info,
			    struct err *err)
{
	int size = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0), n;
	struct str text, rest, line = {NULL, 0};
	size_t at = 0;
	char *p;

	if (size <= 0 || size > READ_ALL_MAX)
		size = READ_ALL_MAX;
	p = arena_take(a, (size_t)size);
	if (!p) {
		errno = ENOMEM;
		return NULL;
	}
	n = klogctl(SYSLOG_ACTION_READ_ALL, p, size);
	if (n < 0)
		return NULL;
	if (n == 0) {
		errno = ENODATA;
		return NULL;
	}
	text = rest = (struct str){p, (size_t)n};
	/* no numbers here: a ring that starts later than the boot has lost its head */
	(void)take_line(&rest, &line);
	*oldest = (struct head_of){line_us(line, &at), STR_INIT("")};
	oldest->text = str_from(line, at);
	(void)take_until(&oldest->text, ']', &(struct str){NULL, 0});
	info->head_lost = oldest->us > 1000000;
	return stream_from_str(a, text, err);
}
