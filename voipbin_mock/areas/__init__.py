"""The service itself, area by area."""
