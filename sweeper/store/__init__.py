"""Results in SQL: our tables and Optuna's in one database, SQLite or PostgreSQL.

Independent of torch and of training. Import modules that need pandas (`results.frames` and
`results.repository_queries`) or that few commands need (`database.maintenance` and
`database.backup`) directly.
"""

from sweeper.store.database.column_types import SplitName, State
from sweeper.store.database.database import Database, NoDatabaseError, open_database
from sweeper.store.database.error_messages import explain_errors
from sweeper.store.database.transient_errors import is_transient
from sweeper.store.queue.budget import reserve
from sweeper.store.queue.causes import (
    DATABASE_GONE,
    ERROR,
    GIVEN_UP,
    INTERRUPTED,
    KILLED,
    LOST,
    NON_FINITE,
    OUT_OF_MEMORY,
    PREEMPTED,
    SUSPECT_CAUSES,
    is_retryable,
    kind_of,
)
from sweeper.store.queue.checkpoint_files import delete_files
from sweeper.store.queue.checkpoints import (
    Checkpoint,
    drop_checkpoints,
    find_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from sweeper.store.queue.leases import (
    Lease,
    assign,
    claim_control,
    expired,
    held,
    note_epochs,
    now,
    release,
    renew,
    take_over,
)
from sweeper.store.queue.worker_identity import WorkerIdentity
from sweeper.store.results.confirmation_claims import (
    ConfirmationClaim,
    EarlierRead,
    claim_confirmation,
    find_claim,
    find_test_reads,
    note_test_read,
    release_confirmation,
)
from sweeper.store.results.confirmations import (
    Confirmation,
    find_confirmation,
    record_confirmation,
)
from sweeper.store.results.deletion import Deletion, find_deletion
from sweeper.store.results.exports import Export, load_export, store_export
from sweeper.store.results.meta_features import find_meta_features, record_meta_features
from sweeper.store.results.outlooks import (
    Outlook,
    find_outlook,
    record_outlook,
    stored_outlooks,
)
from sweeper.store.results.records import (
    ClassRecord,
    DatasetRecord,
    EpochRecord,
    SeedRecord,
    StoredStudy,
    StudyRecord,
    StudySummary,
    TaskRecord,
    TrialRecord,
    measured_split,
)
from sweeper.store.results.repository_storage import (
    Imported,
    add_repository,
    find_choice,
    imported_repositories,
    record_choice,
    remove_repository,
)
from sweeper.store.results.sample_digests import find_sample_digests, record_sample_digests
from sweeper.store.results.steering import (
    delete_study,
    rename_study,
    set_state,
    study_states,
)
from sweeper.store.results.studies import (
    create_study,
    find_study,
    list_studies,
    load_study,
    load_summary,
    set_n_trials,
    summarize,
)
from sweeper.store.results.trials import load_trials, record_trial
from sweeper.store.timing import DEFAULT_TIMING, Timing

__all__ = [
    "DATABASE_GONE",
    "DEFAULT_TIMING",
    "ERROR",
    "GIVEN_UP",
    "INTERRUPTED",
    "KILLED",
    "LOST",
    "NON_FINITE",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "SUSPECT_CAUSES",
    "Checkpoint",
    "ClassRecord",
    "Confirmation",
    "ConfirmationClaim",
    "Database",
    "DatasetRecord",
    "Deletion",
    "EarlierRead",
    "EpochRecord",
    "Export",
    "Imported",
    "Lease",
    "NoDatabaseError",
    "Outlook",
    "SeedRecord",
    "SplitName",
    "State",
    "StoredStudy",
    "StudyRecord",
    "StudySummary",
    "TaskRecord",
    "Timing",
    "TrialRecord",
    "WorkerIdentity",
    "add_repository",
    "assign",
    "claim_confirmation",
    "claim_control",
    "create_study",
    "delete_files",
    "delete_study",
    "drop_checkpoints",
    "expired",
    "explain_errors",
    "find_checkpoints",
    "find_choice",
    "find_claim",
    "find_confirmation",
    "find_deletion",
    "find_meta_features",
    "find_outlook",
    "find_sample_digests",
    "find_study",
    "find_test_reads",
    "held",
    "imported_repositories",
    "is_retryable",
    "is_transient",
    "kind_of",
    "list_studies",
    "load_checkpoint",
    "load_export",
    "load_study",
    "load_summary",
    "load_trials",
    "measured_split",
    "note_epochs",
    "note_test_read",
    "now",
    "open_database",
    "record_choice",
    "record_confirmation",
    "record_meta_features",
    "record_outlook",
    "record_sample_digests",
    "record_trial",
    "release",
    "release_confirmation",
    "remove_repository",
    "rename_study",
    "renew",
    "reserve",
    "save_checkpoint",
    "set_n_trials",
    "set_state",
    "store_export",
    "stored_outlooks",
    "study_states",
    "summarize",
    "take_over",
]
