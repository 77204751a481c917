"""The long deeds, where science meets the store, and the runner that gives each a process of its own."""
