"""A connection to PostgreSQL past the package."""

from typing import Any

import psycopg
from sqlalchemy import make_url


def connect(url: str) -> psycopg.Connection[Any]:
    """Connect to a database; each statement is a transaction of its own unless told otherwise."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)
