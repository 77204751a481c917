"""Methods behind the review: doubt and its reasons, filters, guidelines, random draws."""
