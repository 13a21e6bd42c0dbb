"""Evaluate a finished run again, without fitting; see conf/evaluate.yaml."""

from ck4gen.cli.main import evaluate

if __name__ == "__main__":
    evaluate()
