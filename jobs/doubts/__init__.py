"""Doubt and disagreement: queue ranking, outlook, agreement between sources, validation of original labels."""
