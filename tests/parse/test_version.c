/* SPDX-License-Identifier: MIT */
/* test_version.c - release strings as kernels of many makers print them. */
#include "harness.h"
#include "parse/parse.h"

static const struct {
	const char *release;
	int major, minor, patch;
	const char *distro;
} rows[] = {
	{"6.1", 6, 1, 0, ""},
	{"6.12.57+deb13-amd64", 6, 12, 57, "debian"},
	{"6.1.0-56-amd64", 6, 1, 0, "debian"},
	{"6.1.0-18-cloud-amd64", 6, 1, 0, "debian"},
	{"5.15.0-91-generic", 5, 15, 0, "ubuntu"},
	{"6.8.0-1028-azure", 6, 8, 0, "ubuntu"},
	{"2.6.18-274.7.1.el5", 2, 6, 18, "el5"},
	{"2.6.32-642.6.2.el6.x86_64", 2, 6, 32, "el6"},
	{"3.10.0-1160.el7.x86_64", 3, 10, 0, "el7"},
	{"4.18.0-553.8.1.el8_10.x86_64", 4, 18, 0, "el8"},
	{"5.14.0-427.13.1.el9_4.x86_64", 5, 14, 0, "el9"},
	{"6.12.0-211.el10.ppc64le", 6, 12, 0, "el10"},
	{"5.4.17-2136.307.3.4.el8uek.x86_64", 5, 4, 17, "uek"},
	{"6.1.119-1.el9.elrepo.x86_64", 6, 1, 119, "elrepo"},
	{"4.14.146-119.123.amzn2.x86_64", 4, 14, 146, "amzn"},
	{"4.4.121-92.92-default", 4, 4, 121, "sle"},
	{"4.12.14-122.37-default", 4, 12, 14, "sle"},
	{"5.14.21-150400.24.60-default", 5, 14, 21, "sle"},
	{"6.4.0-150600.23.7-default", 6, 4, 0, "sle"},
	{"6.11.8-1-default", 6, 11, 8, "opensuse"},
	{"4.16.0-0.rc4.git0.1.fc28.x86_64", 4, 16, 0, "fc"},
	{"6.7.4-arch1-1", 6, 7, 4, "arch"},
	{"4.17.2-1-ARCH", 4, 17, 2, "arch"},
	{"6.1.43-android14-11-abS921BXXU1AWLB", 6, 1, 43, "android"},
	{"5.10.168-gki-gade08d90ed8c-dirty", 5, 10, 168, "android"},
	{"5.7.0-rc6-next-20200519+", 5, 7, 0, ""},
	{"6.12.0-rc5-next-20241029-kvm-dirty", 6, 12, 0, ""},
	{"2.6.18-rc3-mm2", 2, 6, 18, ""},
	{"6.13.0-rc5-syzkaller-00163-gab75170520d4", 6, 13, 0, ""},
	{"2.4.21-37.EL", 2, 4, 21, ""},
	{"6.3.9-gentoo-e350", 6, 3, 9, "gentoo"},
	{"5.10.103-v7l+", 5, 10, 103, "raspberrypi"},
	{"6.1.21-v8+", 6, 1, 21, "raspberrypi"},
	{"6.18.44-fc-v782", 6, 18, 44, ""},
	{" 5.15.158-2-pve\n", 5, 15, 158, "pve"},
};

int main(void)
{
	struct kernel_version v = {.major = 77};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		check(kernel_version_parse(str_of(rows[i].release), &v));
		check_int(v.major, rows[i].major);
		check_int(v.minor, rows[i].minor);
		check_int(v.patch, rows[i].patch);
		check_str(v.distro, str_of(rows[i].distro));
		check_str(v.release, str_trim(str_of(rows[i].release)));
	}
	v.major = 77;
	check(!kernel_version_parse(STR(""), &v));
	check(!kernel_version_parse(STR("linux"), &v));
	check(!kernel_version_parse(STR("6"), &v));
	check(!kernel_version_parse(STR("6."), &v));
	check(!kernel_version_parse(STR("99999999999.1"), &v));
	check(!kernel_version_parse(STR("1.99999999999999999999999"), &v));
	check_int(v.major, 77); /* untouched on failure */
	check(kernel_version_parse(STR("4.19.0"), &v));
	check(kernel_version_cmp(&v, 4, 19, 0) == 0);
	check(kernel_version_cmp(&v, 4, 18, 99) > 0);
	check(kernel_version_cmp(&v, 4, 19, 1) < 0);
	check(kernel_version_cmp(&v, 5, 0, 0) < 0);
	return tests_done();
}
