"""A cell of an exported table: no spreadsheet takes what a stranger typed for a formula."""

from __future__ import annotations

import pytest

from portal.services.audit_search import harmless


@pytest.mark.parametrize("cell", ("=1+1", "+1", "-1", "@x", "\t=1", "\r=1"))
def test_a_cell_that_begins_like_a_formula_is_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ("a=1", "Élise", "", None, 5))
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert harmless(cell) == ("" if cell is None else str(cell))
