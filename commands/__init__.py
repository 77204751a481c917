"""The command line: one module per group of commands; each parses, does one action, and prints its answer."""
