"""What travels, as plain values: errors, replies, exchanges, stamps, secrets, matching."""
