/* SPDX-License-Identifier: MIT */
/* redact_domains.c - hosts in their domains, mail addresses, accounts of Windows domains. What
 * stands in front of a domain is replaced label by label, so that it is seen what belongs
 * together: "web01.corp.example.net" and "example.net" are "host1.host2.domain1" and "domain1". */
#include "report/redact_private.h"

/* ---- the names of domains ---- */

/* Last labels that are endings of files, units and symbols, not top-level domains. */
static bool is_ending(struct str label)
{
	static const char *const endings[] = {
		"service", "scope", "slice", "socket", "mount", "target", "timer", "device",
		"swap", "path", "conf", "log", "txt", "json", "html", "yaml", "yml", "ko", "so",
		"rs", "py", "sh", "cc", "cpp", "hpp", "dll", "exe", "img", "gz", "xz", "zst",
		"bz2", "rpm", "deb", "isra", "part", "constprop", "cold", "llvm", "amd64",
		"x86_64", "aarch64", "generic", "default", "tsv", "csv", "md", "current", "max",
		"stat", "events", "usage_in_bytes", "limit_in_bytes", "pressure", "failcnt",
		"kernel", "vm", "min", "high", "low", "peak", "swappiness", "pl", "js", "ts",
		"php", "rb", "go", "java", "class", "jar", "css", "cfg", "ini", "xml", "pid",
		"sock", "lock", "tmp", "bak", "old", "new", "db", "sql", "rules", "list", "repo",
		"ucode", "bin", "fw", "sfi", "ddc", "tlv", "itb", "rc", "src", "dtb", "auto",
		"journal", "desktop", "pcap", "core", "tar", "zip", "iso", "qcow2", "raw",
	};

	return redact_listed(endings, ARRAY_COUNT(endings), label);
}

/* Top-level domains that are enough by themselves: "example.com". */
static bool is_generic(struct str label)
{
	static const char *const generic[] = {"com", "net", "org", "edu", "gov", "mil", "arpa"};

	return redact_listed(generic, ARRAY_COUNT(generic), label);
}

/* Those of countries (ISO 3166) and the words used inside of networks (RFC 8375, 6762, 9476): with
 * a host in front, "mail.example.de"; "kernel.io" alone may be anything. */
static bool is_country_or_inside(struct str label)
{
	static const char countries[] =
		"acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbwbybzcacdcfcgchcickcl"
		"cmcncocrcucvcwcxcyczdedjdkdmdodzeceeegereseteufifjfkfmfofrgagdgegfggghgiglgmgngpgqgrgt"
		"gugwgyhkhnhrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulv"
		"lymamcmdmemgmhmkmlmmmnmomqmrmsmtmumvmwmxmymzmznancnenfngninlnonpnrnunzompapepfpgphpkplpm"
		"pnprpsptpwpyqarerorsrurwsasbscsdsesgshsiskslsmsnsosrssstsvsxsysztctdtftgthtjtktltmtntotr"
		"tttvtwtzuaugukusuyuzvavcvevgvivnvuwfwsyeytzazmzw";
	static const char *const others[] = {"info", "biz", "cloud", "app", "dev", "corp", "local",
					     "lan", "internal", "intranet", "private", "home",
					     "localdomain", "name", "int"};

	for (size_t i = 0; label.n == 2 && i + 1 < sizeof(countries); i += 2) {
		if (str_eq_nocase(str_sub(STR(countries), i, 2), label))
			return true;
	}
	return redact_listed(others, ARRAY_COUNT(others), label);
}

