/* SPDX-License-Identifier: MIT */
/* test_redact_learn.c - where names are found: in lines of logs, tables of mounts, the machine's files;
 * and one name in all its spellings. */
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "report/report.h"

static struct redactor *redactor(void)
{
	struct redactor *r = NULL;
	struct err err = {0};

	check_ok(redact_new(&r, REDACT_STANDARD, &err), err);
	check_ok(redact_learn(r, REDACT_DOMAIN, STR("corp.example.net"), &err), err);
	return r;
}

/* {a line of a log, what must be somebody's name after it, or NULL: nothing is learned} */
static const struct {
	const char *line, *name;
} marked[] = {
	{"sshd[5]: Invalid user dora from 10.0.0.1", "dora"},
	{"sshd[5]: Connection closed by invalid user dora 10.0.0.1 port 22 [preauth]", "dora"},
	{"sshd[5]: Disconnected from authenticating user dora 10.0.0.1 port 5", "dora"},
	{"sshd[5]: Disconnected from user dora 10.0.0.1 port 5", "dora"},
	{"sshd[5]: Accepted keyboard-interactive/pam for dora from ::1", "dora"},
	{"pam_sss(sshd:auth): received; tty=ssh ruser= rhost=ws7.x user=dora", "dora"},
	{"pam_unix(su:session): session opened for user dora(uid=7) by root", "dora"},
	{"systemd[1]: Started Session 4 of User dora.", "dora"},
	{"systemd-logind[5]: New session c1 of user dora.", "dora"},
	{"su[5]: (to root) dora on pts/1", "dora"},
	{"login[5]: LOGIN ON tty1 BY dora", "dora"},
	{"slapd: dn uid=dora,ou=people,dc=x", "dora"},
	{"sudo: dora : user NOT in sudoers ; TTY=pts/0 ; PWD=/", "dora"},
	{"audit: acct=\"root\" hostname=dora addr=10.0.0.1 res=1", "dora"},
	{"dora@nas7:/x /mnt fuse.sshfs rw 0 0", "dora"},
	{"anna@dora:/x /mnt fuse.sshfs rw 0 0", "dora"},
	{"dora:/vol /mnt fuse.glusterfs rw 0 0", "dora"},
	{"app: user dora logged in", "dora"},
	{"app: User 'dora' logged in from 10.0.0.1", "dora"},
	{"app: dora logged in", "dora"},
	{"winbindd: CORP\\dora logged in", "dora"},
	{"app: login failed for user dora", "dora"},
	{"postgres: FATAL: password authentication failed for user \"dora\"", "dora"},
	{"mysqld: Access denied for user 'dora'@'10.0.0.1'", "dora"},
	{"mysqld: Access denied for user 'root'@'dora'", "dora"},
	{"app: user=dora action=login", "dora"},
	{"app: POST /x?a=b&username=dora", "dora"},
	{"app: {\"user\":\"dora\"}", "dora"},
	{"app: {\"username\": \"dora\"}", "dora"},
	{"app: {\"host\":\"dora\"}", "dora"},
	{"app: <user>dora</user>", "dora"},
	{"sshd[5]: User dora from 10.0.0.1 not allowed because not listed in AllowUsers", "dora"},
	{"sshd[5]: reverse mapping checking getaddrinfo for dora.example [10.0.0.1] failed.", "dora"},
	{"sudo[5]: pam_unix(sudo:auth): authentication failure; logname=dora uid=0 ruser= rhost=", "dora"},
	{"sudo[5]: root : TTY=pts/0 ; PWD=/ ; USER=dora ; COMMAND=/bin/true", "dora"},
	{"web su[5]: (to dora) root on pts/1", "dora"},
	{"crontab[5]: (dora) LIST (root)", "dora"},
	{"crontab[5]: (root) BEGIN EDIT (dora)", "dora"},
	{"login[5]: FAILED LOGIN (1) on '/dev/tty1' FOR 'dora', Authentication failure", "dora"},
	{"dovecot: imap-login: Login: user=<dora>, method=PLAIN", "dora"},
	{"dovecot: imap(dora)<5><x>: Logged out", "dora"},
	{"postfix/smtpd[5]: client=x, sasl_method=LOGIN, sasl_username=dora", "dora"},
	{"nginx: 10.0.0.1 - dora [27/Nov/2026:10:00:00 +0000] \"GET /\"", "dora"},
	{"nginx: open() failed, client: 10.0.0.1, server: dora, request", "dora"},
	{"slapd: BIND dn=\"cn=Dora Olm,ou=staff,dc=x\"", "Dora Olm"},
	{"openvpn[5]: dora/10.0.0.1:1194 MULTI: Learn", "dora"},
	{"openvpn[5]: 10.0.0.1:1194 [dora] Peer Connection Initiated", "dora"},
	{"smbd[5]: dora (ipv4:10.0.0.1:5) connect to service x", "dora"},
	{"useradd[5]: new user: name=dora, UID=1010", "dora"},
	{"passwd[5]: password for 'dora' changed by 'root'", "dora"},
	{"vsftpd: [dora] OK LOGIN: Client \"10.0.0.1\"", "dora"},
	{"proftpd: x - USER dora: Login successful.", "dora"},
	{"polkitd: authenticated as unix-user:dora to gain", "dora"},
	{"xrdp-sesman: access granted: username dora, ip 10.0.0.1", "dora"},
	{"sshd[5]: Postponed publickey for dora from 10.0.0.1 port 5 ssh2 [preauth]", "dora"},
	{"sshd[5]: error: maximum authentication attempts exceeded for dora from 10.0.0.1 port 5 ssh2", "dora"},
	{"sshd[5]: User dora not allowed because account is locked", "dora"},
	{"sshd[5]: Close session: user dora from 10.0.0.1 port 5 id 0", "dora"},
	{"sshd[5]: Timeout, client not responding from user dora 10.0.0.1 port 5", "dora"},
	{"sshd[5]: Authorized to dora, krb5 principal x (krb5_kuserok)", "dora"},
	{"sshd[5]: pam_tally2(sshd:auth): user dora (1000) tally 5, deny 3", "dora"},
	{"sftp-server[5]: session opened for local user dora from [10.0.0.1]", "dora"},
	{"sudo[5]: pam_unix(sudo:session): session opened for user root(uid=0) by dora(uid=1000)", "dora"},
	{"web sudo[5]:     dora : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh", "dora"},
	{"web sudo: dora : problem with defaults entries ; TTY=unknown ; PWD=/", "dora"},
	{"sudo[5]: pam_unix(sudo:auth): auth could not identify password for [dora]", "dora"},
	{"su[5]: Successful su for root by dora", "dora"},
	{"su[5]: + /dev/pts/1 dora:root\n", "dora"},
	{"userdel[5]: removed group 'wheel2' owned by 'dora'", "dora"},
	{"usermod[5]: add 'dora' to group 'docker'", "dora"},
	{"gpasswd[5]: user dora added by root to group wheel", "dora"},
	{"chage[5]: changed password expiry for dora", "dora"},
	{"passwd[5]: pam_unix(passwd:chauthtok): password changed for dora", "dora"},
	{"CROND[5]: (dora) CMDOUT (done)", "dora"},
	{"crontab[5]: (root) RELOAD (crontabs/dora)", "dora"},
	{"cron[5]: (dora) WRONG FILE OWNER (x)", "dora"},
	{"anacron[5]: Job `cron.daily' terminated (mailing output to dora)", "dora"},
	{"smbd[5]: Auth: user [CORP]\\[dora] at [x] workstation [PC1]", "dora"},
	{"smbd[5]: Auth: user [x]\\[root] at [x] workstation [dora] remote", "dora"},
	{"smbd[5]: Authentication for user [root] -> [dora] FAILED", "dora"},
	{"postgres[5]: FATAL:  role \"dora\" does not exist", "dora"},
	{"mysqld[5]: Aborted connection 5 to db: 'shop' user: 'dora' host: '10.0.0.1'", "dora"},
	{"mysqld[5]: Aborted connection 5 to db: 'shop' user: 'root' host: 'dora'", "dora"},
	{"dovecot: auth: passwd(dora,10.0.0.1): unknown user", "dora"},
	{"httpd[5]: AH01617: user dora: authentication failure for \"/\"", "dora"},
	{"openvpn[5]: authentication succeeded for username 'dora'", "dora"},
	{"charon: 05[IKE] XAuth authentication of 'dora' successful", "dora"},
	{"radiusd[5]: (5) Login OK: [dora] (from client ap port 0)", "dora"},
	{"audit: res=failed' UID=\"root\" AUID=\"dora\"", "dora"},
	{"app: User dora logged out", "dora"},
	{"app: {\"user_name\":\"dora\"}", "dora"},
	{"app: userName=dora", "dora"},
	{"app: C:\\Users\\dora\\x", "dora"},
	{"udisksd[5]: Mounted /dev/sdb1 at /run/media/dora/STICK on behalf of uid 1000", "dora"},
	{"/dev/sdb1 /media/anna/dorapics vfat rw 0 0", "dorapics"},
	{"app: cannot read /var/spool/mail/dora: no space", "dora"},
	{"dora\tsoft\tnofile 5", "dora"},
	{"@dora - as 1000", "dora"},
	{"ssh dora@nas7", "dora"},
	{"rsyncd[5]: rsync on backup/ from dora@nas7 (10.0.0.1)", "dora"},
	{"kernel.domainname = dora.x", "dora.x"},
	{"docker-compose[5]: Container dora-web-1  Started", "dora-web-1"},
	/* machines */
	{"dnsmasq-dhcp[5]: DHCPACK(eth0) 10.0.0.5 52:54:00:12:34:56 dora", "dora"},
	{"dhcpd[5]: DHCPREQUEST for 10.0.0.5 from 52:54:00:12:34:56 (dora) via eth0", "dora"},
	{"dhcpd[5]: DHCPACK on 10.0.0.5 to 52:54:00:12:34:56 (dora) via eth0", "dora"},
	{"dnsmasq[5]: query[AAAA] dora from 10.0.0.5", "dora"},
	{"dnsmasq[5]: reply dora is 10.0.0.5", "dora"},
	{"avahi-daemon[5]: Host name conflict, retrying with dora", "dora"},
	{"avahi-daemon[5]: Server startup complete. Host name is dora.local. Local service", "dora"},
	{"systemd-resolved[5]: Using system hostname 'dora'.", "dora"},
	{"systemd[1]: Hostname set to <dora>.", "dora"},
	{"systemd-hostnamed[5]: Changed host name to 'dora'", "dora"},
	{"NetworkManager[5]: <info> dhcp4 (eth0): option host_name            => 'dora'", "dora"},
	{"NetworkManager[5]: <info> dhcp4 (eth0): option domain_name          => 'dora.lan'", "dora.lan"},
	{"ssh[5]: ssh: Could not resolve hostname dora: Name or service not known", "dora"},
	{"app: curl: (6) Could not resolve host: dora", "dora"},
	{"app: ping: dora: Temporary failure in name resolution", "dora"},
	{"app: Error: getaddrinfo ENOTFOUND dora", "dora"},
	{"app: dial tcp: lookup dora on 10.0.0.1:53: no such host", "dora"},
	{"app: java.net.UnknownHostException: dora", "dora"},
	{"app: could not translate host name \"dora\" to address: x", "dora"},
	{"app: connect to dora:5432 failed: Connection refused", "dora"},
	{"app: Failed to connect to dora port 443: Connection timed out", "dora"},
	{"postfix/smtpd[5]: connect from dora[10.0.0.1]", "dora"},
	{"postfix/smtp[5]: A1: to=<x>, relay=dora[10.0.0.1]:25, delay=1", "dora"},
	{"nmbd[5]: Samba name server dora is now a local master browser", "dora"},
	{"pacemaker-controld[5]: notice: Node dora state is now member", "dora"},
	{"login[5]: ROOT LOGIN ON tty1 FROM dora", "dora"},
	{"chronyd[5]: Selected source 10.0.0.1 (dora)", "dora"},
	{"nslcd[5]: failed to bind to LDAP server ldap://dora/: x", "dora"},
	{"app: GET http://anna@dora:8080/x", "dora"},
	{"kernel: lockd: server dora not responding, timed out", "dora"},
	{"kernel: Command line: ro ip=10.0.0.5:::255.255.255.0:dora:eth0:off", "dora"},
	{"kernel: Command line: ro systemd.hostname=dora", "dora"},
	{"kernel.hostname = dora", "dora"},
	{"/dev/md/dora:0 /md ext4 rw 0 0", "dora"},
	{"SSH=\"root@x\" NFS=\"dora:/var/crash\"", "dora"},
	/* groups */
	{"systemd[1]: dorad.service: A process of this unit has been killed by the OOM killer.", "dorad"},
	{"systemd[1]: dorad.service: Failed with result 'oom-kill'.", "dorad"},
	{"dockerd[5]: msg=\"cleaning up\" container_name=dorad", "dorad"},
	{"containerd[5]: for &ContainerMetadata{Name:dorad,Attempt:0,}", "dorad"},
	{"crio[5]: Created container 0a: dorans/dorapod/x", "dorapod"},
	{"libvirtd[5]: Domain dorad has been paused", "dorad"},
	{"systemd[1]: Started dorad.service - Nightly run.", "dorad"},
	{"systemd[1]: Starting dorad.service...", "dorad"},
	{"systemd[1]: Failed to start dorad.service - Nightly run.", "dorad"},
	{"systemd[1]: dorad.timer: Deactivated successfully.", "dorad"},
	{"systemd[1]: Started backup@dorad.service - Backup.", "dorad"},
	{"systemd[1]: Stopped dorad@prod7.service.", "dorad"},
	{"_SYSTEMD_UNIT=dorad.service", "dorad"},
	{"{\"_SYSTEMD_UNIT\":\"dorad.service\"}", "dorad"},
	{"app: owner=dora size=5", "dora"},
	{"app: GET /x?a=b&account=dora", "dora"},
	{"app: {\"account\":\"dora\"}", "dora"},
	{"app: {\"owner\": \"dora\"}", "dora"},
	{"sso: userid=dora granted", "dora"},
	{"sso: user_id=dora granted", "dora"},
	{"switch: username dora privilege 15 secret 9 x", "dora"},
	{"@SOFT_ACTION_RE_CGROUP_V1 ^/x.slice/dorad.service$ /// true", "dorad"},
	{"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=dorad,mems_allowed=0", "dorad"},
	/* things */
	{"wpa_supplicant: wlan0: Trying to associate with SSID 'Dora Net'", "Dora Net"},
	{"wpa_supplicant: trying 52:54:00:12:34:56 (SSID='Dora Net' freq=2412 MHz)", "Dora Net"},
	{"wpa_supplicant: CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid=\"Dora Net\" auth_failures=1", "Dora Net"},
	{"NetworkManager: Config: added 'ssid' value 'Dora Net'", "Dora Net"},
	{"NetworkManager: device (wlan0): Activation: starting connection 'Dora Net' (x)", "Dora Net"},
	{"NetworkManager: policy: set 'Dora Net' (wlan0) as default for IPv4 routing and DNS", "Dora Net"},
	{"NetworkManager: (wifi) access point 'Dora Net' has security", "Dora Net"},
	{"NetworkManager: Connected to wireless network \"Dora Net\"", "Dora Net"},
	{"NetworkManager: audit: op=\"connection-activate\" uuid=\"x\" name=\"Dora Net\"", "Dora Net"},
	{"iwd[5]: event: connect-info, ssid: Dora Net, bss: 52:54:00:12:34:56, signal: -60", "Dora Net"},
	{"ssid=Dora Net", "Dora Net"},
	{"charon: 05[IKE] IKE_SA dora-net[5] established", "dora-net"},
	{"lvm: 2 logical volume(s) in volume group \"vgdora\" now active", "vgdora"},
	{"lvm: PV /dev/sdb online, VG vgdora is complete.", "vgdora"},
	{"kernel: BTRFS: device label doradata devid 1 transid 5 /dev/sda", "doradata"},
	{"zed[5]: class=scrub_finish pool='doraset'", "doraset"},
	{"//10.0.0.1/x /mnt cifs rw,vers=3.0,domain=DORANET,addr=10.0.0.1 0 0", "DORANET"},
	{"postgres[5]: FATAL:  database \"doradb\" does not exist", "doradb"},
	{"ID_SERIAL_SHORT=S3Z2NB0K", "S3Z2NB0K"},
	{"bmc: psu 1 SN=S3Z2NB0K ok", "S3Z2NB0K"},
	{"bmc: psu 1 SN: S3Z2NB0K", "S3Z2NB0K"},
	{"sh: rclone copy /srv/data doradrive:bucket", "doradrive"},
	{"sh: rclone ls drive7:dorafolder/x", "dorafolder"},
	{"kernel: Command line: rd.lvm.lv=root/lvdora ro", "lvdora"},
	{"/dev/mapper/vg--dora-root / ext4 rw 0 0", "vg-dora"},
	{"/dev/mapper/root-lv--dora / ext4 rw 0 0", "/dev/mapper/root-lv--dora"},
	{"/dev/mapper/vg0-lvdora / ext4 rw 0 0", "lvdora"},
	{"systemd[1]: Found device dev-mapper-vgdora\\x2droot.device", "vgdora"},
	{"/dev/vgdora/root / ext4 rw 0 0", "vgdora"},
	{"kernel: root=LABEL=DORADATA ro", "DORADATA"},
	{"//10.0.0.1/Dora$ /mnt cifs rw 0 0", "dora"},
	{"10.0.0.1:/export/dora /mnt nfs4 rw 0 0", "dora"},
	{"doraset/data /data zfs rw 0 0", "doraset"},
	{"kernel: CIFS: Attempting to mount //10.0.0.1/dora", "dora"},
	{"kernel: CIFS: VFS: \\\\10.0.0.1\\dora Send error in SessSetup = -13", "dora"},
	{"app: smb://10.0.0.1/dora/x", "dora"},
	{"kernel: nfsroot=10.0.0.1:/srv/dora ro", "dora"},
	{"smbd[5]: x connect to service dora initially as user y", "dora"},
	{"podman: container create (image=docker.io/library/redis:7, name=dora_redis)", "dora_redis"},
	{"kubelet[5]: \"Error syncing pod\" pod=\"default/dora-7d9f8b6c5\" podUID=x", "dora-7d9f8b6c5"},
	{"systemd-machined[5]: New machine qemu-1-dora.", "dora"},
	{"smartd[5]: Device: /dev/sda [SAT], S/N:S3Z2NB0K, FW:R", "S3Z2NB0K"},
	{"app: /dev/disk/by-id/ata-Samsung_SSD_860_S3Z2NB0K-part1", "/dev/disk/by-id/x_S3Z2NB0K"},
	{"kernel: root=PARTUUID=1a2b3c4d-01 ro", "1a2b3c4d-01"},
	/* nobody's, and nothing of anybody */
	{"kernel: usb usb1: SerialNumber: xhci-hcd.2.auto", NULL},
	{"udevd[5]: specified user 'tss' unknown", NULL},
	{"app: UUID=14251226_1.5.2.3.1", NULL},
	{"kernel: PCI - bus [0000:00], map - mem [3]", NULL},
	{"app: no username password, twice", NULL},
	{"app: the user has already logged in, 3 users logged in", NULL},
	{"/dev/mapper/ubuntu--vg-ubuntu--lv / ext4 rw 0 0", NULL},
	{"/dev/mapper/luks-x /dev/mapper/sda3_crypt /dev/disk/by-id/x /dev/vg0/root /dev/pts/0", NULL},
	{"kernel: see //usr/lib/x, ratio 3 // 4", NULL},
	{"app: ssid=\"Out of memory\" access point 'Killed process'", NULL},
	{"app: pod=\"kube-system/coredns\" container=\"nginx\"", NULL},
	{"nas /mnt ext4, a/b c d", NULL},
	{"kernel: 12 pages copied from user space 0", NULL},
	{"kernel: invalid user pointer 0x12 by x", NULL},
	{"kernel: mapped for user access", NULL},
	{"kernel: oom uid=1000,gid=5 user=1000", NULL},
	{"audit: AUID=\"unset\" UID=\"root\"", NULL},
	{"systemd[1]: nginx.service: Failed with result 'oom-kill'.", NULL},
	{"systemd[1]: systemd-journald.service: Main process exited, code=killed", NULL},
	{"app: connect to 10.0.0.1:80, connection to [::1]:80, connected to port 5, http://localhost/ file:///x", NULL},
	{"kernel: Node 0 DMA free:1kB, Node 1 state is now online", NULL},
	{"dhcpd: DHCPACK(eth0) 10.0.0.5 52:54:00:12:34:56", NULL},
	{"kernel: a - memlock 5, soft nofile", NULL},
	{"systemd[1]: Started nginx.service - x, Started Session 4, Started Daily cleanup of y.", NULL},
	{"systemd[1]: Finished modprobe@drm.service - Load Kernel Module drm.", NULL},
	{"systemd[1]: Started ifup@eth0.service, Started getty@tty1.service - Getty on tty1.", NULL},
	{"kernel: owner=5 account=7 userid=1000 user_id=0, BTRFS error owner 5", NULL},
	{"sh: rclone copy /a /b --bwlimit 08:00", NULL},
};

