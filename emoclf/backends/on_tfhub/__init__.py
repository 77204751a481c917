"""The TensorFlow backend: encoders in TensorFlow Hub's format."""
