#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every way a Bugzilla was seen to misbehave ends in one bug with each attachment once, or in a
clear error with nothing filed twice; then the same with the connection cut and the program
killed at every step, and resumed. One argument: which group of cases to run."""
import fcntl, json, os, signal, sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import test_submit_cases as cases
import harness
from harness import BUILD, check
from test_submit_cases import KEY, Case, make_bundle


def plain():
    for args in ([], ["--version", "5.1.2", "--auth", "header"], ["--version", "5.1.1", "--auth", "header"],
                 ["--version", "5.0.4.rh103", "--auth", "bearer"], ["--cgi-only"], ["--prefix", "/bugzilla"]):
        with Case(*args) as c:
            what = "plain " + " ".join(args)
            check(c.submit() == 0, what + ": " + c.err)
            s = c.expect_one(what)
            b = s["bugs"][0]
            check(c.out.strip() == f"{c.url}/show_bug.cgi?id=100", f"{what}: prints {c.out!r}")
            check(b["op_sys"] == "Linux" and b["product"] == "Memory Management" and b["severity"] == "normal" and b["platform"] == "x86_64", f"{what}: {b}")
            check("oom1-test-0123456789" in b["whiteboard"] and "\x01" not in b["description"], what)
            for a in s["attachments"]:
                if a["file_name"].endswith(".zst"):
                    import base64
                    check(base64.b64decode(a["data"]) == open(c.bundle, "rb").read(), what + ": the bundle arrived changed")
            # the same bundle again: the same bug
            check(c.submit() == 0 and c.out.strip().endswith("id=100"), what + ": second time")
            c.expect_one(what + " again")
            check(c.run("--list", key=False) == 0 and "done" in c.out and "id=100" in c.out, what + ": list " + c.out)
            check(c.run("--retry") == 0, what + ": nothing is pending")
    with Case() as c:
        check(c.run(c.bundle, f"--bugzilla={c.url}", "--product", "Kernel", "--component", "mm", "--version", "6.1",
                    "--field", "priority=High", "--field", "cf_x=y", "--cc", "a@b.test", "--yes") == 0, "fields: " + c.err)
        b = c.state()["bugs"][0]
        check(b["version"] == "6.1" and b["priority"] == "High" and b["cf_x"] == "y" and b["cc"] == ["a@b.test"], f"fields: {b}")
        # another bundle of the same kind, told to extend
        make_bundle(c.bundle, seed=2)
        check(c.run(c.bundle, f"--bugzilla={c.url}", "--bug", "100", "--yes") == 0, "extend: " + c.err)
        s = c.state()
        check(len(s["bugs"]) == 1 and len(s["attachments"]) == 4 and len(s["comments"]["100"]) == 2, "extend")
        check(c.run(c.bundle, f"--bugzilla={c.url}", "--bug", "999", "--yes") == 1 and "does not exist" in c.err, "extend nothing: " + c.err)
        # and a third, filed anew: the likeness is mentioned
        make_bundle(c.bundle, seed=3)
        check(c.submit() == 0, "third: " + c.err)
        check("Possibly the same as bug 100" in c.state()["bugs"][1]["description"], "third mentions the first")
    with Case() as c:
        # neither said: the ones that the distribution names, the longest of them, in whole words
        make_bundle(c.bundle, distribution="kernel Linux 1 SP2 (Server)")
        check(c.run(c.bundle, f"--bugzilla={c.url}", "--component", "mm", "--yes") == 0, "by the distribution: " + c.err)
        b = c.state()["bugs"][0]
        check((b["product"], b["version"]) == ("Kernel Linux", "1 SP2"), f"by the distribution: {b}")
        make_bundle(c.bundle, seed=2, distribution="NoKernel Linux 6.12")
        check(c.run(c.bundle, f"--bugzilla={c.url}", "--component", "mm", "--yes") == 2 and "product: which one?" in c.err, "no whole word: " + c.err)
        check(c.run(c.bundle, f"--bugzilla={c.url}", "--component", "mm", "--product", "Kernel", "--version", "6.1", "--yes", "--new") == 0, c.err)
        check(c.state()["bugs"][1]["version"] == "6.1", "what is said counts")
    with Case() as c:
        check(c.submit("--dry-run") == 0, "dry run: " + c.err)
        c.expect_none("dry run")
        check("POST" in c.err and "/rest/bug" in c.err and '"whiteboard"' in c.err, "dry run shows the request: " + c.err[:500])
        written = c.said(c.bundle, f"--bugzilla={c.url}", "--product", "Kernel", "--component", "mm", "--version", "6.1", "--yes")
        check(len(written) > 3 and all(w.count(b"\n") == 1 and w.endswith(b"\n") for w in written), f"a line is one write: {written}")


def wrong():
    """Refused before anything is filed, in words that help."""
    rows = [
        ([], ["--product", "Memory Managment"], "perhaps: Memory Management"),
        ([], ["--component", "Oom killer"], "component 'Oom killer'"),
        ([], ["--version", "9"], "version '9'"),
        ([], ["--severity", "awful"], "awful"),
        ([], ["--field", "nonsense"], "NAME=VALUE"),
        ([], ["--field", "nonsense=1"], "not a valid parameter"),
        (["--mandatory", "cf_tree"], [], "--field cf_tree=VALUE"),
        (["--fail", "create:413"], [], ""),
        (["--fail", "create:301"], [], "redirects"),
        (["--fail", "create:429"], [], "429"),
    ]
    for server_args, args, words in rows:
        with Case(*server_args) as c:
            rc = c.run(c.bundle, f"--bugzilla={c.url}", *([] if "--product" in args else ["--product", "Memory Management"]),
                       *([] if "--component" in args else ["--component", "OOM"]), "--yes", *args)
            check(rc in (1, 2) and words in c.err, f"{args} {server_args}: {rc} {c.err}")
            c.expect_none(str(args))
    with Case("--mandatory", "cf_kernel_version") as c:
        check(c.submit() == 0 and c.state()["bugs"][0]["cf_kernel_version"] == "6.1.0-56-amd64", "known mandatory field: " + c.err)
    with Case() as c:
        with open(c.keyfile, "w") as f:
            f.write("x" * 40)
        check(c.submit() == 1 and "invalid" in c.err and "--login" in c.err, "wrong key: " + c.err)
        with open(c.keyfile, "w") as f:
            f.write("two words\n")
        check(c.submit() == 1 and "no usable key" in c.err, "bad key file: " + c.err)
        check(c.run(c.bundle, "--bugzilla=http://bugs.example.org", "--yes") == 1 and "https" in c.err, "http: " + c.err)
        check(c.run(c.bundle, "--bugzilla=https://user:pw@127.0.0.1/", "--yes") == 2 and "pw" not in c.err, "userinfo: " + c.err)
        check(c.run("/etc/hostname", f"--bugzilla={c.url}", "--yes") == 1, "no bundle: " + c.err)
        check(c.run("nosuch", f"--bugzilla={c.url}", "--yes") == 1 and c.err.startswith("oomreport: nosuch: No such file"), "no file: " + c.err)
        check(c.run(c.bundle, f"--bugzilla={c.url}/nothing/here", "--yes") == 1 and "start page" in c.err, "no Bugzilla: " + c.err)
        with open(c.keyfile, "w") as f:
            f.write(KEY)
        check(c.run(c.bundle, f"--bugzilla={c.url}", "--product", "Kernel", "--component", "mm", "--version", "6.1") == 130 and "yes" in c.err, "nobody to ask: " + c.err)
        c.expect_none("wrong things")
    with Case() as c:
        port = c.port
        c.stop()
        check(c.submit("--dry-run") == 1 and "is there a network" in c.err and "--retry" not in c.err, "no server, nothing kept: " + c.err)
        check(c.submit() == 1 and c.err.count("oomreport:") <= 2 and "--retry" in c.err, "no server: " + c.err)
        check(c.run("--list", key=False) == 0 and "pending" in c.out, "no server: list " + c.out)
        check(c.run("--retry") == 1 and "still pending" in c.err, "no server: retry " + c.err)
        c.start("--port", str(port))
        check(c.run("--retry") == 0 and "id=100" in c.err, "the server is back: " + c.err)
        c.expect_one("the server is back")
        check(c.run("--retry") == 0 and c.submit() == 0, "nothing is left to do")
        c.expect_one("nothing is left to do")


def offline(c):
    """A bundle that was to be submitted while the server was away: the journal's path."""
    c.stop()
    check(c.submit() == 1 and "--retry" in c.err, "kept for later: " + c.err)
    return c.journals()[0]


