"""A key is compared so that the time it takes tells nothing of its secret."""

import hmac
from datetime import UTC, datetime

from app.domain.key import Credential, Key


def test_secrets_are_compared_in_constant_time(monkeypatch):
    shown, other = Credential.make(), Credential.make()
    key = Key(shown.key_id, "", frozenset(), shown.secret_hash, datetime.now(UTC))
    compared = []

    def compare(*hashes):
        compared.append(hashes)
        return original(*hashes)

    original = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", compare)

    assert key.is_shown_by(shown)
    assert not key.is_shown_by(other)
    assert compared == [
        (shown.secret_hash, shown.secret_hash),
        (shown.secret_hash, other.secret_hash),
    ]
