#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The DaemonSet without a cluster: its command runs with exactly the capabilities, mounts and
namespaces it names (by bubblewrap, which does here what a container runtime does), a process of
the node is OOM-killed, and a sound bundle of the node must lie in the hostPath folder."""
import glob, json, os, shutil, signal, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness
from harness import BUILD, PROGRAM, check

try:
    import yaml
except ImportError:
    harness.skip("python3-yaml is not installed")

MANIFEST = "packaging/kubernetes/daemonset.yaml"
# what container runtimes mask and make read-only by default
MASKED = ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

documents = {d["kind"]: d for d in yaml.safe_load_all(open(MANIFEST))}
pod = documents["DaemonSet"]["spec"]["template"]["spec"]
box = pod["containers"][0]
safe = box["securityContext"]


def manifest():
    check(pod["automountServiceAccountToken"] is False and not pod["hostNetwork"], "no token, and not the node's network")
    check(pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, "the runtime's seccomp filter")
    check(safe["readOnlyRootFilesystem"] and not safe["privileged"] and not safe["allowPrivilegeEscalation"], "the container may little")
    check(safe["capabilities"]["drop"] == ["ALL"], "capabilities are dropped first")
    check(box["resources"]["requests"] == box["resources"]["limits"], "it is of the guaranteed class")
    volumes = {v["name"]: v for v in pod["volumes"]}
    writable = [m["mountPath"] for m in box["volumeMounts"] if not m.get("readOnly")]
    check(set(writable) == {"/var/lib/oomreport", "/tmp"}, "only its own folders are writable", writable)
    check(sorted(volumes) == sorted(m["name"] for m in box["volumeMounts"]), "each volume is mounted")
    check(documents["NetworkPolicy"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, "no network at all")
    labels = documents["DaemonSet"]["spec"]["template"]["metadata"]["labels"]
    check(documents["DaemonSet"]["spec"]["selector"]["matchLabels"].items() <= labels.items(), "the selector selects its pods")


def in_box(node, image, command):
    """The command line that runs `command` as the pod would; node: folder standing for the node's disk."""
    argv = ["bwrap", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent",
            "--cap-drop", "ALL", "--dev", "/dev", "--proc", "/proc", "--clearenv", "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin",
            "--ro-bind", "/usr", "/usr", "--ro-bind", image, "/usr/local", "--ro-bind", "/etc", "/etc", "--ro-bind", "/sys", "/sys"]
    for folder in ("/bin", "/sbin", "/lib", "/lib64"):
        argv += ["--symlink", "usr" + folder, folder]
    if not pod["hostPID"]:
        argv.append("--unshare-pid")
    for cap in safe["capabilities"].get("add", []):
        argv += ["--cap-add", "CAP_" + cap]
    for path in MASKED:
        if os.path.exists(path):
            argv += ["--tmpfs" if os.path.isdir(path) else "--ro-bind"] + ([] if os.path.isdir(path) else ["/dev/null"]) + [path]
    for path in filter(os.path.exists, READ_ONLY):
        argv += ["--ro-bind", path, path]
    volumes = {v["name"]: v for v in pod["volumes"]}
    for mount in box["volumeMounts"]:
        host = volumes[mount["name"]].get("hostPath")
        if not host:
            argv += ["--tmpfs", mount["mountPath"]]
            continue
        where = host["path"]
        if host["type"] == "DirectoryOrCreate":
            where = node + where
            os.makedirs(where, exist_ok=True)
        argv += ["--ro-bind" if mount.get("readOnly") else "--bind", os.path.realpath(where), os.path.realpath(mount["mountPath"])]
    return argv + (["--remount-ro", "/"] if safe["readOnlyRootFilesystem"] else []) + command


def make_image(folder):
    """What the Containerfile puts below /usr/local, with programs that find each other."""
    for path, source in (("bin/oomreport", BUILD + "/oomreport"), ("bin/oomreport-recorder", BUILD + "/oomreport-recorder"), ("share/oomreport/recorder-run", "packaging/recorder-run")):
        os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
        shutil.copy(source, f"{folder}/{path}")


