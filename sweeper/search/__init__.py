"""The search: study files, samplers, and the worker that trains what they propose."""
