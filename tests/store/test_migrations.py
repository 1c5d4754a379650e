"""Migrations: up, down, up, and no difference from the models."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from app.database.migration import alembic_config, migrate, schema_head
from app.database.models import Base
from tests.conftest import settings_for

SCHEMA = """
    SELECT 'column', table_name, column_name, data_type, is_nullable, collation_name
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 't'
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef, '', ''
    FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text, ''
    FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2, 3, 4
"""


def test_up_down_and_up_again_ends_where_it_was(new_database):
    database = new_database()
    settings = settings_for(database.url)
    first = database.rows(SCHEMA)

    command.downgrade(alembic_config(settings, database.url), "base")
    nothing = [row for row in database.rows(SCHEMA) if row[1] != "alembic_version"]
    migrate(settings, database.url)

    assert nothing == []
    assert database.rows(SCHEMA) == first
    assert database.rows("SELECT version_num FROM alembic_version") == [(schema_head(),)]


def test_the_models_say_what_the_migrations_make(new_database):
    engine = create_engine(new_database().url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()

    assert differences == []


def test_the_models_make_the_same_constraints_and_indexes(new_database):
    migrated, modelled = new_database(), new_database(revision="base")
    engine = create_engine(modelled.url)
    Base.metadata.create_all(engine)
    engine.dispose()

    kinds = ("column", "constraint", "index")
    by_migration, by_models = (
        [row for row in each.rows(SCHEMA) if row[0] in kinds and row[1] != "alembic_version"]
        for each in (migrated, modelled)
    )
    assert by_models == by_migration


def test_the_first_tariff_is_the_one_of_the_rules(new_database):
    bands = """
        SELECT time_zone, currency, starts_at::text, time_bands.name,
               standing_charge::text, minute_rate::text
        FROM tariffs JOIN time_bands ON tariff_id = tariffs.id ORDER BY starts_at
    """

    assert new_database("America/Sao_Paulo").rows(bands) == [
        ("America/Sao_Paulo", "BRL", "06:00:00", "standard", "0.3600", "0.0900"),
        ("America/Sao_Paulo", "BRL", "22:00:00", "reduced", "0.3600", "0.0000"),
    ]
