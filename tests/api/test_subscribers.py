"""`/v1/subscribers`: the names that go with numbers."""

import pytest

from tests.factories import SUBSCRIBER, a_pair

PATH = f"/v1/subscribers/{SUBSCRIBER}"
NAMES = "SELECT number, name FROM subscribers"
LINES = "SELECT actor, act, subject, before, after FROM audit_log ORDER BY id"


def put(client, name, number=SUBSCRIBER):
    return client.put(f"/v1/subscribers/{number}", json={"name": name})


def listed(client, query=""):
    return [each["name"] for each in client.get(f"/v1/subscribers?{query}").json["subscribers"]]


def test_a_number_gets_a_name_and_then_another(client):
    answers = [put(client, name) for name in ("Ana", "Ana Souza", " Ana Souza ")]

    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert [answer.json["name"] for answer in answers] == ["Ana", "Ana Souza", "Ana Souza"]
    assert client.get(PATH).json == {"number": SUBSCRIBER, "name": "Ana Souza"}


def test_a_name_can_be_taken_away(client):
    put(client, "Ana")

    first, again = client.delete(PATH), client.delete(PATH)

    assert (first.status_code, first.data) == (204, b"")
    assert (again.status_code, client.get(PATH).status_code) == (404, 404)
    assert put(client, "Ana").status_code == 201


def test_each_change_has_its_line_in_the_audit_log(client, database):
    for name in ("Ana", "Ana", "Bia"):
        put(client, name)
    client.delete(PATH)
    client.delete(PATH)

    by, ana, bia = "unauthenticated", {"name": "Ana"}, {"name": "Bia"}
    assert database.rows(LINES) == [
        (by, "subscriber-named", SUBSCRIBER, None, ana),
        (by, "subscriber-named", SUBSCRIBER, ana, bia),
        (by, "subscriber-deleted", SUBSCRIBER, bia, None),
    ]


def test_a_number_without_a_name_is_not_found_whatever_it_called(client):
    client.post("/v1/call-records", json=a_pair("70", *["2018-01-03T14:00:00Z"] * 2))

    assert client.get(PATH).status_code == 404
    assert client.delete(PATH).status_code == 404


