"""Training runs: the training itself, predictions, comparison, lineage, and run management."""
