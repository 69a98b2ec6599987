"""PyPI securesystemslib over our envelopes. Usage: dsse.py DIR. One line a verdict."""

import json
import pathlib
import sys

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

folder = pathlib.Path(sys.argv[1])
keyid = (folder / "keyid").read_text()


def say(name: str, want: bool, pem: str = "evidence.pem") -> None:
    """Verifies one envelope and prints whether the verdict is the right one."""
    key = SSlibKey.from_crypto(load_pem_public_key((folder / pem).read_bytes()), keyid=keyid)
    try:
        Envelope.from_dict(json.loads((folder / name).read_text())).verify([key], 1)
        verdict = "accepted"
    except Exception as error:  # any refusal counts, whatever its kind
        verdict = f"refused ({type(error).__name__})"
    right = "ok" if (verdict == "accepted") == want else "WRONG"
    print(f"{right} securesystemslib {name} under {pem}: {verdict}")


say("envelope.json", True)
say("envelope.json", False, "tampered/evidence.pem")
for path in sorted((folder / "tampered").glob("envelope-*.json")):
    say(f"tampered/{path.name}", False)
