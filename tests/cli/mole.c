/* SPDX-License-Identifier: MIT */
/* mole.c - preloaded into oomreport: stands for a hole in a library that a stranger's bytes
 * have found. At the first archive that is opened, or the first row that is stored, it tries
 * what an attacker would, and says on standard error what came of it: "mole: WHAT: no|DONE". */
#include <archive.h>
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

void __attribute__((weak)) __asan_init(void);

static char there[300], new[300], folder[300]; /* what exists, what does not, a directory */

static int as_openat2(const char *path, unsigned long flags)
{
	struct open_how how = {.flags = flags, .mode = flags & O_CREAT ? 0600 : 0};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* What a writer would need of root's: 0 it could be put on. */
static int as_writer(void)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) != 0)
		return -1;
	d[0].effective = 1U << CAP_DAC_OVERRIDE | 1U << CAP_CHOWN | 1U << CAP_SETUID;
	return (int)syscall(SYS_capset, &h, d);
}

static int named_later(void)
{
	char from[64];
	int fd = open("/var/tmp", O_TMPFILE | O_RDWR, 0600);

	if (fd < 0)
		return -1;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, from, AT_FDCWD, new, AT_SYMLINK_FOLLOW);
}

#define TRY(what, call)                                                              \
	do {                                                                         \
		long rc_ = (long)(call);                                             \
		dprintf(2, "mole: %s: %s\n", what, rc_ < 0 ? "no" : "DONE");         \
	} while (0)

static void network(void)
{
	int ends[2];

	TRY("socket inet", socket(AF_INET, SOCK_STREAM, 0));
	TRY("socket inet6", socket(AF_INET6, SOCK_DGRAM, 0));
	TRY("socket unix", socket(AF_UNIX, SOCK_STREAM, 0));
	TRY("socket netlink", socket(AF_NETLINK, SOCK_RAW, 0));
	TRY("datagrams", socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)); /* sendto(2) reaches /dev/log */
	TRY("may have a pair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
#ifdef SYS_io_uring_setup
	TRY("io_uring", syscall(SYS_io_uring_setup, 8, (char[256]){0}));
#endif
}

static void system_wide(void)
{
	TRY("mount", mount("none", folder, "tmpfs", 0, NULL));
	TRY("unshare", syscall(SYS_unshare, 0x10000000 /* a user namespace */));
	TRY("namespace", syscall(SYS_clone, 0x10000000UL | SIGCHLD, NULL, NULL, NULL, NULL));
	TRY("new mount", syscall(SYS_fsopen, "tmpfs", 0));
	if (!__asan_init) /* whose leak check traces */
		TRY("trace", ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
	TRY("typing", ioctl(0, TIOCSTI, "x"));
	TRY("log", klogctl(9 /* SYSLOG_ACTION_SIZE_UNREAD, as harmless as 5, which empties it, is not */, NULL, 0));
	TRY("shared memory", shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
	TRY("messages", msgget(IPC_PRIVATE, IPC_CREAT | 0600));
	TRY("semaphores", semget(IPC_PRIVATE, 1, IPC_CREAT | 0600));
	TRY("queue", syscall(SYS_mq_open, "oomreport-mole", O_CREAT | O_RDWR, 0600, NULL));
	TRY("hostname", sethostname("mole", 4));
}

static void files(const char *prefix)
{
	snprintf(there, sizeof(there), "%s/there", prefix);
	snprintf(new, sizeof(new), "%s/new", prefix);
	snprintf(folder, sizeof(folder), "%s/folder", prefix);
	TRY("create", open(new, O_WRONLY | O_CREAT, 0600));
	TRY("creat", creat(new, 0600));
	TRY("write", open(there, O_WRONLY));
	TRY("read and write", open(there, O_RDWR));
	TRY("append", open(there, O_WRONLY | O_APPEND));
	TRY("empty", open(there, O_RDONLY | O_TRUNC));
	TRY("openat2", as_openat2(there, O_WRONLY));
	TRY("openat2 create", as_openat2(new, O_CREAT | O_WRONLY));
	TRY("unnamed made named", named_later());
	TRY("truncate", truncate(there, 0));
	TRY("unlink", unlink(there));
	TRY("rename", rename(there, new));
	TRY("link", link(there, new));
	TRY("symlink", symlink("/etc/passwd", new));
	TRY("mkdir", mkdir(new, 0700));
	TRY("rmdir", rmdir(folder));
	TRY("fifo", mknod(new, S_IFIFO | 0600, 0));
}

static void attributes(void)
{
	TRY("chmod", chmod(there, 0777));
	TRY("chown", chown(there, 1, 1));
	TRY("xattr", setxattr(there, "user.mole", "x", 1, 0));
	TRY("fchmodat2", syscall(452, AT_FDCWD, there, 0777, AT_SYMLINK_NOFOLLOW)); /* Linux 6.6 */
	TRY("capabilities", as_writer());
}

/* What must still work, or the test would pass with everything broken. */
static void reading(void)
{
	TRY("may read", open(there, O_RDONLY));
	TRY("may use an unnamed file", open("/var/tmp", O_TMPFILE | O_RDWR, 0600));
}

static void dig(const char *who)
{
	static int dug;
	const char *wanted = getenv("MOLE_IN"), *prefix = getenv("MOLE_DIR");

	if (!prefix || !wanted || strcmp(wanted, who) != 0 || dug++)
		return;
	network();
	system_wide();
	files(prefix);
	reading();
	if (strcmp(who, "reader") == 0)
		attributes(); /* Landlock does not look at those: seccomp, for readers */
}

struct archive *archive_read_new(void)
{
	struct archive *(*real)(void) = dlsym(RTLD_NEXT, "archive_read_new");

	dig("reader");
	return real();
}

int sqlite3_bind_int64(void *q, int i, long long value)
{
	int (*real)(void *, int, long long) = dlsym(RTLD_NEXT, "sqlite3_bind_int64");

	dig("keeper");
	return real(q, i, value);
}
