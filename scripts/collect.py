"""Summarise finished runs over seeds, from their files alone; see conf/collect.yaml."""

from ck4gen.cli.main import collect

if __name__ == "__main__":
    collect()
