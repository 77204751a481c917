"""Synthetic tweets: their plans and prompts, the gates they must pass, and how realistic they are."""
