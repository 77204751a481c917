"""The backend for torch: encoders of transformers."""
