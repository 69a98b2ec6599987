#!/bin/sh
# The demonstration, its pages in a browser, bundles checked there, and its API under generated requests. Prints a verdict a line; exit 1 on a wrong one.
# Everything is installed under target/console. With CONSOLE_SHOTS=1 a picture of each page lies in target/console/shots afterwards.
set -u
cd "$(dirname "$0")/../.." || exit 1
here=$PWD/tests/console
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$target/console
program=${WATCHFIRE:-$target/debug/watchfire}
mkdir -p "$work" || exit 1
place=$(mktemp -d) || exit 1
wrong=0
skip() { echo "SKIPPED: console: $1"; }

"$program" demo --dir "$place/demo" --port 0 --format json >"$place/demo.json" 2>"$place/demo.log" &
demo=$!
trap 'kill "$demo" 2>/dev/null; wait "$demo" 2>/dev/null; rm -rf "$place"' EXIT
until [ -s "$place/demo.json" ]; do
    if ! kill -0 "$demo" 2>/dev/null; then
        echo "WRONG demo: it ended: $(tail -n 1 "$place/demo.log")"
        exit 1
    fi
    sleep 1
done
python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print("OK" if not d["failed"] else "WRONG", "demo:", d["commands"], "commands in", d["seconds"], "s"); [print("WRONG demo:", f) for f in d["failed"]]; sys.exit(bool(d["failed"]))' "$place/demo.json" || wrong=1

if command -v npm >/dev/null && command -v node >/dev/null && command -v chromium >/dev/null; then
    mkdir -p "$work/npm" && cp "$here/package.json" "$work/npm/"
    if (cd "$work/npm" && npm install --no-audit --no-fund --loglevel=error >/dev/null 2>"$work/npm.log"); then
        rm -rf "$work/shots"
        NODE_PATH="$work/npm/node_modules" CHROMIUM=$(command -v chromium) node "$here/walk.js" "$place/demo.json" ${CONSOLE_SHOTS:+"$work/shots"} || wrong=1
        NODE_PATH="$work/npm/node_modules" CHROMIUM=$(command -v chromium) node "$here/verify.js" "$place/demo.json" || wrong=1
    else
        skip "npm install failed: $(tail -n 1 "$work/npm.log")"
    fi
else
    skip "no node, npm and chromium"
fi

if { [ -x "$work/python/bin/python" ] || python3 -m venv "$work/python"; } 2>/dev/null &&
    "$work/python/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >"$work/pip.log" 2>&1; then
    python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); [print(s["url"]) for s in d["served"]]; print(d["password"])' "$place/demo.json" >"$place/urls"
    password=$(tail -n 1 "$place/urls")
    ministry=$(sed -n 1p "$place/urls") plant=$(sed -n 4p "$place/urls")
    # The ministry and a plant: between them every route is somebody's. An administrator's routes are the same everywhere.
    for who in "officer $ministry" "officer $plant" "administrator $ministry"; do
        login=${who%% *} url=${who#* }
        token=$(python3 "$here/token.py" "$url" "$login" "$password") || { echo "WRONG api: no token for $login at $url"; wrong=1; continue; }
        if "$work/python/bin/schemathesis" run "$url/api/v1/openapi.json" -H "Authorization: Bearer $token" --max-examples 10 --request-timeout 60 \
            --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
            --phases coverage,fuzzing --generation-deterministic >"$place/schemathesis" 2>&1; then
            echo "OK api: $login: $(grep -E 'generated' "$place/schemathesis" | tail -n 1 | sed 's/^ *//')"
        else
            echo "WRONG api: $login at $url"
            # A line can hold a body of a megabyte.
            sed -n '/ FAILURES /,/ WARNINGS /p' "$place/schemathesis" | head -n 80 | cut -c1-400
            tail -n 30 "$place/schemathesis" | cut -c1-400
            wrong=1
        fi
    done
else
    skip "schemathesis could not be installed: $(tail -n 1 "$work/pip.log")"
fi
exit "$wrong"
