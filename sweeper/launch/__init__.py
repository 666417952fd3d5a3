"""Starting workers on a study: here (`local`), or on a cluster (`slurm`)."""
