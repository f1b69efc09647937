"""Queues: callers waiting for agents."""
