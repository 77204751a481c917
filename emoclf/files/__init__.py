"""Files that come in and folders that go out: rows, tweet files, auxiliary corpora."""
