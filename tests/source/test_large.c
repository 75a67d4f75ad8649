/* SPDX-License-Identifier: MIT */
/* test_large.c - large files: every byte once, whatever happens to the file meanwhile. */
#include <fcntl.h>
#include <sys/mman.h>

#include "source/scratch.h"
#include "source/source.h"

enum { BYTES = 7 * 1024 * 1024 + 4321 };

/* Not the same at any two places a wrong offset could mix up. */
static unsigned char byte_at(uint64_t i)
{
	return (unsigned char)('a' + (i * 2654435761u >> 13) % 26);
}

static int make_file(const char *path, uint64_t from, size_t n)
{
	static unsigned char bytes[BYTES];
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);

	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(from + i);
	check(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	return fd;
}

static uint64_t check_window(struct str window, uint64_t at)
{
	size_t wrong = 0;

	check(window.n > 0 && window.n <= SOURCE_WINDOW);
	for (size_t i = 0; i < window.n; i++)
		wrong += (unsigned char)window.p[i] != byte_at(at + i);
	check(wrong == 0);
	return at + window.n;
}

static void test_all(void)
{
	CLEANUP_SOURCE struct source *s = NULL;
	const char *path = scratch_path("large.log");
	int fd = make_file(path, 0, BYTES);
	struct err err = {0};
	struct str bytes;
	size_t at = 0;

	check_ok(source_open_file(&s, path, &err), err);
	while (source_window(s, &bytes, &err) > 0)
		at = check_window(bytes, at);
	check(at == BYTES);
	close(fd);
	unlink(path);
}

static void test_growing(void)
{
	CLEANUP_SOURCE struct source *s = NULL;
	const char *path = scratch_path("growing");
	int fd = make_file(path, 0, BYTES);
	struct err err = {0};
	struct str bytes;
	uint64_t at = 0;
	bool more = true;

	check_ok(source_open_file(&s, path, &err), err);
	while (source_window(s, &bytes, &err) > 0) {
		at = check_window(bytes, at);
		if (at == BYTES && more) {
			close(make_file(path, BYTES, 5000));
			more = false;
		}
	}
	check(at == BYTES + 5000 && source_info(s)->bytes == at);
	close(fd);
	unlink(path);
}

/* Cut while a window is being looked at: the end is where the file now ends. */
static void test_cut(uint64_t cut_at, uint64_t cut_to)
{
	CLEANUP_SOURCE struct source *s = NULL;
	const char *path = scratch_path("cut");
	int fd = make_file(path, 0, BYTES);
	struct err err = {0};
	struct str bytes;
	uint64_t at = 0, read = 0;
	unsigned sum = 0;
	int rc;

	check_ok(source_open_file(&s, path, &err), err);
	while ((rc = source_window(s, &bytes, &err)) > 0) {
		if (at >= cut_at && cut_at != UINT64_MAX) {
			check(ftruncate(fd, (off_t)cut_to) == 0);
			cut_at = UINT64_MAX;
		}
		for (size_t i = 0; i < bytes.n; i++)
			sum += (unsigned char)bytes.p[i];
		at += bytes.n;
		read++;
	}
	check(rc == 0 && cut_at == UINT64_MAX);
	/* what was read when the file was cut is the last there is */
	check(at < BYTES && read > 1 && sum > 0);
	close(fd);
	unlink(path);
}

/* How much of the file is in memory. */
static size_t resident(int fd, size_t bytes)
{
	unsigned char pages[BYTES / 4096 + 1] = {0};
	size_t n = 0;
	void *p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);

	check(p != MAP_FAILED && mincore(p, bytes, pages) == 0);
	for (size_t i = 0; i < sizeof(pages); i++)
		n += (pages[i] & 1) * (size_t)4096;
	munmap(p, bytes);
	return n;
}

/* What is not in memory is read in steps of our own, however far the disk likes to read ahead. */
static void test_cold(void)
{
	enum { PART = 3 << 20, STEPS = 2 << 20 };
	CLEANUP_ARENA struct arena a = ARENA_INIT(1 << 20);
	const char *path = scratch_path("cold");
	int fd = make_file(path, 0, BYTES);
	char *copy = arena_take(&a, SOURCE_WINDOW);
	struct err err = {0};
	struct stream *in;
	size_t at = 0;
	ssize_t n = 1;

	check(fsync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
	if (resident(fd, BYTES) == 0) { /* a tmpfs has it in memory always */
		check(lseek(fd, 0, SEEK_SET) == 0);
		in = stream_from_fd(&a, fcntl(fd, F_DUPFD_CLOEXEC, 3), path, &err);
		while (in && n > 0 && at < PART) {
			n = stream_read(in, copy, SOURCE_WINDOW, &err);
			at = n > 0 ? check_window((struct str){copy, (size_t)n}, at) : at;
		}
		check(at >= PART && resident(fd, BYTES) <= at + STEPS);
		stream_close(in);
	}
	close(fd);
	unlink(path);
}

/* How much a read of one page brings into memory. What is still on its way to there cannot be given
 * back: so all of it is waited for first, by another descriptor. */
static size_t reads_ahead(const char *path, int fd)
{
	char page[4096];
	int other = open(path, O_RDONLY);

	while (read(other, page, sizeof(page)) > 0)
		;
	close(other);
	check(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0 && resident(fd, BYTES) == 0);
	check(pread(fd, page, sizeof(page), 0) == (ssize_t)sizeof(page));
	return resident(fd, BYTES);
}

/* Standard input belongs to others too: they read on afterwards as fast as before. */
static void test_shared(void)
{
	CLEANUP_ARENA struct arena a = ARENA_INIT(1 << 20);
	const char *path = scratch_path("shared");
	int fd = make_file(path, 0, BYTES), own = dup(STDIN_FILENO);
	char *copy = arena_take(&a, SOURCE_WINDOW);
	struct err err = {0};

	check(fsync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
	if (resident(fd, BYTES) == 0) {
		size_t before = reads_ahead(path, fd);
		struct stream *in;

		check(lseek(fd, 0, SEEK_SET) == 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
		in = stream_from_fd(&a, STDIN_FILENO, "standard input", &err);
		check(in && stream_read(in, copy, SOURCE_WINDOW, &err) > 0);
		stream_close(in);
		dup2(own, STDIN_FILENO);
		check_int(reads_ahead(path, fd), before);
	}
	close(own);
	close(fd);
	unlink(path);
}

int main(void)
{
	scratch_make();
	test_shared();
	test_cold();
	test_all();
	test_growing();
	test_cut(1 << 20, 0);
	test_cut((2 << 20) + 1024, 4096);
	test_cut(5 << 20, 3 << 20);
	return tests_done();
}
