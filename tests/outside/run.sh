#!/bin/sh
# Verifiers that nobody here wrote, over a log and bills of materials that Watchfire wrote. Prints one line a verdict and a sum.
# Exit 1 on any wrong verdict, or if not even one verifier could run. Everything is installed under target/outside.
set -u
cd "$(dirname "$0")/../.." || exit 1
here=$PWD/tests/outside
work=${CARGO_TARGET_DIR:-$PWD/target}/outside
mkdir -p "$work" || exit 1
material=$(mktemp -d) || exit 1
verdicts=$(mktemp) || exit 1
trap 'rm -rf "$material" "$verdicts"' EXIT
skipped=0
reasons=

skip() {
    skipped=$((skipped + 1))
    reasons="$reasons${reasons:+; }$1: $2"
    echo "SKIPPED: outside verifier $1: $2"
}

# judge NAME COMMAND...: a verifier that ends badly has given a wrong verdict.
judge() {
    name=$1
    shift
    if ! "$@" >"$material/verdicts" 2>"$material/errors"; then
        echo "WRONG $name: ended with an error: $(tail -n 1 "$material/errors")" >>"$material/verdicts"
    fi
    tee -a "$verdicts" <"$material/verdicts"
}

cargo run --quiet -p store --example outside -- "$material" || exit 1

if command -v npm >/dev/null && command -v node >/dev/null; then
    mkdir -p "$work/npm" && cp "$here/package.json" "$work/npm/"
    if (cd "$work/npm" && npm install --no-audit --no-fund --loglevel=error >/dev/null 2>"$work/npm.log"); then
        judge "@sigstore/verify" env NODE_PATH="$work/npm/node_modules" node "$here/sigstore.js" "$material"
    else
        skip "@sigstore/verify" "npm install failed: $(tail -n 1 "$work/npm.log")"
    fi
else
    skip "@sigstore/verify" "no node and npm"
fi

if python3 -c 'import venv, ensurepip' 2>/dev/null; then
    if { [ -x "$work/python/bin/python" ] || python3 -m venv "$work/python"; } &&
        "$work/python/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" \
            >"$work/pip.log" 2>&1; then
        judge securesystemslib "$work/python/bin/python" "$here/dsse.py" "$material"
    else
        skip securesystemslib "pip install failed: $(tail -n 1 "$work/pip.log")"
    fi
else
    skip securesystemslib "no python3 with venv"
fi

if CARGO_TARGET_DIR="$work/sigstore" cargo build --quiet --release --manifest-path "$here/sigstore/Cargo.toml" \
    2>"$work/cargo.log"; then
    judge sigstore-verify "$work/sigstore/release/outside-sigstore" "$material"
else
    skip sigstore-verify "cargo build failed: $(tail -n 1 "$work/cargo.log")"
fi

# The newest of the Pythons that the machine has; version managers keep theirs out of the way.
new=
for candidate in python3 python3.12 python3.13 python3.14 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        new=$candidate
        break
    fi
done
if [ -n "$new" ]; then
    if { [ -x "$work/python312/bin/python" ] || "$new" -m venv "$work/python312"; } &&
        "$work/python312/bin/python" -m pip install --quiet --disable-pip-version-check \
            -r "$here/requirements-tlog.txt" >"$work/pip312.log" 2>&1; then
        judge aics-tlog "$work/python312/bin/python" "$here/tlog.py" "$material"
    else
        skip aics-tlog "pip install failed: $(tail -n 1 "$work/pip312.log")"
    fi
else
    skip aics-tlog "no Python 3.12 or newer"
fi

if python3 -c 'import venv, ensurepip' 2>/dev/null; then
    if { [ -x "$work/python-sbom/bin/python" ] || python3 -m venv "$work/python-sbom"; } &&
        "$work/python-sbom/bin/python" -m pip install --quiet --disable-pip-version-check \
            -r "$here/requirements-sbom.txt" >"$work/pip-sbom.log" 2>&1; then
        cargo build --quiet -p watchfire || exit 1
        mkdir -p "$material/sbom"
        judge sbom "$work/python-sbom/bin/python" "$here/sbom.py" \
            "${CARGO_TARGET_DIR:-$PWD/target}/debug/watchfire" "$material/sbom"
    else
        skip sbom "pip install failed: $(tail -n 1 "$work/pip-sbom.log")"
    fi
else
    skip sbom "no python3 with venv"
fi

if python3 -c 'import venv, ensurepip' 2>/dev/null; then
    if { [ -x "$work/python-badges/bin/python" ] || python3 -m venv "$work/python-badges"; } &&
        "$work/python-badges/bin/python" -m pip install --quiet --disable-pip-version-check \
            -r "$here/requirements-badges.txt" >"$work/pip-badges.log" 2>&1; then
        cargo build --quiet -p watchfire || exit 1
        judge openbadgeslib "$work/python-badges/bin/python" "$here/badges.py" \
            "${CARGO_TARGET_DIR:-$PWD/target}/debug/watchfire" "$material/badges"
    else
        skip openbadgeslib "pip install failed: $(tail -n 1 "$work/pip-badges.log")"
    fi
else
    skip openbadgeslib "no python3 with venv"
fi

count() { grep -c "$1" "$verdicts"; }
accepted=$(count '^ok .*: accepted')
refused=$(count '^ok .*: refused')
wrong=$(count '^WRONG')
echo "outside verifiers: $accepted accepted, $refused refused tampered, $skipped skipped${reasons:+ ($reasons)}"
if [ "$wrong" -gt 0 ]; then
    echo "outside verifiers: $wrong WRONG"
    exit 1
fi
[ "$accepted" -gt 0 ]
