"""How long tests wait."""

PATIENCE = 300  # seconds, for what comes at once on a quick machine; a test that waits longer fails
