#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A strict stand-in for a Bugzilla: answers as 5.2, 5.1.1, 5.1.2 and Red Hat's were seen to.

usage: server.py [--version V] [--auth query|header|bearer] [--cgi-only] [--prefix /P]
                 [--limit-kb N] [--mandatory NAME] [--fail WHAT:MODE[:N]] [--cut N:WHERE]
                 [--tls CERT KEY]

WHAT is create, attach, comment, search or any; N the how-manyeth such request (1, the default)
or "all". WHERE of --cut, for the N-th request of the run: before (no byte is read), body (half
of the body is read), after (carried out, not answered), reply (half of the answer is sent).
Prints "PORT n" when it listens. GET /__state gives what happened as JSON, /__reset forgets it.
"""
import argparse, base64, binascii, http.server, json, random, re, ssl, sys, threading, time, urllib.parse

KEY = "K" + "abcdefghijklmnopqrstuvwxyz0123456789ABC"
RNG = random.Random(1)


class State:
    def __init__(self, args):
        self.args, self.lock = args, threading.Lock()
        self.bugs, self.attachments, self.comments = {}, {}, {}
        self.violations, self.requests, self.seen = [], [], {}
        self.count, self.stored = 0, {}
        self.kind_count = {}


def shuffled(o):
    """Members in no order, as Perl gives them."""
    if isinstance(o, dict):
        keys = list(o)
        RNG.shuffle(keys)
        return {k: shuffled(o[k]) for k in keys}
    if isinstance(o, list):
        return [shuffled(x) for x in o]
    return o


class Refused(Exception):
    def __init__(self, status, code, message):
        self.status, self.code, self.message = status, code, message


class Cut(Exception):
    pass


PRODUCTS = {
    "Memory Management": {"components": ["Other", "OOM", "Page Allocator"], "versions": ["unspecified", "2.5"]},
    "Kernel": {"components": ["mm"], "versions": ["6.1", "6.12"]},
    "Kernel Linux": {"components": ["mm"], "versions": ["1", "1 SP2", "unspecified", "SP"]},
}
VALUES = {
    "op_sys": ["All", "Windows", "Linux", "Other"],
    "rep_platform": ["All", "PC", "x86_64", "Other"],
    "bug_severity": ["blocker", "critical", "major", "normal", "minor", "trivial", "enhancement"],
    "priority": ["Highest", "High", "Normal", "Low", "---"],
}
ALIASES = {"platform": "rep_platform", "severity": "bug_severity"}
CREATE_KEYS = {"product", "component", "version", "summary", "description", "comment", "op_sys", "platform",
               "rep_platform", "severity", "bug_severity", "priority", "whiteboard", "cc", "keywords", "groups",
               "see_also", "url", "alias", "depends_on", "api_key", "Bugzilla_api_key", "status", "assigned_to"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Apache/2.4", ""

    def log_message(self, *a):
        pass

    # ---- sending ----
    def reply(self, status, body, kind="application/json; charset=UTF-8", extra=()):
        st = self.server.state
        if self.cut == "after":
            raise Cut
        if isinstance(body, (dict, list)):
            body = json.dumps(shuffled(body)).encode()
        elif isinstance(body, str):
            body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for k, v in extra:
            self.send_header(k, v)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if self.cut == "reply":
            half = body[: len(body) // 2 or 1]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(half), half))
            self.wfile.flush()
            raise Cut
        for i in range(0, len(body), 4096):
            part = body[i:i + 4096]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def refuse(self, e):
        code = e.code
        if self.server.state.args.version.startswith("5.1"):
            code = str(code)
        self.reply(e.status, {"error": True, "code": code, "message": e.message,
                              "documentation": "https://bugzilla.readthedocs.org/en/5.0/api/"})

    def violation(self, text):
        self.server.state.violations.append(text)

    # ---- receiving ----
    def handle_any(self, method):
        st = self.server.state
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/__state":
            self.cut = None
            return self.reply(200, {"bugs": list(st.bugs.values()), "attachments": list(st.attachments.values()),
                                    "comments": st.comments, "stored": st.stored, "violations": st.violations, "requests": st.requests})
        if url.path == "/__reset":
            self.cut, self.server.state = None, State(st.args)
            return self.reply(200, {})
        with st.lock:
            st.count += 1
            number = st.count
        self.cut = None
        if st.args.cut:
            n, where = st.args.cut.split(":")
            if int(n) == number:
                self.cut = where
        if self.cut == "before":
            raise Cut
        body = b""
        if self.headers.get("Transfer-Encoding"):
            self.violation("chunked request: a CGI reads nothing of it")
        elif method in ("POST", "PUT"):
            if "Content-Length" not in self.headers:
                self.violation("no Content-Length")
            n = int(self.headers.get("Content-Length", 0))
            if self.cut == "body":
                self.rfile.read(n // 2)
                raise Cut
            if self.headers.get("Expect"):
                pass
            body = self.rfile.read(n)
        elif self.cut == "body":
            raise Cut
        try:
            self.route(method, url, body)
        except Refused as e:
            self.refuse(e)

    def route(self, method, url, body):
        st, a = self.server.state, self.server.state.args
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        st.requests.append(f"{method} {url.path}")
        if KEY in url.query and method != "GET":
            self.violation(f"key in the URL of a {method}")
        ua = self.headers.get("User-Agent", "")
        if "Mozilla" in ua:
            return self.reply(200, "<html>Checking you are not a bot</html>", "text/html")
        path = url.path
        if not path.startswith(a.prefix + "/"):
            return self.reply(404, "<html>Not Found</html>", "text/html")
        path = path[len(a.prefix):]
        m = re.match(r"^/(rest|rest\.cgi)(/.*)$", path)
        if not m or (a.cgi_only and m.group(1) == "rest"):
            return self.reply(404, "<html>Not Found</html>", "text/html; charset=iso-8859-1")
        path = m.group(2)
        data = {}
        if method in ("POST", "PUT"):
            kind = self.headers.get("Content-Type", "").split(";")[0]
            if kind in ("application/json", "text/plain"):
                try:
                    body.decode("ascii")
                except UnicodeDecodeError:
                    self.violation("a body that is not ASCII is mojibake on 5.1")
                try:
                    data = json.loads(body)
                except ValueError as e:
                    raise Refused(400, 32000, f"Could not parse the 'params' argument as valid JSON. Error: {body[:200]!r}")
                if not isinstance(data, dict):
                    return self.reply(200, "")
        self.user = self.login(query, data, method)
        what = {"POST /bug": "create"}.get(f"{method} {path}") or (
            "attach" if re.match(r"^/bug/\d+/attachment$", path) and method == "POST" else
            "comment" if path.endswith("/comment") and method == "POST" else
            "search" if method == "GET" and path == "/bug" else "other")
        self.perform(what, method, path, query, data, body)

    def login(self, query, data, method):
        a = self.server.state.args
        given = []
        header = self.headers.get("X-BUGZILLA-API-KEY")
        bearer = self.headers.get("Authorization", "")
        inside = (query.get("api_key") or query.get("Bugzilla_api_key") or [None])[0]
        if method != "GET":
            inside = data.pop("api_key", None) or data.pop("Bugzilla_api_key", None) or inside
        if a.auth == "bearer":
            if inside is not None:
                raise Refused(400, 32000, "not supported without using API keys and the authentication header")
            if bearer.startswith("Bearer "):
                given.append(bearer[7:])
        else:
            if a.auth == "header" and header is not None:
                given.append(header)
            if inside is not None:
                given.append(inside.strip())
        places = (header is not None) + bool(bearer) + (inside is not None)
        if places > 1:
            self.violation("the key in more than one place")
        if not given or given[-1] == "":
            return None
        if given[-1] != KEY:
            raise Refused(400, 306, "The API key you specified is invalid. Please check that you typed it correctly.")
        return "reporter@bugzilla.test"

    # ---- failures to order ----
    def perform(self, what, method, path, query, data, raw):
        st = self.server.state
        mode = None
        st.kind_count[what] = st.kind_count.get(what, 0) + 1
        for f in st.args.fail or []:
            parts = f.split(":")
            n = parts[2] if len(parts) > 2 else "1"
            if parts[0] in (what, "any") and (n == "all" or int(n) == st.kind_count[what]):
                mode = parts[1]
        if mode in ("503-echo", "429", "301", "413", "500-html", "nothing-100500", "empty-200"):
            html = "text/html; charset=UTF-8"
            if mode == "503-echo":
                return self.reply(503, "<html>down" + raw.decode("latin1") * 6 + KEY + "</html>", html, [("Retry-After", "3600")])
            if mode == "429":
                return self.reply(429, "<html>slow down</html>", html)
            if mode == "301":
                return self.reply(301, "<html>moved</html>", html, [("Location", "https://elsewhere.test" + self.path.split("?")[0])])
            if mode == "413":
                return self.reply(413, "<html>413 Request Entity Too Large</html>", html)
            if mode == "500-html":
                return self.reply(500, "<html>Software error</html>", html)
            if mode == "empty-200":
                return self.reply(200, "")
            return self.reply(201 if what == "attach" else 200, {"error": True, "code": 100500, "message": "DBD::mysql::st execute failed \x1b[31m" + KEY})
        status, answer = self.api(method, path, query, data)
        if mode == "commit-close":
            self.cut = "after"
        elif mode == "commit-504":
            return self.reply(504, "<html>Gateway Time-out</html>", "text/html")
        elif mode == "commit-empty":
            return self.reply(200, "")
        elif mode == "commit-68000":
            raise Refused(400, -32000 if st.args.version.startswith("5.1") else 68000, "There was an error sending mail from 'x' to 'y'")
        elif mode == "commit-100500":
            return self.reply(status, {"error": True, "code": 100500, "message": "deadlock"})
        elif mode == "commit-json-html":
            return self.reply(500, json.dumps({"error": True, "code": 100500, "message": "x"}) + "<html>", )
        elif mode == "commit-noid":
            return self.reply(status, {})
        elif mode == "commit-slow":
            time.sleep(3)
        self.reply(status, answer)

    # ---- the interface ----
    def need_login(self):
        if not self.user:
            raise Refused(401, 410, "You must log in before using this part of Bugzilla.")

    def api(self, method, path, query, data):
        st, a = self.server.state, self.server.state.args
        one = lambda k: (query.get(k) or [None])[0]
        if method == "GET" and path == "/version":
            return 200, {"version": a.version}
        if method == "GET" and path == "/whoami":
            if a.version != "5.1.2":
                raise Refused(404, 32614, "A REST API resource was not found for 'GET /whoami'.")
            self.need_login()
            return 200, {"id": 2, "name": self.user, "real_name": ""}
        if method == "GET" and path == "/parameters":
            p = {"requirelogin": "0", "maintainer": "x"}
            if self.user:
                p.update(maxattachmentsize=str(a.limit_kb), maxlocalattachment="0", defaultseverity="enhancement")
            wanted = (one("include_fields") or "").split(",")
            return 200, {"parameters": {k: v for k, v in p.items() if not wanted[0] or k in wanted}}
        if method == "GET" and path == "/product":
            if not (query.get("names") or query.get("type") or query.get("ids")):
                raise Refused(400, 50, "The function requires an argument")
            names = query.get("names") or list(PRODUCTS)
            out = []
            for n in names:
                for p, v in PRODUCTS.items():
                    if p.lower() == n.lower():
                        out.append({"id": 1, "name": p,
                                    "components": [{"name": c, "is_active": True} for c in v["components"]] + [{"name": "Old", "is_active": False}],
                                    "versions": [{"name": c, "is_active": 1} for c in v["versions"]]})
            RNG.shuffle(out)
            wanted = one("include_fields")
            if wanted == "name":
                out = [{"name": p["name"]} for p in out]
            return 200, {"products": out}
        m = re.match(r"^/field/bug/([a-z_]+)/values$", path)
        if method == "GET" and m:
            name = ALIASES.get(m.group(1), m.group(1))
            if name not in VALUES:
                raise Refused(404, 51, f"There is no field named '{name}'.")
            return 200, {"values": VALUES[name]}
        if method == "GET" and path == "/field/bug":
            fields = [{"name": "op_sys", "display_name": "OS", "is_mandatory": False, "is_custom": False, "is_on_bug_entry": False}]
            for n in a.mandatory or []:
                fields.append({"name": n, "display_name": n.upper(), "is_mandatory": True, "is_custom": True, "is_on_bug_entry": True})
            return 200, {"fields": fields}
        if method == "GET" and path == "/bug":
            if any(k in query for k in ("creation_time", "last_change_time")) and a.version == "5.1.1":
                return 500, {"error": True}
            return 200, {"bugs": self.search(query)}
        if method == "POST" and path == "/bug":
            return 200, self.create(data)
        m = re.match(r"^/bug/(\d+)(/attachment|/comment)?$", path)
        if m:
            return self.one_bug(method, int(m.group(1)), m.group(2), query, data)
        raise Refused(404, 32614, f"A REST API resource was not found for '{method} {path}'.")

    def search(self, query):
        out = []
        words = lambda k: [w for v in query.get(k, []) for w in v.lower().split()]
        for b in self.server.state.bugs.values():
            if any(w not in b["whiteboard"].lower() for v in query.get("whiteboard", []) for w in [v.lower()]):
                continue
            if any(w not in b["summary"].lower() for w in words("summary")):
                continue
            if query.get("product") and b["product"].lower() not in [p.lower() for p in query["product"]]:
                continue
            out.append({k: b[k] for k in ("id", "summary", "status", "resolution", "whiteboard", "product")})
        return out

    def text(self, data, key, most, code, message):
        v = data.get(key, "")
        if not isinstance(v, str):
            self.violation(f"{key} is no string")
        if len(v) > most:
            raise Refused(400, code, message)
        return v

    def create(self, d):
        st, a = self.server.state, self.server.state.args
        self.need_login()
        for k in d:
            if k not in CREATE_KEYS and not (k.startswith("cf_")):
                raise Refused(400, 53, f"{k} is not a valid parameter for the Bugzilla::Bug::create function.")
        for field, key in (("OS", "op_sys"), ("Hardware", "platform"), ("Severity", "severity"), ("Priority", "priority")):
            v = d.get(key) or d.get(ALIASES.get(key, key))
            if not v and key in ("op_sys", "platform"):
                raise Refused(400, 50, f"You must select/enter a {field}.")
            if v and v.lower() not in [x.lower() for x in VALUES[ALIASES.get(key, key)]]:
                raise Refused(404, 51, f"There is no {field} named '{v}'.")
        p = next((n for n in PRODUCTS if n.lower() == d.get("product", "").lower()), None)
        if not p:
            raise Refused(401, 106, f"Sorry, either the product {d.get('product')} does not exist or you aren't authorized to enter a bug into it.")
        if not d.get("component"):
            raise Refused(400, 105, "To file this bug, you must first choose a component. If necessary, just guess.")
        for key in ("component", "version"):
            if d.get(key) not in PRODUCTS[p][key + "s"]:
                raise Refused(404, 51, f"There is no {key} named '{d.get(key)}' in the '{p}' product.")
        if not d.get("summary", "").strip():
            raise Refused(400, 107, "You must enter a summary for this bug.")
        self.text(d, "summary", 255, 104, "The text you entered in the Summary field is too long")
        self.text(d, "description", 65535, 114, "Comments cannot be longer than 65535 characters.")
        for n in a.mandatory or []:
            if not d.get(n):
                raise Refused(400, 32000, f"A value must be set for the '{n}' field.")
        with st.lock:
            id = 100 + len(st.bugs)
            st.bugs[id] = dict(d, id=id, status="CONFIRMED", resolution="", creator=self.user, whiteboard=d.get("whiteboard", ""))
            st.comments[id] = [{"id": id * 10, "count": 0, "text": d.get("description", "")}]
        return {"id": id}

    def one_bug(self, method, id, part, query, d):
        st, a = self.server.state, self.server.state.args
        if id not in st.bugs:
            raise Refused(404, 101, f"Bug #{id} does not exist.")
        if method == "GET" and not part:
            return 200, {"bugs": [st.bugs[id]], "faults": []}
        if method == "GET" and part == "/comment":
            return 200, {"bugs": {str(id): {"comments": st.comments[id]}}, "comments": {}}
        if method == "GET" and part == "/attachment":
            if (query.get("exclude_fields") or [""])[0] != "data":
                self.violation("attachments listed with their data")
            return 200, {"bugs": {str(id): [{k: v for k, v in x.items() if k != "data"} for x in st.attachments.values() if x["bug_id"] == id]}, "attachments": {}}
        self.need_login()
        if method == "PUT" and not part:
            st.bugs[id].setdefault("cc", []).extend(d.get("cc", {}).get("add", []))
            return 200, {"bugs": [{"id": id, "changes": {}}]}
        if method == "POST" and part == "/comment":
            if not d.get("comment"):
                raise Refused(400, 50, "The function requires a comment argument")
            self.text(d, "comment", 65535, 114, "Comments cannot be longer than 65535 characters.")
            st.comments[id].append({"id": id * 10 + len(st.comments[id]), "text": d["comment"]})
            return 201, {"id": id * 10}
        if method == "POST" and part == "/attachment":
            return 201, self.attach(id, d)
        raise Refused(404, 32614, "A REST API resource was not found")

    def attach(self, id, d):
        st, a = self.server.state, self.server.state.args
        if "data" not in d:
            raise Refused(400, 50, "The function requires a data argument, and that argument was not set.")
        try:
            data = base64.b64decode(d["data"], validate=True)
        except binascii.Error:
            self.violation("data is no strict base64")
            data = b""
        if d.get("ids") != [id]:
            self.violation("ids does not name the bug of the path")
        if not data:
            raise Refused(400, 606, "The file you are trying to attach is empty")
        if not d.get("summary"):
            raise Refused(400, 604, "You must enter a description for the attachment.")
        if len(d["summary"]) > 255:
            self.violation("summary of an attachment is cut without a word")
        if not d.get("file_name"):
            raise Refused(400, 603, "You did not specify a file to attach.")
        if not re.match(r"^(application|audio|image|message|model|multipart|text|video)/[a-z0-9_\-+.]+(;\s*charset=..)?$", d.get("content_type", ""), re.I):
            raise Refused(400, 601, "The content type is invalid.")
        if len(data) > a.limit_kb * 1024:
            raise Refused(400, 600, f"The file you are trying to attach is {len(data) // 1024} kilobytes (KB) in size. Attachments cannot be more than {a.limit_kb} KB.")
        with st.lock:
            n = 500 + len(st.attachments)
            st.attachments[n] = {"id": n, "bug_id": id, "file_name": d["file_name"], "summary": d["summary"], "size": len(data),
                                 "content_type": d["content_type"], "data": d["data"]}
        return {"ids": [n] if a.version.startswith("5.2") else [str(n)]}

    def guarded(self, method):
        try:
            self.handle_any(method)
        except Cut:
            self.close_connection = True
            try:
                self.connection.shutdown(2)
            except OSError:
                pass
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def do_GET(self):
        self.guarded("GET")

    def do_POST(self):
        self.guarded("POST")

    def do_PUT(self):
        if self.path.startswith("/store/"):
            n = int(self.headers.get("Content-Length", 0))
            self.server.state.stored[self.path] = len(self.rfile.read(n))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.guarded("PUT")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--version", default="5.2+")
    p.add_argument("--auth", default="query", choices=["query", "header", "bearer"])
    p.add_argument("--cgi-only", action="store_true")
    p.add_argument("--prefix", default="")
    p.add_argument("--limit-kb", type=int, default=1000)
    p.add_argument("--mandatory", action="append")
    p.add_argument("--fail", action="append")
    p.add_argument("--cut")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--tls", nargs=2)
    args = p.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    server.state = State(args)
    server.daemon_threads = True
    if args.tls:
        ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ctx.load_cert_chain(*args.tls)
        server.socket = ctx.wrap_socket(server.socket, server_side=True)
    print("PORT", server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
