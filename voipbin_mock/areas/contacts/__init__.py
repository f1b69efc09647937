"""Contacts: the people and companies that a customer deals with."""
