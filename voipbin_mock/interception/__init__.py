"""Client libraries led to a mock under the service's own URLs."""
