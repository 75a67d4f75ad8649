/* SPDX-License-Identifier: MIT */
/* submit_main.c - the program oomreport-submit: options, the person at the terminal, the road
 * from a bundle to a server. Holds secrets, so it leaves no core and runs as the user. */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/when.h"
#include "cli/profile.h"
#include "cli/submit_options.h"
#include "report/report.h"
#include "submit/submit.h"

enum { REPORT_LARGEST = 64 << 20, TEXT_LARGEST = 8 << 20 };

/* ---- the person ---- */

static void put_shown(const char *line, FILE *to)
{
	struct str in = str_of(line);
	char room[8];

	while (in.n) {
		struct str c = take_shown(&in, room);

		fwrite(c.p, 1, c.n, to);
	}
	fputc('\n', to);
}

static void say(void *ctx, const char *line)
{
	(void)ctx;
	put_shown(line, stderr); /* servers and bundles wrote parts of it */
}

static void print_line(void *ctx, const char *line)
{
	(void)ctx;
	put_shown(line, stdout);
}

static bool ask(void *ctx, const char *question, char *answer, size_t room)
{
	size_t n;

	(void)ctx;
	fprintf(stderr, "%s", shown(question).z);
	fflush(stderr);
	if (!fgets(answer, (int)room, stdin))
		return false;
	n = strcspn(answer, "\n");
	answer[n] = '\0';
	return n > 0;
}

static void progress(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	static int64_t last;
	int64_t now = when_monotonic();

	(void)ctx;
	if (now - last < 200000 && done != total)
		return;
	last = now;
	fprintf(stderr, "\r%s: %llu of %llu KiB%s", shown(what).z, (unsigned long long)(done >> 10),
		(unsigned long long)(total >> 10), done == total ? "\n" : "");
	fflush(stderr);
}

static struct talk person(void)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);

	return (struct talk){
		.say = say,
		.ask = terminal ? ask : NULL,
		.progress = isatty(STDERR_FILENO) && log_level() >= LOG_LEVEL_WARNING ? progress
										   : NULL,
	};
}

/* ---- what the bundle says ---- */

struct told {
	json_t *document;
	struct pieces pieces;
	struct buf text;
	char summary[400], signature[100], kernel[128], arch[32], distribution[128];
};

static const char *text_at(const json_t *j, const char *a, const char *b)
{
	const char *text = json_string_value(json_object_get(json_object_get(j, a), b));

	return text ? text : "";
}

/* "OOM kill of tail (memcg, order 0) on 6.1.0-56-amd64" */
static void make_summary(struct told *t, const char *own)
{
	const json_t *oom = json_object_get(t->document, "first_oom");
	const json_t *victims = json_object_get(oom, "victims");
	const char *scope = json_string_value(json_object_get(oom, "scope"));
	const char *victim = json_string_value(
		json_object_get(json_array_get(victims, 0), "comm"));
	const json_t *order = json_object_get(json_object_get(oom, "trigger"), "order");
	const char *finding = json_string_value(json_object_get(
		json_array_get(json_object_get(json_object_get(t->document, "diagnosis"),
					       "findings"), 0), "id"));
	char where[64] = "";

	if (own) {
		snprintf(t->summary, sizeof(t->summary), "%.250s", own);
		return;
	}
	if (json_is_integer(order))
		snprintf(where, sizeof(where), ", order %lld",
			 (long long)json_integer_value(order));
	if (json_is_object(oom))
		snprintf(t->summary, sizeof(t->summary), "OOM: %.20s %s (%.20s%s)%s%.60s on %.80s",
			 victim ? victim : "no process", victim ? "killed" : "could be killed",
			 scope ? scope : "unknown scope", where, finding ? ", " : "",
			 finding ? finding : "", t->kernel[0] ? t->kernel : "unknown kernel");
	else
		snprintf(t->summary, sizeof(t->summary), "memory report without a kernel OOM, %.80s",
			 t->kernel[0] ? t->kernel : "unknown kernel");
}

