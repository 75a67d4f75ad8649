/* SPDX-License-Identifier: MIT */
/* test_err.c - the first error wins, context goes in front, control bytes do not survive. */
#include <errno.h>

#include "harness.h"

int main(void)
{
	struct err err = {0};

	check_int(err_set(&err, ERR_FORMAT, "line %d: \x1b[2Jbad", 3), -1);
	check_int(err_set(&err, ERR_NET, "later"), -1);
	err_wrap(&err, "log");
	check_int(err.code, ERR_FORMAT);
	check_str(str_of(err.text), STR("log: line 3: ?[2Jbad"));
	err_hint(&err, "do this");
	err_hint(&err, "not that");
	check_str(str_of(err.hint), STR("do this"));
	err = (struct err){.code = ERR_NONE};
	err_sys(&err, ENOENT, "%s", "/x");
	check_str(str_of(err.text), STR("/x: No such file or directory"));
	check_int(err_set(NULL, ERR_IO, "nobody listens"), -1);
	check_int(err_exit_status(ERR_USAGE), 2);
	check_int(err_exit_status(ERR_INTERRUPTED), 130);
	check_int(err_exit_status(ERR_NET), 1);
	return tests_done();
}
