"""The settings of jobs: a frozen dataclass per kind, with defaults and choices, that loads no model library."""
