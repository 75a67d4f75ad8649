/* SPDX-License-Identifier: MIT */
/* typing.c - edits one line in one row of a terminal: what is longer is moved along under its edge.
 *
 * Only '\r', '\b' and letters are written, which every terminal knows; how wide it is, is asked each
 * time. While nothing is typed we look now and then whether somebody else has set the terminal.
 */
#include "cli/typing.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/cli.h"

enum { LOOK_MS = 200, PASTED_MS = 50, KEY_LARGEST = 16, PROMPT = 2, NARROWEST = 8, USUAL = 80,
       SUSPEND = 0x1a };

struct edit {
	struct typing *t;
	struct buf *line;
	size_t cursor, from; /* bytes: where typing goes, what is shown first */
	int drawn;	     /* columns behind the prompt that are not blank */
	bool fresh;	     /* no prompt yet */
	bool ended, last, full;
};

/* ---- the terminal ---- */

static bool may_read(int wait_ms)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&p, 1, wait_ms) > 0;
}

bool typing_waits(void)
{
	return may_read(PASTED_MS);
}

/* The one terminal that is ours, for a handler that ends the program. */
static struct typing *volatile ours_now;

void typing_abort(void)
{
	if (ours_now)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &ours_now->was);
}

/* Whatever the program left behind that the OOM killed, Enter ends a line and Ctrl-C interrupts. */
void typing_begin(struct typing *t)
{
	t->on = tcgetattr(STDIN_FILENO, &t->was) == 0;
	if (!t->on)
		return;
	t->ours = t->was;
	t->ours.c_iflag = (t->ours.c_iflag | ICRNL) & ~(tcflag_t)(INLCR | IGNCR | ISTRIP);
	t->ours.c_oflag |= OPOST | ONLCR;
	t->ours.c_lflag = (t->ours.c_lflag | ISIG) & ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	t->ours.c_cc[VMIN] = 1;
	t->ours.c_cc[VTIME] = 0;
	t->ours.c_cc[VSUSP] = _POSIX_VDISABLE; /* not before the terminal is as it was */
	ours_now = t;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &t->ours);
}

void typing_end(struct typing *t)
{
	if (t->on)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &t->was);
	t->on = false;
	ours_now = NULL;
}

static int terminal_width(void)
{
	struct winsize size;
	int n = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : USUAL;

	return n < NARROWEST ? NARROWEST : n;
}

static void put(struct buf *out)
{
	if (fd_write_all(STDERR_FILENO, buf_str(out)) != 0)
		log_debug("the terminal takes nothing");
}

/* ---- letters ---- */

static int columns_of(struct str one)
{
	static const struct {
		uint32_t first, last;
		int columns;
	} rows[] = {
		{0x0300, 0x036f, 0}, {0x1100, 0x115f, 2}, {0x20d0, 0x20ff, 0}, {0x2e80, 0x303e, 2},
		{0x3041, 0xa4cf, 2}, {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2}, {0xfe00, 0xfe0f, 0},
		{0xfe20, 0xfe2f, 0}, {0xfe30, 0xfe6f, 2}, {0xff00, 0xff60, 2}, {0xffe0, 0xffe6, 2},
		{0x1f300, 0x1f64f, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
	};
	unsigned char c = (unsigned char)one.p[0];
	uint32_t code = one.n > 1 ? c & (0x7fU >> one.n) : c;

	for (size_t i = 1; i < one.n; i++)
		code = code << 6 | ((unsigned char)one.p[i] & 0x3f);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (code >= rows[i].first && code <= rows[i].last)
			return rows[i].columns;
	}
	return 1;
}

/* The line holds valid UTF-8. */
static struct str letter_at(const struct edit *e, size_t at)
{
	struct str rest = str_from(buf_str(e->line), at);

	return str_sub(rest, 0, utf8_sequence(rest));
}

static int columns_between(const struct edit *e, size_t from, size_t to)
{
	int n = 0;

	for (size_t at = from; at < to; at += letter_at(e, at).n)
		n += columns_of(letter_at(e, at));
	return n;
}

