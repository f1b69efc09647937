"""Numbers: on offer, bought, renewed and released."""
