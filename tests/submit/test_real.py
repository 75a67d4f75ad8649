#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Mail through a real exim, uploads to a real nginx and a real sshd, TLS with a CA of our own;
all on loopback, all started and stopped here. One argument: tls, mail, smtp, dav or ssh."""
import base64, email, email.policy, getpass, hashlib, http.client, mailbox, os, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.argv, GROUP = [sys.argv[0], "none"], sys.argv[1]
import test_submit_cases as cases
import harness
from harness import check, skip
from test_submit_cases import Case, make_bundle, KEY


def need(*programs):
    for p in programs:
        if not shutil.which(p, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            skip(f"{p} is not installed")


def run(*words, **kw):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kw)


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    return port


def wait_port(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    skip(f"the server did not start on port {port}")


def make_ca(d, name="ca"):
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{d}/{name}.key", "-out", f"{d}/{name}.pem",
        "-addext", "basicConstraints=critical,CA:TRUE")


def make_cert(d, name, san, ca="ca", days=2, expired=False):
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{d}/{name}.key", "-out", f"{d}/{name}.csr")
    with open(f"{d}/{name}.ext", "w") as f:
        f.write(f"subjectAltName={san}\n")
    words = ["openssl", "x509", "-req", "-in", f"{d}/{name}.csr", "-CA", f"{d}/{ca}.pem", "-CAkey", f"{d}/{ca}.key", "-CAcreateserial", "-extfile", f"{d}/{name}.ext", "-out", f"{d}/{name}.pem"]
    if expired:
        # x509 -days takes no past: make it through `ca`, which takes dates
        open(f"{d}/index.txt", "w").close()
        with open(f"{d}/serial", "w") as f:
            f.write("77\n")
        with open(f"{d}/ca.cnf", "w") as f:
            f.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={d}/index.txt\nserial={d}/serial\nnew_certs_dir={d}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
        words = ["openssl", "ca", "-batch", "-config", f"{d}/ca.cnf", "-in", f"{d}/{name}.csr", "-cert", f"{d}/{ca}.pem", "-keyfile", f"{d}/{ca}.key",
                 "-startdate", "20200101000000Z", "-enddate", "20200102000000Z", "-extfile", f"{d}/{name}.ext", "-out", f"{d}/{name}.pem"]
    else:
        words += ["-days", str(days)]
    run(*words)
    os.chmod(f"{d}/{name}.key", 0o644)
    return f"{d}/{name}.pem", f"{d}/{name}.key"


def tls():
    need("openssl")
    with tempfile.TemporaryDirectory() as d:
        make_ca(d)
        make_ca(d, "other")
        good = make_cert(d, "good", "IP:127.0.0.1,DNS:localhost")
        rows = [("right CA", good, f"{d}/ca.pem", True),
                ("wrong CA", good, f"{d}/other.pem", False),
                ("no CA", good, None, False),
                ("expired", make_cert(d, "old", "IP:127.0.0.1", expired=True), f"{d}/ca.pem", False),
                ("wrong name", make_cert(d, "elsewhere", "DNS:elsewhere.test"), f"{d}/ca.pem", False)]
        for what, (cert, key), ca, works in rows:
            with Case("--tls", cert, key) as c:
                c.url = c.url.replace("http://", "https://")
                rc = c.submit(*(["--ca-file", ca] if ca else []))
                check((rc == 0) == works, f"{what}: status {rc}: {c.err}")
                check(works or "certificate" in c.err.lower() or "ssl" in c.err.lower(), f"{what}: {c.err}")
                check(works or c.err.count("\n") <= 3, f"{what}: one line and a hint: {c.err}")
                c.no_secret(what)


EXIM = """
exim_user = {user}
exim_group = {group}
primary_hostname = localhost
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
spool_directory = {d}/spool
log_file_path = {d}/%slog
pid_file_path = {d}/pid
tls_advertise_hosts = *
tls_certificate = {cert}
tls_privatekey = {key}
message_size_limit = 50M
acl_smtp_rcpt = take
acl_smtp_data = take
never_users =
host_lookup =
rfc1413_query_timeout = 0s
begin acl
take:
  accept
