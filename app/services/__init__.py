"""The use cases; each opens and closes exactly one transaction."""
