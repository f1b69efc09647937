"""Timelines: what happened to calls, conferences, flows and their runs, and what a call's signalling looked like."""
