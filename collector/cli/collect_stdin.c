/* SPDX-License-Identifier: MIT */
/* collect_stdin.c - a log that came through standard input, read again when a name in it was known
 * too late: a regular file from where it began, else from a copy without a name, made on the way. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/collect.h"

enum { COPY_LARGEST = 512 << 20 };

static bool is_asked_for(const struct collect *c)
{
	for (size_t i = 0; i < c->o->logs.n; i++) {
		if (strcmp(c->o->logs.v[i], "-") == 0)
			return true;
	}
	return false;
}

void collect_stdin_begin(struct collect *c)
{
	struct stat st;

	c->input = (struct standard_input){.copy = -1};
	if (!c->redactor || !is_asked_for(c))
		return;
	c->input.used = true;
	c->input.began = lseek(STDIN_FILENO, 0, SEEK_CUR);
	c->input.again = c->input.began >= 0 && fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	if (c->input.again)
		return;
	c->input.copy = collect_scratch_file();
	c->input.began = 0;
	c->input.again = c->input.copy >= 0;
}

static void give_up(struct standard_input *in)
{
	if (in->copy >= 0)
		close(in->copy);
	in->copy = -1;
	in->again = false;
}

/* A copy that cannot be kept costs the second try, not the first. */
void collect_stdin_keep(struct collect *c, struct str window)
{
	struct standard_input *in = &c->input;

	if (in->copy < 0)
		return;
	in->bytes += window.n;
	if (in->bytes > COPY_LARGEST || fd_write_all(in->copy, window) != 0)
		give_up(in);
}

/* Of an archive the copy would be one text of all its logs. */
void collect_stdin_is_archive(struct collect *c)
{
	if (c->input.copy >= 0)
		give_up(&c->input);
}

bool collect_stdin_rewind(struct collect *c)
{
	struct standard_input *in = &c->input;

	if (!in->used)
		return true;
	if (in->copy >= 0) {
		bool moved = dup2(in->copy, STDIN_FILENO) >= 0;

		close(in->copy);
		in->copy = -1;
		in->again = moved;
	}
	return in->again && lseek(STDIN_FILENO, in->began, SEEK_SET) == in->began;
}

void collect_stdin_end(struct collect *c)
{
	give_up(&c->input);
}
