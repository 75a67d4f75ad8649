/* SPDX-License-Identifier: MIT */
/* test_verify.c - every flipped, missing or extra byte or file is found and named. */
#include "make.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

static char path[200];

static void put_at(const char *file, off_t at, unsigned char c)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || pwrite(fd, &c, 1, at) != 1)
		exit(EXIT_FAILURE);
	close(fd);
}

static unsigned char get_at(const char *file, off_t at)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	unsigned char c = 0;

	if (fd < 0 || pread(fd, &c, 1, at) != 1)
		exit(EXIT_FAILURE);
	close(fd);
	return c;
}

static off_t size_of(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_size : 0;
}

/* Flip bits of every byte (large: of every 7th) of a whole archive. */
static void flips(enum bundle_format format, const char *name, size_t lines, off_t step)
{
	struct bundle_options o;
	struct problems p;
	unsigned missed = 0;

	snprintf(path, sizeof(path), "%s/%s", work, name);
	o = make_options(path, format);
	o.force = true;
	make_bundle(&o, lines);
	check_int(verify(path, &p), 0);
	for (off_t at = 0; at < size_of(path); at += step) {
		unsigned char was = get_at(path, at);

		put_at(path, at, was ^ (unsigned char)(1u << (at % 8)));
		if (verify(path, &p) == 0) {
			missed++;
			fprintf(stderr, "%s: byte %ld flipped and not seen\n", name, (long)at);
		}
		put_at(path, at, was);
	}
	check_int(missed, 0);
	check_int(verify(path, &p), 0);
}

static void ends(enum bundle_format format, const char *name)
{
	struct bundle_options o;
	struct problems p;
	off_t n;

	snprintf(path, sizeof(path), "%s/%s", work, name);
	o = make_options(path, format);
	o.force = true;
	make_bundle(&o, 50);
	n = size_of(path);
	put_at(path, n, 'x'); /* one more */
	check(verify(path, &p) > 0);
	for (off_t cut = 1; cut < n; cut += n / 40 + 1) {
		if (truncate(path, n - cut) != 0)
			exit(EXIT_FAILURE);
		check(verify(path, &p) > 0);
	}
	if (truncate(path, 0) != 0)
		exit(EXIT_FAILURE);
	check(verify(path, &p) > 0);
}

static char *below(const char *name)
{
	static char out[500];

	snprintf(out, sizeof(out), "%s/%s", path, name);
	return out;
}

