"""All forms of a bill show the same lines and the same total, whatever a name holds."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from tests import bill_forms
from tests.factories import SUBSCRIBER, a_pair

PATH = f"/v1/bills/{SUBSCRIBER}?period=2018-01"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    '=HYPERLINK("http://example.com")',
    "@SUM(A1;=1+1)",
    "</style><b>&amp;",
    "W" * 200,
    "Ελένη Жукова 山田 محمد",
    "(a) Tj ET \\",
]


@pytest.fixture
def month(client):
    """Calls with several digits in lengths and prices, not in their order."""
    records = [
        *a_pair("a", "2018-01-03T14:00:00Z", "2018-01-03T14:10:07Z"),
        *a_pair("=b", "2018-01-05T23:59:59Z", "2018-01-12T14:00:30Z", destination="11987654321"),
        *a_pair("c", "2018-01-05T14:00:00Z", "2018-01-05T14:00:00Z"),
    ]
    assert client.post("/v1/call-records", json=records).json["stored"] == 6
    return client


def name(client, text):
    assert client.put(f"/v1/subscribers/{SUBSCRIBER}", json={"name": text}).status_code < 300


def of_every_form(client):
    comma = client.get(f"{PATH}&format=csv&decimal=comma").data
    return {
        "json": bill_forms.of_json(client.get(PATH).json),
        "csv": bill_forms.of_csv(client.get(f"{PATH}&format=csv").data),
        "comma": bill_forms.of_csv(comma, delimiter=";", decimal=","),
        "html": bill_forms.of_html(client.get(f"{PATH}&format=html").data),
        "pdf": bill_forms.of_pdf(client.get(f"{PATH}&format=pdf").data),
    }


@pytest.mark.parametrize("hostile", ["Ana", *HOSTILE])
def test_every_form_has_the_same_lines_and_total(month, hostile):
    name(month, hostile)
    read = of_every_form(month)

    assert len(read["json"].lines) == 3
    assert {form: each for form, each in read.items() if each != read["json"]} == {}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_name_is_text_on_the_page_and_nothing_else(month, hostile):
    plain = bill_forms.Page(month.get(f"{PATH}&format=html").data)
    name(month, hostile)
    page = bill_forms.Page(month.get(f"{PATH}&format=html").data)

    assert hostile in page.text
    assert [tag for tag in page.tags if tag not in ("bdi", "br")] == plain.tags
    assert not {"script", "img", "link"} & {*page.tags}
    assert not [key for key, _ in page.attributes if key.startswith("on") or key == "src"]


def test_a_page_may_show_its_own_style_and_nothing_else(month):
    answer = month.get(f"{PATH}&format=html")
    [style] = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)

    policy = answer.headers["Content-Security-Policy"]
    of_style = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{of_style}';" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_a_page_can_be_read_aloud(month):
    page = bill_forms.Page(month.get(f"{PATH}&format=html").data)

    assert ("lang", "pt-BR") in page.attributes
    assert [value for key, value in page.attributes if key == "scope"] == ["col"] * 5 + ["row"]
    assert {"main", "h1", "caption", "thead", "title"} <= {*page.tags}


def test_a_spreadsheet_in_brazil_opens_the_csv(month):
    header, first, *_ = month.get(f"{PATH}&format=csv&decimal=comma").data.splitlines()

    assert header.startswith(b"\xef\xbb\xbfsubscriber;subscriber_name;")
    assert b";R$ 1,26;1,26;true" in first


def test_a_bill_run_has_decimal_commas_too(month):
    rows = month.get("/v1/bills?period=2018-01&format=csv&decimal=comma").data
    total = month.get("/v1/bills?period=2018-01&format=csv&decimal=comma&totals=1").data

    assert rows == month.get(f"{PATH}&format=csv&decimal=comma").data
    assert b";R$ 563,58;563,58;BRL;" in total


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("application/pdf", "application/pdf"),
        (BROWSER, "text/html"),
        ("image/png", "application/json"),
    ],
)
def test_the_form_is_the_one_that_accept_prefers(month, accept, media_type):
    answer = month.get(PATH, headers={"Accept": accept})

    assert (answer.mimetype, answer.headers["Vary"]) == (media_type, "Accept")


def test_format_goes_before_accept(month):
    assert month.get(f"{PATH}&format=json", headers={"Accept": BROWSER}).is_json


@pytest.mark.parametrize("form", ["csv", "html", "pdf"])
def test_an_unchanged_bill_need_not_be_sent_again(month, form):
    path = f"{PATH}&format={form}"
    tag = month.get(path).headers["ETag"]

    assert month.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_decimals_that_the_form_does_not_have_are_refused(month):
    answer = month.get(f"{PATH}&decimal=comma")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid-parameter")


def test_an_empty_bill_has_a_page(client):
    page = client.get(f"{PATH}&format=html").text

    assert "Nenhuma chamada neste mês." in page
    assert "R$ 0,00" in page
