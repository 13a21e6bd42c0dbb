"""The Cox teacher, the DCM encoder and the SynthNet decoder."""
