#!/usr/bin/env bash
# Checks deploy/: the YAML by yamllint, the Job and its Service by the schemas of kubernetes-validate, the Dockerfile by
# hadolint, and that the users and ports in these files are the same. A tool that is not here is one line that says so.
#
# usage: scripts/check-deploy.sh
set -euo pipefail
cd "$(dirname "$0")/.."
failures=0
fail() {
  echo "check-deploy: $*" >&2
  failures=$((failures + 1))
}
skip() { echo "check-deploy: skipped: there is no $1"; }

if command -v yamllint >/dev/null; then
  yamllint -s -d '{extends: default, rules: {line-length: {max: 120}, document-start: disable}}' deploy/*.yaml ||
    fail "yamllint found faults."
else
  skip "yamllint (on PyPI)"
fi

# A PyTorchJob is no kind of Kubernetes' own, and has no schema there.
if command -v kubernetes-validate >/dev/null; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  kubernetes-validate -k 1.28 --strict deploy/job.yaml >"$work/log" 2>&1 || fail "kubernetes-validate: $(cat "$work/log")"
  sed 's/completionMode/completionMood/' deploy/job.yaml >"$work/job.yaml"
  ! kubernetes-validate -k 1.28 --strict "$work/job.yaml" >/dev/null 2>&1 || fail "kubernetes-validate did not find a planted fault."
else
  skip "kubernetes-validate (on PyPI)"
fi

if command -v hadolint >/dev/null; then
  # Debian's own packages change their versions with every point release: none is named.
  hadolint --ignore DL3008 deploy/Dockerfile || fail "hadolint found faults."
else
  skip "hadolint"
fi

user=$(sed -n 's/^USER \([0-9]*\)$/\1/p' deploy/Dockerfile)
[ -n "$user" ] || fail "the Dockerfile names no user by number, which runAsNonRoot needs."
for file in deploy/job.yaml deploy/pytorchjob.yaml; do
  grep -q "runAsUser: $user\$" "$file" || fail "$file does not run as the image's user $user."
done
port=$(sed -n 's/^ *port: \([0-9]*\)$/\1/p' deploy/job.yaml)
grep -q -- "--rendezvous=vitrail-0.vitrail:$port\$" deploy/job.yaml || fail "the service's port is not that of --rendezvous."
[ "$failures" = 0 ] && echo "check-deploy: deploy/ is in order"
exit "$((failures > 0))"
