"""Tweets as text: cleaning, and near-duplicates."""
