"""Search for hyper-parameters by hazard error and privacy; see conf/search.yaml."""

from ck4gen.cli.main import search

if __name__ == "__main__":
    search()
