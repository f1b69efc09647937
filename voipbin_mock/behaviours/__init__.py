"""Handlers with rules of their own; everything plain is in `crud`."""
