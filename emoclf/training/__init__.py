"""Training a classifier: the first stage, cross-validation, and the classifier that results."""
