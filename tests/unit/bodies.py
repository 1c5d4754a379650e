"""Bodies of requests, and how they are read."""

from app.api.readers import Body, read_body
from app.domain.delivery import Delivery
from app.schemas.call_records import CallRecordReader
from tests.unit.builders import SAO_PAULO, at

RECEIVED_AT = at("2016-02-29 14:00:01")
START = (
    b'{"id": "1", "type": "start", "timestamp": "2016-02-29T12:00:00Z", "call_id": "70",'
    b' "source": "99988526423", "destination": "9993468278"}'
)
END = b'{"id": 2, "type": "end", "timestamp": "2016-02-29T14:00:00Z", "call_id": 70}'
RECORD_BYTES_MAX = 64 * 1024


def read(body: bytes) -> Body:
    return read_body(body, CallRecordReader(SAO_PAULO), RECEIVED_AT)


def read_one(body: bytes) -> Delivery:
    found = read(body)
    assert not found.is_many
    [delivery] = found.deliveries
    return delivery


def with_field(value: bytes) -> bytes:
    """Give an end with a further field, which no record has."""
    return END.replace(b"}", b', "note": ' + value + b"}")


def padded(size: int) -> bytes:
    """Give an end of exactly `size` bytes."""
    return with_field(b'"%s"' % (b"x" * (size - len(with_field(b'""')))))


def nested(depth: int) -> bytes:
    """Give an end that nests `depth` deep, itself included."""
    return with_field(b"[" * (depth - 1) + b"]" * (depth - 1))
