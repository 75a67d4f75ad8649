/* SPDX-License-Identifier: MIT */
/* arch.c - the architecture, told by words that only its kernels print: registers, entry
 * points, the compiler of the banner, the shape of addresses.
 */
#include "parse/rows.h"

static const struct {
	struct str words, arch;
} clues[] = {
	/* more telling ones first */
	{STR_INIT("el0_svc"), STR_INIT("arm64")},
	{STR_INIT("el0_sync"), STR_INIT("arm64")},
	{STR_INIT("el1_irq"), STR_INIT("arm64")},
	{STR_INIT("el1h_64"), STR_INIT("arm64")},
	{STR_INIT("el0t_64"), STR_INIT("arm64")},
	{STR_INIT("__arm64_sys"), STR_INIT("arm64")},
	{STR_INIT("__primary_switched"), STR_INIT("arm64")},
	{STR_INIT("cv daif"), STR_INIT("arm64")}, /* pstate: 60400009 (nZCv daif +PAN ...) */
	{STR_INIT("cv daIf"), STR_INIT("arm64")},
	{STR_INIT("aarch64-linux"), STR_INIT("arm64")},
	{STR_INIT(".aarch64"), STR_INIT("arm64")},
	{STR_INIT("unwind_backtrace"), STR_INIT("arm")},
	{STR_INIT("ret_fast_syscall"), STR_INIT("arm")},
	{STR_INIT("__irq_svc"), STR_INIT("arm")},
	{STR_INIT(" from [<"), STR_INIT("arm")},
	{STR_INIT("ARMv7 Processor"), STR_INIT("arm")},
	{STR_INIT("ARMv6-compatible"), STR_INIT("arm")},
	{STR_INIT("arm-linux-gnueabi"), STR_INIT("arm")},
	{STR_INIT("-v7+ #"), STR_INIT("arm")}, /* of the Raspberry Pi's kernels */
	{STR_INIT("-v7l+ #"), STR_INIT("arm")},
	{STR_INIT("-armmp"), STR_INIT("arm")},
	{STR_INIT("-v8+ #"), STR_INIT("arm64")},
	{STR_INIT("-arm64 #"), STR_INIT("arm64")},
	{STR_INIT("] dump_backtrace+0x0/"), STR_INIT("arm64")},
	{STR_INIT("] dump_backtrace+"), STR_INIT("riscv")},
	{STR_INIT("dump_backtrace+"), STR_INIT("arm64")}, /* arm's: (dump_backtrace+...) from [< */
	{STR_INIT("dump_backtrace."), STR_INIT("arm64")},
	{STR_INIT("[<ffffff8"), STR_INIT("arm64")},
	{STR_INIT("[<ffffff9"), STR_INIT("arm64")},
	{STR_INIT("[<ffffffc0"), STR_INIT("arm64")},
	{STR_INIT("[<ffff00000"), STR_INIT("arm64")},
	{STR_INIT("[<ffff80001"), STR_INIT("arm64")},
	{STR_INIT("walk_stackframe+"), STR_INIT("riscv")},
	{STR_INIT("riscv64"), STR_INIT("riscv")},
	{STR_INIT("riscv-virtio"), STR_INIT("riscv")},
	{STR_INIT("sparc64_"), STR_INIT("sparc64")},
	{STR_INIT("Krnl PSW"), STR_INIT("s390x")},
	{STR_INIT("([<0"), STR_INIT("s390x")},
	{STR_INIT("s390x-"), STR_INIT("s390x")},
	{STR_INIT(".s390x #"), STR_INIT("s390x")},
	{STR_INIT("[<a0000001"), STR_INIT("ia64")},
	{STR_INIT(" bsp=e0"), STR_INIT("ia64")},
	{STR_INIT(".show_stack+"), STR_INIT("ppc64")},
	{STR_INIT("[c0000000"), STR_INIT("ppc64")},
	{STR_INIT(".ppc64"), STR_INIT("ppc64")},
	{STR_INIT("-ppc64el"), STR_INIT("ppc64")},
	{STR_INIT("-powerpc64"), STR_INIT("ppc64")},
	{STR_INIT("] [c0"), STR_INIT("ppc")}, /* [f2ffb9f0] [c04fb9b8] warn_alloc+0x154/0x2b8 */
	{STR_INIT("parisc"), STR_INIT("parisc")},
	{STR_INIT("IAOQ"), STR_INIT("parisc")},
	{STR_INIT("Stack from 0"), STR_INIT("m68k")},
	{STR_INIT("epc   : "), STR_INIT("mips")},
	{STR_INIT("[<80"), STR_INIT("mips")},
	{STR_INIT("entry_SYSCALL_64"), STR_INIT("x86_64")},
	{STR_INIT("do_syscall_64"), STR_INIT("x86_64")},
	{STR_INIT("asm_exc_page_fault"), STR_INIT("x86_64")},
	{STR_INIT("asm_sysvec_"), STR_INIT("x86_64")},
	{STR_INIT("ret_from_fork_asm"), STR_INIT("x86_64")},
	{STR_INIT("system_call_fastpath"), STR_INIT("x86_64")},
	{STR_INIT("RIP: 00"), STR_INIT("x86_64")},
	{STR_INIT("RIP  [<"), STR_INIT("x86_64")},
	{STR_INIT("RAX: 0"), STR_INIT("x86_64")},
	{STR_INIT("<ffffffff"), STR_INIT("x86_64")},
	{STR_INIT("x86_64-linux-gnu-gcc"), STR_INIT("x86_64")},
	{STR_INIT(".x86_64 #"), STR_INIT("x86_64")},
	{STR_INIT("-amd64 #"), STR_INIT("x86_64")},
	{STR_INIT("-686 #"), STR_INIT("i386")},
	{STR_INIT("-686-pae #"), STR_INIT("i386")},
	{STR_INIT(".i686 #"), STR_INIT("i386")},
	{STR_INIT("EIP: "), STR_INIT("i386")},
	{STR_INIT("EAX: "), STR_INIT("i386")},
	{STR_INIT("entry_SYSENTER_32"), STR_INIT("i386")},
	{STR_INIT("entry_INT80_32"), STR_INIT("i386")},
	{STR_INIT("sysenter_past_esp"), STR_INIT("i386")},
	{STR_INIT("startup_32_smp"), STR_INIT("i386")},
	{STR_INIT("[<c0"), STR_INIT("i386")},
};

