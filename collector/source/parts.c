/* SPDX-License-Identifier: MIT */
/* parts.c - the files of a container that are one log: what logrotate has cut into pieces, the
 * journal files of one machine. They are given as that log, the oldest first: an OOM report that
 * was being written when the log was rotated is one event.
 *
 * A folder's files are opened when their turn comes. An archive has them in any order, often the
 * newest first, and mostly cannot be read backwards: there they are kept in a nameless file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "source/input.h"

static const uint64_t KEPT_MAX = UINT64_C(8) << 30;

/* ---- keeping ---- */

static int keep(struct parts *p, struct part *part, struct stream *in, struct err *err)
{
	char block[32768];
	off_t end;
	ssize_t got;

	if (p->kept_fd < 0)
		p->kept_fd = scratch_file();
	end = p->kept_fd < 0 ? -1 : lseek(p->kept_fd, 0, SEEK_END);
	if (end < 0)
		return err_sys(err, errno, "a temporary file in /var/tmp");
	part->kept = (struct place){p->kept_fd, (uint64_t)end, 0};
	while ((got = stream_read(in, block, sizeof(block), err)) > 0) {
		if (part->kept.at + part->kept.size + (uint64_t)got > KEPT_MAX)
			return err_set(err, ERR_LIMIT, "more than %llu GiB of rotated logs",
				       (unsigned long long)(KEPT_MAX >> 30));
		if (fd_write_all(p->kept_fd, (struct str){block, (size_t)got}) != 0)
			return err_sys(err, errno, "/var/tmp");
		part->kept.size += (uint64_t)got;
	}
	return 0; /* what came before a damage is read */
}

static ssize_t kept_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct place *left = in->own;
	ssize_t got;

	n = n < left->size ? n : (size_t)left->size;
	do {
		got = pread(left->fd, p, n, (off_t)left->at);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_sys(err, errno, "/var/tmp");
	left->at += (uint64_t)got;
	left->size -= (uint64_t)got;
	return got;
}

static struct stream *kept_open(struct arena *a, const struct place *of, struct err *err)
{
	struct stream *in = stream_new(a, err);
	struct place *left = arena_take(a, sizeof(*left));

	if (!in || !left) {
		err_set(err, ERR_NOMEM, "no memory for an input");
		return NULL;
	}
	*left = *of;
	in->own = left;
	in->read = kept_read;
	return in;
}

static struct stream *part_open(const struct parts *p, const struct part *part, struct arena *a,
				struct err *err)
{
	char path[MEMBER_NAME + 1];

	if (part->kept.fd >= 0)
		return kept_open(a, &part->kept, err);
	snprintf(path, sizeof(path), "/%s", part->name);
	return logs_open_one(a, p->root, path, err);
}

/* ---- whose they are ---- */

static bool named_journal(const char *name)
{
	struct str rest = str_of(name), before;

	return take_until_lit(&rest, STR(".journal"), &before) &&
	       (!rest.n || rest.p[0] == '~' || rest.p[0] == '.');
}

static struct str base_of(struct str path)
{
	size_t slash = str_rfind(path, STR("/"));

	return slash == SIZE_MAX ? path : str_from(path, slash + 1);
}

/* Is it the system's or a user's? They are of one journal. */
static bool is_systems(struct str path)
{
	struct str base = base_of(path);

	return str_starts(base, STR("system.journal")) || str_starts(base, STR("system@")) ||
	       str_starts(base, STR("user-"));
}

static bool same_folder(struct str a, struct str b)
{
	a.n -= base_of(a).n;
	b.n -= base_of(b).n;
	return str_eq(a, b);
}

/* Without what a rotation puts behind it: "remote-web1@0123-4567-89ab.journal". */
static struct str writer_of(struct str path)
{
	struct str rest = base_of(path), before;
	size_t folder = path.n - rest.n;

	if (take_until(&rest, '@', &before) || take_until_lit(&rest, STR(".journal"), &before))
		return str_sub(path, 0, folder + before.n);
	return path;
}

static bool same_known(const unsigned char *a, const unsigned char *b)
{
	static const unsigned char unknown[16];

	return memcmp(a, b, sizeof(unknown)) == 0 && memcmp(a, unknown, sizeof(unknown)) != 0;
}

bool journal_same(const char *name, const struct journal_id *id, const char *other_name,
		  const struct journal_id *other)
{
	static const struct journal_id unknown;
	struct str a = str_of(name), b = str_of(other_name);
	bool machine = same_known(id->machine, other->machine);

	if (same_known(id->series, other->series))
		return true;
	if (!machine && memcmp(id->machine, unknown.machine, sizeof(id->machine)) != 0 &&
	    memcmp(other->machine, unknown.machine, sizeof(id->machine)) != 0)
		return false;
	return str_eq(writer_of(a), writer_of(b)) ||
	       (is_systems(a) && is_systems(b) && (machine || same_folder(a, b)));
}

/* What each boot writes anew is no part of another. */
static bool same_family(const struct part *a, const struct part *b)
{
	return a->kind == b->kind && a->kind != MEMBER_SECTIONS && a->kind != MEMBER_VMCORE &&
	       str_eq(a->rotation.family, b->rotation.family) &&
	       (a->kind == MEMBER_PSTORE || !str_starts(base_of(a->rotation.family), STR("dmesg")));
}

