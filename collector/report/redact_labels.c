/* SPDX-License-Identifier: MIT */
/* redact_labels.c - what people call their things: shares, exported folders, volume groups, volumes,
 * file systems, wireless networks; and containers that are named like them. Names that installers
 * give ("ubuntu-vg", "root", "export") say nothing of anybody, and stay. */
#include "report/redact_private.h"

bool redact_is_usual(struct str name)
{
	static const char *const usual[] = {
		"lvroot", "lvhome", "lvswap", "lvvar", "lvdata", "lv_root", "lv_home", "lv_swap", "lv_var",
		"lv_tmp", "lv_usr", "lv_opt", "lv_data", "rootlv", "homelv", "swaplv", "varlv", "tmplv", "usrlv",
		"root_lv", "rootvg", "vgroot", "vgdata", "vg_root", "vg_data", "vgsys", "vgsystem", "sysvg",
		"datavg", "vg_system", "volgroup", "lvol", "logvol", "swap_1", "home", "var", "tmp", "usr", "opt",
		"srv", "data", "boot", "log", "logs", "audit", "system", "rpool", "bpool", "zroot", "tank",
		"userdata", "almalinux", "rhel", "rocky", "pve", "thin", "thinpool", "tpool", "tdata", "tmeta",
		"cache", "real", "cow", "metadata", "export", "exports", "share", "shares", "public", "vol",
		"volume", "volumes", "volume1", "mnt", "media", "backup", "backups", "storage", "nfs", "nfs4",
		"ipc", "print", "netlogon", "sysvol", "homes", "profiles", "printers", "projects", "rootfs",
		"cloudimg", "uefi", "efi", "esp", "bios", "writable", "casper", "boot-efi", "data1", "data2",
		"linux-swap", "live", "live-rw", "live-base", "install", "repo", "images", "iso", "isos",
		"kdump", "crash", "dumps", "ubuntu-vg", "ubuntu-lv", "debian-vg", "cloudimg-rootfs", "eduroam",
		"hdd", "ssd", "nvme", "raid", "disk", "array", "cluster", "scratch", "work", "software",
	};
	struct str bare = name;

	while (bare.n && (ascii_digit(bare.p[bare.n - 1]) || bare.p[bare.n - 1] == '-' ||
			  bare.p[bare.n - 1] == '_'))
		bare.n--; /* "data-01" */
	return redact_listed(usual, ARRAY_COUNT(usual), name) ||
	       redact_listed(usual, ARRAY_COUNT(usual), bare) || redact_is_common_word(bare) ||
	       redact_is_ordinary_word(bare) || redact_is_program(bare);
}

