"""Make one run (dataset x method x split x seed), or many with -m; see conf/train.yaml."""

from ck4gen.cli.main import train

if __name__ == "__main__":
    train()
