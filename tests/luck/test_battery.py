"""The battery of luck: our draws pass it, and each planted fault sets it off. See docs/luck.md."""

import re
from functools import cache

import numpy as np
import pytest
from scipy import stats

from abm.core.draws import Draws, key_of
from abm.model.model import JointPointModel
from abm.world import people
from tests.luck import battery
from tests.luck.bad_luck import BAD, BAD_PAIRS, SUBTLE, Planted, good, of_numpy, planted
from tests.worlds import t_district

LARGE = 60_000
BIRTHS = 1_000_000


@cache
def ours() -> dict[str, float]:
    """p-values of our draws, at their largest."""
    return battery.run(Draws, LARGE)


def chances(found: dict[str, float]) -> np.ndarray:
    """Those p-values that are uniform for a sound generator: the others are 0 or 1, or count what hardly happens."""
    rare = re.compile("^order|no number twice|from both ends")
    return np.array([p for name, p in found.items() if not rare.search(name)])


# --- our own luck -----------------------------------------------------------------------------------------


def test_our_draws_set_off_no_alarm() -> None:
    """The rate of false alarms is ``battery.FALSE_ALARM`` for the whole of it, more than eight hundred values."""
    found = ours()
    assert len(found) > 800
    assert battery.alarms(found) == []


def test_our_p_values_are_themselves_uniform() -> None:
    """So it is no battery that nothing can fail. They hang together, so that the bounds are wide."""
    p = chances(ours())
    for level in (0.01, 0.1, 0.5, 0.9):
        assert abs((p < level).mean() - level) < 8 * np.sqrt(level * (1 - level) / len(p)), level


def test_every_check_is_made() -> None:
    written = {getattr(battery, name) for name in dir(battery) if name.startswith("of_")}
    assert set(battery.CHECKS) == written


# --- the rate, and what is caught -------------------------------------------------------------------------


def test_false_alarms_are_as_rare_as_is_said() -> None:
    """NumPy's own generator at a level of 5 % instead of 10⁻⁶: alarms in as many of twenty runs, or fewer. Of all its
    p-values one in a hundred is below .01."""
    runs = [battery.run(lambda seed, i=i: Planted(1000 * i + seed, of_numpy), 4_000) for i in range(20)]
    false = sum(bool(battery.alarms(found, 0.05)) for found in runs)
    assert false <= stats.binom.ppf(1.0 - battery.FALSE_ALARM, len(runs), 0.05)
    p = np.concatenate([chances(found) for found in runs])
    assert 0.007 < (p < 0.01).mean() < 0.013


def test_holm_rejects_as_it_should() -> None:
    """Four values at .05: .01 < .05/4, .013 < .05/3, .03 > .05/2; and what comes after stays."""
    found = {"a": 0.03, "b": 0.01, "c": 0.9, "d": 0.013}
    assert battery.alarms(found, 0.05) == ["b", "d"]
    assert battery.alarms(found, 0.03) == []


@pytest.mark.parametrize("name", BAD)
def test_bad_luck_sets_it_off(name: str) -> None:
    heard = battery.alarms(battery.run(planted(name), 20_000 if name in SUBTLE else 8_000))
    assert any(BAD[name][1] in alarm for alarm in heard), heard


@pytest.mark.parametrize("name", BAD_PAIRS)
def test_bad_keys_of_pairs_set_it_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, part = BAD_PAIRS[name]
    monkeypatch.setattr(battery, "pair_key", make)
    heard = battery.alarms(battery.run(Draws, 5_000))
    assert heard
    assert all(re.match("ties|pairs|neighbours in pairs", alarm) for alarm in heard)
    assert any(part in alarm for alarm in heard), heard


def test_what_is_planted_on_is_sound() -> None:
    assert battery.alarms(battery.run(lambda seed: Planted(seed, good), 5_000)) == []


# --- keys of those who are not there yet ------------------------------------------------------------------


@pytest.fixture(scope="module")
def later() -> np.ndarray:
    """Keys of a million households that move in one after the other, as the world makes them (``people.move_in``);
    shape (generations, dwellings)."""
    model = JointPointModel(t_district(), households=2250, years=1, views=False, rng=1)
    world, rows = model.world, np.arange(2250)
    keys = np.empty((-(-BIRTHS // len(rows)), len(rows)), np.uint64)
    for generation in range(len(keys)):
        people.move_in(world, rows, world.households.registered[rows])
        keys[generation] = world.households.key
    assert keys.size >= BIRTHS
    assert len(world.places) == 45
    return keys


def twice(keys: np.ndarray) -> int:
    """How many keys are another's."""
    ordered = np.sort(keys, axis=None)
    return int((ordered[1:] == ordered[:-1]).sum())


def long_rows(words: np.ndarray) -> np.ndarray:
    """The same in five rows, as far as they are whole."""
    return words[: len(words) // 5 * 5].reshape(5, -1)


def test_a_million_later_households_share_no_key(later: np.ndarray) -> None:
    """Nor with those who come of age in them, one in each. Of two million random words of 64 bits two are equal with a
    chance of 10⁻⁷."""
    young = key_of(later, people.GROWN)
    assert twice(np.concatenate([later, young])) == 0


def test_a_shared_key_would_be_seen(later: np.ndarray) -> None:
    """Half the bits, a sum instead of a mix, or a birth order that is forgotten for one in a hundred thousand."""
    assert twice(later & np.uint64(2**32 - 1)) > 50  # 10⁶ births in 2³² words: 116 are to be expected
    place, number = np.arange(2250) % 45, np.arange(2250) // 45
    assert twice(place + number + np.arange(len(later))[:, None]) > 0
    forgotten = later.copy()
    forgotten.flat[BIRTHS // 2] = forgotten.flat[0]
    assert twice(forgotten) == 1


def test_keys_of_later_households_are_random_words(later: np.ndarray) -> None:
    """Bit by bit, and of dwelling and generation no trace: the same tests as of draws, on their upper 52 bits, with a
    rate of false alarms of its own. Rows are long, so that no cell is too small for a chi-square."""
    words = ((later >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    lives = np.ascontiguousarray(words.T[:12])
    found = {
        f"{name} {i}": float(p)
        for name, values in {
            "bits": battery.bits(words.ravel()[:100_000]),
            "uniform": battery.uniform(words.reshape(10, -1)),
            "generations": battery.independent(long_rows(words[:-1:2]), long_rows(words[1::2])),
            "dwellings": battery.independent(long_rows(words[:, :-1:2]), long_rows(words[:, 1::2])),
            "lives": battery.uncorrelated(lives),
        }.items()
        for i, p in enumerate(values)
    }
    assert battery.alarms(found) == []
    weak = (
        key_of(np.arange(2250)) + np.arange(200, dtype=np.uint64)[:, None]
    )  # generation added to a dwelling's key
    weak_words = ((weak >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    assert (
        battery.independent(long_rows(weak_words[:-1:2]), long_rows(weak_words[1::2])).min()
        < battery.FALSE_ALARM
    )


def test_draws_of_later_households_are_uniform_and_apart_from_those_before(later: np.ndarray) -> None:
    """A million draws of one stream and tick, each dwelling's next household beside the one before it; the third and
    last of the batteries."""
    u = Draws(4).uniform("illness.onset", 40, later)
    followed = battery.independent(long_rows(u[:-1:2]), long_rows(u[1::2]))
    p = np.concatenate([battery.uniform(u.reshape(10, -1)), followed])
    named = {str(i): float(value) for i, value in enumerate(p)} | {"twice": battery.repeated(u)}
    assert battery.alarms(named) == []
