"""Components of the pages about the review and reviewers."""
