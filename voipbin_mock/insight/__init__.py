"""What was seen: journal, expectations, coverage, explanations."""