static size_t before(const struct edit *e, size_t at)
{
	while (at > 0 && ((unsigned char)e->line->p[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t word_before(const struct edit *e, size_t at)
{
	while (at > 0 && e->line->p[at - 1] == ' ')
		at--;
	while (at > 0 && e->line->p[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_behind(const struct edit *e, size_t at)
{
	while (at < e->line->n && e->line->p[at] == ' ')
		at++;
	while (at < e->line->n && e->line->p[at] != ' ')
		at++;
	return at;
}

static void take_out(struct edit *e, size_t from, size_t to)
{
	memmove(e->line->p + from, e->line->p + to, e->line->n - to);
	e->line->n -= to - from;
	e->cursor = from;
}

/* A letter that may stand on a terminal; anything else leaves nothing. */
static void insert(struct edit *e, struct str one)
{
	struct str left = one, tab = STR(" ");
	char room[8];

	if (str_eq(one, STR("\t")))
		one = tab;
	else if (take_shown(&left, room).p != one.p || left.n)
		return;
	/* a NUL behind it has its place, too */
	if (e->line->n + one.n >= e->line->max || !buf_add(e->line, one)) {
		e->full = true;
		return;
	}
	memmove(e->line->p + e->cursor + one.n, e->line->p + e->cursor,
		e->line->n - one.n - e->cursor);
	memcpy(e->line->p + e->cursor, one.p, one.n);
	e->cursor += one.n;
}

/* ---- drawing ---- */

/* The cursor is within what is shown; moved by half a row, so that not every letter moves it. */
static void follow_cursor(struct edit *e, int room)
{
	if ((e->cursor > e->from || !e->from) && columns_between(e, e->from, e->cursor) <= room)
		return;
	e->from = e->cursor;
	for (int n = 0; e->from > 0 && n < room / 2; n = columns_between(e, e->from, e->cursor))
		e->from = before(e, e->from);
}

/* The last column stays free: some terminals go on to the next row with it. */
static void draw(struct edit *e)
{
	CLEANUP_BUF struct buf out = BUF_INIT(64 * 1024);
	int room = terminal_width() - PROMPT - 1, shown = 0, at;
	size_t to;

	follow_cursor(e, room);
	buf_addz(&out, e->fresh ? "" : "\r");
	buf_addz(&out, e->from ? "< " : "> ");
	for (to = e->from; to < e->line->n; to += letter_at(e, to).n) {
		int wide = columns_of(letter_at(e, to));

		if (shown + wide > room)
			break;
		shown += wide;
	}
	buf_add(&out, str_sub(buf_str(e->line), e->from, to - e->from));
	for (at = shown; at < e->drawn && at < room; at++)
		buf_addc(&out, ' ');
	for (int cursor = columns_between(e, e->from, e->cursor); at > cursor; at--)
		buf_addc(&out, '\b');
	put(&out);
	e->drawn = shown;
	e->fresh = false;
}

/* What was moved along is shown whole. */
static void draw_last(struct edit *e)
{
	CLEANUP_BUF struct buf out = BUF_INIT(4096);
	int width = terminal_width(), all = columns_between(e, 0, e->line->n);
	const char *text = buf_cstr(e->line);

	e->cursor = e->line->n;
	if (all < width - PROMPT || !text) {
		draw(e);
		fputc('\n', stderr);
		return;
	}
	buf_addc(&out, '\r');
	for (int i = 0; i < e->drawn + PROMPT; i++)
		buf_addc(&out, ' ');
	buf_addz(&out, "\r> ");
	put(&out);
	print_wrapped(stderr, text, PROMPT, width);
}

/* ---- keys ---- */

static void to_start(struct edit *e)
{
	e->cursor = 0;
}

static void to_end(struct edit *e)
{
	e->cursor = e->line->n;
}

static void left(struct edit *e)
{
	e->cursor = before(e, e->cursor);
}

static void right(struct edit *e)
{
	e->cursor += e->cursor < e->line->n ? letter_at(e, e->cursor).n : 0;
}

static void word_left(struct edit *e)
{
	e->cursor = word_before(e, e->cursor);
}

static void word_right(struct edit *e)
{
	e->cursor = word_behind(e, e->cursor);
}

static void cut_before(struct edit *e)
{
	take_out(e, before(e, e->cursor), e->cursor);
}

static void cut_under(struct edit *e)
{
	if (e->cursor < e->line->n)
		take_out(e, e->cursor, e->cursor + letter_at(e, e->cursor).n);
}

static void cut_word(struct edit *e)
{
	take_out(e, word_before(e, e->cursor), e->cursor);
}

static void cut_to_start(struct edit *e)
{
	take_out(e, 0, e->cursor);
}

static void cut_to_end(struct edit *e)
{
	take_out(e, e->cursor, e->line->n);
}

static void enter(struct edit *e)
{
	e->ended = true;
}

/* At the end of a line it is the end of all, within it as in a shell. */
static void delete_or_last(struct edit *e)
{
	e->last = e->cursor == e->line->n;
	cut_under(e);
}

/* Everybody who was started by this terminal's Ctrl-Z would stop: sudo above us, too. */
static void suspend(struct edit *e)
{
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &e->t->was);
	(void)kill(0, SIGTSTP);
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &e->t->ours);
	e->drawn = 0;
}

static const struct {
	const char *key;
	void (*act)(struct edit *e);
} keys[] = {
	{"\n", enter},		{"\r", enter},		{"\x04", delete_or_last},
	{"\x7f", cut_before},	{"\b", cut_before},	{"\033[3~", cut_under},
	{"\x17", cut_word},	{"\033\x7f", cut_word},	{"\x15", cut_to_start},
	{"\x0b", cut_to_end},	{"\x1a", suspend},
	{"\x01", to_start},	{"\033[H", to_start},	{"\033OH", to_start},
	{"\033[1~", to_start},	{"\033[7~", to_start},
	{"\x05", to_end},	{"\033[F", to_end},	{"\033OF", to_end},
	{"\033[4~", to_end},	{"\033[8~", to_end},
	{"\x02", left},		{"\033[D", left},	{"\033OD", left},
	{"\x06", right},	{"\033[C", right},	{"\033OC", right},
	{"\033b", word_left},	{"\033[1;5D", word_left}, {"\033[1;3D", word_left},
	{"\033f", word_right},	{"\033[1;5C", word_right}, {"\033[1;3C", word_right},
};

static bool read_byte(char *ret)
{
	return read(STDIN_FILENO, ret, 1) == 1;
}

/* Is this all of a key, or of a letter? */
static bool is_whole(const char *key, size_t n)
{
	unsigned char c = (unsigned char)key[0], last = (unsigned char)key[n - 1];

	if (c == 0x1b && n > 1 && (key[1] == '[' || key[1] == 'O'))
		return n > 2 && last >= 0x40;
	if (c == 0x1b)
		return n > 1;
	return n == (c >= 0xf0 ? 4U : c >= 0xe0 ? 3U : c >= 0xc0 ? 2U : 1U);
}

/* One key or letter. A terminal sends the bytes of one together; false: there is no terminal. */
static bool read_key(struct str *ret, char key[KEY_LARGEST])
{
	size_t n = 0;

	do {
		if (n && !may_read(PASTED_MS))
			break;
		if (!read_byte(&key[n]))
			return false;
		n++;
	} while (n < KEY_LARGEST && !is_whole(key, n));
	*ret = (struct str){key, n};
	return true;
}

static bool act(struct edit *e, struct str key)
{
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		if (str_eq(key, str_of(keys[i].key))) {
			keys[i].act(e);
			return true;
		}
	}
	return false;
}

/* A terminal of another coding sends bytes that seem to begin a letter; they leave nothing. */
static void press(struct edit *e, struct str key)
{
	if (act(e, key) || key.p[0] == 0x1b)
		return;
	while (key.n) {
		size_t n = utf8_sequence(key);
		struct str one = str_sub(key, 0, n ? n : 1);

		if (!act(e, one) && n)
			insert(e, one);
		key = str_from(key, one.n);
	}
}

/* Looked for in pieces: Ctrl-C may come just before a call that waits, and a shell that has started
 * us again, or another program, may have set the terminal. */
static bool wait_for_key(struct edit *e, const volatile int *stop)
{
	struct termios now;
	int width = terminal_width();

	while (!(stop && *stop)) {
		if (may_read(LOOK_MS))
			return !(stop && *stop);
		if (e->t->on && tcgetattr(STDIN_FILENO, &now) == 0 && (now.c_lflag & ICANON))
			(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &e->t->ours);
		else if (terminal_width() == width)
			continue;
		width = terminal_width();
		draw(e);
	}
	return false;
}

enum typed typing_line(struct typing *t, struct buf *line, const volatile int *stop)
{
	struct edit e = {.t = t, .line = line, .fresh = true};
	char room[KEY_LARGEST];
	struct str key;

	buf_clear(line);
	while (!e.ended && !e.last) {
		/* what is pasted is drawn once */
		if (!may_read(0))
			draw(&e);
		if (!wait_for_key(&e, stop) || !read_key(&key, room))
			break;
		press(&e, key);
	}
	draw_last(&e);
	return !e.ended ? TYPED_LAST : e.full ? TYPED_CUT : TYPED_LINE;
}
