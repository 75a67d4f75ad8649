#!/usr/bin/env python3
# Every word that oomreport says itself goes through err_*() or log_*(), as a literal: so each room's
# messages can be listed (messages.py --table ROOM...) and translated. They are plain ASCII, a line
# without a full stop, and none of three words or more stands in two places of one room ("no memory
# for ..." apart).
# SPDX-License-Identifier: MIT
import collections
import glob
import os
import re
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../collector"))
# which argument is the format
CALLS = {"err_set": 2, "err_sys": 2, "err_wrap": 1, "err_hint": 1, "log_line": 1, "log_warn": 0, "log_info": 0, "log_debug": 0}
CALL = re.compile(r"\b(%s)\s*\(" % "|".join(CALLS))
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
# what may write to a terminal otherwise: the one place of a log line, progress and questions, the recorder's --help
DIRECT = re.compile(r"\b(?:fprintf\s*\(\s*stderr|fputs\s*\([^;]*stderr|dprintf\s*\(|perror\s*\(|write\s*\(\s*STDERR_FILENO)")
DIRECTLY = {"base/log.c", "cli/collect_progress.c", "cli/submit_main.c", "cli/typing.c", "submit/keys.c"}


def arguments(text, at):
    """Of the call whose '(' ends at `at`."""
    found, word, depth, quote = [], "", 0, None
    while at < len(text):
        c = text[at]
        if quote:
            if c == "\\":
                word, at = word + c, at + 1
                c = text[at]
            elif c == quote:
                quote = None
        elif c in "\"'":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            if depth == 0:
                return found + [word.strip()]
            depth -= 1
        elif c == "," and depth == 0:
            found.append(word.strip())
            word, at = "", at + 1
            continue
        word, at = word + c, at + 1
    return found


def wrong_with(kind, text, rest):
    if not text and rest:
        return "the format is no literal: " + rest
    if not text.isascii() or "\\n" in text or text.endswith("."):
        return "not a plain line: " + text
    if kind != "err_wrap" and re.match(r"(error|warning|oomreport)\b", text):
        return "says what the frame says: " + text
    return None


def main():
    bad, n, places = 0, 0, collections.defaultdict(list)
    for path in sorted(glob.glob("*/*.c")):
        text = open(path).read()
        room = path.split("/")[0]
        for m in DIRECT.finditer(text) if path not in DIRECTLY else ():
            bad += 1
            print(f"{path}:{text.count(chr(10), 0, m.start()) + 1}: writes past log_line()")
        for m in CALL.finditer(text):
            args = arguments(text, m.end())
            if path in ("base/err.c", "base/log.c") or len(args) <= CALLS[m[1]]:
                continue
            format = args[CALLS[m[1]]]
            message, rest = "".join(LITERAL.findall(format)), LITERAL.sub("", format).strip()
            line = text.count("\n", 0, m.start()) + 1
            n += 1
            why = wrong_with(m[1], message, rest)
            if why:
                bad += 1
                print(f"{path}:{line}: {why}")
            places[room, message].append(f"{path}:{line}")
    for (room, message), where in places.items():
        words = re.findall(r"[a-z]{2,}", re.sub(r"%[-+.*0-9]*(?:ll|z|l)?[a-zA-Z]", "", message))
        if len(where) > 1 and len(words) > 2 and "no memory" not in message:
            bad += 1
            print(f"'{message}' is said at {', '.join(where)}")
    if sys.argv[1:2] == ["--table"]:
        for (room, message), where in sorted(places.items()):
            if not sys.argv[2:] or room in sys.argv[2:]:
                print(f"{room}\t{where[0]}\t{message}")
        return 0
    if n < 300:
        bad += 1
        print("the calls were not found")
    print(f"{n} messages")
    return bad > 0


sys.exit(main())