bool domain_is_public(struct str domain)
{
	/* where kernels and distributions are made and bugs are filed, and where anybody has mail */
	static const struct str known[] = {
		STR_INIT("kernel.org"),	    STR_INIT("kvack.org"),	STR_INIT("linux-mm.org"),
		STR_INIT("infradead.org"),  STR_INIT("lwn.net"),	STR_INIT("debian.org"),
		STR_INIT("debian.net"),	    STR_INIT("ubuntu.com"),	STR_INIT("canonical.com"),
		STR_INIT("launchpad.net"),  STR_INIT("redhat.com"),	STR_INIT("fedoraproject.org"),
		STR_INIT("centos.org"),	    STR_INIT("rockylinux.org"), STR_INIT("almalinux.org"),
		STR_INIT("suse.com"),	    STR_INIT("suse.de"),	STR_INIT("opensuse.org"),
		STR_INIT("gentoo.org"),	    STR_INIT("archlinux.org"),	STR_INIT("linuxmint.com"),
		STR_INIT("github.com"),	    STR_INIT("gitlab.com"),	STR_INIT("github.io"),
		STR_INIT("freedesktop.org"), STR_INIT("gnome.org"),	STR_INIT("kde.org"),
		STR_INIT("gnu.org"),	    STR_INIT("systemd.io"),	STR_INIT("docker.com"),
		STR_INIT("docker.io"),	    STR_INIT("k8s.io"),		STR_INIT("kubernetes.io"),
		STR_INIT("quay.io"),	    STR_INIT("oracle.com"),	STR_INIT("intel.com"),
		STR_INIT("amd.com"),	    STR_INIT("nvidia.com"),	STR_INIT("x.org"),
		STR_INIT("apache.org"),	    STR_INIT("nginx.org"),	STR_INIT("postgresql.org"),
		STR_INIT("python.org"),	    STR_INIT("mozilla.org"),	STR_INIT("google.com"),
		STR_INIT("googlesource.com"), STR_INIT("qemu.org"),	STR_INIT("-qemu-project.org"),
		STR_INIT("android.com"),    STR_INIT("gmail.com"),	STR_INIT("googlemail.com"),
		STR_INIT("outlook.com"),    STR_INIT("hotmail.com"),	STR_INIT("yahoo.com"),
		STR_INIT("gmx.de"),	    STR_INIT("gmx.net"),	STR_INIT("web.de"),
		STR_INIT("in-addr.arpa"),   STR_INIT("addr.arpa"),	STR_INIT("ip6.arpa"),
			STR_INIT("json-schema.org"),
	};

	for (size_t i = 0; i < ARRAY_COUNT(known); i++) {
		size_t front = domain.n - known[i].n;

		if (domain.n >= known[i].n && str_eq_nocase(str_from(domain, front), known[i]) &&
		    (front == 0 || domain.p[front - 1] == '.' || known[i].p[0] == '-'))
			return true;
	}
	return false;
}

static struct str last_label(struct str domain)
{
	size_t dot = str_rfind(domain, STR("."));

	return str_from(domain, dot == SIZE_MAX ? 0 : dot + 1);
}

/* "co.uk", "com.br", "ac.at" belong to a country. */
struct str domain_owned(struct str domain)
{
	static const char *const shared[] = {"co", "com", "net", "org", "ac", "gov", "edu", "or",
					     "ne", "go", "gob", "gv", "mil"};
	size_t labels = 2, from = domain.n;
	struct str rest = domain, last = last_label(domain);

	rest.n -= last.n < rest.n ? last.n + 1 : rest.n;
	if (last.n == 2 && redact_listed(shared, ARRAY_COUNT(shared), last_label(rest)))
		labels = 3;
	while (from > 0 && labels > 0) {
		from--;
		labels -= domain.p[from] == '.';
	}
	return str_from(domain, labels == 0 ? from + 1 : 0);
}

/* "dc=corp", as LDAP writes the first label of a domain. */
static struct str dn_of(struct str label, char text[NAME_LONGEST + 3])
{
	size_t n = 3;

	memcpy(text, "dc=", n);
	for (size_t i = 0; i < label.n && n < NAME_LONGEST; i++)
		text[n++] = ascii_lower(label.p[i]);
	return (struct str){text, n};
}

static void add_domain(struct redactor *r, struct str domain)
{
	const struct redact_name *name = redact_add(r, REDACT_DOMAIN, domain, NOKEY);
	struct str label = str_sub(domain, 0, str_find_char(domain, '.'));
	char text[NAME_LONGEST + 3];

	if (name && label.n < domain.n)
		(void)names_add(&r->spellings, REDACT_DOMAIN, dn_of(label, text), name->replacement);
}

void redact_add_domain(struct redactor *r, struct str domain)
{
	struct str owned = domain_owned(domain);

	if (domain_is_public(domain))
		return;
	add_domain(r, domain);
	if (str_find_char(owned, '.') != SIZE_MAX)
		add_domain(r, owned);
}

/* ---- hosts in domains ---- */

static bool in_domain(char c)
{
	return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-';
}

/* Of letters in one case: "SocketException" is none. */
static bool may_be_last(struct str label)
{
	bool lower = true, upper = true;

	for (size_t i = 0; i < label.n; i++) {
		lower &= label.p[i] >= 'a' && label.p[i] <= 'z';
		upper &= label.p[i] >= 'A' && label.p[i] <= 'Z';
	}
	return lower || upper;
}

/* Labels with a dot between them, the last one of letters; `cut`: an ending of files stood behind
 * them. 0 = none. */
