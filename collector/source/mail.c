/* SPDX-License-Identifier: MIT */
/* mail.c - a saved mail or mailbox as text: what its parts hold, taken out of base64 and
 * quoted-printable (RFC 2045 and 2046); attached texts, also compressed ones and those in
 * archives. All other lines stay as they are, heads and boundaries, too; but the lines of a part
 * that only says again as HTML what the plain one before it said (multipart/alternative) are empty.
 * Base64 alone, and the reports of Ubuntu's Apport (/var/crash/NAME.crash).
 */
#include "source/input.h"

enum {
	MOST_BOUNDARIES = 8,  /* multiparts within multiparts */
	MOST_UNPACKED = 256,  /* texts out of attachments: each takes memory */
	BOUNDARY_ROOM = 80,   /* RFC 2046: at most 70 characters */
};

enum coding { CODING_NONE, CODING_BASE64, CODING_QP };

enum type { TYPE_PLAIN, TYPE_HTML, TYPE_ALTERNATIVE, TYPE_OTHER };

struct multipart {
	char boundary[BOUNDARY_ROOM];
	bool alternative; /* its parts say the same in other forms ... */
	bool said;	  /* ... and a plain one has said it, or one further out has */
};

struct mail {
	struct arena *arena;
	struct lines lines;
	struct str line; /* the one that was read last */
	bool pending;	 /* it is still to be looked at */
	bool piece, after_piece; /* the line is cut behind it, in front of it */
	bool empty_before;	 /* the line before was empty */
	bool ended;

	bool in_head; /* of a mail or part */
	bool typed;   /* ... whose last field is its Content-Type */
	bool within;  /* ... whose content is a mail with a head of its own */
	enum coding coding; /* of the part */
	enum type type;
	bool skipped; /* ... was said already */
	struct multipart boundaries[MOST_BOUNDARIES];
	size_t n_boundaries;
	size_t head_boundaries; /* how many there were before this head */

	struct stream *base64; /* the bytes of an attachment */
	struct stream *part;   /* ... the same while one is read, else NULL */
	struct unpack *unpack; /* ... it is compressed */
	struct stream *inner;  /* ... the text in it */
	bool part_ended;
	unsigned n_unpacked;
	bool bare;     /* nothing of it was read, and it has no head: all of it is base64 */
	bool report;   /* Apport's: it is fields, some of which are packed */
	uint32_t bits; /* base64: what is no whole byte yet */
	unsigned n_bits;

	struct str out; /* to be given, and then a newline? */
	bool newline;
	char decoded[LINES_ROOM];
	size_t decoded_at, decoded_n; /* of an attachment's line */
};

/* ---- lines ---- */

static const struct str fields[] = {
	STR_INIT("Return-Path:"), STR_INIT("Delivered-To:"), STR_INIT("Received:"),
	STR_INIT("Message-ID:"),  STR_INIT("Message-Id:"),   STR_INIT("Date:"),
	STR_INIT("From:"),	  STR_INIT("To:"),	     STR_INIT("Subject:"),
	STR_INIT("MIME-Version:"), STR_INIT("Content-Type:"), STR_INIT("DKIM-Signature:"),
	STR_INIT("X-Mozilla-Status:"), STR_INIT("Reply-To:"), STR_INIT("Cc:"),
	STR_INIT("Content-Transfer-Encoding:"), STR_INIT("User-Agent:"),
	STR_INIT("Authentication-Results:"), STR_INIT("ARC-Seal:"),
};

static bool starts_nocase(struct str s, struct str head)
{
	return str_eq_nocase(str_sub(s, 0, head.n), head);
}

/* Is it "Name: value"? known: one of those that mails have. */
static bool is_field(struct str line, bool *known)
{
	size_t colon = str_find_char(line, ':');

	*known = false;
	if (colon == SIZE_MAX || colon == 0 || colon > 70)
		return false;
	for (size_t i = 0; i < colon; i++) {
		if (line.p[i] <= ' ' || line.p[i] >= 0x7f)
			return false;
	}
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++)
		*known |= starts_nocase(line, fields[i]);
	return true;
}

/* "From a@b Thu Jan  2 15:04:05 2026": in a mailbox one begins */
static bool is_from_line(struct str line)
{
	size_t colon = str_find_char(line, ':');

	return str_starts(line, STR("From ")) && colon != SIZE_MAX && colon > 6 &&
	       ascii_digit(line.p[colon - 1]) && str_rfind(line, STR(":")) != colon;
}

bool mail_begins(struct str head)
{
	enum { ENOUGH = 2 };
	struct str line;
	int n_known = 0;

	if (head.n == 0 || !ascii_alpha(head.p[0]))
		return false;
	for (bool first = true; take_until(&head, '\n', &line); first = false) {
		bool known;

		line = str_trim(line);
		if (line.n == 0)
			break;
		if (first && is_from_line(line))
			continue;
		if (is_field(line, &known))
			n_known += known;
		else if (first || n_known == 0) /* a field may go on in the next line */
			return false;
		if (first && !known && n_known == 0)
			return false;
	}
	return n_known >= ENOUGH;
}

