"""Makes the table of docs/comparison.md from what tests/compare/run.sh wrote: table.py OUT.

A tool found a plant if it says of the machine with that plant alone what it does not say of the clean one. Of Lynis two
answers are told apart: a warning or suggestion in its report, and any other line that differs on its screen.
"""

import json
import re
import sys
from pathlib import Path

out = Path(sys.argv[1])


def lines(path):
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        return set()
    return {re.sub(r"\s+", " ", line).strip() for line in text.splitlines()}


def report(folder):
    return {line for line in lines(folder / "lynis.report") if line.startswith(("warning[]", "suggestion[]", "vulnerable_package[]"))}


def found(folder):
    findings = json.loads((folder / "watchfire.json").read_text())["findings"]
    return {(f["check"], f["object"]) for f in findings}


clean, again = out / "clean", out / "clean-again"
noise = lines(clean / "lynis.screen") ^ lines(again / "lynis.screen")
kinds = [re.sub(r"[0-9]+", "N", line) for line in noise]


def screen(folder):
    new = (lines(folder / "lynis.screen") - lines(clean / "lynis.screen")) - noise
    return {line for line in new if re.sub(r"[0-9]+", "N", line) not in kinds and "Hardening index" not in line and "Tests performed" not in line}


counts = dict.fromkeys(["watchfire", "lynis", "lynis screen", "dpkg", "debsums", "chkrootkit"], 0)
details, total = [], 0
print("| # | scenario | planted condition | Watchfire | Lynis | dpkg --verify | debsums | chkrootkit |")
print("| --- | --- | --- | --- | --- | --- | --- | --- |")
for row in (out / "plants.tsv").read_text().splitlines():
    number, scenario, what, check, thing = row.split("\t")
    here = out / number
    if not (here / "done").exists():
        continue
    total += 1
    ours = any(c == check and (o == thing or "@" in thing) for c, o in found(here) - found(clean))
    tests = {re.split(r"[=|]", line)[1] for line in report(here) - report(clean)}
    gone = report(clean) - report(here)
    other = screen(here)
    lynis = ", ".join(sorted(tests)) if tests else ("screen" if other else "")
    cells = {name: bool(lines(here / name) - lines(clean / name)) for name in ("dpkg", "debsums", "chkrootkit")}
    counts["watchfire"] += ours
    counts["lynis"] += bool(tests)
    counts["lynis screen"] += not tests and bool(other)
    for name, hit in cells.items():
        counts[name] += hit
    mark = ["yes" if hit else "" for hit in cells.values()]
    print(f"| {number} | {scenario} | {what} | {check if ours else 'NOT FOUND'} | {lynis} | {' | '.join(mark)} |")
    details.append((number, what, sorted(report(here) - report(clean)), sorted(gone), sorted(other)))
print(f"\n{total} conditions: " + ", ".join(f"{name} {n}" for name, n in counts.items()))
with (out / "details.txt").open("w") as file:
    for number, what, new, gone, other in details:
        if new or gone or other:
            file.write(f"{number} {what}\n")
            for sign, all_of in (("+", new), ("-", gone), ("screen", other)):
                for line in all_of:
                    file.write(f"   {sign} {line}\n")