static size_t pattern_fqdn(struct str s, bool *cut)
{
	size_t n = 0;

	*cut = false;
	while (n < s.n && n < NAME_LONGEST && in_domain(s.p[n]) &&
	       !(s.p[n] == '.' && n > 0 && s.p[n - 1] == '.'))
		n++;
	if (n < s.n && !name_boundary(s.p[n]))
		return 0;
	while (n > 0 && (s.p[n - 1] == '.' || s.p[n - 1] == '-'))
		n--;
	while (n > 0 && ascii_alpha(s.p[0])) {
		struct str last = last_label(str_sub(s, 0, n));

		if (last.n < 2 || last.n == n)
			return 0;
		if (!is_ending(last))
			return may_be_last(last) ? n : 0;
		*cut = true;
		n -= last.n + 1;
	}
	return 0;
}

/* Names of programs and of settings are written with dots, too, and begin with these. */
static bool is_dotted_name(struct str text)
{
	static const char *const heads[] = {"com", "org", "net", "io", "de", "java", "javax", "sun",
					    "jdk", "android", "kotlin", "scala", "kernel", "vm", "fs",
					    "user", "dev", "app", "python", "systemd", "memory",
					    "cgroup", "cpu", "cpuset", "pids", "hugetlb", "rdma", "misc"};

	text.n = str_find_char(text, '.');
	return redact_listed(heads, ARRAY_COUNT(heads), text);
}

/* What the kernel and its tools write so: attributes, types of file systems and the programs that
 * mount them. No domain ends as these do. */
static bool is_kernel_name(struct str text)
{
	static const char *const heads[] = {"security", "trusted", "system", "user", "fuse", "mount",
					    "umount", "fsck", "mkfs", "kernel", "vm", "fs", "net",
					    "debug", "dev", "memory", "cgroup", "cpu", "cpuset", "io",
					    "pids", "hugetlb", "rdma", "misc", "module", "sem"};
	struct str last = last_label(text);

	text.n = str_find_char(text, '.');
	return redact_listed(heads, ARRAY_COUNT(heads), text) && !is_generic(last) &&
	       !is_country_or_inside(last);
}

/* What firmware calls devices: "fc302000.csr" of a device tree, "LPCB.ECDV" of ACPI. */
static bool is_device_name(struct str text)
{
	size_t digits = 0, hex = 0, label = 0;

	while (hex < text.n && ascii_hex(text.p[hex]))
		digits += ascii_digit(text.p[hex++]);
	if (hex >= 6 && digits >= 3 && hex < text.n && text.p[hex] == '.')
		return true;
	for (size_t i = 0; i < text.n; i++) {
		label = text.p[i] == '.' ? 0 : label + 1;
		if (label > 4 || (text.p[i] >= 'a' && text.p[i] <= 'z'))
			return false;
	}
	return true;
}

/* In lower case, as nearly all logs write them: "ADO.NET" is none. */
static bool looks_like_host(struct str fqdn)
{
	struct str last = last_label(fqdn);

	for (size_t i = 0; i < last.n; i++) {
		if (ascii_lower(last.p[i]) != last.p[i])
			return false;
	}
	return (is_generic(last) || (is_country_or_inside(last) &&
				     str_find_char(fqdn, '.') + 1 + last.n < fqdn.n)) &&
	       !is_dotted_name(fqdn);
}

/* With the labels in front of its place, which were no part of a host: "memory." of "oom.group". */
static struct str whole_name(const struct scan *s, size_t n)
{
	size_t from = s->at;

	while (from > 0 && s->at - from < NAME_LONGEST && in_domain(s->text.p[from - 1]))
		from--;
	return str_sub(s->text, from, s->at - from + n);
}

static const struct redact_name *known(const struct redactor *r, struct str text)
{
	const struct redact_name *name = names_find(&r->names, text);

	return name ? name : names_find(&r->asides, text);
}

/* Where in it a known domain begins, or SIZE_MAX. */
static size_t known_domain(const struct redactor *r, struct str fqdn)
{
	for (size_t i = 0; i < fqdn.n; i++) {
		const struct redact_name *name = NULL;

		if (i == 0 || fqdn.p[i - 1] == '.')
			name = names_find(&r->names, str_from(fqdn, i));
		if (name && name->kind == REDACT_DOMAIN)
			return i;
	}
	return SIZE_MAX;
}

