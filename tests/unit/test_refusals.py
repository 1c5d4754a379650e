"""What is answered where the application gets no request, and whose fault it is."""

import pytest
from gunicorn.http import errors

from app.server.refusals import status_of


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (errors.LimitRequestLine(5000, 4094), 414),
        (errors.LimitRequestHeaders("too many"), 431),
        (errors.InvalidHeader("CONTENT-LENGTH"), 400),
        (errors.UnsupportedTransferCoding("odd"), 400),
        (errors.ConfigurationProblem("SCRIPT_NAME"), 400),
        (errors.ExpectationFailed("odd"), 400),
        (TimeoutError(), 408),
        (errors.InvalidResponseHeader("Location"), 500),
        (errors.InvalidResponseHeaderName("Location"), 500),
        (KeyError("x"), 500),
    ],
)
def test_only_what_the_service_did_wrong_gets_a_500(failure, status):
    assert status_of(failure) == status
