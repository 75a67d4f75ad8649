/* SPDX-License-Identifier: MIT */
/* privileges.c - capabilities by the plain system calls; libcap would be one more library. */
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sandbox.h"

#define BIT(cap) (UINT64_C(1) << (cap))

/* CAP_SYS_NICE and CAP_SYS_RESOURCE: to go before others for a moment in a storm, and to be
 * spared by the OOM killer no longer than needed. */
static const uint64_t reading = BIT(CAP_SYSLOG) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_PTRACE) |
				BIT(CAP_SYS_NICE) | BIT(CAP_SYS_RESOURCE),
		      writing = BIT(CAP_DAC_OVERRIDE) | BIT(CAP_CHOWN) | BIT(CAP_FOWNER) |
				BIT(CAP_SETUID) | BIT(CAP_SETGID);

struct sets {
	uint64_t effective, permitted;
};

static bool get(struct sets *ret)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) != 0)
		return false;
	ret->effective = d[0].effective | (uint64_t)d[1].effective << 32;
	ret->permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	return true;
}

static bool set(const struct sets *s)
{
	struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct d[2] = {
		{(uint32_t)s->effective, (uint32_t)s->permitted, 0},
		{(uint32_t)(s->effective >> 32), (uint32_t)(s->permitted >> 32), 0},
	};

	return syscall(SYS_capset, &h, d) == 0;
}

/* Only these from now on, for what is started, too; `now` of them at work. */
static void keep(uint64_t kept, uint64_t now)
{
	struct sets s;

	if (!get(&s) || !s.permitted)
		return;
	for (unsigned cap = 0; cap < 64; cap++) {
		if (!(BIT(cap) & kept))
			(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	}
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	s.permitted &= kept;
	s.effective = s.permitted & now;
	if (set(&s))
		log_info("capabilities: reading only");
	else
		log_info("capabilities: kept, %s", strerror(errno));
}

void privileges_drop(void)
{
	keep(reading | writing, reading);
}

void privileges_read_only(void)
{
	keep(BIT(CAP_SYSLOG) | BIT(CAP_DAC_READ_SEARCH), ~UINT64_C(0));
}

void privileges_write(bool now)
{
	struct sets s;

	if (!get(&s))
		return;
	s.effective = s.permitted & (now ? reading | writing : reading);
	(void)set(&s);
}
