/* SPDX-License-Identifier: MIT */
/* Every rule of the tables has a log where it fires and one beside it where it does not:
 * cases/RULE-ID/{fires,near}.log with .facts where the machine matters (load.h says how).
 * RULE-ID+FORM is a further way in which that rule fires.
 */
#include "load.h"

#include <dirent.h>
#include <stdio.h>

/* These must not only fire but be the first finding: something else stands in the numbers, too. */
static const char *const leading[] = {"known-bad-kernel+page-fault", "dma-heap+unaccounted",
				      "kdump-small+boot"};

static const struct finding *find(const struct diagnosis *d, const char *id)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (str_eq(str_of(d->findings[i].id), str_of(id)))
			return &d->findings[i];
	return NULL;
}

static void say(const struct diagnosis *d, const char *path, const char *what)
{
	fprintf(stderr, "%s: %s\n   %.*s\n", path, what, STR_ARG(d->verdict));
	for (size_t i = 0; i < d->n_findings; i++)
		fprintf(stderr, "   %s %s (%s)\n", d->findings[i].rule, d->findings[i].id,
			confidence_name(d->findings[i].confidence));
}

static void check_finding(const struct diagnosis *d, const struct rule_row *row, const char *path,
			  bool fires)
{
	const struct finding *f = find(d, row->id);
	check((f != NULL) == fires);
	if ((f != NULL) != fires)
		say(d, path, fires ? "does not fire" : "fires");
	if (!f)
		return;
	check(f->n_evidence > 0);
	check(f->cause && f->cause[0] && f->advice.n && f->reference && f->reference[0]);
	check(!row->hint || f->confidence == CONFIDENCE_HINT);
}

/* True when the case is there. */
static bool one(const struct rule_row *row, const char *folder, const char *which)
{
	char path[400], facts_path[400];
	size_t n = 0, m = 0;
	struct loaded l;
	struct diagnosis d;
	struct err err = {ERR_NONE, "", ""};
	snprintf(path, sizeof(path), TEST_SOURCE_DIR "/tests/diagnose/cases/%s/%s.log",
		 folder, which);
	snprintf(facts_path, sizeof(facts_path),
		 TEST_SOURCE_DIR "/tests/diagnose/cases/%s/%s.facts", folder, which);
	char *log = load_file(path, &n), *facts = load_file(facts_path, &m);
	if (!log)
		return false;
	load_incident(&l, (struct str){log, n}, (struct str){facts ? facts : "", m});
	check_ok(diagnose(&d, &l.incident, &err), err);
	check(d.verdict.n > 0);
	check(str_starts(str_of(d.signature), STR("oom1-")));
	check_evidence(&d, path);
	check_finding(&d, row, path, which[0] == 'f');
	for (size_t i = 0; i < ARRAY_COUNT(leading) && which[0] == 'f'; i++)
		if (str_eq(str_of(folder), str_of(leading[i]))) {
			bool first = d.n_findings && str_eq(str_of(d.findings[0].id), str_of(row->id));
			check(first);
			if (!first)
				say(&d, path, "is not the first finding");
		}
	diagnosis_free(&d);
	load_free(&l);
	free(log);
	free(facts);
	return true;
}

static bool row_of(struct str id, struct rule_row *ret)
{
	for (size_t i = 0; diagnose_rule(i, ret); i++)
		if (str_eq(str_of(ret->id), id))
			return true;
	return false;
}

/* Every folder with a '+'; how many there are. */
static size_t forms(void)
{
	DIR *dir = opendir(TEST_SOURCE_DIR "/tests/diagnose/cases");
	struct rule_row row;
	size_t n = 0;
	check(dir != NULL);
	for (struct dirent *e; dir && (e = readdir(dir));) {
		struct str rest = str_of(e->d_name), id;
		if (!take_until(&rest, '+', &id))
			continue;
		bool known = row_of(id, &row);
		check(known);
		if (known)
			check(one(&row, e->d_name, "fires") && one(&row, e->d_name, "near"));
		n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

int main(void)
{
	struct rule_row row;
	struct threshold_row limit;
	size_t n = 0;
	for (; diagnose_rule(n, &row); n++) {
		bool fires = one(&row, row.id, "fires"), near = one(&row, row.id, "near");
		check(fires && near);
		if (!fires || !near)
			fprintf(stderr, "rule %s %s lacks a case\n", row.rule, row.id);
	}
	check(n >= 76);
	check(forms() >= ARRAY_COUNT(leading));
	for (size_t i = 0; diagnose_threshold(i, &limit); i++)
		check(limit.name && limit.source && limit.value > 0);
	return tests_done();
}
