"""Metrics and their intervals: F1 and Jaccard, calibration, thresholds, agreement, error rates."""
