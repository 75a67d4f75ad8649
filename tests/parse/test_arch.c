/* SPDX-License-Identifier: MIT */
/* test_arch.c - which machine printed this stack? */
#include "harness.h"
#include "parse/parse.h"

static const struct {
	const char *name, *line, *arch;
} rows[] = {
	{"32-bit PowerPC", "[f1f0ba10] [c04fc1c8] warn_alloc+0x154/0x2b8", "ppc"},
	{"64-bit PowerPC", "[c00000003fc7b9d0] [c0000000002f3c64] out_of_memory+0x154/0x2b8", "ppc64"},
	{"arm64 names no register", " dump_backtrace+0x0/0x1f8", "arm64"},
	{"... part of the function", " dump_backtrace.part.0+0xc8/0xd4", "arm64"},
	{"... with addresses", "[<ffff000008089f70>] dump_backtrace+0x0/0x158", "arm64"},
	{"... of 39 bits", "[<ffffff9bc0a8a108>] show_stack+0x24/0x30", "arm64"},
	{"... the Raspberry Pi's", "CPU: 1 PID: 7 Comm: a Tainted: G C 6.1.21-v8+ #1642", "arm64"},
	{"arm", "[<c005c174>] (dump_backtrace+0x0/0x10c) from [<c05d4624>] (dump_stack+0x18/0x1c)",
	 "arm"},
	{"RISC-V has addresses like x86", "[<ffffffff80005a3c>] dump_backtrace+0x1c/0x24", "riscv"},
	{"x86 at its place", " [<ffffffff8115a32e>] oom_kill_process+0x24e/0x3b0", "x86_64"},
	{"... at a random one", " [<ffffffffb12e5533>] dump_stack+0x63/0x90", "x86_64"},
	{"... in a module", " [<ffffffffa03b4014>] ? a_read+0x14/0x20 [a]", "x86_64"},
	{"... of 32 bits", " [<c0161f65>] out_of_memory+0x185/0x1c0", "i386"},
	{"... by its kernel", "CPU: 0 PID: 7 Comm: a Not tainted 3.2.0-4-686-pae #1", "i386"},
	{"SPARC", " [<0000000000407714>] sparc64_realfault_common+0x10/0x20", "sparc64"},
	{"s390", "([<0000000000105860>] show_trace+0xe8/0x138)", "s390x"},
	{"nobody's", " out_of_memory+0x185/0x1c0", ""},
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct parser_options options = {0};
		char log[400];
		struct parser *p;
		int n = snprintf(log, sizeof(log),
				 "a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n%s\n",
				 rows[i].line);

		check(n > 0 && (size_t)n < sizeof(log));
		check(parser_new(&p, &options, NULL) == 0);
		check(parser_feed(p, str_of(log), NULL) == 0);
		check(parser_finish(p, NULL) == 0);
		if (!str_eq(parser_facts(p)->arch, str_of(rows[i].arch)))
			fprintf(stderr, "%s:\n", rows[i].name);
		check_str(parser_facts(p)->arch, str_of(rows[i].arch));
		parser_free(p);
	}
	return tests_done();
}
