"""Calls and the phones they reach."""
