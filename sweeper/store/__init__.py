"""Results in SQL: our tables and Optuna's in one database, SQLite or PostgreSQL.

Knows neither torch nor anything of training. `sweeper.store.frames` and `.knowledge` (pandas),
`.upkeep` and `.backup` are imported from where they are, since few commands need them.
"""

from sweeper.store.confirmations import (
    Confirmation,
    find_confirmation,
    record_confirmation,
)
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
from sweeper.store.meta_features import find_meta_features, record_meta_features
from sweeper.store.records import (
    GIVEN_UP,
    INTERRUPTED,
    LOST,
    NON_FINITE,
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
from sweeper.store.shared import (
    Imported,
    add_repository,
    find_choice,
    imported_repositories,
    record_choice,
)
from sweeper.store.studies import (
    create_study,
    find_study,
    list_studies,
    set_n_trials,
    summarise,
)
from sweeper.store.trials import load_trials, record_trial
from sweeper.store.trouble import patient, retrying, translated
from sweeper.store.worker import Worker

__all__ = [
    "GIVEN_UP",
    "INTERRUPTED",
    "LOST",
    "NON_FINITE",
    "UNCOUNTED",
    "ClassRecord",
    "Confirmation",
    "Database",
    "DatasetRecord",
    "EpochRecord",
    "Imported",
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
    "add_repository",
    "assign",
    "claim_control",
    "create_study",
    "expired",
    "find_choice",
    "find_confirmation",
    "find_meta_features",
    "find_study",
    "held",
    "imported_repositories",
    "list_studies",
    "load_trials",
    "measured_split",
    "note_epochs",
    "open_database",
    "patient",
    "record_choice",
    "record_confirmation",
    "record_meta_features",
    "record_trial",
    "release",
    "renew",
    "reserve",
    "retrying",
    "set_n_trials",
    "summarise",
    "translated",
]
