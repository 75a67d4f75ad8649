/* SPDX-License-Identifier: MIT */
/* redact_names.c - the originals of one bundle and their replacements; words left alone. */
#include "report/redact_private.h"

#include <stdio.h>

static const char *const kind_names[REDACT_KINDS] = {
	[REDACT_HOST] = "host",	    [REDACT_DOMAIN] = "domain", [REDACT_USER] = "user",
	[REDACT_IPV4] = "ipv4",	    [REDACT_IPV6] = "ipv6",	[REDACT_MAC] = "mac",
	[REDACT_EMAIL] = "email",   [REDACT_ID] = "id",		[REDACT_CGROUP] = "cgroup",
	[REDACT_COMM] = "comm",	    [REDACT_ARGS] = "args",	[REDACT_SECRET] = "secret",
};

const char *redact_kind_name(enum redact_kind k)
{
	return kind_names[k];
}

bool name_boundary(char c)
{
	return !ascii_alpha(c) && !ascii_digit(c) && c != '_' && !((unsigned char)c & 0x80);
}

static bool listed(const char *const *list, size_t n, struct str word)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(str_of(list[i]), word))
			return true;
	}
	return false;
}

bool redact_is_common_word(struct str word)
{
	/* default account and host names of distributions and images, kernel words */
	static const char *const words[] = {
		"localhost", "localdomain", "kernel",  "root",	  "ubuntu",  "debian",	"fedora",
		"centos",    "rocky",	    "arch",    "archlinux", "gentoo", "alpine",	"suse",
		"opensuse",  "linux",	    "admin",   "administrator", "user", "users", "test",
		"guest",     "nobody",	    "daemon",  "mail",	  "docker",  "system",	"memory",
		"vagrant",   "ec2-user",    "cloud",   "core",	  "none",    "null",	"default",
		"local",     "home",	    "lan",     "localnet", "invalid", "example", "com",
		"org",	     "net",	    "node",    "host",	  "server",  "virt",	"qemu",
		"oom",	     "cpu",	    "mem",     "swap",	  "slab",    "task",	"tail",
		"bash",	     "systemd",	    "service", "slice",	  "scope",   "anon",	"file",
		"free",	     "total",	    "limit",   "usage",   "min",     "low",	"high",
		"node0",     "normal",	    "pid",     "uid",	  "name",    "path",	"yes",
		"live",	     "liveuser",    "pi",      "raspberrypi", "buildd", "unknown",
	};

	return listed(words, ARRAY_COUNT(words), word);
}

/* Unit names that say what a machine is, not whose it is. */
static const char *const system_units[] = {
	"init.scope", "system.slice", "user.slice", "machine.slice", "app.slice",
	"session.slice", "background.slice", "docker", "kubepods", "kubepods.slice",
	"kubepods-burstable.slice", "kubepods-besteffort.slice", "burstable", "besteffort",
	"guaranteed", "lxc", "lxc.payload", "lxc.monitor", "libpod_parent", "podman", "kubelet",
	"runtime.slice", "kubelet.service", "containerd.service", "docker.service",
	"crio.service", "docker.socket", "cron.service", "crond.service", "ssh.service",
	"sshd.service", "dbus.service", "dbus-broker.service", "rsyslog.service",
	"NetworkManager.service", "polkit.service", "auditd.service", "chronyd.service",
	"ntpd.service", "libvirtd.service", "snapd.service", "udisks2.service", "gdm.service",
	"sddm.service", "lightdm.service", "cups.service", "bluetooth.service",
	"ModemManager.service", "accounts-daemon.service", "avahi-daemon.service",
	"earlyoom.service", "nohang.service", "atop.service", "oomreport-recorder.service",
	"postgresql.service", "mysql.service", "mysqld.service", "mariadb.service",
	"nginx.service", "apache2.service", "httpd.service", "redis.service",
	"redis-server.service", "memcached.service", "mongod.service", "postfix.service",
	"irqbalance.service", "tuned.service", "firewalld.service", "udev.service",
	"unattended-upgrades.service", "packagekit.service", "rtkit-daemon.service",
	"upower.service", "wpa_supplicant.service", "iscsid.service", "multipathd.service",
	"getty.target", "memory", "cpu", "cpuset", "unified", "pids",
};

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_digit(s.p[i]))
			return false;
	}
	return s.n > 0;
}

bool redact_is_system_unit(struct str c)
{
	static const char *const heads[] = {"systemd-", "user-", "user@", "session-",
					    "getty@",	"serial-getty@", "memory."};

	if (c.n == 0 || all_digits(c) ||
	    listed(system_units, ARRAY_COUNT(system_units), c))
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		if (!str_starts(c, str_of(heads[i])))
			continue;
		/* user-1000.slice, session-3.scope: the number names nobody; user@NAME would */
		if (heads[i][0] == 'u' || heads[i][0] == 's') {
			struct str rest = str_from(c, strlen(heads[i]));
			struct str number;

			if (str_starts(c, STR("systemd-")) || str_starts(c, STR("serial-")))
				return true;
			return take_until(&rest, '.', &number) && number.n <= 10 &&
			       (all_digits(number) ||
				(number.n > 1 && all_digits(str_from(number, 1))));
		}
		return true;
	}
	return false;
}

