"""One request in and its answer out, whoever carries it."""
