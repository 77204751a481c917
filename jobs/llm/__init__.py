"""What a language model is asked to do: suggest labels, explain them, and prove that it answers."""
