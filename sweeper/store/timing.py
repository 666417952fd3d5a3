"""How long leases last, how often workers look for changes, and how long they wait."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """How long workers and their database wait, all in seconds.

    A `Database` carries it, and `WorkerConfig` takes it to the process of a worker. All workers on
    one database need the same `lease`; the rest each may choose for itself.

    Attributes:
        lease: seconds that a lease lasts; it is renewed after each quarter. A worker that hangs for
            two minutes keeps its trials, and the trials of a lost machine wait for three.
        termination_poll: seconds between two looks at the leases of others when nothing is left to
            take. They change with a renewal or the end of a trial, so more looks tell no more.
        claim_poll: seconds to wait for a worker that is asking for a trial; asking takes no longer.
        trials_refresh: seconds for which a sampler need not read the trials of others again while
            it is asked for several in a row: reading takes as long as asking.
        steering: seconds between two looks whether somebody paused or stopped the study; a look
            reads one row.
        supervision_poll: seconds between two looks at the workers of a pool: the progress bar
            moves, and a Ctrl-C is noticed at once.
        progress_note: seconds between two notes of how far an array is; nobody looks more often.
        progress_pause: seconds without notes after one that failed: each may take as long as
            connecting to a server that does not answer, and training waits meanwhile.
        retry_wait: seconds before a transaction is tried a second time, doubled before each further
            try. A rollback is over by then.
        longest_retry_wait: seconds between two tries at most: many workers that try every ten
            seconds do not keep a server from starting, and none is idle for long once it has.
        timeout: seconds to wait for a database that is out of reach, where a person may be waiting:
            enough for a server to restart.
        worker_timeout: seconds that a worker waits for it, which may have trained for hours: enough
            to move a server to another machine.
        renewal_timeout: seconds for which renewing leases is tried while it is out of reach, longer
            than a worker waits.
        idle_transaction: seconds after which PostgreSQL ends a transaction whose client does
            nothing, since its locks hold up all others. Ours take less than a second.
        schema_lock: seconds after which PostgreSQL takes the lock on the schema, or on a grid, from
            a process that does not release it. A migration of a large database takes less.
        stop_grace: seconds that workers have to hand back their trials before they are killed.
        leave_grace: seconds that workers have to finish an epoch and save it before they are
            killed. A system that preempts kills sooner.
        preemption_notice: seconds before Slurm's time limit at which a worker is told to leave:
            enough for most epochs, and a small part of a job of an hour.
        checkpoint: seconds of training between two checkpoints. A fault costs two minutes at most,
            and saving takes far less than one percent of them.
    """

    lease: float = 180.0
    termination_poll: float = 5.0
    claim_poll: float = 0.2
    trials_refresh: float = 1.0
    steering: float = 2.0
    supervision_poll: float = 0.5
    progress_note: float = 1.0
    progress_pause: float = 60.0
    retry_wait: float = 0.2
    longest_retry_wait: float = 10.0
    timeout: float = 6.0
    worker_timeout: float = 600.0
    renewal_timeout: float = 86_400.0
    idle_transaction: float = 60.0
    schema_lock: float = 300.0
    stop_grace: float = 30.0
    leave_grace: float = 600.0
    preemption_notice: float = 90.0
    checkpoint: float = 120.0

    @property
    def renewal(self) -> float:
        """Seconds between two renewals of a lease: three may fail before it runs out."""
        return self.lease / 4

    @property
    def settling(self) -> float:
        """Seconds after an outage by which all workers have reached the database again."""
        return 3 * self.longest_retry_wait


#: The times that apply unless others are given.
DEFAULT_TIMING = Timing()
