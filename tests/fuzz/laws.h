/* SPDX-License-Identifier: MIT */
/* laws.h - what the fuzz targets share: a law, bytes as a file without a disk, and the heap that
 * is held while a reader works (AddressSanitizer's hooks; without it the cap is not watched). */
#ifndef OOMREPORT_TESTS_FUZZ_LAWS_H
#define OOMREPORT_TESTS_FUZZ_LAWS_H

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An assert() that no build leaves out. */
#define law(holds)                                                                    \
	do {                                                                          \
		if (!(holds)) {                                                       \
			fprintf(stderr, "%s:%d: broken law: %s\n", __FILE__, __LINE__, \
				#holds);                                              \
			abort();                                                      \
		}                                                                     \
	} while (0)

enum { MEMORY_PATH = 40 };

/* The bytes as a file with a path; close the descriptor that is returned. */
static inline int memory_file(struct str bytes, char path[MEMORY_PATH])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	law(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
	snprintf(path, MEMORY_PATH, "/proc/self/fd/%d", fd);
	return fd;
}

/* No control byte but the named ones: what is printed may reach a terminal. */
static inline bool is_printable(struct str s, const char *but)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 || c == 0x7f) && (c == 0 || !strchr(but, c)))
			return false;
	}
	return true;
}

/* ---- the heap ---- */

int __attribute__((weak)) __sanitizer_install_malloc_and_free_hooks(
	void (*on_malloc)(const volatile void *, size_t), void (*on_free)(const volatile void *));
size_t __attribute__((weak)) __sanitizer_get_allocated_size(const volatile void *p);

static atomic_llong heap_now, heap_most;

static inline void heap_on_malloc(const volatile void *p, size_t n)
{
	long long now;

	(void)p;
	now = atomic_fetch_add(&heap_now, (long long)n) + (long long)n;
	if (now > atomic_load(&heap_most))
		atomic_store(&heap_most, now);
}

static inline void heap_on_free(const volatile void *p)
{
	if (p)
		atomic_fetch_sub(&heap_now, (long long)__sanitizer_get_allocated_size(p));
}

/* From here on: how much is held at most, above what was held then. */
static inline long long heap_mark(void)
{
	static bool installed;

	if (!installed && __sanitizer_install_malloc_and_free_hooks)
		__sanitizer_install_malloc_and_free_hooks(heap_on_malloc, heap_on_free);
	installed = true;
	atomic_store(&heap_most, atomic_load(&heap_now));
	return atomic_load(&heap_now);
}

static inline long long heap_peak(long long mark)
{
	return atomic_load(&heap_most) - mark;
}

#endif
