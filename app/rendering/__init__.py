"""A bill as a document: JSON, NDJSON or CSV, each with the fields that its schema declares."""
