"""What pages share: the guard, the review card, the job bar, charts."""
