/* SPDX-License-Identifier: MIT */
/* fuzz_triage.c - any bytes as one input of triage: a log, a container, a bundle with a report
 * of a stranger. Laws: every record is a line of valid JSON of its schema's first keys; a failure
 * has a reason; the heap stays below the reader's ceiling. */
#include <jansson.h>

#include "cli/triage.h"
#include "fuzz/laws.h"

enum { RECORDS_LARGEST = 8 << 20, HEAP_LARGEST = 256 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct triage_answer out = {.lines = BUF_INIT(RECORDS_LARGEST), .head = BUF_INIT(TRIAGE_HEAD)};
	struct err err = {.code = ERR_NONE};
	struct str rest, line;
	char path[MEMORY_PATH];
	long long mark;
	int fd;

	fd = memory_file((struct str){(const char *)data, size}, path);
	mark = heap_mark();
	law(triage_read(path, 1, &out, &err) == 0 || err.code != ERR_NONE);
	law(heap_peak(mark) < HEAP_LARGEST);
	close(fd);
	rest = buf_str(&out.lines);
	while (take_line(&rest, &line)) {
		json_t *record = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);

		law(json_is_object(record));
		law(json_is_string(json_object_get(record, "input")));
		json_decref(record);
	}
	law(out.head.n <= TRIAGE_HEAD && out.head.n <= out.bytes);
	buf_free(&out.lines);
	buf_free(&out.head);
	return 0;
}
