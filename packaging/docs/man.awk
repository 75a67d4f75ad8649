# A page of packaging/man with its option lists, its date and the common parts filled in.
# SPDX-License-Identifier: MIT
function text(s,    n, words, line, i) { # wrapped, no line taken for a request
	gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s)
	n = split(s, words, " "); line = ""
	for (i = 1; i <= n; i++) {
		if (line != "" && length(line) + length(words[i]) > 74) { print guard(line); line = "" }
		line = line (line == "" ? "" : " ") words[i]
		if (words[i] ~ /[a-z)]\.$/) { print guard(line); line = "" }
	}
	if (line != "") print guard(line)
}
function guard(line) { return line ~ /^[.']/ ? "\\&" line : line }
function dashes(s) { gsub(/-/, "\\-", s); return s }
function options(file,    row, f, arg, head) {
	print ".Bl -tag -width Ds"
	while ((getline row < file) > 0) {
		split(row, f, "\t")
		arg = f[3] == "" ? "" : (f[4] ? " Ns Op = Ns Ar " : " Ar ") "\"" dashes(f[3]) "\""
		head = f[2] == "" ? "" : "Fl " f[2] " , "
		print ".It " head "Fl \\-" dashes(f[1]) arg
		text(f[5])
	}
	close(file)
	print ".El"
}
function command_list(file,    row, f) {
	print ".Bl -tag -width Ds"
	while ((getline row < file) > 0) {
		split(row, f, "\t")
		print ".It Xr oomreport-" f[1] " 1"
		text(f[2])
	}
	close(file)
	print ".El"
}
/^@OPTIONS / { sub(/^@OPTIONS /, ""); sub(/@$/, ""); options(dir "/" $0); next }
/^@COMMANDS@/ { command_list(dir "/commands"); next }
/^@EXIT@/ { while ((getline row < exits) > 0) print row; close(exits); next }
{ sub(/@DATE@/, date); print }
