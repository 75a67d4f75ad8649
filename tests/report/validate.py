#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""validate.py SCHEMA DOCUMENT...: JSON documents (one, an array or lines of them in each file)
against a JSON Schema 2020-12, by an independent validator. Of reports also: every number that
the diagnosis names stands at its key, and every inequality is true."""
import json
import re
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: no python3-jsonschema")
    sys.exit(77)

OPS = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
       ">=": lambda a, b: a >= b, "==": lambda a, b: abs(a - b) <= 1e-6 * max(1, abs(a))}


def documents(path):
    text = open(path, encoding="utf-8").read()
    try:
        loaded = json.loads(text)
        return loaded if isinstance(loaded, list) else [loaded]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def at(document, key):
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", key):
        document = document[int(index)] if index else document[name]
    return document


def side(document, terms):
    total = 0.0
    for term in terms:
        if term["key"] is not None:
            there = at(document, term["key"])
            if abs(there - term["value"]) > 1e-6 * max(1, abs(there)):
                raise ValueError(f"{term['key']} is {there}, not {term['value']}")
        total += term["value"] * term["factor"]
    return total


def evidence_problems(document):
    for finding in document["diagnosis"]["findings"]:
        for number, evidence in enumerate(finding["evidence"]):
            where = f"{finding['id']}, evidence {number} ({evidence['text']})"
            try:
                if evidence["key"] is not None:
                    there = at(document, evidence["key"])
                    if evidence["value"] is not None and there != evidence["value"]:
                        yield f"{where}: {evidence['key']} is {there}"
                if evidence["op"] is not None:
                    left, right = side(document, evidence["left"]), side(document, evidence["right"])
                    if not OPS[evidence["op"]](left, right):
                        yield f"{where}: {left} {evidence['op']} {right} is not so"
            except (KeyError, IndexError, TypeError, ValueError) as why:
                yield f"{where}: {why!r}"


def main(schema_path, paths):
    schema = json.load(open(schema_path, encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    checked = bad = 0
    for path in paths:
        for document in documents(path):
            checked += 1
            problems = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
                        for e in validator.iter_errors(document)]
            if not problems and "diagnosis" in document:
                problems = list(evidence_problems(document))
            for problem in problems[:10]:
                print(f"{path}: {problem}")
            bad += bool(problems)
    print(f"{checked} documents, {bad} bad")
    return 0 if checked and not bad else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
