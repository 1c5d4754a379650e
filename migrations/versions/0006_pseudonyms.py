"""Allow the two numbers of a priced call, and nothing else of it, to become pseudonyms.

The trigger goes on refusing every other change: of a price, a tariff, a month or an instant, back
from a pseudonym to a number, and from one number or pseudonym to another. It reads only the row
itself, so that it works on a distributed table too; that the audit log says who did it is looked
for by a constraint trigger, as for all that people change.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

# Compared whole, so that a column that is added later is frozen as well.
REFUSE_CHANGE_OF_PRICED_CALL = """
    CREATE FUNCTION refuse_change_of_priced_call() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        numbered calls;
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.source !~ '^p'
            AND NEW.source ~ '^p[0-9a-f]{20}$' AND NEW.destination ~ '^p[0-9a-f]{20}$'
        THEN
            numbered := NEW;
            numbered.source := OLD.source;
            numbered.destination := OLD.destination;
            IF numbered IS NOT DISTINCT FROM OLD THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
"""
FREEZE = """
    CREATE OR REPLACE TRIGGER calls_frozen BEFORE UPDATE OR DELETE ON calls
    FOR EACH ROW WHEN (OLD.price_cents IS NOT NULL)
    EXECUTE FUNCTION {function}('a calculated price never changes')
"""
ALWAYS = "ALTER TABLE calls ENABLE ALWAYS TRIGGER {trigger}"


def upgrade() -> None:
    op.execute(REFUSE_CHANGE_OF_PRICED_CALL)
    op.execute(FREEZE.format(function="refuse_change_of_priced_call"))
    op.execute(ALWAYS.format(trigger="calls_frozen"))
    op.execute(
        """
        CREATE CONSTRAINT TRIGGER calls_audited_update AFTER UPDATE ON calls
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (OLD.price_cents IS NOT NULL AND OLD.source IS DISTINCT FROM NEW.source)
        EXECUTE FUNCTION require_audit('to_char(($1).period, ''YYYY-MM'')')
        """
    )
    op.execute(ALWAYS.format(trigger="calls_audited_update"))


def downgrade() -> None:
    op.execute("DROP TRIGGER calls_audited_update ON calls")
    op.execute(FREEZE.format(function="refuse_change"))
    op.execute(ALWAYS.format(trigger="calls_frozen"))
    op.execute("DROP FUNCTION refuse_change_of_priced_call")
