"""Reading and writing files: rows, tweet files, auxiliary corpora, and atomic folders."""
