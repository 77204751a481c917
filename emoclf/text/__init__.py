"""Text processing: cleaning tweets and detecting near-duplicates (twins)."""
