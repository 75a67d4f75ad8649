/* SPDX-License-Identifier: MIT */
/* show.c - for people at work on rules: print what diagnose() makes of LOG [FACTS]. */
#include "load.h"

static void show_finding(const struct finding *f)
{
	printf("%-4s %-24s %-6s %2d  %s\n", f->rule, f->id, confidence_name(f->confidence), f->rank,
	       f->cause);
	for (size_t i = 0; i < f->n_evidence; i++)
		printf("        %.*s   [%.*s]\n", STR_ARG(f->evidence[i].text),
		       STR_ARG(f->evidence[i].key));
}

int main(int argc, char **argv)
{
	size_t n = 0, m = 0;
	struct loaded l;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	if (argc < 2)
		return 2;
	char *log = load_file(argv[1], &n), *facts = argc > 2 ? load_file(argv[2], &m) : NULL;
	load_incident(&l, (struct str){log ? log : "", n}, (struct str){facts ? facts : "", m});
	check_ok(diagnose(&d, &l.incident, &err), err);
	check_evidence(&d, argv[1]);
	printf("%.*s\n%s\n", STR_ARG(d.verdict), d.signature);
	for (size_t i = 0; i < d.n_findings; i++)
		show_finding(&d.findings[i]);
	for (size_t i = 0; i < d.n_roles; i++)
		printf("%-16s %.*s: %.*s\n", d.roles[i].role, STR_ARG(d.roles[i].name),
		       STR_ARG(d.roles[i].text));
	for (size_t i = 0; i < d.n_balance; i++)
		printf("%10lld kB  %.*s\n", (long long)d.balance[i].kb, STR_ARG(d.balance[i].name));
	for (size_t i = 0; i < d.n_missing; i++)
		printf("missing: %s\n   decides: %s\n   how: %s\n", d.missing[i].what,
		       d.missing[i].decides, d.missing[i].how);
	diagnosis_free(&d);
	load_free(&l);
	free(log);
	free(facts);
	return tests_done();
}
