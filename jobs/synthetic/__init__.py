"""Synthetic tweets: writing them, the gates, and their card."""
