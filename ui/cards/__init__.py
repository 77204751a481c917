"""The two cards on which people decide: Python and JavaScript together."""
