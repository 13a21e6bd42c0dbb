"""Fit with and without one extreme patient and see whether the tables tell; conf/canary.yaml."""

from ck4gen.cli.main import canary

if __name__ == "__main__":
    canary()
