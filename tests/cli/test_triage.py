#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""triage: the same table whatever the order, only new inputs with --since, one line for a bad
input, and nothing outside for a hostile one."""
import csv, io, json, os, random, resource, shutil, sqlite3, subprocess, sys, tarfile, tempfile

import jsonschema

TOOL = os.path.join(os.environ["OOMREPORT_BUILD"], "oomreport")
GOLDEN = os.path.abspath("tests/golden")
failures, checks = [], 0


def check(ok, what):
    global checks
    checks += 1
    if not ok:
        failures.append(what)
        print("not so:", str(what)[:600])


def triage(*args, cwd=None):
    p = subprocess.run([TOOL, "triage", "--now", "2026-11-23T00:00:00Z", *args], capture_output=True, cwd=cwd, timeout=600)
    check(b"Sanitizer" not in p.stderr, p.stderr[:2000].decode("utf-8", "replace"))
    return p.returncode, p.stdout.decode(), p.stderr.decode("utf-8", "replace")


def report(signature="oom1-x", host="host-1", comm="tail"):
    event = {"number": 1, "kind": "oom-kill", "fatal": True, "scope": "memcg", "lines": {"first": 1, "last": 9}, "time": {"monotonic_s": 1.5, "wall": "2026-11-01T00:00:00Z"},
             "kernel": "6.1.0", "host": None, "complete": True, "trigger": {"comm": comm, "pid": 1, "order": 0, "gfp_mask": "0xcc0", "gfp_flags": ["GFP_KERNEL"]},
             "victims": [{"pid": 1, "comm": comm, "anon_rss_kb": 10, "file_rss_kb": 1, "shmem_rss_kb": 0}], "memcg": {"path": "/x", "limit_kb": 10}, "memory": {"free_kb": None}}
    return {"schema": "oomreport.report/1", "system": {"hostname": host, "kernel": "6.1.0"}, "first_oom": event, "events": [event], "counts": {"oom_events": 1},
            "diagnosis": {"verdict": "v", "findings": [{"id": "memcg-limit", "confidence": "high"}], "roles": [{"role": "largest_consumer", "name": comm}]}, "signature": signature}


def bundle(path, members):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, content in members:
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            data = content if isinstance(content, bytes) else b""
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with open(path, "wb") as f:
        subprocess.run(["zstd", "-qc"], input=raw.getvalue(), stdout=f, check=True)


def good(path, **kw):
    bundle(path, [("b/MANIFEST.json", b"{}"), ("b/log/kernel.log", b"x\n"), ("b/report.json", json.dumps(report(**kw)).encode())])


def order_and_formats(d):
    logs = sorted(os.path.join(GOLDEN, c, "log") for c in os.listdir(GOLDEN) if os.path.exists(os.path.join(GOLDEN, c, "log")))[:16]
    for i in range(6):
        good(os.path.join(d, f"b{i}.tar.zst"), signature="oom1-a" if i % 2 else "oom1-b", host=f"host-{i}")
    inputs = logs + [os.path.join(d, f"b{i}.tar.zst") for i in range(6)]
    rc, first, err = triage(*inputs)
    check(rc == 0 and err == "", f"plain: {rc} {err}")
    check("oom1-a" in first and "memcg-limit" in first, "the table: " + first)
    check(max(len(x) for x in first.splitlines() if not x.startswith("       ")) <= 80, "wider than 80: " + first)
    for seed in range(3):
        random.Random(seed).shuffle(inputs)
        check(triage(*inputs, "-j", str(seed + 1))[1] == first, "another order gives another table")
    rc, out, _ = triage(*inputs, "--format", "json")
    doc = json.loads(out)
    groups = {g["signature"]: g for g in doc["groups"]}
    check(groups["oom1-a"]["incidents"] == 3 and groups["oom1-a"]["hosts"] == 3, groups["oom1-a"])
    check(doc["inputs"] == len(inputs) and sum(g["incidents"] for g in doc["groups"]) == doc["incidents"], "json totals")
    schema = jsonschema.Draft202012Validator(json.load(open("schema/triage-record.schema.json")))
    rc, out, _ = triage(*inputs, "--format", "ndjson")
    records = [json.loads(line) for line in out.splitlines()]
    check(len(records) == doc["events"], f"{len(records)} records, {doc['events']} events")
    for r in records:
        for e in schema.iter_errors(r):
            check(False, f"record: {e.message}")
            break
    rows = list(csv.DictReader(io.StringIO(triage(*inputs, "--format", "csv")[1])))
    check(len(rows) == len(doc["groups"]) and {r["signature"] for r in rows} == {g["signature"] or "" for g in doc["groups"]}, "csv rows")
    html = triage(*inputs, "--format", "html")[1]
    check(html.startswith("<!doctype html>") and "oom1-a" in html, "html")


def bulk(d):
    """What a record does not need is not parsed: strings full of JSON's own signs, any depth."""
    plain = report()
    full = dict(plain, collection={'a"}]': '\\"}],{[', "b": ["\\\\", {"tasks": "x\\"}]}, vmlog=[[[{"zones": [1, 2]}]]])
    full["events"] = [dict(plain["events"][0], tasks=[{"comm": '"tasks": ['}] * 3, slab=[], call_trace=['a"', "]"])]
    text = json.dumps(full)
    for name, body in (("plain", json.dumps(plain)), ("full", text), ("indented", json.dumps(full, indent=2)),
                       ("deep", text.replace("[[[", "[" * 50000).replace("]]]", "]" * 50000))):
        bundle(os.path.join(d, "same.tar.zst"), [("b/MANIFEST.json", b"{}"), ("b/report.json", body.encode())])
        rc, out, err = triage(os.path.join(d, "same.tar.zst"), "--format", "ndjson")
        if name == "plain":
            want = out
        check(rc == 0 and out == want and json.loads(out)["victim"] == "tail", f"{name}: {rc} {out} {err}")
    for cut in range(1, len(text), 29):
        bundle(os.path.join(d, "cut.tar.zst"), [("b/MANIFEST.json", b"{}"), ("b/report.json", text[:cut].encode())])
        check(triage(os.path.join(d, "cut.tar.zst"))[0] == 1, f"cut after {cut}")
    # the report stands before the manifest, as another packer may order them
    bundle(os.path.join(d, "same.tar.zst"), [("b/report.json", text.encode()), ("b/MANIFEST.json", b"{}"), ("b/log/kernel.log", b"x")])
    check(triage(os.path.join(d, "same.tar.zst"), "--format", "ndjson")[1] == want, "report.json before MANIFEST.json")


