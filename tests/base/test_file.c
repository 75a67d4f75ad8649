/* SPDX-License-Identifier: MIT */
/* test_file.c - nothing leads out of the root; a published file is whole or absent. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "harness.h"

static char dir[] = "/tmp/oomreport-test-XXXXXX";

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	check(f != NULL);
	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

/* Which of them are followed; `other`: somebody else's, who would send root to what only he reads. */
static void links(const struct root *r)
{
	static const struct {
		const char *name, *to;
	} made[] = {
		{"r/link", "/etc/small"},	   {"r/chain", "link"},
		{"r/folder", "./etc"},		   {"r/etc/up", "../etc/./small"},
		{"r/round", "round"},		   {"r/by", "folder/../etc/up"},
		{"r/high", "../../../etc/small"}, {"r/other", "etc/small"},
		{"r/other-folder", "etc"},	   {"r/by-other", "other-folder/small"},
	};
	static const struct {
		const char *path;
		int flags, errnum;
	} rows[] = {
		{"/link", 0, 0},	   {"/chain", 0, 0},		 {"/folder/small", 0, 0},
		{"/folder//up", 0, 0},	   {"/by", 0, 0},		 {"/high", 0, 0},
		{"/round", 0, ELOOP},	   {"/link", O_NOFOLLOW, ELOOP}, {"/folder/none", 0, ENOENT},
		{"/link/x", 0, ENOTDIR},   {"/other", 0, ELOOP},	 {"/other-folder/small", 0, ELOOP},
		{"/by-other", 0, ELOOP},   {"/folder/../../../etc/up", 0, 0},
	};
	char text[9] = "";

	for (size_t i = 0; i < ARRAY_COUNT(made); i++) {
		check(symlink(made[i].to, made[i].name) == 0);
		if (strncmp(made[i].name, "r/other", 7) == 0)
			(void)!lchown(made[i].name, 12345, 12345);
	}
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		bool others = geteuid() != 0 && strstr(rows[i].path, "other"); /* they are ours then */
		CLEANUP_FD int fd = root_openat(r, rows[i].path, O_RDONLY | rows[i].flags);
		int errnum = fd < 0 ? errno : 0;

		check_int(errnum, others ? 0 : rows[i].errnum);
		check(fd < 0 || (read(fd, text, 8) == 8 && strcmp(text, "12345678") == 0));
	}
}

static void below_root(void)
{
	CLEANUP_ROOT struct root r = ROOT_CLOSED;
	CLEANUP_BUF struct buf b = BUF_INIT(8);
	struct err err = {0};
	int errnum = 0, fd;

	check(chdir(dir) == 0 && mkdir("r", 0700) == 0 && mkdir("r/etc", 0700) == 0);
	write_file("r/etc/small", "12345678");
	write_file("r/etc/large", "123456789");
	write_file("secret", "outside");
	check(symlink("../../../../secret", "r/etc/out") == 0);
	check(mkfifo("r/fifo", 0600) == 0);
	check_ok(root_open(&r, "r", &err), err);
	check(!root_is_live(&r));
	check_int(file_read(&r, "/etc/small", &b, &errnum), READ_ALL);
	check_str(buf_str(&b), STR("12345678"));
	buf_clear(&b);
	check_int(file_read(&r, "/etc/large", &b, &errnum), READ_CUT);
	check_str(buf_str(&b), STR("12345678"));
	buf_clear(&b);
	check_int(file_read(&r, "/etc/out", &b, &errnum), READ_ERROR);
	links(&r);
	fd = root_openat(&r, "/fifo", O_RDONLY); /* returns at once */
	check(fd >= 0);
	fd_close(&fd);
}

static int count_files(void)
{
	DIR *d = opendir(".");
	struct dirent *entry;
	int n = 0;

	while (d && (entry = readdir(d)))
		n += entry->d_type == DT_REG;
	if (d)
		closedir(d);
	return n;
}

static void publishing(void)
{
	struct publish p = PUBLISH_CLOSED;
	struct err err = {0};
	int before = count_files();

	check_ok(publish_open(&p, "result", &err), err);
	check(write(p.fd, "one", 3) == 3);
	check(access("result", F_OK) != 0);
	publish_abort(&p);
	check_int(count_files(), before);
	check_ok(publish_open(&p, "./result", &err), err);
	check_ok(publish_commit(&p, false, 0644, &err), err);
	check_int(count_files(), before + 1);
	check_ok(publish_open(&p, "result", &err), err);
	check(publish_commit(&p, false, 0644, &err) == -1);
	check(err.hint[0] != '\0');
	err = (struct err){.code = ERR_NONE};
	write_file(".oomreport-1-0.tmp", "left by a killed run");
	check_ok(publish_open(&p, "result", &err), err);
	check(access(".oomreport-1-0.tmp", F_OK) != 0);
	check(write(p.fd, "two", 3) == 3);
	check_ok(publish_commit(&p, true, 0644, &err), err);
	check_int(count_files(), before + 1);
	check(publish_open(&p, "no/such/dir/x", &err) == -1);
}

int main(void)
{
	check(mkdtemp(dir) != NULL);
	below_root();
	publishing();
	if (chdir("/") == 0) {
		char rm[] = "rm", flags[] = "-rf";
		char *const argv[] = {rm, flags, dir, NULL};

		if (fork() == 0) {
			execvp(argv[0], argv);
			_exit(127);
		}
	}
	return tests_done();
}
