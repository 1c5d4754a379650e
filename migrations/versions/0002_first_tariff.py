"""Publish the first tariff (rule 10), in force since before any call can have been made."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Its hours are wall clock of the billing zone as it is set when the database is made.
    config = op.get_context().config
    assert config is not None
    zone = config.attributes["billing_zone"] or "UTC"
    op.execute(
        sa.text(
            """
            WITH first AS (
                INSERT INTO tariffs (name, effective_from, time_zone, currency)
                VALUES ('first', '1970-01-01 00:00:00+00', :zone, 'BRL')
                RETURNING id
            )
            INSERT INTO time_bands (tariff_id, starts_at, name, standing_charge, minute_rate)
            SELECT first.id, band.starts_at, band.name, band.standing_charge, band.minute_rate
            FROM first, (VALUES
                (time '06:00', 'standard', 0.36, 0.09),
                (time '22:00', 'reduced', 0.36, 0.00)
            ) AS band (starts_at, name, standing_charge, minute_rate)
            """
        ).bindparams(zone=zone)
    )


def downgrade() -> None:
    op.execute("DELETE FROM time_bands")
    op.execute("DELETE FROM tariffs")
