/* SPDX-License-Identifier: MIT */
/* logfiles.c - the log files of a machine below a root: rotated families, journals, pstore, kdump.
 *
 * Only regular files are opened: a FIFO in /var/log would stop us, a device would not end.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/input.h"

enum { MAX_PARTS = 512, MAX_ITEMS = 64, MAX_LISTED = 4096 };
/* Above what a kernel's ring can be worth reading: /var/crash may be open to everybody, and a file
 * of many gigabytes of nothing takes no room there. */
enum { CRASH_MAX = 64 << 20 };

struct stream *logs_open_one(struct arena *a, const struct root *root, const char *path,
			     struct err *err)
{
	int fd = root_openat(root, path, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		err_sys(err, errno, "%s", path);
		fd_close(&fd);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		fd_close(&fd);
		err_set(err, ERR_FORMAT, "%s: not an ordinary file", path);
		return NULL;
	}
	return stream_from_fd(a, fd, path, err);
}

/* ---- directories ---- */

struct listing {
	struct arena arena; /* of the names */
	char (*names)[256];
	size_t n;
	unsigned odd; /* FIFOs, sockets, devices */
};

static int by_name(const void *a, const void *b)
{
	return str_cmp(str_of(a), str_of(b));
}

static void listing_free(struct listing *l)
{
	arena_free(&l->arena);
}

#define CLEANUP_LISTING __attribute__((cleanup(listing_free)))
#define LISTING_EMPTY {.arena = ARENA_INIT(2 << 20)}

/* A link is what it leads to, below the root, and not on a server that is gone. */
static bool look_at(const struct root *root, const char *folder, const char *name, struct stat *ret)
{
	char path[2 * MEMBER_NAME];
	CLEANUP_FD int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return false;
	fd = root_openat(root, path, O_PATH);
	return fd >= 0 && fstat(fd, ret) == 0;
}

/* Sorted names of the regular files (or folders) of a directory; none when it is not there. */
static int list_dir(const struct root *root, const char *path, bool folders,
		    struct listing *ret)
{
	int fd = root_openat(root, path, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	arena_free(&ret->arena);
	*ret = (struct listing)LISTING_EMPTY;
	ret->names = arena_array(&ret->arena, MAX_LISTED, sizeof(*ret->names));
	if (!dir || !ret->names) {
		if (dir)
			closedir(dir);
		else
			fd_close(&fd);
		return ret->names ? 0 : -1;
	}
	while ((e = readdir(dir)) && ret->n < MAX_LISTED) {
		struct stat st;

		if (e->d_name[0] == '.' || !look_at(root, path, e->d_name, &st))
			continue;
		if (folders ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode))
			snprintf(ret->names[ret->n++], sizeof(*ret->names), "%s", e->d_name);
		else if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
			ret->odd++;
	}
	closedir(dir);
	qsort(ret->names, ret->n, sizeof(*ret->names), by_name);
	return 0;
}

static struct log_item *new_item(struct arena *a, struct log_list *list, enum source_kind kind)
{
	void *items = list->items;
	struct log_item *item = NULL;

	if (list->n < MAX_ITEMS)
		item = arena_grow(a, &items, &list->n, &list->room, sizeof(*item));
	list->items = items;
	if (item)
		item->kind = kind;
	return item;
}

static bool add_part(struct arena *a, struct log_item *item, const char *dir, const char *name)
{
	void *parts = item->parts;
	char *part = NULL;

	if (item->n_parts < MAX_PARTS)
		part = arena_grow(a, &parts, &item->n_parts, &item->room_parts, MEMBER_NAME);
	item->parts = parts;
	return part && snprintf(part, MEMBER_NAME, "%s/%s", dir, name) < MEMBER_NAME;
}

/* ---- rotated families ---- */

struct rotated {
	const char *name;
	struct rotation rotation;
};

static int by_age(const void *a, const void *b)
{
	const struct rotated *one = a, *other = b;
	int order = rotation_order(&one->rotation, &other->rotation);

	return order ? order : str_cmp(str_of(one->name), str_of(other->name));
}

static int add_family(struct arena *a, const struct listing *l, struct str family,
		      struct log_list *ret)
{
	CLEANUP_ARENA struct arena names = ARENA_INIT(MAX_LISTED * (sizeof(struct rotated) + 16));
	struct rotated *found = arena_array(&names, l->n, sizeof(*found));
	struct log_item *item = NULL;
	size_t n = 0;

