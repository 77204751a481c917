"""What computes a network: the protocol of a backend, and what every backend shares."""
