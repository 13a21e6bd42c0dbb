"""Is the synthetic table useful? Models trained on it, tested on held-out real rows."""