/* What all stacks end in: entry points of system calls, faults and interrupts, what new tasks and the
 * kernel itself begin with (arch/.../kernel/entry*.S, head*.S). */
bool arch_is_outermost(struct str symbol)
{
	static const struct str begins[] = {
		STR_INIT("entry_"), STR_INIT("asm_"), STR_INIT("ret_from_"), STR_INIT("ret_fast_"),
		STR_INIT("kthread"), STR_INIT("kernel_thread"), STR_INIT("child_rip"),
		STR_INIT("el0"), STR_INIT("el1"), STR_INIT("__primary_"), STR_INIT("__secondary_"),
		STR_INIT("secondary_"), STR_INIT("start_"), STR_INIT("startup_"),
		STR_INIT("x86_64_start"), STR_INIT("common_startup"), STR_INIT("i386_start"),
		STR_INIT("cpu_idle"), STR_INIT("cpu_startup"), STR_INIT("rest_init"),
		STR_INIT("syscall"), STR_INIT("sysc_"), STR_INIT("system_call"), STR_INIT("sysenter"),
		STR_INIT("sysret"), STR_INIT("sys_call"), STR_INIT("linux_sys"), STR_INIT("tracesys"),
		STR_INIT("ia32_sys"), STR_INIT("int_ret"), STR_INIT("stub_"), STR_INIT("vector_"),
		STR_INIT("__irq_"), STR_INIT("__dabt_"), STR_INIT("handle_"), STR_INIT("common_interrupt"),
		STR_INIT("page_fault"), STR_INIT("async_page_fault"), STR_INIT("error_code"),
		STR_INIT("error_exit"), STR_INIT("apic_timer"), STR_INIT("pgm_"), STR_INIT("io_int"),
		STR_INIT("do_fast_syscall"), STR_INIT("data_access"), STR_INIT("hardware_interrupt"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(begins); i++) {
		if (str_starts(symbol, begins[i]))
			return true;
	}
	return false;
}

void note_arch(struct parser *p, struct str text)
{
	enum { MOST_TRIES = 5000 };

	if (text.n < 6 || text.n > 400 || p->host->known->arch_tries++ > MOST_TRIES)
		return;
	for (size_t i = 0; i < ARRAY_COUNT(clues); i++) {
		if (str_find(text, clues[i].words) != SIZE_MAX) {
			p->host->known->facts.arch = clues[i].arch;
			return;
		}
	}
}