def back(c):
    c.start("--port", str(c.port))


def outbox():
    """What waits on disk is one bug, of that very bundle, whatever happened to the files since."""
    with Case() as c:
        offline(c)
        check(c.run(c.bundle, f"--bugzilla={c.url}/", "--product", "Kernel", "--component", "mm", "--yes") == 1 and "--retry" in c.err, "said again: " + c.err)
        check(len(c.journals()) == 1, f"said twice, kept once: {c.journals()}")
        back(c)
        check(c.submit() == 0 and c.run("--retry") == 0, "the server is back: " + c.err)
        c.expect_one("said twice")
    with Case() as c:
        path = offline(c)
        back(c)
        os.rename(c.bundle, c.bundle + ".mine")
        make_bundle(c.bundle, seed=2)
        check(c.run("--retry") == 1 and "has changed" in c.err and path in c.err, "another bundle under the name: " + c.err)
        os.unlink(c.bundle)
        check(c.run("--retry") == 1 and "No such file" in c.err, "no bundle under the name: " + c.err)
        os.mkfifo(c.bundle)
        check(c.run("--retry", timeout=20) == 1 and "not a file" in c.err, "a FIFO under the name: " + c.err)
        for way in ("--bugzilla=" + c.url, "--mail=desk@example.org", "--upload=http://127.0.0.1:9/"):
            check(c.run(c.bundle, way, "--dry-run", timeout=20) == 1 and "not a file" in c.err, f"a FIFO as the bundle, {way}: {c.err}")
        c.expect_none("another bundle")
        os.rename(c.bundle + ".mine", c.bundle)
        check(c.run("--retry") == 0, "the bundle is back: " + c.err)
        c.expect_one("the bundle is back")
    with Case() as c:
        path = offline(c)
        back(c)
        whole, folder = json.load(open(path)), os.path.dirname(path)
        wrong = {"copy": whole, "torn": None, "list": [], "number": dict(whole, url=1), "state": dict(whole, state="sent"),
                 "bug": dict(whole, state="created"), "below": dict(whole, bug_id=-1), "no-wish": dict(whole, wish=[])}
        for name, doc in wrong.items():
            with open(f"{folder}/{name}.json", "w") as f:
                f.write(json.dumps(doc and {**doc, "token": name} if name != "copy" else doc) if name != "torn" else json.dumps(whole)[:200])
            os.chmod(f"{folder}/{name}.json", 0o600)
        check(c.run("--list", key=False) == 0 and c.out.count("not a journal of ours") == len(wrong) and c.out.count("pending") == 1, "broken ones are named: " + c.out)
        check(c.run("--retry") == 0, "the whole one goes on: " + c.err)
        c.expect_one("among broken ones")
    with Case() as c:
        path = offline(c)
        back(c)
        with open(path + ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            check(c.submit() == 1 and "another process" in c.err, "it is being sent: " + c.err)
            c.expect_none("it is being sent")
        check(c.submit() == 0, "the other has gone: " + c.err)
        c.expect_one("the other has gone")
    with Case() as c:
        c.stop()
        check(c.typed(c.bundle, f"--bugzilla={c.url}", "--product", "Memory Management", "--component", "OOM") == 1 and "--retry" in c.out, "kept: " + c.out)
        back(c)
        other = c.home + "/other.tar.zst"
        make_bundle(other, seed=2)
        check(c.run(other, f"--bugzilla={c.url}", "--product", "Memory Management", "--component", "OOM", "--yes") == 0, "another of its kind: " + c.err)
        check(c.typed("--retry", answers=[("File a new bug", "c 100"), ("login name", "me@x.test")]) == 0, "CCed: " + c.out)
        check(c.state()["bugs"][0]["cc"] == ["me@x.test"] and len(c.state()["bugs"]) == 1, "CCed")
        check(c.run("--list", key=False) == 0 and "pending" not in c.out, "nothing is pending: " + c.out)


def lengths():
    """Texts that are longer than a Bugzilla stores, an address as it is pasted, a comment whose answer
    is lost, attachments that are off."""
    with Case() as c:
        make_bundle(c.bundle, workload="many lines of \u00fc\n" * 8000)
        check(c.run(c.bundle, f"--bugzilla={c.url}/show_bug.cgi?id=7", "--product", "Kernel", "--component", "mm", "--version", "6.1",
                    "--summary", "\u00fc" * 400, "--yes") == 0, "pasted and long: " + c.err)
        b = c.expect_one("long texts")["bugs"][0]
        check(b["summary"] and not b["summary"].strip("\u00fc"), f"summary: {b['summary']!r}")
        text = b["description"]
        check(60000 < len(text) <= 65535 and text.startswith("Report id: oomreport-") and "[cut here" in text[-100:]
              and b["whiteboard"].split()[0] in text[:60], f"description: {len(text)} characters, ends {text[-80:]!r}")
        # the same to a bug that is there
        make_bundle(c.bundle, seed=2, workload="many lines of \u00fc\n" * 8000)
        check(c.run(c.bundle, f"--bugzilla={c.url}/rest/", "--bug", "100", "--yes") == 0, "a long comment: " + c.err)
        check(len(c.state()["comments"]["100"][-1]["text"]) <= 65535, "a long comment")
    for mode in ("commit-close", "commit-504", "commit-empty"):
        with Case("--fail", f"comment:{mode}") as c:
            check(c.submit() == 0, "the bug: " + c.err)
            make_bundle(c.bundle, seed=2)
            rc = c.run(c.bundle, f"--bugzilla={c.url}", "--bug", "100", "--yes")
            check(rc == 1 and "bug 100 exists" in c.err and "--retry" in c.err, f"comment {mode}: {rc} {c.err}")
            check(c.run("--retry") == 0, f"comment {mode}: retry {c.err}")
            s = c.state()
            check(len(s["comments"]["100"]) == 2 and len(s["attachments"]) == 4, f"comment {mode}: {len(s['comments']['100'])} comments")
    with Case("--limit-kb", "0", "--fail", "create:500-html") as c:
        check(c.submit() == 1 and c.run("--retry") == 0, "attachments off, in two runs: " + c.err)
        s = c.expect_one("attachments off, in two runs", [])
        check(not any(r.startswith("POST") and r.endswith("/attachment") for r in s["requests"]), f"attachments off, tried all the same: {s['requests']}")
        check(any("oomreport-test.tar.zst" in m["text"] for m in s["comments"]["100"]), f"what is not attached is said: {s['comments']}")


def keys():
    with Case() as c:
        port = c.port
        places = [(".bugzillarc", f"[127.0.0.1:{port}]\napi_key={KEY}\n"),
                  (".config/python-bugzilla/bugzillarc", f"[other]\napi_key=no\n[127.0.0.1:{port}]\nuser=x\napi_key: {KEY}\n"),
                  (".config/python-bugzilla/bugzillarc", f"[//127.0.0.1:{port}]\napi_key = {KEY}\n"),
                  (".config/oomreport/keys", f"[127.0.0.1:{port}]\napi_key = {KEY}\n")]
        for i, (path, text) in enumerate(places):
            full = os.path.join(c.home, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w") as f:
                f.write(text)
            make_bundle(c.bundle, seed=10 + i)
            check(c.submit(key=False) == 0, f"key from {path}: {c.err}")
            os.unlink(full)
        with open(os.path.join(c.home, "oomreport-api-key"), "w") as f:
            f.write(KEY)
        make_bundle(c.bundle, seed=20)
        check(c.submit(key=False, env={"CREDENTIALS_DIRECTORY": c.home}) == 0, "systemd credential: " + c.err)
        make_bundle(c.bundle, seed=21)
        check(c.submit(key=False) == 1 and "login" in c.err, "no key anywhere: " + c.err)
        c.no_secret("keys")
    typed_key()


def typed_key():
    """--login: the key is typed unseen, kept, replaced; a terminal that is left in the middle of it
    shows again what is typed."""
    with Case() as c:
        kept = os.path.join(c.home, ".config/oomreport/keys")
        asked = r"API key for .*\(not shown\): "
        check(c.typed(f"--login={c.url}", answers=[(asked, "x" * 40)], key=False) == 1 and not os.path.exists(kept), "a wrong key is not kept: " + c.out)
        check(c.typed(f"--login={c.url}", answers=[(asked, "")], key=False) == 1 and "no key was given" in c.out, "no key: " + c.out)
        os.makedirs(os.path.dirname(kept))
        with open(kept, "w") as f:
            f.write(f"# mine\n[other.test]\napi_key = other\n[127.0.0.1:{c.port}]\napi_key = old\n[last.test]\napi_key=last")
        check(c.typed(f"--login={c.url}", answers=[(asked, KEY)], key=False) == 0, "login: " + c.out)
        text = open(kept).read()
        check(text == f"# mine\n[other.test]\napi_key = other\n[last.test]\napi_key=last\n[127.0.0.1:{c.port}]\napi_key = {KEY}\n", "kept beside the others: " + text.replace(KEY, "KEY"))
        check(os.stat(kept).st_mode & 0o777 == 0o600, "nobody else reads it")
        check(c.submit(key=False) == 0, "the kept key serves: " + c.err)
        check(KEY not in c.out, "the key is shown")
        for number in (signal.SIGINT, signal.SIGTERM):
            check(c.left(f"--login={c.url}", asked, number) == (-number, True), f"left by {number}: the terminal shows what is typed")


def side_by_side(one, rows):
    """Most of the time of a case is waiting."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda row: one(*row), rows))


def doubt():
    """The outcome of the POST is not what the answer says."""
    def one(what, mode, version):
        with Case("--version", version, "--fail", f"{what}:{mode}") as c:
            rc = c.submit()
            if rc != 0:
                check("oomreport:" in c.err, f"{what}:{mode}: says nothing")
                rc = c.run("--retry")
            check(rc == 0, f"{what}:{mode} {version}: {c.err}")
            c.expect_one(f"{what}:{mode} {version}")

    side_by_side(one, [(what, mode, version) for what in ("create", "attach")
                       for mode in ("commit-close", "commit-504", "commit-empty", "commit-68000", "commit-100500", "commit-json-html",
                                    "commit-noid", "commit-slow", "503-echo", "500-html", "nothing-100500", "empty-200")
                       for version in ("5.2+", "5.1.2")])


def limits():
    with Case("--limit-kb", "100", log_bytes=150000) as c:
        check(c.submit() == 0, "over the limit: " + c.err)
        s = c.expect_one("over the limit", ["first-oom.txt", "report.json.gz", "report.html.gz"])
        text = s["comments"]["100"][-1]["text"]
        check("kernel.log.gz" in text and "oomreport-test.tar.zst" in text, "left out is said: " + text)
    with Case("--fail", "attach:413:2") as c:
        check(c.submit() == 0, "413 behind the back: " + c.err)
        c.expect_one("413", ["first-oom.txt", "report.json.gz", "report.html.gz", "kernel.log.gz", "oomreport-test.tar.zst"][:4]
                     if os.path.getsize(c.bundle) > 700 * 1024 else ["first-oom.txt", "oomreport-test.tar.zst"])
    with Case("--limit-kb", "0") as c:
        check(c.submit() == 0, "attachments off: " + c.err)
        c.expect_one("attachments off", [])


def person():
    """Somebody at a terminal."""
    with Case() as c:
        words = [c.bundle, f"--bugzilla={c.url}"]
        check(c.typed(*words, "--product", "memory managment", "--component", "OOM", answers=[("product .*is not known.*Memory Management", "Memory Management"), (r"Send it\?", "n")]) == 130, "no: " + c.out)
        c.expect_none("said no")
        words += ["--product", "Memory Management", "--component", "OOM"]
        check(c.typed(*words, answers=[(r"Send it\?", "y")]) == 0 and "id=100" in c.out, "yes: " + c.out)
        c.expect_one("yes")
        make_bundle(c.bundle, seed=5)
        check(c.typed(*words, answers=[("(?s)same kind of OOM: bug 100.*File a new bug", "q")]) == 130, "quit: " + c.out)
        c.expect_one("quit")
        check(c.typed(*words, answers=[("File a new bug", "c 100"), ("login name", "me@x.test")]) == 0, "cc: " + c.out)
        check(c.state()["bugs"][0]["cc"] == ["me@x.test"], "cc")
        check(c.typed(*words, answers=[("File a new bug", "100"), (r"Send it\?", "y")]) == 0, "add: " + c.out)
        s = c.state()
        check(len(s["bugs"]) == 1 and len(s["attachments"]) == 4 and len(s["comments"]["100"]) == 2, "added to the bug")
        make_bundle(c.bundle, seed=6)
        check(c.typed(*words, answers=[("File a new bug", "n"), (r"Send it\?", "y")]) == 0, "new: " + c.out)
        check(len(c.state()["bugs"]) == 2, "a new one")
    with Case() as c:
        check(c.typed(f"--login={c.url}", answers=[("API key", "wrong")], key=False) == 1 and "wrong" not in c.out, "login with a wrong key: " + c.out)
        check(not os.path.exists(f"{c.home}/.config/oomreport/keys"), "a wrong key is kept")
        check(c.typed(f"--login={c.url}", answers=[("API key", KEY)], key=False) == 0, "login: " + c.out)
        check(os.stat(f"{c.home}/.config/oomreport/keys").st_mode & 0o777 == 0o600, "mode of the key file")
        check(c.submit(key=False) == 0, "the kept key works: " + c.err)
        c.no_secret("login")
    with Case("--mandatory", "cf_tree") as c:
        check(c.typed(c.bundle, f"--bugzilla={c.url}", "--product", "Kernel", "--component", "mm", "--version", "6.1", answers=[("CF_TREE", "Mainline"), (r"Send it\?", "y")]) == 0, "mandatory: " + c.out)
        check(c.state()["bugs"][0]["cf_tree"] == "Mainline", "mandatory field")
    with Case("--limit-kb", "100", log_bytes=150000) as c:
        check(c.submit(f"--upload=http://127.0.0.1:{c.port}/store/") == 0, "upload: " + c.err)
        s = c.state()
        check(list(s["stored"]) == ["/store/oomreport-test.tar.zst"] and "/store/oomreport-test.tar.zst" in s["comments"]["100"][-1]["text"], f"the rest is elsewhere: {s['stored']} {s['comments']}")
    with Case() as c:
        import subprocess
        p = subprocess.run([cases.PROGRAM, c.bundle, f"--bugzilla={c.url}", "--yes"], env={"HOME": c.home}, capture_output=True, stdin=subprocess.DEVNULL)
        check(os.geteuid() != 0 or (p.returncode == 1 and b"--as-root" in p.stderr), f"as root: {p.stderr}")
        c.expect_none("as root")


def cuts():
    with Case() as c:
        c.submit()
        total = len(c.state()["requests"])
    check(total > 12, f"{total} requests in all")

    def one(where, n):
        with Case("--cut", f"{n}:{where}") as c:
            check(go_on(c, c.submit()) == 0, f"cut {where} request {n}: {c.err}")
            c.expect_one(f"cut {where} request {n}")

    side_by_side(one, [(where, n) for where in ("before", "body", "after", "reply") for n in range(1, total + 1)])


def go_on(c, rc):
    """What a person does: retry what is pending, else start again."""
    for _ in range(3):
        if rc == 0:
            break
        pending = c.run("--list", key=False) == 0 and "pending" in c.out
        rc = c.run("--retry") if pending else c.submit()
    return rc


def kills():
    shim = os.path.join(BUILD, "tests", "submit_killer.so")
    died = {}

    def one(n, side):
        with Case() as c:
            rc = c.submit(env={"LD_PRELOAD": shim, "KILL_AT": f"{n}{side}"})
            died[n, side] = rc == -signal.SIGKILL
            check(go_on(c, rc) == 0, f"killed at journal write {n}{side}: {c.err}")
            c.expect_one(f"killed at journal write {n}{side}")

    most = 40
    side_by_side(one, [(n, side) for n in range(1, most + 1) for side in "-+"])
    check(not died[most, "-"], f"more than {most} journal writes: not all were tried")
    check(sum(died.values()) >= 12, f"died only {sum(died.values())} times")

    def forgotten(n):
        with Case() as c:
            check(go_on(c, c.submit(env={"LD_PRELOAD": shim, "FORGET_AT": str(n)})) == 0, f"answer {n} forgotten: {c.err}")
            c.expect_one(f"no memory for answer {n}")

    side_by_side(forgotten, [(n,) for n in range(1, 24)])


GROUPS = {f.__name__: f for f in (plain, wrong, outbox, lengths, keys, doubt, limits, person, cuts, kills)}
GROUPS[sys.argv[1]]()
harness.done()
