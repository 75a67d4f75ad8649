# SPDX-License-Identifier: MIT
function quoted(s) { gsub(/'/, "'\\''", s); gsub(/\\/, "\\\\", s); gsub(/:/, "\\:", s); gsub(/\[/, "\\[", s); gsub(/\]/, "\\]", s); return s }
function action(i,    s) {
	if (arg[i] == "") return ""
	s = arg[i]; gsub(/[|]/, " ", s)
	if (is_profile(i)) return ":profile:_oomreport_profiles"
	if (choices(i) != "") return ":" long[i] ":(" s ")"
	if (is_path(i)) return ":" long[i] ":_files" (is_dir(i) ? " -/" : "")
	return ":" quoted(s) ": "
}
BEGIN {
	read_commands()
	print "#compdef oomreport\n# zsh completion for oomreport; made from its option tables\n"
	print "_oomreport_profiles() {"
	print "\tlocal -a names=(${(f)\"$(" profile_names() ")\"})"
	print "\t_alternative 'profiles:profile:compadd -a names' 'files:file:_files'\n}\n"
	print "_oomreport() {\n\tlocal curcontext=$curcontext state line"
	print "\tif (( CURRENT == 2 )); then\n\t\tlocal -a commands=("
	for (c = 1; c <= n_commands; c++) print "\t\t\t'" command[c] ":" quoted(summary[c]) "'"
	print "\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi"
	print "\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in"
	for (c = 1; c <= n_commands; c++) {
		read_rows(command[c])
		print "\t" command[c] ")\n\t\t_arguments -s \\"
		for (i = 1; i <= n; i++) {
			if (letter[i] == "")
				spec = "'--" long[i] (arg[i] == "" ? "" : optional[i] ? "=-" : "=")
			else
				spec = "'(-" letter[i] " --" long[i] ")'{-" letter[i] (arg[i] == "" ? "" : "+") ",--" long[i] (arg[i] == "" ? "" : "=") "}'"
			print "\t\t\t" spec "[" quoted(help[i]) "]" (optional[i] ? ":" : "") action(i) "' \\"
		}
		print "\t\t\t" (command[c] == "profile" ? "'1:what:(list show check)' '2:profile:_oomreport_profiles'" : takes_path(command[c]) ? "'*:file:_files'" : "'*: : '") ";;"
	}
	print "\tesac\n}\n\n_oomreport \"$@\""
}
