"""Backups of a store, restoring one, and the check of all promises of a store, with repairs."""
