"""Long-running work on the store, and the runner that gives each job a process of its own."""
