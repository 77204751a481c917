"""Components shared by the pages: guard, cards, job bar, charts, links."""
