"""The database layer: table models, migrations, reads and writes. This is the only package that contains SQL."""
