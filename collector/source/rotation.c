/* SPDX-License-Identifier: MIT */
/* rotation.c - what logrotate, savelog and their like have put behind a log's name, sos around it,
 * and pstore behind that of a part of it. */
#include <stdio.h>

#include "source/input.h"

static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '_';
}

/* Eats the digits at the end and the separator before them: how many digits, 0 when it is none. */
static size_t eat_number(struct str *name, char *separator, uint64_t *n)
{
	size_t at = name->n;
	struct str digits;

	while (at && ascii_digit(name->p[at - 1]))
		at--;
	digits = str_from(*name, at);
	if (at < 2 || !is_separator(name->p[at - 1]) || !digits.n || !take_u64(&digits, n))
		return 0;
	*separator = name->p[at - 1];
	at--;
	digits.n = name->n - at - 1;
	name->n = at;
	return digits.n;
}

static bool is_date(uint64_t n)
{
	return n > 19700101;
}

/* "-2024-01-31": its last two digits are eaten already. */
static bool eat_rest_of_date(struct str *name, uint64_t day, uint64_t *date)
{
	struct str rest = *name;
	uint64_t month, year;
	char separator;

	if (eat_number(&rest, &separator, &month) != 2 || separator != '-' ||
	    eat_number(&rest, &separator, &year) != 4)
		return false;
	*date = year * 10000 + month * 100 + day;
	*name = rest;
	return is_date(*date);
}

static bool eat_date(struct str *name, struct rotation *ret)
{
	struct str rest = *name, before;
	uint64_t n, date;
	char separator;
	size_t digits = eat_number(&rest, &separator, &n);

	before = rest;
	if (digits == 2 && separator == '-' && eat_rest_of_date(&rest, n, &date)) {
		*ret = (struct rotation){rest, date, 0};
	} else if (digits && separator == '-' && eat_number(&before, &separator, &date) >= 8 &&
		   is_date(date)) { /* "-20240131-1706700000" */
		*ret = (struct rotation){before, date, n};
	} else if (digits >= 8 && is_date(n)) {
		*ret = (struct rotation){rest, n, 0};
	} else {
		return false;
	}
	return true;
}

void rotation_of(struct str name, struct rotation *ret)
{
	static const struct str tails[] = {STR_INIT(".gz"), STR_INIT(".xz"), STR_INIT(".zst"),
					   STR_INIT(".bz2"), STR_INIT(".lz4")};
	struct str rest;
	uint64_t n;
	char separator;

	for (size_t i = 0; i < ARRAY_COUNT(tails); i++)
		if (str_ends(name, tails[i]))
			name.n -= tails[i].n;
	if (eat_date(&name, ret))
		return;
	rest = name;
	if (eat_number(&rest, &separator, &n) && separator == '.' && n < 1000000)
		*ret = (struct rotation){rest, UINT64_MAX - 1 - n, 0};
	else
		*ret = (struct rotation){name, UINT64_MAX, 0};
}

int rotation_order(const struct rotation *a, const struct rotation *b)
{
	if (a->age != b->age)
		return a->age < b->age ? -1 : 1;
	return a->within < b->within ? -1 : a->within > b->within;
}

/* ---- sos ---- */

struct str rotation_name(struct str path, char room[MEMBER_NAME])
{
	const struct str tail = STR(".tailed");
	struct str rest = path, top, plugin;

	if (!str_ends(path, tail) || !take_until_lit(&rest, STR("sos_strings/"), &top) ||
	    !take_until(&rest, '/', &plugin))
		return path;
	(void)take_char(&rest, '.'); /* of older ones */
	if (!take_lit(&rest, STR("var.log.")) || rest.n < tail.n)
		return path;
	rest.n -= tail.n;
	snprintf(room, MEMBER_NAME, "%.*svar/log/%.*s", STR_ARG(top), STR_ARG(rest));
	return str_of(room);
}

/* ---- pstore ---- */

/* "dmesg-efi-165467816610001": time * 100 + part, then the count, in decimal
 * (drivers/firmware/efi/efi-pstore.c). Part 1 is the newest text of a record. */
bool efi_part(struct str name, uint64_t *record, unsigned *part)
{
	uint64_t n;

	if (!take_lit(&name, STR("dmesg-efi-")) && !take_lit(&name, STR("dmesg-efi_pstore-")))
		return false;
	if (!take_u64(&name, &n) || name.n)
		return false;
	*record = n / 100000;
	*part = (unsigned)(n / 1000 % 100);
	return true;
}

void rotation_of_pstore(struct str path, struct rotation *ret)
{
	enum { PART_AND_COUNT = 5 };
	size_t slash = str_rfind(path, STR("/"));
	uint64_t record;
	unsigned part;

	if (efi_part(str_from(path, slash == SIZE_MAX ? 0 : slash + 1), &record, &part))
		*ret = (struct rotation){str_sub(path, 0, path.n - PART_AND_COUNT),
					 UINT64_MAX - part, 0};
	else
		*ret = (struct rotation){path, UINT64_MAX, 0};
}
