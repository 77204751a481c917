"""Exports a trained classifier: plain BERT, TensorFlow Hub's format, the model card, and the licences."""
