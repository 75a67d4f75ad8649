/* SPDX-License-Identifier: MIT */
/* triage_identity.c - is it the same input under another name, or the same log, grown?
 *
 * A file is what its size, first and last bytes say, whatever it is called: a renamed or copied
 * one is not read again. A log is what its first bytes say, unpacked: it may have grown, been
 * renamed by logrotate, or been compressed since; of two such logs the longer one counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sha256.h"
#include "cli/triage.h"

void triage_hash(struct str bytes, char out[TRIAGE_ID])
{
	unsigned char sum[SHA256_SIZE];
	struct sha256 s;

	sha256_start(&s);
	sha256_add(&s, bytes);
	sha256_end(&s, sum);
	sha256_hex(sum, out);
}

static bool add_part(struct sha256 *s, int fd, int64_t at)
{
	static char room[TRIAGE_HEAD];
	ssize_t n = pread(fd, room, sizeof(room), at);

	if (n < 0)
		return false;
	sha256_add(s, (struct str){room, (size_t)n});
	return true;
}

bool triage_file_id(const char *path, int64_t size, char out[TRIAGE_ID])
{
	unsigned char sum[SHA256_SIZE];
	char text[40];
	struct sha256 s;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool ok;

	if (fd < 0)
		return false;
	snprintf(text, sizeof(text), "%lld ", (long long)size);
	sha256_start(&s);
	sha256_add(&s, str_of(text));
	ok = add_part(&s, fd, 0) && (size <= TRIAGE_HEAD || add_part(&s, fd, size - TRIAGE_HEAD));
	fd_close(&fd);
	sha256_end(&s, sum);
	if (ok)
		sha256_hex(sum, out);
	return ok;
}
