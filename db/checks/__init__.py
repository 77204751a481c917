"""Checks of a store: what its tables promise beyond what the database enforces, and repairs of what is derived."""
