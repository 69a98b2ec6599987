"""PyPI aics-tlog over our checkpoints, proofs and tiles. Usage: tlog.py DIR. One line a verdict."""

import json
import pathlib
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])


def note(name: str) -> list[str]:
    """The lines of a checkpoint: origin, size, root."""
    return (folder / name).read_text().split("\n")


def reason(output: str) -> str:
    """The verifier's own words, which are the last line, as JSON."""
    last = (output.strip().splitlines() or ["no output"])[-1]
    try:
        return str(json.loads(last)["error"])
    except (ValueError, KeyError, TypeError):
        return last


def say(what: str, want: bool, *args: str) -> None:
    """Runs one command of the verifier and prints whether its verdict is the right one."""
    run = subprocess.run([sys.executable, "-m", "aics_tlog", *args], cwd=folder, capture_output=True, text=True)
    verdict = "accepted" if run.returncode == 0 else f"refused ({reason(run.stdout + run.stderr)})"
    right = "ok" if (run.returncode == 0) == want else "WRONG"
    print(f"{right} aics-tlog {what}: {verdict}")


_, size, root = note("checkpoint")[:3]
_, old_size, old_root = note("checkpoint-old")[:3]
index = (folder / "index").read_text()

for name, vkey, want in [
    ("checkpoint", "vkey", True),
    ("checkpoint-old", "vkey", True),
    ("tampered/checkpoint", "vkey", False),
    ("checkpoint", "tampered/vkey", False),
]:
    say(f"{name} under {vkey}", want, "verify-checkpoint", "--note", name, "--vkey-file", vkey)

inclusion = ["verify-inclusion", "--size", size, "--root", root]
for what, want, leaf, at, path in [
    ("inclusion", True, "leaf", index, "path"),
    ("inclusion of another leaf", False, "tampered/leaf", index, "path"),
    ("inclusion at another index", False, "leaf", str(int(index) + 1), "path"),
    ("inclusion by a permuted path", False, "leaf", index, "tampered/path"),
]:
    say(what, want, *inclusion, "--leaf", leaf, "--index", at, "--proof", path)

consistency = ["verify-consistency", "--old-size", old_size, "--old-root", old_root, "--new-size", size]
for what, want, new_root, proof in [
    (f"consistency {old_size} to {size}", True, root, "consistency"),
    ("consistency by a permuted proof", False, root, "tampered/consistency"),
    ("consistency with another root", False, old_root, "consistency"),
]:
    say(what, want, *consistency, "--new-root", new_root, "--proof", proof)

for tiles, want in [("tiles", True), ("tampered/tiles", False)]:
    args = ["--tiles", tiles, "--vkey-file", "vkey"]
    say(f"inclusion by {tiles}", want, "verify-inclusion", "--leaf", "leaf", "--index", index, *args)
    say(
        f"consistency by {tiles}",
        want,
        "verify-consistency",
        "--old-checkpoint",
        "checkpoint-old",
        *args,
    )