/* "sda3", "dm-0", "eth0", "wlp2s0": the kernel and udev call things so. */
static bool is_device(struct str name)
{
	static const struct str heads[] = {
		STR_INIT("sd"), STR_INIT("hd"),	  STR_INIT("vd"),   STR_INIT("xvd"),  STR_INIT("nvme"),
		STR_INIT("dm-"), STR_INIT("md"),  STR_INIT("loop"), STR_INIT("sr"),   STR_INIT("zram"),
		STR_INIT("eth"), STR_INIT("en"),  STR_INIT("wl"),   STR_INIT("ww"),   STR_INIT("br"),
		STR_INIT("nbd"), STR_INIT("rbd"), STR_INIT("drbd"), STR_INIT("mmcblk"), STR_INIT("tty"),
		STR_INIT("pmem"), STR_INIT("dasd"), STR_INIT("mpath"), STR_INIT("ram"), STR_INIT("fd"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		struct str rest = str_from(name, heads[i].n);
		size_t digits = 0;

		if (!str_starts(name, heads[i]) || rest.n > 8)
			continue;
		for (size_t k = 0; k < rest.n; k++)
			digits += ascii_digit(rest.p[k]);
		if (digits > 0 || rest.n == 1)
			return true;
	}
	return false;
}

/* Is there a word in it that people, not the kernel's reports, are made of? "Out of memory" is no
 * network of somebody's. */
static bool says_something(struct str name)
{
	while (name.n) {
		size_t n = 0, letters = 0;

		while (n < name.n && name.p[n] != ' ') {
			letters += ascii_alpha(name.p[n]) || (unsigned char)name.p[n] >= 0x80;
			n++;
		}
		if (letters >= 3 && !redact_is_usual(str_sub(name, 0, n)))
			return true;
		name = str_from(name, n + 1);
	}
	return false;
}

int redact_learn_label(struct redactor *r, struct str name, struct err *err)
{
	name = redact_core(name);
	if (!says_something(name) || redact_is_usual(name) || is_device(name))
		return 0;
	return redact_learn(r, REDACT_LABEL, name, err);
}

/* ---- containers, tunnels ---- */

size_t redact_piece(struct str s)
{
	size_t n = 0;

	while (n < s.n && (!name_boundary(s.p[n]) || memchr(".-+", s.p[n], 3) || (unsigned char)s.p[n] >= 0x80))
		n++;
	return n;
}

/* "122]: anna/10.0.0.1:1194 ...": who is at the other end. */
int redact_learn_tunnel(struct redactor *r, struct str at, struct err *err)
{
	struct str pid, name;
	uint8_t ip[4];

	if (!take_until_lit(&at, STR("]: "), &pid))
		return 0;
	name = str_sub(at, 0, redact_piece(at));
	at = str_from(at, name.n);
	return take_char(&at, '/') && pattern_ipv4(at, '.', ip) ? redact_learn(r, REDACT_USER, name, err) : 0;
}

/* "anna [27/Nov/2026:...": who is named in a web server's log. */
int redact_learn_visitor(struct redactor *r, struct str at, struct err *err)
{
	struct str name = str_sub(at, 0, redact_piece(at));
	uint64_t day;

	at = str_from(at, name.n);
	return take_lit(&at, STR(" [")) && take_u64(&at, &day) && take_char(&at, '/') && name.n > 1
		       ? redact_learn(r, REDACT_USER, name, err)
		       : 0;
}

/* kubelet: pod="namespace/name" */
int redact_learn_pod(struct redactor *r, struct str at, struct err *err)
{
	do {
		if (redact_learn(r, REDACT_CGROUP, str_sub(at, 0, redact_piece(at)), err) != 0)
			return -1;
		at = str_from(at, redact_piece(at));
	} while (take_char(&at, '/'));
	return 0;
}

/* CRI-O: "ID: namespace/pod/container" */
int redact_learn_created(struct redactor *r, struct str at, struct err *err)
{
	struct str id;

	return take_word(&at, &id) && take_char(&at, ' ') ? redact_learn_pod(r, at, err) : 0;
}

/* "qemu-3-payroll", as systemd-machined calls a virtual machine. */
int redact_learn_machine(struct redactor *r, struct str at, struct err *err)
{
	struct str head;
	uint64_t number;

	at.n = redact_piece(at);
	if (at.n && at.p[at.n - 1] == '.')
		at.n--;
	if (!take_until(&at, '-', &head) || !take_u64(&at, &number) || !take_char(&at, '-'))
		return 0;
	return redact_learn(r, REDACT_CGROUP, at, err);
}

/* ---- units ---- */

/* Templates of distributions: their instances are the kernel's devices and modules, numbers, versions. */
static bool is_usual_template(struct str name)
{
	static const char *const usual[] = {
		"modprobe", "ifup", "ifdown", "dhclient", "dhcpcd", "wpa_supplicant", "lvm2-pvscan", "netctl",
		"netctl-auto", "container-getty", "autovt", "mdadm-last-resort", "mdcheck", "e2scrub", "fsck",
		"cryptsetup", "veritysetup", "bcache", "zfs-scrub", "btrfs-scrub", "iscsi", "nvmf-connect", "drbd",
		"sshd", "ssh", "dropbear", "telnet", "usbmuxd", "bluetooth", "pppd", "rfcomm", "mdmonitor",
		"blk-availability", "initrd", "dracut", "rpm-ostree", "kexec", "sysstat", "vboxdrv", "ipsec", "x11vnc",
	};

	return redact_listed(usual, ARRAY_COUNT(usual), name);
}

static int learn_unit(struct redactor *r, struct str unit, struct err *err)
{
	struct str instance = unit, template;

	if (!take_until(&instance, '@', &template))
		return redact_is_usual(unit) ? 0 : redact_learn(r, REDACT_CGROUP, unit, err);
	if (is_usual_template(template))
		return 0;
	if (!redact_is_usual(template) && redact_learn(r, REDACT_CGROUP, template, err) != 0)
		return -1;
	return is_device(instance) || instance.n < 3 || ascii_digit(instance.p[0]) || redact_is_usual(instance)
		       ? 0
		       : redact_learn(r, REDACT_CGROUP, instance, err);
}

/* systemd: "payroll.service - Payroll run", "backup@anna.timer: Deactivated"; its own and the
 * distributions' units say nothing of anybody. */
int redact_learn_unit(struct redactor *r, struct str at, struct err *err)
{
	static const struct str kinds[] = {STR_INIT(".service"), STR_INIT(".socket"), STR_INIT(".timer")};
	size_t n = 0;
	struct str unit;

	while (n < at.n && (redact_piece(str_sub(at, n, 1)) || at.p[n] == '@' || at.p[n] == '\\'))
		n++;
	unit = str_sub(at, 0, n);
	while (unit.n && unit.p[unit.n - 1] == '.')
		unit.n--; /* "Starting x.service..." */
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (str_ends(unit, kinds[i]) && !redact_is_system_unit(unit))
			return learn_unit(r, str_sub(unit, 0, unit.n - kinds[i].n), err);
	}
	return 0;
}

