#!/usr/bin/env python3
# How files are opened in collector/: every descriptor closes on exec; what is opened below a folder
# follows no link (root_openat() of base/file.c is the other way: links stay below the root); what is
# made follows no link and is its owner's alone; fopen() says "e"; a plain mkstemp, opendir on a path
# and the like are not used. A line that must differ says "open: WHY" in a comment on it or above it.
# SPDX-License-Identifier: MIT
import glob
import os
import re
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../collector"))
CALL = re.compile(r"(?<![\w.>])(open|openat|fopen|mkdir|mkdirat|mkstemp|mkstemps|mkdtemp|tmpfile|creat|freopen|opendir|chmod|rename|dup)\s*\(")
REFUSED = {"mkstemp": "mkostemps() with O_CLOEXEC", "mkstemps": "mkostemps() with O_CLOEXEC", "mkdtemp": "mkdirat()", "tmpfile": "O_TMPFILE",
           "creat": "open()", "freopen": "open()", "chmod": "fchmod()", "rename": "renameat()", "dup": "fcntl(F_DUPFD_CLOEXEC)"}


def arguments(text, at):
    found, depth, start = [], 0, at
    for at in range(at, len(text)):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            if depth == 0:
                return found + [" ".join(text[start:at].split())]
            depth -= 1
        elif text[at] == "," and depth == 0:
            found.append(" ".join(text[start:at].split()))
            start = at + 1
    return found


def wrong(name, args):
    if name in REFUSED:
        return f"use {REFUSED[name]}"
    if name == "opendir":
        return "opens by a path that may have links"
    if name == "fopen":
        return None if len(args) > 1 and "e" in args[1] else "does not close on exec"
    if name in ("mkdir", "mkdirat"):
        return None if args[-1] == "0700" else "is not its owner's alone"
    at = 1 if name == "open" else 2
    if len(args) <= at: # a function of ours of that name
        return None
    flags = args[at]
    if not flags.isupper() and "O_" not in flags: # a variable: the caller's business
        return None
    if "O_CLOEXEC" not in flags:
        return "does not close on exec"
    below = name == "openat" and args[1] != '"."'
    if ("O_CREAT" in flags or below) and "O_NOFOLLOW" not in flags:
        return "follows a link"
    if ("O_CREAT" in flags or "O_TMPFILE" in flags) and args[-1] != "0600":
        return "is not its owner's alone"
    return None


def main():
    bad = n = 0
    for path in sorted(glob.glob("*/*.c")):
        text = open(path).read()
        # comments keep their length
        bare = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)
        lines = text.split("\n")
        for m in CALL.finditer(bare):
            line = bare.count("\n", 0, m.start())
            args = arguments(bare, m.end())
            if not args or re.match(r"(const |struct |int |char )", args[0]): # a declaration
                continue
            n += 1
            why = wrong(m[1], args)
            if why and "open: " not in "\n".join(lines[max(0, line - 3):line + 1]):
                bad += 1
                print(f"{path}:{line + 1}: {m[1]}({', '.join(args)}): {why}")
    if n < 60:
        bad += 1
        print("the calls were not found")
    print(f"{n} calls")
    return bad > 0


sys.exit(main())
