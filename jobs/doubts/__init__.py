"""Where the sources disagree: the ranking of the queue, the outlook, agreement, validation of originals."""
