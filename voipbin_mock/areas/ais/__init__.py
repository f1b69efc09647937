"""AIs, teams of them, AI calls, and what a scripted model says in them."""
