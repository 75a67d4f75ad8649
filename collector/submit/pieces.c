/* SPDX-License-Identifier: MIT */
/* pieces.c - what of a bundle is attached, and in which form, within a server's limit. */
#include "submit/submit.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"

enum { MEMBER_LARGEST = 256 << 20, BUNDLE_LARGEST = 512 << 20, REPORT_LARGEST = 64 << 20 };

/* Parts of a bundle in the order of their worth to a reader. */
static const struct part {
	const char *path;    /* below the top folder */
	const char *summary;
	const char *type;    /* of the plain form */
	bool always;	     /* also beside a whole bundle: readable in the browser */
	bool squeeze;	     /* attached as .gz */
} parts[] = {
	{"first-oom.txt", "the first OOM, verbatim", "text/plain", true, false},
	{"report.json", "report.json, decoded by oomreport", "application/json", false, true},
	{"report.html", "report.html, the report to look at", "text/html", false, true},
	{"log/kernel.log", "the kernel log", "text/plain", false, true},
};

static void hash(struct piece *p)
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 s;

	sha256_start(&s);
	sha256_add(&s, buf_str(&p->data));
	sha256_end(&s, sum);
	sha256_hex(sum, p->sha256);
}

static struct piece *new_piece(struct pieces *to, const char *name, const char *type,
			       const char *summary)
{
	struct piece *p = &to->v[to->n++];

	*p = (struct piece){.data = BUF_INIT(BUNDLE_LARGEST)};
	snprintf(p->name, sizeof(p->name), "%s", name);
	snprintf(p->type, sizeof(p->type), "%s", type);
	snprintf(p->summary, sizeof(p->summary), "%s", summary);
	return p;
}

static ssize_t squeeze_write(struct archive *a, void *ctx, const void *p, size_t n)
{
	(void)a;
	return buf_add(ctx, (struct str){p, n}) ? (ssize_t)n : -1;
}

/* libarchive that fails without a word had no memory for one. */
static int failed(struct archive *a, const char *name, struct err *err)
{
	const char *why = archive_error_string(a);

	return err_set(err, why && archive_errno(a) != ENOMEM ? ERR_FORMAT : ERR_NOMEM, "%s: %s",
		       name, why ? why : "no memory");
}

/* The same bytes every time: a resumed submission recognises what it sent. */
static int squeeze(struct str in, struct buf *out, struct err *err)
{
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	int rc = 0;

	if (!a || !entry || archive_write_set_format_raw(a) != ARCHIVE_OK ||
	    archive_write_add_filter_gzip(a) != ARCHIVE_OK ||
	    archive_write_set_options(a, "gzip:!timestamp") < ARCHIVE_WARN ||
	    archive_write_open(a, out, NULL, squeeze_write, NULL) != ARCHIVE_OK)
		rc = err_set(err, ERR_NOMEM, "no compressor");
	if (rc == 0)
		archive_entry_set_filetype(entry, AE_IFREG);
	if (rc == 0 && (archive_write_header(a, entry) != ARCHIVE_OK ||
			archive_write_data(a, in.p, in.n) != (ssize_t)in.n ||
			archive_write_close(a) != ARCHIVE_OK))
		rc = failed(a, "compressing", err);
	archive_entry_free(entry);
	archive_write_free(a);
	return rc;
}

static const struct part *part_of(const char *path)
{
	const char *slash = path ? strchr(path, '/') : NULL;

	for (size_t i = 0; slash && i < ARRAY_COUNT(parts); i++) {
		if (strcmp(parts[i].path, slash + 1) == 0)
			return &parts[i];
	}
	return NULL;
}

static int read_member(struct archive *a, struct buf *out, const char *name, struct err *err)
{
	char window[65536];
	ssize_t n;

	while ((n = archive_read_data(a, window, sizeof(window))) > 0) {
		if (!buf_add(out, (struct str){window, (size_t)n}))
			return buf_ok(out, name, err);
	}
	if (n < 0)
		return failed(a, name, err);
	return 0;
}

