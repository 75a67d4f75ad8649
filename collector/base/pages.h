/* SPDX-License-Identifier: MIT */
/* pages.h - the pages of the program's own file: its code and constants. */
#ifndef OOMREPORT_BASE_PAGES_H
#define OOMREPORT_BASE_PAGES_H

#include <stdbool.h>

/* There are no shared libraries: the program was built for where memory is short. */
bool pages_are_all(void);

/* What was used until now goes out of our resident set; the page cache may keep it. What is used
 * again comes back by itself: some dozen faults that wait for nothing. For where one stage of the
 * work ends and another code begins. */
void pages_forget(void);

/* From now on what is not in memory yet of the program is read from the disk page by page. A fault
 * reads ahead as much as the disk is set to (read_ahead_kb), megabytes on some virtual machines, in
 * pages that nobody can take back while they are read, and that push out what is needed next: in a
 * small memory cgroup the OOM killer answers, or nothing gets on. */
void pages_singly(void);
/* ... read ahead again, which is quicker where there is room. */
void pages_ahead(void);
/* What is in memory becomes ours in pieces of 16 KiB, and nothing is read on beyond one: where there is
 * no room. A hundred mappings more cost a tenth of a collection. */
void pages_divide(void);

#endif
