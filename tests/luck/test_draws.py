"""What ``Draws`` promises exactly: a draw is a function of seed, stream, time and key, and of nothing else. That draws
are uniform and independent is for the battery (``test_battery.py``)."""

import numpy as np
import pytest

from abm.core.draws import (
    Draws,
    FixedDraws,
    fresh_seed,
    key_of,
    key_with,
    mix,
    name_key,
    pair_key,
    replication_seed,
)


def test_each_bit_of_a_key_turns_half_of_the_bits_of_its_draw() -> None:
    keys = key_of(np.arange(2000))
    for bit in range(64):
        turned = keys ^ np.uint64(1 << bit)
        change = mix(mix(keys)) ^ mix(mix(turned))
        share = np.unpackbits(change.view(np.uint8)).mean()
        assert abs(share - 0.5) < 6 * 0.5 / np.sqrt(64 * 2000)


def test_normals_have_the_moments_of_a_normal() -> None:
    z = Draws(4).normal("labour.fit", 0, key_of(np.arange(400_000)))
    moments = [(z**k).mean() for k in (1, 2, 3, 4)]
    assert np.allclose(moments, [0.0, 1.0, 0.0, 3.0], atol=0.06)
    assert np.isfinite(z).all()


def _unmix(word: int) -> int:
    """The inverse of ``mix``, which is a bijection of 64-bit words."""

    def unshift(x: int, by: int) -> int:
        y = x
        for _ in range(64 // by + 1):
            y = x ^ (y >> by)
        return y

    modulus = 2**64
    x = unshift(word, 31) * pow(0x94D049BB133111EB, -1, modulus) % modulus
    x = unshift(x, 27) * pow(0xBF58476D1CE4E5B9, -1, modulus) % modulus
    return unshift(x, 30)


@pytest.mark.parametrize("times", [1, 100], ids=["one key", "many"])
@pytest.mark.parametrize("word", [0, 1, 2**64 - 1, 2**64 - 2**11, 2**64 - 2**12, 2**63])
def test_no_key_draws_0_or_1(word: int, times: int) -> None:
    """Inverse CDFs are infinite there, and a mask of strength 1 must let every link through."""
    draws = Draws(1)
    a, b = (int(part) for part in draws._words("stream", 2))
    key = np.array(times * [_unmix((_unmix(word) - b) % 2**64) ^ a], np.uint64)
    assert int(mix(mix(key ^ np.uint64(a)) + np.uint64(b))[0]) == word  # the key that hashes to this word
    u = draws.uniform("stream", 2, key)
    assert ((u > 0.0) & (u < 1.0)).all()
    assert np.isfinite(draws.normal("stream", 2, key)).all()


def test_a_draw_depends_on_its_key_alone() -> None:
    keys = key_of(np.arange(5000), 3)
    draws = Draws(8)
    whole = draws.uniform("needs.dispute", 4, keys)
    order = np.random.default_rng(1).permutation(len(keys))
    some = order[:700]
    assert np.array_equal(draws.uniform("needs.dispute", 4, keys[order]), whole[order])
    assert np.array_equal(draws.uniform("needs.dispute", 4, keys[some]), whole[some])
    assert np.array_equal(draws.uniform("needs.dispute", 4, keys.reshape(50, 100)), whole.reshape(50, 100))
    one_by_one = [Draws(8).uniform("needs.dispute", 4, keys[i : i + 1])[0] for i in range(20)]
    assert np.array_equal(one_by_one, whole[:20])


@pytest.mark.parametrize("count", range(12))
def test_few_keys_draw_what_they_draw_among_many(count: int) -> None:
    """Few are hashed one by one, many as arrays."""
    keys = key_of(np.arange(1000), 2)
    for stream, when in (("needs.dispute", 0), ("labour.fit", 2**40)):
        whole = Draws(2**63 - 1).uniform(stream, when, keys)
        assert np.array_equal(Draws(2**63 - 1).uniform(stream, when, keys[:count]), whole[:count])


@pytest.mark.parametrize("count", [1, 100])
def test_a_key_that_is_no_word_is_refused(count: int) -> None:
    with pytest.raises(TypeError):
        Draws(1).uniform("stream", 0, np.arange(count))  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("seed", [0, 7, 2**32, 2**63 - 1, 2**90])
def test_the_words_of_a_stream_are_those_of_numpys_seed_sequence(seed: int) -> None:
    for when in (0, 3, 2**32 - 1, 2**32):
        entropy = [seed, name_key("labour.fit"), when]
        words = np.random.SeedSequence(entropy).generate_state(2, np.uint64).tolist()
        assert list(Draws(seed)._words("labour.fit", when)) == words


def test_nothing_is_drawn_for_a_time_before_all_times() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        Draws(1).uniform("stream", -1, key_of(1))


def test_a_draw_does_not_depend_on_what_was_drawn_before() -> None:
    keys = key_of(np.arange(50))
    fresh = Draws(8).uniform("a", 4, keys)
    used = Draws(8)
    for tick in range(1200):  # also more streams and ticks than are kept in mind
        used.uniform("b", tick, keys)
    assert np.array_equal(used.uniform("a", 4, keys), fresh)
    assert keys[0] == key_of(0)[0]  # nothing was written into the keys


def test_draws_differ_by_seed_stream_and_tick() -> None:
    keys = key_of(np.arange(10))
    base = Draws(8).uniform("a", 4, keys)
    for other in (
        Draws(9).uniform("a", 4, keys),
        Draws(8).uniform("b", 4, keys),
        Draws(8).uniform("a", 5, keys),
    ):
        assert not np.isin(other, base).any()


def test_hashes_are_the_published_ones() -> None:
    """A change here changes every result that was ever published. SplitMix64 from state 1234567 gives the words of
    its reference implementation; a name's key begins its SHA-256."""
    golden = 0x9E3779B97F4A7C15
    states = np.array([(1234567 + step * golden) % 2**64 for step in (1, 2, 3)], np.uint64)
    assert mix(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert key_of(np.uint64(1234567)).tolist() == [6457827717110365317]
    assert name_key("").to_bytes(8, "little").hex() == "e3b0c44298fc1c14"


def test_keys_are_ordered_and_pairs_are_not() -> None:
    assert key_of(1, 2) != key_of(2, 1)
    a, b = key_of(np.arange(100)), key_of(np.arange(100, 200))
    assert np.array_equal(pair_key(a, b), pair_key(b, a))


def test_single_numbers_make_the_keys_that_columns_make() -> None:
    places, numbers = np.arange(30), np.arange(30)[::-1]
    columns = key_of(places, numbers)
    for row in range(30):
        for place in (int(places[row]), np.int32(places[row]), places[row : row + 1]):
            assert np.array_equal(key_of(place, int(numbers[row])), columns[row : row + 1])
    for few in (0, 1, 5, 30):
        assert np.array_equal(key_with(key_of(places[:few]), numbers[:few]), columns[:few])
    assert np.array_equal(key_with(key_of(places), 4), key_of(places, 4))


def test_a_single_key_draws_a_single_number() -> None:
    keys, draws = key_of(np.arange(9)), Draws(3)
    whole = draws.uniform("stream", 1, keys)
    assert isinstance(draws.uniform("stream", 1, keys[4]), float)
    assert draws.uniform("stream", 1, keys[4]) == whole[4]
    assert mix(keys[4]) == mix(keys)[4]


def test_a_number_beyond_64_bits_makes_no_key() -> None:
    for parts in ((2**64 + 5,), (np.arange(3), 2**64 + 5)):
        with pytest.raises(OverflowError):
            key_of(*parts)


def test_a_key_takes_no_negative_number() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        key_of(np.array([1, -1]))


def test_fixed_draws_give_what_a_test_has_chosen() -> None:
    luck, keys = FixedDraws({"illness.onset": 0.01}), key_of(np.arange(6)).reshape(2, 3)
    assert (luck.uniform("illness.onset", 5, keys) == 0.01).all()
    assert (luck.uniform("anything", 5, keys) == 0.5).all()
    assert (luck.normal("anything", 5, keys) == 0.0).all()
    assert luck.uniform("anything", 5, keys).shape == (2, 3)


def test_replications_have_seeds_of_their_own() -> None:
    seeds = {replication_seed(first, r) for first in range(200) for r in range(100)}
    assert len(seeds) == 20_000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert replication_seed(3, 4) == replication_seed(3, 4)
    assert len({fresh_seed() for _ in range(50)}) == 50
