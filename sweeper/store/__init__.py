"""Results in SQL: our tables and Optuna's in one database, SQLite or PostgreSQL.

Knows neither torch nor anything of training. `sweeper.store.frames` (pandas), `.upkeep` and
`.backup` are imported from where they are, since few commands need them.
"""

from sweeper.store.database import Database, NoDatabaseError, open_database
from sweeper.store.leases import (
    Lease,
    assign,
    claim_control,
    expired,
    held,
    note_epochs,
    release,
    renew,
    reserve,
)
from sweeper.store.records import (
    INTERRUPTED,
    LOST,
    UNCOUNTED,
    ClassRecord,
    DatasetRecord,
    EpochRecord,
    SeedRecord,
    Split,
    State,
    StoredStudy,
    StudyRecord,
    StudySummary,
    TaskRecord,
    TrialRecord,
    measured_split,
)
from sweeper.store.studies import (
    create_study,
    find_study,
    list_studies,
    set_n_trials,
    summarise,
)
from sweeper.store.trials import load_trials, record_trial
from sweeper.store.trouble import retrying, translated
from sweeper.store.worker import Worker

__all__ = [
    "INTERRUPTED",
    "LOST",
    "UNCOUNTED",
    "ClassRecord",
    "Database",
    "DatasetRecord",
    "EpochRecord",
    "Lease",
    "NoDatabaseError",
    "SeedRecord",
    "Split",
    "State",
    "StoredStudy",
    "StudyRecord",
    "StudySummary",
    "TaskRecord",
    "TrialRecord",
    "Worker",
    "assign",
    "claim_control",
    "create_study",
    "expired",
    "find_study",
    "held",
    "list_studies",
    "load_trials",
    "measured_split",
    "note_epochs",
    "open_database",
    "record_trial",
    "release",
    "renew",
    "reserve",
    "retrying",
    "set_n_trials",
    "summarise",
    "translated",
]
