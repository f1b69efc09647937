"""The agents' desk: what an agent sees of the rest of the service, and what it may do to itself."""