static int read_told(struct told *t, const char *bundle, uint64_t limit, const char *template,
		     const char *own_summary, struct err *err)
{
	CLEANUP_BUF struct buf json = BUF_INIT(REPORT_LARGEST);
	const char *signature;

	if (pieces_from_bundle(&t->pieces, &json, bundle, limit, err) != 0 ||
	    report_load(&t->document, buf_str(&json), "report.json", err) != 0 ||
	    report_render(t->document, template, NULL, &t->text, err) != 0)
		return -1;
	signature = json_string_value(json_object_get(t->document, "signature"));
	snprintf(t->signature, sizeof(t->signature), "%s", signature ? signature : "oom-unknown");
	snprintf(t->kernel, sizeof(t->kernel), "%s", text_at(t->document, "system", "kernel"));
	snprintf(t->arch, sizeof(t->arch), "%s", text_at(t->document, "system", "arch"));
	snprintf(t->distribution, sizeof(t->distribution), "%s",
		 text_at(t->document, "system", "distribution"));
	make_summary(t, own_summary);
	return buf_cstr(&t->text) ? 0 : err_set(err, ERR_NOMEM, "no memory");
}

static void told_free(struct told *t)
{
	json_decref(t->document);
	pieces_free(&t->pieces);
	buf_free(&t->text);
}

/* ---- the four things it can do ---- */

struct job {
	const struct submit_options *o;
	struct profile profile;
	bool has_profile;
	const char *fields[TEXT_LIST_MAX + 1]; /* "name=value": the profile's and --field */
	struct talk talk;
};

static bool same_field(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return n == strcspn(b, "=") && strncmp(a, b, n) == 0;
}

/* The profile's in its order, each with the user's value where there is one, then the user's own. */
static int merge_fields(struct job *j, struct err *err)
{
	const struct yaml_texts *desk = &j->profile.submit.fields;
	const struct text_list *own = &j->o->fields;
	size_t n = 0;

	if (desk->n + own->n > TEXT_LIST_MAX)
		return err_set(err, ERR_LIMIT, "submit: more than %d fields", TEXT_LIST_MAX);
	for (; n < desk->n; n++)
		j->fields[n] = desk->v[n];
	for (size_t k = 0; k < own->n; k++) {
		size_t i = 0;

		while (i < n && !same_field(j->fields[i], own->v[k]))
			i++;
		j->fields[i] = own->v[k];
		n += i == n;
	}
	return 0;
}

static const char *chosen(const char *given, const char *from_profile)
{
	return given && *given ? given : from_profile;
}

static bool is_profiles(const char *given)
{
	return given && strcmp(given, "profile") == 0;
}

/* A profile that is given says which way, where nothing else does. */
static void choose_way(struct submit_options *o, const struct profile *p)
{
	if (o->bugzilla || o->mail || o->upload || o->bug)
		return;
	if (p->submit.bugzilla)
		o->bugzilla = "";
	else if (p->submit.mail)
		o->mail = "profile";
	else if (p->submit.upload)
		o->upload = "profile";
}

static const char *upload_place(const struct job *j)
{
	return is_profiles(j->o->upload) ? j->profile.submit.upload : j->o->upload;
}

static struct bugzilla_options server_options(const struct job *j, const char *bundle)
{
	return (struct bugzilla_options){
		.url = chosen(j->o->bugzilla, j->profile.submit.bugzilla),
		.key_file = j->o->api_key_file,
		.ca_file = j->o->ca_file,
		.bundle = bundle,
		.bug = j->o->bug,
		.yes = j->o->yes,
		.dry_run = j->o->dry_run,
		.new_anyway = j->o->new_anyway,
		.upload_url = upload_place(j),
		.confirm_wait_us = j->o->confirm_wait_us,
		.talk = &j->talk,
	};
}

