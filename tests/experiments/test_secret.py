"""The custodian's secret: made once, private, and in nothing that a run writes."""

import os
import stat

import pytest

from ck4gen.experiments.secret import custodian_secret, secret_seed
from ck4gen.guard.secret_weights import SECRET_LENGTH
from ck4gen.settings import InputError


def test_secret_is_made_once_and_private(tmp_path):
    file = tmp_path / "deep" / "secret.key"
    secret = custodian_secret(file)
    assert len(secret) == SECRET_LENGTH
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert custodian_secret(file) == secret
    assert custodian_secret(tmp_path / "other.key") != secret


def test_a_seed_hangs_on_both():
    seeds = [secret_seed(secret, seed) for secret in (b"a" * 32, b"b" * 32) for seed in range(50)]
    assert len(set(seeds)) == 100
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert secret_seed(b"a" * 32, 0) == seeds[0]


def test_secret_that_others_may_read_is_refused(tmp_path):
    file = tmp_path / "secret.key"
    custodian_secret(file)
    os.chmod(file, 0o644)
    with pytest.raises(InputError, match="chmod 600"):
        custodian_secret(file)


def test_other_file_is_no_secret(tmp_path):
    file = tmp_path / "secret.key"
    file.write_bytes(b"short")
    file.chmod(0o600)
    with pytest.raises(InputError, match="is no secret"):
        custodian_secret(file)
