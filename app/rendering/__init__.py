"""A bill as a document: from the value to JSON or CSV."""