/* The next line: 1, 0, -1. */
static int next_line(struct mail *m, struct err *err)
{
	int rc;

	if (m->pending) {
		m->pending = false;
		return 1;
	}
	if (m->ended)
		return 0;
	m->after_piece = m->piece;
	rc = lines_next(&m->lines, &m->line, err);
	m->piece = rc > 0 && m->lines.more;
	m->ended = rc <= 0;
	return rc;
}

/* ---- heads ---- */

static void head_begins(struct mail *m)
{
	m->in_head = true;
	m->typed = m->within = m->skipped = false;
	m->coding = CODING_NONE;
	m->type = TYPE_PLAIN; /* unless its head says something else */
	m->head_boundaries = m->n_boundaries;
}

/* The multipart that the part is of, NULL: of none. */
static struct multipart *around(struct mail *m)
{
	return m->head_boundaries ? &m->boundaries[m->head_boundaries - 1] : NULL;
}

static void note_boundary(struct mail *m, struct str line)
{
	const struct multipart *outer = around(m);
	struct multipart *room;

	for (size_t i = 0; i + 9 < line.n; i++) {
		struct str value = str_from(line, i), word;

		if (!starts_nocase(value, STR("boundary=")))
			continue;
		value = str_from(value, 9);
		if (!(take_char(&value, '"') ? take_until(&value, '"', &word)
					     : take_word(&value, &word)))
			return;
		word = str_sub(word, 0, str_find_char(word, ';'));
		m->n_boundaries = m->head_boundaries;
		if (word.n == 0 || word.n >= BOUNDARY_ROOM || m->n_boundaries == MOST_BOUNDARIES)
			return;
		room = &m->boundaries[m->n_boundaries++];
		*room = (struct multipart){.alternative = m->type == TYPE_ALTERNATIVE,
					   .said = outer && outer->said};
		memcpy(room->boundary, word.p, word.n);
		return;
	}
}

static enum type type_of(struct str value)
{
	static const struct {
		struct str name;
		enum type type;
	} types[] = {
		{STR_INIT("text/plain"), TYPE_PLAIN},
		{STR_INIT("text/html"), TYPE_HTML},
		{STR_INIT("multipart/alternative"), TYPE_ALTERNATIVE},
	};

	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		if (starts_nocase(value, types[i].name))
			return types[i].type;
	}
	return TYPE_OTHER;
}

static void head_line(struct mail *m, struct str line)
{
	if (line.n && !ascii_blank(line.p[0])) {
		m->typed = starts_nocase(line, STR("Content-Type:"));
		if (m->typed)
			m->type = type_of(str_trim(str_from(line, STR("Content-Type:").n)));
		m->within |= m->typed && str_find(line, STR("message/rfc822")) != SIZE_MAX;
	}
	if (m->typed)
		note_boundary(m, line);
	if (!starts_nocase(line, STR("Content-Transfer-Encoding:")))
		return;
	line = str_trim(str_from(line, STR("Content-Transfer-Encoding:").n));
	m->coding = starts_nocase(line, STR("base64"))		   ? CODING_BASE64
		    : starts_nocase(line, STR("quoted-printable")) ? CODING_QP
								   : CODING_NONE;
}

/* Does the line end the part? It may be the boundary of one further out. */
static bool is_boundary(const struct mail *m, struct str line, size_t *depth, bool *last)
{
	struct str at = line;

	if (!take_lit(&at, STR("--")))
		return false;
	for (size_t i = m->n_boundaries; i-- > 0;) {
		struct str rest = at;

		if (!take_lit(&rest, str_of(m->boundaries[i].boundary)))
			continue;
		rest = str_trim(rest);
		*last = str_eq(rest, STR("--"));
		*depth = i;
		if (rest.n == 0 || *last)
			return true;
	}
	return false;
}

static bool ends_part(const struct mail *m)
{
	size_t depth;
	bool last;

	if (m->report) /* a field goes on in lines that begin with a blank */
		return !m->after_piece && m->line.n && m->line.p[0] != ' ';
	return !m->after_piece && (is_boundary(m, m->line, &depth, &last) ||
				   (m->empty_before && is_from_line(m->line)));
}

/* ---- base64 ---- */

