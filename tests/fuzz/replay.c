/* SPDX-License-Identifier: MIT */
/* replay.c - gives every file of the named folders to a fuzz target: the normal test run. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 4 << 20 };

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(LARGEST);
	size_t n;

	if (!f || !bytes) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	n = fread(bytes, 1, LARGEST, f);
	fclose(f);
	/* an exact copy, so that reading one byte too far is seen */
	uint8_t *exact = malloc(n ? n : 1);

	if (!exact)
		exit(EXIT_FAILURE);
	memcpy(exact, bytes, n);
	free(bytes);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 1;
}

static int replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char name[4096];
	int n = 0;

	if (!dir)
		return 0; /* no regressions yet */
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		n += replay_file(name);
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_folder(argv[i]);
	printf("%d inputs replayed\n", n);
	if (n == 0)
		fprintf(stderr, "no input: a target without a corpus tests nothing\n");
	return n ? EXIT_SUCCESS : EXIT_FAILURE;
}
