"""What a synthetic table does to inference, on cohorts of known truth; conf/simulate.yaml."""

from ck4gen.cli.main import simulate

if __name__ == "__main__":
    simulate()
