"""The review card and the card for synthetic tweets, in Python and JavaScript."""
