"""Networks and their LightningModules."""
