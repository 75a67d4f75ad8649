/* SPDX-License-Identifier: MIT */
/* talk.c - the last question before something leaves the machine. */
#include "submit/submit.h"

int talk_agree(const struct talk *talk, bool yes, struct err *err)
{
	char answer[64] = "";

	if (yes || (talk && talk->ask &&
		    talk->ask(talk->ctx, "Send it? (y/n) ", answer, sizeof(answer)) &&
		    (answer[0] == 'y' || answer[0] == 'Y')))
		return 0;
	(void)err_set(err, ERR_INTERRUPTED, "nothing was sent");
	return err_hint(err, "--yes sends without asking");
}
