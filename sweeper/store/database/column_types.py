"""Column types that give the same on SQLite and PostgreSQL."""

import json
import math
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Double, Text
from sqlalchemy.types import TypeDecorator


class MeasuredValue(TypeDecorator[float]):
    """A float that may be infinite or not a number.

    SQLite turns NaN into NULL without a word. So NULL is what NaN is stored as, on both databases,
    and NULL is read as NaN; averages in SQL leave it out. Infinities both know.
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
    """Numbers by name, in order, as the text of a JSON object; equal ones are equal texts."""

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
    """A moment: aware in Python, in UTC in the database; SQLite keeps no zone beside it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store the moment in UTC; one without a zone is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read the moment as an aware one in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
