"""Tables, figures and a web page from finished runs: python scripts/report.py [only=figure_05]."""

from ck4gen.cli.main import report

if __name__ == "__main__":
    report()
