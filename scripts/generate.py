"""Draw a cohort from a shared sampler, without the real data; see conf/generate.yaml."""

from ck4gen.cli.main import generate

if __name__ == "__main__":
    generate()
