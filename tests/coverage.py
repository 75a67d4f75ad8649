"""coverage.py LCOV [KNOWN [--accept]]: llvm-cov's lines as a row a room; with KNOWN what of three
rooms is never reached is held against that list (tests/coverage_known says how it is written).

--accept: the list's numbers become what was seen, what is new goes below a reason to be filled in."""
import re
import sys
from collections import defaultdict

ROOMS = ("parse", "bundle", "submit")
TO_EXPLAIN = "= to be tested, or a reason to be found\n"


def reached(path):
    """{file: ({line: how often}, [(first line, function)])}, of collector/ alone; a header's inline
    function and a file that is linked into several programs are one."""
    lines, functions, name = defaultdict(dict), defaultdict(list), None
    for row in open(path):
        key, _, value = row.rstrip("\n").partition(":")
        if key == "SF":
            name = value.split("/collector/", 1)[1] if "/collector/" in value else None
        elif name and key == "FN":
            first, function = value.split(",", 1)
            functions[name].append((int(first), function.split(":")[-1]))
        elif name and key == "DA":
            line, count = map(int, value.split(",")[:2])
            lines[name][line] = max(lines[name].get(line, 0), count)
    return {name: (lines[name], sorted(functions[name])) for name in lines}


def says_something(text):
    """Lines of braces and of the preprocessor belong to their neighbours."""
    return re.search(r"\w", text) and not text.startswith("#")


def never(files):
    """{(file, function): the lines of it that nothing reached, "all" of them or a list}"""
    missing = {}
    for name, (lines, functions) in files.items():
        text = open("collector/" + name).read().split("\n")
        for i, (first, function) in enumerate(functions):
            last = functions[i + 1][0] if i + 1 < len(functions) else len(text) + 1
            own = [n for n in lines if first <= n < last]
            dark = [n for n in sorted(own) if not lines[n] and says_something(text[n - 1].strip())]
            if dark:
                entered = any(lines[n] for n in own)
                missing[name, function] = (len(dark) if entered else "all",
                                           [f"{n}: {text[n - 1].strip()}" for n in dark])
    return missing


def known_of(path):
    """The list's lines, and {(file, function): most}."""
    rows = open(path).readlines()
    known = {}
    for row in rows:
        if row.strip() and row[0] not in "#=":
            name, function, most = row.split()
            known[name, function] = most if most == "all" else int(most)
    return rows, known


def within(count, most):
    return most == "all" or (count != "all" and most is not None and count <= most)


def accept(path, rows, missing, known):
    out = []
    for row in rows:
        key = tuple(row.split()[:2]) if row.strip() and row[0] not in "#=" else None
        if not key:
            out.append(row)
        elif key in missing:
            out.append(f"{key[0]} {key[1]} {missing[key][0]}\n")
    new = [f"{name} {function} {missing[name, function][0]}\n"
           for name, function in sorted(missing) if (name, function) not in known]
    if new and TO_EXPLAIN not in out:
        out += ["\n", TO_EXPLAIN]
    open(path, "w").writelines(out + new)


def main():
    files = reached(sys.argv[1])
    rooms = defaultdict(lambda: [0, 0])
    for name, (lines, _) in files.items():
        room = rooms[name.split("/")[0]]
        room[0] += sum(1 for count in lines.values() if count)
        room[1] += len(lines)
    print("room        lines  reached")
    for room, (some, count) in sorted(rooms.items()):
        print(f"{room:<10} {count:6} {100 * some / count:7.1f} %")
    if len(sys.argv) < 3:
        return 0
    missing = {key: what for key, what in never(files).items() if key[0].startswith(ROOMS)}
    rows, known = known_of(sys.argv[2])
    if "--accept" in sys.argv:
        accept(sys.argv[2], rows, missing, known)
        return 0
    bad = 0
    if TO_EXPLAIN in rows:
        bad += 1
        print(f"{sys.argv[2]} has rows without a reason")
    exists = {(name, function) for name, (_, functions) in files.items() for _, function in functions}
    for key in sorted(set(known) - exists):
        bad += 1
        print(f"{sys.argv[2]}: there is no {' '.join(key)}")
    for key, (count, lines) in sorted(missing.items()):
        if not within(count, known.get(key)):
            bad += 1
            print(f"{' '.join(key)}: no test reaches {count} lines of it, {known.get(key, 0)} are known:")
            print("   ", "\n    ".join(lines))
    total = sum(len(lines) for _, lines in missing.values())
    print(f"{total} lines of {', '.join(ROOMS)} that no test reaches, in {len(missing)} functions; {bad} wrong")
    return 1 if bad or not rooms else 0


sys.exit(main())
