"""coverage.py LCOV REASONS ROOT: what llvm-cov counted (export -format=lcov), a row a room, and the
functions and lines of three rooms that nothing entered: how many REASONS explains, and the others.
Exit status 1 when there are such, or a reason that explains nothing."""
import re
import sys
from collections import defaultdict
from fnmatch import fnmatch

ROOMS = ("parse/", "bundle/", "submit/")


def reached(path):
    """{file: {line: how often}} and {(file, function): how often}, of collector/ alone; what is
    linked into several programs is one."""
    lines, functions, name = defaultdict(dict), {}, None
    for row in open(path):
        key, _, value = row.rstrip("\n").partition(":")
        if key == "SF":
            name = value.split("/collector/", 1)[1] if "/collector/" in value else None
        elif name and key == "FNDA":
            count, function = value.split(",", 1)
            function = name, function.split(":")[-1]
            functions[function] = max(functions.get(function, 0), int(count))
        elif name and key == "DA":
            line, count = map(int, value.split(",")[:2])
            lines[name][line] = max(lines[name].get(line, 0), count)
    return lines, functions


def read_reasons(path):
    """[[files, pattern, reason, how many lines it explained]], as its head says."""
    rows = [row.rstrip("\n").split("\t") for row in open(path) if row.strip() and row[0] != "#"]
    return [[files, re.compile(pattern), reason, 0] for files, pattern, reason in rows]


def unreached(lines, root):
    """(file, line, text) of what can be told by its text: a brace cannot."""
    for name in sorted(name for name in lines if name.startswith(ROOMS)):
        text = open(f"{root}/collector/{name}").read().split("\n")
        for line, count in sorted(lines[name].items()):
            if not count and re.search(r"\w", text[line - 1]):
                yield name, line, text[line - 1].strip()


def main():
    lines, functions = reached(sys.argv[1])
    reasons = read_reasons(sys.argv[2])
    rooms = defaultdict(lambda: [0, 0])
    for name, counts in lines.items():
        room = rooms[name.split("/")[0]]
        room[0] += sum(1 for count in counts.values() if count)
        room[1] += len(counts)
    print("room        lines  reached")
    for room, (some, count) in sorted(rooms.items()):
        print(f"{room:<10} {count:6} {100 * some / count:7.1f} %")
    never = sorted(function for function, count in functions.items()
                   if not count and function[0].startswith(ROOMS))
    print(f"{len(never)} functions of {' '.join(ROOMS)} that no test enters")
    for name, function in never:
        print(f"    {name}: {function}")
    strange = []
    for name, line, text in unreached(lines, sys.argv[3]):
        row = next((row for row in reasons if fnmatch(name, row[0]) and row[1].fullmatch(text)), None)
        if row:
            row[3] += 1
        else:
            strange.append(f"    {name}:{line}: {text}")
    print("lines of them that no test reaches, and why")
    for files, pattern, reason, count in reasons:
        print(f"{count:6}  {files}: {reason}")
    print(f"{len(strange):6}  without a reason in {sys.argv[2].rsplit('/', 1)[-1]}", *strange, sep="\n")
    idle = [row[1].pattern for row in reasons if not row[3]]
    if idle:
        print("reasons that explain nothing any more:", *idle, sep="\n    ")
    return 0 if rooms and not strange and not idle else 1


sys.exit(main())
