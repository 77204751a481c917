"""What the pages about reviewing and reviewers show."""
