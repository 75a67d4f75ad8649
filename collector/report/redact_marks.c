/* SPDX-License-Identifier: MIT */
/* redact_marks.c - words of a log that say: here stands a name. Who logs in, which server does not
 * answer, which wireless network is joined. People of a directory service are in no passwd. */
#include "report/redact_private.h"

enum { NAME_MOST = 64 };

/* Found by a word of three bytes or more, what stands in front of it, somewhere in its line and
 * behind the name: "copied from user space" and "invalid user pointer" name nobody. */
struct redact_mark {
	enum redact_kind kind;
	struct str word, before[3]; /* none: anything; "\n": the line's start */
	struct str with;	    /* in its line, in front of the word */
	struct str behind[4];	    /* none: anything; a "#" at its end: an address, a "%": a digit; "\n":
				       the line's end */
	bool in_front;		    /* the name is in front of `before`, else behind the word */
	char until;		    /* the name goes up to it, blanks and all; 0: one word */
	int (*learn)(struct redactor *r, struct str behind, struct err *err); /* in place of all that */
};

#define S(lit) STR_INIT(lit)

/* sshd, PAM, sudo, su, cron, login, logind, LDAP, auditd, mail and file servers say who was there;
 * NFS and CIFS, which server does not answer (fs/nfs, fs/smb/client, Linux 6.1); USB, what its
 * devices are numbered. */
