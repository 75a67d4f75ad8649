/* SPDX-License-Identifier: MIT */
/* dump_log.c - show what the parser makes of files: `dump_log FILE...`, for people who add a
 * line kind. */
#include <stdio.h>
#include <stdlib.h>

#include "dump.h"

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		CLEANUP_BUF struct buf bytes = BUF_INIT(256 << 20), out = BUF_INIT(256 << 20);
		char chunk[65536];
		FILE *f = fopen(argv[i], "rb");
		size_t n;

		if (!f) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
		while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
			buf_add(&bytes, (struct str){chunk, n});
		fclose(f);
		if (!dump_bytes(&out, buf_str(&bytes), 0))
			return EXIT_FAILURE;
		fwrite(out.p, 1, out.n, stdout);
	}
	return EXIT_SUCCESS;
}
