/* Print every record /dev/kmsg holds now, as read from it, and do not wait for more.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int main(void)
{
	static char record[8192 + 1024];
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return 1;
	for (;;) {
		ssize_t n = read(fd, record, sizeof(record));

		if (n < 0 && errno == EPIPE) /* overwritten while we read: go on with the next */
			continue;
		if (n <= 0)
			return n < 0 && errno != EAGAIN;
		if (write(1, record, (size_t)n) != n)
			return 1;
	}
}
