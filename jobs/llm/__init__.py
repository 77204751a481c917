"""Jobs of language models: suggesting labels, writing rationales, and checking that an engine works."""
