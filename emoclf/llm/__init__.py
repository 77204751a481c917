"""Language models: engines that label tweets, the prompts they get, and how replies are read."""
