"""Bills of materials against tools of others. Usage: sbom.py WATCHFIRE FOLDER. One line a verdict.

What we write: PyPI spdx-tools and cyclonedx-python-lib validate it. What others write: PyPI cyclonedx-bom describes this very
environment, spdx-tools turns our SPDX into tag-value; both are read, and the packages are those of the document.
"""

import json
import os
import pathlib
import subprocess
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
from spdx_tools.spdx.writer.write_anything import write_file

watchfire, folder = sys.argv[1], pathlib.Path(sys.argv[2])
environment = os.environ | {"WATCHFIRE_HOME": str(folder / "home"), "LANG": "C"}


def say(who: str, what: str, want: bool, got: bool, why: object = "") -> None:
    verdict = "accepted" if got else "refused"
    print(f"{'ok' if want == got else 'WRONG'} {who} {what}: {verdict}{f' ({why})' if want != got else ''}")


def inspect(*arguments: str) -> str:
    done = subprocess.run([watchfire, "inspect", *arguments], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return done.stdout


def host() -> pathlib.Path:
    root = folder / "root"
    files = {
        "etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
        "etc/hostname": "plant-7\n",
        "var/lib/dpkg/status": "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\n"
        "Version: 1:3.0.1-1~deb12u1+b2\nSource: openssl (3.0.1-1)\n",
        "srv/app/requirements.txt": "flask==2.0\n",
        "srv/app/go.sum": "google.golang.org/genproto v0.1.0 h1:x=\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def spdx_faults(path: pathlib.Path) -> list[object]:
    try:
        return list(validate_full_spdx_document(parse_file(str(path))))
    except Exception as error:
        return [error]


def purls(bill: dict) -> set[str]:
    found, todo = set(), list(bill["components"])
    while todo:
        component = todo.pop()
        todo += component.get("components", [])
        found |= {component["purl"]} if "purl" in component else set()
    return found


root = host()
ours = folder / "ours.spdx.json"
ours.write_text(inspect("--root", str(root), "--format", "spdx"))
faults = spdx_faults(ours)
say("spdx-tools", "inspect.spdx.json", True, not faults, faults[:2])
broken = json.loads(ours.read_text())
del broken["packages"][0]["downloadLocation"]
(folder / "broken.spdx.json").write_text(json.dumps(broken))
say("spdx-tools", "broken.spdx.json", False, not spdx_faults(folder / "broken.spdx.json"))

text = inspect("--root", str(root), "--format", "cyclonedx")
validator = JsonStrictValidator(SchemaVersion.V1_6)
fault = validator.validate_str(text)
say("cyclonedx-python-lib", "inspect.cdx.json", True, fault is None, fault)
broken = json.loads(text)
broken["components"][0]["type"] = "machine"
say("cyclonedx-python-lib", "broken.cdx.json", False, validator.validate_str(json.dumps(broken)) is None)

tagged = folder / "ours.spdx"
write_file(parse_file(str(ours)), str(tagged), validate=False)
back = purls(json.loads(inspect("--sbom", str(tagged), "--format", "cyclonedx")))
say("spdx-tools", "tag-value of our SPDX, read again", True, back == purls(json.loads(text)), back)

tool = pathlib.Path(sys.executable).parent / "cyclonedx-py"
for form in ("JSON", "XML"):
    theirs = folder / f"venv.cdx.{form.lower()}"
    subprocess.run([tool, "environment", sys.executable, "--of", form, "-o", theirs], check=True, capture_output=True)
    read = purls(json.loads(inspect("--sbom", str(theirs), "--name", "venv", "--format", "cyclonedx")))
    listed = subprocess.run([sys.executable, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True)
    installed = {p["name"].lower().replace("_", "-") + "@" + p["version"] for p in json.loads(listed.stdout)}
    read = {p.removeprefix("pkg:pypi/") for p in read}
    say("cyclonedx-bom", f"{form} of this environment, read", True, read == installed, read ^ installed)
