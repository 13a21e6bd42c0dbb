"""How a LightningModule is trained."""