/* In a directory each change stands alone, so the words can be checked. */
static void directory(void)
{
	struct problems p;
	struct bundle_options o;
	unsigned char was;
	int fd;

	snprintf(path, sizeof(path), "%s/tree", work);
	o = make_options(path, BUNDLE_DIR);
	make_bundle(&o, 3000);
	check_int(verify(path, &p), 0);
	was = get_at(below("proc/meminfo"), 3);
	put_at(below("proc/meminfo"), 3, was ^ 1);
	check_int(verify(path, &p), 1);
	check_str(str_of(p.last),
		  STR("proc/meminfo: was changed: another hash than when it was gathered"));
	put_at(below("proc/meminfo"), 3, was);

	put_at(below("proc/meminfo"), 15, '\n');
	check_int(verify(path, &p), 1);
	check_str(str_of(p.last),
		  STR("proc/meminfo: has another size than when it was gathered"));
	if (truncate(below("proc/meminfo"), 15) != 0)
		exit(EXIT_FAILURE);

	fd = open(below("log/more"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	close(fd);
	check_int(verify(path, &p), 1);
	check_str(str_of(p.last), STR("log/more: is extra: the manifest does not know it"));
	unlink(below("log/more"));

	if (symlink("/etc/passwd", below("log/link")) != 0 || mkfifo(below("log/fifo"), 0600) != 0)
		exit(EXIT_FAILURE);
	check_int(verify(path, &p), 2);
	check(str_find(str_of(p.all), STR("log/link: is neither a file nor a folder")) != SIZE_MAX);
	check(str_find(str_of(p.all), STR("log/fifo: is neither a file nor a folder")) != SIZE_MAX);
	unlink(below("log/link"));
	unlink(below("log/fifo"));

	if (mkdir(below("proc/none"), 0755) != 0)
		exit(EXIT_FAILURE);
	check_int(verify(path, &p), 1);
	check_str(str_of(p.last),
		  STR("proc/none/: is extra: an empty folder that the manifest does not know"));
	rmdir(below("proc/none"));

	/* nothing is read without end, and what cannot be read does not hide the rest */
	fd = open(below("log/holes"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	check(fd >= 0 && ftruncate(fd, INT64_C(1) << 40) == 0);
	close(fd);
	put_at(below("proc/meminfo"), 3, was ^ 1);
	check_int(verify(path, &p), 3);
	check(strstr(p.all, "log/holes: cannot be read: it is all holes\n") != NULL);
	check(strstr(p.all, "proc/meminfo: was changed") != NULL);
	put_at(below("proc/meminfo"), 3, was);
	unlink(below("log/holes"));

	was = get_at(below("MANIFEST.json"), 400);
	for (off_t at = 0; at < size_of(below("MANIFEST.json")); at += 3) {
		was = get_at(below("MANIFEST.json"), at);
		put_at(below("MANIFEST.json"), at, was ^ 4);
		if (verify(path, &p) == 0)
			fprintf(stderr, "manifest byte %ld\n", (long)at);
		check(p.n > 0);
		put_at(below("MANIFEST.json"), at, was);
	}
	check_int(verify(path, &p), 0);

	unlink(below("sys/kernel/mm/ksm/run"));
	check_int(verify(path, &p), 1);
	check_str(str_of(p.last), STR("sys/kernel/mm/ksm/run: is missing"));
	unlink(below("MANIFEST.json"));
	check(verify(path, &p) > 0);
	check_str(str_of(p.last), STR("MANIFEST.json: is missing"));
}

/* ---- archives that no collect made ---- */

#define SUM_OF_X "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
#define MANIFEST_OF(rows)                                                                  \
	"{\"schema\": \"oomreport.manifest/1\", \"tool\": {\"name\": \"oomreport\", \"version\": " \
	"\"1\"}, \"created\": \"2026-11-23T02:30:00Z\", \"partial\": false, \"top\": \"t\", "      \
	"\"files\": [" rows "], \"absent\": []}"
#define ROW                                                                                \
	"{\"path\": \"a\", \"size_bytes\": 1, \"sha256\": \"" SUM_OF_X                            \
	"\", \"source\": null, \"read_at\": null, \"redactions\": 0, \"note\": null}"

static const struct strange {
	struct member {
		const char *path, *content;
		long uid;
		unsigned type, mode;
	} members[4];
	const char *says;
} strangers[] = {
	{{{"t/a", "x", 0, AE_IFREG, 0644}}, "MANIFEST.json: is missing\n"},
	{{{"t/a", "x", 0, AE_IFREG, 0644}, {"u/b", "x", 0, AE_IFREG, 0644}},
	 "u/b: stands outside the top folder\n"},
	{{{"t/a", "x", 7, AE_IFREG, 0644}}, "a: does not belong to 0:0\n"},
	{{{"t/a", "x", 0, AE_IFREG, 04755}}, "a: has a mode that is not 0644 (folders 0755)\n"},
	{{{"t/d/", NULL, 0, AE_IFDIR, 0777}}, "d/: has a mode that is not 0644 (folders 0755)\n"},
	{{{"t/../../etc/passwd", "x", 0, AE_IFREG, 0644}},
	 "t/../../etc/passwd: is not a safe path\n"},
	{{{"t/fifo", NULL, 0, AE_IFIFO, 0644}}, "fifo: is neither a file nor a folder\n"},
	{{{"t/a", "x", 0, AE_IFREG, 0644}, {"t/a", "x", 0, AE_IFREG, 0644},
	  {"t/MANIFEST.json", MANIFEST_OF(ROW), 0, AE_IFREG, 0644}}, "a: is in the archive twice\n"},
	{{{"t/a", "x", 0, AE_IFREG, 0644},
	  {"t/MANIFEST.json", MANIFEST_OF(ROW ", " ROW), 0, AE_IFREG, 0644}},
	 "a: stands in the manifest twice\n"},
	{{{"t/MANIFEST.json", MANIFEST_OF("{\"path\": \"a\"}"), 0, AE_IFREG, 0644}},
	 "a: the manifest's row lacks path, size or hash\n"},
	{{{"t/MANIFEST.json", MANIFEST_OF(ROW), 0, AE_IFREG, 0644}}, "a: is missing\n"},
	{{{"t/a", "x", 0, AE_IFREG, 0644}, {"t/d/", NULL, 0, AE_IFDIR, 0755},
	  {"t/MANIFEST.json", MANIFEST_OF(ROW), 0, AE_IFREG, 0644}},
	 "d/: is extra: an empty folder that the manifest does not know\n"},
	{{{"t/MANIFEST.json", MANIFEST_OF(""), 0, AE_IFREG, 0644},
	  {"t/MANIFEST.json", MANIFEST_OF(""), 0, AE_IFREG, 0644}},
	 "MANIFEST.json: is in the archive twice\n"},
	{{{"t/MANIFEST.json", MANIFEST_OF("{\"path\": \"MANIFEST.json\", \"size_bytes\": 1, \"sha256\": \"\"}"),
	   0, AE_IFREG, 0644}}, "MANIFEST.json: stands in the manifest twice\n"},
	{{{"u/MANIFEST.json", MANIFEST_OF(""), 0, AE_IFREG, 0644}},
	 "MANIFEST.json: does not name the top folder\n"},
	{{{"t/MANIFEST.json", "[]", 0, AE_IFREG, 0644}}, "MANIFEST.json: is of no known schema\n"},
	{{{"t/MANIFEST.json", "{", 0, AE_IFREG, 0644}}, "MANIFEST.json: is not JSON\n"},
	{{{"t/report.json", "{", 0, AE_IFREG, 0644}, {"t/MANIFEST.json", MANIFEST_OF(""), 0, AE_IFREG, 0644}},
	 "report.json: is not JSON\n"},
	{{{"t/report.json", "{}", 0, AE_IFREG, 0644},
	  {"t/MANIFEST.json", MANIFEST_OF(""), 0, AE_IFREG, 0644}},
	 "report.json: is not what the schema says: the document lacks"},
};

static void add_member(struct archive *a, const struct member *m)
{
	struct archive_entry *entry = archive_entry_new();
	size_t n = m->content ? strlen(m->content) : 0;

	archive_entry_set_pathname(entry, m->path);
	archive_entry_set_filetype(entry, m->type);
	archive_entry_set_perm(entry, (mode_t)m->mode);
	archive_entry_set_uid(entry, m->uid);
	archive_entry_set_size(entry, (int64_t)n);
	check_int(archive_write_header(a, entry), ARCHIVE_OK);
	if (n)
		check_int(archive_write_data(a, m->content, n), n);
	archive_entry_free(entry);
}

static void stranger(const struct strange *s)
{
	struct archive *a = archive_write_new();
	struct problems p;

	snprintf(path, sizeof(path), "%s/stranger.tar.gz", work);
	archive_write_set_format_ustar(a);
	archive_write_add_filter_gzip(a);
	check_int(archive_write_open_filename(a, path), ARCHIVE_OK);
	for (size_t i = 0; i < ARRAY_COUNT(s->members) && s->members[i].path; i++)
		add_member(a, &s->members[i]);
	archive_write_free(a);
	check(verify(path, &p) > 0);
	check(strstr(p.all, s->says) != NULL);
	if (!strstr(p.all, s->says))
		fprintf(stderr, "no \"%s\" in\n%s%s\n", s->says, p.all, p.last);
}

/* ---- what stands around the entries ---- */

static struct buf slurp(const char *name)
{
	struct buf out = BUF_INIT(8 << 20);
	struct root root = ROOT_CLOSED;
	struct err err = {.code = ERR_NONE};
	int errnum = 0;

	check_ok(root_open(&root, "/", &err), err);
	check(file_read(&root, name, &out, &errnum) == READ_ALL);
	root_close(&root);
	return out;
}

static void spill(const char *name, struct str bytes)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes.p, bytes.n) != (ssize_t)bytes.n)
		exit(EXIT_FAILURE);
	close(fd);
}

/* One compressed stream of its own. */
static struct buf stream_of(struct str bytes, int (*filter)(struct archive *))
{
	struct buf out = BUF_INIT(8 << 20);
	struct archive *a = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	static char room[4 << 20];
	size_t n = 0;

	archive_write_set_format_raw(a);
	filter(a);
	archive_write_set_bytes_in_last_block(a, 1);
	check_int(archive_write_open_memory(a, room, sizeof(room), &n), ARCHIVE_OK);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "data");
	check_int(archive_write_header(a, entry), ARCHIVE_OK);
	check_int(archive_write_data(a, bytes.p, bytes.n), bytes.n);
	archive_entry_free(entry);
	archive_write_free(a);
	check(buf_add(&out, (struct str){room, n}));
	return out;
}

