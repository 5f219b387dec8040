"""Gives the tests of imports their desk."""

import pytest

from .small import Desk


@pytest.fixture
def desk(db, tmp_path) -> Desk:
    return Desk(tmp_path)
