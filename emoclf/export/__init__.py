"""A trained classifier for others: plain BERT, TensorFlow Hub's format, the model card, and the licences."""
