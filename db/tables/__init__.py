"""The tables of the store, as SQLAlchemy models."""