static struct buf unpacked(const char *name)
{
	struct buf out = BUF_INIT(8 << 20);
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	char window[4096];
	ssize_t n;

	archive_read_support_format_raw(a);
	archive_read_support_filter_xz(a);
	check_int(archive_read_open_filename(a, name, 4096), ARCHIVE_OK);
	check_int(archive_read_next_header(a, &entry), ARCHIVE_OK);
	while ((n = archive_read_data(a, window, sizeof(window))) > 0)
		check(buf_add(&out, (struct str){window, (size_t)n}));
	archive_read_free(a);
	return out;
}

static void expect_changed(struct str bytes, const char *what)
{
	struct problems p;

	spill(path, bytes);
	if (verify(path, &p) == 0) {
		fprintf(stderr, "%s: not seen\n", what);
		check(!what);
	}
}

/* xz has no trailer of ours, a tar that somebody unpacked has nothing: what tar passes over, behind
 * the end and in the padding, is seen all the same; and a second archive is not hidden there. */
static void around(void)
{
	struct bundle_options o;
	struct buf xz, tar, second, longer = BUF_INIT(8 << 20);
	struct problems p;
	size_t end;

	snprintf(path, sizeof(path), "%s/around.tar.xz", work);
	o = make_options(path, BUNDLE_TAR_XZ);
	make_bundle(&o, 2000);
	xz = slurp(path);
	tar = unpacked(path);
	end = tar.n;
	spill(path, buf_str(&tar));
	check_int(verify(path, &p), 0);
	second = stream_of(buf_str(&tar), archive_write_add_filter_xz);
	spill(path, buf_str(&second));
	check_int(verify(path, &p), 0); /* the same bytes, packed in another way */

	check(buf_add(&longer, buf_str(&xz)) && buf_add(&longer, STR("\0\0\0\0")));
	expect_changed(buf_str(&longer), "zeros behind xz");
	buf_clear(&longer);
	check(buf_add(&longer, buf_str(&xz)) && buf_add(&longer, buf_str(&second)));
	expect_changed(buf_str(&longer), "a second archive behind xz");
	buf_free(&second);
	second = stream_of(STR("x"), archive_write_add_filter_xz);
	buf_clear(&longer);
	check(buf_add(&longer, buf_str(&xz)) && buf_add(&longer, buf_str(&second)));
	expect_changed(buf_str(&longer), "a byte in a stream of its own");

	check(buf_add(&tar, STR("\0")));
	expect_changed(buf_str(&tar), "a zero more");
	expect_changed(str_sub(buf_str(&tar), 0, end - 1), "a zero less");
	expect_changed(str_sub(buf_str(&tar), 0, end - 1024), "no end");
	tar.p[end - 1] = 1;
	expect_changed(str_sub(buf_str(&tar), 0, end), "the last byte");
	tar.p[end - 1] = 0;
	for (size_t at = 0; at + 1 < end; at += 1531) { /* headers, contents, padding */
		tar.p[at] ^= 2;
		expect_changed(str_sub(buf_str(&tar), 0, end), "a byte of a tar");
		tar.p[at] ^= 2;
	}
	spill(path, str_sub(buf_str(&tar), 0, end));
	check_int(verify(path, &p), 0);
	buf_free(&xz);
	buf_free(&tar);
	buf_free(&second);
	buf_free(&longer);
}

