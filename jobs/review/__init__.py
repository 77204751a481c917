"""The review: assignment of tweets, card data, decisions, guidelines, reviewers, bulk accept."""
