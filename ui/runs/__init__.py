"""What the Retrain page shows: the training form, the list of runs, comparison and inspection."""
