"""A mock whose inputs are written down in order: it survives a restart, and many processes can be one mock."""
