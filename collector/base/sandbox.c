/* SPDX-License-Identifier: MIT */
/* sandbox.c - seccomp and Landlock by tables. */
#include "base/sandbox.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

/* ---- seccomp ---- */

#if defined(__x86_64__)
enum { ARCH = AUDIT_ARCH_X86_64 };
#define FILTERED 1
#elif defined(__aarch64__)
enum { ARCH = AUDIT_ARCH_AARCH64 };
#define FILTERED 1
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { ARCH = AUDIT_ARCH_PPC64LE };
#define FILTERED 1
#elif defined(__riscv) && __riscv_xlen == 64
enum { ARCH = AUDIT_ARCH_RISCV64 };
#define FILTERED 1
#elif defined(__i386__)
enum { ARCH = AUDIT_ARCH_I386 };
#define FILTERED 1
#else /* big endian: the halves of an argument lie the other way; others: unknown */
#define FILTERED 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAK_CHECK 1
#endif
#endif

#if FILTERED

enum who { EVERYBODY, READERS };
enum { LOG_READ_ALL = 3, LOG_SIZE_BUFFER = 10 }; /* of syslog(2) */

#define DENY(call, who) {SYS_##call, who}
static const struct denied {
	int call;
	enum who who;
} denied[] = {
	/* the network, and the ways around a filter of calls */
	DENY(socket, EVERYBODY), DENY(connect, EVERYBODY), DENY(bind, EVERYBODY),
	DENY(listen, EVERYBODY), DENY(accept4, EVERYBODY),
#ifdef SYS_accept
	DENY(accept, EVERYBODY),
#endif
#ifdef SYS_socketcall
	DENY(socketcall, EVERYBODY),
#endif
#ifdef SYS_io_uring_setup
	DENY(io_uring_setup, EVERYBODY),
#endif
#ifdef SYS_pidfd_getfd
	DENY(pidfd_getfd, EVERYBODY),
#endif
	/* memory and messages shared with whoever knows the number; they outlive us */
#ifdef SYS_shmget
	DENY(shmget, EVERYBODY), DENY(shmat, EVERYBODY), DENY(shmctl, EVERYBODY),
	DENY(msgget, EVERYBODY), DENY(msgsnd, EVERYBODY), DENY(msgctl, EVERYBODY),
	DENY(semget, EVERYBODY), DENY(semctl, EVERYBODY),
#endif
#ifdef SYS_ipc
	DENY(ipc, EVERYBODY),
#endif
	DENY(mq_open, EVERYBODY), DENY(mq_unlink, EVERYBODY),
	/* what only root may, and never needs to here */
	DENY(bpf, EVERYBODY), DENY(perf_event_open, EVERYBODY), DENY(mount, EVERYBODY),
	DENY(umount2, EVERYBODY), DENY(pivot_root, EVERYBODY), DENY(chroot, EVERYBODY),
	DENY(setns, EVERYBODY), DENY(unshare, EVERYBODY), DENY(init_module, EVERYBODY),
	DENY(finit_module, EVERYBODY), DENY(delete_module, EVERYBODY),
	DENY(kexec_load, EVERYBODY), DENY(reboot, EVERYBODY), DENY(swapon, EVERYBODY),
	DENY(swapoff, EVERYBODY), DENY(sethostname, EVERYBODY), DENY(acct, EVERYBODY),
	DENY(settimeofday, EVERYBODY), DENY(clock_settime, EVERYBODY), DENY(add_key, EVERYBODY),
	DENY(keyctl, EVERYBODY), DENY(request_key, EVERYBODY), DENY(userfaultfd, EVERYBODY),
	DENY(open_by_handle_at, EVERYBODY), DENY(process_vm_readv, EVERYBODY),
	DENY(process_vm_writev, EVERYBODY),
#ifdef SYS_kexec_file_load
	DENY(kexec_file_load, EVERYBODY),
#endif
#ifdef SYS_fsopen
	DENY(fsopen, EVERYBODY), DENY(fspick, EVERYBODY), DENY(fsmount, EVERYBODY),
	DENY(move_mount, EVERYBODY), DENY(open_tree, EVERYBODY),
#endif
#ifdef SYS_mount_setattr
	DENY(mount_setattr, EVERYBODY),
#endif
#ifdef SYS_iopl
	DENY(iopl, EVERYBODY), DENY(ioperm, EVERYBODY),
#endif
#ifndef LEAK_CHECK /* LeakSanitizer looks at its own process so */
	DENY(ptrace, EVERYBODY),
#endif
	/* names, modes and owners of files */
	DENY(mkdirat, READERS), DENY(mknodat, READERS), DENY(unlinkat, READERS),
	DENY(linkat, READERS), DENY(symlinkat, READERS), DENY(renameat2, READERS),
	DENY(fchmodat, READERS), DENY(fchmod, READERS), DENY(fchownat, READERS),
	DENY(fchown, READERS), DENY(utimensat, READERS), DENY(truncate, READERS),
	DENY(setxattr, READERS), DENY(lsetxattr, READERS), DENY(fsetxattr, READERS),
	DENY(removexattr, READERS), DENY(lremovexattr, READERS), DENY(fremovexattr, READERS),
#ifdef SYS_renameat
	DENY(renameat, READERS),
#endif
#ifdef SYS_open /* the calls of old architectures */
	DENY(creat, READERS), DENY(mkdir, READERS), DENY(rmdir, READERS), DENY(mknod, READERS),
	DENY(unlink, READERS), DENY(link, READERS), DENY(symlink, READERS),
	DENY(rename, READERS), DENY(chmod, READERS), DENY(chown, READERS),
	DENY(lchown, READERS), DENY(utime, READERS), DENY(utimes, READERS),
	DENY(futimesat, READERS),
#endif
#ifdef SYS_chown32 /* 32 bits */
	DENY(truncate64, READERS), DENY(chown32, READERS), DENY(lchown32, READERS),
	DENY(fchown32, READERS),
#endif
};