begin routers
all:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  file = {d}/box
  create_file = anywhere
  user = {user}
  group = {group}
  no_mode_fail_narrower
"""


def parts_of(message):
    return [p for p in message.walk() if not p.is_multipart()]


def check_message(message, c, what):
    parts = parts_of(message)
    check(parts[0].get_content_type() == "text/plain" and not any(p.get_content_type() == "text/html" for p in parts), what + ": plain text first, no HTML")
    check(message["Subject"].startswith("memory report") and message["Message-ID"], what + f": {message['Subject']}")
    bundle = [p for p in parts if p.get_filename() and p.get_filename().endswith(".zst")]
    check(len(bundle) == 1 and bundle[0].get_payload(decode=True) == open(c.bundle, "rb").read(), what + ": the bundle arrived as it is")
    text = parts[0].get_payload(decode=True).decode()
    check("The workload used more memory" in text, what + ": the text " + text[:200])


def sendmail(c):
    """Where there is no --smtp the machine's own sendmail gets it: a folder of ours stands over its
    place, for this program only."""
    there = f"{c.home}/sbin"
    os.mkdir(there)
    own = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /usr/sbin && exec "$@"', there]
    args = (c.bundle, "--mail=a@b.test", "--from", "me@home.test", "--yes")
    if os.path.islink("/usr/sbin") or subprocess.run([*own, "true"], capture_output=True).returncode != 0:
        print("no look at sendmail: its place cannot be taken here")
        return
    if os.path.realpath("/usr/lib/sendmail").startswith("/usr/sbin/") or not os.path.exists("/usr/lib/sendmail"):
        check(c.run(*args, key=False, inside=own) == 1 and "--smtp URL" in c.err, "no sendmail: " + c.err)
    for script, status, words in ((f'env >{there}/env; echo "$@" >{there}/args; cat >{there}/mail', 0, ""),
                                  ("exit 75", 1, "sendmail"), ("cat >/dev/null; exit 75", 1, "status 75"),
                                  ("cat >/dev/null; kill -9 $$", 1, "sendmail")):
        with open(f"{there}/sendmail", "w") as f:
            f.write("#!/bin/sh\n" + script + "\n")
        os.chmod(f"{there}/sendmail", 0o755)
        rc = c.run(*args, key=False, inside=own)
        check(rc == status and words in c.err, f"sendmail {script}: {rc} {c.err}")
    read = {n: open(f"{there}/{n}", "rb").read() for n in ("env", "args", "mail")}
    check(read["args"].split() == [b"-i", b"-t"], f"sendmail's words {read['args']}")
    check(not {line.split(b"=")[0] for line in read["env"].splitlines()} - {b"PATH", b"PWD", b"OLDPWD", b"SHLVL", b"_"},
          f"sendmail's environment {read['env']}")
    check_message(email.message_from_bytes(read["mail"], policy=email.policy.default), c, "sendmail")


def mail():
    need("exim4", "openssl")
    if os.geteuid() != 0:
        skip("exim with a configuration of our own wants root")
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        make_ca(d)
        cert, key = make_cert(d, "mx", "IP:127.0.0.1,DNS:localhost")
        os.mkdir(f"{d}/spool")
        port = free_port()
        with open(f"{d}/exim.conf", "w") as f:
            f.write(EXIM.format(d=d, port=port, cert=cert, key=key, user="Debian-exim", group="Debian-exim"))
        run("chown", "-R", "Debian-exim:Debian-exim", d)
        run("chown", "root:root", f"{d}/exim.conf")
        server = subprocess.Popen(["/usr/sbin/exim4", "-C", f"{d}/exim.conf", "-bdf", "-q1m"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_port(port)
            with Case() as c:
                rc = c.run(c.bundle, "--mail=linux-mm@lists.test", "--from", "me@home.test", "--cc", "you@home.test", "--smtp", f"smtp://localhost:{port}", "--ca-file", f"{d}/ca.pem", "--yes", key=False)
                check(rc == 0, "smtp: " + c.err)
                for _ in range(100):
                    if os.path.exists(f"{d}/box") and b"--oomreport" in open(f"{d}/box", "rb").read():
                        break
                    time.sleep(0.1)
                box = mailbox.mbox(f"{d}/box", create=False) if os.path.exists(f"{d}/box") else []
                check(len(box) >= 1, "smtp: nothing arrived")
                for message in box:
                    check_message(message, c, "smtp")
                    break
                log = open(f"{d}/mainlog").read() if os.path.exists(f"{d}/mainlog") else ""
                check(" X=TLS" in log, "smtp: TLS was used: " + log)
                rc = c.run(c.bundle, "--mail=a@b.test", "--from", "me@home.test", "--smtp", "smtps://127.0.0.1:1", "--yes", key=False)
                check(rc == 1, "no server: " + c.err)
        finally:
            server.terminate()
            server.wait()
    with Case() as c:
        eml = f"{c.home}/out.eml"
        check(c.run(c.bundle, "--mail=submit@bugs.test", "--from", "me@home.test", "--mail-file", eml, "--profile", "debian", "--summary", "W\u00fcrg", key=False) == 0, "eml: " + c.err)
        raw = open(eml, "rb").read()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        check(message["Subject"] == "W\u00fcrg", f"eml subject {message['Subject']}")
        body = parts_of(message)[0].get_content().replace("\r\n", "\n")
        check(body.startswith("Package: src:linux\n"), "pseudo-headers first: " + body[:100])
        check(all(len(line) <= 998 for line in raw.split(b"\r\n")), "eml: a line over 998")
        check(raw.count(b"\n") == raw.count(b"\r\n"), "eml: bare newline")
        box = f"{c.home}/box"
        for _ in range(2):
            check(c.run(c.bundle, "--mail=a@b.test", "--from", "me@home.test", "--mail-file", box, key=False) == 0, "mbox: " + c.err)
        check(len(mailbox.mbox(box)) == 2, "mbox holds two")
        sendmail(c)
        check(c.run(c.bundle, "--mail=a@b.test\r\nBcc: x@y", "--from", "me@home.test", "--mail-file", eml, key=False) == 2, "header injection")
        check(c.run(c.bundle, "--mail=a@b.test", "--mail-file", eml, key=False) == 2 and "--from" in c.err, "no sender: " + c.err)


class MailServer(threading.Thread):
    """What exim is not asked here: a log in, with STARTTLS where there is a certificate. What was heard
    before TLS and within."""

    def __init__(self, password, *cert):
        super().__init__(daemon=True)
        self.password, self.cert, self.clear, self.hidden = password, cert, bytearray(), bytearray()
        self.at = socket.create_server(("127.0.0.1", 0))
        self.port = self.at.getsockname()[1]
        self.start()

    def run(self):
        while True:
            s = self.at.accept()[0]
            s.sendall(b"220 mx ESMTP\r\n")
            self.talk(s, self.clear)

    def talk(self, s, heard):
        data = asked = False
        for line in s.makefile("rb"):
            heard += line
            word, answer = line[:4].upper(), b"250 ok"
            if data and line != b".\r\n":
                continue
            if data:
                data = False
            elif word == b"EHLO":
                answer = b"250-mx\r\n250-AUTH PLAIN\r\n250 " + (b"STARTTLS" if self.cert and heard is self.clear else b"8BITMIME")
            elif word == b"STAR":
                s.sendall(b"220 go\r\n")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self.cert)
                return self.talk(context.wrap_socket(s, server_side=True), self.hidden)
            elif word == b"AUTH" or asked:
                told = line.split()[-1]
                asked = told == b"PLAIN"
                answer = b"334 " if asked else b"235 ok" if told == self.secret() else b"535 not " + told + self.password.encode()
            elif word == b"DATA":
                data, answer = True, b"354 go"
            s.sendall(answer + b"\r\n")

    def secret(self):
        return base64.b64encode(b"\0me\0" + self.password.encode())


def smtp():
    """The password of a mail server goes to it alone, and within TLS."""
    need("openssl")
    with Case() as c:
        password, wrong = "opensesame77", "opensesame78"
        file = f"{c.home}/password"
        make_ca(c.home)
        cert = make_cert(c.home, "mx", "IP:127.0.0.1,DNS:localhost")

        def send(server, told):
            with open(file, "w") as f:
                f.write(told + "\n")
            rc = c.run(c.bundle, "--mail=a@b.test", "--from", "me@home.test", "--smtp", f"smtp://localhost:{server.port}", "--smtp-user", "me",
                       "--smtp-password-file", file, "--ca-file", f"{c.home}/ca.pem", "--yes", key=False)
            check(told not in c.out + c.err and password not in c.out + c.err, "the password is shown: " + c.err)
            check(b"AUTH" not in server.clear.replace(b"EHLO", b""), f"logged in without TLS: {bytes(server.clear)}")
            return rc

        plain, tls = MailServer(password), MailServer(password, *cert)
        check(send(plain, password) == 1 and b"MAIL" not in plain.clear, f"no TLS: {c.err}")
        check(send(tls, wrong) == 1 and b"MAIL" not in tls.hidden, "a wrong password: " + c.err)
        check(send(tls, password) == 0 and tls.secret() in tls.hidden and b"The workload used more memory" in tls.hidden, "a log in: " + c.err)
        for words in (["--mail=a@b.test", "--from", "me@home.test", "--smtp", f"smtp://me:{password}@localhost:{tls.port}"],
                      [f"--upload=sftp://me:{password}@localhost/in/"], [f"--upload=https://me:{password}@localhost/in/"]):
            check(c.run(c.bundle, *words, "--yes", key=False) == 2 and "holds a password" in c.err and password not in c.err, f"{words}: {c.err}")


NGINX = """
pid {d}/pid;
error_log {d}/error;
daemon off;
user root;
events {{}}
http {{
  access_log {d}/access;
  client_max_body_size {limit};
  client_body_temp_path {d}/tmp;
  proxy_temp_path {d}/tmp; fastcgi_temp_path {d}/tmp; uwsgi_temp_path {d}/tmp; scgi_temp_path {d}/tmp;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {cert};
    ssl_certificate_key {key};
    root {d}/www;
    location / {{ dav_methods PUT; create_full_put_path on; }}
    location /gone/ {{ return 301 https://127.0.0.1:1/; }}
  }}
}}
"""


def dav():
    need("nginx", "openssl")
    with tempfile.TemporaryDirectory() as d:
        make_ca(d)
        cert, key = make_cert(d, "web", "IP:127.0.0.1,DNS:localhost")
        os.mkdir(f"{d}/www")
        os.mkdir(f"{d}/tmp")
        port = free_port()
        with open(f"{d}/nginx.conf", "w") as f:
            f.write(NGINX.format(d=d, port=port, cert=cert, key=key, limit="1m"))
        server = subprocess.Popen(["/usr/sbin/nginx", "-c", f"{d}/nginx.conf", "-e", f"{d}/error"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_port(port)
            with Case() as c:
                base = f"https://127.0.0.1:{port}"
                ca = ["--ca-file", f"{d}/ca.pem"]
                check(c.run(c.bundle, f"--upload={base}/in/", *ca, key=False) == 0, "put: " + c.err)
                check(c.out.strip() == f"{base}/in/oomreport-test.tar.zst", "put prints " + c.out)
                check(open(f"{d}/www/in/oomreport-test.tar.zst", "rb").read() == open(c.bundle, "rb").read(), "put: the bytes")
                check(hashlib.sha256(open(c.bundle, "rb").read()).hexdigest() in c.err, "put: the checksum is said")
                check(c.run(c.bundle, f"--upload={base}/in/x?Signature=topsecret", *ca, key=False) == 0 and "topsecret" not in c.out + c.err, "presigned: " + c.out + c.err)
                check(c.run(c.bundle, f"--upload={base}/gone/x", *ca, key=False) == 1 and "301" in c.err, "redirect: " + c.err)
                make_bundle(c.bundle, 2 << 20)
                check(c.run(c.bundle, f"--upload={base}/in/big", *ca, key=False) == 1 and "413" in c.err, "too large: " + c.err)
                check(c.run(c.bundle, f"--upload={base}/in/", key=False) == 1, "unknown CA: " + c.err)
                check(c.run(c.bundle, "--upload=http://example.org/", key=False) == 1 and "https" in c.err, "plain http: " + c.err)
                check(c.run(c.bundle, "--upload=gopher://x/", key=False) == 2, "gopher: " + c.err)
                # too large to attach: the rest goes there, with the link in a comment
                make_bundle(c.bundle, 150000)
            with Case("--limit-kb", "100", log_bytes=150000) as c:
                check(c.submit(f"--upload=http://127.0.0.1:1/") == 1, "the upload fails: " + c.err)
        finally:
            server.terminate()
            server.wait()


SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {d}/host
PidFile {d}/pid
AuthorizedKeysFile {d}/authorized
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
StrictModes no
Subsystem sftp internal-sftp
"""