	for (size_t i = 0; found && i < l->n; i++) {
		found[n].name = l->names[i];
		rotation_of(str_of(l->names[i]), &found[n].rotation);
		n += str_eq(found[n].rotation.family, family);
	}
	if (!found)
		return -1;
	qsort(found, n, sizeof(*found), by_age);
	for (size_t i = 0; i < n; i++) {
		if (i && rotation_order(&found[i - 1].rotation, &found[i].rotation) == 0)
			continue; /* it is being compressed */
		if (!item)
			item = new_item(a, ret, SOURCE_FILE);
		if (!item || !add_part(a, item, "/var/log", found[i].name))
			return -1;
		snprintf(item->path, sizeof(item->path), "/var/log/%.*s", STR_ARG(family));
	}
	return 0;
}

int logs_find_files(struct arena *a, const struct root *root, struct log_list *ret,
		    struct err *err)
{
	static const struct str families[] = {
		STR_INIT("kern.log"), STR_INIT("messages"), STR_INIT("syslog"),
		STR_INIT("kernel.log"), STR_INIT("kernel"),
	};
	CLEANUP_LISTING struct listing l = LISTING_EMPTY;

	memset(ret, 0, sizeof(*ret));
	if (list_dir(root, "/var/log", false, &l))
		return err_set(err, ERR_NOMEM, "no memory for the names in /var/log");
	if (l.odd)
		snprintf(ret->note, sizeof(ret->note),
			 "%u FIFOs, sockets or devices in /var/log passed over", l.odd);
	for (size_t i = 0; i < ARRAY_COUNT(families); i++)
		if (add_family(a, &l, families[i], ret))
			return err_set(err, ERR_NOMEM, "too many log files in /var/log");
	return 0;
}

/* ---- journals ---- */

static int add_journals(const struct root *root, const char *dir, struct parts *ret)
{
	CLEANUP_LISTING struct listing l = LISTING_EMPTY;
	char name[MEMBER_NAME];

	if (list_dir(root, dir, false, &l))
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		struct str file = str_of(l.names[i]);

		if ((str_ends(file, STR(".journal")) || str_ends(file, STR(".journal~"))) &&
		    snprintf(name, sizeof(name), "%s/%s", dir + 1, l.names[i]) < MEMBER_NAME &&
		    !parts_add(ret, name, MEMBER_LOG))
			return -1;
	}
	return 0;
}

/* A log server keeps the journals of others beside its own, which is in a folder of its id. */
int logs_find_journals(const struct root *root, struct str machine, struct parts *ret)
{
	static const char *const places[] = {"/var/log/journal", "/run/log/journal"};
	char dir[MEMBER_NAME];

	for (size_t i = 0; machine.n && i < ARRAY_COUNT(places); i++) {
		if (snprintf(dir, sizeof(dir), "%s/%.*s", places[i], STR_ARG(machine)) < MEMBER_NAME &&
		    add_journals(root, dir, ret))
			return -1;
	}
	for (size_t i = 0; ret->n == 0 && i < ARRAY_COUNT(places); i++) {
		CLEANUP_LISTING struct listing folders = LISTING_EMPTY;

		if (list_dir(root, places[i], true, &folders))
			return -1;
		for (size_t k = 0; k < folders.n; k++) {
			snprintf(dir, sizeof(dir), "%s/%s", places[i], folders.names[k]);
			if (add_journals(root, dir, ret))
				return -1;
		}
	}
	return 0;
}

/* ---- pstore and kdump ---- */

static int add_pstore_files(struct arena *a, const char *dir, const struct listing *l,
			    struct log_list *ret)
{
	struct log_item *item = NULL;
	uint64_t now = 0, record = 0;
	unsigned part;

	for (size_t i = l->n; i-- > 0;) { /* the highest part first: it is the oldest text */
		struct str name = str_of(l->names[i]);
		bool efi = efi_part(name, &record, &part);

		if (!str_starts(name, STR("dmesg-")) && !str_starts(name, STR("console-")))
			continue;
		if (str_ends(name, STR(".enc.z"))) {
			snprintf(ret->note, sizeof(ret->note),
				 "%.60s/%.60s is compressed in a form only its kernel reads", dir,
				 l->names[i]);
			continue;
		}
		if (!item || !efi || record != now)
			item = new_item(a, ret, SOURCE_PSTORE);
		if (!item || !add_part(a, item, dir, l->names[i]))
			return -1;
		now = efi ? record : 0;
		memcpy(item->path, item->parts[item->n_parts - 1], MEMBER_NAME);
	}
	return 0;
}

