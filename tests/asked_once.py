"""What libraries ask of a class or of all that is installed, each time anew: asked once."""

import sys
from functools import cache

import pytest


@pytest.fixture(autouse=True, scope="session")
def asked_once():
    """Of the libraries that the tests at hand have imported."""
    with pytest.MonkeyPatch.context() as patch:
        for module, change in CHANGES.items():
            if module in sys.modules:
                change(patch, sys.modules[module])
        yield


def callbacks(patch, connector):
    """Lightning searches all packages for callbacks, for each stage of training."""
    patch.setattr(connector, "_load_external_callbacks", cache(connector._load_external_callbacks))


def kinds_of_table(patch, narwhals):
    """scikit-learn has each array searched for the attributes of ten kinds of table."""
    has = narwhals._hasattr_static

    @cache
    def of_a_class(kind, name):
        return any(name in vars(base) for base in kind.__mro__)

    def known(thing, name):
        plain = not hasattr(thing, "__dict__")  # has what its class has
        return of_a_class(type(thing), name) if plain else has(thing, name)

    patch.setattr(narwhals, "_hasattr_static", known)


def names_of_parameters(patch, base):
    """scikit-learn reads the signature of an estimator for each that is made."""
    names = base.BaseEstimator._get_param_names.__func__
    known = cache(names)
    patch.setattr(base.BaseEstimator, "_get_param_names", classmethod(lambda cls: [*known(cls)]))


CHANGES = {
    "pytorch_lightning.trainer.connectors.callback_connector": callbacks,
    "narwhals._utils": kinds_of_table,
    "sklearn.base": names_of_parameters,
}
