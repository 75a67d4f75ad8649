/* SPDX-License-Identifier: MIT */
/* submit_options.h - what `oomreport submit` takes: read by oomreport-submit, and by the front
 * program for completions and man pages. */
#ifndef OOMREPORT_CLI_SUBMIT_OPTIONS_H
#define OOMREPORT_CLI_SUBMIT_OPTIONS_H

#include "cli/cli.h"

struct submit_options {
	const char *bugzilla, *mail, *upload, *login;
	bool list, retry;
	const char *product, *component, *version_field, *op_sys, *platform, *severity;
	int64_t bug;
	struct text_list fields, cc;
	const char *api_key_file, *ca_file, *summary, *template_name, *profile;
	bool dry_run, yes, new_anyway, as_root;
	int64_t confirm_wait_us;
	const char *from, *smtp, *user, *password_file, *mail_file;
	const char *method, *ssh_key, *known_hosts;
};

extern const struct option_row submit_rows[];

#endif