static void names_in_logs(void)
{
	for (size_t i = 0; i < ARRAY_COUNT(marked); i++) {
		struct redactor *r = NULL;
		struct err err = {0};
		bool learned;

		check_ok(redact_new(&r, REDACT_STANDARD, &err), err);
		check_ok(redact_learn_text(r, str_of(marked[i].line), &err), err);
		learned = redact_count(r, REDACT_USER) + redact_count(r, REDACT_HOST) + redact_count(r, REDACT_LABEL) +
				  redact_count(r, REDACT_CGROUP) + redact_count(r, REDACT_ID) + redact_count(r, REDACT_DOMAIN) > 0;
		check(learned == (marked[i].name != NULL));
		if (learned != (marked[i].name != NULL))
			fprintf(stderr, "%s\n", marked[i].line);
		if (marked[i].name && redact_leak(r, str_of(marked[i].name), REDACT_LINES) < 0) {
			fprintf(stderr, "%s: %s is not known\n", marked[i].line, marked[i].name);
			check(false);
		}
		redact_free(r);
	}
}

/* One name, as a URL, JSON, an old log and a shouting person write it. */
static void letters_beyond_ascii(void)
{
	struct redactor *r = redactor();
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	check_ok(redact_learn(r, REDACT_USER, STR("j\xc3\xbcrgen"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("\xe7\x94\xb0\xe4\xb8\xad"), &err), err);
	check_ok(redact_text(r, STR("J\xc3\x9cRGEN j%c3%bcrgen \"j\\u00fcrgen\" j\xfcrgen /home/j\xc3\xbcrgen/x "
				    "\xe7\x94\xb0\xe4\xb8\xad \xe3\x81\x95\xe7\x94\xb0\xe4\xb8\xad."),
			     REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("user1 user1 \"user1\" user1 /home/user1/x user2 \xe3\x81\x95user2."));
	/* an accent apart, capitals of it, a unit's name, a table of mounts, a string in a string */
	buf_clear(&out);
	check_ok(redact_text(r, STR("ju\xcc\x88rgen JU\xcc\x88RGEN ju%CC%88rgen \"ju\\u0308rgen\" home-j\\xc3\\xbcrgen.mount "
				    "j\\303\\274rgen \"j\\\\u00fcrgen\""),
			     REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("user1 user1 user1 \"user1\" home-user1.mount user1 \"user1\""));
	buf_clear(&out);
	check_ok(redact_text(r, STR("{\"v\": \"home-j\\\\xc3\\\\xbcrgen.mount \\u00fc\"}"), REDACT_JSON, &out, &count, &err), err);
	check_str(buf_str(&out), STR("{\"v\": \"home-user1.mount \\u00fc\"}"));
	/* learned apart, and one that begins with such a letter */
	check_ok(redact_learn(r, REDACT_USER, STR("zoe\xcc\x88"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("\xc5\xa0imon"), &err), err);
	check_ok(redact_learn(r, REDACT_HOST, STR("build-7"), &err), err);
	buf_clear(&out);
	check_ok(redact_text(r, STR("zo\xc3\xab ZO\xc3\x8b \xc5\xa1imon \\xc5\\xa0imon %C5%A0imon build\\x2d7"),
			     REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("user3 user3 user4 user4 user4 host1"));
	redact_free(r);
}

/* A volume has one name, however device-mapper and systemd write its hyphens. */
static void volumes(void)
{
	static const char text[] =
		"/dev/mapper/vg--dora-lv--shop /srv ext4 rw 0 0\n"
		"systemd: dev-mapper-vg\\x2d\\x2ddora\\x2dlv\\x2d\\x2dshop.device, dev-vg\\x2ddora-lv\\x2dshop.device\n"
		"lvm: vg-dora/lv-shop, /dev/vg-dora/lv-shop, VG-DORA, /dev/mapper/vg--dora-root\n"
		"//nas9/Dora$ /mnt/dora cifs rw 0 0\nCIFS: \\\\nas9\\Dora$ gone\n";
	static const char want[] =
		"/dev/mapper/label1-label2 /srv ext4 rw 0 0\n"
		"systemd: dev-mapper-label1\\x2dlabel2.device, dev-label1-label2.device\n"
		"lvm: label1/label2, /dev/label1/label2, label1, /dev/mapper/label1-root\n"
		"//host1/label3$ /mnt/label3 cifs rw 0 0\nCIFS: \\\\host1\\label3$ gone\n";
	struct redactor *r = redactor();
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	check_ok(redact_learn_text(r, STR(text), &err), err);
	check_ok(redact_text(r, STR(text), REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR(want));
	redact_free(r);
}

/* Thousands of domains, and an LDAP server that writes one in each line. */
static void many_domains(void)
{
	enum { DOMAINS = 3000, LINES = 100000 };
	struct redactor *r = redactor();
	CLEANUP_BUF struct buf text = BUF_INIT(64 * LINES), out = BUF_INIT(64 * LINES);
	struct err err = {0};
	uint64_t count = 0;

	for (int i = 0; i < DOMAINS; i++) {
		char name[32];
		int n = snprintf(name, sizeof(name), "site%d.example.net", i);

		check_ok(redact_learn(r, REDACT_DOMAIN, (struct str){name, (size_t)n}, &err), err);
	}
	buf_addz(&text, "dc=corp,dc=x dc=SITE7,dc=example,dc=net\n");
	for (int i = 0; i < LINES; i++)
		buf_addz(&text, "dc=nowhere,dc=net\n");
	check_ok(redact_text(r, buf_str(&text), REDACT_LINES, &out, &count, &err), err);
	check(str_starts(buf_str(&out), STR("dc=domain1,dc=x dc=domain")));
	check(str_find(str_sub(buf_str(&out), 0, 60), STR(",dc=domain2,dc=net\n")) != SIZE_MAX);
	check_int((int64_t)count, 3);
	redact_free(r);
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	check(f != NULL);
	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

static void machine(void)
{
	char dir[] = "/tmp/oomreport-redact-XXXXXX";
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	CLEANUP_BUF struct buf out = BUF_INIT(4096), map = BUF_INIT(1 << 16);
	struct redactor *r = NULL;
	struct err err = {0};
	uint64_t count = 0;
	json_t *doc;

	check_ok(redact_new(&r, REDACT_STANDARD, &err), err);
	check_ok(redact_learn(r, REDACT_HOST, STR("(none)"), &err), err);
	check_int(redact_leak(r, STR("(none)\n"), REDACT_LINES), -1);
	redact_free(r);
	check(mkdtemp(dir) && chdir(dir) == 0 && mkdir("etc", 0700) == 0);
	put("etc/hostname", "zeus.olymp.lan\n");
	put("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	put("etc/hosts", "127.0.0.1 localhost\n10.9.9.9 hera.olymp.lan hera # comment athena\n");
	put("etc/resolv.conf", "search styx.lan\nnameserver 10.9.9.1\n");
	put("etc/passwd", "root:x:0:0::/root:/bin/sh\nares:x:1000:1000:Ares Panther,,,:/home/ares:/bin/sh\n"
			  "sshd:x:110:1::/run:/bin/false\n");
	check_ok(root_open(&root, ".", &err), err);
	check_ok(redact_new(&r, REDACT_STANDARD, &err), err);
	check_ok(redact_learn_root(r, &root, &err), err);
	check_ok(redact_learn_text(r, STR("Jan  2 15:04:05 apollo sshd[12]: hello\n"
					  "session opened for user sshd(uid=1) of user hermes.\n"
					  "Accepted publickey for dionysos from ::1\n"
					  "  hestia : TTY=pts/0 ; (demeter) CMD (x)\n"
					  "nfs: server filer7 not responding, CIFS: \\\\fs9 error\n"
					  "usb 1-1: SerialNumber: 4C530001\n"
					  "usb 1-2: SerialNumber: 0000\nusb 1-3: SerialNumber: 123456\n"
					  "nas3:/export /mnt nfs4 rw 0 0\n"), &err), err);
	check(redact_own_host(r).n == 13);
	check_ok(redact_text(r, STR("zeus hera apollo ares sshd athena styx.lan zeus.olymp.lan"),
			     REDACT_LINES, &out, &count, &err),
		 err);
	check(str_starts(buf_str(&out), redact_own_host(r)));
	check(str_find(buf_str(&out), STR("zeus")) == SIZE_MAX);
	check(str_find(buf_str(&out), STR("apollo")) == SIZE_MAX);
	check(str_find(buf_str(&out), STR("ares")) == SIZE_MAX);
	check(str_find(buf_str(&out), STR("sshd athena")) != SIZE_MAX);
	buf_clear(&out);
	/* a family, and who owns a domain, have names of their own */
	check_ok(redact_text(r, STR("/srv/Panther PANTHER olymp-vpn styx"), REDACT_LINES, &out, &count, &err), err);
	check(str_find(buf_str(&out), STR("anther")) == SIZE_MAX && str_find(buf_str(&out), STR("ANTHER")) == SIZE_MAX);
	check(str_find(buf_str(&out), STR("olymp")) == SIZE_MAX && str_find(buf_str(&out), STR("styx")) == SIZE_MAX);
	buf_clear(&out);
	check_ok(redact_text(r, STR("hermes dionysos hestia demeter Ares Panther filer7 fs9 nas3 4C530001"),
			     REDACT_LINES, &out, &count, &err), err);
	check(str_find(buf_str(&out), STR(" user")) != SIZE_MAX);
	check_int(redact_leak(r, STR("PCI 0000:00:01.0, 123456 pages"), REDACT_LINES), -1);
	for (size_t i = 0; i < buf_str(&out).n; i++)
		check(i == 0 || out.p[i - 1] != ' ' || memchr("uhi", out.p[i], 3)); /* user, host, id */
	check_ok(redact_mapping(r, sink_buf(&map), &err), err);
	doc = json_loadb(buf_str(&map).p, buf_str(&map).n, 0, NULL);
	check(json_array_size(doc) >= 6);
	json_decref(doc);
	redact_free(r);
	check(unlink("etc/hostname") == 0 && unlink("etc/machine-id") == 0 &&
	      unlink("etc/hosts") == 0 && unlink("etc/resolv.conf") == 0 &&
	      unlink("etc/passwd") == 0 && rmdir("etc") == 0 && rmdir(dir) == 0);
}

int main(void)
{
	names_in_logs();
	letters_beyond_ascii();
	volumes();
	many_domains();
	machine();
	return tests_done();
}
