# SPDX-License-Identifier: MIT
function words_of(s) { gsub(/[|]/, " ", s); return s }
BEGIN {
	read_commands()
	print "# bash completion for oomreport; made from its option tables\n"
	print "_oomreport()\n{"
	print "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options="
	print "\tCOMPREPLY=()"
	print "\tif [[ $cur == = ]]; then\n\t\tcur=\n\telif [[ $prev == = ]]; then\n\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n\tfi"
	all = ""
	for (i = 1; i <= n_commands; i++) all = all command[i] " "
	print "\tif ((COMP_CWORD == 1)); then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W '" all "help --help --version' -- \"$cur\")"
	print "\t\treturn\n\tfi"
	print "\tcase ${COMP_WORDS[1]} in"
	for (c = 1; c <= n_commands; c++) {
		read_rows(command[c])
		print "\t" command[c] ")"
		options = ""
		print "\t\tcase $prev in"
		for (i = 1; i <= n; i++) {
			options = options "--" long[i] " "
			if (arg[i] == "" || optional[i]) continue
			print "\t\t" (letter[i] == "" ? "" : "-" letter[i] "|") "--" long[i] ")"
			if (is_profile(i))
				print "\t\t\tmapfile -t COMPREPLY < <(compgen -f -W \"$(" profile_names() ")\" -- \"$cur\")"
			else if (choices(i) != "")
				print "\t\t\tmapfile -t COMPREPLY < <(compgen -W '" words_of(arg[i]) "' -- \"$cur\")"
			else if (is_path(i))
				print "\t\t\tcompopt -o filenames; mapfile -t COMPREPLY < <(compgen -" (is_dir(i) ? "d" : "f") " -- \"$cur\")"
			print "\t\t\treturn;;"
		}
		print "\t\tesac"
		print "\t\toptions='" options "';;"
	}
	print "\tesac"
	print "\tif [[ $cur == -* ]]; then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")"
	print "\telif [[ ${COMP_WORDS[1]} == help ]]; then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W '" all "' -- \"$cur\")"
	print "\telif [[ ${COMP_WORDS[1]} == profile && $COMP_CWORD == 2 ]]; then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -W 'list show check' -- \"$cur\")"
	print "\telif [[ ${COMP_WORDS[1]} == profile && ${COMP_WORDS[2]} == @(show|check) && $COMP_CWORD == 3 ]]; then"
	print "\t\tmapfile -t COMPREPLY < <(compgen -f -W \"$(" profile_names() ")\" -- \"$cur\")"
	print "\telse"
	print "\t\tcompopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
	print "\tfi\n}\ncomplete -F _oomreport oomreport"
}