@pytest.mark.parametrize("number", ["987654321", "119876543210", "0133334444", "%00", "١١٣٣٣٣٤٤٤٤"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_no_number_is_refused(client, method, number):
    answer = client.open(f"/v1/subscribers/{number}", method=method, json={"name": "Ana"})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-subscriber")


@pytest.mark.parametrize(
    "body",
    [
        *(b"{}", b'{"Name": "Ana"}', b'{"name": null}', b'{"name": ["Ana"]}', b'{"name": 7}'),
        *(b'{"name": true}', b'{"name": {}}', b'{"name": ""}', b'{"name": "  "}'),
        *(b'{"name": "A\\u0000na"}', b'{"name": "Ana\\nSouza"}', b'{"name": "Ana\\ud800"}'),
        *(b'{"name": "Ana", "name": "Ana"}', b'{"name": "' + b"x" * 201 + b'"}'),
        b'{"name": "a' + "\u0301\u0323".encode() * 16_000 + b'"}',
    ],
    ids=lambda body: repr(body)[:40],
)
def test_what_is_no_name_is_refused_and_changes_nothing(client, database, body):
    answer = client.put(PATH, data=body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-request")
    assert answer.json["errors"][0]["pointer"] == "/name"
    assert database.rows(NAMES) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        *((b"", 400), (b"Ana", 400), (b'"Ana"', 400), (b"[]", 400), (b"null", 400)),
        *((b'[{"name": "Ana"}]', 400), (b'{"name": "Ana"', 400), (b"{'name': 'Ana'}", 400)),
        *((b'{"name": NaN}', 400), (b'{"name": "Jos\xe9"}', 400), (b"\x00", 400)),
        *(
            (b'{"name": "Ana"}x', 400),
            (b'{"name": "Ana", "x": ' + b"[" * 40 + b"]" * 40 + b"}", 400),
        ),
        *((b'{"x": ' + b"9" * 5_000 + b"}", 400), (b'{"x": ' + b"[" * 60_000, 400)),
        *((b'{"name": "' + b"x" * 65_536 + b'"}', 413), (b" " * (16 * 1024 * 1024 + 2), 413)),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_body_that_is_no_object_is_refused_and_changes_nothing(client, database, body, status):
    answer = client.put(PATH, data=body)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == {400: "bad-request", 413: "body-too-large"}[status]
    assert database.rows(NAMES) == []


def test_a_body_that_was_cut_off_is_not_taken_for_whole(client, database):
    body = b'{"name": "Ana"}'

    # So gunicorn hands on what there is of it, as if it were all.
    cut_off = {"CONTENT_LENGTH": f"{len(body) + 9}", "wsgi.input_terminated": True}
    answer = client.put(PATH, data=body, environ_overrides=cut_off)

    assert answer.status_code == 400
    assert database.rows(NAMES) == []


def test_other_fields_and_the_content_type_do_not_matter(client):
    answer = client.put(PATH, data=b'{"name": "Ana"}', content_type="text/plain")

    assert answer.json == {"number": SUBSCRIBER, "name": "Ana"}


def test_pages_follow_each_other_in_the_order_of_numbers(client):
    numbers = [f"{11900000000 + n}" for n in range(7)] + ["1133334444"]
    for number in reversed(numbers):
        put(client, f"name of {number}", number)

    seen, query = [], "/v1/subscribers?limit=3"
    while query:
        page = client.get(query).json
        seen += [each["number"] for each in page["subscribers"]]
        cursor = page["next_cursor"]
        query = cursor and f"/v1/subscribers?limit=3&cursor={cursor}"

    assert seen == sorted(numbers)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("", ["José da Silva", "SÃO João 50%", "a_b\\c", "axb%c"]),
        ("jose", ["José da Silva"]),
        ("JOS%C3%89", ["José da Silva"]),
        ("Jose%CC%81++da", ["José da Silva"]),
        ("sao", ["SÃO João 50%"]),
        ("o", ["José da Silva", "SÃO João 50%"]),
        ("%25", ["SÃO João 50%", "axb%c"]),
        ("50%25", ["SÃO João 50%"]),
        ("_", ["a_b\\c"]),
        ("a_b", ["a_b\\c"]),
        ("%5C", ["a_b\\c"]),
        ("%27", []),
        ("silva+da", []),
    ],
)
def test_a_part_of_a_name_finds_it_without_capitals_and_accents(client, part, found):
    for n, name in enumerate(["José da Silva", "SÃO João 50%", "a_b\\c", "axb%c"]):
        put(client, name, f"{11900000000 + n}")

    assert listed(client, f"name={part}") == found


def test_what_is_found_comes_in_pages_too(client):
    for n in range(6):
        put(client, ("Ana", "Bia")[n % 2], f"{11900000000 + n}")

    first = client.get("/v1/subscribers?name=bia&limit=2").json
    second = client.get(f"/v1/subscribers?name=bia&limit=2&cursor={first['next_cursor']}").json

    numbers = [each["number"] for page in (first, second) for each in page["subscribers"]]
    assert numbers == ["11900000001", "11900000003", "11900000005"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=1001", "cursor=x", "cursor=WyJ4Il0=", "cursor=WzFd", "cursor=W10="),
        *("name=%00", "name=a%0Ab", "name=%20", f"name={'x' * 201}", "name=a&name=b"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_refused(client, query):
    answer = client.get(f"/v1/subscribers?{query}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-parameter")


def test_a_part_that_is_no_utf_8_finds_nothing(client):
    put(client, "José")

    assert listed(client, "name=%E9") == []


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("PUT", "/v1/subscribers")])
def test_other_methods_are_not_allowed(client, method, path):
    assert client.open(path, method=method, json={"name": "Ana"}).status_code == 405