/* ---- volumes ---- */

/* Words of "vg/lv". */
int redact_learn_volumes(struct redactor *r, struct str at, struct err *err)
{
	struct str word, group;

	while (take_word(&at, &word) && take_until(&word, '/', &group)) {
		if (redact_learn_label(r, group, err) != 0 ||
		    redact_learn_label(r, str_sub(word, 0, redact_piece(word)), err) != 0)
			return -1;
		skip_blanks(&at);
	}
	return 0;
}

/* Mapped by something that has no names of people: dm-crypt under a UUID, multipath, Docker. */
static bool is_mapped_otherwise(struct str name)
{
	static const struct str heads[] = {STR_INIT("luks-"), STR_INIT("mpath"), STR_INIT("crypt"),
					   STR_INIT("docker-"), STR_INIT("live-"), STR_INIT("control")};

	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		if (str_starts(name, heads[i]))
			return true;
	}
	return str_find(name, STR("_crypt")) != SIZE_MAX || is_device(name);
}

static size_t hyphen_at(struct str s)
{
	return str_starts(s, STR("-")) ? 1 : pattern_hyphen(s);
}

/* One of "vg--a-lv" of device-mapper: a hyphen of a name is doubled; systemd writes "\x2d" for one. */
static void take_mapped(struct str *at, struct buf *ret)
{
	buf_clear(ret);
	while (ret->n < NAME_LONGEST) {
		size_t one = hyphen_at(*at), two = one ? hyphen_at(str_from(*at, one)) : 0;

		if (one) {
			*at = str_from(*at, one + two);
			if (two == 0)
				return; /* between two names */
			buf_addc(ret, '-');
		} else if (at->n && redact_piece(str_sub(*at, 0, 1))) {
			buf_addc(ret, at->p[0]);
			*at = str_from(*at, 1);
		} else {
			at->n = 0;
			return;
		}
	}
}

/* Of a unit's name. */
static struct str without_ending(struct str name)
{
	static const struct str endings[] = {STR_INIT(".device"), STR_INIT(".swap"), STR_INIT(".mount")};

