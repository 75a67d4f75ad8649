/* SPDX-License-Identifier: MIT */
/* pages.c - advice to the kernel about the segments of the program and its libraries. Advice that is
 * not taken (locked memory, an old kernel) leaves all as it is. */
#include "base/pages.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = 16 * 1024 };

struct segment {
	char *p;
	size_t n;
	ElfW(Word) flags;
};

/* False: it is not of memory. */
static bool segment_at(const struct dl_phdr_info *object, size_t i, struct segment *ret)
{
	const ElfW(Phdr) *header = &object->dlpi_phdr[i];
	uintptr_t from = object->dlpi_addr + header->p_vaddr,
		  before = from % (uintptr_t)sysconf(_SC_PAGESIZE);

	*ret = (struct segment){(char *)(from - before), header->p_memsz + before, header->p_flags};
	return header->p_type == PT_LOAD;
}

static int forget(struct dl_phdr_info *object, size_t size, void *ctx)
{
	struct segment s;

	(void)size;
	(void)ctx;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		/* what was written is nowhere else */
		if (segment_at(object, i, &s) && (s.flags & PF_W) == 0)
			(void)madvise(s.p, s.n, MADV_DONTNEED);
	}
	return 0;
}

/* A fault maps what is there of 64 KiB around, but nothing beyond its mapping; and since Linux 6.16 one in
 * code reads on to the end of its mapping, whatever is advised. So there is an end every 16 KiB.
 * Neighbours of one kind would be one mapping; that every other piece is no part of a core dump
 * makes two kinds. */
static void divide(const struct segment *s)
{
	for (size_t at = 0; at < s->n; at += 2 * (size_t)PIECE)
		(void)madvise(s->p + at, s->n - at < PIECE ? s->n - at : PIECE, MADV_DONTDUMP);
}

static int singly(struct dl_phdr_info *program, size_t size, void *ctx)
{
	struct segment s;

	(void)size;
	(void)ctx;
	for (size_t i = 0; i < program->dlpi_phnum; i++) {
		if (!segment_at(program, i, &s))
			continue;
		(void)madvise(s.p, s.n, MADV_RANDOM);
		if ((s.flags & PF_W) == 0)
			divide(&s);
	}
	return 1; /* the first is the program; its libraries are others' too, and mostly there */
}

static int ahead(struct dl_phdr_info *program, size_t size, void *ctx)
{
	struct segment s;

	(void)size;
	(void)ctx;
	for (size_t i = 0; i < program->dlpi_phnum; i++) {
		if (segment_at(program, i, &s))
			(void)madvise(s.p, s.n, MADV_NORMAL);
	}
	return 1;
}

void pages_forget(void)
{
	(void)dl_iterate_phdr(forget, NULL);
}

void pages_singly(void)
{
	(void)dl_iterate_phdr(singly, NULL);
}

void pages_ahead(void)
{
	(void)dl_iterate_phdr(ahead, NULL);
}