def since(d):
    folder, state = os.path.join(d, "in"), os.path.join(d, "state.sqlite")
    os.mkdir(folder)
    for i in range(5):
        good(os.path.join(folder, f"{i}.tar.zst"), host=f"h{i}")
    first = json.loads(triage("--since", state, folder, "--format", "json")[1])
    check(first["inputs"] == 5 and first["new_inputs"] == 5, first)
    good(os.path.join(folder, "6.tar.zst"), host="h6")
    again = json.loads(triage("--since", state, folder, "--format", "json")[1])
    check(again["inputs"] == 6 and again["new_inputs"] == 1 and again["groups"][0]["incidents"] == 6 and again["groups"][0]["new_incidents"] == 1, again)
    nothing = json.loads(triage("--since", state, folder, "--format", "json")[1])
    check(nothing["new_inputs"] == 0 and nothing["incidents"] == 6, nothing)
    # a log that grew is read again, its old records go
    shutil.copy(os.path.join(GOLDEN, "memcg-v1-6.18", "log"), os.path.join(folder, "kern.log"))
    one = json.loads(triage("--since", state, folder, "--format", "json")[1])
    with open(os.path.join(folder, "kern.log"), "a") as f:
        f.write("harmless\n")
    two = json.loads(triage("--since", state, folder, "--format", "json")[1])
    check(one["incidents"] == two["incidents"] == 7 and two["new_inputs"] == 1, (one, two))
    check(sqlite3.connect(state).execute("SELECT count(*) FROM input").fetchone()[0] == 7, "the state is plain SQLite")
    with open(os.path.join(d, "no.sqlite"), "w") as f:
        f.write("this is no database at all, and long enough to be looked at" * 20)
    rc, _, err = triage("--since", os.path.join(d, "no.sqlite"), folder)
    check(rc == 1 and err.startswith("oomreport: triage state:"), err)


