"""Customers as those who run the service see them, and how one becomes a customer, and ceases to be one."""
