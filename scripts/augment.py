"""Compare training on real rows with training on real and synthetic ones; see conf/augment.yaml."""

from ck4gen.cli.main import augment

if __name__ == "__main__":
    augment()