static int value_of_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void decode_line(struct mail *m)
{
	m->decoded_at = m->decoded_n = 0;
	for (size_t i = 0; i < m->line.n; i++) {
		int v = value_of_digit(m->line.p[i]);

		if (m->line.p[i] == '=') /* what follows is of another text */
			m->n_bits = 0;
		if (v < 0)
			continue;
		m->bits = m->bits << 6 | (uint32_t)v;
		m->n_bits += 6;
		if (m->n_bits >= 8) {
			m->n_bits -= 8;
			m->decoded[m->decoded_n++] = (char)(m->bits >> m->n_bits & 0xff);
		}
	}
}

/* The bytes of a part in base64, to the line that ends it. */
static ssize_t part_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct mail *m = in->own;

	while (m->decoded_at == m->decoded_n) {
		int rc = m->part_ended ? 0 : next_line(m, err);

		if (rc <= 0) {
			m->part_ended = true;
			return rc;
		}
		if (ends_part(m)) {
			m->pending = m->part_ended = true;
			return 0;
		}
		m->empty_before = str_trim(m->line).n == 0;
		decode_line(m);
	}
	if (n > m->decoded_n - m->decoded_at)
		n = m->decoded_n - m->decoded_at;
	memcpy(p, m->decoded + m->decoded_at, n);
	m->decoded_at += n;
	return (ssize_t)n;
}

/* The next text inside an attachment that is packed; NULL: no more. What is damaged ends there. */
static struct stream *next_inner(struct mail *m)
{
	struct err lost = {0};
	char name[MEMBER_NAME];
	struct str head;

	while (m->unpack && unpack_next(m->unpack, name, &lost) > 0) {
		struct stream *in = unpack_member(m->unpack, m->arena, &lost);

		if (!in || ++m->n_unpacked > MOST_UNPACKED)
			break;
		if (stream_peek(in, &head, &lost) == 0 && text_in(head) &&
		    charset_open(&in, m->arena, &lost) == 0)
			return in;
	}
	return NULL;
}

static int part_begins(struct mail *m, struct err *err)
{
	struct err lost = {0};
	struct str head;

	m->part = m->base64;
	m->part->head_n = m->part->head_at = 0;
	m->part->ended = m->part_ended = false;
	m->n_bits = 0;
	m->decoded_at = m->decoded_n = 0;
	if (stream_peek(m->part, &head, err))
		return -1;
	if (m->skipped) {
		return 0;
	} else if (format_of(head) == FORMAT_COMPRESSED || format_of(head) == FORMAT_ARCHIVE) {
		if (++m->n_unpacked <= MOST_UNPACKED &&
		    unpack_open(&m->unpack, m->arena, m->part, "an attachment", &lost) == 0)
			m->inner = next_inner(m);
	} else if (text_in(head) && ++m->n_unpacked <= MOST_UNPACKED) {
		m->inner = m->part;
		return charset_open(&m->inner, m->arena, err);
	}
	return 0;
}

/* What of it nobody wanted is passed over. */
static int part_ends(struct mail *m, struct err *err)
{
	char block[4096];
	ssize_t got = 1;

	unpack_close(m->unpack);
	m->unpack = NULL;
	m->inner = NULL;
	while (!m->part_ended && got > 0)
		got = part_read(m->part, block, sizeof(block), err);
	m->part = NULL;
	return got < 0 ? -1 : 0;
}

/* ---- all of it ---- */

