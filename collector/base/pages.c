/* SPDX-License-Identifier: MIT */
/* pages.c - advice to the kernel about the segments of the program. Advice that is not taken (locked
 * memory, an old kernel) leaves all as it is. */
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

/* What is done with each segment. The first object is the program: its libraries are others' too, and
 * mostly there. */
static int each_segment(struct dl_phdr_info *program, size_t size, void *ctx)
{
	void (*const *one)(const struct segment *s) = ctx;
	struct segment s;

	(void)size;
	for (size_t i = 0; i < program->dlpi_phnum; i++) {
		if (segment_at(program, i, &s))
			(*one)(&s);
	}
	return 1;
}

static void of_program(void (*one)(const struct segment *s))
{
	(void)dl_iterate_phdr(each_segment, &one);
}

/* What was written is nowhere else. */
static void forget(const struct segment *s)
{
	if ((s->flags & PF_W) == 0)
		(void)madvise(s->p, s->n, MADV_DONTNEED);
}

static void singly(const struct segment *s)
{
	(void)madvise(s->p, s->n, MADV_RANDOM);
}

static void ahead(const struct segment *s)
{
	(void)madvise(s->p, s->n, MADV_NORMAL);
}

/* A fault maps what is there of 64 KiB around, but nothing beyond its mapping; and since Linux 6.16 one in
 * code reads on to the end of its mapping, whatever is advised. So there is an end every 16 KiB.
 * Neighbours of one kind would be one mapping; that every other piece is no part of a core dump
 * makes two kinds. */
static void divide(const struct segment *s)
{
	for (size_t at = 0; at < s->n && (s->flags & PF_W) == 0; at += 2 * (size_t)PIECE)
		(void)madvise(s->p + at, s->n - at < PIECE ? s->n - at : PIECE, MADV_DONTDUMP);
}

static int is_linked(struct dl_phdr_info *program, size_t size, void *ctx)
{
	bool *linked = ctx;

	(void)size;
	for (size_t i = 0; i < program->dlpi_phnum; i++)
		*linked |= program->dlpi_phdr[i].p_type == PT_INTERP;
	return 1;
}

bool pages_are_all(void)
{
	bool linked = false;

	(void)dl_iterate_phdr(is_linked, &linked);
	return !linked;
}

void pages_forget(void)
{
	of_program(forget);
}

void pages_singly(void)
{
	of_program(singly);
}

void pages_divide(void)
{
	of_program(divide);
}

void pages_ahead(void)
{
	of_program(ahead);
}
