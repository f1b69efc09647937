"""The mock's description of itself, from its declarations alone."""
