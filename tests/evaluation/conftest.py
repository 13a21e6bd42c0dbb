import pytest

from ck4gen.config import defaults
from ck4gen.data.benchmarks.actg320 import ACTG320DataModule
from ck4gen.data.benchmarks.gbsg2 import GBSG2DataModule
from ck4gen.data.benchmarks.whas500 import WHAS500DataModule
from ck4gen.evaluation.base.settings import EvaluationSettings
from ck4gen.settings import build


@pytest.fixture(scope="session")
def full():
    return build(EvaluationSettings, "evaluation", defaults()["evaluation"])


@pytest.fixture(scope="session")
def fast():
    return build(EvaluationSettings, "evaluation", defaults("evaluation=fast")["evaluation"])


def prepared(module):
    data = module()
    data.setup()
    return data.train, data.schema


@pytest.fixture(scope="session")
def gbsg2():
    return prepared(GBSG2DataModule)


@pytest.fixture(scope="session")
def whas500():
    return prepared(WHAS500DataModule)


@pytest.fixture(scope="session")
def actg320():
    return prepared(ACTG320DataModule)
