"""Shadow models: an attacker who learns from tables with and without a patient who was in."""
