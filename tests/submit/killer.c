/* SPDX-License-Identifier: MIT */
/* killer.c - preloaded into oomreport-submit: dies by SIGKILL at the N-th time a journal gets
 * its name, before (KILL_AT=N-) or after (N+) it. FORGET_AT=N: the N-th request is carried out, and
 * then there is no memory left for its answer. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int count;

static int at(char side)
{
	const char *spec = getenv("KILL_AT");

	return spec && strtol(spec, NULL, 10) == count && spec[strlen(spec) - 1] == side;
}

static void maybe(char side)
{
	if (at(side))
		kill(getpid(), SIGKILL);
}

int curl_easy_perform(void *curl)
{
	enum { CURLE_OUT_OF_MEMORY = 27 };
	int (*real)(void *) = dlsym(RTLD_NEXT, "curl_easy_perform"), rc = real(curl);
	const char *spec = getenv("FORGET_AT");
	static int requests;

	return spec && ++requests == strtol(spec, NULL, 10) ? CURLE_OUT_OF_MEMORY : rc;
}

int linkat(int a, const char *b, int c, const char *d, int flags)
{
	int (*real)(int, const char *, int, const char *, int) = dlsym(RTLD_NEXT, "linkat");
	int rc;

	count++;
	maybe('-');
	rc = real(a, b, c, d, flags);
	maybe('+');
	return rc;
}

int renameat(int a, const char *b, int c, const char *d)
{
	int (*real)(int, const char *, int, const char *) = dlsym(RTLD_NEXT, "renameat");
	int rc;

	count++;
	maybe('-');
	rc = real(a, b, c, d);
	maybe('+');
	return rc;
}
