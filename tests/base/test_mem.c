/* SPDX-License-Identifier: MIT */
/* test_mem.c - arena and buffer refuse to pass their maximum and survive no memory. */
#include "base/kv.h"
#include "harness.h"

static void arena_limits(void)
{
	struct arena a = ARENA_INIT(10000);
	struct str copy = {0};

	check(arena_take(&a, 9000) != NULL);
	check(arena_take(&a, 2000) == NULL);
	check(arena_take(&a, SIZE_MAX) == NULL);
	check(arena_array(&a, SIZE_MAX / 2, 4) == NULL);
	check(arena_str(&a, STR("abc"), &copy));
	check_str(copy, STR("abc"));
	arena_reset(&a);
	check(arena_take(&a, 9999) != NULL);
	arena_free(&a);
}

/* What two had is one's, where it was, and counts. */
static void arena_joined(void)
{
	struct arena a = ARENA_INIT(10000), b = ARENA_INIT(10000);
	struct str one = {0}, other = {0};

	check(arena_str(&a, STR("one"), &one) && arena_str(&b, STR("the other"), &other));
	check(arena_take(&b, 6000) != NULL && arena_join(&a, &b));
	check_int(b.used, 0);
	arena_free(&b);
	check_str(one, STR("one"));
	check_str(other, STR("the other"));
	check(a.used >= 6012 && arena_take(&a, 6000) == NULL && arena_take(&a, 3000) != NULL);
	check(arena_take(&b, 6000) != NULL && !arena_join(&a, &b) && b.used == 6000);
	arena_free(&b);
	arena_free(&a);
}

static void arena_arrays(void)
{
	struct arena a = ARENA_INIT(1 << 20);
	int *items = NULL;
	size_t n = 0, room = 0;

	for (int i = 0; i < 1000; i++) {
		int *item = arena_grow(&a, (void **)&items, &n, &room, sizeof(*items));

		check(item != NULL);
		if (item)
			*item = i;
	}
	check_int(n, 1000);
	check_int(items[999], 999);
	check_int(items[0], 0);
	arena_free(&a);
}

static void buffers(void)
{
	CLEANUP_BUF struct buf b = BUF_INIT(10);
	struct err err = {0};

	check(buf_add(&b, STR("0123456789")));
	check(!buf_addc(&b, 'x'));
	check_str(buf_str(&b), STR("0123456789"));
	check(buf_ok(&b, "test", &err) == -1);
	check_int(err.code, ERR_LIMIT);
	check(buf_cstr(&b) != NULL && buf_cstr(&b)[10] == '\0');
	buf_drop_front(&b, 4);
	check_str(buf_str(&b), STR("456789"));
	buf_clear(&b);
	check(buf_addf(&b, "%d", 12345));
	check(!buf_addf(&b, "%s", "too long for it"));
	check_str(buf_str(&b), STR("12345"));
}

static void no_memory(void)
{
	struct arena a = ARENA_INIT(1 << 20);
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20);
	struct err err = {0};

	mem_fail_after(1);
	check(arena_take(&a, 1) == NULL);
	check(!buf_addz(&b, "x"));
	check(b.failed && !b.full);
	check(buf_ok(&b, "test", &err) == -1);
	check_int(err.code, ERR_NOMEM);
	mem_fail_after(0);
	check(arena_take(&a, 1) != NULL);
	arena_free(&a);
}

static void named_numbers(void)
{
	struct arena a = ARENA_INIT(1 << 16);
	struct kvs list = {0};
	char key[32];

	check_str(kv_key(STR("isolated(anon)"), key, sizeof(key)), STR("isolated_anon"));
	check_str(kv_key(STR("all_unreclaimable?"), key, sizeof(key)),
		  STR("all_unreclaimable"));
	check_str(kv_key(STR("HugePages_Total"), key, sizeof(key)), STR("hugepages_total"));
	check_str(kv_key(STR("??"), key, sizeof(key)), STR(""));
	check(kvs_add(&a, &list, STR("free"), 100, UNIT_PAGES));
	check(kvs_add(&a, &list, STR("anon"), 8192, UNIT_BYTES));
	check_int(kvs_get_kb(&list, STR("free"), 4), 400);
	check_int(kvs_get_kb(&list, STR("anon"), 4), 8);
	check_int(kvs_get(&list, STR("none")), UNKNOWN);
	check_int(kvs_get_kb(&list, STR("none"), 4), UNKNOWN);
	arena_free(&a);
}

int main(void)
{
	arena_limits();
	arena_joined();
	arena_arrays();
	buffers();
	no_memory();
	named_numbers();
	return tests_done();
}
