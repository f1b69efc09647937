"""Money: billing accounts, the rows of the ledger, and what becomes of them on the virtual clock."""
