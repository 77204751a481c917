"""An edited guideline for tests."""

from emoclf.review.guidelines import Guideline

GUIDELINE = Guideline("Also delight.", ("yes!!", "best day"), ("oh no", "worst day"))
