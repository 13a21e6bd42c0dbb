"""Evaluate a finished run again, without fitting; see conf/evaluate.yaml."""

from ck4gen.cli import evaluate

if __name__ == "__main__":
    evaluate()
