"""PostgreSQL: connections, transactions, retries, tables, migrations, the embedded server."""
