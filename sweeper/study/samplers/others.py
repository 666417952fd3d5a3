"""Optuna's samplers that are taken as they are."""

from optuna.samplers import BaseSampler, GPSampler, NSGAIISampler, QMCSampler, RandomSampler
from optuna.samplers.nsgaii import SBXCrossover

from sweeper.study.samplers.proposing import Proposing

#: A generation of NSGA-II. Optuna's 50 would leave most of a study of 60 trials to chance.
POPULATION = 16


def make_gp(proposing: Proposing) -> BaseSampler:
    """Return Optuna's Gaussian process."""
    return GPSampler(seed=proposing.seed, warn_independent_sampling=False)


def make_qmc(proposing: Proposing) -> BaseSampler:
    """Return a Sobol sequence of its own for each worker."""
    # Scrambled, since the plain sequence begins at the corner where every parameter is lowest.
    # Each worker has its own sequence: with a shared one, two would take the same point at times.
    return QMCSampler(seed=proposing.seed, scramble=True, warn_independent_sampling=False)


def make_random(proposing: Proposing) -> BaseSampler:
    """Return independent draws."""
    return RandomSampler(seed=proposing.seed)


def make_nsga2(proposing: Proposing) -> BaseSampler:
    """Return NSGA-II in small generations."""
    # Optuna's own crossover hands whole numbers on, and so repeats one trial in ten; this one mixes
    # them (Deb and Agrawal 1995).
    return NSGAIISampler(
        seed=proposing.seed,
        population_size=POPULATION,
        crossover=SBXCrossover(),
        crossover_prob=1.0,
    )


def make_settings(proposing: Proposing) -> BaseSampler:
    """Return what an experiment has in place of a sampler."""
    # An experiment's trials are queued with all their values: nothing is left to sample.
    return RandomSampler(seed=proposing.seed)