	for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
		if (str_ends(name, endings[i]))
			name.n -= endings[i].n;
	}
	return name;
}

int redact_learn_mapped(struct redactor *r, struct str at, struct err *err)
{
	CLEANUP_BUF struct buf name = BUF_INIT(2 * NAME_LONGEST);

	if (is_mapped_otherwise(at))
		return 0;
	for (int part = 0; part < 2; part++) {
		take_mapped(&at, &name);
		if (redact_learn_label(r, without_ending(buf_str(&name)), err) != 0)
			return -1;
	}
	return 0;
}

/* "by-id/ata-MAKER_MODEL_SERIAL-part1": the number is behind the last underscore. */
static int learn_disk(struct redactor *r, struct str at, struct err *err)
{
	struct str name = str_sub(at, 0, redact_piece(at));
	size_t part = str_find(name, STR("-part")), last;

	if (str_starts(name, STR("dm-name-")))
		return redact_learn_mapped(r, str_from(name, 8), err);
	name.n = part < name.n ? part : name.n;
	last = str_rfind(name, STR("_"));
	name = str_from(name, last == SIZE_MAX ? name.n : last + 1);
	return name.n >= 8 && str_find_char(name, '.') == SIZE_MAX ? redact_learn(r, REDACT_ID, name, err) : 0;
}

/* Behind "/dev/": "mapper/vg-lv", "vg/lv", "disk/by-id/...". */
int redact_learn_device(struct redactor *r, struct str at, struct err *err)
{
	static const char *const folders[] = {
		"disk", "mqueue", "pts", "shm", "hugepages", "net", "input", "snd", "dri", "bus", "block", "char",
		"cpu", "fd", "vfio", "md", "infiniband", "usb", "serial", "v4l", "etherd", "cciss", "ida", "rd",
		"raw", "mtd", "dma_heap", "accel", "bsg", "loop", "nvme-fabrics", "virtio-ports", "rbd", "drbd",
	};
	struct str folder = str_sub(at, 0, redact_piece(at)), name;

	at = str_from(at, folder.n);
	if (folder.n == 0 || !take_char(&at, '/'))
		return 0;
	if (str_eq(folder, STR("mapper")))
		return redact_learn_mapped(r, at, err);
	if (str_eq(folder, STR("disk")) && take_lit(&at, STR("by-id/")))
		return learn_disk(r, at, err);
	name = str_sub(at, 0, redact_piece(at));
	if (name.n == 0 || redact_listed(folders, ARRAY_COUNT(folders), folder))
		return 0;
	return redact_learn_label(r, folder, err) != 0 ? -1 : redact_learn_label(r, name, err);
}

/* "anna/HOLIDAY": what udisks mounts below /media and /run/media. */
int redact_learn_medium(struct redactor *r, struct str at, struct err *err)
{
	static const char *const usual[] = {"cdrom", "floppy", "usb", "dvd", "cdrom0", "cdrom1"};
	struct str user = str_sub(at, 0, redact_piece(at));

	at = str_from(at, user.n);
	if (!take_char(&at, '/') || redact_piece(at) == 0 || redact_is_usual(user) ||
	    redact_listed(usual, ARRAY_COUNT(usual), user))
		return 0;
	return redact_learn(r, REDACT_USER, user, err) != 0
		       ? -1
		       : redact_learn_label(r, str_sub(at, 0, redact_piece(at)), err);
}

/* ---- of other machines ---- */

/* "//usr/lib" is a path with a slash too many. */
static bool is_top_folder(struct str name)
{
	static const char *const folders[] = {"usr", "etc", "var", "home", "dev", "proc", "sys", "run", "tmp", "opt",
					      "srv", "mnt", "lib", "lib64", "bin", "sbin", "boot", "root", "media"};

	return redact_listed(folders, ARRAY_COUNT(folders), name);
}

static bool take_slashes(struct str *at)
{
	size_t n = 0;

	while (n < at->n && n < 4 && (at->p[n] == '/' || at->p[n] == '\\'))
		n++;
	*at = str_from(*at, n);
	return n > 0;
}

