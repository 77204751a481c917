"""
Settings that everyone who uses a store has in common.
"""

from sqlalchemy.orm import Session

from db.tables.core import SettingRow


def read(session: Session, name: str, default: float) -> float:
    """A setting, or what it is while nobody has set it."""
    row = session.get(SettingRow, name)
    return default if row is None else row.value


def write(session: Session, name: str, value: float) -> None:
    """Set it for everyone from now on."""
    session.merge(SettingRow(name=name, value=value))
