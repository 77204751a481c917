"""Training runs: training, prediction, comparison, inspection, lineage and run management."""
