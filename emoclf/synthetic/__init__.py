"""Synthetic tweets: the generators that write them, the gates they must pass, and how realistic they are."""
