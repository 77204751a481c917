"""The time-out of tests that wait."""

TIMEOUT_SECONDS = 300  # seconds; far more than a fast machine needs
