"""What was measured: studies, trials, confirmations, meta-features."""
