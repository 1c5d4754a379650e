"""Freeze prices and begun tariffs in the database itself (rules 9 and 14).

The triggers are ENABLE ALWAYS, since an ordinary one is silent for a session whose
`session_replication_role` is `replica`. That of `calls` reads only OLD, so that it works on a
distributed table too.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

GUARDS = {
    "calls": ("calls_frozen", "calls_not_truncated"),
    "tariffs": ("tariffs_frozen", "tariffs_not_truncated"),
    "time_bands": ("time_bands_frozen", "time_bands_not_truncated"),
}


REFUSE_CHANGE = """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""

REFUSE_CHANGE_OF_BEGUN_TARIFF = """
    CREATE FUNCTION refuse_change_of_begun_tariff() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        begun boolean;
    BEGIN
        IF TG_TABLE_NAME = 'tariffs' THEN
            begun := coalesce(OLD.effective_from, NEW.effective_from) <= now();
        ELSE
            SELECT effective_from <= now() INTO begun FROM tariffs
            WHERE id = coalesce(OLD.tariff_id, NEW.tariff_id);
        END IF;
        IF TG_OP = 'UPDATE' OR begun THEN
            RAISE EXCEPTION '% of % is refused: a tariff is never changed, nor dated back',
                TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$
"""


def upgrade() -> None:
    op.execute(REFUSE_CHANGE)
    op.execute(REFUSE_CHANGE_OF_BEGUN_TARIFF)
    op.execute(
        """
        CREATE TRIGGER calls_frozen BEFORE UPDATE OR DELETE ON calls
        FOR EACH ROW WHEN (OLD.price_cents IS NOT NULL)
        EXECUTE FUNCTION refuse_change('a calculated price never changes')
        """
    )
    for table in ("tariffs", "time_bands"):
        op.execute(
            f"""
            CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_change_of_begun_tariff()
            """
        )
    for table, (frozen, not_truncated) in GUARDS.items():
        op.execute(
            f"""
            CREATE TRIGGER {not_truncated} BEFORE TRUNCATE ON {table}
            EXECUTE FUNCTION refuse_change('prices and tariffs are kept')
            """
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {frozen}")
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {not_truncated}")


def downgrade() -> None:
    op.execute(
        """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM calls WHERE price_cents IS NOT NULL) THEN
                RAISE EXCEPTION 'there are priced calls: this migration is not taken back';
            END IF;
        END $$
        """
    )
    for table, triggers in GUARDS.items():
        for trigger in triggers:
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP FUNCTION refuse_change_of_begun_tariff, refuse_change")
