"""A bill as a document: JSON, NDJSON and CSV have the fields of its schema, HTML is printed."""
