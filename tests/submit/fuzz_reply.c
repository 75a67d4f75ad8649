/* SPDX-License-Identifier: MIT */
/* fuzz_reply.c - a hostile server: the input's parts (a line "~~" between them) are the answers
 * to one request after the other, over a real socket. Laws: every call ends with an outcome, a
 * failure has a reason, and what the server said is printable, short and without the key. */
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "fuzz/laws.h"
#include "submit/bugzilla.h"

static const char key[] = "KEYKEYKEYKEY";
static bool key_is_known; /* by the server: before that it can only have made it up */

static struct {
	int fd, port;
	pthread_mutex_t lock;
	struct str left; /* of the input */
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A copy: the input may be gone before all of it is sent. */
static struct str next_answer(void)
{
	static char copy[1 << 20];
	struct str part;

	pthread_mutex_lock(&server.lock);
	if (!take_until_lit(&server.left, STR("\n~~\n"), &part)) {
		part = server.left;
		server.left = (struct str){NULL, 0};
	}
	part = str_sub(part, 0, sizeof(copy));
	if (part.n)
		memcpy(copy, part.p, part.n);
	pthread_mutex_unlock(&server.lock);
	return (struct str){copy, part.n};
}

static void *serve(void *ctx)
{
	static const char status[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	char request[16384];

	(void)ctx;
	for (;;) {
		int fd = accept(server.fd, NULL, NULL);
		struct str answer;

		if (fd < 0)
			return NULL;
		if (recv(fd, request, sizeof(request), 0) <= 0) {
			close(fd);
			continue;
		}
		answer = next_answer();
		/* most of the work is behind the status line: a '{' begins a body */
		if (answer.n && answer.p[0] == '{')
			(void)send(fd, status, sizeof(status) - 1, MSG_NOSIGNAL | MSG_MORE);
		if (answer.n)
			(void)send(fd, answer.p, answer.n, MSG_NOSIGNAL);
		(void)shutdown(fd, SHUT_WR);
		while (recv(fd, request, sizeof(request), MSG_DONTWAIT) > 0)
			;
		close(fd);
	}
}

static void start_server(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(at);
	pthread_t thread;

	server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	law(server.fd >= 0 && bind(server.fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	law(listen(server.fd, 16) == 0 && getsockname(server.fd, (struct sockaddr *)&at, &n) == 0);
	server.port = ntohs(at.sin_port);
	law(pthread_create(&thread, NULL, serve, NULL) == 0);
	pthread_detach(thread);
}

static void law_of_error(int rc, const struct err *err)
{
	law(rc >= 0 || err->code != ERR_NONE);
	law(is_printable(str_of(err->text), "") && is_printable(str_of(err->hint), ""));
	law(!key_is_known || (!strstr(err->text, key) && !strstr(err->hint, key)));
}

static void say(void *ctx, const char *line)
{
	(void)ctx;
	law(is_printable(str_of(line), "\n\t") && (!key_is_known || !strstr(line, key)));
}

static bool ask(void *ctx, const char *question, char *answer, size_t room)
{
	(void)ctx;
	/* it is shown() as every foreign text is, whole */
	law(strlen(question) < sizeof(struct shown) && (!key_is_known || !strstr(question, key)));
	snprintf(answer, room, "Kernel");
	return true;
}

static void talk_to(const char *url, const struct talk *talk)
{
	const struct bug_fields fields = {.product = "Kernel", .component = "mm", .version = "6.1",
					  .summary = "Out of memory", .description = "x",
					  .signature = "oom-0123456789abcdef", .kernel = "6.1",
					  .arch = "x86_64"};
	struct err err = {.code = ERR_NONE};
	struct secret secret = {.text = ""};
	struct bz_hit hits[HITS_MAX];
	struct bz_choice choice;
	long long id;
	struct bz b;
	size_t n = 0;
	int rc;

	key_is_known = false;
	rc = bz_open(&b, url, NULL, talk, &err);
	law_of_error(rc, &err);
	if (rc != 0)
		return;
	law(is_printable(str_of(b.version), ""));
	snprintf(secret.text, sizeof(secret.text), "%s", key);
	key_is_known = true;
	rc = bz_use_key(&b, &secret, &err);
	law_of_error(rc, &err);
	if (rc == 0) {
		rc = bz_validate(&b, &fields, &choice, &err);
		law_of_error(rc, &err);
		bz_choice_free(&choice);
		law_of_error(bz_search_duplicates(&b, &fields, "Kernel", hits, &n, &err), &err);
		law(n <= HITS_MAX);
		for (size_t i = 0; i < n; i++)
			law(is_printable(str_of(hits[i].summary), ""));
		law_of_error(bz_find_token(&b, "token", &id, &err), &err);
	}
	bz_close(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct talk talk = {.say = say, .ask = ask};
	char url[64];

	if (!server.port)
		start_server();
	pthread_mutex_lock(&server.lock);
	server.left = (struct str){(const char *)data, size};
	pthread_mutex_unlock(&server.lock);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", server.port);
	talk_to(url, &talk);
	pthread_mutex_lock(&server.lock);
	server.left = (struct str){NULL, 0}; /* the input is about to be freed */
	pthread_mutex_unlock(&server.lock);
	return 0;
}