/* Numbers are the same on all architectures from 403 on. What came after Linux 6.1 (fchmodat2(2),
 * setxattrat(2), ...) nobody has looked at here: it is not there, and the C library takes the older
 * call. The calls of x32 are beyond it, too. */
enum { FILTER_LARGEST = 4 * ARRAY_COUNT(denied) + 64, LAST_CALL = 450 /* set_mempolicy_home_node */ };

struct filter {
	struct sock_filter op[FILTER_LARGEST];
	unsigned short n;
};

static void put(struct filter *f, unsigned code, uint32_t k, unsigned yes, unsigned no)
{
	f->op[f->n++] = (struct sock_filter){(uint16_t)code, (uint8_t)yes, (uint8_t)no, k};
}

static void load(struct filter *f, size_t offset)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void refuse(struct filter *f, int errnum)
{
	put(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)errnum, 0, 0);
}

static void refuse_call(struct filter *f, int call, int errnum)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
	refuse(f, errnum);
}

/* The low half of an argument: flags and requests are ints. */
static size_t argument(int i)
{
	return offsetof(struct seccomp_data, args) + (size_t)i * sizeof(uint64_t);
}

/* open(2) and openat(2) for reading, or of an unnamed file, which stays unnamed: no linkat(2). */
static void only_reading(struct filter *f, int call, int flags_at)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 7);
	load(f, argument(flags_at));
	put(f, BPF_ALU | BPF_AND | BPF_K, O_TMPFILE, 0, 0);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, O_TMPFILE, 3, 0);
	load(f, argument(flags_at));
	put(f, BPF_JMP | BPF_JSET | BPF_K, O_ACCMODE | O_CREAT | O_TRUNC, 0, 1);
	refuse(f, EPERM);
	put(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* A call with one of these bits in an argument. */
static void refuse_bits(struct filter *f, int call, int at, unsigned bits)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 4);
	load(f, argument(at));
	put(f, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
	refuse(f, EPERM);
	put(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* clone(2) into a namespace of its own. What clone3(2) is asked for stands behind a pointer: without
 * it the C library takes clone(2). */
static void no_namespace(struct filter *f)
{
#ifdef SYS_clone3
	refuse_call(f, SYS_clone3, ENOSYS);
#endif
	refuse_bits(f, SYS_clone, 0,
		    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC |
			    CLONE_NEWUTS | CLONE_NEWCGROUP);
}

/* One of a pair of datagram sockets can write to any other socket that has a name, as /dev/log. */
static void no_datagrams(struct filter *f)
{
	_Static_assert((SOCK_DGRAM & SOCK_RAW) && !((SOCK_STREAM | SOCK_SEQPACKET) & SOCK_DGRAM),
		       "the bit of datagrams");
	refuse_bits(f, SYS_socketpair, 1, SOCK_DGRAM);
}

/* syslog(2) that reads; it may also empty the kernel's log, and silence the console. */
static void only_reading_the_log(struct filter *f)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_syslog, 0, 5);
	load(f, argument(0));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, LOG_READ_ALL, 2, 0);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, LOG_SIZE_BUFFER, 1, 0);
	refuse(f, EPERM);
	put(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* ioctl(2) that types into a terminal or reads its screen. */
static void no_typing(struct filter *f)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 5);
	load(f, argument(1));
	put(f, BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0);
	put(f, BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 0, 1);
	refuse(f, EPERM);
	put(f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static bool fence_calls(bool reader, bool has_landlock)
{
	static struct filter f;
	struct sock_fprog program = {.filter = f.op};

	f.n = 0;
	load(&f, offsetof(struct seccomp_data, arch));
	put(&f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	refuse(&f, ENOSYS);
	load(&f, offsetof(struct seccomp_data, nr));
	put(&f, BPF_JMP | BPF_JGT | BPF_K, LAST_CALL, 0, 1);
	refuse(&f, ENOSYS);
	for (size_t i = 0; i < ARRAY_COUNT(denied); i++) {
		if (reader || denied[i].who == EVERYBODY)
			refuse_call(&f, denied[i].call, EPERM);
	}
	if (reader) {
#ifdef SYS_openat2 /* its flags are behind a pointer: Landlock looks at it, or it is not there */
		if (!has_landlock)
			refuse_call(&f, SYS_openat2, ENOSYS);
#endif
#ifdef SYS_open
		only_reading(&f, SYS_open, 1);
#endif
		only_reading(&f, SYS_openat, 2);
	}
	no_namespace(&f);
	no_datagrams(&f);
	only_reading_the_log(&f);
	no_typing(&f);
	put(&f, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	program.len = f.n;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

static bool fence_calls(bool reader, bool has_landlock)
{
	(void)reader;
	(void)has_landlock;
	return false;
}

#endif

/* ---- Landlock: numbers of the kernel's interface, which may be newer than our headers ---- */

#ifdef SYS_landlock_create_ruleset

struct ruleset {
	uint64_t files, net, scoped;
};

struct __attribute__((packed)) beneath {
	uint64_t allowed;
	int32_t parent;
};

enum { RULE_PATH_BENEATH = 1, ASK_VERSION = 1, V_REFER = 2, V_TRUNCATE = 3, V_NET = 4, V_SCOPED = 6 };

/* execute, read and list (bits 0, 2, 3) are not handled: they stay as they are */
static const uint64_t write_file = 1 << 1, truncate_file = 1 << 14, refer = 1 << 13,
		      make_and_remove = 0x1ff0, regular = 1 << 5 | 1 << 8;

static void allow(int rules, const char *path, uint64_t what)
{
	CLEANUP_FD int fd = open(path, O_PATH | O_CLOEXEC);
	struct beneath b = {what, fd};

	if (fd >= 0 && syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &b, 0) != 0)
		log_debug("sandbox: %s: %s", path, strerror(errno));
}

static bool fence_files(const char *const *writable)
{
	static const char *const unnamed[] = {"/var/tmp", "/tmp", "."};
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	uint64_t changes = write_file | (version >= V_TRUNCATE ? truncate_file : 0);
	struct ruleset r = {.files = changes | make_and_remove | (version >= V_REFER ? refer : 0),
			    .net = 3, .scoped = 3};
	size_t size = version >= V_SCOPED ? sizeof(r) : version >= V_NET ? 16 : 8;
	CLEANUP_FD int rules = -1;
	bool found = false;

	if (version < 1)
		return false;
	rules = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (rules < 0)
		return false;
	allow(rules, "/dev/null", changes);
	/* where a reader's temporary files are: seccomp sees to it that they are unnamed ones */
	for (size_t i = 0; i < ARRAY_COUNT(unnamed) && !writable && !found; i++) {
		found = access(unnamed[i], W_OK) == 0;
		if (found)
			allow(rules, unnamed[i], changes);
	}
	for (size_t i = 0; writable && writable[i]; i++)
		allow(rules, writable[i], changes | regular);
	return syscall(SYS_landlock_restrict_self, rules, 0) == 0;
}

#else

static bool fence_files(const char *const *writable)
{
	(void)writable;
	return false;
}

#endif

void sandbox_enter(const char *const *writable)
{
	bool files = false, calls = false;

	if (writable) {
		privileges_drop();
		privileges_write(true);
	} else {
		privileges_read_only();
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
		files = fence_files(writable);
		calls = fence_calls(!writable, files);
	}
	log_info("sandbox: system calls %s, files %s", calls ? "fenced" : "not fenced",
		 files ? "fenced" : "not fenced (no Landlock)");
}
