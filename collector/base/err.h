/* SPDX-License-Identifier: MIT */
/* err.h - a failure as a value: the caller's fixed-size struct, filled once.
 *
 * Functions that can fail return 0 or -1 (iterators: 1 item, 0 end, -1 failed) and take a
 * `struct err *` last. The function that knows the cause calls err_set() once; callers may
 * put context in front with err_wrap(). Nothing here allocates: it works when memory is out.
 * Output parameters are written on success only.
 */
#ifndef OOMREPORT_BASE_ERR_H
#define OOMREPORT_BASE_ERR_H

enum err_code {
	ERR_NONE = 0,
	ERR_USAGE,       /* the command line or a settings file is wrong */
	ERR_IO,          /* the system said no: errno is in the text */
	ERR_FORMAT,      /* bytes that are not what they should be */
	ERR_LIMIT,       /* a stated maximum was reached */
	ERR_NOMEM,       /* no memory */
	ERR_NET,         /* no network, or it broke */
	ERR_REFUSED,     /* not allowed: credentials, privilege */
	ERR_REMOTE,      /* the server answered, and said no */
	ERR_INTERRUPTED, /* a signal asked us to stop */
};

struct err {
	enum err_code code;
	char text[320]; /* WHAT: WHY, one line, no newline */
	char hint[240]; /* what the user can do about it; may be empty */
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define FORMAT_ARGS(fmt, first) __attribute__((format(printf, fmt, first)))

/* Fill an error; the first one wins. err may be NULL. Always returns -1, so that
 * `return err_set(...)` reads well. Control bytes become '?'. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) FORMAT_ARGS(3, 4);
/* The same with ": " and the text of errno value `errnum` behind it; a full disk has its hint. */
int err_sys(struct err *err, int errnum, const char *fmt, ...) FORMAT_ARGS(3, 4);
/* Put "context: " in front of a set error. Returns -1. */
int err_wrap(struct err *err, const char *fmt, ...) FORMAT_ARGS(2, 3);
/* Say what to do about it; the first hint wins. Returns -1. */
int err_hint(struct err *err, const char *fmt, ...) FORMAT_ARGS(2, 3);
/* That they return -1 is seen by compilers and analyzers too: none of them follows a failure on
 * as if it were a success. */
static inline int err_returned(int always)
{
	(void)always;
	return -1;
}
#define err_set(...) err_returned(err_set(__VA_ARGS__))
#define err_sys(...) err_returned(err_sys(__VA_ARGS__))
#define err_wrap(...) err_returned(err_wrap(__VA_ARGS__))
#define err_hint(...) err_returned(err_hint(__VA_ARGS__))
/* Process exit status for a code: 1, 2 (usage) or 130 (interrupted). */
int err_exit_status(enum err_code code);

#endif
