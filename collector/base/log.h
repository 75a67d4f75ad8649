/* SPDX-License-Identifier: MIT */
/* log.h - words for people: one line to standard error, nothing else ever.
 *
 * The level is the only mutable global of the project. Lines are built in a fixed stack
 * buffer; control bytes are escaped as \xHH so that no foreign text can drive the terminal.
 */
#ifndef OOMREPORT_BASE_LOG_H
#define OOMREPORT_BASE_LOG_H

#include "base/err.h"

enum log_level {
	LOG_LEVEL_ERROR,   /* always */
	LOG_LEVEL_WARNING, /* unless --quiet */
	LOG_LEVEL_INFO,	   /* --verbose */
	LOG_LEVEL_DEBUG,   /* --verbose twice */
};

void log_set_level(enum log_level level);
enum log_level log_level(void);
void log_line(enum log_level level, const char *fmt, ...) FORMAT_ARGS(2, 3);

#define log_warn(...)  log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)  log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