static int file_bug(const struct job *j, const char *bundle, struct err *err)
{
	struct bugzilla_options server = server_options(j, bundle);
	struct told t = {.text = BUF_INIT(TEXT_LARGEST)};
	const struct submit_options *o = j->o;
	struct bug_fields fields;
	char url[600];
	long long id = 0;
	int rc = -1;

	if (!server.url) {
		(void)err_set(err, ERR_USAGE, "--bugzilla: no URL, and no profile names one");
		return err_hint(err, "give --bugzilla=URL or --profile NAME");
	}
	if (read_told(&t, bundle, 0, chosen(o->template_name, "bugzilla"), o->summary, err) == 0) {
		fields = (struct bug_fields){
			.product = chosen(o->product, j->profile.submit.product),
			.component = chosen(o->component, j->profile.submit.component),
			.version = chosen(o->version_field, j->profile.submit.version),
			.op_sys = o->op_sys,
			.platform = o->platform,
			.severity = o->severity,
			.summary = t.summary,
			.description = buf_cstr(&t.text),
			.signature = t.signature,
			.kernel = t.kernel[0] ? t.kernel : NULL,
			.arch = t.arch[0] ? t.arch : NULL,
			.distribution = t.distribution,
			.cc = o->cc.n ? o->cc.v : j->profile.submit.cc.v,
			.fields = j->fields,
		};
		rc = bugzilla_submit(&server, &fields, &id, url, err);
		if (rc == 0 && !o->dry_run)
			printf("%s\n", shown(url).z);
	}
	told_free(&t);
	return rc;
}

static int send_mail(const struct job *j, const char *bundle, struct err *err)
{
	struct told t = {.text = BUF_INIT(TEXT_LARGEST)};
	const struct submit_options *o = j->o;
	struct mail_options m = {
		.to = is_profiles(o->mail) ? j->profile.submit.mail : o->mail,
		.from = o->from,
		.cc = o->cc.n ? o->cc.v : j->profile.submit.cc.v,
		.pseudo_headers = j->fields,
		.outbox = o->mail_file,
		.smtp = o->smtp,
		.user = o->user,
		.password_file = o->password_file,
		.ca_file = o->ca_file,
		.now_us = when_now(),
		.yes = o->yes,
		.dry_run = o->dry_run,
		.talk = &j->talk,
	};
	int rc = -1;

	if (!m.to) {
		(void)err_set(err, ERR_USAGE, "--mail: the profile names no address");
		return err_hint(err, "give --mail=ADDRESS");
	}
	if (read_told(&t, bundle, 0, chosen(o->template_name, "mail"), o->summary, err) == 0) {
		m.subject = t.summary;
		m.body = buf_cstr(&t.text);
		rc = mail_submit(&m, &t.pieces, err);
	}
	told_free(&t);
	return rc;
}

static int upload(const struct job *j, const char *bundle, struct err *err)
{
	struct upload_options u = {
		.url = upload_place(j),
		.method = chosen(j->o->method, "PUT"),
		.ca_file = j->o->ca_file,
		.known_hosts = j->o->known_hosts,
		.ssh_key = j->o->ssh_key,
		.talk = &j->talk,
	};
	bool by_profile = is_profiles(j->o->upload);
	char link[1000];

	if (!u.url) {
		(void)err_set(err, ERR_USAGE, "--upload: the profile names no place");
		return err_hint(err, "give --upload=URL");
	}
	/* a URL of the user's own may hold a key */
	if (j->o->dry_run || by_profile)
		fprintf(stderr, "%s %s%s%s\n", u.method, shown(bundle).z, by_profile ? " to " : "",
			by_profile ? shown(u.url).z : "");
	if (j->o->dry_run)
		return 0;
	if (by_profile && talk_agree(&j->talk, j->o->yes, err) != 0)
		return -1;
	if (upload_submit(&u, bundle, link, err) != 0)
		return -1;
	printf("%s\n", shown(link).z);
	return 0;
}

static int retry(const struct job *j, struct err *err)
{
	struct bugzilla_options server = server_options(j, NULL);
	int left = 0;

	if (outbox_retry(&server, &left, err) != 0)
		return -1;
	if (left == 0)
		return 0;
	(void)err_set(err, ERR_NET, "%d submission%s still pending", left, left == 1 ? "" : "s");
	return err_hint(err, "see 'oomreport submit --list'");
}

/* A bundle is read more than once, and opening a FIFO waits for who never comes. */
static int check_bundle(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_sys(err, errno, "%s", path);
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)
		       ? 0
		       : err_set(err, ERR_FORMAT, "%s: not a file", path);
}

