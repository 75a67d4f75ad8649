/* SPDX-License-Identifier: MIT */
/* test_mapped.c - large files: every byte once, whatever happens to the file meanwhile. */
#include <fcntl.h>

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

static void test_growing(void)
{
	CLEANUP_SOURCE struct source *s = NULL;
	const char *path = scratch_path("growing");
	int fd = make_file(path, 0, BYTES);
	struct err err = {0};
	struct str window;
	uint64_t at = 0;
	bool more = true;

	check_ok(source_open_file(&s, path, &err), err);
	while (source_window(s, &window, &err) > 0) {
		at = check_window(window, at);
		if (at == BYTES && more) {
			close(make_file(path, BYTES, 5000));
			more = false;
		}
	}
	check(at == BYTES + 5000 && source_info(s)->bytes == at);
	close(fd);
}

/* Cut while a window is being looked at: no SIGBUS, and the end where the file now ends. */
static void test_cut(uint64_t cut_at, uint64_t cut_to)
{
	CLEANUP_SOURCE struct source *s = NULL;
	const char *path = scratch_path("cut");
	int fd = make_file(path, 0, BYTES);
	struct err err = {0};
	struct str window;
	uint64_t at = 0, read = 0;
	unsigned sum = 0;
	int rc;

	check_ok(source_open_file(&s, path, &err), err);
	while ((rc = source_window(s, &window, &err)) > 0) {
		if (at >= cut_at && cut_at != UINT64_MAX) {
			check(ftruncate(fd, (off_t)cut_to) == 0);
			cut_at = UINT64_MAX;
		}
		for (size_t i = 0; i < window.n; i++)
			sum += (unsigned char)window.p[i];
		at += window.n;
		read++;
	}
	check(rc == 0 && cut_at == UINT64_MAX);
	/* what was borrowed when the file was cut is the last there is */
	check(at < BYTES && read > 1 && sum > 0);
	close(fd);
	unlink(path);
}

int main(void)
{
	scratch_make();
	test_growing();
	test_cut(1 << 20, 0);
	test_cut((2 << 20) + 1024, 4096);
	test_cut(5 << 20, 3 << 20);
	return tests_done();
}
