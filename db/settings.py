"""
Reads and writes settings shared by all users of a store.
"""

from sqlalchemy.orm import Session

from db.tables.core import SettingRow


def read(session: Session, name: str, default: float) -> float:
    """The value of a setting, or `default` if it was never set."""
    row = session.get(SettingRow, name)
    return default if row is None else row.value


def write(session: Session, name: str, value: float) -> None:
    """Set a value for all users."""
    session.merge(SettingRow(name=name, value=value))
