"""What tests of more than one unit need."""

import socket

import pytest


@pytest.fixture
def links():
    """Two ends of a connection; what is not there, the first does not wait for."""
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    with ours, theirs:
        yield ours, theirs