/* Programs that every other machine runs; "kworker" stands for "kworker/0:1" too. */
static const char *const programs[] = {
	"systemd", "kworker", "ksoftirqd", "migration", "rcu", "kswapd", "kcompactd",
	"khugepaged", "swapper", "kthreadd", "kdevtmpfs", "jbd2", "xfs", "irq/", "cpuhp",
	"oom_reaper", "dbus", "ssh", "cron", "rsyslog", "journal", "auditd", "polkit",
	"udev", "agetty", "login", "bash", "zsh", "sh", "su", "sudo", "dhclient",
	"NetworkManager", "containerd", "docker", "runc", "kubelet", "java", "python",
	"perl", "ruby", "node", "php", "mysqld", "mariadbd", "postgres", "mongod",
	"redis", "nginx", "apache", "httpd", "chrome", "chromium", "firefox", "gnome",
	"plasma", "Xorg", "Xwayland", "kwin", "pulse", "pipewire", "qemu", "libvirt",
	"cc1", "ld", "make", "ninja", "rustc", "clang", "gcc", "tail", "cat", "dd",
	"stress", "tar", "rsync", "snapd", "cups", "avahi", "chrony", "ntp", "init",
};

bool redact_is_system_comm(struct str comm)
{
	for (size_t i = 0; i < ARRAY_COUNT(programs); i++) {
		if (str_starts(comm, str_of(programs[i])))
			return true;
	}
	return false;
}

bool redact_is_program(struct str word)
{
	return listed(programs, ARRAY_COUNT(programs), word);
}

static unsigned head_of(struct str s)
{
	return ((unsigned)(unsigned char)s.p[0] << 8 | (unsigned char)s.p[1]) ^
	       (unsigned)(unsigned char)s.p[2] * 157U;
}

static size_t bucket_of(struct str s)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32) % NAME_BUCKETS;
}

static const struct redact_name *lookup(const struct redact_names *names, struct str s)
{
	const struct redact_name *name = names->buckets[bucket_of(s)];

	while (name && !str_eq(name->original, s))
		name = name->next;
	return name;
}

bool names_gives(const struct redact_names *names, struct str text)
{
	for (size_t i = 0; i < names->n; i++) {
		if (str_eq(names->all[i]->replacement, text))
			return true;
	}
	return false;
}

const struct redact_name *names_at(const struct redact_names *names, struct str s)
{
	size_t longest = NAME_LONGEST, word = 3;
	const struct redact_name *best = NULL;
	unsigned head;

	if (s.n < 3)
		return NULL;
	head = head_of(s) & 0xffff;
	if (!(names->heads[head / 8] & 1U << head % 8))
		return NULL;
	/* no further than the longest name there is */
	while (word > 0 && !names->lengths[word])
		word--;
	if (names->lengths[word])
		longest = word * 64 + 63 - (size_t)__builtin_clzll(names->lengths[word]);
	if (longest > s.n)
		longest = s.n;
	for (size_t n = 3; n <= longest; n++) {
		if (s.p[n - 1] == '\n')
			break;
		if (n < s.n && !name_boundary(s.p[n]))
			continue;
		if (names->lengths[n / 64] >> n % 64 & 1) {
			const struct redact_name *hit = lookup(names, str_sub(s, 0, n));

			best = hit ? hit : best;
		}
	}
	return best;
}

/* "user3", and never a word that is somebody's original. */
static struct str next_replacement(struct redact_names *names, enum redact_kind kind,
				   char made[64])
{
	struct str text;

	do {
		int n = snprintf(made, 64, "%s%llu", kind_names[kind],
				 (unsigned long long)++names->serial[kind]);

		text = (struct str){made, (size_t)n};
	} while (lookup(names, text));
	return text;
}

const struct redact_name *names_add(struct redact_names *names, enum redact_kind kind,
				    struct str original, struct str replacement)
{
	const struct redact_name *old = lookup(names, original);
	struct redact_name *name, **place;
	char made[64];
	size_t bucket;
	unsigned head;

	if (old || original.n < 3 || original.n > NAME_LONGEST || names->n >= NAMES_MAX)
		return old;
	if (!replacement.p)
		replacement = next_replacement(names, kind, made);
	name = arena_take(&names->arena, sizeof(*name));
	if (!name || !arena_str(&names->arena, original, &name->original) ||
	    !arena_str(&names->arena, replacement, &name->replacement))
		return NULL;
	place = arena_grow(&names->arena, (void **)&names->all, &names->n, &names->room,
			   sizeof(struct redact_name *));
	if (!place)
		return NULL;
	*place = name;
	name->kind = kind;
	bucket = bucket_of(original);
	name->next = names->buckets[bucket];
	names->buckets[bucket] = name;
	head = head_of(original) & 0xffff;
	names->heads[head / 8] |= (uint8_t)(1U << head % 8);
	names->lengths[original.n / 64] |= UINT64_C(1) << original.n % 64;
	names->counts[kind]++;
	return name;
}
