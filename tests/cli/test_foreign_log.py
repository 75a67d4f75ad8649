#!/usr/bin/env python3
# A log that was carried here from another machine is judged by its own words: the numbers of the
# machine collect runs on must not enter its system, balance or diagnosis. Its own machine's do.
# SPDX-License-Identifier: MIT
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

log = "tests/golden/global-anon-6.12/log"
work = tempfile.mkdtemp(prefix="foreign.")


def machine(name, release, total_kb, cmdline=""):
    """One whose numbers would name other causes: huge pages and slab hold everything, no overcommit."""
    files = {"proc/sys/kernel/osrelease": release + "\n", "proc/version": f"Linux version {release}\n",
             "proc/sys/kernel/hostname": name + "\n", "proc/cmdline": cmdline + "\n", "proc/sys/vm/overcommit_memory": "2\n",
             "proc/sys/vm/min_free_kbytes": f"{total_kb // 2}\n", "etc/os-release": 'PRETTY_NAME="Mars 9"\n',
             "proc/meminfo": f"MemTotal: {total_kb} kB\nMemFree: 10 kB\nHugePages_Total: 90\nHugePages_Free: 90\n"
                             f"Hugepagesize: 2048 kB\nHugetlb: 184320 kB\nSUnreclaim: {total_kb // 2} kB\n"
                             "CommitLimit: 1000 kB\nCommitted_AS: 999 kB\n",
             "proc/vmstat": "nr_free_pages 2\noom_kill 99\nballoon_inflate 1000000\n"}
    for path, text in files.items():
        os.makedirs(os.path.dirname(f"{work}/{name}/{path}"), exist_ok=True)
        with open(f"{work}/{name}/{path}", "w") as f:
            f.write(text)
    return f"{work}/{name}"


def report(root, log=log):
    out = os.path.join(work, "bundle")
    subprocess.run([PROGRAM, "collect", "-q", "--no-interview", "--redact", "none", "--profile", "generic", "--force",
                    "--now", "2026-11-23T02:30:00Z", "--root", root, "--log", log, "--format", "dir", "-o", out],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, env={**os.environ, "XDG_STATE_HOME": work})
    return json.load(open(out + "/report.json"))


try:
    os.makedirs(work + "/empty/proc")
    alone = report(work + "/empty")
    release = alone["system"]["kernel"]
    ram = alone["system"]["mem_total_kb"] or 218000
    check(re.match(r"6\.12\.", release or ""), "the log says its kernel", release)
    for name, other in (("other-kernel", machine("elsewhere", "5.10.0-1-amd64", ram)),
                        ("other-ram", machine("large", release, ram * 64))):
        there = report(other)
        for part in ("system", "first_oom", "diagnosis", "signature", "events", "counts"):
            check(there[part] == alone[part], f"{name}: {part} is what the log alone gives",
                  [k for k in there[part] if there[part][k] != alone[part].get(k)] if isinstance(there[part], dict) else "")
        check("90" in open(work + "/bundle/proc/meminfo").read(),
              f"{name}: what was found is in the bundle all the same")
    own = report(machine("own", release, ram))
    check(own["system"]["distribution"] == "Mars 9" and
          alone["system"]["distribution"] != "Mars 9", "its own machine says more", own["system"])
    # what the kernel was built with comes before the loader's line, or behind it
    said = alone["system"]["cmdline"]
    check(said, "the log has a command line")
    for name, cmdline, own in (("built-in", "mitigations=off " + said, True), ("another", "root=/dev/mars", False)):
        there = report(machine(name, release, ram, cmdline))
        check(there["collection"]["log_is_of_this_machine"] == own, f"{name} command line: own is {own}", cmdline)
finally:
    shutil.rmtree(work)
harness.done()
