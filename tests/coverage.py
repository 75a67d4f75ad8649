"""coverage.py LCOV: what llvm-cov counted (export -format=lcov), a row a room, and the functions of
three rooms that nothing entered."""
import sys
from collections import defaultdict

ROOMS = ("parse", "bundle", "submit")


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


def main():
    lines, functions = reached(sys.argv[1])
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
    print(f"{len(never)} functions of {', '.join(ROOMS)} that no test enters")
    for name, function in never:
        print(f"    {name}: {function}")
    return 0 if rooms else 1


sys.exit(main())
