"""The backend for TensorFlow: encoders in TensorFlow Hub's format."""
