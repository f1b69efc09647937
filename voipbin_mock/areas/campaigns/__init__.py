"""Outplans, outdials, campaigns, and the dialer that runs them."""
