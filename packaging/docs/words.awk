# What the three completions share: the rows of a command, and what an argument may be.
# SPDX-License-Identifier: MIT
function read_rows(name,    row, f) { # n rows: long[], letter[], arg[], optional[], help[]
	n = 0
	while ((getline row < (dir "/" name)) > 0) {
		split(row, f, "\t")
		n++
		long[n] = f[1]; letter[n] = f[2]; arg[n] = f[3]; optional[n] = f[4]; help[n] = f[5]
	}
	close(dir "/" name)
}
function read_commands(    row, f) { # n_commands: command[], summary[]
	while ((getline row < (dir "/commands")) > 0) {
		split(row, f, "\t")
		command[++n_commands] = f[1]; summary[n_commands] = f[2]
	}
	close(dir "/commands")
}
# "a|b|c" in lower case is a choice; FILE, DIR and F are paths; NAME|FILE of --profile a profile
function choices(i) { return arg[i] ~ /^[a-z][a-z0-9.]*([|][a-z0-9.]+)+$/ ? arg[i] : "" }
function is_path(i) { return arg[i] ~ /(^|[|])(FILE|DIR|STATE|F)([|]|$)/ }
function is_dir(i) { return arg[i] == "DIR" }
# a row of the list is marked, or not, in its first two columns; to stand in quotes of awk
function profile_names() { return "oomreport profile list 2>/dev/null | cut -c 3- | cut -d \" \" -f 1" }
function is_profile(i) { return long[i] == "profile" }
function takes_path(name) { return name ~ /^(analyze|verify|reveal|triage|submit|profile)$/ }
