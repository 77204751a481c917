"""The review: which tweet goes to whom, what the card shows, what becomes of decisions, bulk accept."""
