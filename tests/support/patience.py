"""The time-out of tests that wait."""

PATIENCE = 300  # seconds; far more than a fast machine needs
