# SPDX-License-Identifier: MIT
function quoted(s) { gsub(/\\/, "\\\\", s); gsub(/'/, "\\'", s); return s }
BEGIN {
	read_commands()
	print "# fish completion for oomreport; made from its option tables\n"
	all = ""
	for (c = 1; c <= n_commands; c++) all = all command[c] " "
	print "complete -c oomreport -f"
	for (c = 1; c <= n_commands; c++)
		print "complete -c oomreport -n 'not __fish_seen_subcommand_from " all "' -a " command[c] " -d '" quoted(summary[c]) "'"
	for (c = 1; c <= n_commands; c++) {
		read_rows(command[c])
		seen = "complete -c oomreport -n '__fish_seen_subcommand_from " command[c] "'"
		if (takes_path(command[c])) print seen " -F"
		if (command[c] == "profile") {
			print "complete -c oomreport -n '__fish_seen_subcommand_from profile; and not __fish_seen_subcommand_from list show check' -a 'list show check'"
			print "complete -c oomreport -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from show check' -a '(" profile_names() ")'"
		}
		for (i = 1; i <= n; i++) {
			row = seen " -l " long[i] (letter[i] == "" ? "" : " -s " letter[i])
			s = arg[i]; gsub(/[|]/, " ", s)
			if (is_profile(i))
				row = row " -r -F -a '(" profile_names() ")'"
			else if (choices(i) != "") row = row " -x -a '" s "'"
			else if (is_path(i)) row = row " -r -F"
			else if (arg[i] != "" && !optional[i]) row = row " -x"
			print row " -d '" quoted(help[i]) "'"
		}
	}
}
