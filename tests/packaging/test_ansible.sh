#!/bin/sh
# The role on localhost: installs files and the recorder's unit, collects where an OOM was, each one
# once, fetches a sound bundle.
command -v ansible-playbook >/dev/null 2>&1 || { echo "skipped: ansible-playbook is not installed"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "skipped: not root, the kernel log may not be readable"; exit 77; }
build=${OOMREPORT_BUILD:?}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/files" "$tmp/units"
cp "$build/oomreport" "$build/oomreport-recorder" "$tmp/files/"
export ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=False ANSIBLE_HOME="$tmp/home" \
	ANSIBLE_ROLES_PATH=packaging/ansible/roles
play() {
	ansible-playbook -i localhost, -c local packaging/ansible/site.yml \
		-e ansible_python_interpreter=/usr/bin/python3 \
		-e oomreport_become=false -e oomreport_install=files -e "oomreport_files=$tmp/files" \
		-e "oomreport_bindir=$tmp/bin" -e "oomreport_libexecdir=$tmp/libexec" \
		-e "oomreport_workdir=$tmp/work" -e "oomreport_unitdir=$tmp/units" \
		-e "oomreport_fetch_to=$tmp/fetched" "$@" >"$tmp/out" 2>&1 || {
		cat "$tmp/out"; echo "the playbook failed"; exit 1; }
}
# it could be told to start only where there is a systemd; here none of ours is to be left running
[ ! -d /run/systemd/system ] || set -- -e oomreport_record=false
play "$@" -e oomreport_always=true
bundle=$(find "$tmp/fetched" -name '*.tar.zst')
[ -n "$bundle" ] || { cat "$tmp/out"; echo "no bundle was fetched"; exit 1; }
"$build/oomreport" verify "$bundle" || exit 1
[ -z "$(find "$tmp/work" -name '*.tar.zst')" ] || { echo "the host keeps the bundle"; exit 1; }
if [ ! -d /run/systemd/system ]; then
	unit=$tmp/units/oomreport-recorder.service
	grep -qx "ExecStart=$tmp/libexec/oomreport-recorder -o /var/lib/oomreport/vmlog" "$unit" ||
		{ cat "$unit"; echo "the unit does not start what was installed"; exit 1; }
	systemd-analyze verify --man=no "$unit" || { echo "systemd does not take the unit"; exit 1; }
fi
rm -rf "$tmp/fetched" "$tmp/work/collected"
play "$@"
grep -q 'failed=0' "$tmp/out" || { cat "$tmp/out"; exit 1; }
case $("$build/oomreport" analyze --exit-code --format ndjson >/dev/null 2>&1; echo $?) in
10) want=1 ;;
*) want=0 ;;
esac
got=$(find "$tmp/fetched" -name '*.tar.zst' 2>/dev/null | wc -l)
[ "$got" = "$want" ] || { cat "$tmp/out"; echo "fetched $got bundles, not $want"; exit 1; }
rm -rf "$tmp/fetched"
before=$(cat "$tmp/work/collected" 2>/dev/null)
play "$@"
got=$(find "$tmp/fetched" -name '*.tar.zst' 2>/dev/null | wc -l)
# (there may have been another one meanwhile)
[ "$got" = 0 ] || [ "$(cat "$tmp/work/collected")" != "$before" ] ||
	{ cat "$tmp/out"; echo "the same OOM was fetched again"; exit 1; }
echo "the role works; this machine's log holds $([ $want = 1 ] && echo an || echo no) OOM"