static const struct redact_mark marks[] = {
	{REDACT_USER, S("user "), .before = {S("nvalid ")}, .behind = {S(" from "), S(" ["), S(" #")}},
	{REDACT_USER, S("user "), .before = {S("ing ")}, .with = S("onnect"), .behind = {S(" #")}},
	{REDACT_USER, S("user "), .before = {S("from ")}, .behind = {S(" #")}},
	{REDACT_USER, S("user "), .before = {S("auth): "), S("session: "), S("local ")}},
	{REDACT_USER, S("user "), .behind = {S(" added by "), S(" removed by "), S(": authentication fail")}},
	{REDACT_USER, S("user "), .before = {S("ed for "), S(" of ")}, .with = S("ession ")},
	{REDACT_USER, S("user "), .before = {S("ed for ")}, .with = S("assword ")},
	{REDACT_USER, S("user "), .before = {S(" for ")}, .with = S("ogin ")},
	{REDACT_USER, S("user "), .before = {S("UserManager: ")}},
	{REDACT_USER, S("user '"), .behind = {S("'")}},
	{REDACT_USER, S("user: '"), .behind = {S("'")}},
	{REDACT_DOMAIN, S("user ["), .behind = {S("]\\[")}},
	{REDACT_USER, S("user ["), .behind = {S("] ")}},
	{REDACT_USER, S("]\\["), .with = S("user ["), .behind = {S("]")}},
	{REDACT_USER, S("-> ["), .with = S("user ["), .behind = {S("]")}},
	{REDACT_USER, S("user_name="), .before = {S("")}},
	{REDACT_USER, S("user_name\":\""), .behind = {S("\"")}},
	{REDACT_USER, S("user_name\": \""), .behind = {S("\"")}},
	{REDACT_USER, S("userName="), .before = {S("")}},
	{REDACT_USER, S("userName\":\""), .behind = {S("\"")}},
	{REDACT_USER, S("login="), .before = {S(" "), S("&"), S("?")}},
	{REDACT_USER, S("login\":\""), .behind = {S("\"")}},
	{REDACT_USER, S("login\": \""), .behind = {S("\"")}},
	{REDACT_USER, S("user \""), .behind = {S("\"")}},
	{REDACT_USER, S("user=<"), .behind = {S(">")}},
	{REDACT_USER, S("user="), .before = {S(" "), S("&"), S("?")}},
	{REDACT_USER, S("user\":\""), .behind = {S("\"")}},
	{REDACT_USER, S("user\": \""), .behind = {S("\"")}},
	{REDACT_USER, S("user>"), .before = {S("<")}, .behind = {S("</")}},
	{REDACT_USER, S("username="), .before = {S("")}},
	{REDACT_USER, S("username\":\""), .behind = {S("\"")}},
	{REDACT_USER, S("username\": \""), .behind = {S("\"")}},
	{REDACT_USER, S("username "), .behind = {S(", "), S(" password "), S(" secret "), S(" privilege ")}},
	{REDACT_USER, S("owner="), .before = {S(" "), S("&"), S("?")}},
	{REDACT_USER, S("account="), .before = {S(" "), S("&"), S("?")}},
	{REDACT_USER, S("userid="), .before = {S("")}},
	{REDACT_USER, S("user_id="), .before = {S("")}},
	{REDACT_USER, S("account\":\""), .behind = {S("\"")}},
	{REDACT_USER, S("owner\":\""), .behind = {S("\"")}},
	{REDACT_USER, S("owner\": \""), .behind = {S("\"")}},
	{REDACT_USER, S("username '"), .behind = {S("'")}},
	{REDACT_USER, S("username: "), .before = {S("")}},
	{REDACT_USER, S("User ID="), .before = {S("")}},
	{REDACT_USER, S("User '"), .behind = {S("'")}},
	{REDACT_USER, S("User "), .before = {S(" of ")}, .with = S("ession ")},
	{REDACT_USER, S("User "), .before = {S(": ")}, .behind = {S(" from "), S(" not allowed because")}},
	{REDACT_USER, S("UID=\""), .behind = {S("\"")}}, /* of audisp: AUID="anna" */
	{REDACT_USER, S("USER "), .before = {S("- ")}, .behind = {S(": Login"), S(" (Login")}},
	{REDACT_USER, S("USER="), .before = {S(" "), S("SUDO_")}},
	{REDACT_USER, S("ruser="), .before = {S(" ")}},
	{REDACT_USER, S("logname="), .before = {S(" ")}},
	{REDACT_USER, S("LOGNAME="), .before = {S("")}},
	{REDACT_USER, S("unix-user:"), .before = {S("")}},
	{REDACT_USER, S("new user: name="), .before = {S("")}},
	{REDACT_USER, S("Slice of "), .before = {S("User ")}},
	{REDACT_USER, S("key for "), .before = {S("public")}, .behind = {S(" from ")}},
	{REDACT_USER, S("word for "), .before = {S("pass")}, .behind = {S(" from "), S(":")}},
	{REDACT_USER, S("word for '"), .before = {S("pass")}, .behind = {S("'")}},
	{REDACT_USER, S("word for ["), .before = {S("pass")}, .behind = {S("]")}},
	{REDACT_USER, S("word changed for "), .before = {S("pass")}},
	{REDACT_USER, S("expiry for "), .before = {S("password ")}},
	{REDACT_USER, S(" for "), .behind = {S(" from #")}}, /* sshd's many words for who came */
	{REDACT_USER, S("Authorized to "), .behind = {S(", ")}},
	{REDACT_USER, S("(uid="), .with = S("session opened"), .in_front = true},
	{REDACT_USER, S(" by "), .with = S("Successful su for ")},
	{REDACT_USER, S(":root"), .with = S("/dev/pts/"), .behind = {S(":root\n")}, .in_front = true},
	{REDACT_USER, S(" : "), .with = S(" sudo["), .in_front = true},
	{REDACT_USER, S(" : "), .with = S(" sudo: "), .in_front = true},
	{REDACT_USER, S("removed group '"), .behind = {S("'")}},
	{REDACT_USER, S("owned by '"), .behind = {S("'")}},
	{REDACT_USER, S("add '"), .behind = {S("' to ")}},
	{REDACT_USER, S("role \""), .behind = {S("\"")}},
	{REDACT_USER, S("passwd("), .behind = {S(",")}},
	{REDACT_USER, S("Authentication of '"), .behind = {S("'")}},
	{REDACT_USER, S("authentication of '"), .behind = {S("'")}},
	{REDACT_USER, S("Login OK: ["), .behind = {S("]"), S("/")}},
	{REDACT_USER, S(": ["), .with = S("Login incorrect"), .behind = {S("]"), S("/")}},
	{REDACT_USER, S("ssh "), .behind = {S("@")}},
	{REDACT_USER, S("from "), .with = S("rsync "), .behind = {S("@")}},
	{REDACT_USER, S("SSH=\""), .behind = {S("@")}},
	{REDACT_USER, S("\\Users\\"), .behind = {S("\\")}},
	{REDACT_USER, S("by \""), .with = S("[Job "), .behind = {S("\"")}},
	{REDACT_USER, S("output to "), .before = {S("mailing ")}},
	{REDACT_USER, S("pam for "), .before = {S("interactive/")}, .behind = {S(" from ")}},
	{REDACT_USER, S("cct=\""), .before = {S("a")}},
	{REDACT_USER, S("BY "), .before = {S(" ")}, .with = S("LOGIN ON ")},
	{REDACT_USER, S("FOR '"), .with = S("LOGIN "), .behind = {S("'")}},
	{REDACT_USER, S("uid="), .behind = {S(",ou="), S(",cn="), S(",dc=")}},
	{REDACT_USER, S("cn="), .behind = {S(",ou="), S(",cn="), S(",dc=")}, .until = ','},
	{REDACT_USER, S("CN="), .behind = {S(",OU="), S(",CN="), S(",DC="), S(", emailAddress=")},
	 .until = ','},
	{REDACT_USER, S("TTY="), .before = {S(" : "), S(" : user NOT in sudoers ; ")}, .in_front = true},
	{REDACT_USER, S("pts/"), .before = {S(" on ")}, .with = S("(to "), .in_front = true},
	{REDACT_USER, S("(to "), .with = S(" su"), .behind = {S(") ")}},
	{REDACT_USER, S("CMD ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("CMDOUT ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("CMDEND ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("RELOAD ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("REPLACE ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("DELETE ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("WRONG "), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("MAIL ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("crontabs/"), .before = {S("")}},
	{REDACT_USER, S("/spool/cron/"), .before = {S("")}},
	{REDACT_USER, S("/spool/mail/"), .before = {S("")}},
	{REDACT_USER, S("/var/mail/"), .before = {S("")}},
	{REDACT_USER, S("LIST ("), .before = {S(") ")}, .in_front = true},
	{REDACT_USER, S("LIST ("), .before = {S(") ")}, .behind = {S(")")}},
	{REDACT_USER, S("EDIT ("), .before = {S(") BEGIN "), S(") END ")}, .in_front = true},
	{REDACT_USER, S("EDIT ("), .before = {S(") BEGIN "), S(") END ")}, .behind = {S(")")}},
	{REDACT_USER, S("logged in"), .before = {S(" "), S("' "), S("\" ")}, .in_front = true},
	{REDACT_USER, S("logged out"), .before = {S(" "), S("' "), S("\" ")}, .in_front = true},
	{REDACT_USER, S("] OK LOGIN"), .in_front = true},
	{REDACT_USER, S("] FAIL LOGIN"), .in_front = true},
	{REDACT_USER, S("] Peer Connection"), .in_front = true},
	{REDACT_USER, S("imap("), .behind = {S(")<")}},
	{REDACT_USER, S("pop3("), .behind = {S(")<")}},
	{REDACT_USER, S("new group: name="), .before = {S("")}},
	{REDACT_USER, S(",name="), .behind = {S(",secret")}}, /* Ceph */
	/* of an access log: "10.0.0.1 - anna [27/Nov/2026:..." */
	{REDACT_USER, S(" - "), .learn = redact_learn_visitor},
	{REDACT_USER, S("openvpn["), .learn = redact_learn_tunnel},
	{REDACT_HOST, S("hostname="), .before = {S(" ")}, .behind = {S(" addr=")}},
	{REDACT_HOST, S("hostname="), .before = {S("systemd.")}},
	{REDACT_HOST, S("hostname = "), .before = {S("kernel.")}},
	{REDACT_DOMAIN, S("domainname = "), .before = {S("kernel.")}},
	{REDACT_HOST, S("hostname-override="), .before = {S("")}},
	{REDACT_HOST, S("workstation ["), .behind = {S("]")}},
	/* who got an address, who is asked for */
	{REDACT_HOST, S("DHCPACK("), .learn = redact_learn_lease},
	{REDACT_HOST, S(") via "), .with = S("DHCP"), .in_front = true},
	{REDACT_HOST, S("query["), .learn = redact_learn_query},
	{REDACT_HOST, S(" is "), .with = S("dnsmasq["), .in_front = true},
	{REDACT_HOST, S("retrying with "), .with = S("ost name ")},
	{REDACT_HOST, S("Host name is "), .before = {S("")}},
	{REDACT_HOST, S("system hostname '"), .behind = {S("'")}},
	{REDACT_HOST, S("ostname set to <"), .behind = {S(">")}},
	{REDACT_HOST, S("host name to '"), .behind = {S("'")}},
	{REDACT_HOST, S("hostname to '"), .behind = {S("'")}},
	{REDACT_HOST, S("=> '"), .with = S("option host_name"), .behind = {S("'")}},
	{REDACT_DOMAIN, S("=> '"), .with = S("option domain_name"), .behind = {S("'")}},
	{REDACT_HOST, S("resolve hostname "), .before = {S("")}},
	{REDACT_HOST, S("resolve hostname '"), .behind = {S("'")}},
	{REDACT_HOST, S("resolve host: "), .before = {S("")}},
	{REDACT_HOST, S("resolve host '"), .behind = {S("'")}},
	{REDACT_HOST, S("host name \""), .behind = {S("\" to address")}},
	{REDACT_HOST, S("ENOTFOUND "), .before = {S("")}},
	{REDACT_HOST, S("EAI_AGAIN "), .before = {S("")}},
	{REDACT_HOST, S("UnknownHostException: "), .before = {S("")}},
	{REDACT_HOST, S("lookup "), .with = S("dial "), .behind = {S(" on #"), S(": no such host")}},
	{REDACT_HOST, S(": Name or service not known"), .in_front = true},
	{REDACT_HOST, S(": Temporary failure in name resolution"), .in_front = true},
	{REDACT_HOST, S("connect to host "), .before = {S("")}},
	{REDACT_HOST, S("onnect to server \""), .behind = {S("\"")}},
	{REDACT_HOST, S("onnect to "), .behind = {S("["), S(" port %"), S(":%")}},
	{REDACT_HOST, S("onnect from "), .behind = {S("["), S(" (#")}},
	{REDACT_HOST, S("onnection to "), .behind = {S("["), S(" port %"), S(":%")}},
	{REDACT_HOST, S("onnected to "), .behind = {S("["), S(" port %"), S(":%")}},
	{REDACT_HOST, S("update from ["), .behind = {S(":%")}},
	{REDACT_HOST, S("relay="), .behind = {S("["), S(","), S(".")}},
	{REDACT_HOST, S("helo=<"), .behind = {S(">")}},
	{REDACT_HOST, S("erver "), .before = {S("name s"), S("NIS s")}, .behind = {S(" is now"), S(" for domain")}},
	{REDACT_HOST, S("Node "), .behind = {S(" state is now"), S(" status is now")}},
	{REDACT_HOST, S("FROM "), .with = S("LOGIN ")},
	{REDACT_HOST, S("host: '"), .behind = {S("'")}},
	{REDACT_HOST, S("ttp://"), .learn = redact_learn_url},
	{REDACT_HOST, S("ttps://"), .learn = redact_learn_url},
	{REDACT_HOST, S("ftp://"), .learn = redact_learn_url},
	{REDACT_HOST, S("ldap://"), .learn = redact_learn_url},
	{REDACT_HOST, S("ldaps://"), .learn = redact_learn_url},
	{REDACT_HOST, S("ssh://"), .learn = redact_learn_url},
	{REDACT_HOST, S("tcp://"), .learn = redact_learn_url},
	{REDACT_HOST, S("sql://"), .learn = redact_learn_url},
	{REDACT_HOST, S("redis://"), .learn = redact_learn_url},
	{REDACT_HOST, S("amqp://"), .learn = redact_learn_url},
	{REDACT_HOST, S("NFS=\""), .behind = {S(":/")}},
	{REDACT_HOST, S("git@"), .behind = {S(":")}},
	{REDACT_HOST, S("Selected source "), .learn = redact_learn_source},
	{REDACT_HOST, S("time server "), .learn = redact_learn_source},
	{REDACT_HOST, S("/dev/md/"), .behind = {S(":")}}, /* an array is called after who made it */
	{REDACT_HOST, S(" ip="), .learn = redact_learn_booted},
	{REDACT_HOST, S("rhost="), .before = {S(" ")}, .behind = {S(" "), S("\n")}},
	{REDACT_HOST, S("host\":\""), .behind = {S("\"")}},
	{REDACT_HOST, S("host\": \""), .behind = {S("\"")}},
	{REDACT_HOST, S("getaddrinfo for "), .behind = {S(" [")}},
	{REDACT_HOST, S("server: "), .with = S("client: "), .behind = {S(",")}},
	{REDACT_HOST, S("host: \""), .behind = {S("\"")}},
	{REDACT_HOST, S("node \""), .behind = {S("\"")}},
	{REDACT_HOST, S("node=\""), .behind = {S("\"")}},
	{REDACT_HOST, S("'@'"), .behind = {S("'")}},
	{REDACT_HOST, S("(ipv4:"), .before = {S(" ")}, .in_front = true},
	{REDACT_HOST, S("(ipv6:"), .before = {S(" ")}, .in_front = true},
	{REDACT_HOST, S("ver "), .before = {S("nfs: ser"), S("NFS: ser"), S("lockd: ser")}},
	{REDACT_HOST, S("ver "), .before = {S("NFSv4 ser"), S("NFSv3 ser")}},
	{REDACT_HOST, S(" \\\\"), .before = {S("")}},
	{REDACT_ID, S("Number: "), .before = {S("Serial"), S("Serial ")}},
	{REDACT_ID, S("serial: "), .before = {S("")}},
	{REDACT_ID, S("serial number "), .before = {S("")}},
	{REDACT_ID, S("serial="), .before = {S("")}},
	{REDACT_ID, S("_SERIAL="), .before = {S("")}},
	{REDACT_ID, S("SERIAL_SHORT="), .before = {S("")}},
	{REDACT_ID, S("asset tag "), .before = {S("")}},
	{REDACT_ID, S("Service Tag: "), .before = {S("")}},
	{REDACT_ID, S("IMEI: "), .before = {S("")}},
	{REDACT_ID, S("S/N:"), .before = {S("")}},
	{REDACT_ID, S("SN="), .before = {S(" "), S("\n"), S(",")}},
	{REDACT_ID, S("SN: "), .before = {S(" "), S("\n"), S(",")}},
	{REDACT_ID, S("WWN:"), .before = {S("")}},
	{REDACT_ID, S("UUID="), .before = {S("")}}, /* of FAT and of old partition tables: short */
	{REDACT_ID, S("uuid/"), .before = {S("/dev/disk/by-"), S("/dev/disk/by-part")}},
	/* containers and machines */
	{REDACT_CGROUP, S("name="), .before = {S(", ")}, .with = S("(image="), .behind = {S(")"), S(",")}},
	{REDACT_CGROUP, S("container name="), .before = {S("")}},
	{REDACT_CGROUP, S("container_name="), .before = {S("")}},
	{REDACT_CGROUP, S("ContainerMetadata{Name:"), .behind = {S(",")}},
	{REDACT_CGROUP, S("PodSandboxMetadata{Name:"), .behind = {S(",")}},
	{REDACT_CGROUP, S(",Namespace:"), .behind = {S(",")}},
	{REDACT_CGROUP, S("(image=localhost/"), .behind = {S(":"), S(","), S(")")}},
	{REDACT_CGROUP, S("Created container "), .learn = redact_learn_created},
	{REDACT_CGROUP, S("Domain "), .with = S("libvirtd"), .behind = {S(" has ")}},
	{REDACT_CGROUP, S("closed the monitor: "), .before = {S("")}},
	{REDACT_CGROUP, S("instance="), .before = {S(" ")}},
	{REDACT_CGROUP, S("project="), .with = S("instance=")},
	{REDACT_CGROUP, S("lxc-start "), .before = {S(": ")}},
	{REDACT_CGROUP, S("Spawning container "), .behind = {S(" on /")}},
	{REDACT_CGROUP, S("Container "), .behind = {S("  Start"), S("  Stop"), S("  Creat"), S("  Runn")}},
	{REDACT_CGROUP, S("cpuset="), .before = {S(","), S(" ")}, .behind = {S(",mems_allowed="), S(" mems_allowed=")}},
	/* units that begin and end, and groups in somebody's settings */
	{REDACT_CGROUP, S("Started "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("Starting "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("Stopped "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("Stopping "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("Finished "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("Reloading "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("to start "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("systemd[1]: "), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("UNIT="), .learn = redact_learn_unit},
	{REDACT_CGROUP, S("UNIT\":\""), .learn = redact_learn_unit},
	{REDACT_CGROUP, S(".service"), .behind = {S(".service: A process"), S(".service: Failed with"), S(".service: Main"),
	 S(".service: Consumed")}, .in_front = true},
	{REDACT_CGROUP, S(".service"), .behind = {S(".service due to memory"), S(".service$")}, .in_front = true},
	{REDACT_CGROUP, S(".slice"), .behind = {S(".slice/"), S(".slice$"), S(".slice - ")}, .in_front = true},
	{REDACT_CGROUP, S("containerName=\""), .behind = {S("\"")}},
	{REDACT_CGROUP, S("container=\""), .behind = {S("\"")}},
	{REDACT_CGROUP, S("pod=\""), .learn = redact_learn_pod},
	{REDACT_CGROUP, S("name='"), .with = S("Domain id="), .behind = {S("'")}},
	{REDACT_CGROUP, S("New machine "), .learn = redact_learn_machine},
	/* wireless networks: NetworkManager, wpa_supplicant, hostapd, iwd, iw(8), their files; tunnels */
	{REDACT_LABEL, S("SSID '"), .behind = {S("'")}, .until = '\''},
	{REDACT_LABEL, S("SSID='"), .behind = {S("'")}, .until = '\''},
	{REDACT_LABEL, S("SSID:\""), .behind = {S("\"")}, .until = '"'},
	{REDACT_LABEL, S("SSID: "), .behind = {S("\n")}, .until = '\n'},
	{REDACT_LABEL, S("ssid=\""), .behind = {S("\"")}, .until = '"'},
	{REDACT_LABEL, S("ssid="), .before = {S("\n")}, .behind = {S("\n")}, .until = '\n'},
	{REDACT_LABEL, S("'ssid' value '"), .behind = {S("'")}, .until = '\''},
	{REDACT_LABEL, S("ssid: "), .behind = {S(", bss")}, .until = ','},
	{REDACT_LABEL, S("IKE_SA "), .behind = {S("[")}},
	{REDACT_LABEL, S("access point '"), .behind = {S("'")}, .until = '\''},
	{REDACT_LABEL, S("wireless network \""), .behind = {S("\"")}, .until = '"'},
	{REDACT_LABEL, S("connection '"), .with = S("(wl"), .behind = {S("'")}, .until = '\''},
	{REDACT_LABEL, S("policy: set '"), .behind = {S("' (wl")}, .until = '\''},
	{REDACT_LABEL, S("name=\""), .with = S("op=\"connection-"), .behind = {S("\"")}, .until = '"'},
	/* shares and volumes */
	{REDACT_LABEL, S("connect to service "), .before = {S("")}},
	{REDACT_LABEL, S("olume group \""), .behind = {S("\"")}},
	{REDACT_LABEL, S("VG "), .with = S("PV "), .behind = {S(" is complete"), S(" is incomplete")}},
	{REDACT_LABEL, S("rd.lvm.vg="), .before = {S("")}},
	{REDACT_LABEL, S("LABEL="), .before = {S("")}},
	{REDACT_LABEL, S("device label "), .before = {S("BTRFS: ")}, .behind = {S(" devid ")}},
	{REDACT_LABEL, S("pool='"), .behind = {S("'")}},
	{REDACT_LABEL, S("cannot open '"), .behind = {S("/")}},
	{REDACT_LABEL, S("workgroup "), .behind = {S(" on subnet"), S("\n")}},
	{REDACT_LABEL, S("domain="), .with = S(" cifs "), .behind = {S(",")}},
	{REDACT_LABEL, S("bucket="), .with = S(" fuse.")},
	{REDACT_LABEL, S("database \""), .behind = {S("\"")}},
	{REDACT_LABEL, S("database="), .with = S("user=")},
	{REDACT_LABEL, S("db: '"), .behind = {S("'")}},
	{REDACT_LABEL, S("/media/"), .learn = redact_learn_medium},
	{REDACT_LABEL, S("/by-label/"), .before = {S("")}},
	{REDACT_LABEL, S("rd.lvm.lv="), .learn = redact_learn_volumes},
	{REDACT_LABEL, S("logical volumes "), .learn = redact_learn_volumes},
	{REDACT_LABEL, S("/dev/"), .learn = redact_learn_device},
	{REDACT_LABEL, S("dev-mapper-"), .learn = redact_learn_mapped},
	{REDACT_LABEL, S("dm-name-"), .learn = redact_learn_mapped},
	{REDACT_LABEL, S("thin pool "), .learn = redact_learn_mapped},
	{REDACT_LABEL, S(" //"), .learn = redact_learn_share},
	{REDACT_LABEL, S("smb://"), .learn = redact_learn_share},
	{REDACT_LABEL, S("cifs://"), .learn = redact_learn_share},
	{REDACT_LABEL, S(" \\\\"), .learn = redact_learn_share},
	{REDACT_LABEL, S("rclone "), .learn = redact_learn_remotes},
	{REDACT_LABEL, S("nfsroot="), .learn = redact_learn_export},
	{REDACT_LABEL, S("nfs "), .before = {S("\n")}, .learn = redact_learn_export},
};

/* ---- which of them may begin at a place: asked of every byte of a log ---- */

enum { SLOT_BITS = 12 };

_Static_assert(ARRAY_COUNT(marks) <= sizeof(((struct redact_index *)0)->next), "redact_index is too small");

static size_t slot_of(const char *p)
{
	uint32_t three = (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
			 (uint32_t)(unsigned char)p[2] << 16;

	return three * UINT32_C(2654435761) >> (32 - SLOT_BITS);
}

void redact_index_marks(struct redact_index *index)
{
	for (size_t i = ARRAY_COUNT(marks); i-- > 0;) {
		uint16_t *first = &index->first[slot_of(marks[i].word.p)];

		index->next[i] = *first;
		*first = (uint16_t)(i + 1);
	}
}

/* ---- the name ---- */

static bool in_name(char c)
{
	return !name_boundary(c) || c == '.' || c == '-' || (unsigned char)c >= 0xc0;
}

/* Letters of UTF-8 are boundaries for ASCII eyes, and inside of names. */
static size_t name_piece(struct str s)
{
	size_t n;

	if (s.n == 0 || !in_name(s.p[0]))
		return 0;
	n = utf8_sequence(s);
	return n ? n : (unsigned char)s.p[0] < 0x80;
}

static struct str name_behind(struct str text, size_t at)
{
	size_t n = 0, more;

	while (n < NAME_MOST && (more = name_piece(str_from(text, at + n))) > 0)
		n += more;
	return str_sub(text, at, n);
}

static struct str name_before(struct str text, size_t at)
{
	size_t n = 0;

	while (n < at && n < NAME_MOST &&
	       (in_name(text.p[at - n - 1]) || (unsigned char)text.p[at - n - 1] >= 0x80))
		n++;
	return str_sub(text, at - n, n);
}

/* Up to a byte in its line, or nothing. */
static struct str name_until(struct str text, size_t at, char until)
{
	size_t n = 0;

	while (at + n < text.n && n < NAME_MOST && text.p[at + n] != until && text.p[at + n] != '\n')
		n++;
	return n < NAME_MOST ? str_sub(text, at, n) : STR("");
}

static bool is_address(struct str s)
{
	uint8_t ip[16];

	return pattern_ipv4(s, '.', ip) > 0 || pattern_ipv6(s, ip) > 0 || str_starts(s, STR("::1 "));
}

/* A text, with an address or a digit behind it where it says so. */
static bool follows(struct str rest, struct str wanted)
{
	char last = wanted.p[wanted.n - 1];

	if (last != '#' && last != '%')
		return str_starts(rest, wanted);
	wanted.n--;
	return str_starts(rest, wanted) && (last == '#' ? is_address(str_from(rest, wanted.n))
							: rest.n > wanted.n && ascii_digit(rest.p[wanted.n]));
}

static bool stands_behind(const struct redact_mark *mark, struct str rest)
{
	if (mark->behind[0].n == 0)
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(mark->behind) && mark->behind[i].n; i++) {
		if (follows(rest, mark->behind[i]))
			return true;
		if (rest.n == 0 && str_eq(mark->behind[i], STR("\n")))
			return true;
	}
	return false;
}

/* The line's part in front of text[at], as far back as what speaks of a name may stand. */
static struct str line_before(struct str text, size_t at)
{
	const size_t far = 1024;
	size_t from = at < far ? 0 : at - far;
	struct str before = str_sub(text, from, at - from);
	size_t start = str_rfind(before, STR("\n"));

	return start == SIZE_MAX ? before : str_from(before, start + 1);
}

static bool stands_before(struct str before, struct str wanted)
{
	return str_ends(before, wanted) || (before.n == 0 && str_eq(wanted, STR("\n")));
}

/* The name that `mark` shows at text[hit], or nothing. */
static struct str marked_name(const struct redact_mark *mark, struct str text, size_t hit)
{
	struct str before = str_sub(text, 0, hit), name;

	for (size_t i = 0; i < ARRAY_COUNT(mark->before) && (i == 0 || mark->before[i].n); i++) {
		if (!stands_before(before, mark->before[i]) ||
		    (mark->with.n && str_find(line_before(text, hit), mark->with) == SIZE_MAX))
			continue;
		if (mark->in_front)
			name = name_before(text, hit - mark->before[i].n);
		else if (mark->until)
			name = name_until(text, hit + mark->word.n, mark->until);
		else
			name = name_behind(text, hit + mark->word.n);
		if (stands_behind(mark, str_from(text, (size_t)(name.p + name.n - text.p))))
			return name;
	}
	return STR("");
}

/* Digits alone are a number of somebody; "for invalid user x", "of user space", "has logged in". */
static bool is_nobody(struct str name)
{
	static const char *const words[] = {
		"invalid", "user", "space", "mode", "access", "namespace", "namespaces", "defined", "unknown",
		"already", "not", "is", "was", "are", "has", "have", "had", "been", "be", "who", "when", "while",
		"successfully", "never", "currently", "still", "now", "just", "you", "they", "he", "she", "it",
		"get", "got", "and", "or", "one", "someone", "anyone", "nobody", "everyone", "session", "client",
		"tss", "messagebus", "avahi", "colord", "geoclue", "pulse", "usbmux", "kvm", "render", "input",
		"plugdev", "sgx", "saned", "backup", "proxy", "rpc", "rpcuser", "nfsnobody", "tcpdump", "unbound",
		"password", "passwd", "name", "login", "string", "field", "missing", "none", "null", "true", "false",
		"account", "first", "last", "once", "if", "users", "people", "www-data", "unset", "crontab",
	};
	size_t digits = 0;

	while (digits < name.n && ascii_digit(name.p[digits]))
		digits++;
	return digits == name.n || redact_listed(words, ARRAY_COUNT(words), name);
}

/* "0000" and "123456" are on thousands of devices, and in every line about PCI; "xhci-hcd.2" is a
 * controller of the kernel's. */
static bool is_serial(struct str text)
{
	uint64_t seen[2] = {0, 0};

	for (size_t i = 0; i < text.n; i++)
		seen[text.p[i] >> 6 & 1] |= UINT64_C(1) << (text.p[i] & 63);
	return text.n >= 6 && str_find_char(text, '.') == SIZE_MAX && __builtin_popcountll(seen[0]) + __builtin_popcountll(seen[1]) >= 4 &&
	       !str_starts(STR("123456789012345678901234567890"), text);
}

static int learn_one(struct redactor *r, const struct redact_mark *mark, struct str text, size_t hit,
		     struct err *err)
{
	struct str name;

	if (mark->learn) {
		name = str_sub(text, hit + mark->word.n, NAME_LONGEST);
		name.n = str_find_char(name, '\n') < name.n ? str_find_char(name, '\n') : name.n;
		return stands_before(str_sub(text, 0, hit), mark->before[0]) ? mark->learn(r, name, err) : 0;
	}
	name = marked_name(mark, text, hit);
	if (is_nobody(name) || redact_is_program(name) ||
	    (mark->kind == REDACT_CGROUP && mark->in_front &&
	     redact_is_system_unit((struct str){name.p, name.n + mark->word.n})))
		return 0;
	if (mark->kind == REDACT_CGROUP && pattern_hex_id(name) == name.n)
		return 0; /* known by its form */
	if (mark->kind == REDACT_LABEL)
		return redact_learn_label(r, name, err);
	if (mark->kind == REDACT_HOST)
		return redact_learn_host(r, name, err);
	return mark->kind == REDACT_ID && !is_serial(name) ? 0 : redact_learn(r, mark->kind, name, err);
}

int redact_learn_marked(struct redactor *r, struct str text, struct err *err)
{
	for (size_t at = 0; at + 3 <= text.n; at++) {
		for (unsigned i = r->marks.first[slot_of(text.p + at)]; i; i = r->marks.next[i - 1]) {
			const struct redact_mark *mark = &marks[i - 1];

			if (str_starts(str_from(text, at), mark->word) &&
			    learn_one(r, mark, text, at, err) != 0)
				return -1;
		}
	}
	return 0;
}