def oom(marker):
    """A real one in a cgroup of this machine: 16 MiB, and a process that wants more."""
    v1 = os.path.isdir("/sys/fs/cgroup/memory")
    group = ("/sys/fs/cgroup/memory/" if v1 else "/sys/fs/cgroup/") + "oomreport-kubernetes"
    try:
        os.makedirs(group, exist_ok=True)
        with open(group + ("/memory.limit_in_bytes" if v1 else "/memory.max"), "w") as f:
            f.write(str(16 << 20))
        eat = "import os; open('%s/cgroup.procs', 'w').write(str(os.getpid())); open('/proc/self/comm', 'w').write('%s'); b = b'x' * (64 << 20)" % (group, marker)
        return subprocess.run(["python3", "-c", eat], stderr=subprocess.DEVNULL).returncode == -signal.SIGKILL
    except OSError:
        return False
    finally:
        for _ in range(50):
            try:
                os.rmdir(group)
                break
            except OSError:
                time.sleep(0.1)


def played(tmp):
    node, image = tmp + "/node", tmp + "/image"
    make_image(image)
    tried = subprocess.run(in_box(node, image, ["/bin/true"]), capture_output=True, text=True)
    if tried.returncode:
        harness.skip("bubblewrap cannot make the box here: " + tried.stderr.strip()[:200])
    for what, command in (("the root file system cannot be written", "touch /usr/x || touch /x || touch /etc/x"),
                          ("the node's cgroups cannot be written", "mkdir /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/memory/x"),
                          ("the node's settings cannot be written", "echo 60 >/proc/sys/vm/swappiness"),
                          ("there is no /dev/kmsg", "test -e /dev/kmsg"), ("there is no network", "ip -br link 2>/dev/null | grep -v ^lo"),
                          ("memory of others cannot be read", "cat /proc/1/environ")):
        check(subprocess.run(in_box(node, image, ["sh", "-c", command]), capture_output=True).returncode != 0, what)
    command = box["command"] + box["args"] + ["-i", "1", "--", "--settle", "1s"]
    log = open(tmp + "/log", "w+")
    runner = subprocess.Popen(in_box(node, image, command), stdout=log, stderr=log, start_new_session=True)
    try:
        time.sleep(4)
        marker = f"k8s{os.getpid()}"
        if not oom(marker):
            harness.skip("no memory cgroup could be made here")
        until = time.monotonic() + 400 # a busy machine
        while not (found := glob.glob(node + "/var/lib/oomreport/reports/*.tar.zst")) and time.monotonic() < until:
            time.sleep(0.5)
    finally:
        os.killpg(runner.pid, signal.SIGTERM)
        runner.wait()
    log.seek(0)
    text = log.read()
    check("Sanitizer" not in text, "no sanitizer spoke", text[-2000:])
    if not check(found, "a bundle is made", text[-2000:]):
        harness.done()
    check(subprocess.run([PROGRAM, "verify", "-q", found[0]]).returncode == 0, "the bundle is sound")
    records = subprocess.run([PROGRAM, "triage", "--format", "ndjson", found[0]], capture_output=True, text=True).stdout
    check(marker in records, "the OOM is in it", records[-500:])
    unpacked = subprocess.run(["tar", "--zstd", "-tf", found[0]], capture_output=True, text=True).stdout
    for member in ("/proc/slabinfo", "/proc/zoneinfo", "/proc/pagetypeinfo", "/log/kernel.log", "/vmlog/"):
        check(member in unpacked, f"{member} is in the bundle")


def main():
    manifest()
    if os.geteuid() != 0 or not shutil.which("bwrap"):
        harness.skip("the box was not tried: that needs root and bubblewrap")
    with tempfile.TemporaryDirectory(prefix="oomreport-kubernetes-", dir="/var/tmp") as tmp:
        played(tmp)
    harness.done()


main()