def ssh():
    need("sshd", "ssh-keygen")
    user = getpass.getuser()
    with tempfile.TemporaryDirectory() as d:
        for name in ("host", "id"):
            run("ssh-keygen", "-q", "-t", "ecdsa", "-m", "PEM", "-N", "", "-f", f"{d}/{name}")
        shutil.copy(f"{d}/id.pub", f"{d}/authorized")
        port = free_port()
        with open(f"{d}/sshd.conf", "w") as f:
            f.write(SSHD.format(d=d, port=port))
        os.makedirs("/run/sshd", exist_ok=True)
        server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", f"{d}/sshd.conf"], stdout=subprocess.DEVNULL, stderr=open(f"{d}/log", "w"))
        try:
            wait_port(port)
            host = open(f"{d}/host.pub").read().split()
            with open(f"{d}/known", "w") as f:
                f.write(f"[127.0.0.1]:{port} {host[0]} {host[1]}\n")
            with open(f"{d}/unknown", "w") as f:
                pub = open(f"{d}/id.pub").read().split()
                f.write(f"[127.0.0.1]:{port} {pub[0]} {pub[1]}\n")
            os.mkdir(f"{d}/in")
            with Case(log_bytes=3 << 20) as c:
                args = ["--ssh-key", f"{d}/id", "--known-hosts", f"{d}/known"]
                for scheme in ("sftp", "scp"):
                    url = f"{scheme}://{user}@127.0.0.1:{port}{d}/in/{scheme}"
                    check(c.run(c.bundle, f"--upload={url}", *args, key=False) == 0, f"{scheme}: {c.err} {open(d + '/log').read()[-500:]}")
                    check(os.path.exists(f"{d}/in/{scheme}") and open(f"{d}/in/{scheme}", "rb").read() == open(c.bundle, "rb").read(), scheme + ": the bytes")
                whole = open(c.bundle, "rb").read()
                with open(f"{d}/in/part", "wb") as f:
                    f.write(whole[: len(whole) // 2])
                check(c.run(c.bundle, f"--upload=sftp://{user}@127.0.0.1:{port}{d}/in/part", *args, key=False) == 0, "resume: " + c.err)
                check(open(f"{d}/in/part", "rb").read() == whole, "resume: the bytes")
                args[3] = f"{d}/unknown"
                check(c.run(c.bundle, f"--upload=sftp://{user}@127.0.0.1:{port}{d}/in/no", *args, key=False) == 1, "another host key: " + c.err)
                check(not os.path.exists(f"{d}/in/no"), "another host key: nothing was sent")
        finally:
            server.terminate()
            server.wait()


{"tls": tls, "mail": mail, "smtp": smtp, "dav": dav, "ssh": ssh}[GROUP]()
harness.done()
