/* SPDX-License-Identifier: MIT */
/* version.c - kernel release strings: numbers, and whose kernel it is. */
#include "parse/parse.h"

/* Words in what follows the numbers, first row wins. word2: must occur as well. */
static const struct {
	struct str word, word2, distro;
} marks[] = {
#define MARK(w, d) {STR_INIT(w), STR_INIT(""), STR_INIT(d)}
#define MARK2(w, w2, d) {STR_INIT(w), STR_INIT(w2), STR_INIT(d)}
	MARK("uek", "uek"), /* Oracle: 5.4.17-2136.307.3.4.el8uek.x86_64 */
	MARK("elrepo", "elrepo"), MARK("amzn", "amzn"),
	MARK2(".amazon", "", "amzn"),
	MARK("-android", "android"), MARK("-gki", "android"),
	MARK("-next-", ""), MARK("-mm", ""), /* the developers' trees are nobody's distribution */
	MARK("-arch", "arch"), MARK("-ARCH", "arch"), MARK("-zen", "arch"),
	MARK("-gentoo", "gentoo"), MARK("-pve", "pve"), MARK("-coreos", "coreos"),
	MARK("-flatcar", "flatcar"), MARK("-valve", "steamos"), MARK("neptune", "steamos"),
	MARK("qubes", "qubes"), MARK("-microsoft", "wsl"), MARK("-Microsoft", "wsl"),
	MARK("-raspi", "ubuntu"), MARK("-generic", "ubuntu"), MARK("-lowlatency", "ubuntu"),
	MARK("-azure", "ubuntu"), MARK("-aws", "ubuntu"), MARK("-gcp", "ubuntu"),
	MARK("-gke", "ubuntu"), MARK("-oracle", "ubuntu"), MARK("-oem", "ubuntu"),
	MARK("-kvm", "ubuntu"), MARK("-server", "ubuntu"), MARK("-virtual", "ubuntu"),
	MARK("-ubuntu", "ubuntu"),
	MARK("-amd64", "debian"), MARK("-arm64", "debian"), MARK("-armmp", "debian"),
	MARK("-686", "debian"), MARK("-ppc64el", "debian"), MARK("-powerpc64le", "debian"),
	MARK("-s390x", "debian"), MARK("-rpi", "raspberrypi"), MARK("-v7+", "raspberrypi"),
	MARK("-v7l+", "raspberrypi"), MARK("-v8+", "raspberrypi"),
	MARK("-v8-16k+", "raspberrypi"), MARK("deb1", "debian"),
	MARK2(".g", "-default", "opensuse"),
#undef MARK
#undef MARK2
};

static bool holds(struct str s, struct str word)
{
	return str_find(s, word) != SIZE_MAX;
}

/* ".el8_10", ".fc38", ".mga9": the letters and the first number, or letters only for Fedora. */
static struct str dist_tag(struct str rest)
{
	static const struct str tags[] = {STR_INIT(".el"), STR_INIT(".fc"), STR_INIT(".mga"),
					  STR_INIT(".cm"), STR_INIT(".an"), STR_INIT(".oe")};

	for (size_t i = 0; i < ARRAY_COUNT(tags); i++) {
		size_t at = str_find(rest, tags[i]);
		size_t end = at == SIZE_MAX ? 0 : at + tags[i].n;

		if (at == SIZE_MAX || end >= rest.n || !ascii_digit(rest.p[end]))
			continue;
		while (end < rest.n && ascii_digit(rest.p[end]))
			end++;
		if (i > 0) /* only RHEL's number changes what a kernel prints */
			end = at + tags[i].n;
		return str_sub(rest, at + 1, end - at - 1);
	}
	return STR("");
}

/* SUSE: "-default" and its sisters; SLE counts 4.4.x, 4.12.14, 5.3.18, 5.14.21, 6.4.0. */
static struct str suse_kind(const struct kernel_version *v, struct str rest)
{
	static const struct {
		int major, minor, patch; /* -1: any */
	} sle[] = {{3, 0, -1}, {3, 12, -1}, {4, 4, -1}, {4, 12, 14},
		   {5, 3, 18}, {5, 14, 21}, {6, 4, 0}};

	if (!holds(rest, STR("-default")) && !holds(rest, STR("-preempt")) &&
	    !holds(rest, STR("-vanilla")) && !holds(rest, STR("-desktop")))
		return STR("");
	for (size_t i = 0; i < ARRAY_COUNT(sle); i++)
		if (v->major == sle[i].major && v->minor == sle[i].minor &&
		    (sle[i].patch < 0 || v->patch == sle[i].patch))
			return STR("sle");
	return STR("opensuse");
}

static struct str distro_of(const struct kernel_version *v, struct str rest)
{
	struct str tag = dist_tag(rest);

	for (size_t i = 0; i < 4; i++) /* an own kernel built for el8 is no RHEL kernel */
		if (holds(rest, marks[i].word))
			return marks[i].distro;
	if (tag.n)
		return tag;
	tag = suse_kind(v, rest);
	if (tag.n)
		return tag;
	for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
		if (holds(rest, marks[i].word) && holds(rest, marks[i].word2))
			return marks[i].distro;
	return STR("");
}

bool kernel_version_parse(struct str release, struct kernel_version *ret)
{
	struct kernel_version v = {.release = str_trim(release), .distro = STR_INIT("")};
	struct str rest = v.release;
	uint64_t major, minor, patch = 0;
	struct str try;

	if (!take_u64(&rest, &major) || !take_char(&rest, '.') || !take_u64(&rest, &minor) ||
	    major > INT32_MAX || minor > INT32_MAX)
		return false;
	try = rest;
	if (take_char(&try, '.') && take_u64(&try, &patch)) {
		if (patch > INT32_MAX)
			return false;
		rest = try;
	} else {
		patch = 0;
	}
	v.major = (int)major;
	v.minor = (int)minor;
	v.patch = (int)patch;
	v.distro = distro_of(&v, rest);
	*ret = v;
	return true;
}

int kernel_version_cmp(const struct kernel_version *v, int major, int minor, int patch)
{
	if (v->major != major)
		return v->major < major ? -1 : 1;
	if (v->minor != minor)
		return v->minor < minor ? -1 : 1;
	return v->patch < patch ? -1 : v->patch > patch;
}
