"""Configurations in a tenth of the time: Hydra makes each from twenty files, and tests hundreds."""

import pickle
from copy import copy, deepcopy
from dataclasses import replace
from itertools import takewhile
from types import SimpleNamespace

import pytest
from hydra._internal import config_loader_impl, config_repository, defaults_list
from hydra._internal.defaults_list import Overrides
from omegaconf.base import Metadata


def once(method, key):
    """The method, called once for what ``key`` makes of its arguments; each caller has a copy."""
    known: dict[str, bytes] = {}  # pickled: that makes a copy in a seventh of the time

    def remembered(self, **keys):
        name = repr(key(self, **keys))
        if name not in known:
            known[name] = pickle.dumps(method(self, **keys))
        return pickle.loads(known[name])

    return remembered


def places(repo):
    return [source.path for source in repo.get_sources()]


def after_hydras_own(merge, load):
    """The merge of files, of which those of Hydra itself, the first half, are merged once."""
    own = once(merge, lambda _, defaults, repo: (defaults, places(repo)))

    def merged(self, defaults, repo):
        first = list(takewhile(lambda one: one.config_path.startswith("hydra/"), defaults))
        begun = SimpleNamespace(config=own(self, defaults=first, repo=repo))

        def loaded(default, repo):
            return begun if default is first[-1] else load(self, default=default, repo=repo)

        self._load_single_config = loaded
        try:
            return merge(self, [first[-1], *defaults[len(first) :]], repo)
        finally:
            del self._load_single_config

    return merged


def pytest_configure(config):
    """From here on, since some files of tests compose as they are imported."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    each_file_loaded_and_each_choice_of_files_merged_once(patch)
    each_choice_of_files_found_once(patch)
    choices_known_where_asked_for(patch)
    patch.setattr(Metadata, "__deepcopy__", copied, raising=False)


def each_file_loaded_and_each_choice_of_files_merged_once(patch):
    loader, repository = config_loader_impl.ConfigLoaderImpl, config_repository.ConfigRepository
    read = once(repository.load_config, lambda repo, config_path: (config_path, places(repo)))
    patch.setattr(repository, "load_config", read)
    merged = after_hydras_own(loader._compose_config_from_defaults_list, loader._load_single_config)
    merged = once(merged, lambda _, defaults, repo: (defaults, places(repo)))
    patch.setattr(loader, "_compose_config_from_defaults_list", merged)
    # a repository of its own for each configuration, but not the files of all the plugins
    patch.setattr(config_repository, "copy", SimpleNamespace(deepcopy=copy))


def each_choice_of_files_found_once(patch):
    """Which files a choice leads to; Hydra reads their lists of defaults each time anew."""
    find, lists = config_loader_impl.create_defaults_list, {}

    def found(repo, config_name, overrides_list, **how):
        given = Overrides(repo, overrides_list)
        choice = given.override_choices, given.append_group_defaults, given.deletions
        key = repr((places(repo), config_name, choice, how))
        if key not in lists:
            lists[key] = find(repo, config_name, overrides_list, **how)
        return replace(lists[key], config_overrides=given.config_overrides)

    patch.setattr(config_loader_impl, "create_defaults_list", found)


def choices_known_where_asked_for(patch):
    """Choices so far, which a list of defaults with an interpolation needs, and no other one."""
    known = defaults_list._create_interpolation_map

    def asked(overrides, given, self_added):
        wanted = any(default.is_interpolation() for default in given)
        return known(overrides, given, self_added) if wanted else None

    patch.setattr(defaults_list, "_create_interpolation_map", asked)


def copied(self, memo):
    """What describes a key: its types and names, which do not change, need no copy of their own."""
    new = copy(self)
    for name in ("flags", "resolver_cache"):  # which do
        if hasattr(self, name):
            setattr(new, name, deepcopy(getattr(self, name), memo))
    return new