/* systemd-pstore keeps /var/lib/systemd/pstore/TIME/[RECORD/]dmesg.txt, put together already,
 * beside the parts it was made of. */
static int add_pstore_dir(struct arena *a, const struct root *root, const char *dir, int depth,
			  struct log_list *ret)
{
	CLEANUP_LISTING struct listing files = LISTING_EMPTY, folders = LISTING_EMPTY;
	char below[MEMBER_NAME];

	if (list_dir(root, dir, false, &files) || list_dir(root, dir, true, &folders))
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		struct log_item *item;

		if (!str_eq(str_of(files.names[i]), STR("dmesg.txt")))
			continue;
		item = new_item(a, ret, SOURCE_PSTORE);
		if (!item || !add_part(a, item, dir, files.names[i]))
			return -1;
		memcpy(item->path, item->parts[0], MEMBER_NAME);
		return 0;
	}
	if (files.n && add_pstore_files(a, dir, &files, ret))
		return -1;
	for (size_t i = 0; depth < 3 && i < folders.n && i < MAX_ITEMS; i++) {
		if (snprintf(below, sizeof(below), "%s/%s", dir, folders.names[i]) <
			    (int)sizeof(below) &&
		    add_pstore_dir(a, root, below, depth + 1, ret))
			return -1;
	}
	return 0;
}

static int add_crashes(struct arena *a, const struct root *root, struct log_list *ret)
{
	CLEANUP_LISTING struct listing files = LISTING_EMPTY, folders = LISTING_EMPTY;
	char dir[MEMBER_NAME];

	if (list_dir(root, "/var/crash", true, &folders))
		return -1;
	for (size_t i = 0; i < folders.n && i < MAX_ITEMS; i++) {
		if (snprintf(dir, sizeof(dir), "/var/crash/%s", folders.names[i]) >=
			    (int)sizeof(dir) ||
		    list_dir(root, dir, false, &files))
			continue;
		for (size_t k = 0; k < files.n; k++) {
			struct log_item *item;
			struct str name = str_of(files.names[k]);

			/* kdump-tools of Debian: dmesg.202401010101 */
			if ((!str_starts(name, STR("vmcore-dmesg")) &&
			     !str_starts(name, STR("dmesg."))) ||
			    strlen(dir) + 1 + name.n >= MEMBER_NAME)
				continue;
			item = new_item(a, ret, SOURCE_VMCORE_DMESG);
			if (!item || !add_part(a, item, dir, files.names[k]))
				return -1;
			memcpy(item->path, item->parts[0], MEMBER_NAME);
		}
	}
	return 0;
}

int logs_find_crashes(struct arena *a, const struct root *root, struct log_list *ret,
		      struct err *err)
{
	CLEANUP_LISTING struct listing l = LISTING_EMPTY;

	memset(ret, 0, sizeof(*ret));
	if (list_dir(root, "/sys/fs/pstore", false, &l) ||
	    add_pstore_files(a, "/sys/fs/pstore", &l, ret) ||
	    add_pstore_dir(a, root, "/var/lib/systemd/pstore", 0, ret) ||
	    add_crashes(a, root, ret))
		return err_set(err, ERR_NOMEM, "too many crash logs");
	return 0;
}

/* ---- reading an item ---- */

struct family {
	struct arena *arena;
	const struct root *root;
	const struct log_item *item;
};

static struct stream *open_part(void *own, size_t index, struct err *err)
{
	struct family *f = own;
	struct stream *in = logs_open_one(f->arena, f->root, f->item->parts[index], err);
	struct str head;

	if (!in)
		return NULL;
	if (stream_peek(in, &head, err) == 0 && format_of(head) == FORMAT_COMPRESSED &&
	    nested_open(&in, f->arena, in, f->item->parts[index], NULL, err))
		return NULL;
	return in;
}

struct stream *logs_open(struct arena *a, const struct root *root, const struct log_item *item,
			 struct err *err)
{
	struct family *f = arena_take(a, sizeof(*f));
	struct stream *in;

	if (!f) {
		err_set(err, ERR_NOMEM, "no memory to read %s", item->path);
		return NULL;
	}
	*f = (struct family){a, root, item};
	in = stream_concat(a, open_part, f, item->n_parts, err);
	if (in && item->kind != SOURCE_FILE)
		in->left = CRASH_MAX;
	return in;
}
