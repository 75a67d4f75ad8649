#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""html_browser.py [--shots DIR] PAGE.html...: looks at pages in a headless Chromium.

Each page is opened at 1280 and 390 pixels, light and dark. Checked: no page scrolls sideways,
nothing but the page itself is loaded, no script ran or was tried, no console message, the two
colour schemes differ and have contrast, the sort buttons work without script, every table has
headers and every picture words. Exit 77 where no Chromium can be started.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--disable-extensions", "--hide-scrollbars",
         "--remote-debugging-pipe"]

CHECK = r"""(() => {
  const wide = [], width = document.documentElement.clientWidth;
  for (const e of document.body.querySelectorAll('*')) {
    if (e.closest('.scroll, pre, .plot, .skip, .bar, .level, .meter, svg')) continue;
    const r = e.getBoundingClientRect();
    if (r.width && (r.right > width + 1 || r.left < -1)) wide.push(e.tagName + ' ' + e.className);
  }
  const rgb = s => s.match(/[\d.]+/g).slice(0, 3).map(Number);
  const light = c => { const [r, g, b] = rgb(c).map(v => { v /= 255;
      return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = e => { for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (!/, 0\)$|transparent/.test(c)) return c; } return 'rgb(255,255,255)'; };
  const faint = [];
  for (const e of document.body.querySelectorAll('h1, h2, h3, p, td, th, dd, dt, li, span, a, label, summary, small')) {
    if (!e.checkVisibility() || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const a = light(getComputedStyle(e).color), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) faint.push(e.tagName + '.' + e.className + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30));
  }
  const mute = [...document.querySelectorAll('[role=img]')].filter(e => !(e.getAttribute('aria-label') || '').trim());
  const bare = [...document.querySelectorAll('table')].filter(t => !t.querySelector('thead th[scope=col]') || !t.querySelector('tbody th[scope=row]'));
  const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  return {
    scroll: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth), width, wide,
    faint, mute: mute.length, bare: bare.length, scripts: document.scripts.length,
    handlers: [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name))).length,
    twice: ids.filter((v, i) => ids.indexOf(v) !== i),
    dead: [...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(a.hash.slice(1))).length,
    landmarks: ['header', 'nav', 'main', 'footer'].filter(n => document.querySelectorAll(n).length !== 1),
    h1: document.querySelectorAll('h1').length,
    page: getComputedStyle(document.body).backgroundColor,
    folded: [...document.querySelectorAll('#verbatim details')].every(d => !d.open),
    height: document.documentElement.scrollHeight,
  };
})()"""

SORT = r"""(() => {
  const bad = [];
  for (const l of document.querySelectorAll('.sorter > label')) {
    l.click();
    const shown = [...document.querySelectorAll('.sorter > .by')].filter(e => e.checkVisibility());
    if (shown.length !== 1 || !shown[0].classList.contains(l.htmlFor.replace('sort-', 'by-')))
      bad.push(l.htmlFor);
  }
  document.querySelector('.sorter > label')?.click();
  return bad;
})()"""


class Browser:
    """DevTools over the pipe: JSON messages ended by NUL on descriptors 3 and 4."""

    def __init__(self, program):
        self.home = tempfile.mkdtemp(prefix="oomreport-browser.")
        down, self.to = os.pipe()
        self.back, up = os.pipe()

        def pipes():
            os.dup2(down, 203)
            os.dup2(up, 204)
            os.dup2(203, 3)
            os.dup2(204, 4)

        self.log = open(os.path.join(self.home, "log"), "wb")
        self.process = subprocess.Popen(
            [program, *FLAGS, "--user-data-dir=" + os.path.join(self.home, "profile"),
             "about:blank"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            preexec_fn=pipes, close_fds=False)
        os.close(down)
        os.close(up)
        self.n, self.data, self.events = 0, b"", []

    def read(self, until):
        while b"\0" not in self.data:
            ready, _, _ = select.select([self.back], [], [], max(0, until - time.time()))
            chunk = os.read(self.back, 1 << 20) if ready else b""
            if not chunk:
                raise TimeoutError("no answer from the browser")
            self.data += chunk
        one, self.data = self.data.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, session=None, wait=30, **params):
        self.n += 1
        message = {"id": self.n, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        until = time.time() + wait
        while True:
            answer = self.read(until)
            if answer.get("id") == self.n:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, name, wait=30):
        until = time.time() + wait
        while not any(e.get("method") == name for e in self.events):
            self.events.append(self.read(until))

    def close(self):
        try:
            self.call("Browser.close", wait=5)
            self.process.wait(10)
        except Exception:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def value(browser, session, code):
    result = browser.call("Runtime.evaluate", session, expression=code, returnByValue=True)
    if "exceptionDetails" in result:
        raise RuntimeError(result["exceptionDetails"])
    return result["result"].get("value")


