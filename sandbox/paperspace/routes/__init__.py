"""The operations over HTTP. One noun a file, as in the OpenAPI document."""