/* All the parts, by their place in the table. */
static int read_parts(const char *path, struct buf content[], bool seen[], struct err *err)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int rc = 0, got;

	if (!a)
		return err_set(err, ERR_NOMEM, "no memory");
	archive_read_support_format_tar(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	if (archive_read_open_filename(a, path, 65536) != ARCHIVE_OK)
		rc = archive_errno(a) ? err_sys(err, archive_errno(a), "%s", path)
				      : failed(a, path, err);
	while (rc == 0 && (got = archive_read_next_header(a, &entry)) != ARCHIVE_EOF) {
		const struct part *part;
		size_t i;

		if (got < ARCHIVE_WARN) {
			rc = failed(a, path, err);
			break;
		}
		part = part_of(archive_entry_pathname(entry));
		i = part ? (size_t)(part - parts) : 0;
		if (!part || archive_entry_filetype(entry) != AE_IFREG || seen[i])
			continue;
		seen[i] = true;
		rc = read_member(a, &content[i], part->path, err);
	}
	archive_read_free(a);
	return rc;
}

static int read_bundle(const char *path, struct buf *out, struct err *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd_read_all(fd, path, out, err);
}

static void leave_out(struct pieces *to, const char *name, uint64_t bytes)
{
	size_t used = strlen(to->left_out);

	snprintf(to->left_out + used, sizeof(to->left_out) - used, "%s%s (%llu bytes)",
		 used ? ", " : "", name, (unsigned long long)bytes);
	to->left_out_bytes += bytes;
}

static int add_part(struct pieces *to, const struct part *part, struct str content,
		    uint64_t limit, struct err *err)
{
	const char *base = strrchr(part->path, '/');
	char name[100];
	bool plain = !part->squeeze && (limit == 0 || content.n <= limit);
	struct piece *p;

	base = base ? base + 1 : part->path;
	snprintf(name, sizeof(name), "%s%s", base, plain ? "" : ".gz");
	if (content.n == 0)
		return 0;
	p = new_piece(to, name, plain ? part->type : "application/gzip", part->summary);
	if (plain)
		buf_add(&p->data, content);
	else if (squeeze(content, &p->data, err) != 0)
		return -1;
	if (buf_ok(&p->data, name, err) != 0)
		return -1;
	if (limit && p->data.n > limit) {
		leave_out(to, name, p->data.n);
		buf_free(&p->data);
		to->n--;
		return 0;
	}
	hash(p);
	return 0;
}

static int add_bundle(struct pieces *to, const char *path, uint64_t size, uint64_t limit,
		      struct err *err)
{
	const char *base = strrchr(path, '/');
	const char *type = str_ends(str_of(path), STR(".zst"))  ? "application/zstd"
			   : str_ends(str_of(path), STR(".gz")) ? "application/gzip"
								: "application/octet-stream";
	struct piece *p;

	base = base ? base + 1 : path;
	if (limit && size > limit) {
		to->parts = true;
		leave_out(to, base, size);
		return 0;
	}
	p = new_piece(to, base, type, "oomreport bundle: log, report and machine state");
	if (read_bundle(path, &p->data, err) != 0)
		return -1;
	hash(p);
	return 0;
}

static int build(struct pieces *to, struct buf content[], const char *path, uint64_t limit,
		 struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_sys(err, errno, "%s", path);
	to->parts = limit && (uint64_t)st.st_size > limit;
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
		if ((parts[i].always || to->parts) &&
		    add_part(to, &parts[i], buf_str(&content[i]), limit, err) != 0)
			return -1;
	}
	return add_bundle(to, path, (uint64_t)st.st_size, limit, err);
}

int pieces_from_bundle(struct pieces *ret, struct buf *report_json, const char *path,
		       uint64_t limit, struct err *err)
{
	struct buf content[ARRAY_COUNT(parts)];
	bool seen[ARRAY_COUNT(parts)] = {false};
	struct pieces p = {.n = 0};
	int rc;

	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		content[i] = (struct buf)BUF_INIT(i == 1 ? REPORT_LARGEST : MEMBER_LARGEST);
	rc = read_parts(path, content, seen, err);
	if (rc == 0 && !seen[1]) {
		rc = err_set(err, ERR_FORMAT, "%s: no bundle of oomreport: report.json is missing",
			     path);
		(void)err_hint(err, "make one with 'oomreport collect'");
	}
	if (rc == 0 && report_json && !buf_add(report_json, buf_str(&content[1])))
		rc = buf_ok(report_json, path, err);
	if (rc == 0)
		rc = build(&p, content, path, limit, err);
	for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
		buf_free(&content[i]);
	if (rc == 0)
		*ret = p;
	else
		pieces_free(&p);
	return rc;
}

void pieces_free(struct pieces *p)
{
	for (size_t i = 0; i < p->n; i++)
		buf_free(&p->v[i].data);
	p->n = 0;
}
