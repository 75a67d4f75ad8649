#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""triage: the same table whatever the order, only new inputs with --since, one line for a bad
input, and nothing outside for a hostile one."""
import csv, io, json, os, random, resource, shutil, sqlite3, subprocess, sys, tarfile, tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import PROGRAM, check

import jsonschema

GOLDEN = os.path.abspath("tests/golden")


def triage(*args, cwd=None):
    p = subprocess.run([PROGRAM, "triage", "--now", "2026-11-23T00:00:00Z", *args], capture_output=True, cwd=cwd, timeout=600)
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
    check(html.startswith("<!DOCTYPE html>") and "oom1-a" in html and html.count(">2026-11-01T00:00:00Z</td>") == 2, "html")


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
    check(rc == 1 and err.startswith(f"oomreport: triage state: {d}/no.sqlite: ") and "a new file" in err, err)


def group(d):
    """What stands for a group is what most of it says; a long path is cut nowhere, unknown is left out."""
    folder = os.path.join(d, "group", "x" * 200)
    os.makedirs(folder)
    for i, cause in enumerate(["one-process", "memcg-limit", "memcg-limit", None]):
        one = report(host=f"h{i}", comm=None)
        one["diagnosis"]["findings"] = [{"id": cause}] if cause else []
        with open(os.path.join(folder, f"r{i}.json"), "w") as f:
            json.dump(one, f)
    (row,) = csv.DictReader(io.StringIO(triage(folder, "--format", "csv")[1]))
    check(row["cause"] == "memcg-limit" and row["worst_example"].startswith(folder + "/r"), row)
    text = triage(folder)[1]
    check(folder + "/r" in text and "       by" not in text and not any(x != x.rstrip() for x in text.splitlines()), text)
    shutil.rmtree(folder)
    os.makedirs(folder)
    with open(os.path.join(folder, "one.json"), "w") as f:
        json.dump(report(), f)
    check(triage(folder)[1].startswith("1 incident (1 event) on 1 host, from 1 input\n"), "one of each")


def readme(d):
    """README's commands for jq and SQLite, as they stand there."""
    if not (shutil.which("jq") and shutil.which("sqlite3")):
        print("README's commands are left out: no jq or sqlite3 here")
        return
    work = os.path.join(d, "fleet")
    os.makedirs(work + "/incoming")
    for i in range(3):
        good(f"{work}/incoming/{i}.tar.zst", host=f"h{i % 2}", comm=f"tail{i}")
    block = open("README.md").read().split("<!-- fleet: begin -->")[1].split("<!-- fleet: end -->")[0]
    path = os.path.dirname(PROGRAM) + ":" + os.environ["PATH"]
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
    good(f"{d}/whole.tar.zst", host="h3")
    whole = open(f"{d}/whole.tar.zst", "rb").read()
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
    # nor is it lost by being named; what is not there is told, and of that run alone
    gone = f"{folder}/1.tar.zst"
    rc, doc, err = run(gone)
    check(rc == 1 and doc["unreadable"] == [{"input": gone, "why": "No such file or directory"}] and err.count("\n") == 1, (rc, doc, err))
    check(doc["incidents"] == 4 and doc["inputs"] == 5 and run()[1]["inputs"] == 4, "a path that is not there")
    # the state may lie in the folder itself
    inside = f"{folder}/own.sqlite"
    for want in (3, 0):
        rc, out, err = triage("--since", inside, folder, "--format", "json")
        check(rc == 0 and (json.loads(out)["inputs"], json.loads(out)["new_inputs"]) == (3, want), (rc, out, err))
    os.unlink(inside)
    # two at once wait for each other; none is lost
    good(f"{folder}/4.tar.zst", host="h4")
    both = [subprocess.Popen([PROGRAM, "triage", "--since", db, folder, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
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


def closed(d):
    """A file that may not be read is read when it may: its mode shows in no size and time."""
    path, db = os.path.join(d, "closed.tar.zst"), os.path.join(d, "closed.sqlite")
    good(path)
    # without capabilities root, too, is refused
    who = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []

    def run(mode):
        os.chmod(path, mode)
        p = subprocess.run([*who, PROGRAM, "triage", "--since", db, path, "--format", "json"], capture_output=True, text=True, timeout=600)
        return p.returncode, json.loads(p.stdout), p.stderr

    rc, doc, err = run(0)
    check(rc == 1 and doc["unreadable"] == [{"input": path, "why": "Permission denied"}], (rc, doc, err))
    rc, doc, err = run(0o600)
    check(rc == 0 and doc["incidents"] == 1 and doc["unreadable"] == [], (rc, doc, err))


def identity(d):
    """Renamed, copied, rotated, compressed, grown: every event counts once, and is new once."""
    folder, db = os.path.join(d, "same"), os.path.join(d, "same.sqlite")
    os.mkdir(folder)

    def run():
        rc, out, err = triage("--since", db, folder, "--format", "json")
        doc = json.loads(out)
        check(rc == 0, err)
        return {"inputs": doc["inputs"], "fresh": doc["new_inputs"], "events": doc["events"], "new": sum(g["new_incidents"] for g in doc["groups"]), "worst": [g["worst_example"] for g in doc["groups"]]}

    def kill(n):
        return f"2026-11-01T{n:02d}:00:00+00:00 web1 kernel: [{n * 3600}.000000] Out of memory: Killed process {n + 100} (tail) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n"

    def noise(n, lines):
        return "".join(f"2026-11-01T{n:02d}:30:00+00:00 web1 daemon[{i}]: nothing to see {n}.{i}\n" for i in range(lines))

    good(f"{folder}/a.tar.zst", host="h1", comm="one")
    good(f"{folder}/b.tar.zst", host="h2", comm="two")
    check(run()["events"] == 2, "two bundles")
    # a bundle that moves and one that is copied: known, not read again, and by its new name
    os.mkdir(f"{folder}/done")
    os.rename(f"{folder}/a.tar.zst", f"{folder}/done/a.tar.zst")
    shutil.copy(f"{folder}/b.tar.zst", f"{folder}/c.tar.zst")
    got = run()
    check(got["events"] == 2 and got["inputs"] == 2 and got["fresh"] == 0 and got["new"] == 0, got)
    check(os.path.exists(got["worst"][0].rsplit(":", 1)[0]), f"the example is there: {got['worst']}")
    shutil.rmtree(f"{folder}/done"), os.unlink(f"{folder}/b.tar.zst"), os.unlink(f"{folder}/c.tar.zst")
    check(run()["events"] == 2, "removed ones are history")
    # a log from its beginning: small, grown, rotated, compressed, and its successor
    text = noise(0, 20) + kill(1)
    log = f"{folder}/kern.log"
    with open(log, "w") as f:
        f.write(text)
    got = run()
    check(got["events"] == 3 and got["new"] == 1, got)
    text += noise(1, 3000) + kill(2)
    with open(log, "w") as f:
        f.write(text)
    got = run()
    check(got["events"] == 4 and got["new"] == 1 and got["inputs"] == 3, f"grown: {got}")
    os.rename(log, log + ".1")
    text += kill(3)
    with open(log + ".1", "w") as f: # the last line before logrotate came
        f.write(text)
    with open(log, "w") as f:
        f.write(noise(4, 30) + kill(4))
    got = run()
    check(got["events"] == 6 and got["new"] == 2 and got["inputs"] == 4, f"rotated: {got}")
    check(run()["new"] == 0, "nothing is new")
    subprocess.run(["gzip", log + ".1"], check=True)
    os.rename(log + ".1.gz", log + ".2.gz")
    os.rename(log, log + ".1")
    got = run()
    check(got["events"] == 6 and got["new"] == 0 and got["inputs"] == 4, f"compressed: {got}")
    # an older copy of it says nothing new
    with open(f"{folder}/copy.log", "w") as f:
        f.write(text[: len(text) - len(kill(3))])
    got = run()
    check(got["events"] == 6 and got["new"] == 0 and got["inputs"] == 4, f"an older copy: {got}")
    inputs = [json.loads(x)["input"] for x in triage("--since", db, "--format", "ndjson")[1].splitlines()]
    check(f"{log}.1" in inputs and log not in inputs, f"names: {inputs}")
    # without a state, in any order: the same
    names = [f"{folder}/{n}" for n in os.listdir(folder)]
    seen = set()
    for seed in range(4):
        random.Random(seed).shuffle(names)
        seen.add(triage(*names, "-j", str(seed % 2 + 1), "--format", "ndjson")[1])
    check(len(seen) == 1 and len(seen.pop().splitlines()) == 4, "the order matters")
    # two machines of one make begin alike, and are two
    head = "".join(f"[    0.000000] BIOS-e820: {i}\n" for i in range(100))
    for n in (1, 2):
        with open(f"{d}/vm{n}.log", "w") as f:
            f.write(head + f"[    {n}.000000] tick\n" + kill(n).split("kernel: ")[1])
    check(json.loads(triage(f"{d}/vm1.log", f"{d}/vm2.log", "--format", "json")[1])["inputs"] == 2, "two machines")


def old_state(d):
    """A state of the first version is brought up to date, and its inputs are not read again."""
    folder, db = os.path.join(d, "old"), os.path.join(d, "old.sqlite")
    os.mkdir(folder)
    for i in range(3):
        good(f"{folder}/{i}.tar.zst", host=f"h{i}")
    records = [json.loads(x) for x in triage(folder, "--format", "ndjson")[1].splitlines()]
    old = sqlite3.connect(db)
    old.executescript("CREATE TABLE input( path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, error TEXT, fresh INTEGER);"
                      "CREATE TABLE record( input TEXT, seq INTEGER, subject INTEGER, signature TEXT, cause TEXT, scope TEXT, host TEXT, kernel TEXT, time TEXT, top TEXT, kb INTEGER, line INTEGER, json TEXT, PRIMARY KEY(input, seq)) WITHOUT ROWID;"
                      "CREATE INDEX by_signature ON record(signature); PRAGMA application_id = 1869573492; PRAGMA user_version = 1;")
    for r in records:
        st = os.stat(r["input"])
        old.execute("INSERT INTO input VALUES(?,?,?,NULL,1)", (r["input"], st.st_size, st.st_mtime_ns))
        old.execute("INSERT INTO record VALUES(?,0,?,?,?,?,?,?,?,?,?,?,?)", (r["input"], r["subject"], r["signature"], r["cause"], r["scope"], r["host"], r["kernel"], r["time"], r["top_consumer"], r["victim_rss_kb"], r["line"], json.dumps(r)))
    old.execute("INSERT INTO input VALUES('/gone/bad.log', 5, 5, 'cut short', 0)")
    old.commit()
    old.close()
    before = triage(folder, "--format", "json")[1]
    rc, out, err = triage("--since", db, folder, "--format", "json")
    doc = json.loads(out)
    check(rc == 0 and doc["events"] == 3 and doc["new_inputs"] == 0 and doc["inputs"] == 4 and doc["unreadable_inputs"] == 1, (out, err))
    check([g["hosts"] for g in doc["groups"]] == [g["hosts"] for g in json.loads(before)["groups"]], out)
    check(sqlite3.connect(db).execute("PRAGMA user_version").fetchone()[0] == 2, "version 2 now")
    # one that was changed since: its event is known from the old state
    good(f"{folder}/1.tar.zst", host="h1")
    os.utime(f"{folder}/1.tar.zst", (1, 1))
    doc = json.loads(triage("--since", db, folder, "--format", "json")[1])
    check(doc["events"] == 3 and sum(g["new_incidents"] for g in doc["groups"]) == 0, doc)


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


def mixed(d):
    """Three hosts' reports line by line in one file: for each what its lines say alone."""
    cases = {"web1": "global-anon-6.12", "web2": "memcg-v2-6.1", "db.example.org": "swap-full-6.1"}
    said = {h: [f"Nov 23 02:30:00 {h} kernel: {x}\n" for x in open(os.path.join(GOLDEN, c, "log"), errors="surrogateescape").read().splitlines()] for h, c in cases.items()}
    turns = [h for h in said for _ in said[h]]
    random.Random(9).shuffle(turns)
    lines = {h: iter(x) for h, x in said.items()}
    path = os.path.join(d, "mixed.log")

    def analyze(*args):
        p = subprocess.run([PROGRAM, "analyze", "--now", "2026-11-24T00:00:00Z", *args], capture_output=True, timeout=600)
        return p.returncode, p.stdout.decode(), p.stderr.decode()

    with open(path, "w", errors="surrogateescape") as f:
        f.writelines(next(lines[h]) for h in turns)
    for form in (["--format", "json"], ["--format", "json", "--all"]):
        doc = json.loads(analyze(path, *form)[1])
        documents = {x["system"]["hostname"]: x for x in [doc] + doc["other_hosts"]}
        check(sorted(documents) == sorted(cases), list(documents))
        for host, own in documents.items():
            alone = os.path.join(d, "alone.log")
            with open(alone, "w", errors="surrogateescape") as f:
                f.writelines(said[host])
            want = json.loads(analyze(alone, *form)[1])
            check(want["other_hosts"] == [] and (own is doc or own["other_hosts"] == []), host)
            own["first_oom"]["lines"] = want["first_oom"]["lines"]
            for key in ("system", "counts", "diagnosis", "signature", "first_oom"):
                check(own[key] == want[key], f"{host}: {key}: {own[key]} != {want[key]}")
            check(all(f" {host} kernel: " in x for x in own["first_oom"]["verbatim"].splitlines()), host)
    schema = jsonschema.Draft202012Validator(json.load(open("schema/report.schema.json")))
    check(not list(schema.iter_errors(doc)), "schema: " + str([e.message for e in schema.iter_errors(doc)][:3]))
    check(len(analyze(path, "--format", "ndjson")[1].splitlines()) == 3, "ndjson: a line a host")
    text = analyze(path)[1]
    check(text.startswith("3 hosts: ") and all(f"==> {h} <==\n" in text for h in cases), text[:300])
    check(json.loads(analyze(path, "--format", "json", "--host", "db")[1])["system"]["hostname"] == "db.example.org", "--host")
    rc, _, err = analyze(path, "--event", "1")
    check(rc == 2 and "--host" in err, err)
    rc, out, err = analyze(path, "--host", "nobody")
    check(rc == 1 and out == "" and "no event is of host 'nobody'" in err and "one is of '" in err, (rc, out, err))
    rc, out, err = analyze(f"{GOLDEN}/memcg-v2-6.1/log", "--host", "web2")
    check(rc == 1 and "name no host" in err, (rc, out, err))
    check(analyze(path, "--event", "1", "--host", "web2", "--format", "json")[0] == 0, "--event with --host")
    records = [json.loads(x) for x in triage(path, "--format", "ndjson")[1].splitlines()]
    kernels = {h: json.loads(analyze(path, "--format", "json", "--host", h)[1])["system"]["kernel"] for h in cases}
    check({r["host"]: r["kernel"] for r in records} == kernels, records)
    with open(os.path.join(d, "mixed.json"), "w") as f:
        json.dump(doc, f)
    saved = [json.loads(x) for x in triage(f"{d}/mixed.json", "--format", "ndjson")[1].splitlines()]
    check({r["host"]: (r["kernel"], r["signature"], r["line"]) for r in saved} == {r["host"]: (r["kernel"], r["signature"], r["line"]) for r in records}, "a saved report has its other hosts: " + str(saved))
    totals = json.loads(triage(path, "--format", "json")[1])
    check(totals["hosts"] == 3 and totals["incidents"] == 3 and totals["inputs"] == 1, totals)


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
    check(all(u["why"] and not u["why"].startswith(u["input"]) for u in doc["unreadable"]), f"a path twice: {doc['unreadable']}")
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
    group(d)
    readme(d)
    state(d)
    closed(d)
    identity(d)
    old_state(d)
    hosts(d)
    mixed(d)
    hostile(d)
harness.done()
