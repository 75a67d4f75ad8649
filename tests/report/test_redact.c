/* SPDX-License-Identifier: MIT */
/* test_redact.c - what identifies is replaced, consistently; what a maintainer needs stays. */
#include <jansson.h>

#include "harness.h"
#include "report/report.h"

static struct redactor *redactor(enum redact_level level)
{
	struct redactor *r = NULL;
	struct err err = {0};

	check_ok(redact_new(&r, level, &err), err);
	check_ok(redact_learn(r, REDACT_HOST, STR("web01"), &err), err);
	check_ok(redact_learn(r, REDACT_DOMAIN, STR("corp.example.net"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("anna"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("mark"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("ubuntu"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("hv"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("order"), &err), err);
	check_ok(redact_learn(r, REDACT_HOST, STR("db"), &err), err);
	return r;
}

/* {in, out}; out NULL: nothing changes. The rows share one redactor: numbers go on. */
static const struct {
	const char *in, *out;
} standard[] = {
	{"Jan  2 15:04:05 web01 kernel: x", "Jan  2 15:04:05 host1 kernel: x"},
	{"web01.corp.example.net up", "host1.domain1 up"},
	{"(web01)", "(host1)"},
	{"web012 and myweb01 are others", NULL},
	{"folio_mark_accessed+0x1a/0x40", NULL},
	{"user mark, group anna", "user user2, group user1"},
	{"Linux version 5.15.0-91-generic (buildd@lcy02-amd64-045) #101-Ubuntu", NULL},
	{"pps_core: Copyright 2005-2007 Rodolfo Giometti <giometti@linux.it>", NULL},
	{"6.1.0-56-amd64 #1 SMP Debian 6.1.192-1 (debian-kernel@lists.debian.org)",
	 "6.1.0-56-amd64 #1 SMP Debian 6.1.192-1 (email1)"},
	{"/home/anna/x /home/bob/y /home", "/home/user1/x /home/user5/y /home"},
	{"SRC=10.1.2.3 DST=10.1.2.254 X=10.1.3.3", "SRC=198.18.0.3 DST=198.18.0.254 X=198.18.1.3"},
	{"again 10.1.2.3:443", "again 198.18.0.3:443"},
	{"127.0.0.1 0.0.0.0 255.255.255.0", NULL},
	{"5.10.0.1.2 1.2.3 300.1.1.1 01.2.3.4", NULL},
	{"fe80::1ff:fe23:4567:890a and ::1",
	 "2001:db8:0:0::1 and ::1"},
	{"12:34:56 10:20", NULL},
	{"MAC=52:54:00:12:34:56 PCI 0000:00:1f.2", "MAC=06:00:00:00:00:01 PCI 0000:00:1f.2"},
	{"root=UUID=9b2dfe2c-9f1a-4a3e-8f6b-0d8f2a1b3c4d ro",
	 "root=UUID=00000000-0000-4000-8000-000000000001 ro"},
	{"mail anna.b+x@mail.corp.example.net now", "mail email2 now"},
	{"user@1000.service getty@tty1.service", NULL},
	{"password=hunter2 api_key: \"abc def\"", "password=[secret] api_key: \"[secret]\""},
	{"PGPASSWORD=x DB_PASS=y MYSQL_PWD=z awsSecretKey: w",
	 "PGPASSWORD=[secret] DB_PASS=[secret] MYSQL_PWD=[secret] awsSecretKey: [secret]"},
	{"Cookie: sid=abc; csrf=def", "Cookie: [secret]"},
	{"X-Api-Key: abc x-auth-token=q", "X-Api-Key: [secret] x-auth-token=[secret]"},
	{"pushed with ghp_0123456789abcdefghijABCDEFGHIJ012345 now", "pushed with [secret] now"},
	{"{\"token\": \"a b\", \"max_tokens\": 3}", "{\"token\": \"[secret]\", \"max_tokens\": 3}"},
	/* versions, registers and the kernel's own devices */
	{"Linux version 2.6.36.3 (gcc) Not tainted 2.6.36.3 #1, firmware version 7.45.41.23, 2.20.2.7 (Release x)", NULL},
	{"PSW: 00000000000001000000000000001110 Hardware name: CZ.NIC Turris, BIOS rel-1.14.0-0-g15-prebuilt.qemu.org",
	 NULL},
	{"Jan  2 15:04:05 systemd[1]: Reached: x, systemd[1] again", NULL},
	{"gdm: pam_unix(gdm-password:session): x, pam_unix(x-password:auth): y", NULL},
	/* a word begins behind what is escaped */
	{"/?u=https%3A%2F%2Fweb01%2Fhome%2Fanna my\\040anna x\\x2danna a%zzanna \\u0041anna",
	 "/?u=https%3A%2F%2Fhost1%2Fhome%2Fuser1 my\\040user1 x\\x2duser1 a%zzanna \\u0041anna"},
	{"crypto: secret module loaded, 3 tokens", NULL},
	{"session opened for user hv by (uid=0)", "session opened for user user3 by (uid=0)"},
	{"ssh hv@web01, /home/hv/x, (hv) CMD (run)",
	 "ssh user3@host1, /home/user3/x, (user3) CMD (run)"},
	{"kvm: hv enabled, hv=1 Xhv", NULL},
	{"order=0 /home/order/x", "order=0 /home/user4/x"},
	{"cpuset=/,oom_memcg=/cache/x7,task=x", "cpuset=/,oom_memcg=/cgroup1/x7,task=x"},
	{"cache 0", NULL},
	{"Jan  2 15:04:05 db kernel: db x", "Jan  2 15:04:05 host2 kernel: db x"},
	{"Linux db 6.1.0-56-amd64 http://db/x db.corp.example.net",
	 "Linux host2 6.1.0-56-amd64 http://host2/x host2.domain1"},
	{"cgroup /sys/fs/cgroup/blkio cgroup rw,blkio", NULL},
	{"/sys/fs/cgroup/cgroup.stat /sys/fs/cgroup/pids.max /sys/fs/cgroup/hugetlb.2MB.max", NULL},
	{"UUID 00000000-0000-0000-0000-000000000000", NULL},
	{"Authorization: Bearer eyJhbGci.x", "Authorization: Bearer [secret]"},
	{"--token abc123 --quiet", "--token [secret] --quiet"},
	{"https://joe:pw@h.example/x", "https://[secret]@h.example/x"},
	{"rdinit=/init --auth-public-key x --auth-mode none", NULL},
	{"task_memcg=/init,task=init /nginx", NULL},
	{"bypass=1 compass: 3 tokens=4 author: x", NULL},
	{"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
	 "oom_memcg=/payroll.slice,task_memcg=/payroll.slice/db-7.service,task=tail,pid=9,uid=0",
	 "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
	 "oom_memcg=/cgroup2.slice,task_memcg=/cgroup2.slice/cgroup3.service,task=tail,pid=9,"
	 "uid=0"},
	{"Memory cgroup stats for /payroll.slice:", "Memory cgroup stats for /cgroup2.slice:"},
	/* torn by a mail program: still one group */
	{"oom_memcg=/pay\nroll,task_memcg=/payroll.sl\nice,task=x", "oom_memcg=/cgroup2\n,task_memcg=/cgroup2.slice\n,task=x"},
	{"/user.slice/user-1000.slice/session-3.scope", NULL},
	{"/system.slice/systemd-journald.service", NULL},
	{"Killed process 86 (tail) total-vm:56144kB, anon-rss:54012kB", NULL},
	{"Node 0 DMA32 free:1200kB min:4096kB low:5000kB", NULL},
	{"[<ffffffff8106f1a2>] out_of_memory+0x1a2/0x4b0", NULL},
	/* one thing in two spellings */
	{"WEB01 Anna ANNA@web01", "host1 user1 user1@host1"},
	{"WEB01.Corp.Example.NET lab7.corp.example.net Example.net",
	 "host1.domain1 host3.domain1 domain2"},
	{"lab7: back, HOST=lab7", NULL},
	{"host=lab7", "host=host3"},
	{"\xe2\x80\x98" "web01\xe2\x80\x99 \xc2\xab" "anna\xc2\xbb",
	 "\xe2\x80\x98host1\xe2\x80\x99 \xc2\xabuser1\xc2\xbb"},
	{"::ffff:10.1.2.3 64:ff9b::10.1.3.3 [::ffff:10.1.2.3]:80 ::ffff:127.0.0.1",
	 "::ffff:198.18.0.3 64:ff9b::198.18.1.3 [::ffff:198.18.0.3]:80 ::ffff:127.0.0.1"},
	{"FE80:0:0::1FF:FE23:4567:890A%eth0", "2001:db8:0:0::1%eth0"},
	{"10.1.2.1-10.1.2.9 10.1.2.3_80 ip-10-1-2-3.x", "198.18.0.1-198.18.0.9 198.18.0.3_80 ip-198-18-0-3.x"},
	{"enx525400123456: renamed, 52-54-00-12-34-56 BOOTIF=01-52-54-00-12-34-56 enxffffffffffff",
	 "enx060000000001: renamed, 06-00-00-00-00-01 BOOTIF=01-06-00-00-00-00-01 enxffffffffffff"},
	{"80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:11:22:33 00:11:22:33:44:55:66:77:88",
	 "06:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:02 00:11:22:33:44:55:66:77:88"},
	{"MAC=52:54:00:12:34:56:52:54:00:ab:cd:ef:08:00 SRC=10.1.2.3",
	 "MAC=06:00:00:00:00:01:06:00:00:00:00:03:08:00 SRC=198.18.0.3"},
	{"9B2DFE2C-9f1a-4a3e-8f6b-0d8f2a1b3c4d _BOOT_ID=9b2dfe2c9f1a4a3e8f6b0d8f2a1b3c4d",
	 "00000000-0000-4000-8000-000000000001 _BOOT_ID=00000000000040008000000000000001"},
	{"dev-disk-by\\x2duuid-9b2dfe2c\\x2d9f1a\\x2d4a3e\\x2d8f6b\\x2d0d8f2a1b3c4d.swap",
	 "dev-disk-by\\x2duuid-00000000\\x2d0000\\x2d4000\\x2d8000\\x2d000000000001.swap"},
	{"bob%40mail.example.net Bob@mail.example.net j\xc3\xbc" "rgen@mail.example.net.",
	 "email3 email3 email4."},
	{"ACME\\bob ACME\\\\bob acme\\BOB", "domain3\\user5 domain3\\\\user5 domain3\\user5"},
	{"ERROR\\nTraceback HKLM\\Software\\X a\\nb \\x2d", NULL},
	{"mail=C:\\Users\\anna 2 users PWD=/srv/x USER=root", "mail=C:\\Users\\user1 2 users PWD=/srv/x USER=root"},
	/* domains by their form and place */
	{"to shop.acme.com, nas.acme.co.uk: files.acme.co.uk.",
	 "to host4.domain4, host5.domain5: files.domain5."},
	{"https://wiki/ https://bob.lab/x /etc/nginx/shop.acme.com.conf",
	 "https://wiki/ https://domain6/x /etc/nginx/host4.domain4.conf"},
	{"web01.acme.de and acme.de", "host1.domain7 and domain7"},
	{"com.tools.ui java.lang.OutOfMemoryError net.core.so foo.bar libc.so.6 ADO.NET a.out", NULL},
	{"https://bugzilla.kernel.org/1 debian-kernel@lists.debian.org lists.debian.org",
	 "https://bugzilla.kernel.org/1 email1 lists.debian.org"},
	{"/system.slice/acme\\x2dpay.service", "/system.slice/cgroup4.service"},
	{"\x1b[31mweb01\x1b[0m", NULL /* 'm' is a letter: not a word of its own */},
	/* not what it seems */
	{"overlay /var/lib/docker/overlay2/x/merged overlay rw", NULL},
	{"6.5.10.0.1 10.0.0.1.2 memory.events.local memory.swap.max rd.lvm.lv=vg/root", NULL},
	/* of a directory service, on other machines, in storage */
	{"/home/ACME/dora/x /home/corp.example.net/dora", "/home/domain3/user6/x /home/domain1/user6"},
	{"uid=anna,ou=people,dc=corp,dc=x", "uid=user1,ou=people,dc=domain1,dc=x"},
	{"scp anna@nas7: root@nas8 root@localhost", "scp user1@host6: root@host7 root@localhost"},
	{"iqn.1994-05.com.acme:zz session, naa.5000c500a1b2c3d4 wwn-0x5000c500a1b2c3d4",
	 "id1 session, naa.0000000000000002 wwn-0x0000000000000002"},
	{"RAX: 5000c500a1b2c3d5 eui.0x1", NULL},
	{"port 0016.d3cc.a497 is 00:16:d3:cc:a4:97, version 1234.5678.9012",
	 "port 0600.0000.0004 is 06:00:00:00:00:04, version 1234.5678.9012"},
	{"IP 10.1.2.3.8080 > 10.1.2.4.51000:", "IP 198.18.0.3.8080 > 198.18.0.4.51000:"},
	{"1.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "ipv61.ip6.arpa"},
	/* underscores join names in paths, and words elsewhere */
	{"/dev/mapper/vg-lv_anna /srv/anna_web01_x", "/dev/mapper/vg-lv_user1 /srv/user1_host1_x"},
	{"/proc/sys/vm/anna_x /sys/module/mark_drv lv_anna mark_drv(OE) fs/mark_it.c", NULL},
	/* secrets */
	{"curl -u anna:pw https://x/ -password pw2 --user 1000:1000 -u anna",
	 "curl -u user1:[secret] https://x/ -password [secret] --user 1000:1000 -u user1"},
	{"{\"auth\":{\"token\":\"x\"},\"auth\": [1]}", "{\"auth\":{\"token\":\"[secret]\"},\"auth\": [1]}"},
	{"Proxy-Authorization: Digest username=\"anna\", response=\"6629fa\"",
	 "Proxy-Authorization: [secret]"},
	{"GET /?password%3Dx%26y=1 token%3A%20abc", "GET /?password%3D[secret]%26y=1 token%3A%20[secret]"},
	{"PHPSESSID=abc JSESSIONID=def AccountKey=ghi=", "PHPSESSID=[secret] JSESSIONID=[secret] AccountKey=[secret]"},
	{"-----BEGIN RSA PRIVATE KEY-----\nx: MIIEowIBAAKCAQEA3+Abcdefghij/klmnop\n"
	 "x: short\n-----END RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA3Abcdefghij",
	 "-----BEGIN RSA PRIVATE KEY-----\nx: [secret]\n"
	 "x: short\n-----END RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA3Abcdefghij"},
	{"sudo:  x : TTY=pts/0 ; USER=root ; COMMAND=/usr/bin/mount -o pw=z /mnt",
	 "sudo:  x : TTY=pts/0 ; USER=root ; COMMAND=/usr/bin/mount -o pw=[secret] args1"},
	{"(root) CMD (/usr/bin/dump -pSECRET x)", "(root) CMD (/usr/bin/dump -pargs2 args3)"},
	{"COMMAND=COMMAND=COMMAND=/bin/x y", "COMMAND=COMMAND=COMMAND=/bin/x args4"},
	/* audit: mysql -pZZ, "anna x", anna */
	{"audit: type=1327 proctitle=6D7973716C002D705A5A", "audit: type=1327 proctitle=6D7973716C202D705B7365637265745D"},
	{"audit: comm=616E6E612078 acct=616E6E61 a1=1000 a2=7FFE",
	 "audit: comm=75736572312078 acct=7573657231 a1=1000 a2=7FFE"},
	{"type=1309 argc=3 a0=\"mysql\" a1=\"-pZZ\" a2=\"--host\"", "type=1309 argc=3 a0=\"mysql\" a1=\"-pargs5\" a2=\"--host\""},
	{"type=1300 a0=\"mysql\" a1=\"-pZZ\" proctitle=\"bash\"", NULL},
	/* addresses in names */
	{"node_10_1_2_9 10_1_2_3 peer-10-1-2-3 ip-10-1-2-3 ec2-54-1-2-3",
	 "node_198_18_0_9 198_18_0_3 peer-198-18-0-3 ip-198-18-0-3 ec2-198-18-2-3"},
	{"54.1.2.3 54_1_2_3 v10_1_2 5_10_1_2_7 5-10-1-2-7 fw-1-2-3-4 gc_9_4_3_1 127_0_0_1 0-3-7-11",
	 "198.18.2.3 198_18_2_3 v10_1_2 5_10_1_2_7 5-10-1-2-7 fw-1-2-3-4 gc_9_4_3_1 127_0_0_1 0-3-7-11"},
	{"70.2.1.10.in-addr.arpa", "198.18.3.10.in-addr.arpa"},
	/* what lets somebody in */
	{"POST https://hooks.acme.com/services/T0A/B0B/aBcD 200, https://x.acme.com/webhooks/1/2.",
	 "POST https://host8.domain4/[secret] 200, https://host9.domain4/webhooks/[secret]."},
	{"https://x.acme.com/c/Xk29fjKdl38Fjw82hfKs93/f?sig=a9Bc%2FdEfGhIjKlMn0pQ&se=1",
	 "https://host9.domain4/c/[secret]/f?sig=[secret]&se=1"},
	{"https://x.acme.com/?u=https://hooks.acme.com/T0/B0", "https://host9.domain4/?u=https://host8.domain4/[secret]"},
	{"https://x.acme.com/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5/getMe",
	 "https://host9.domain4/[secret]/getMe"},
	{"https://bugs.launchpad.net/c/Xk29fjKdl38Fjw82hfKs93 /c/Xk29fjKdl38Fjw82hfKs93", NULL},
	{"https://x.acme.com/release-notes-2026-11-27-for-linux/hooks_and_more",
	 "https://host9.domain4/release-notes-2026-11-27-for-linux/hooks_and_more"},
	{"the password is hunter2. Password for anna was \"x y\", pw: z; pw changed to qq",
	 "the password is [secret]. Password for user1 was \"[secret]\", pw: [secret]; pw changed to [secret]"},
	{"das Passwort lautet x7, login with password y8 failed", "das Passwort lautet [secret], login with password [secret] failed"},
	{"password is required, the password for root is not set, passwords are kept, pw is wrong", NULL},
	{"passphrase for key: x7 y, SET PASSWORD FOR u = 'y8', IDENTIFIED BY 'z9', PASSWORD 'q7'",
	 "passphrase for key: [secret] y, SET PASSWORD FOR u = '[secret]', IDENTIFIED BY '[secret]', PASSWORD '[secret]'"},
	{"using token jMJpiWWD3QVc, bearer 77jtM7zDx3tM", "using token [secret], bearer [secret]"},
	{"token ring, auth MSCHAPv2, key 0x1234abcd5678, secret 12345678901, identified by 7", NULL},
	{"bindpw x1, rootpw --plaintext x2, requirepass x3", "bindpw [secret], rootpw --plaintext [secret], requirepass [secret]"},
	{"dbpass=a rootpw=b authkey=c SECRET_KEY_BASE=d license_key=e", "dbpass=[secret] rootpw=[secret] authkey=[secret] SECRET_KEY_BASE=[secret] license_key=[secret]"},
	/* options of which only their program knows that they are secret */
	{"run: sshpass -p x7 ssh anna@web01, sshpass -px8 ssh -p 22", "run: sshpass -p [secret] ssh user1@host1, sshpass -p[secret] ssh -p [secret]"},
	{"mysql -uroot -px7 -e 'SHOW'; /usr/bin/mysqldump -p'x y' all", "mysql -uroot -p[secret] -e 'SHOW'; /usr/bin/mysqldump -p'[secret]' all"},
	{"redis-cli -a x7 info, docker login -u u -p x8, ldapsearch -x -w x9", "redis-cli -a [secret] info, docker login -u u -p [secret], ldapsearch -x -w [secret]"},
	{"COREDUMP_CMDLINE=/usr/bin/x -y till, Command Line: /usr/bin/x till", "COREDUMP_CMDLINE=/usr/bin/x -y args6 args7 args8 /usr/bin/x args9"},
	{"Kernel command line: ro quiet till", NULL},
	{"(bob@10.1.2.3) [NOTICE] git@10.1.2.3", "(user5@198.18.0.3) [NOTICE] git@198.18.0.3"},
	{"smbclient -U anna%x7 //h/s, lftp -u anna,x8 h", "smbclient -U user1%[secret] //h/s, lftp -u user1,[secret] h"},
	{"mysql -p shop, ssh -p 22, mysqld -p3306, mkdir -p x, psql -p 5432, login: -p", NULL},
	/* words that are keys of the kernel's, too: the value tells, or its place */
	{"GET /x?key=abcdefgh&session=x7Yz12 key=a9c8e7f6 --key=tango session=deadbeef12ab otp=424242 pin=1234",
	 "GET /x?key=[secret]&session=[secret] key=[secret] --key=[secret] session=[secret] otp=[secret] pin=[secret]"},
	{"{\"otp\":\"123456\", \"pin\": \"99887\"} community=shop, psk=x7, --community=shop",
	 "{\"otp\":\"[secret]\", \"pin\": \"[secret]\"} community=[secret], psk=[secret], --community=[secret]"},
	{"failed, key=qcom,mdss-dsi-x key=(null) key=\"oom-rule\" session=4 key=0x1234abcd pin=12 gpio pin=GPIO, sort --key=2 key: abcd1234",
	 NULL},
	/* of programs and of switches */
	{"vault login x7Yz, echo x7 | sudo -S y, echo -n 'x 8' | passwd --stdin z, echo x | grep y, vault login -method=oidc",
	 "vault login [secret], echo [secret] | sudo -S y, echo -n '[secret]' | passwd --stdin z, echo x | grep y, vault login -method=oidc"},
	{"htpasswd -b /etc/x bob x7, htpasswd -nbB bob x8, htpasswd -c /etc/x bob",
	 "htpasswd -b /etc/x user5 [secret], htpasswd -nbB user5 [secret], htpasswd -c /etc/x user5"},
	{"radiusd: Login incorrect (pap: no): [bob/x]7] (from client ap), Login OK: [bob/<via Auth-Type = EAP>] (from",
	 "radiusd: Login incorrect (pap: no): [user5/[secret]] (from client ap), Login OK: [user5/<via Auth-Type = EAP>] (from"},
	{"username anna password 7 0822455D0A16, secret 5 $1$mE$x, enable secret 9 $9$ab, password 0 tango, key 7 08A1B2C3D4",
	 "username user1 password 7 [secret], secret 5 [secret], enable secret 9 [secret], password 0 [secret], key 7 [secret]"},
	{"snmp-server community shop RO, password 7 days, key 5 of 7, secret 5 x, community of users, login shell, echo on",
	 "snmp-server community [secret] RO, password 7 days, key 5 of 7, secret 5 x, community of users, login shell, echo on"},
	{"du -h lab9; mysql -hlab8 -udora shop; psql -h lab8 -U dora; ssh -l dora x, mysql -h 127.0.0.1 -uroot",
	 "du -h lab9; mysql -hhost10 -uuser6 shop; psql -h host10 -U user6; ssh -l user6 x, mysql -h 127.0.0.1 -uroot"},
	{"cd ~anna/x, GET /~erna/index.html, 1~deb12u1/x ~/x a~b/c", "cd ~user1/x, GET /~user7/index.html, 1~deb12u1/x ~/x a~b/c"},
	{"<password>x</password> SHA256:q7rXb3d9Yv0pLkJhGfDsAzXcVbNmQwErTyUiOpAs/fG",
	 "<password>[secret]</password> [secret]"},
};

/* Whatever is in the mapping is found where it stands alone. Ordinary and short ones are looked for in
 * their places, labels of hosts in front of their domains; arguments are not. */
static void all_are_found(struct redactor *r)
{
	static const char *const places[][2] = {{"x ", " y"}, {"/home/", "/x"}, {"{\"hostname\": \"", "\"}"},
						{"oom_memcg=/", "/x"}};
	CLEANUP_BUF struct buf map = BUF_INIT(1 << 18);
	struct err err = {0};
	json_t *doc, *row;
	size_t i;

	check_ok(redact_mapping(r, sink_buf(&map), &err), err);
	doc = json_loadb(buf_str(&map).p, buf_str(&map).n, 0, NULL);
	check(json_array_size(doc) > 50);
	json_array_foreach(doc, i, row) {
		struct str original = str_of(json_string_value(json_object_get(row, "original")));
		bool found = strcmp(json_string_value(json_object_get(row, "kind")), "args") == 0;

		for (size_t k = 0; k < ARRAY_COUNT(places); k++) {
			char text[512];
			int n = snprintf(text, sizeof(text), "%s%.*s%s", places[k][0], STR_ARG(original), places[k][1]);

			found |= redact_leak(r, (struct str){text, (size_t)n}, REDACT_LINES) >= 0;
		}
		check(found);
		if (!found)
			fprintf(stderr, "not found: %.*s\n", STR_ARG(original));
	}
	json_decref(doc);
}

static void rows(void)
{
	struct redactor *r = redactor(REDACT_STANDARD);
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_COUNT(standard); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(4096);
		const char *want = standard[i].out ? standard[i].out : standard[i].in;
		uint64_t count = 0;

		check_ok(redact_text(r, str_of(standard[i].in), REDACT_LINES, &out, &count, &err), err);
		check_str(buf_str(&out), str_of(want));
		check((count > 0) == (standard[i].out != NULL));
		check_int(redact_leak(r, buf_str(&out), REDACT_LINES), -1);
	}
	check_int(redact_leak(r, STR("here is web01!"), REDACT_LINES), REDACT_HOST);
	check_int(redact_leak(r, STR("10.1.2.3"), REDACT_LINES), REDACT_IPV4);
	check_int(redact_leak(r, STR("on ANNA's desk"), REDACT_LINES), REDACT_USER);
	check_int(redact_leak(r, STR("<td>anna 10.1.2.3</td>"), REDACT_PAGE), REDACT_IPV4);
	check_int(redact_leak(r, STR("<td>anna web01</td>"), REDACT_PAGE), -1);
	/* short and ordinary ones in their places, and what is escaped */
	check_int(redact_leak(r, STR("(hv) CMD (x)"), REDACT_LINES), REDACT_USER);
	check_int(redact_leak(r, STR("ls /home/order/x"), REDACT_LINES), REDACT_USER);
	check_int(redact_leak(r, STR("ssh root@db"), REDACT_LINES), REDACT_HOST);
	check_int(redact_leak(r, STR("GET /?q=%2Fhome%2Fanna"), REDACT_LINES), REDACT_USER);
	check_int(redact_leak(r, STR("/srv/my\\040anna"), REDACT_LINES), REDACT_USER);
	check_int(redact_leak(r, STR("{\"unit\": \"x\\\\x2danna.mount\"}"), REDACT_JSON), REDACT_USER);
	check_int(redact_leak(r, STR("/srv/lv_anna"), REDACT_LINES), REDACT_USER);
	all_are_found(r);
	redact_free(r);
}

static void json_stays_json(void)
{
	struct redactor *r = redactor(REDACT_STANDARD);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;
	json_t *doc;

	check_ok(redact_text(r,
			     STR("{\"hostname\": \"web01\", \"v\": \"a\\nweb01 \\u00e4web01\","
				 " \"secret_key\": \"x\\\"y\", \"memcg\": \"/payroll\\u0001/x y\"}"),
			     REDACT_JSON, &out, &count, &err),
		 err);
	doc = json_loadb(buf_str(&out).p, buf_str(&out).n, 0, NULL);
	check(doc != NULL);
	check_str(str_of(json_string_value(json_object_get(doc, "hostname"))), STR("host1"));
	check_str(str_of(json_string_value(json_object_get(doc, "v"))),
		  STR("a\nhost1 \xc3\xa4host1"));
	json_decref(doc);
	redact_free(r);
}

/* A host may be called "secret" and a user "user1" or "u00e4": what stands for others is then
 * somebody's name. */
static void replacements_are_names(void)
{
	struct redactor *r = redactor(REDACT_STANDARD);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	check_ok(redact_learn(r, REDACT_HOST, STR("secret"), &err), err);
	check_ok(redact_learn(r, REDACT_HOST, STR("u00e4"), &err), err);
	check_ok(redact_learn(r, REDACT_USER, STR("nanna"), &err), err);
	buf_addz(&out, "kept: secret ");
	check_ok(redact_text(r, STR("secret token=x\n"), REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("kept: secret host3 token=[host3]\n"));
	check_int((int64_t)count, 3);
	buf_clear(&out);
	check_int(redact_leak(r, STR("{\"a\": \"\\u00e4\\nanna\"}"), REDACT_JSON), REDACT_USER);
	check_int(redact_leak(r, STR("{\"a\": \"\\u00e4\\nuser1\"}"), REDACT_JSON), -1);
	check_ok(redact_text(r, STR("{\"a\": \"\\u00e4\\nanna \\\\nanna password=p\"}"), REDACT_JSON,
			     &out, &count, &err),
		 err);
	check_str(buf_str(&out), STR("{\"a\": \"\\u00e4\\nuser1 \\\\user5 password=[host3]\"}"));
	redact_free(r);
}

/* Keys and the program's own words are nobody's names, whatever people are called. */
static void own_words_stay(void)
{
	static const char text[] =
		"{\n \"mark\": \"mark\",\n \"reference\": \"Hocko <2017.GI1@web01.corp.example.net>\",\n"
		" \"memcg\": \"/order/x\",\n \"text\": \"Jan  2 15:04:05 db kernel: a\\nJan  2 "
		"15:04:05 db kernel: b, by mark\"\n}\n";
	static const char want[] =
		"{\n \"mark\": \"user2\",\n \"reference\": \"Hocko <2017.GI1@web01.corp.example.net>\",\n"
		" \"memcg\": \"/user4/x\",\n \"text\": \"Jan  2 15:04:05 host2 kernel: a\\nJan  2 "
		"15:04:05 host2 kernel: b, by user2\"\n}\n";
	struct redactor *r = redactor(REDACT_STANDARD);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	/* a series is called after a program or a group, in its key, too */
	check_ok(redact_text(r, STR("{\"name\": \"process:mark[7]\", \"process:mark[7]\": [1], "
				    "\"cgroup:/till/mark\": [2], \"anna\": 5}"),
			     REDACT_JSON, &out, &count, &err), err);
	check_str(buf_str(&out), STR("{\"name\": \"process:user2[7]\", \"process:user2[7]\": [1], "
				     "\"cgroup:/cgroup1/user2\": [2], \"anna\": 5}"));
	check_int(redact_leak(r, STR("{\"process:anna[1]\": [1]}"), REDACT_JSON), REDACT_USER);
	buf_clear(&out);
	count = 0;
	check_int(redact_leak(r, STR(text), REDACT_JSON), REDACT_USER);
	check_ok(redact_text(r, STR(text), REDACT_JSON, &out, &count, &err), err);
	check_str(buf_str(&out), STR(want));
	check_int((int64_t)count, 5);
	check_int(redact_leak(r, buf_str(&out), REDACT_JSON), -1);
	redact_free(r);
}

/* {in, standard, strict}: last columns of a table. */
static const struct {
	const char *in, *standard, *strict;
} commands[] = {
	{"pid\tcomm\tcmdline", NULL, NULL},
	{"1\tjava\tjava -Xmx4g -jar /srv/payroll/app.jar --db=web01:5432 --threads 8",
	 "1\tjava\tjava -Xmx4g -jar args1 --db=args2 --threads 8",
	 "1\tjava\tjava -Xmx4g -jar args1 --db=args2 --threads args3"},
	{"2\tmysql\t/usr/bin/mysql -uanna -phunter2 --host web01 payroll",
	 "2\tmysql\t/usr/bin/mysql -uuser1 -p[secret] --host host1 args3",
	 "2\tmysql\t/usr/bin/mysql -uuser1 -p[secret] --host host1 args4"},
	{"6\tcurl\tcurl -H Authorization: Basic YW5uYTpwdw==", "6\tcurl\tcurl -H args4 args5 args6", NULL},
	{"3\tsh\tsh -c PGPASSWORD=x psql --token abc 10.1.2.3",
	 "3\tsh\tsh -c PGPASSWORD=[secret] args7 --token [secret] 198.18.0.3", NULL},
	{"7\tmysql\tmysql -p12345 -P 3306", "7\tmysql\tmysql -p[secret] -P 3306", NULL},
	{"8\tsshpass\tsshpass -p 4711 ssh -p 22", "8\tsshpass\tsshpass -p [secret] args8 -p [secret]", NULL},
	{"4\tpython3\tpython3 /usr/lib/x.py /home/anna/y", "4\tpython3\tpython3 /usr/lib/x.py args9",
	 NULL},
};

static void arguments(void)
{
	struct redactor *standard_r = redactor(REDACT_STANDARD), *strict = redactor(REDACT_STRICT);
	struct err err = {0};
	uint64_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(commands); i++) {
		CLEANUP_BUF struct buf out = BUF_INIT(4096);
		check_ok(redact_text(standard_r, str_of(commands[i].in), REDACT_COMMANDS, &out, &count, &err),
			 err);
		check_str(buf_str(&out),
			  str_of(commands[i].standard ? commands[i].standard : commands[i].in));
		if (!commands[i].strict)
			continue;
		buf_clear(&out);
		check_ok(redact_text(strict, str_of(commands[i].in), REDACT_COMMANDS, &out, &count, &err),
			 err);
		check_str(buf_str(&out), str_of(commands[i].strict));
	}
	redact_free(standard_r);
	redact_free(strict);
}

static void levels(void)
{
	struct redactor *none = redactor(REDACT_NONE), *strict = redactor(REDACT_STRICT);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	check_ok(redact_text(none, STR("web01 10.1.2.3"), REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("web01 10.1.2.3"));
	check_int(count, 0);
	buf_clear(&out);
	check_ok(redact_text(strict,
			     STR("memory.oom.group security.selinux fuse.sshfs mount.cifs rd.luks.uuid=x kernel.yama.* "
				 "fc302000.csr a600000.usb LPCB.ECDV xhci-hcd.2.auto iwlwifi-6000-4.ucode"),
			     REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("memory.oom.group security.selinux fuse.sshfs mount.cifs rd.luks.uuid=x "
				     "kernel.yama.* fc302000.csr a600000.usb LPCB.ECDV xhci-hcd.2.auto "
				     "iwlwifi-6000-4.ucode"));
	buf_clear(&out);
	check_ok(redact_learn(strict, REDACT_COMM, STR("payrolld"), &err), err);
	check_ok(redact_learn(strict, REDACT_COMM, STR("systemd-journal"), &err), err);
	check_ok(redact_text(strict,
			     STR("Comm: payrolld systemd-journal db.internal.corp foo.service"),
			     REDACT_LINES, &out, &count, &err),
		 err);
	check_str(buf_str(&out), STR("Comm: comm1 systemd-journal host2.domain3 foo.service"));
	redact_free(none);
	redact_free(strict);
}

/* Programs of the kernel's reports: strict. */
static void processes(void)
{
	static const char log[] =
		"x invoked oom-killer: gfp_mask=0x0\n"
		"CPU: 0 PID: 7 Comm: ledger-7 Not tainted 6.1.0 #1\n"
		"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
		"[     86]  1000    86    14036    13503   147456        0             0 Tax Sheet\n"
		"[     87]  1000    87    14036    13503   147456        0          -900 kubelet\n"
		"oom-kill:constraint=CONSTRAINT_NONE,task=quarterly,pid=9,uid=0\n"
		"Out of memory: Killed process 10 (invoicer) total-vm:1kB\n"
		"oom_reaper: reaped process 10 (invoicer), now anon-rss:0kB\n"
		"CPU: 0 PID: 7 Comm: ledger-8 Kdump: loaded Not tainted 6.1.0 #1\n"
		"[    0.5] smp: [0] 00 01 02 03 04 05 06 07 [1] 08 09\n"
		"[   12.345678] sshd[12]: 1 2 3 4 5 6 7 8 not-a-row\n";
	struct redactor *strict = redactor(REDACT_STRICT), *standard_r = redactor(REDACT_STANDARD);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	check_ok(redact_learn_text(standard_r, STR(log), &err), err);
	check_int((int64_t)redact_count(standard_r, REDACT_COMM), 0);
	check_ok(redact_learn_text(strict, STR(log), &err), err);
	check_int((int64_t)redact_count(strict, REDACT_COMM), 5);
	check_ok(redact_text(strict, STR("ledger-7 Tax Sheet quarterly invoicer kubelet not-a-row ledger-8"),
			     REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("comm1 comm2 comm3 comm4 kubelet not-a-row comm5"));
	redact_free(strict);
	redact_free(standard_r);
}

/* Programs and groups that are gone when the machine's own are learned. */
static void tables(void)
{
	static const char text[] = "pid\tppid\tcomm\tcgroup\n7\t1\tledger 7\t/shop/till\n"
				   "2\t0\tkthreads\t-\n9\t2\tkmaybe\t-\n"
				   "---- oomreport/top-processes\n# rss_kb swap_kb pid oom_score_adj comm\n"
				   "9 0 7 0 Tax Sheet\n8 0 8 0 kworker/0:1\n"
				   "---- oomreport/top-cgroups\n# kb oom_kill group\n5 0 /stockroom\n"
				   "---- meminfo\n5 0 /nothing\nName:\tinvoicer\nVmRSS:\t5 kB\n";
	struct redactor *strict = redactor(REDACT_STRICT), *standard_r = redactor(REDACT_STANDARD);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	check_ok(redact_learn_text(standard_r, STR(text), &err), err);
	check_int((int64_t)redact_count(standard_r, REDACT_CGROUP), 3);
	check_int((int64_t)redact_count(standard_r, REDACT_COMM), 0);
	check_ok(redact_learn_text(strict, STR(text), &err), err);
	check_ok(redact_text(strict, STR("ledger 7, Tax Sheet, invoicer, kworker/0:1 kmaybe kthreads /shop/till "
			     "/stockroom /nothing"),
			     REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("comm1, comm2, comm3, kworker/0:1 kmaybe kthreads /cgroup1/cgroup2 "
				     "/cgroup3 /nothing"));
	redact_free(strict);
	redact_free(standard_r);
}

/* ps(1) and top(1) in somebody's loop, in two pieces: people, and what they gave to programs. */
static void listings(void)
{
	static const char *const pieces[] = {
		"CPU: 0 PID: 9 Comm: x\n    PID USER      RES S COMMAND\n   4711 dora     9000 R mysql -pSECRET x\n",
		"   4712 root     9000 R /usr/sbin/tilld --token SECRET\nMem: 5 6 7 --token x y\n"
		"UID   PID STIME CMD\n1000  77 00:00 [kworker/0:1]\n",
	};
	static const char want[] =
		"CPU: 0 PID: 9 Comm: x\n    PID USER      RES S COMMAND\n   4711 user5     9000 R mysql -p[secret] args1\n"
		"   4712 root     9000 R /usr/sbin/tilld --token [secret]\nMem: 5 6 7 --token [secret] y\n"
		"UID   PID STIME CMD\n1000  77 00:00 [kworker/0:1]\n";
	struct redactor *r = redactor(REDACT_STANDARD), *strict = redactor(REDACT_STRICT);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
		check_ok(redact_learn_text(r, str_of(pieces[i]), &err), err);
		check_ok(redact_learn_text(strict, str_of(pieces[i]), &err), err);
		check_ok(redact_text(r, str_of(pieces[i]), REDACT_LINES, &out, &count, &err), err);
	}
	check_str(buf_str(&out), STR(want));
	check_int((int64_t)redact_count(strict, REDACT_COMM), 2); /* mysql, tilld */
	redact_free(r);
	redact_free(strict);
}

/* What would be looked at again from each of its words: a line of 600 KB of it takes a second or two,
 * or, where somebody looks without a bound, longer than ctest waits. */
static void long_rows(void)
{
	static const char *const pieces[] = {"a.", "a-", "f.0.", "user=a ", "dc=a,", "a@b.c ", "iqn.1.",
					     "://", "cn=a", "/dev/a/", "password is ", "a_", " //a", "pw for "};
	enum { LENGTH = 600 * 1000 };

	for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
		struct redactor *r = redactor(REDACT_STRICT);
		CLEANUP_BUF struct buf row = BUF_INIT(2 * LENGTH), out = BUF_INIT(4 * LENGTH);
		struct err err = {0};
		uint64_t count = 0;

		while (row.n < LENGTH)
			buf_add(&row, str_of(pieces[i]));
		check_ok(redact_learn_text(r, buf_str(&row), &err), err);
		check_ok(redact_text(r, buf_str(&row), REDACT_LINES, &out, &count, &err), err);
		check_int(redact_leak(r, buf_str(&out), REDACT_LINES), -1);
		redact_free(r);
	}
}

/* Words of paths that every machine has are nobody's names there. */
static void paths_stay(void)
{
	struct redactor *r = redactor(REDACT_STANDARD);
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	struct err err = {0};
	uint64_t count = 0;

	redact_keep_path(r, STR("/proc/zebra-info/*"));
	check_ok(redact_learn(r, REDACT_HOST, STR("zebra"), &err), err);
	check_ok(redact_text(r, STR("proc/zebra-info/x host=zebra"), REDACT_LINES, &out, &count, &err), err);
	check_str(buf_str(&out), STR("proc/zebra-info/x host=host3"));
	redact_free(r);
}

int main(void)
{
	rows();
	json_stays_json();
	replacements_are_names();
	own_words_stay();
	arguments();
	levels();
	processes();
	tables();
	listings();
	long_rows();
	paths_stay();
	return tests_done();
}