/* Behind the slashes of "//server/share", in either direction, also doubled as an escape. */
int redact_learn_share(struct redactor *r, struct str at, struct err *err)
{
	struct str host, share;
	size_t n = 0;

	(void)take_slashes(&at);
	host = str_sub(at, 0, redact_piece(at));
	at = str_from(at, host.n);
	if (host.n == 0 || name_boundary(host.p[0]) || is_top_folder(host) || !take_slashes(&at))
		return 0;
	if (redact_learn_host(r, host, err) != 0)
		return -1;
	while (n < at.n && !memchr("/\\\"',;:", at.p[n], 7) && !ascii_blank(at.p[n]))
		n++;
	share = str_sub(at, 0, n);
	return redact_learn_label(r, share, err);
}

/* Of "server:/folder/folder", or of a pool: folders are called after what is in them. */
static int learn_folders(struct redactor *r, struct str path, struct err *err)
{
	struct str one;

	while (path.n) {
		size_t slash = str_find_char(path, '/');

		one = str_sub(path, 0, slash);
		if (redact_learn_label(r, one, err) != 0)
			return -1;
		path = str_from(path, one.n + 1);
	}
	return 0;
}

int redact_learn_export(struct redactor *r, struct str at, struct err *err)
{
	struct str source, host;

	if (!take_word(&at, &source))
		return 0;
	source.n = str_find_char(source, ',') < source.n ? str_find_char(source, ',') : source.n;
	if (!take_until_lit(&source, STR(":/"), &host))
		return 0;
	if (redact_learn_host(r, redact_core(host), err) != 0)
		return -1;
	return learn_folders(r, source, err);
}

/* rclone: "copy /x remote:path/path" */
int redact_learn_remotes(struct redactor *r, struct str at, struct err *err)
{
	struct str word, remote;

	for (; take_word(&at, &word); skip_blanks(&at)) {
		if (!ascii_alpha(word.p[0]) || !take_until(&word, ':', &remote) || redact_piece(remote) != remote.n ||
		    remote.n < 2 || str_starts(word, STR("//")) || (word.n && ascii_digit(word.p[0])))
			continue;
		if (redact_learn_label(r, remote, err) != 0 || learn_folders(r, word, err) != 0)
			return -1;
	}
	return 0;
}

/* File systems of other machines; the host stands in front of ":/", or between slashes. */
static bool is_remote(struct str type)
{
	static const char *const types[] = {"nfs", "nfs4", "cifs", "smb3", "ceph", "lustre",
					    "fuse.sshfs", "fuse.glusterfs"};

	return redact_listed(types, ARRAY_COUNT(types), type);
}

/* "nas:/export /mnt nfs4 ...", "anna@nas:/x /mnt fuse.sshfs ...", "//nas/share /mnt cifs ..." and
 * "pool/set /mnt zfs" of a table of mounts. */
int redact_learn_mount(struct redactor *r, struct str line, struct err *err)
{
	struct str source, path, folder, type, host, user;
	bool remote;

	if (!take_word(&line, &source))
		return 0;
	path = source;
	remote = take_lit(&path, STR("//")) ? take_until(&path, '/', &host)
					    : take_until_lit(&path, STR(":/"), &host);
	if (!remote && str_find_char(source, '/') == SIZE_MAX)
		return 0;
	if (!take_char(&line, ' ') || !take_word(&line, &folder) || folder.p[0] != '/' ||
	    !take_char(&line, ' ') || !take_word(&line, &type))
		return 0;
	if (!remote || !is_remote(type))
		return str_eq(type, STR("zfs")) ? learn_folders(r, source, err) : 0;
	if (take_until(&host, '@', &user) && redact_learn(r, REDACT_USER, user, err) != 0)
		return -1;
	if (redact_learn_host(r, redact_core(host), err) != 0) /* "[2001:db8::1]" */
		return -1;
	return learn_folders(r, path, err);
}
