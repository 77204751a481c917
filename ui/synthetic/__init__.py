"""Components of the Synthetic page."""
