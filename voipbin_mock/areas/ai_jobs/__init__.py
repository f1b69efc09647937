"""What an AI does in the background: summaries, audits, prompt proposals, analyses, knowledge bases."""
