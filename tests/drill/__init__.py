"""What `benchmarks/drill.py` and its short form in the tests are made of."""
