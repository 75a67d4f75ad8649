/* SPDX-License-Identifier: MIT */
/* hosts.c - the hosts of a log: each has events of its own and facts of its own.
 *
 * Central logs hold the lines of many hosts, as they arrived. A line belongs to the host that
 * its prefix names; when that is another one than before, its state takes over. A log of one
 * host never gets here: its state is part of the parser. Where more hosts are under way than
 * there are places, the one that is silent for longest has to end: its open events are closed
 * as they are, and say what they miss.
 */
#include "parse/unwrap.h"

/* ---- finding ---- */

uint64_t hash_of(struct str name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ (unsigned char)name.p[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

static size_t bucket_of(struct str name)
{
	return hash_of(name) % ARRAY_COUNT(((struct more_hosts *)0)->by_hash);
}

static struct known *find(const struct parser *p, struct str name)
{
	struct known *k = p->more ? p->more->by_hash[bucket_of(name)] : (struct known *)NULL;

	while (k && !str_eq(k->facts.hostname, name))
		k = k->next;
	return k;
}

size_t hosts_count(const struct parser *p)
{
	return p->more ? p->more->n : 1;
}

struct host *host_at(struct parser *p, size_t i)
{
	return p->more ? p->more->hosts[i] : p->host;
}

/* What a machine is called before it has read its name. */
static bool is_placeholder(struct str name)
{
	return str_eq(name, STR("localhost")) || str_eq(name, STR("localhost.localdomain")) ||
	       str_eq(name, STR("(none)"));
}

/* ---- remembering ---- */

static void remember(struct parser *p, struct known *k)
{
	struct known **bucket = &p->more->by_hash[bucket_of(k->facts.hostname)];

	k->next = *bucket;
	*bucket = k;
	p->more->n_known++;
	p->more->n_named += !is_placeholder(k->facts.hostname);
}

static void forget(struct parser *p, struct known *k)
{
	struct known **at = &p->more->by_hash[bucket_of(k->facts.hostname)];

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	k->next = p->more->spare;
	p->more->spare = k;
	p->more->n_known--;
}

static bool second_host(struct parser *p)
{
	p->more = arena_take(&p->arena, sizeof(*p->more));
	if (!p->more)
		return false;
	p->more->hosts[p->more->n++] = p->host;
	p->next_sweep = p->host->last_line + HOST_SILENT / 4;
	remember(p, p->host->known);
	return true;
}

static struct known *known_new(struct parser *p, struct str name)
{
	struct known *k = p->more->spare;

	if (k) {
		p->more->spare = k->next;
		*k = (struct known){.next = NULL};
	} else {
		k = arena_take(&p->arena, sizeof(*k));
	}
	if (!k)
		return NULL;
	memcpy(k->name, name.p, name.n);
	k->facts.hostname = (struct str){k->name, name.n};
	remember(p, k);
	return k;
}

/* ---- places ---- */

static void close_down(struct parser *p, struct host *h)
{
	live_close_host(p, h);
	buf_free(&h->frag);
	buf_free(&h->sysrq_text);
	h->sysrq_line = h->frag_n = 0;
	p->booting -= h->boot_lines != 0;
	h->boot_lines = 0;
}

/* The place of one that has nothing open, if there is such a one, silent for longest. */
static struct host *place_of_another(struct parser *p)
{
	struct host *oldest = p->more->hosts[p->more->hosts[0] == p->host];

	for (size_t i = 0; i < p->more->n; i++) {
		struct host *h = p->more->hosts[i];

		if (h == p->host)
			continue;
		if ((h->n_live == 0) > (oldest->n_live == 0) ||
		    ((h->n_live == 0) == (oldest->n_live == 0) &&
		     h->last_line < oldest->last_line))
			oldest = h;
	}
	close_down(p, oldest);
	oldest->known->host = NULL;
	if (p->more->n_known >= KNOWN_HOSTS && oldest->known != &p->first_known)
		forget(p, oldest->known);
	return oldest;
}

static struct host *place_new(struct parser *p)
{
	struct host *h;

	if (p->more->n == MAX_HOSTS)
		return place_of_another(p);
	h = arena_take(&p->arena, sizeof(*h));
	if (h)
		p->more->hosts[p->more->n++] = h;
	return h;
}

static struct host *place_for(struct parser *p, struct str name, uint64_t line)
{
	struct known *k = find(p, name);
	struct host *h = k ? k->host : NULL;

	if (h)
		return h;
	h = place_new(p);
	if (h && !k)
		k = known_new(p, name);
	if (!h || !k)
		return NULL;
	*h = (struct host){.known = k, .last_line = line - 1, .of_others = line - 1};
	h->frag = h->sysrq_text = (struct buf)BUF_INIT(LINE_CAP);
	k->host = h;
	return h;
}

/* ---- one speaks ---- */

/* The kernel's first lines came under another name: in a log of one machine they are its own. */
static void claim_boot(const struct parser *p, struct known *before, struct known *k)
{
	if (!before->booted || p->more->n_named != 1 ||
	    !is_placeholder(before->facts.hostname) || is_placeholder(k->facts.hostname))
		return;
	before->booted = false;
	k->kernel = before->kernel;
	k->facts.kernel = k->facts.kernel.n ? k->facts.kernel : before->facts.kernel;
	k->facts.banner = k->facts.banner.n ? k->facts.banner : before->facts.banner;
	k->facts.cmdline = k->facts.cmdline.n ? k->facts.cmdline : before->facts.cmdline;
	k->facts.hardware = k->facts.hardware.n ? k->facts.hardware : before->facts.hardware;
	k->facts.arch = k->facts.arch.n ? k->facts.arch : before->facts.arch;
	if (!k->first_seen)
		k->facts.head_lost = before->facts.head_lost;
	k->first_seen |= before->first_seen;
}

void host_switch(struct parser *p, const struct piece *pc)
{
	struct str name = str_sub(pc->host, 0, HOST_NAME);
	struct host *before = p->host, *h;

	if (before->known->facts.hostname.n == 0) {
		note_fact(p, name, &before->known->facts.hostname);
		return;
	}
	if (str_eq(before->known->facts.hostname, name))
		return;
	join_flush(p);
	fast_end(p);
	before->last_line = pc->line ? pc->line - 1 : 0;
	if (!p->more && !second_host(p)) {
		p->failed = true;
		return;
	}
	h = place_for(p, name, pc->line ? pc->line : 1);
	if (!h) {
		p->failed = true;
		return;
	}
	if (pc->line > h->last_line + 1)
		h->of_others += pc->line - h->last_line - 1;
	p->host = h;
	claim_boot(p, before->known, h->known);
}

/* ---- nobody waits for ever ---- */

void hosts_sweep(struct parser *p)
{
	p->next_sweep = p->line_no + HOST_SILENT / 4;
	for (size_t i = 0; i < p->more->n; i++) {
		struct host *h = p->more->hosts[i];

		if (h != p->host && h->last_line + HOST_SILENT < p->line_no)
			close_down(p, h);
	}
}

void hosts_make_room(struct parser *p)
{
	while (p->live_bytes > LIVE_BYTES) {
		struct host *oldest = NULL;

		for (size_t i = 0; i < hosts_count(p); i++) {
			struct host *h = host_at(p, i);

			if (h != p->host && h->n_live &&
			    (!oldest || h->last_line < oldest->last_line))
				oldest = h;
		}
		if (!oldest)
			return;
		close_down(p, oldest);
	}
}

void hosts_free(struct parser *p)
{
	for (size_t i = 0; i < hosts_count(p); i++) {
		struct host *h = host_at(p, i);

		for (size_t k = 0; k < h->n_live; k++) {
			event_free(h->live[k]->ev);
			buf_free(&h->live[k]->text);
		}
		buf_free(&h->frag);
		buf_free(&h->sysrq_text);
	}
}

/* ---- what is known ---- */

const struct log_facts *parser_facts(const struct parser *p)
{
	return &p->first_known.facts;
}

const struct log_facts *parser_facts_of(struct parser *p, struct str host)
{
	struct known *k = find(p, str_sub(host, 0, HOST_NAME));
	struct log_facts *facts = k ? &k->facts : &p->forgotten;

	if (!p->more)
		return &p->first_known.facts;
	facts->bytes = p->first_known.facts.bytes;
	facts->lines = p->first_known.facts.lines;
	return facts;
}

void note_fact(struct parser *p, struct str s, struct str *ret)
{
	struct str copy;

	if (!str_eq(s, *ret) && arena_str(&p->facts_arena, s, &copy))
		*ret = copy;
}
