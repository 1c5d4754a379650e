"""The OpenAPI document: what each route takes and answers, one file a resource."""
