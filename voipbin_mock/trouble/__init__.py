"""Trouble on purpose: faults, stubs, rate limits, broken connections."""
