"""Column types that behave the same on SQLite and PostgreSQL."""

import json
import math
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import DateTime, Dialect, Double, Text
from sqlalchemy.types import TypeDecorator

SplitName = Literal["validation", "test"]
State = Literal["complete", "pruned", "failed"]


class MeasuredValue(TypeDecorator[float]):
    """A float that may be infinite or NaN.

    SQLite silently turns NaN into NULL. So NaN is stored as NULL on both databases and read back as
    NaN; averages in SQL ignore it. Both support infinities.
    """

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        """Store NaN as NULL."""
        return None if value is None or math.isnan(value) else float(value)

    def process_result_value(self, value: float | None, dialect: Dialect) -> float:
        """Read NULL as NaN."""
        return math.nan if value is None else value


class Numbers(TypeDecorator[tuple[tuple[str, float], ...]]):
    """Numbers by name, in order, as the text of a JSON object; equal values give equal texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self, value: tuple[tuple[str, float], ...] | None, dialect: Dialect
    ) -> str | None:
        """Store them as text."""
        return None if value is None else json.dumps(dict(value))

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> tuple[tuple[str, float], ...] | None:
        """Read them back."""
        return None if value is None else tuple(json.loads(value).items())


class UtcDateTime(TypeDecorator[datetime]):
    """A time: timezone-aware in Python, UTC in the database; SQLite stores no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store the time in UTC; refuse one without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read the time as timezone-aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
