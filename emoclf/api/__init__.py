"""The public functions that `import emoclf` offers: read tweets, clean, train, predict, score, compare, doubt."""
