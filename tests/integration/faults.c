/* SPDX-License-Identifier: MIT */
/* faults.c - preloaded by faults.py for what strace cannot do:
 *
 *   FAULT_SHORT=N    every read and write moves at most N bytes
 *   FAULT_MALLOC=N   the N-th allocation, from 0, fails, and so do the nine after it (programs
 *                    without sanitizers only); FAULT_COUNT=1: their number to standard error at the end
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

static long number(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text ? atol(text) : otherwise;
}

static size_t at_most(size_t n)
{
	size_t most = (size_t)number("FAULT_SHORT", 0);

	return most && n > most ? most : n;
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

ssize_t read(int fd, void *p, size_t n)
{
	return REAL(ssize_t, "read", int, void *, size_t)(fd, p, at_most(n));
}

ssize_t write(int fd, const void *p, size_t n)
{
	return REAL(ssize_t, "write", int, const void *, size_t)(fd, p, at_most(n));
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	return REAL(ssize_t, "pread64", int, void *, size_t, off_t)(fd, p, at_most(n), at);
}

ssize_t pread64(int fd, void *p, size_t n, off_t at)
{
	return pread(fd, p, n, at);
}

ssize_t preadv64v2(int fd, const struct iovec *to, int count, off64_t at, int flags)
{
	struct iovec first = {to->iov_base, at_most(to->iov_len)};

	return REAL(ssize_t, "preadv64v2", int, const struct iovec *, int, off64_t, int)(
		fd, &first, count > 0, at, flags);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	return REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t)(fd, p, at_most(n), at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
	return pwrite(fd, p, n, at);
}

#ifdef FAULT_ALLOCATIONS

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static long allocations, failing = -2; /* -2: main() is not reached */

static __attribute__((constructor)) void begin(void)
{
	failing = number("FAULT_MALLOC", -1);
}

static __attribute__((destructor)) void end(void)
{
	if (getenv("FAULT_COUNT"))
		dprintf(2, "allocations %ld\n", allocations);
}

static int fails(void)
{
	long n = failing == -2 ? -1 : __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);

	if (n < 0 || failing < 0 || n < failing || n >= failing + 10)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

#endif
