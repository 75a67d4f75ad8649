/* SPDX-License-Identifier: MIT */
/* redact_words.c - words that are left alone, or replaced only in a place that says what they
 * are. */
#include "report/redact_private.h"

bool redact_listed(const char *const *list, size_t n, struct str word)
{
	char first = word.n ? ascii_lower(word.p[0]) : '\0';

	for (size_t i = 0; i < n; i++) {
		if (ascii_lower(list[i][0]) == first && str_eq_nocase(str_of(list[i]), word))
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
		"oomreport", "android",
	};

	return redact_listed(words, ARRAY_COUNT(words), word);
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
	"apt-daily.service", "apt-daily-upgrade.service", "logrotate.service", "man-db.service", "fwupd.service",
	"dnf-makecache.service", "plocate-updatedb.service", "mlocate-updatedb.service", "apparmor.service",
	"geoclue.service", "colord.service", "thermald.service", "power-profiles-daemon.service",
	"switcheroo-control.service", "kdump.service", "kdump-tools.service", "sysstat.service",
	"smartd.service", "smartmontools.service", "mdmonitor.service", "lvm2-monitor.service", "nscd.service",
	"rpcbind.service", "nfs-server.service", "smbd.service", "nmbd.service", "winbind.service",
	"sssd.service", "qemu-guest-agent.service", "open-vm-tools.service", "vmtoolsd.service",
	"cloud-init.service", "cloud-config.service", "cloud-final.service", "k3s.service", "php-fpm.service",
	"display-manager.service", "plymouth-start.service", "plymouth-quit.service", "rc-local.service",
	"getty.target", "app-graphical.slice", "memory", "cpu", "cpuset", "unified", "pids", "cpuacct", "cpu,cpuacct",
	"blkio", "devices", "freezer", "hugetlb", "net_cls", "net_prio", "net_cls,net_prio",
	"perf_event", "rdma", "misc", "elogind", "openrc", "cgroup", "systemd", "init", "container", "supervisor",
	"payload", "kube-system", "kube-proxy", "kube-public", "coredns", "etcd", "POD", "istio-proxy",
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
	/* the last four begin the names of files that every group has */
	static const char *const heads[] = {"org.gnome.", "org.kde.", "org.freedesktop.", "run-u", "run-r",
					    "systemd-", "user-", "user@", "session-",
					    "getty@",	"serial-getty@", "memory.",
					    "cgroup.",	"pids.",	 "hugetlb."};

	if (c.n == 0 || all_digits(c) ||
	    redact_listed(system_units, ARRAY_COUNT(system_units), c))
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

/* Programs that every other machine runs; "kworker" stands for "kworker/0:1" too, but not for a
 * "kworkers" of somebody. */
static const char *const programs[] = {
	"systemd", "kworker", "ksoftirqd", "migration", "rcu", "kswapd", "kcompactd",
	"khugepaged", "swapper", "kthreadd", "kdevtmpfs", "jbd2", "xfs", "xfsaild", "irq", "cpuhp",
	"oom_reaper", "dbus", "ssh", "sshd", "cron", "crond", "rsyslog", "rsyslogd", "journal",
	"auditd", "polkit", "polkitd", "udev", "udevd", "agetty", "getty", "login", "bash", "zsh",
	"sh", "dash", "su", "sudo", "dhclient", "NetworkManager", "containerd", "docker", "dockerd",
	"runc", "conmon", "podman", "crio", "kubelet", "java", "python", "perl", "ruby", "node",
	"php", "mysqld", "mariadbd", "postgres", "mongod", "redis", "memcached", "nginx", "apache",
	"httpd", "chrome", "chromium", "firefox", "gnome", "plasma", "plasmashell", "Xorg",
	"Xwayland", "kwin", "pulse", "pulseaudio", "pipewire", "wireplumber", "qemu", "libvirt",
	"libvirtd", "cc1", "cc1plus", "ld", "make", "ninja", "rustc", "cargo", "clang", "gcc", "tail",
	"cat", "dd", "stress", "tar", "rsync", "snapd", "cups", "cupsd", "avahi", "chrony", "chronyd",
	"ntp", "ntpd", "init", "earlyoom", "nohang", "oomreport", "master", "pickup", "qmgr",
	"irqbalance", "multipathd", "lvmetad", "dmeventd", "rpcbind", "nfsd", "smbd", "winbindd",
	"gmake", "cmake", "ctest", "ccache", "cc", "as", "ar", "cpp", "git", "grep", "sed", "awk", "gawk",
	"mawk", "find", "sort", "xargs", "timeout", "sleep", "flock", "less", "vi", "vim", "nano", "emacs",
	"top", "htop", "ps", "curl", "wget", "scp", "sftp", "gzip", "xz", "bzip2", "zstd", "perf", "tmux",
	"screen", "dpkg", "apt", "rpm", "dnf", "yum", "zypper", "pacman", "ksmd", "khungtaskd", "watchdog",
	"watchdogd", "kdamond", "kblockd", "kcryptd", "kmemleak", "scsi_eh", "nvme", "ext4", "btrfs", "md0",
	"loop0", "dm_bufio_cache", "txg_sync", "arc_reclaim", "psimon", "khvcd", "rpciod", "lockd", "drbd",
	"sssd", "atop", "sadc", "sd-pam", "dnsmasq", "haproxy", "named", "tuned", "firewalld", "upowerd",
	"accounts-daemon", "ModemManager", "rtkit", "udisksd", "packagekitd", "kauditd",
};

bool redact_is_system_comm(struct str comm)
{
	for (size_t i = 0; i < ARRAY_COUNT(programs); i++) {
		struct str program = str_of(programs[i]);

		if (str_starts(comm, program) &&
		    (comm.n == program.n || !ascii_alpha(comm.p[program.n])))
			return true;
	}
	return false;
}

bool redact_is_program(struct str word)
{
	return redact_listed(programs, ARRAY_COUNT(programs), word);
}