static int hex_digit(char c)
{
	if (ascii_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A line of quoted-printable, into decoded[]. */
static void unquote_line(struct mail *m)
{
	struct str line = m->line;
	size_t n = 0;

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	m->newline = !(line.n && line.p[line.n - 1] == '=');
	line.n -= !m->newline;
	for (size_t i = 0; i < line.n; i++) {
		int high = line.p[i] == '=' && i + 2 < line.n ? hex_digit(line.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(line.p[i + 2]) : -1;

		m->decoded[n++] = (char)(low >= 0 ? high << 4 | low : line.p[i]);
		i += low >= 0 ? 2 : 0;
	}
	m->out = (struct str){m->decoded, n};
}

/* What the line is to the structure of the mail. */
static void look_at_line(struct mail *m)
{
	size_t depth;
	bool last;

	if (m->after_piece)
		return;
	if (m->empty_before && !m->in_head && is_from_line(m->line)) {
		m->n_boundaries = 0;
		head_begins(m);
	} else if (is_boundary(m, m->line, &depth, &last)) {
		m->n_boundaries = depth + !last;
		head_begins(m);
		m->in_head = !last;
	} else if (m->in_head && str_trim(m->line).n > 0) {
		head_line(m, m->line);
	}
}

/* A part has text: does it say something anew, for those that follow it, too? */
static void note_said(struct mail *m)
{
	struct multipart *outer = around(m);

	m->skipped = outer && outer->said && m->type == TYPE_HTML;
	if (outer && outer->alternative && m->type == TYPE_PLAIN)
		outer->said = true;
}

/* "VmCoreDmesg: base64": its lines hold, each for itself, what together is a file of gzip */
static bool is_packed_field(const struct mail *m)
{
	return !m->piece && !m->after_piece && m->line.n && m->line.p[0] != ' ' &&
	       str_ends(str_trim(m->line), STR(": base64"));
}

/* The next line of the text; 1, 0, -1. */
static int text_line(struct mail *m, struct err *err)
{
	int rc = next_line(m, err);
	bool empty;

	if (rc <= 0)
		return rc;
	m->newline = !m->piece;
	m->out = m->line;
	if (m->report)
		return is_packed_field(m) && part_begins(m, err) ? -1 : 1;
	empty = str_trim(m->line).n == 0;
	look_at_line(m);
	if (!m->in_head && !empty)
		note_said(m);
	if (m->skipped)
		m->out = (struct str){0};
	else if (!m->in_head && m->coding == CODING_QP)
		unquote_line(m);
	m->empty_before = empty;
	if (!m->in_head || !empty)
		return 1;
	if (m->within) {
		head_begins(m);
		return 1;
	}
	m->in_head = false;
	if (m->n_boundaries > m->head_boundaries) /* a multipart has no coding of its own */
		m->coding = CODING_NONE;
	if (m->coding != CODING_BASE64)
		return 1;
	m->out = (struct str){0};
	note_said(m);
	return part_begins(m, err) ? -1 : 1;
}

static ssize_t mail_read(struct stream *in, char *p, size_t n, struct err *err)
{
	struct mail *m = in->own;
	struct err lost = {0};
	ssize_t got;

	if (m->bare && part_begins(m, err))
		return -1;
	m->bare = false;
	while (m->out.n == 0 && !m->newline) {
		if (m->inner) {
			got = stream_read(m->inner, p, n, &lost);
			if (got > 0)
				return got;
			m->inner = m->unpack ? next_inner(m) : NULL;
			m->newline = true;
		} else if (m->part) {
			m->newline = true;
			if (part_ends(m, err))
				return -1;
		} else {
			int rc = text_line(m, err);

			if (rc <= 0)
				return rc;
		}
	}
	if (m->out.n == 0) {
		m->newline = false;
		p[0] = '\n';
		return 1;
	}
	if (n > m->out.n)
		n = m->out.n;
	memcpy(p, m->out.p, n);
	m->out = str_from(m->out, n);
	return (ssize_t)n;
}

static void mail_close(struct stream *in)
{
	struct mail *m = in->own;

	unpack_close(m->unpack);
}

struct stream *mail_open(struct arena *a, struct stream *below, struct err *err)
{
	struct stream *in = stream_over(a, below, sizeof(struct mail), err);
	struct mail *m = in ? in->own : NULL;

	if (!m)
		return NULL;
	m->base64 = stream_new(a, err);
	if (!m->base64 || lines_init(&m->lines, a, below, err) != 0) {
		stream_close(in);
		return NULL;
	}
	m->arena = a;
	m->base64->own = m;
	m->base64->read = part_read;
	head_begins(m);
	in->read = mail_read;
	in->close = mail_close;
	return in;
}

bool report_begins(struct str head)
{
	return str_starts(head, STR("ProblemType: "));
}

struct stream *report_open(struct arena *a, struct stream *below, struct err *err)
{
	struct stream *in = mail_open(a, below, err);
	struct mail *m = in ? in->own : NULL;

	if (m)
		m->report = true;
	return in;
}

/* ---- base64 without a mail around it: EC2's GetConsoleOutput, secrets and fields of Kubernetes ---- */

/* Nothing but its digits in lines of one length or in one, and they begin a text? */
bool base64_begins(struct str head)
{
	enum { SHORTEST = 256, LINE = 40, DECODED = 48 };
	unsigned n_bits = 0, decoded = 0;
	uint32_t bits = 0;
	bool blank = false;

	if (head.n < SHORTEST || str_find_char(head, '\n') < LINE)
		return false;
	for (size_t i = 0; i < head.n; i++) {
		int v = value_of_digit(head.p[i]);

		if (v < 0 && str_find_char(STR("=\r\n"), head.p[i]) == SIZE_MAX)
			return false;
		if (v < 0 || decoded == DECODED)
			continue;
		bits = bits << 6 | (uint32_t)v;
		n_bits += 6;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		char c = (char)(bits >> n_bits & 0xff);

		if ((c < ' ' || c == 0x7f) && str_find_char(STR("\t\r\n\033"), c) == SIZE_MAX)
			return false;
		blank |= c == ' ';
		decoded++;
	}
	return blank;
}

struct stream *base64_open(struct arena *a, struct stream *below, struct err *err)
{
	struct stream *in = mail_open(a, below, err);
	struct mail *m = in ? in->own : NULL;

	if (!m)
		return NULL;
	m->coding = CODING_BASE64;
	m->in_head = false;
	m->bare = true;
	return in;
}
