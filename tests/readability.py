"""How hard a page is to read: Flesch-Kincaid for English, Kandel-Moles for French, as textstat counts them.

textstat stays at 0.7.4 (experience, 8.3): it divides words with bundled tables, where later ones download a corpus.
"""

from __future__ import annotations

import sys
from types import ModuleType

from bs4 import BeautifulSoup, Tag

# It imports this at its head for word lists that neither of the two formulas reads; setuptools left it out at 82.
sys.modules.setdefault("pkg_resources", ModuleType("pkg_resources"))
from textstat.textstat import textstatistics  # noqa: E402

HARDEST_ENGLISH = 8.0
HARDEST_FRENCH = 60.0
FEWEST_WORDS = 30
"""Below this a page is a few labels, and a formula for sentences says nothing about it."""
BLOCKS = ["h1", "h2", "h3", "p", "li", "label", "legend", "summary", "dt", "button", "th", "figcaption"]
NO_PROSE = (
    ".envelope, .reference, code, address, .govuk-error-summary, [data-legal], option, .codes, "
    "[for^=visited]"  # names of countries
)


def prose_of(page: BeautifulSoup) -> list[str]:
    """The sentences of a page's own part, without what is no prose: references, addresses, codes, legal notices."""
    main = page.find("main")
    assert isinstance(main, Tag)
    copy = BeautifulSoup(str(main), "html5lib")
    for other in copy.select(NO_PROSE):
        other.decompose()
    blocks = [block for block in copy.find_all([*BLOCKS, "div"]) if _is_innermost(block)]
    return [text for block in blocks if (text := " ".join(block.get_text(" ").split()))]


def _is_innermost(block: Tag) -> bool:
    if block.name == "div" and "govuk-hint" not in (block.get("class") or []):
        return False
    return not block.find(BLOCKS)


def grade(sentences: list[str], language: str) -> float:
    """English: the school year that it takes. French: the ease of Kandel and Moles, 100 and more for the easiest."""
    counted = textstatistics()
    counted.set_lang(language)
    text = " ".join(one if one[-1] in ".!?:" else f"{one}." for one in sentences)
    return float(counted.flesch_kincaid_grade(text) if language == "en" else counted.flesch_reading_ease(text))


def is_hard(sentences: list[str], language: str) -> bool:
    """Whether a page is harder than is allowed."""
    if sum(len(sentence.split()) for sentence in sentences) < FEWEST_WORDS:
        return False
    found = grade(sentences, language)
    return found > HARDEST_ENGLISH if language == "en" else found < HARDEST_FRENCH
