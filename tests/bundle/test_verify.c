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
	{{{"t/a", "x", 7, AE_IFREG, 0644}}, "t/a: does not belong to 0:0\n"},
	{{{"t/a", "x", 0, AE_IFREG, 04755}}, "t/a: has a mode that is not 0644 (folders 0755)\n"},
	{{{"t/d/", NULL, 0, AE_IFDIR, 0777}}, "t/d/: has a mode that is not 0644 (folders 0755)\n"},
	{{{"t/../../etc/passwd", "x", 0, AE_IFREG, 0644}},
	 "t/../../etc/passwd: is not a safe path\n"},
	{{{"t/fifo", NULL, 0, AE_IFIFO, 0644}}, "t/fifo: is neither a file nor a folder\n"},
	{{{"t/a", "x", 0, AE_IFREG, 0644}, {"t/a", "x", 0, AE_IFREG, 0644},
	  {"t/MANIFEST.json", MANIFEST_OF(ROW), 0, AE_IFREG, 0644}}, "a: is in the archive twice\n"},
	{{{"t/a", "x", 0, AE_IFREG, 0644},
	  {"t/MANIFEST.json", MANIFEST_OF(ROW ", " ROW), 0, AE_IFREG, 0644}},
	 "a: stands in the manifest twice\n"},
	{{{"t/MANIFEST.json", MANIFEST_OF("{\"path\": \"a\"}"), 0, AE_IFREG, 0644}},
	 "a: the manifest's row lacks path, size or hash\n"},
	{{{"t/MANIFEST.json", MANIFEST_OF(ROW), 0, AE_IFREG, 0644}}, "a: is missing\n"},
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
	for (size_t i = 0; i < ARRAY_COUNT(strangers); i++)
		stranger(&strangers[i]);
	return tests_done();
}
