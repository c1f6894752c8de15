"""Many groups at once give what one group at a time gives."""

import numpy as np
import pytest

from abm.measures import (
    Distribution,
    decompose_theil_t,
    middle_share,
    mobility_matrix,
    poverty_line,
    rank_correlation,
    relative_deprivation,
    shorrocks_r,
    wolfson,
)
from abm.measures.grouped import Grouped, mobility_matrices, rank_correlations, shorrocks
from abm.measures.groups import Groups

SIDES, VILLAGES = 2, 6
GROUPS = 1 + SIDES + VILLAGES


class Case:
    """Incomes of three years with ties and debts, persons some of whom are away, and groups, one of them empty."""

    def __init__(self, n: int) -> None:
        luck = np.random.default_rng(n)
        self.years = luck.normal(100, 60, (3, n)).round()
        self.persons = luck.integers(0, 6, n).astype(float)
        self.side, self.village = luck.integers(0, SIDES, n), luck.integers(0, VILLAGES - 1, n)
        self.groups = Groups((np.zeros(n), 1), (self.side, SIDES), (self.village, VILLAGES))
        self.masks = [np.ones(n, bool)]
        self.masks += [self.side == i for i in range(SIDES)] + [self.village == i for i in range(VILLAGES)]
        self.grouped = [Grouped(year, self.persons, self.groups) for year in self.years]

    def expect(self, found, one):
        """Compare with *one*, called with the years and persons of each group."""
        assert len(found) == GROUPS
        for group, mask in enumerate(self.masks):
            expected = one(self.years[:, mask], self.persons[mask])
            assert found[group] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True), group


@pytest.fixture(params=[1, 4, 60, 900])
def case(request):
    return Case(request.param)


@pytest.mark.parametrize(
    "name", ["mean", "median", "gini", "theil_t", "theil_l", "palma", "s80_s20", "persons"]
)
def test_measures_of_a_distribution(case, name):
    case.expect(getattr(case.grouped[0], name), lambda y, w: getattr(Distribution(y[0], w), name))


def test_poverty_and_parts(case):
    spread = case.grouped[0]
    parts = spread.part_sums(at=(0.2, 0.4, 0.6, 0.8))
    case.expect(
        parts / np.where((total := parts.sum(axis=1)) > 0, total, np.nan)[:, np.newaxis],
        lambda y, w: Distribution(y[0], w).shares(),
    )
    for place, share in enumerate((0.4, 0.6)):
        found = spread.headcounts((0.4, 0.6))[:, place]
        case.expect(
            found, lambda y, w, k=share: (d := Distribution(y[0], w)).headcount(poverty_line(k, d.median))
        )
    gap, severity = spread.gaps(0.6)
    case.expect(gap, lambda y, w: (d := Distribution(y[0], w)).poverty_gap(0.6 * d.median))
    case.expect(severity, lambda y, w: (d := Distribution(y[0], w)).poverty_severity(0.6 * d.median))
    for found, epsilon in zip(spread.atkinson, (0.5, 1, 2), strict=True):
        case.expect(found, lambda y, w, e=epsilon: Distribution(y[0], w).atkinson(e))
    case.expect(
        spread.bottom_coded * np.where(spread.persons > 0, spread.persons, np.nan),
        lambda y, w: Distribution(y[0], w).bottom_coded,
    )


def test_polarisation(case):
    spread = case.grouped[0]
    case.expect(spread.wolfson, lambda y, w: wolfson(y[0], w))
    case.expect(spread.middle_share(0.75, 2.0), lambda y, w: middle_share(y[0], w))
    case.expect(spread.relative_deprivation, lambda y, w: relative_deprivation(y[0], w))


def test_theil_between(case):
    found = case.grouped[0].theil_t_between(case.village, VILLAGES, 1 + SIDES)
    for group in range(1 + SIDES):
        mask = case.masks[group]
        expected = decompose_theil_t(case.years[0][mask], case.persons[mask], case.village[mask]).between
        assert found[group] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)
    assert np.isnan(found[1 + SIDES :]).all()


def test_dynamics(case):
    ranks = [year.ranks() for year in case.grouped]
    found = rank_correlations(case.groups, case.persons, ranks[0], ranks[2])
    case.expect(found, lambda y, w: rank_correlation(y[0], y[2], w))
    moves = mobility_matrices(case.groups, case.persons, ranks[0], ranks[2], splits=3)
    case.expect(moves, lambda y, w: mobility_matrix(y[0], y[2], w))
    longer = Grouped(case.years.mean(axis=0), case.persons, case.groups)
    case.expect(shorrocks(case.grouped, longer), lambda y, w: shorrocks_r(y, w))


def test_sums_and_parts_add_up(case):
    column = np.arange(len(case.persons)) ** 2
    for group, mask in enumerate(case.masks):
        assert case.groups.sums(column)[group] == column[mask].sum()
        assert case.groups.sums(case.persons > 1)[group] == (case.persons[mask] > 1).sum()
    parts = case.grouped[0].part_sums(column, (0.1, 0.5, 0.51))
    whole = case.groups.sums(np.where(case.persons > 0, column, 0))
    known = case.groups.sums(case.persons) > 0
    assert parts[known].sum(axis=1) == pytest.approx(whole[known])
    assert np.isnan(parts[~known]).all()


def test_a_line_made_before_serves_fewer_rows():
    case = Case(200)
    line = case.grouped[0].line
    fewer = np.where(np.arange(200) % 3 == 0, 0.0, case.persons)
    fewer[case.village == 2] = 0.0
    again, anew = (Grouped(case.years[0], fewer, case.groups, made) for made in (line, None))
    assert np.array_equal(again.gini, anew.gini, equal_nan=True)
    assert np.isnan(again.gini[1 + SIDES + 2])


def test_nobody_at_all():
    nobody = Grouped(np.zeros(3), np.zeros(3), Groups((np.zeros(3), 1), ([0, 1, 1], 2)))
    assert nobody.persons.tolist() == [0, 0, 0]
    for name in ("mean", "median", "gini", "theil_t", "wolfson", "palma"):
        assert np.isnan(getattr(nobody, name)).all(), name
    assert np.isnan(nobody.part_sums(np.ones(3), (0.5,))).all()


def test_the_numbers_of_a_group_do_not_hang_on_its_place():
    """To the last bit: what stands before a group in the line leaves no rounding in it."""
    luck = np.random.default_rng(1)
    income, persons, code = (
        luck.lognormal(9, 1, 500),
        luck.integers(1, 6, 500).astype(float),
        luck.integers(0, 4, 500),
    )
    plain = Grouped(income, persons, Groups((code, 4)))
    other = Grouped(income, persons, Groups((3 - code, 4)))
    for name in ("mean", "gini", "theil_t", "palma", "wolfson"):
        assert np.array_equal(getattr(plain, name), getattr(other, name)[::-1]), name


def test_where_half_have_nothing_there_is_no_line_to_be_below():
    groups = Groups((np.array([0, 0, 0, 0, 0, 1, 1, 1]), 2))
    spread = Grouped(np.array([0.0, 0.0, 0.0, 5000.0, 9000.0, 10.0, 100.0, 100.0]), np.full(8, 3.0), groups)
    under = spread.headcounts((0.4, 0.6))
    assert np.isnan(under[0]).all()
    assert under[1] == pytest.approx([1 / 3, 1 / 3])
