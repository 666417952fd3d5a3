"""The pages under ``/sweep``, made on the server: they work without scripts, figures excepted."""