static void ustar(char block[512], const char *name, unsigned size, char type)
{
	unsigned sum = 0;

	memset(block, 0, 512);
	snprintf(block, 100, "%s", name);
	memcpy(block + 100, "0000644\0" "0000000\0" "0000000", 24);
	snprintf(block + 124, 12, "%011o", size);
	memcpy(block + 136, "00000000000", 12);
	memset(block + 148, ' ', 8);
	block[156] = type;
	memcpy(block + 257, "ustar\0" "00", 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

/* A file of 1 PiB of holes, in 3 KiB of tar: it is not read to its end. */
static void sparse(void)
{
	static const char records[] = "36 GNU.sparse.size=1125899906842624\n"
				      "26 GNU.sparse.numblocks=0\n";
	static char tar[6 * 512];
	struct problems p;

	snprintf(path, sizeof(path), "%s/sparse.tar", work);
	ustar(tar, "PaxHeaders/x", sizeof(records) - 1, 'x');
	memcpy(tar + 512, records, sizeof(records) - 1);
	ustar(tar + 1024, "t/log/kernel.log", 512, '0');
	spill(path, (struct str){tar, sizeof(tar)});
	check_int(verify(path, &p), 2);
	check_str(str_of(p.all), STR("log/kernel.log: is sparse: not read on\n"
				  "MANIFEST.json: was not seen because of the damage\n"));
}

/* A pipe, and standard input: as a file. */
static void through_a_pipe(void)
{
	struct bundle_options o;
	struct problems p;
	struct buf bytes;
	int own = dup(STDIN_FILENO);

	snprintf(path, sizeof(path), "%s/piped.tar.zst", work);
	o = make_options(path, BUNDLE_TAR_ZST);
	make_bundle(&o, 1000);
	bytes = slurp(path);
	for (unsigned cut = 0; cut < 2; cut++) {
		int fds[2];

		check(bytes.n < 60000 && pipe2(fds, O_CLOEXEC) == 0);
		check_int(write(fds[1], bytes.p, bytes.n - cut), bytes.n - cut);
		close(fds[1]);
		check(dup2(fds[0], STDIN_FILENO) == STDIN_FILENO);
		close(fds[0]);
		check_int(verify(cut ? "/dev/stdin" : "-", &p) == 0, cut == 0);
	}
	dup2(own, STDIN_FILENO);
	close(own);
	buf_free(&bytes);
}

/* Neither a file nor a folder: said at once, and not read. */
static void no_bundle(void)
{
	struct problems p;

	snprintf(path, sizeof(path), "/dev/zero");
	check(verify(path, &p) == UINT32_MAX);
	check_str(str_of(p.last), STR("/dev/zero: neither a file nor a directory"));
}

int main(void)
{
	work_make();
	no_bundle();
	flips(BUNDLE_TAR_ZST, "f.tar.zst", 40, 1);
	flips(BUNDLE_TAR_GZ, "f.tar.gz", 40, 1);
	flips(BUNDLE_TAR_XZ, "f.tar.xz", 40, 1);
	flips(BUNDLE_TAR_ZST, "l.tar.zst", 20000, 997);
	ends(BUNDLE_TAR_ZST, "e.tar.zst");
	ends(BUNDLE_TAR_GZ, "e.tar.gz");
	ends(BUNDLE_TAR_XZ, "e.tar.xz");
	directory();
	around();
	sparse();
	through_a_pipe();
	for (size_t i = 0; i < ARRAY_COUNT(strangers); i++)
		stranger(&strangers[i]);
	return tests_done();
}
