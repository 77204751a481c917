"""The public functions of `import emoclf`: read tweets, clean, train, predict, score, compare, doubt."""
