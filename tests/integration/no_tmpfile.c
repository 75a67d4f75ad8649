/* SPDX-License-Identifier: MIT */
/* no_tmpfile.c - preloaded: as if the file system had no O_TMPFILE (vfat, NFS, many others). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>

#define REFUSE(flags)                                          \
	do {                                                   \
		if (((flags) & O_TMPFILE) == O_TMPFILE) {      \
			errno = EOPNOTSUPP;                    \
			return -1;                             \
		}                                              \
	} while (0)

static mode_t mode_of(int flags, va_list args)
{
	return flags & O_CREAT ? va_arg(args, mode_t) : 0;
}

#define OPEN(name)                                                                       \
	int name(const char *path, int flags, ...);                                      \
	int name(const char *path, int flags, ...)                                       \
	{                                                                                \
		int (*real)(const char *, int, ...) =                                    \
			(int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);        \
		va_list args;                                                            \
		mode_t mode;                                                             \
                                                                                         \
		REFUSE(flags);                                                           \
		va_start(args, flags);                                                   \
		mode = mode_of(flags, args);                                             \
		va_end(args);                                                            \
		return real(path, flags, mode);                                          \
	}

#define OPENAT(name)                                                                     \
	int name(int dir, const char *path, int flags, ...);                             \
	int name(int dir, const char *path, int flags, ...)                              \
	{                                                                                \
		int (*real)(int, const char *, int, ...) =                               \
			(int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name);   \
		va_list args;                                                            \
		mode_t mode;                                                             \
                                                                                         \
		REFUSE(flags);                                                           \
		va_start(args, flags);                                                   \
		mode = mode_of(flags, args);                                             \
		va_end(args);                                                            \
		return real(dir, path, flags, mode);                                     \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
