"""
Names the tools and published data sets whose files are ordinary tables, by their columns.
"""

from collections.abc import Collection

DOCCANO = ({"id", "text", "label", "comments"}, {"id", "text", "label", "cats", "comments"})
SIX = frozenset(["anger", "disgust", "fear", "joy", "sadness", "surprise"])  # English files of BRIGHTER lack disgust
GO_EMOTIONS = {"text", "rater_id", "example_very_unclear"}


def named(names: Collection[str]) -> str:
    """Return the name of the tool or data set that writes these lower-case columns; empty if it is none of them.

    >>> named(["id", "text", "label", "comments"]), named(["id", "text", *SIX - {"disgust"}]), named(["text", "joy"])
    ('doccano', 'BRIGHTER (SemEval-2025 task 11)', '')
    """
    found = set(names)
    if any(found == columns for columns in DOCCANO):
        return "doccano"
    if found >= GO_EMOTIONS:
        return "GoEmotions, a row for each rater"
    if found - SIX == {"id", "text"} and len(found & SIX) >= len(SIX) - 1:
        return "BRIGHTER (SemEval-2025 task 11)"
    return ""