static bool same_log(const struct part *a, const struct part *b)
{
	if (a->journal != b->journal)
		return false;
	return a->journal ? journal_same(a->name, &a->id, b->name, &b->id) : same_family(a, b);
}

bool part_is_rotated(const char *name, enum member_kind kind)
{
	static const struct str families[] = {
		STR_INIT("messages"), STR_INIT("syslog"), STR_INIT("kern.log"),
		STR_INIT("kernel.log"), STR_INIT("kernel"),
	};
	char room[MEMBER_NAME];
	struct rotation r;

	if (kind != MEMBER_LOG)
		return kind == MEMBER_PSTORE;
	rotation_of(rotation_name(str_of(name), room), &r);
	for (size_t i = 0; i < ARRAY_COUNT(families); i++)
		if (str_eq(base_of(r.family), families[i]))
			return true;
	return named_journal(name);
}

/* ---- gathering ---- */

static struct part *part_new(struct parts *p, const char *name, enum member_kind kind)
{
	void *v = p->v;
	char room[MEMBER_NAME];
	char *copy = arena_cstr(p->arena, str_of(name));
	char *log = arena_cstr(p->arena, rotation_name(str_of(name), room));
	struct part *part = copy && log ? arena_grow(p->arena, &v, &p->n, &p->room, sizeof(*part)) : NULL;

	p->v = v;
	if (!part)
		return NULL;
	part->name = copy;
	part->kind = kind;
	part->kept.fd = -1;
	if (kind == MEMBER_PSTORE)
		rotation_of_pstore(str_of(copy), &part->rotation);
	else
		rotation_of(str_of(log), &part->rotation);
	return part;
}

bool parts_add(struct parts *p, const char *name, enum member_kind kind)
{
	return part_new(p, name, kind) != NULL;
}

/* A journal is read here and there, so it is kept unpacked. The stream is taken over. */
static int keep_plain(struct parts *p, struct part *part, struct stream *in, struct arena *a,
		      struct err *err)
{
	struct str head;
	int rc = stream_peek(in, &head, err);

	if (rc == 0 && named_journal(part->name) && format_of(head) == FORMAT_COMPRESSED)
		rc = nested_open(&in, a, in, part->name, NULL, err);
	if (rc == 0 && in)
		rc = keep(p, part, in, err);
	stream_close(in);
	return rc;
}

int parts_keep(struct parts *p, const char *name, enum member_kind kind, struct stream *in,
	       struct arena *a, struct err *err)
{
	struct part *part = part_new(p, name, kind);

	if (part)
		return keep_plain(p, part, in, a, err);
	stream_close(in);
	return err_set(err, ERR_NOMEM, "too many logs");
}

/* Where its bytes are; false: they cannot be read here and there, and errno says why. */
static bool part_place(const struct parts *p, const struct part *part, struct place *ret)
{
	char path[MEMBER_NAME + 1];
	int fd;

	*ret = part->kept;
	if (part->kept.fd >= 0)
		return true;
	snprintf(path, sizeof(path), "/%s", part->name);
	fd = root_openat(p->root, path, O_RDONLY);
	if (fd >= 0 && place_of(fd, ret))
		return true;
	errno = fd < 0 ? errno : EINVAL; /* no ordinary file */
	fd_close(&fd);
	return false;
}

/* Is it a journal, and whose? */
static void look_at(struct parts *p, struct part *part, struct arena *a)
{
	struct err ignored = {0};
	struct stream *in = part_open(p, part, a, &ignored);
	struct place place;
	struct str head;

	if (!in)
		return;
	if (stream_peek(in, &head, &ignored) == 0 && format_of(head) == FORMAT_COMPRESSED &&
	    part->kept.fd < 0) {
		if (keep_plain(p, part, in, a, &ignored) != 0)
			part->kept.fd = -1;
		if (part->kept.fd >= 0)
			look_at(p, part, a);
		return;
	}
	part->journal = format_of(head) == FORMAT_JOURNAL;
	stream_close(in);
	if (!part->journal || !part_place(p, part, &place))
		return;
	(void)journal_id_of(&place, &part->id);
	if (part->kept.fd < 0)
		fd_close(&place.fd);
}

static int by_log_and_age(const void *a, const void *b)
{
	const struct part *one = a, *other = b;
	int order = one->log < other->log ? -1 : one->log > other->log;

	if (!order && !one->journal)
		order = rotation_order(&one->rotation, &other->rotation);
	return order ? order : str_cmp(str_of(one->name), str_of(other->name));
}

static bool is_put_together(struct str name)
{
	return str_eq(base_of(name), STR("dmesg.txt"));
}

/* A part of what stands in a dmesg.txt beside it. */
static bool is_superfluous(const struct parts *p, const struct part *part)
{
	struct str name = str_of(part->name);

	if (part->kind != MEMBER_PSTORE || is_put_together(name))
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (is_put_together(str_of(p->v[i].name)) && p->v[i].kind == MEMBER_PSTORE &&
		    same_folder(str_of(p->v[i].name), name))
			return true;
	return false;
}

