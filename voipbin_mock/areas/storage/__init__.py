"""Storage: files that agents and admins upload, and links to them that are good for a while."""
