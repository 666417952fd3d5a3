"""The base of our tables: the types of their columns, and how constraints are named."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Double, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from sweeper.registry.study_kind import StudyKind
from sweeper.registry.study_state import StudyState
from sweeper.store.database.column_types import SplitName, State, UtcDateTime

#: Every table of ours starts so; Alembic sees no other.
PREFIX = "sweeper_"


class Base(DeclarativeBase):
    """The base of our tables; constraints get names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text,
        float: Double,
        datetime: UtcDateTime,
        StudyKind: Text,
        StudyState: Text,
        SplitName: Text,
        State: Text,
    }
