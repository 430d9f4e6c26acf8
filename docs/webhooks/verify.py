# Verifies a webhook of Shouyin. Python 3.8 or later; for whpk_ keys also `pip install cryptography`.
# python3 verify.py KEY ID TIMESTAMP SIGNATURES < body
import base64
import hashlib
import hmac
import sys
import time

TOLERANCE_S = 5 * 60


def verify(key, id, timestamp, signatures, body, now=None):
    """`key` is whsec_… or whpk_…; the next three are headers; `body` is the raw body, in bytes."""
    if not timestamp.isdecimal():
        return False
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_S:
        return False
    content = f"{id}.{timestamp}.".encode() + body
    kind, _, secret = key.partition("_")
    secret = base64.b64decode(secret)
    # During a rotation there is a signature for each key: one that fits is enough.
    for entry in signatures.split(" "):
        scheme, _, text = entry.partition(",")
        if kind == "whsec" and scheme == "v1":
            expected = hmac.new(secret, content, hashlib.sha256).digest()
            if hmac.compare_digest(base64.b64encode(expected).decode(), text):
                return True
        if kind == "whpk" and scheme == "v1a" and fits(secret, text, content):
            return True
    return False


def fits(public_key, text, content):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(base64.b64decode(text), content)
        return True
    except InvalidSignature:
        return False


if __name__ == "__main__":
    sys.exit(0 if verify(*sys.argv[1:5], sys.stdin.buffer.read()) else 1)
