"""The store: models, migrations, reads and writes. SQL is written here and nowhere else."""