def readme(d):
    """README's commands for jq and SQLite, as they stand there."""
    if not (shutil.which("jq") and shutil.which("sqlite3")):
        print("README's commands are left out: no jq or sqlite3 here")
        return
    work = os.path.join(d, "fleet")
    os.makedirs(work + "/incoming")
    for i in range(3):
        good(f"{work}/incoming/{i}.tar.zst", host=f"h{i % 2}")
    block = open("README.md").read().split("<!-- fleet: begin -->")[1].split("<!-- fleet: end -->")[0]
    path = os.path.dirname(TOOL) + ":" + os.environ["PATH"]
    p = subprocess.run(["sh", "-euc", block], cwd=work, env=dict(os.environ, PATH=path), capture_output=True, text=True)
    lines = p.stdout.splitlines()
    check(p.returncode == 0 and p.stderr == "" and lines[0] == "memcg-limit\t3" and lines[-1] == "memcg-limit|3|2", f"README: {p}")


def state(d):
    """What a state file and a growing folder go through."""
    folder, db = os.path.join(d, "grow"), os.path.join(d, "grow.sqlite")
    os.mkdir(folder)

    def run(*more):
        rc, out, err = triage("--since", db, folder, "--format", "json", *more)
        return rc, json.loads(out) if rc == 0 or out else None, err

    for i in range(3):
        good(f"{folder}/{i}.tar.zst", host=f"h{i}")
    run()
    # half-written (read again when it is whole), and then whole
    whole = open(f"{folder}/0.tar.zst", "rb").read()
    with open(f"{folder}/3.tar.zst", "wb") as f:
        f.write(whole[: len(whole) // 2])
    rc, doc, err = run()
    check(rc == 1 and doc["unreadable_inputs"] == 1 and err.count("\n") == 1, (doc, err))
    with open(f"{folder}/3.tar.zst", "wb") as f:
        f.write(whole)
    rc, doc, err = run()
    check(rc == 0 and doc["unreadable_inputs"] == 0 and doc["new_inputs"] == 1 and doc["incidents"] == 4, doc)
    # a removed one stays known: the desk's history is not the folder's
    os.unlink(f"{folder}/1.tar.zst")
    check(run()[1]["incidents"] == 4, "a removed input is history")
    # two at once wait for each other; none is lost
    good(f"{folder}/4.tar.zst", host="h4")
    both = [subprocess.Popen([TOOL, "triage", "--since", db, folder, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    for p in both:
        out, err = p.communicate(timeout=300)
        check(p.returncode == 0 and json.loads(out)["incidents"] == 5, f"side by side: {p.returncode} {err} {out[:300]}")
    # another version's, a foreign one
    other = sqlite3.connect(db)
    other.execute("PRAGMA user_version = 99")
    other.commit()
    other.close()
    rc, _, err = run()
    check(rc == 1 and "another version" in err, err)
    foreign = sqlite3.connect(os.path.join(d, "foreign.sqlite"))
    foreign.execute("CREATE TABLE record(a TEXT)")
    foreign.execute("INSERT INTO record VALUES('theirs')")
    foreign.commit()
    foreign.close()
    rc, _, err = triage("--since", os.path.join(d, "foreign.sqlite"), folder)
    tables = [r[0] for r in sqlite3.connect(os.path.join(d, "foreign.sqlite")).execute("SELECT name FROM sqlite_master")]
    check(rc == 1 and err.startswith("oomreport: triage state:") and tables == ["record"], (rc, err, tables))


def hosts(d):
    """A central log: incidents of each host, ten minutes apart."""
    lines = []
    for minute, host in ((0, "a"), (1, "b"), (2, "a"), (30, "a"), (31, "b")):
        lines.append(f"2026-11-01T10:{minute:02d}:00+00:00 {host} kernel: [{minute * 60 + 1}.000000] Out of memory: Killed process {minute + 5} (tail) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n")
    path = os.path.join(d, "central.log")
    with open(path, "w") as f:
        f.writelines(lines)
    records = [json.loads(x) for x in triage(path, "--format", "ndjson")[1].splitlines()]
    check(len(records) == 5, records)
    seen = {}
    for r in records:
        seen.setdefault((r["host"], r["incident"]), []).append(r)
    check(sorted(len(v) for k, v in seen.items() if k[0] == "a") == [1, 2], f"host a: {list(seen)}")
    check(sorted(len(v) for k, v in seen.items() if k[0] == "b") == [1, 1], f"host b: {list(seen)}")


def hostile(d):
    folder = os.path.join(d, "hostile")
    os.mkdir(folder)
    link = tarfile.TarInfo("b/report.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device = tarfile.TarInfo("b/report.json")
    device.type = tarfile.CHRTYPE
    doc = json.dumps(report(comm="=cmd|'/c calc'!A1")).encode()
    cases = {
        "slip": [("b/MANIFEST.json", b"{}"), ("../../../../tmp/oomreport-slipped", b"x"), ("b/report.json", doc)],
        "absolute": [("b/MANIFEST.json", b"{}"), ("/tmp/oomreport-slipped", b"x"), ("b/report.json", doc)],
        "link": [("b/MANIFEST.json", b"{}"), ("b/report.json", link)],
        "device": [("b/MANIFEST.json", b"{}"), ("b/report.json", device)],
        "twice": [("b/MANIFEST.json", b"{}"), ("b/report.json", doc), ("b/report.json", b"{}")],
        "schema": [("b/MANIFEST.json", b"{}"), ("b/report.json", b'{"events": 5, "first_oom": [], "diagnosis": "x", "signature": {}}')],
        "nojson": [("b/MANIFEST.json", b"{}"), ("b/report.json", b"\xff\x00{")],
        "deep": [("b/MANIFEST.json", b"{}"), ("b/report.json", b"[" * 100000)],
        "bomb": [("b/MANIFEST.json", b"{}"), ("b/report.json", b'{"a": "' + b"x" * (200 << 20) + b'"}')],
    }
    for name, members in cases.items():
        bundle(os.path.join(folder, name + ".tar.zst"), members)
    whole = open(os.path.join(folder, "slip.tar.zst"), "rb").read()
    with open(os.path.join(folder, "cut.tar.zst"), "wb") as f:
        f.write(whole[: len(whole) // 2])
    with open(os.path.join(folder, "random.tar.zst"), "wb") as f:
        f.write(b"\x28\xb5\x2f\xfd" + random.Random(1).randbytes(5000))
    os.mkfifo(os.path.join(folder, "fifo"))
    os.symlink("/etc", os.path.join(folder, "etc"))
    good(os.path.join(folder, "good.tar.zst"))
    rc, out, err = triage(folder, "--format", "json")
    doc = json.loads(out)
    check(rc == 1, f"status {rc}")
    check(any(g["signature"] == "oom1-x" for g in doc["groups"]), "the good one is there: " + out[:500])
    check(not os.path.exists("/tmp/oomreport-slipped"), "something was written outside")
    check("root:" not in out + err, "a link was followed")
    for name in ("nojson", "deep", "bomb", "cut", "random"):
        check(any(name in u["input"] for u in doc["unreadable"]), f"{name} is not named: {doc['unreadable']}")
    for line in err.splitlines():
        check(line.startswith("oomreport: "), "a line that is no message: " + line)
    text = triage(folder, "--format", "csv")[1]
    check('"=cmd' not in text, "a formula in the CSV")
    rc, out, err = triage(os.path.join(d, "missing"))
    check(rc == 1 and "missing" in err and err.count("\n") == 1, err)
    rc, out, err = triage()
    check(rc == 2, f"no path: {rc}")


with tempfile.TemporaryDirectory(prefix="oomreport-triage-") as d:
    order_and_formats(d)
    bulk(d)
    since(d)
    readme(d)
    state(d)
    hosts(d)
    hostile(d)
print(f"{checks} checks, {len(failures)} failed")
sys.exit(1 if failures else 0)
