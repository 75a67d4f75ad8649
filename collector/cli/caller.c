/* SPDX-License-Identifier: MIT */
/* caller.c - the person behind sudo. The environment says who; /etc/passwd is read by hand, because
 * a static program has no name services. */
#include "cli/caller.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool number(const char *name, uint32_t *ret)
{
	struct str s = str_of(getenv(name));
	uint64_t value;

	if (!s.p || !take_u64(&s, &value) || s.n || value > UINT32_MAX - 1)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* "name:x:uid:gid:gecos:home:shell", by number, or by name where name.n > 0. */
static bool find_in_passwd(struct caller *c, struct str name)
{
	CLEANUP_BUF struct buf b = BUF_INIT(1 << 20);
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	struct str text, line, field[6];
	int errnum;

	if (root_open(&root, "/", NULL) != 0 ||
	    file_read(&root, "/etc/passwd", &b, &errnum) == READ_ERROR)
		return false;
	for (text = buf_str(&b); take_line(&text, &line);) {
		uint64_t uid, gid;
		size_t n = 0;

		while (n < ARRAY_COUNT(field) && take_until(&line, ':', &field[n]))
			n++;
		if (n < ARRAY_COUNT(field) || !take_u64(&field[2], &uid) ||
		    !take_u64(&field[3], &gid))
			continue;
		if (name.n ? !str_eq(field[0], name) : uid != c->uid)
			continue;
		c->uid = (uid_t)uid;
		c->gid = (gid_t)gid;
		if (field[5].n && field[5].p[0] == '/' && field[5].n < sizeof(c->home))
			snprintf(c->home, sizeof(c->home), "%.*s", STR_ARG(field[5]));
		return true;
	}
	return false;
}

void caller_find(struct caller *ret)
{
	struct caller c = {.known = false};
	struct str doas = str_of(getenv("DOAS_USER"));
	gid_t gid;

	*ret = c;
	if (geteuid() != 0)
		return;
	if (number("SUDO_UID", &c.uid) && number("SUDO_GID", &gid)) {
		(void)find_in_passwd(&c, STR(""));
		c.gid = gid;
		c.known = true;
	} else if (number("PKEXEC_UID", &c.uid)) {
		c.known = find_in_passwd(&c, STR(""));
	} else if (doas.n) {
		c.known = find_in_passwd(&c, doas);
	}
	if (c.known && c.uid != 0)
		*ret = c;
}

bool caller_become(const struct caller *c)
{
	if (!c->known)
		return true;
	/* root's other groups would open what is closed to him */
	if (setgroups(1, &c->gid) == 0 && setegid(c->gid) == 0 && seteuid(c->uid) == 0)
		return true;
	caller_return(c);
	return false;
}

void caller_return(const struct caller *c)
{
	if (c->known && (seteuid(0) != 0 || setegid(0) != 0))
		abort(); /* cannot happen: the saved ids are root's */
}
