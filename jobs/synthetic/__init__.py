"""Synthetic tweets: generation, gate setup, label counts, and the card for checking them."""
