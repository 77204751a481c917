"""Components of the Retrain page: training form, list of runs, comparison, inspection."""
