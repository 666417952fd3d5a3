"""How long leases last, how often is looked, and how long anything is waited for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """All times by which workers and their database go, in seconds.

    They travel with the `Database`, and to a worker's process with its config. Whoever works on one
    database needs the same `lease`; the rest each may choose for itself.

    Attributes:
        lease: that a lease lasts unless it is renewed, every quarter of it. A worker that hangs for
            two minutes keeps its trials, and those of a lost machine wait for three.
        termination_poll: between two looks at what others hold when nothing is left to take. The
            answer changes with a renewal or the end of a trial, so sooner tells nothing new.
        claim_poll: to wait for a worker that is just asking for a trial; asking takes no longer.
        trials_refresh: for which the sampler takes the trials of others to be as they were, while
            several are asked for in a row. Reading them again takes as long as asking.
        supervision_poll: between two looks of the process that started workers, for a progress bar
            that moves and a Ctrl-C that is felt.
        progress_note: between two notes of how far an array is: nobody looks more often.
        progress_pause: without such notes after one that failed: each may take as long as a
            connection to a server that does not answer, and training waits for it.
        retry_wait: before a transaction is tried for the second time; twice as long before each
            further one. A rollback is over by then.
        longest_retry_wait: between two tries at most. Many workers that come back every ten seconds
            do not keep a server from starting, and none stays idle for long.
        timeout: to wait for a database that is out of reach where a person waits, too: enough for a
            server to restart.
        worker_timeout: to wait for it in a worker, which has trained for hours and would lose what
            it has: enough to move a server to another machine.
        renewal_timeout: to go on renewing leases while it is out of reach: the worker itself gives
            up long before.
        idle_transaction: after which PostgreSQL ends a transaction whose client does nothing, since
            its locks hold up all others. No transaction of ours thinks for as long as a second.
        schema_lock: after which PostgreSQL takes the lock on the schema, or on a grid, from a
            process that was frozen. Longer than a migration of a large database lasts.
        stop_grace: for workers to hand back what they hold before they are killed.
        leave_grace: for workers to finish an epoch and save it before they are killed. A system
            that preempts kills before that.
        preemption_notice: before Slurm's time limit at which a worker is told to leave: enough for
            most epochs, and little of a job of an hour.
        checkpoint: of training between two checkpoints: a fault costs two minutes at most, and
            saving takes far less than one percent of them.
    """

    lease: float = 180.0
    termination_poll: float = 5.0
    claim_poll: float = 0.2
    trials_refresh: float = 1.0
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
        """Seconds after an outage by which all others have found the database again, too."""
        return 3 * self.longest_retry_wait


#: What holds unless somebody hands in other times.
DEFAULT_TIMING = Timing()