static void drop_superfluous(struct parts *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) /* none that is put together is dropped */
		if (p->bundle || !is_superfluous(p, &p->v[i]))
			p->v[n++] = p->v[i];
	p->n = n;
}

void parts_group(struct parts *p, struct arena *a)
{
	drop_superfluous(p);
	for (size_t i = 0; i < p->n; i++) {
		p->v[i].log = i;
		if (!p->bundle && named_journal(p->v[i].name))
			look_at(p, &p->v[i], a);
		arena_reset(a);
	}
	for (size_t i = 1; i < p->n && !p->bundle; i++) {
		for (size_t k = 0; k < i; k++) {
			size_t from = p->v[i].log, to = p->v[k].log;

			if (from == to || !same_log(&p->v[k], &p->v[i]))
				continue;
			for (size_t m = 0; m <= i; m++) /* those that were one with it already */
				if (p->v[m].log == (from > to ? from : to))
					p->v[m].log = from < to ? from : to;
		}
	}
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_log_and_age);
}

/* ---- giving ---- */

struct turns {
	struct parts *parts;
	struct source *source;
	size_t from;
};

static struct stream *open_turn(void *own, size_t index, struct err *err)
{
	struct turns *t = own;
	const struct part *part = &t->parts->v[t->from + index];
	struct err why = {0};
	struct stream *in;

	(void)err;
	if (index && rotation_order(&part[-1].rotation, &part->rotation) == 0)
		return NULL; /* the same, being compressed */
	arena_reset(&t->source->turn);
	in = part_open(t->parts, part, &t->source->turn, &why);
	if (in)
		in = container_text(in, &t->source->turn, part->name, part->kind, &t->source->info,
				    &why);
	if (!in && why.code != ERR_NONE)
		source_note(&t->source->info, "%s", why.text);
	return in;
}

static void set_name(struct source *s, const char *path, const struct part *part, size_t others,
		     const char *how)
{
	struct source_info *info = &s->info;

	if (others)
		snprintf(info->name, sizeof(info->name), "%s: %s and %zu %s", path, part->name,
			 others, how);
	else
		snprintf(info->name, sizeof(info->name), "%s: %s", path, part->name);
}

static bool take_family(struct parts *p, struct source *s, const char *path, size_t n)
{
	struct turns *t = arena_take(&s->log, sizeof(*t));
	struct err why = {0};
	struct stream *in;
	struct str head;

	if (!t)
		return false;
	*t = (struct turns){p, s, p->at};
	memset(&s->info, 0, sizeof(s->info));
	s->info.kind = p->v[p->at].kind == MEMBER_PSTORE ? SOURCE_PSTORE : SOURCE_FILE;
	set_name(s, path, &p->v[p->at + n - 1], n - 1, "older");
	in = stream_concat(&s->log, open_turn, t, n, &why);
	if (in && stream_peek(in, &head, &why) == 0 && head.n) {
		s->in = in;
		return true;
	}
	stream_close(in);
	return false;
}

static bool take_journals(struct parts *p, struct source *s, const char *path, size_t n)
{
	struct journal_part *files = arena_array(&s->log, n, sizeof(*files));
	size_t there = 0;
	int why = 0;

	if (!files)
		return false;
	memset(&s->info, 0, sizeof(s->info));
	s->info.kind = SOURCE_JOURNAL;
	set_name(s, path, &p->v[p->at], n - 1, "more");
	for (size_t i = 0; i < n; i++) {
		const struct part *part = &p->v[p->at + i];

		files[there].name = part->name;
		files[there].kept = part->kept.fd >= 0;
		if (part_place(p, part, &files[there].place))
			there++;
		else
			why = errno;
	}
	if (there < n)
		source_note(&s->info, "%zu of %zu journal files cannot be opened: %s", n - there, n,
			    strerror(why));
	s->in = there ? journals_open(&s->log, files, there, p->boot, &s->info, &p->why) : NULL;
	return s->in != NULL;
}

static size_t files_of_log(const struct parts *p)
{
	size_t n = 1, most = p->v[p->at].journal ? JOURNALS_MAX : SIZE_MAX;

	while (n < most && p->at + n < p->n && p->v[p->at + n].log == p->v[p->at].log)
		n++;
	return n;
}

int parts_next(struct parts *p, struct source *s, const char *path)
{
	bool taken = false;

	while (!taken && p->at < p->n) {
		const struct part *part = &p->v[p->at];
		const struct source_info last = s->info;
		size_t n = files_of_log(p);
		struct err skipped = {0};

		arena_reset(&s->log);
		if (part->journal)
			taken = take_journals(p, s, path, n);
		else if (n > 1)
			taken = take_family(p, s, path, n);
		else
			taken = container_take(s, part_open(p, part, &s->log, &skipped), path,
					       part->name, part->kind, p->bundle);
		if (!taken)
			s->info = last;
		p->at += n;
	}
	return taken;
}

void parts_close(struct parts *p)
{
	p->n = 0;
	fd_close(&p->kept_fd);
}
