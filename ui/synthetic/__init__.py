"""What the Synthetic page shows beside its card."""
