"""What every metric is made of: a number with its reason, the registry, the settings."""
