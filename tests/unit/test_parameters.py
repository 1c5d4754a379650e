"""Parameters of the query and bodies of staff: what every declared one refuses."""

import pytest
from marshmallow import EXCLUDE, ValidationError

from app.api.parameters import Parameter, Query, limit, one_of
from app.domain.strict_json import decode_object
from app.schemas.fields import RequestSchema, pointers
from app.schemas.subscribers import NameSchema
from app.schemas.suspense import NoteSchema
from app.schemas.tariffs import TariffOfferSchema, TimeBandOfferSchema
from tests.tariff_offers import offer_bytes


class _Query(Query):
    state = Parameter({"enum": ["a", "b"], "default": "a"}, "Which.", read=one_of("a", "b"))
    name = Parameter({"type": "string"}, "A name.")
    limit = limit()


def errors_of(schema, body):
    with pytest.raises(ValidationError) as refusal:
        schema.load(body)
    return {each["pointer"]: each["detail"] for each in pointers(refusal.value)}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, {"state": "a", "name": None, "limit": 100}),
        ({"state": [""], "limit": [""]}, {"state": "a", "name": None, "limit": 100}),
        ({"state": ["b"], "name": ["é"]}, {"state": "b", "name": "é", "limit": 100}),
        ({"name": [""], "limit": ["7"]}, {"state": "a", "name": "", "limit": 7}),
        ({"unknown": ["x", "y"]}, {"state": "a", "name": None, "limit": 100}),
    ],
    ids=["none", "empty", "given", "empty-without-a-default", "unknown"],
)
def test_a_query_is_read(given, read):
    assert _Query().load(given) == read


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"state": ["a", "a"]}, {"/state": "is given more than once"}),
        ({"state": ["c"]}, {"/state": "is one of: a, b"}),
        ({"name": ["a\0"]}, {"/name": "has characters that cannot be printed"}),
        ({"limit": ["0"]}, {"/limit": "is a whole number from 1 to 1000"}),
    ],
    ids=["twice", "another", "unprintable", "out-of-range"],
)
def test_a_query_is_refused(given, errors):
    assert errors_of(_Query(), given) == errors


@pytest.mark.parametrize("schema", [NameSchema, NoteSchema, TariffOfferSchema, TimeBandOfferSchema])
def test_one_place_decides_about_unknown_fields_of_staff(schema):
    assert issubclass(schema, RequestSchema)
    assert schema().unknown == EXCLUDE
    assert "Meta" not in vars(schema)


def test_a_repeated_key_is_refused_even_if_unknown():
    assert errors_of(NoteSchema(), decode_object(b'{"note": "a", "x": 1, "x": 2}')) == {
        "/x": "appears more than once"
    }


def test_a_repeated_key_in_a_list_is_refused_where_it_is():
    text = offer_bytes().replace(b'"name": "reduced"', b'"x": 1, "x": 2, "name": "reduced"')

    assert errors_of(TariffOfferSchema(), decode_object(text)) == {
        "/bands/1/x": "appears more than once"
    }
