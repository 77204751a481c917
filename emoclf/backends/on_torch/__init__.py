"""The torch backend: encoders of transformers."""