static int do_job(const struct job *j, int argc, char **argv, struct err *err)
{
	const struct submit_options *o = j->o;

	if (o->login)
		return bugzilla_login(o->login, o->ca_file, &j->talk, err);
	if (o->list)
		return outbox_list(&(struct talk){.say = print_line}, err);
	if (o->retry)
		return retry(j, err);
	if (argc != 1 || !(o->bugzilla || o->mail || o->upload || o->bug || j->has_profile))
		return err_set(err, ERR_USAGE, "submit: wants one BUNDLE and --bugzilla, --mail or "
					       "--upload");
	if (j->profile.submit.note)
		j->talk.say(j->talk.ctx, j->profile.submit.note);
	if (!(o->bugzilla || o->mail || o->upload || o->bug)) {
		(void)err_set(err, ERR_USAGE, "submit: profile '%.60s' names no place for it",
			      j->profile.name);
		return err_hint(err, "give --bugzilla=URL, --mail=ADDRESS or --upload=URL");
	}
	if (check_bundle(argv[0], err) != 0)
		return -1;
	if (o->mail)
		return send_mail(j, argv[0], err);
	if (o->upload && !o->bugzilla)
		return upload(j, argv[0], err);
	return file_bug(j, argv[0], err);
}

/* As root it would read a user's bundle and keep root's key; a user needs neither. */
static int check_root(const struct submit_options *o, struct err *err)
{
	if (geteuid() != 0 || o->as_root || o->list)
		return 0;
	(void)err_set(err, ERR_REFUSED, "submit: this is root; a bug is filed by a user");
	return err_hint(err, "run it as yourself, or say --as-root");
}

/* "--version" alone is the program's; with a word behind it, it is the bug's version. */
static bool wants_program_version(int argc, char **argv)
{
	return argc == 2 && strcmp(argv[1], "--version") == 0;
}

static bool wants_profile(const struct submit_options *o)
{
	return o->profile || (o->bugzilla && !*o->bugzilla) || (o->bug && !o->bugzilla) ||
	       is_profiles(o->mail) || is_profiles(o->upload);
}

static int run(int argc, char **argv, struct err *err)
{
	struct submit_options o = {.confirm_wait_us = 60 * INT64_C(1000000)};
	struct job j = {.o = &o};
	CLEANUP_ROOT struct root root = ROOT_CLOSED;
	char **operands = calloc((size_t)argc + 1, sizeof(*operands));
	int n = 0, rc;

	if (!operands)
		return err_set(err, ERR_NOMEM, "no memory");
	rc = options_parse(&cmd_submit, argc, argv, &o, &n, operands, err);
	if (rc == 0) {
		rc = check_root(&o, err);
		if (rc == 0 && wants_profile(&o)) {
			rc = root_open(&root, "/", err) == 0 &&
					     profile_load(&j.profile, o.profile, &root, err) == 0
				     ? 0
				     : -1;
			j.has_profile = rc == 0;
			if (rc == 0)
				choose_way(&o, &j.profile);
		}
		j.talk = person();
		if (rc == 0)
			rc = merge_fields(&j, err);
		if (rc == 0)
			rc = do_job(&j, n, operands, err);
		if (j.has_profile)
			profile_free(&j.profile);
	}
	free(operands);
	return rc > 0 ? 0 : rc;
}

int main(int argc, char **argv)
{
	struct err err = {.code = ERR_NONE};
	struct rlimit none = {0, 0};
	static char room[BUFSIZ];
	int rc;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	signal(SIGPIPE, SIG_IGN);
	(void)setvbuf(stderr, room, _IOLBF, sizeof(room)); /* a line, or a question, is one write */
	json_memory_cap(JSON_MEMORY_MAX);
	if (wants_program_version(argc, argv)) {
		printf("oomreport-submit %s\n", OOMREPORT_VERSION);
		return 0;
	}
	rc = run(argc, argv, &err);
	if (rc != 0)
		return command_failed(&cmd_submit, &err);
	if (fflush(stdout) == 0)
		return 0;
	log_line(LOG_LEVEL_ERROR, "standard output: cannot be written; what was sent is sent");
	return 1;
}
