/* SPDX-License-Identifier: MIT */
/* test_damage.c - what verify says of a damaged bundle is true: nothing that was not seen is called
 * missing, nothing that was seen is held back; as a file and as standard input in small pieces. */
#include "make.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { FILES = 60, FILE_BYTES = 9000, ROOM = 2 << 20 };

static const struct kind {
	enum bundle_format format;
	const char *name;
	size_t trailer; /* bytes of it; 0 = none */
} kinds[] = {
	{BUNDLE_TAR_ZST, "d.tar.zst", 88},
	{BUNDLE_TAR_GZ, "d.tar.gz", 102},
	{BUNDLE_TAR_XZ, "d.tar.xz", 0},
};

static char path[200];
static char whole[ROOM], bytes[ROOM];
static size_t n_whole;

/* Files that do not compress to nothing: several windows of any decompressor. */
static void make_files(const struct kind *k, struct str inner)
{
	struct bundle_options o = make_options(path, k->format);
	struct err err = {.code = ERR_NONE};
	struct bundle *b = NULL;
	uint32_t x = 7;

	o.force = true;
	check_ok(bundle_open(&b, &o, &err), err);
	for (unsigned i = 0; b && i < FILES; i++) {
		static char text[FILE_BYTES];
		char name[32];
		struct bundle_entry e = {.path = name, .read_at_us = UNKNOWN};

		snprintf(name, sizeof(name), "proc/file%02u", i);
		for (size_t at = 0; at < sizeof(text); at++) {
			x = x * 1664525 + 1013904223;
			text[at] = (char)('a' + (x >> 24) % 26);
		}
		check_ok(bundle_add(b, &e, (struct str){text, sizeof(text)}, &err), err);
		e.path = "sys/inner";
		if (inner.n && i == 0)
			check_ok(bundle_add(b, &e, inner, &err), err);
	}
	check_ok(bundle_commit(b, false, &err), err);
	bundle_free(b);
}

static void spill(size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		exit(EXIT_FAILURE);
	close(fd);
}

static void load(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, whole, sizeof(whole));

	if (n <= 0 || n == (ssize_t)sizeof(whole))
		exit(EXIT_FAILURE);
	n_whole = (size_t)n;
	close(fd);
}

/* The same words, whatever pieces a pipe brings; the first `begin` bytes come as one. */
static void through_a_pipe(const struct problems *as_file, size_t n, size_t begin, size_t piece)
{
	int own = dup(STDIN_FILENO), fds[2];
	struct problems p;
	pid_t child;

	if (own < 0 || pipe2(fds, O_CLOEXEC) != 0 || (child = fork()) < 0)
		exit(EXIT_FAILURE);
	if (child == 0) {
		signal(SIGPIPE, SIG_DFL); /* what is behind the end is not read */
		close(fds[0]);
		for (size_t at = 0, some = begin; at < n; at += some, some = piece) {
			if (write(fds[1], bytes + at, n - at < some ? n - at : some) < 0)
				_exit(EXIT_FAILURE);
		}
		_exit(EXIT_SUCCESS);
	}
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	(void)verify("-", &p);
	check_int(p.n, as_file->n);
	/* how far a decompressor had read when it saw the damage depends on the pieces */
	if (!strstr(as_file->all, ", at or before byte"))
		check_str(str_of(p.all), str_of(as_file->all));
	dup2(own, STDIN_FILENO);
	close(own);
	waitpid(child, NULL, 0);
}

/* Files that were seen and those that were not are all there are. */
static void is_true(const struct kind *k, const struct problems *p, const char *what, size_t at)
{
	const char *first = strstr(p->all, " is the first of "), *name = first;
	unsigned index = 0, unseen = 0;
	bool good = !strstr(p->all, "is missing") && !strstr(p->all, "is extra");

	while (name && name > p->all && name[-1] != '\n')
		name--;
	if (first && sscanf(first, " is the first of %u files that were not seen because of the "
				   "damage", &unseen) == 1 &&
	    sscanf(name, "proc/file%02u", &index) == 1)
		good &= index + unseen == FILES;
	if (!good)
		fprintf(stderr, "%s, %s at %zu:\n%s", k->name, what, at, p->all);
	check(good);
}

