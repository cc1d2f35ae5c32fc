"""Paperspace as a Pulumi resource."""
