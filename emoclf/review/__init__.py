"""What the review needs to know: doubt and its reasons, filters, guidelines, random draws."""