static size_t lines_with(const struct problems *p, const char *word)
{
	size_t n = 0;

	for (const char *at = p->all; (at = strstr(at, word)); at += strlen(word))
		n++;
	return n;
}

static void only(const struct problems *p, const char *what, size_t at)
{
	char want[200];

	snprintf(want, sizeof(want), "archive: %s byte %zu of the file\n", what, at);
	check_str(str_of(p->all), str_of(want));
}

/* One byte or many, a second bundle, the trailer once more: the files are all right. */
static void junk(const struct kind *k)
{
	static const size_t sizes[] = {1, 7, 100, 300 * 1024};
	const size_t end = n_whole - k->trailer;
	struct problems p;

	for (size_t i = 0; i < ARRAY_COUNT(sizes) + 2; i++) {
		size_t n = i < ARRAY_COUNT(sizes) ? sizes[i]
			   : i == ARRAY_COUNT(sizes) ? n_whole : k->trailer;

		if (n == 0 || (n == n_whole && k->trailer == 0)) /* xz: of streams there may be many */
			continue;
		memcpy(bytes, whole, n_whole);
		memset(bytes + n_whole, 'x', n);
		if (i >= ARRAY_COUNT(sizes))
			memcpy(bytes + n_whole, whole + n_whole - n, n);
		spill(n_whole + n);
		(void)verify(path, &p);
		only(&p, "something stands behind its end, which is", end);
		through_a_pipe(&p, n_whole + n, 1021, 1021);
	}
}

static void cuts(const struct kind *k)
{
	struct problems p;

	memcpy(bytes, whole, n_whole);
	for (size_t cut = 1; cut < n_whole - 100; cut += cut < 130 ? 1 : n_whole / 50) {
		size_t n = n_whole - cut;

		spill(n);
		if (verify(path, &p) == UINT32_MAX) {
			check(strstr(p.last, "is no bundle: damaged: the file ends too early") != NULL);
			continue;
		}
		is_true(k, &p, "cut", n);
		if (cut + 1 < k->trailer)
			only(&p, "its end is cut off behind", n_whole - k->trailer);
		else if (cut > k->trailer)
			check_int(lines_with(&p, "damaged: the file ends too early") +
				  lines_with(&p, "its end is cut off"), 1);
		check(p.n <= 2);
	}
	spill(n_whole / 2);
	(void)verify(path, &p);
	check_int(lines_with(&p, "because of the damage"), 1);
	through_a_pipe(&p, n_whole / 2, 4093, 4093);
}

static void flips(const struct kind *k)
{
	struct problems p;

	memcpy(bytes, whole, n_whole);
	for (size_t at = 3; at < n_whole; at += n_whole / 60) {
		bytes[at] ^= 0x20;
		spill(n_whole);
		if (verify(path, &p) != UINT32_MAX) {
			is_true(k, &p, "flip", at);
			check(lines_with(&p, "archive: ") + lines_with(&p, "damaged: ") > 0);
			check(lines_with(&p, "because of the damage") <= 1);
		}
		bytes[at] ^= 0x20;
	}
}

/* One that stands whole in another is no end of it. */
static void nested(const struct kind *k)
{
	struct problems p;

	make_files(k, (struct str){whole, n_whole});
	check_int(verify(path, &p), 0);
	load();
	memcpy(bytes, whole, n_whole);
	through_a_pipe(&p, n_whole, n_whole - 20000, 61);
}

int main(void)
{
	work_make();
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		struct problems p;

		snprintf(path, sizeof(path), "%s/%s", work, kinds[i].name);
		make_files(&kinds[i], STR(""));
		check_int(verify(path, &p), 0);
		load();
		memcpy(bytes, whole, n_whole);
		through_a_pipe(&p, n_whole, n_whole - 1000, 1);
		junk(&kinds[i]);
		cuts(&kinds[i]);
		flips(&kinds[i]);
		nested(&kinds[i]);
	}
	return tests_done();
}
