"""Language models: engines that label tweets, their prompts, and the parsing of replies."""
