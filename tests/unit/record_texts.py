"""Texts of records: canonical ones, and near misses of many kinds."""

import json
from collections.abc import Iterable

from hypothesis import strategies as st

from tests.unit.bodies import RECORD_BYTES_MAX

START = {
    "id": "1",
    "type": "start",
    "timestamp": "2016-02-29T12:00:00Z",
    "call_id": "70",
    "source": "99988526423",
    "destination": "9993468278",
}
END = {"id": "2", "type": "end", "timestamp": "2016-02-29T14:00:00Z", "call_id": "70"}

# Clocks of America/Sao_Paulo skipped an hour on 2018-11-04, and repeated one on 2018-02-17.
_DATES = ["2016-02-29", "2018-11-04", "2018-02-17", "1970-01-01", "9999-12-31", "2015-02-29"]
_DATES += ["1969-12-31", "0001-01-01", "0000-01-01", "2016-00-01", "2016-13-01", "2016-01-32"]
_DATES += ["2016-W09-1", "2016-W091", "2016W091", "2016-060", "20160229", "16-02-29", "2016-2-29"]
_DATES += ["12016-02-29", "-2016-02-29", "2016/02/29", "2016-0229", "\u0662016-02-29", " 016-02-29"]
_CLOCKS = ["14:00:00", "00:00:00", "00:30:00", "23:30:00", "23:59:59", "24:00:00", "25:00:00"]
_CLOCKS += ["14:60:00", "23:59:60", "14:00:61", "140000", "14:0000", "14:00", "14", "1:00:00", ""]
_CLOCKS += ["14.00.00", "14:00:0", " 4:00:00", "-1:00:00", "14:00:0\u0660", "14:00:000"]
_ZONES = ["Z", "", "z", "+00:00", "-00:00", "-03:00", "-0300", "-03", "+14:00", "+23:59", "+24:00"]
_ZONES += ["-03:60", "-03:00:30", "-03:00:00.5", "+3:00", " Z", "ZZ", "Z ", "UTC", "Z+0", "\u22123"]
_FRACTIONS = [
    "",
    ".5",
    ",5",
    ".123456",
    ".1234567",
    ".",
    ",",
    ".000000",
    ".0000001",
    ".1e3",
    ".5.5",
]


def quoted(text: str) -> str:
    return json.dumps(text)


def mostly(usual: Iterable[str], others: Iterable[str]) -> st.SearchStrategy[str]:
    return st.one_of(*[st.sampled_from([*usual])] * 3, st.sampled_from([*others]))


