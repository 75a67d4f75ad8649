#!/usr/bin/env python3
# Profiles from anybody: our reader and the schema agree on what is right, what takes libyaml minutes
# ends at once, and what stands in /etc/oomreport/profiles.d counts, or is told.
# SPDX-License-Identifier: MIT
import json
import os
import shutil
import subprocess
import sys
import tempfile

import jsonschema
import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import PROGRAM, check, done

HEAD = "name: x\ntitle: y\n"
RIGHT = ["", "os: debian", "os: []", "gather: {extra: /a}", "gather: {extra: [/a..b, /..c/d]}", "gather: {leave_out: /proc/*}",
         "gather: {leave_out: [proc/largest.tsv]}", "gather: {max_size: 0}", "gather: {max_size: 64M}", "gather: {max_size: 1KiB}",
         "questions: []", "redact: none", "submit: {version: 9}", "submit: {version: 9.2}", "submit: {fields: {a: 1, b: true, c: x}}",
         "submit: {cc: a@b}", "submit: {upload: 'sftp://h/'}", "submit: {}"]
WRONG = ["os: {a: b}", "os: ''", "os: [[a]]", "description: ''", "gather: {extra: [a]}", "gather: {extra: [/a/../b]}", "gather: {extra: [/..]}",
         "gather: {leave_out: ['']}", "gather: {max_size: -1}", "gather: {max_size: 1X}", "gather: []", "gather:", "questions: {a: b}",
         "questions: [{key: a}]", "questions: [{key: a=b, text: c}]", "questions: [{key: a, text: ''}]", "questions: [{key: a, text: b, c: d}]",
         "redact: Strict", "redact: [strict]", "redact:", "template: ''", "submit: {bugzilla: 'ftp://h'}", "submit: {bugzilla: 'https://'}",
         "submit: {upload: 'ftp://h'}", "submit: {fields: [a]}", "submit: {fields: {a=b: c}}", "submit: {fields: {a: {b: c}}}",
         "submit: {fields: {a: }}", "submit: {fields: {a: ''}}", "submit: {product: }", "submit: {cc: [a, '']}", "extra: [/a]"]
HEAVY = {  # what takes libyaml minutes
    "deep lists": ("os: " + "[" * 50000 + "]" * 50000, "nested too deeply"),
    "deep lists in lines": ("os: " + "[\n" * 50000 + "]" * 50000, "nested too deeply"),
    "deep maps": ("os: " + "{a: " * 40000 + "}" * 40000, "nested too deeply"),
    "no end": ("os: " + "[" * 100000, "nested too deeply"),
    "aliases": ("questions:\n  - &q {key: a, text: " + "z" * 10000 + "}\n" + "  - *q\n" * 20000, "too much in it"),
    "anchors": ("os:\n" + "".join(f"- &a{i} v\n" for i in range(18000)), "too much in it"),
}
work = tempfile.mkdtemp(prefix="profiles.")


def checked(text):
    path = os.path.join(work, "p.yaml")
    with open(path, "w") as f:
        f.write(HEAD + text + "\n")
    return subprocess.run([PROGRAM, "profile", "check", path], capture_output=True, text=True, timeout=10)


def with_our_etc(*args):
    return subprocess.run(["unshare", "-rm", "sh", "-c", 'mount --bind "$1/etc" /etc && cd "$1" && shift && exec "$@"',
                           "-", work, PROGRAM, *args, "--root", os.path.join(work, "root")],
                          capture_output=True, text=True, timeout=20)


def chosen(os_id):
    """The profile that `profile list` marks where our folder is /etc, and what it says."""
    with open(os.path.join(work, "root/etc/os-release"), "w") as f:
        f.write(f"ID={os_id}\n")
    out = with_our_etc("profile", "list")
    check(out.stderr == "", "what is wrong is said in the list, and once", out.stderr)
    return [line.split()[1] for line in out.stdout.splitlines() if line.startswith("*")], out.stdout


try:
    schema = jsonschema.Draft202012Validator(json.load(open("schema/profile.schema.json")))
    for text, good in [(t, True) for t in RIGHT] + [(t, False) for t in WRONG]:
        run = checked(text)
        errors = [e.message for e in schema.iter_errors(yaml.safe_load(HEAD + text))]
        check((run.returncode == 0) == good, f"our reader of {text}", run.stdout + run.stderr)
        check((not errors) == good, f"the schema of {text}", errors)
    for name, (text, why) in HEAVY.items():
        run = checked(text)
        check(run.returncode == 1 and run.stderr.splitlines()[0].endswith(why), name, run.stdout + run.stderr[:200])

    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0:
        own = os.path.join(work, "etc/oomreport/profiles.d")
        os.makedirs(own)
        os.makedirs(os.path.join(work, "root/etc"))
        for name, text in {"debian": "os: [ours]", "wrong": "os: [ubuntu]\nredact: Strict"}.items():
            with open(os.path.join(own, name + ".yaml"), "w") as f:
                f.write(HEAD + text + "\n")
        os.mkfifo(os.path.join(own, "fifo.yaml"))
        check(chosen("ours")[0] == ["debian"], "the administrator's profile serves what it says", chosen("ours"))
        check(chosen("debian")[0] == ["generic"], "... and ours of that name serves nobody", chosen("debian"))
        name, words = chosen("ubuntu")
        check(name == ["ubuntu"], "a wrong one is passed over", (name, words))
        for why in ("wrong.yaml:4:9: 'redact' must be one of none|standard|strict", "fifo.yaml: is no file"):
            check(words.count("cannot be used: /etc/oomreport/profiles.d/" + why) == 1, "... and told", words)
            told = with_our_etc("profile", "show").stderr
            check(told.count("warning: a profile is passed over: /etc/oomreport/profiles.d/" + why) == 1, "... where one is chosen", told)
    else:
        print("no namespaces here: /etc/oomreport/profiles.d is not tried")
finally:
    shutil.rmtree(work)
done()
