"""The doors of client libraries that lead to a mock; see `interception`."""