static bool is_known_host(const struct redactor *r, struct str fqdn)
{
	const struct redact_name *name;
	struct str last = last_label(fqdn);

	name = known(r, str_sub(fqdn, 0, str_find_char(fqdn, '.')));
	return name && name->kind == REDACT_HOST && (is_generic(last) || is_country_or_inside(last));
}

/* One label of a host; "www" and "mail" say what it is for, not whose. */
static void one_label(struct scan *s, size_t n)
{
	struct str label = str_sub(scan_rest(s), 0, n);
	char made[64];

	if (!known(s->r, label) && !redact_is_common_word(label) && !redact_is_ordinary_word(label))
		(void)names_add(&s->r->asides, REDACT_HOST, label,
				names_next(&s->r->names, REDACT_HOST, made));
	scan_known(s, n);
}

static void replace_domain(struct scan *s, size_t n)
{
	add_domain(s->r, str_sub(scan_rest(s), 0, n));
	scan_replace(s, n, REDACT_DOMAIN, NOKEY);
}

bool scan_domain(struct scan *s)
{
	struct str rest = scan_rest(s), fqdn;
	bool cut, strict = s->r->level == REDACT_STRICT, place = str_ends(scan_before(s), STR("://"));
	bool setting;
	size_t n, domain, end;

	n = pattern_fqdn(rest, &cut);
	fqdn = str_sub(rest, 0, n);
	setting = n < rest.n && rest.p[n] == '='; /* "rd.lvm.lv=vg/root" */
	if (n == 0 || domain_is_public(fqdn) || scan_in_banner(s))
		return false;
	domain = known_domain(s->r, fqdn);
	if (domain == SIZE_MAX) {
		if (!place && !is_known_host(s->r, fqdn) &&
		    (setting || (!looks_like_host(fqdn) &&
				 (!strict || cut || is_kernel_name(whole_name(s, n)) || is_device_name(fqdn)))))
			return false;
		domain = n - domain_owned(fqdn).n;
	}
	end = s->at + domain;
	while (s->at < end) {
		one_label(s, str_find_char(scan_rest(s), '.'));
		scan_keep(s, 1);
	}
	replace_domain(s, n - domain);
	return true;
}

/* The labels of a domain one by one, as LDAP writes it: the first one names it. */
bool scan_dn(struct scan *s, size_t word)
{
	struct str label = str_from(scan_rest(s), word);
	const struct redact_name *domain;
	char text[NAME_LONGEST + 3];
	size_t n = 0;

	if (word != 2 || !str_eq_nocase(str_sub(scan_rest(s), 0, 2), STR("dc")) ||
	    !take_char(&label, '='))
		return false;
	while (n < label.n && n < NAME_LONGEST && in_domain(label.p[n]) && label.p[n] != '.')
		n++;
	domain = names_find(&s->r->spellings, dn_of(str_sub(label, 0, n), text));
	if (!domain || n == 0)
		return false;
	scan_keep(s, 3);
	buf_add(scan_instead(s, n), domain->replacement);
	return true;
}

/* ---- mail addresses ---- */

bool scan_email(struct scan *s)
{
	struct str rest = scan_rest(s), local, home;
	const struct redact_name *plain = NULL;
	size_t domain = 0, n;

	n = pattern_email(rest, &domain);
	if (n == 0 || scan_in_banner(s))
		return false;
	local = str_sub(rest, 0, domain - (rest.p[domain - 1] == '@' ? 1 : 3));
	home = str_sub(rest, domain, n - domain);
	if (known_domain(s->r, home) == SIZE_MAX)
		redact_add_domain(s->r, domain_owned(home));
	if (local.n + 1 < domain) { /* "anna%40example.net" is anna@example.net */
		CLEANUP_BUF struct buf address = BUF_INIT(1024);

		buf_add(&address, local);
		buf_addc(&address, '@');
		buf_add(&address, home);
		plain = redact_add(s->r, REDACT_EMAIL, buf_str(&address), NOKEY);
	}
	scan_replace(s, n, REDACT_EMAIL, plain ? plain->replacement : NOKEY);
	return true;
}

