# The option list of a --help text, which is printed from the option table: one row an option,
# fields separated by tabs: long name, letter, argument, 1 if it may be left out, help.
# SPDX-License-Identifier: MIT
function flush() { if (long != "") print long "\t" letter "\t" arg "\t" optional "\t" help; long = "" }
/^options:/ { inside = 1; next }
/^[^ ]/ || /^$/ { flush(); inside = 0; next }
inside && /^  (-.,|   ) --/ {
	flush()
	letter = substr($0, 3, 1) == "-" ? substr($0, 4, 1) : ""
	rest = substr($0, 9)
	help = ""
	if (match(rest, /  +/)) {
		help = substr(rest, RSTART + RLENGTH)
		rest = substr(rest, 1, RSTART - 1)
	}
	optional = 0; arg = ""
	if (match(rest, /\[=.*\]$/)) {
		arg = substr(rest, RSTART + 2, RLENGTH - 3); optional = 1
		rest = substr(rest, 1, RSTART - 1)
	} else if (match(rest, / /)) {
		arg = substr(rest, RSTART + 1); rest = substr(rest, 1, RSTART - 1)
	}
	long = rest
	next
}
inside { sub(/^ +/, ""); help = help (help == "" ? "" : " ") $0 }
END { flush() }
