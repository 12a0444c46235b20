"""RFC 6962 leaves over stored facts. Trees and proofs build on these."""

import hashlib
from struct import Struct

_DOMAIN = b"evtlog/v1\0"
# Half of the time that a hash of so few bytes takes is its beginning.
_LEAF = hashlib.sha256(b"\0" + _DOMAIN)
_LENGTH, _VERSION_AND_LENGTH = Struct(">I").pack, Struct(">QI").pack


def leaf_hash(*, stream_id: str, version: int, type_: str, payload: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf data), RFC 6962 section 2.1; 32 bytes. ``payload`` is the stored bytes as
    they are.

    Leaf data: domain ‖ length-prefixed stream id ‖ u64 version ‖ length-prefixed type ‖
    length-prefixed payload; lengths are u32, all big-endian.
    """
    stream, tag = stream_id.encode(), type_.encode()
    leaf = _LEAF.copy()
    leaf.update(
        b"".join(
            (
                _LENGTH(len(stream)),
                stream,
                _VERSION_AND_LENGTH(version, len(tag)),
                tag,
                _LENGTH(len(payload)),
                payload,
            )
        )
    )
    return leaf.digest()
