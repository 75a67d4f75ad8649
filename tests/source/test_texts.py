#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A log saved as something else than lines: UTF-16, mails with attachments, JSON documents. Each
form is built here around a golden log; its lines must come out, whole and in order, from a file, from a
pipe that gives a few bytes at a time, and packed."""
import base64
import gzip
import io
import json
import os
import quopri
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib

CAT = os.environ["OOMREPORT_BUILD"] + "/tests/source_cat"
LOG = open("tests/golden/memcg-v2-6.12/log", encoding="utf-8").read()
LINES = LOG.splitlines()
BARE = [line[line.index("] ") + 2:] for line in LINES if "] " in line]
NON_ASCII = "[    1.000000] Gerät \U0001f4be größer\n" + LOG
bad = 0


def no(words):
    global bad
    bad += 1
    print("not so:", words)


def head(more=""):
    return "From: a@example.org\nTo: b@example.org\nSubject: OOM\nMIME-Version: 1.0\n" + more


def mail(*parts, kind="mixed"):
    """A multipart mail of (header lines, body) pairs."""
    text = head(f'Content-Type: multipart/{kind};\n boundary="=_b 1"\n') + "\nA mail in MIME.\n"
    for fields, body in parts:
        text += "--=_b 1\n" + fields + "\n\n" + body + "\n"
    return (text + "--=_b 1--\n\n").encode()


def attached(data, kind="application/octet-stream"):
    return (f"Content-Type: {kind}; name=\"a\"\nContent-Transfer-Encoding: base64\n"
            "Content-Disposition: attachment", base64.encodebytes(data).decode())


def in_tar(name, data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def in_zip(name, data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, data)
    return out.getvalue()


raw, hello = LOG.encode(), ("Content-Type: text/plain", "Hello,\nit is attached.\n")
picture = attached(b"\x89PNG\r\n\x1a\n\0\0\0" + bytes(range(256)) * 40, "image/png")
quoted = ("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable",
          quopri.encodestring(raw).decode())
inner = mail(hello, attached(raw, "text/plain")).decode()
# the log in one form and in another: how often it is to come out
plain, html = ("Content-Type: text/plain", LOG), ("Content-Type: text/html", "<pre>\n" + LOG + "</pre>")
related = ("Content-Type: multipart/related; boundary=r", "--r\n" + "\n\n".join(html) + "\n--r--")
html64 = ("Content-Type: Text/HTML;\n charset=utf-8\nContent-Transfer-Encoding: base64",
          base64.encodebytes(html[1].encode()).decode())
SAID = {
    "again as HTML": (mail(plain, html, kind="alternative"), 1),
    "again as HTML in base64": (mail(plain, html64, kind="Alternative"), 1),
    "again as HTML with pictures": (mail(plain, related, kind="alternative"), 1),
    "as HTML only": (mail(html, kind="alternative"), 1),
    "as HTML behind a plain part without words": (
        mail((plain[0], " \n"), html, kind="alternative"), 1),
    "in two parts that are no alternatives": (mail(plain, html), 2),
    "attached to a mail in two forms": (
        mail(("Content-Type: multipart/alternative; boundary=r", "--r\n\nHello\n--r\n"
              "Content-Type: text/html\n\nHello\n--r--"), html, attached(raw)), 2),
}
# lists of records in one line: what is to come out is a record a line
RECORDS = {
    "a list of records": [{"message": x} for x in LINES],
    "... without times": [{"message": x, "host": "a"} for x in BARE],
    "... of bytes": [{"MESSAGE": list(x.encode()), "_HOSTNAME": "a"} for x in BARE],
    "... in a record's own lists": [{"a": [{"b": "},{"}, {"b": "]"}], "message": x} for x in LINES],
    "Elasticsearch's answer": {"took": 5, "hits": {"total": {"value": 3}, "hits": [
        {"_id": str(i), "_source": {"message": x}} for i, x in enumerate(LINES)]}, "n": 1},
    "OpenTelemetry's": {"resourceLogs": [{"resource": {"attributes": [
        {"key": "host.name", "value": {"stringValue": "a"}}]}, "scopeLogs": [{"logRecords": [
            {"timeUnixNano": str(i), "body": {"stringValue": x}, "attributes": [
                {"key": "n", "value": {"intValue": i}}]} for i, x in enumerate(LINES)]}]}]},
}


def elements(doc):
    if isinstance(doc, list):
        return doc
    if "hits" in doc:
        return doc["hits"]["hits"]
    return doc["resourceLogs"][0]["scopeLogs"][0]["logRecords"]


def apport_field(name, data, block=1 << 20):
    """A field as apport packs it: the head of a .gz, its blocks and its end, each in base64."""
    z = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    pieces = [b"\037\213\010\010\0\0\0\0\002\377" + name + b"\0"]
    pieces += [z.compress(data[i:i + block]) for i in range(0, len(data), block)]
    pieces.append(z.flush() + struct.pack("<LL", zlib.crc32(data), len(data)))
    return name + b": base64\n " + b"\n ".join(base64.b64encode(x) for x in pieces if x) + b"\n"


def apport(*fields):
    return (b"ProblemType: KernelCrash\nArchitecture: amd64\nDate: Fri Jan  2 15:04:05 2026\n"
            + b"".join(fields) + b"Uname: Linux 6.8.0-31-generic x86_64\n")


core = apport_field(b"CoreDump", b"\x7fELF" + bytes(1000) + os.urandom(300000))
forms = {
    "an Apport report": apport(apport_field(b"VmCoreDmesg", raw)),
    "an Apport report with a core": apport(core, apport_field(b"VmCoreDmesg", raw), core),
    "an Apport report, in blocks": apport(apport_field(b"VmCoreDmesg", raw * 3, 2000)),
    "UTF-16, Windows": b"\xff\xfe" + LOG.replace("\n", "\r\n").encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + LOG.encode("utf-16-be"),
    "lines that end in CR": LOG.replace("\n", "\r").encode(),
    "UTF-16, lines that end in CR": b"\xff\xfe" + LOG.replace("\n", "\r").encode("utf-16-le"),
    "UTF-16 without a mark": LOG.encode("utf-16-le"),
    "UTF-16, more than ASCII": b"\xff\xfe" + NON_ASCII.encode("utf-16-le"),
    "a mail": (head() + "\n" + LOG).encode(),
    "a mail in base64": (head("Content-Transfer-Encoding: base64\n") + "\n").encode()
    + base64.encodebytes(raw),
    "a mail in quoted-printable": mail(quoted),
    "an attached text": mail(hello, attached(raw, "text/plain")),
    "an attached text, CRLF": mail(hello, attached(raw)).replace(b"\n", b"\r\n"),
    "an attached text of UTF-16": mail(hello, attached(b"\xff\xfe" + LOG.encode("utf-16-le"))),
    "an attached .gz": mail(hello, picture, attached(gzip.compress(raw))),
    "an attached .tar.gz": mail(hello, attached(in_tar("var/log/messages", raw))),
    "an attached .zip": mail(hello, attached(in_zip("messages", raw))),
    "behind a damaged attachment": mail(hello, attached(gzip.compress(raw)[:200]), attached(raw)),
    "a mail within a mail": mail(hello, ("Content-Type: message/rfc822", inner)),
    "a mailbox": b"From a@example.org Thu Jan  2 15:04:05 2026\n" + mail(hello) +
                 b"\nFrom b@example.org Thu Jan  2 15:05:05 2026\n" + mail(quoted),
    "long heads": ("Return-Path: <a@example.org>\n" + "".join(
        f"Received: from h{i}\n by g{i}; Thu, 2 Jan 2026 15:04:05 +0000\n" for i in range(99))).encode()
    + mail(quoted),
    "base64 alone": base64.encodebytes(raw),
    "base64 alone, in one line": base64.b64encode(raw.replace(b"\n", b"\r\n")),
    "one string": json.dumps(LOG).encode(),
    "one string in an object": json.dumps({"id": 1, "dmesg": LOG, "z": None}).encode(),
    "one string, printed over lines": json.dumps({"id": 1, "out": LOG}, indent=2).encode(),
    "a tracker's comments": json.dumps({"bugs": {"7": {"comments": [
        {"text": "Hello,\nit died"}, {"text": LOG.replace("\n", "\r\n")}]}}}).encode(),
    "a string longer than any line": json.dumps(
        {"a": "".join(f"[    0.{i:06}] usb 1-1: new\n" for i in range(9000)) + LOG}).encode(),
    "a list of lines": json.dumps({"stdout_lines": LINES}).encode(),
    "a list of lines, one a line": json.dumps({"stdout_lines": LINES}, indent=1).encode(),
    "Loki's answer": json.dumps({"data": {"result": [
        {"values": [["1767366245123456789", x] for x in LINES]}]}}).encode(),
    "Loki's answer, printed over lines": json.dumps({"data": {"result": [
        {"values": [["1767366245123456789", x] for x in LINES]}]}}, indent=2).encode(),
    **{name: json.dumps(doc).encode() for name, doc in RECORDS.items()},
    "lines without times": json.dumps({"output": "\n".join(BARE)}).encode(),
}


def cat(path, data=None):
    """What comes out; data: through a pipe, in pieces of a few bytes."""
    if data is None:
        return subprocess.run([CAT, path], capture_output=True, check=False).stdout
    with subprocess.Popen([CAT, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as p:
        if os.fork() == 0:
            sizes = (1, 7, 64, 1000, 4096)
            at = n = 0
            while at < len(data):
                os.write(p.stdin.fileno(), data[at:at + sizes[n % len(sizes)]])
                at += sizes[n % len(sizes)]
                n += 1
            os._exit(0)
        p.stdin.close()
        out = p.stdout.read()
        os.wait()
    return out


def body(out):
    return out.decode(errors="replace").replace("\r\n", "\n").split("\n", 1)[1]


with tempfile.TemporaryDirectory() as tmp:
    for name, data in forms.items():
        want = "\n".join(BARE if "without times" in name else LINES)
        path = tmp + "/log"
        with open(path, "wb") as f:
            f.write(data)
        whole = body(cat(path))
        if name in RECORDS:
            records = [json.dumps(x) for x in elements(RECORDS[name])]
            lines = [x.rstrip(", ") for x in whole.split("\n") if x.startswith("{")]
            if [x for x in lines if x in records] != records:
                no(f"{name}: a record a line")
        elif want not in whole:
            no(f"{name}: the log is in it")
            sys.stdout.write(whole[:300] + "\n")
        if body(cat("-", data)) != whole:
            no(f"{name}: the same through a pipe")
        for packed, suffix in ((gzip.compress(data), "log.gz"), (in_tar("messages", data), "log.tgz")):
            with open(tmp + "/" + suffix, "wb") as f:
                f.write(packed)
            if body(cat(tmp + "/" + suffix)) != whole:
                no(f"{name}: the same out of {suffix}")
    for name, (data, times) in SAID.items():
        with open(tmp + "/log", "wb") as f:
            f.write(data)
        whole = body(cat(tmp + "/log"))
        if whole.count("\n".join(LINES)) != times:
            no(f"the log {name}: comes {whole.count(chr(10).join(LINES))} times, not {times}")
        if body(cat("-", data)) != whole:
            no(f"the log {name}: the same through a pipe")
    # what only looks like it stays as it is
    for name, text in (("two fields", "To: a\nthe kernel said:\n" + LOG),
                       ("records", "".join(json.dumps({"log": x + "\n", "stream": "stdout"}) + "\n"
                                           for x in LINES)),
                       ("CR at one line's end", "a progress\ra progress\ra third\n" + LOG),
                       ("a time in brackets", LOG)):
        with open(tmp + "/log", "w", encoding="utf-8") as f:
            f.write(text)
        if body(cat(tmp + "/log")) != text:
            no(f"{name}: as it is")
sys.exit(1 if bad else 0)
