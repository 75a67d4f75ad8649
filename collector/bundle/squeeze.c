/* SPDX-License-Identifier: MIT */
/* squeeze.c - one run of bytes to one compressed frame. Levels are chosen for memory, not for
 * size: this runs where memory has just run out. */
#include <stdlib.h>

#include "bundle/parts.h"

static const struct squeezer *const squeezers[] = {
	[BUNDLE_TAR_ZST] = &squeezer_zstd,
	[BUNDLE_TAR_GZ] = &squeezer_archive,
	[BUNDLE_TAR_XZ] = &squeezer_archive,
};

struct squeeze {
	const struct squeezer *by;
	void *squeezer;
};

int squeeze_begin(struct squeeze **ret, enum bundle_format format, struct sink out,
		  struct err *err)
{
	struct squeeze *s = malloc(sizeof(*s));

	if (!s)
		return err_set(err, ERR_NOMEM, "compressing: no memory");
	s->by = squeezers[format];
	if (s->by->begin(&s->squeezer, format, out, err) != 0) {
		free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

int squeeze_data(struct squeeze *s, struct str bytes, struct err *err)
{
	return bytes.n ? s->by->data(s->squeezer, bytes, err) : 0;
}

int squeeze_end(struct squeeze **s, struct err *err)
{
	int rc = (*s)->by->end((*s)->squeezer, err);

	squeeze_drop(s);
	return rc;
}

void squeeze_drop(struct squeeze **s)
{
	if (*s)
		(*s)->by->drop((*s)->squeezer);
	free(*s);
	*s = NULL;
}