_timestamps = st.builds(
    "{}{}{}{}{}".format,
    mostly(["2016-02-29", "2018-11-04", "2018-02-17"], _DATES),
    mostly("T", ["t", " ", "_", "", "TT", "\t"]),
    mostly(["14:00:00", "00:30:00", "23:30:00"], _CLOCKS),
    mostly([""], _FRACTIONS),
    mostly(["Z"], _ZONES),
).map(lambda text: f'"{text}"')
_odd = st.sampled_from(["null", "true", "1", "-1", "70.0", "1e2", "NaN", "[]", '["1"]', "{}"])
_odd |= st.sampled_from(['{"id": "1"}', '"', "", "'1'", '"1""1"', '"\\u0031"', '"\\x"', '":1"'])
_ids = st.sampled_from(["1", ":1", "1:", ",", "{}", " 1", "1 ", "1 1", " ", "", "'", "/", "~"]).map(
    quoted
)
_ids |= st.sampled_from([1, 127, 128, 129]).map(lambda size: quoted("x" * size))
_ids |= st.sampled_from([127, 128]).map(lambda size: quoted(" " + "x" * size))
_ids |= st.sampled_from("\x00\t\n\x1f\x7f\u0080\u00a0\u00e9\u0661\ud7ff\U0001f4de").map(
    '"1{}1"'.format
)
_ids |= st.text('1a:"\\\u00e9 \x7f', max_size=4).map(quoted) | st.sampled_from(["7", "0", "007"])
_ids |= st.sampled_from(["9" * 128, "9" * 129, "9" * 5_000])
_types = st.sampled_from(["start", "end", "START", "End", "start ", "", "stop"]).map(quoted)
_types |= st.sampled_from(['"st\\u0061rt"', "start", '"end\n"', '["end"]'])
_numbers = st.integers(8, 13).map(lambda count: quoted("9" * count))
_numbers |= st.sampled_from(["0993468278", "+5599934682", "99 9346827", "9993468278 "]).map(quoted)
_numbers |= st.sampled_from(["9993468278", "99988526423", "999346827", "0993468278", "9.99e9"])
_numbers |= st.sampled_from(['"999346827\u0668"', '"9993468278\n"', '"999346827\\u0038"'])
_VALUES = {
    "id": _ids | _odd,
    "call_id": _ids | _odd,
    "type": _types | _odd,
    "timestamp": _timestamps | _odd,
    "source": _numbers | _odd,
    "destination": _numbers | _odd,
}
_names = st.sampled_from(
    [*START, *START, "note", "ID", "", "id ", "\\u0069d", "call\\u005fid", ":"]
)
_nested = st.sampled_from(
    ["[" * 31 + "]" * 31, "[" * 32 + "]" * 32, '{"id": {"id": []}}', '"\\ud800"']
)
_colons = st.sampled_from([":", ": ", " :", " : ", "\n:\t"])
_commas = st.sampled_from([",", ", ", " ,", "\r\n, ", "\x0b,", ",,", ""])
_prefixes = mostly([""], [" ", "\n", "\ufeff", "\x0c", "x", "[", "\u00a0"])
_suffixes = mostly([""], [" ", "\r\n", "\x00", ",", "}", "{}", " x", "]", "\x0b", '"'])
_sizes = st.sampled_from([0] * 12 + [RECORD_BYTES_MAX - 1, RECORD_BYTES_MAX, RECORD_BYTES_MAX + 1])


@st.composite
def record_texts(draw: st.DrawFn) -> bytes:
    """Give the text of a record, or one with some of what a text can have wrong or otherwise."""
    fields = {name: quoted(each) for name, each in draw(st.sampled_from([START, END])).items()}
    for name in draw(st.lists(st.sampled_from([*fields]), max_size=2)):
        fields[name] = draw(_VALUES[name])
    members = [(f'"{name}"', value) for name, value in fields.items()]
    if draw(st.integers(0, 3)) == 3:
        members = draw(_other_members(members))
    if draw(st.booleans()):
        members = draw(st.permutations(members))
    colon, comma = draw(st.sampled_from([(":", ","), (": ", ", ")]))
    parts = [key + colon + value for key, value in members]
    # Where one colon alone stands apart, so does one key for whoever looks for both together.
    for place in draw(st.lists(st.integers(0, len(parts) - 1), max_size=2)):
        key, value = members[place]
        parts[place] = key + draw(_colons) + value
    if draw(st.integers(0, 7)) == 7:
        comma = draw(_commas)
    prefix, suffix = draw(_prefixes), draw(_suffixes)
    text = f"{prefix}{{{comma.join(parts)}}}{suffix}".encode()
    padding = b" " * (draw(_sizes) - len(text))
    return text.replace(b"}", padding + b"}", 1) if padding else text


@st.composite
def _other_members(draw: st.DrawFn, members: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give `members` with one left out, or with others, often of names that are there already."""
    if draw(st.integers(0, 3)) == 3:
        left_out = draw(st.integers(0, len(members) - 1))
        return members[:left_out] + members[left_out + 1 :]
    for name in draw(st.lists(_names, min_size=1, max_size=2)):
        usual = [value for key, value in members if key == f'"{name}"'] + ['"1"']
        value = draw(st.sampled_from(usual) | _VALUES.get(name, _nested | _ids))
        members = [*members, (f'"{name}"', value)]
    return members
