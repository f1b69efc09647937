"""Conferences: rooms that callers meet in."""
