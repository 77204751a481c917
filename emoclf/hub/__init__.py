"""Model URIs, TensorFlow Hub handles, and compute devices."""
