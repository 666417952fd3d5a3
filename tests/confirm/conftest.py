from tests.support.studies import embeddings, quick, quiet_optuna, start, study, work

__all__ = ["embeddings", "quick", "quiet_optuna", "start", "study", "work"]  # fixtures
