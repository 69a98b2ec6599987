"""Certificates against PyPI openbadgeslib, which nobody here wrote. Usage: badges.py WATCHFIRE FOLDER. One line a verdict.

It reads what we sign: by the key file, and by the issuer's did:key; with our list of revocation before and after a certificate is taken
back. It must refuse one that was touched, one of another issuer, and a list that was touched.
"""

import json
import os
import pathlib
import subprocess
import sys

from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import OB3Verifier

watchfire, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)


def run(home: str, *arguments: str) -> dict:
    environment = os.environ | {"WATCHFIRE_HOME": str(folder / home), "LANG": "C"}
    done = subprocess.run(
        [watchfire, *arguments, "--format", "json"], env=environment, capture_output=True, text=True, cwd=folder
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def say(what: str, want: bool, verify) -> None:
    why = ""
    try:
        verify()
        got = True
    except LibOpenBadgesException as e:
        got, why = False, e
    verdict = "accepted" if got else "refused"
    print(f"{'ok' if want == got else 'WRONG'} openbadgeslib {what}: {verdict}{f' ({why})' if want != got else ''}")


def touched(jws: str, part: int) -> str:
    parts = jws.split(".")
    at = len(parts[part]) // 2
    parts[part] = parts[part][:at] + ("A" if parts[part][at] != "A" else "B") + parts[part][at + 1 :]
    return ".".join(parts)


def status_list(name: str) -> bytes:
    run("home", "training", "certificate", "status", "--out", name)
    return (folder / name).read_bytes()


day = run("home", "training", "status")["as_of"][:10]
session = run("home", "training", "session", "add", "plant-staff", "--day", day)["session"]["session"]
run("home", "training", "session", "attend", session, "Li Na", "Wang Fang")
made = [
    run("home", "training", "certificate", "issue", session, "Li Na", "--out", "out"),
    run("home", "training", "certificate", "issue", session, "Wang Fang", "--out", "out", "--with-name"),
]
expert = run("home", "expert", "certify", "Zhao Si", "--field", "ICS", "--until", "2099-01-01", "--out", "out")
plain, named = [(folder / "out" / m["files"][0]).read_text() for m in made]
of_expert = (folder / "out" / expert["files"][0]).read_text()
did = run("home", "training", "certificate", "key", "--out", "out")["with"]["did"]
by_key = OB3Verifier((folder / "out" / "issuer.pem").read_text())
by_did = OB3Verifier.for_issuer_did(did)
before = status_list("before.jwt")
run("home", "training", "certificate", "revoke", made[0]["certificate"]["id"], "--reason", "error")
after = status_list("after.jwt")
run("other", "training", "certificate", "key", "--out", "other-key")
other = OB3Verifier((folder / "other-key" / "issuer.pem").read_text())


def checked(jws: str, listed: bytes):
    return lambda: by_did.verify(jws, check_status=True, download=lambda _: listed)


say("certificate by key", True, lambda: by_key.verify(plain))
say("certificate by did:key", True, lambda: by_did.verify(plain))
say("certificate with a name", True, lambda: by_did.verify(named))
say("expert's certificate", True, lambda: by_did.verify(of_expert))
say("certificate with its list", True, checked(plain, before))
say("another certificate with the later list", True, checked(named, after))
say("payload touched", False, lambda: by_key.verify(touched(plain, 1)))
say("signature touched", False, lambda: by_key.verify(touched(plain, 2)))
say("another issuer's key", False, lambda: other.verify(plain))
say("certificate taken back", False, checked(plain, after))
say("list touched", False, checked(named, touched(after.decode(), 2).encode()))
