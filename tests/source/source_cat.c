/* SPDX-License-Identifier: MIT */
/* source_cat.c - prints what source/ reads: "== KIND NAME [head lost] [LOST lost] NOTE" before
 * each log, its bytes on standard output. For the scripts beside it.
 *
 *	source_cat [-q] [-r] FILE	-q: count bytes only; -r: the saved report instead
 *	source_cat [-q] -l ROOT BOOT	the live log of a machine
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "source/source.h"

static int fail(const struct err *err)
{
	fprintf(stderr, "source_cat: %s\n", err->text);
	if (err->hint[0])
		fprintf(stderr, "%s\n", err->hint);
	return EXIT_FAILURE;
}

static int cat(struct source *s, bool quiet, struct err *err)
{
	const struct source_info *info = source_info(s);
	struct str window;
	int rc, more;

	do {
		uint64_t bytes = 0;

		rc = source_window(s, &window, err);
		if (!quiet)
			printf("== %s %s\n", source_kind_name(info->kind), info->name);
		for (; rc > 0; rc = source_window(s, &window, err)) {
			bytes += window.n;
			if (!quiet)
				fwrite(window.p, 1, window.n, stdout);
		}
		if (rc < 0)
			return -1;
		if (bytes != info->bytes)
			return err_set(err, ERR_FORMAT, "%llu bytes given, %llu counted",
				       (unsigned long long)bytes, (unsigned long long)info->bytes);
		fprintf(stderr, "%s: %llu bytes%s, %llu lost. %s\n", info->name,
			(unsigned long long)bytes, info->head_lost ? ", head lost" : "",
			(unsigned long long)info->lost_records, info->note);
		more = source_next(s, err);
	} while (more > 0);
	return more;
}

int main(int argc, char **argv)
{
	CLEANUP_SOURCE struct source *s = NULL;
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	CLEANUP_BUF struct buf report = BUF_INIT(64 << 20);
	bool quiet = false, saved = false, live = false;
	struct err err = {0};
	int c, rc;

	while ((c = getopt(argc, argv, "+qrl")) > 0) {
		quiet |= c == 'q';
		saved |= c == 'r';
		live |= c == 'l';
	}
	if (argc - optind != (live ? 2 : 1))
		return EXIT_FAILURE;
	if (live) {
		struct str number = str_of(argv[optind + 1]);
		int64_t boot;

		if (!take_i64(&number, &boot) || root_open(&root, argv[optind], &err) ||
		    source_open_live(&s, &root, (int)boot, NULL, &err))
			return fail(&err);
	} else if (source_open_file(&s, argv[optind], &err)) {
		return fail(&err);
	}
	if (saved) {
		rc = source_saved_report(s, &report, &err);
		if (rc < 0)
			return fail(&err);
		if (rc)
			fwrite(report.p, 1, report.n, stdout);
		fprintf(stderr, "%s\n", rc ? "a saved report" : "no saved report");
		if (rc == 0)
			return EXIT_SUCCESS;
	}
	return cat(s, quiet || saved, &err) < 0 ? fail(&err) : EXIT_SUCCESS;
}
