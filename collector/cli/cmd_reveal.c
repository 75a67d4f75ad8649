/* SPDX-License-Identifier: MIT */
/* cmd_reveal.c - `oomreport reveal`: a desk's answer about "host1", with the names it stands for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "cli/cli.h"
#include "cli/data.h"
#include "cli/names.h"
#include "report/report.h"

enum { MAPPING_MAX = 64 << 20, WINDOW = 64 * 1024, LINE_ROOM = 1 << 20 };

/* Only the common ones. */
static const struct option_row rows[] = {
	{NULL, 0, OPT_FLAG, false, NULL, 0, NULL},
};

/* Where the mapping of a bundle is kept. Of several of that name none is guessed: the wrong one has
 * somebody else for user1. */
static int find_mapping(const char *operand, char kept[4096], struct err *err)
{
	struct str stem = bundle_stem(str_of(operand));
	struct caller caller;
	char second[4096];
	struct stat st;

	caller_find(&caller);
	if (!mapping_path(&caller, stem, 1, kept) || stat(kept, &st) != 0) {
		(void)err_set(err, ERR_IO, "reveal: no mapping of '%.80s' is kept here: %s", operand,
			      kept);
		return err_hint(err, "it stays with the user who collected: give its file");
	}
	if (mapping_path(&caller, stem, 2, second) && stat(second, &st) == 0) {
		(void)err_set(err, ERR_REFUSED, "reveal: there were several bundles called '%.80s'",
			      operand);
		return err_hint(err, "give the file of the right one, %s or a later one (~2)", kept);
	}
	return 0;
}

/* The mapping itself, or that of a bundle of this name, which need not be here any more. */
static int open_mapping(const char *operand, struct revealer **ret, struct err *err)
{
	CLEANUP_BUF struct buf text = BUF_INIT(MAPPING_MAX);
	char kept[4096];

	if (str_ends(str_of(operand), STR(".json")))
		snprintf(kept, sizeof(kept), "%s", operand);
	else if (find_mapping(operand, kept, err) != 0)
		return -1;
	if (data_read(kept, &text, err) != 0)
		return -1;
	return reveal_new(ret, buf_str(&text), kept, err);
}

/* Up to the last line's end, so that no name is cut; of a line without end, up to a blank. */
static size_t whole_part(struct str text)
{
	size_t n = str_rfind(text, STR("\n"));

	if (n == SIZE_MAX && text.n >= LINE_ROOM / 2)
		n = str_rfind(text, STR(" "));
	if (n == SIZE_MAX && text.n >= LINE_ROOM / 2)
		return text.n;
	return n == SIZE_MAX ? 0 : n + 1;
}

static int put(const struct revealer *v, struct str text, struct buf *out, uint64_t *count,
	       struct err *err)
{
	static const int to = STDOUT_FILENO;

	buf_clear(out);
	if (reveal_text(v, text, out, count, err) != 0)
		return -1;
	if (sink_shown(&to).write(sink_shown(&to).ctx, buf_str(out), err) != 0)
		return err_wrap(err, "standard output");
	return 0;
}

static int reveal_file(const struct revealer *v, const char *path, uint64_t *count,
		       struct err *err)
{
	CLEANUP_BUF struct buf carry = BUF_INIT(LINE_ROOM), out = BUF_INIT(64 * LINE_ROOM);
	CLEANUP_FD int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
						   : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char window[WINDOW];
	ssize_t n;

	if (fd < 0)
		return err_sys(err, errno, "%s", path);
	while ((n = fd_read(fd, window, sizeof(window))) > 0) {
		size_t whole;

		if (!buf_add(&carry, (struct str){window, (size_t)n}))
			return buf_ok(&carry, path, err);
		whole = whole_part(buf_str(&carry));
		if (whole && put(v, str_sub(buf_str(&carry), 0, whole), &out, count, err) != 0)
			return -1;
		buf_drop_front(&carry, whole);
	}
	if (n < 0)
		return err_sys(err, errno, "%s", path);
	return put(v, buf_str(&carry), &out, count, err);
}

static int run(const void *options, int argc, char **argv, struct err *err)
{
	struct revealer *v = NULL;
	uint64_t count = 0;
	int rc = 0;

	(void)options;
	if (argc == 0) {
		(void)err_set(err, ERR_USAGE, "reveal: by which mapping?");
		return err_hint(err, "give the bundle's name, or the mapping's file; see 'oomreport "
				     "reveal --help'");
	}
	sandbox_enter(NULL);
	if (open_mapping(argv[0], &v, err) != 0)
		return -1;
	if (argc == 1) {
		ask_for_paste("the answer");
		rc = reveal_file(v, "-", &count, err);
	}
	for (int i = 1; i < argc && rc == 0; i++)
		rc = reveal_file(v, argv[i], &count, err);
	reveal_free(v);
	if (rc == 0)
		log_info("%llu names put back", (unsigned long long)count);
	return rc;
}

const struct command cmd_reveal = {
	.name = "reveal",
	.operands = "BUNDLE|MAPPING [FILE...]",
	.summary = "put the real names back into a desk's answer",
	.example = "oomreport reveal oomreport-host1-20261123T023000Z.tar.zst < answer.txt",
	.options = rows,
	.run = run,
};