def problems_of(facts, events, url):
    found = []
    if facts["scroll"] > facts["width"]:
        found.append(f"scrolls sideways: {facts['scroll']} > {facts['width']}")
    for name in ("wide", "faint", "twice", "landmarks"):
        if facts[name]:
            found.append(f"{name}: {facts[name][:6]}")
    for name in ("mute", "bare", "scripts", "handlers", "dead"):
        if facts[name]:
            found.append(f"{name}: {facts[name]}")
    if facts["h1"] != 1 or not facts["folded"]:
        found.append("not one h1, or the log is not folded")
    for e in events:
        if e.get("method") == "Network.requestWillBeSent":
            if e["params"]["request"]["url"].split("#")[0] != url:
                found.append("loads " + e["params"]["request"]["url"][:80])
        elif e.get("method") in ("Page.javascriptDialogOpening", "Runtime.exceptionThrown",
                                 "Runtime.consoleAPICalled", "Log.entryAdded"):
            found.append(e["method"] + " " + json.dumps(e["params"])[:200])
    return found


def look(browser, page, shots):
    bad, grounds = [], set()
    url = "file://" + os.path.abspath(page)
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Network", "Runtime", "Log"):
        browser.call(domain + ".enable", session)
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            browser.call("Emulation.setDeviceMetricsOverride", session, width=width, height=900,
                         deviceScaleFactor=1, mobile=width < 500)
            browser.call("Emulation.setEmulatedMedia", session, media="screen",
                         features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.events = []
            browser.call("Page.navigate", session, url=url)
            browser.wait_for("Page.loadEventFired")
            facts = value(browser, session, CHECK)
            sorts = value(browser, session, SORT)
            grounds.add((scheme, facts["page"]))
            found = problems_of(facts, browser.events, url)
            if sorts:
                found.append(f"sorting: {sorts}")
            for f in found:
                bad.append(f"{os.path.basename(page)} at {width} {scheme}: {f}")
            if shots:
                # the page as it is when it has just been opened
                picture = browser.call(
                    "Page.captureScreenshot", session, format="png", captureBeyondViewport=True,
                    clip={"x": 0, "y": 0, "width": width, "height": min(facts["height"], 8000),
                          "scale": 1})
                name = os.path.splitext(os.path.basename(page))[0]
                with open(os.path.join(shots, f"{name}-{width}-{scheme}.png"), "wb") as f:
                    f.write(base64.b64decode(picture["data"]))
    if len(grounds) != 2 or len({g for _, g in grounds}) != 2:
        bad.append(f"{page}: light and dark look the same: {sorted(grounds)}")
    browser.call("Target.closeTarget", targetId=target)
    return bad


def main():
    args = sys.argv[1:]
    shots = None
    if args[:1] == ["--shots"]:
        shots, args = args[1], args[2:]
    program = shutil.which("chromium") or shutil.which("chromium-browser") or \
        shutil.which("google-chrome")
    if not program:
        print("skipped: no chromium on this machine")
        return 77
    browser = Browser(program)
    try:
        browser.call("Browser.getVersion", wait=60)
    except (TimeoutError, OSError) as why:
        log = open(os.path.join(browser.home, "log"), errors="replace").read()[-400:]
        browser.close()
        print(f"skipped: chromium does not start here: {why}\n{log}")
        return 77
    bad = []
    try:
        for page in args:
            bad += look(browser, page, shots)
    finally:
        browser.close()
    for b in bad:
        print(b)
    print(f"{len(args)} pages at 2 widths in 2 colour schemes, {len(bad)} problems")
    return 1 if bad or not args else 0


sys.exit(main())
