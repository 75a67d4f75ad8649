#!/bin/sh
# Every document of the DaemonSet's file against the schemas of the Kubernetes API, as the npm
# package kubernetes-models has them; and that it does refuse a wrong one.
for tool in node npm python3; do
	command -v $tool >/dev/null 2>&1 || { echo "skipped: $tool is not installed"; exit 77; }
done
python3 -c 'import yaml' 2>/dev/null || { echo "skipped: python3-yaml is not installed"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
(cd "$tmp" && npm install --no-audit --no-fund --ignore-scripts kubernetes-models@4.5.1 \
	@kubernetes-models/validate@4 >log 2>&1) ||
	{ echo "skipped: npm has no registry here: $(tail -1 "$tmp/log")"; exit 77; }
python3 -c 'import json, sys, yaml
json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)' \
	<packaging/kubernetes/daemonset.yaml >"$tmp/documents.json" || exit 1
cat >"$tmp/check.cjs" <<'N'
const documents = JSON.parse(require("fs").readFileSync(__dirname + "/documents.json"));
const find = (d) => require("kubernetes-models/" + d.apiVersion + "/" + d.kind)[d.kind];
const wrong = (d) => { try { new (find(d))(d).validate(); return null; } catch (e) { return e.message; } };
let bad = 0;
for (const d of documents) {
	const why = wrong(d);
	console.log(`${d.apiVersion} ${d.kind}: ${why || "valid"}`);
	bad |= why !== null;
}
const set = documents.find((d) => d.kind === "DaemonSet");
const container = set.spec.template.spec.containers[0];
container.securityContext.readOnlyRootFilesystem = "yes";
if (wrong(set) === null) { console.log("a wrong document passed"); bad = 1; }
process.exit(bad);
N
node "$tmp/check.cjs"
