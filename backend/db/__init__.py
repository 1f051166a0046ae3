"""The database: tables, connections, transactions, schema revisions."""
