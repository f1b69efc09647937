"""E-mails, and the mailboxes that they reach."""
