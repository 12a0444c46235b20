"""RFC 6962 leaves over stored facts. Trees and proofs build on these."""

import hashlib

_DOMAIN = b"evtlog/v1\0"


def leaf_data(*, stream_id: str, version: int, type_: str, payload: bytes) -> bytes:
    """The bytes a leaf commits to; ``payload`` is the stored bytes as they are.

    Layout: domain ‖ length-prefixed stream id ‖ u64 version ‖ length-prefixed type ‖
    length-prefixed payload; lengths are u32, all big-endian.
    """
    stream, tag = stream_id.encode(), type_.encode()
    return b"".join(
        (
            _DOMAIN,
            len(stream).to_bytes(4, "big"),
            stream,
            version.to_bytes(8, "big"),
            len(tag).to_bytes(4, "big"),
            tag,
            len(payload).to_bytes(4, "big"),
            payload,
        )
    )


def leaf_hash(*, stream_id: str, version: int, type_: str, payload: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf data), RFC 6962 section 2.1; 32 bytes."""
    data = leaf_data(stream_id=stream_id, version=version, type_=type_, payload=payload)
    return hashlib.sha256(b"\0" + data).digest()
