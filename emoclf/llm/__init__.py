"""Language models: the chat models, their prompts, the labels they give, and the rationales they write."""
