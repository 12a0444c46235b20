"""What a row says beside the fact: stored years ago, it must still be said in the same way."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from adapters.log import microseconds, request_hash
from domain.facts.envelope import event_id_in, writes
from domain.merkle import leaf_hash

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSETS = st.timezones() | st.integers(-86_399, 86_399).map(
    lambda seconds: timezone(timedelta(seconds=seconds))
)
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001


@given(MOMENTS)
def test_a_moment_is_counted_exactly_whatever_its_offset(moment: datetime) -> None:
    # Compared in UTC: an hour that a zone has twice equals no moment of another zone.
    counted = EPOCH + timedelta(microseconds=microseconds(moment))
    assert counted == moment.astimezone(UTC)


@given(st.none() | st.binary(min_size=1), st.binary())
def test_a_request_is_hashed_after_its_salt(salt: bytes | None, request: bytes) -> None:
    assert request_hash(salt, request) == sha256((salt or b"") + request).digest()


@given(st.uuids(allow_nil=True), st.data())
def test_an_id_is_what_str_writes_and_nothing_else(own: UUID, data: st.DataObject) -> None:
    text = data.draw(
        st.just(str(own))
        | st.sampled_from((str(own).upper(), own.hex, own.urn, f"{{{own}}}"))
        | st.permutations(list(str(own))).map("".join)
    )
    assert writes(text, own.hex) == (text == str(own))
    found = event_id_in(text)
    assert found is None or str(found) == text


def prefixed(value: bytes) -> bytes:
    return len(value).to_bytes(4) + value


@given(st.text(), st.integers(0, 2**64 - 1), st.text(), st.binary())
def test_a_leaf_is_laid_out_as_it_was(stream: str, version: int, tag: str, payload: bytes) -> None:
    leaf = (
        b"evtlog/v1\0"
        + prefixed(stream.encode())
        + version.to_bytes(8)
        + prefixed(tag.encode())
        + prefixed(payload)
    )
    found = leaf_hash(stream_id=stream, version=version, type_=tag, payload=payload)
    assert found == sha256(b"\0" + leaf).digest()
