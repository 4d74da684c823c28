"""References: a check character that finds every single slip, and every way of typing one."""

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.references import ALPHABET, masked, new_reference, normalised


def test_a_new_reference_is_read_back() -> None:
    for _ in range(200):
        reference = new_reference()
        assert normalised(reference) == reference
        assert reference[-1] in ALPHABET


def test_it_is_read_however_it_was_typed() -> None:
    reference = new_reference()
    assert normalised(reference.lower().replace("-", " ")) == reference
    assert normalised(reference.replace("0", "o").replace("1", "l")) == reference


@given(position=st.integers(2, 10), letter=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(position: int, letter: str) -> None:
    reference = new_reference()
    slipped = reference[:position] + letter + reference[position + 1 :]
    if reference[position] not in ("-", letter):
        assert normalised(slipped) is None


@given(st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    assert normalised(text) in (None, normalised(text))


def test_a_message_shows_the_last_four_only() -> None:
    assert masked("P-4K7Q-2M9D") == "P-••••-2M9D"
