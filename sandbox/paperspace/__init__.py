"""Paperspace's API v1: `state/` is what the service knows, `routes/` is how it is said over HTTP."""