/* ssh, rsync, cron's mails: behind a person stands a machine. */
bool scan_login(struct scan *s, size_t word)
{
	struct str user = str_sub(scan_rest(s), 0, word), host = str_from(scan_rest(s), word + 1);
	const struct redact_name *name;
	size_t n = 0;

	uint8_t ip[4];

	if (s->text.p[s->at + word] != '@')
		return false;
	if (pattern_ipv4(host, '.', ip) && word > 1 && ascii_alpha(user.p[0]) && !redact_is_common_word(user) &&
	    !redact_is_program(user)) {
		scan_replace(s, word, REDACT_USER, NOKEY); /* the address is the next word */
		return true;
	}
	while (n < host.n && in_domain(host.p[n]) && host.p[n] != '.')
		n++;
	host.n = n;
	name = known(s->r, user);
	if (n < 2 || !ascii_alpha(host.p[0]) ||
	    !((name && name->kind == REDACT_USER) || str_eq(user, STR("root"))) ||
	    redact_is_common_word(host))
		return false;
	if (name)
		scan_replace(s, word, REDACT_USER, NOKEY);
	else
		scan_keep(s, word);
	scan_keep(s, 1);
	scan_replace(s, n, REDACT_HOST, NOKEY);
	return true;
}

/* ---- storage: names that begin with a domain's, the other way round (RFC 3720, NVMe 4.5) ---- */

bool scan_storage(struct scan *s)
{
	struct str rest = scan_rest(s);
	size_t n = 4;

	if (!str_starts(rest, STR("iqn.")) && !str_starts(rest, STR("nqn.")))
		return false;
	while (n < rest.n && n < NAME_LONGEST && (in_domain(rest.p[n]) || rest.p[n] == ':'))
		n++;
	while (n > 0 && (name_boundary(rest.p[n - 1])))
		n--;
	if (n < 12 || !ascii_digit(rest.p[4]) || rest.p[8] != '-')
		return false;
	scan_replace(s, n, REDACT_ID, NOKEY);
	return true;
}

/* ---- Windows ---- */

static size_t backslashes(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == '\\')
		n++;
	return n;
}

/* NetBIOS names are of capitals; Windows' own and its registry's name nobody. */
static bool is_netbios(struct str word)
{
	static const char *const own[] = {"NT", "AUTHORITY", "BUILTIN", "WORKGROUP", "HKLM", "HKCU",
					  "HKCR", "HKU", "SYSTEM", "SOFTWARE", "DEVICE"};

	for (size_t i = 0; i < word.n; i++) {
		if (ascii_lower(word.p[i]) == word.p[i] && !ascii_digit(word.p[i]))
			return false;
	}
	return word.n >= 2 && ascii_alpha(word.p[0]) && !redact_listed(own, ARRAY_COUNT(own), word);
}

static size_t account_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (!name_boundary(s.p[n]) ||
			   (memchr(".-", s.p[n], 2) && n + 1 < s.n && !name_boundary(s.p[n + 1]))))
		n++;
	return n;
}

/* "CORP\anna", as winbind and sssd write it, also with its backslash escaped. One backslash may
 * begin an escape, "ERROR\nTraceback": then only a known account is taken. */
bool scan_account(struct scan *s, size_t word)
{
	struct str rest = scan_rest(s), domain = str_sub(rest, 0, word), user;
	size_t slashes = backslashes(str_from(rest, word)), n;
	const struct redact_name *name, *home;

	if (slashes == 0 || word > 15 || (slashes == 1 && s->json))
		return false;
	user = str_from(rest, word + slashes);
	n = account_length(user);
	user.n = n < user.n ? n : user.n;
	if (user.n < 2 || user.n > NAME_LONGEST || !ascii_alpha(user.p[0]))
		return false;
	name = known(s->r, user);
	home = known(s->r, domain);
	if (!home && (redact_is_common_word(domain) || redact_is_ordinary_word(domain)))
		return false; /* "C:\Users\anna" */
	if (!(name && name->kind == REDACT_USER) && !(home && home->kind == REDACT_DOMAIN) &&
	    (!is_netbios(domain) || (slashes == 1 && memchr("nrtxubfv", user.p[0], 8)) ||
	     backslashes(str_from(rest, word + slashes + n))))
		return false;
	scan_replace(s, word, REDACT_DOMAIN, NOKEY);
	scan_keep(s, slashes);
	scan_replace(s, user.n, REDACT_USER, NOKEY);
	return true;
}

bool scan_home_domain(struct scan *s, size_t n)
{
	struct str domain = str_sub(scan_rest(s), 0, n), behind = str_from(scan_rest(s), n);
	const struct redact_name *name = known(s->r, domain);
	bool cut;

	if (behind.n < 2 || behind.p[0] != '/' || name_boundary(behind.p[1]) ||
	    !((name && name->kind == REDACT_DOMAIN) || is_netbios(domain) ||
	      (pattern_fqdn(domain, &cut) == n && looks_like_host(domain))))
		return false;
	scan_replace(s, n, REDACT_DOMAIN, NOKEY);
	return true;
}
