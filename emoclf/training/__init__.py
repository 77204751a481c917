"""Training a classifier: the first stage, cross-validation, fitting, and the resulting classifier."""
