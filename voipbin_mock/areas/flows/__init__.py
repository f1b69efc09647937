"""Flows, and the actions that they are made of."""
