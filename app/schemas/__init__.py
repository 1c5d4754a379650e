"""The bodies of requests and answers: marshmallow schemas, each the only declaration of its fields.

A schema reads a body (`load`), writes an answer (`dump`) and stands in the OpenAPI document.
"""
