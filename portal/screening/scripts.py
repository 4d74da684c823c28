"""Names of every script as plain small Latin letters."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

ARABIC = {
    "ع": "", "ء": "", "أ": "a", "إ": "i", "آ": "a", "ا": "a", "ؤ": "u", "ئ": "i", "ى": "a", "ة": "a", "ی": "y",
    "ي": "y", "و": "w", "ث": "th", "خ": "kh", "ذ": "dh", "ش": "sh", "غ": "gh", "ظ": "z", "ض": "d", "ط": "t", "ص": "s",
    "ح": "h", "ه": "h", "ق": "q", "ک": "k", "گ": "g", "چ": "ch", "پ": "p", "ژ": "zh", "ھ": "h", "ہ": "h", "ۃ": "a",
}  # fmt: skip
MARKS = re.compile(r"['’ʼ`´‘ʻ\u064b-\u0652\u0640]")
HAN = re.compile(r"([\u3400-\u9fff\uac00-\ud7af])")
ARABIC_LETTER = re.compile(r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]")
GOD = re.compile(r"(?<=\w)\s*(?:الله|اللہ)(?!\w)")
AIN_FIRST = re.compile(r"(?<!\w)ع(?!ا)")
ARTICLE = re.compile(r"(?<!\w)ال(?=\w{3})")
SERVANT_JOINED = re.compile(r"(?<!\w)عبدال(?=\w)")
LONG = re.compile(r"(?<=[^\W\d])[aiu](?=\w)")
"""Long vowels after the first letter, which Latin spellings render in many ways: only the consonants are kept."""
GOD_WRITTEN = re.compile(r"(?<!\w)(?:allh|llh)(?!\w)")
W_BETWEEN = re.compile(r"(?<=[^aeiouwy\W])w(?![aeiou])")
Y_BETWEEN = re.compile(r"(?<=[^aeiouwy\W])y(?=[^\Waeiou])")
Y_LAST = re.compile(r"(?<=\w)y(?!\w)")


def plain(name: str) -> str:
    """`name` in small letters without accents, apostrophes left out; each Han or Hangul syllable a part of its own."""
    name = MARKS.sub("", name)
    if name.isascii():
        return name.lower()
    if ARABIC_LETTER.search(name):
        name = _arabic(name)
    return MARKS.sub("", anyascii(HAN.sub(r" \1 ", name))).casefold()


def _arabic(name: str) -> str:
    """Arabic letters as they are written in Latin ones, without vowels, and the article set apart."""
    name = MARKS.sub("", unicodedata.normalize("NFKC", name))
    name = SERVANT_JOINED.sub("عبد ال", name)
    name = GOD.sub(" allah", name)
    name = AIN_FIRST.sub("a", ARTICLE.sub("al ", name))
    name = "".join(ARABIC.get(letter, letter) for letter in name)
    name = Y_BETWEEN.sub("", W_BETWEEN.sub("", name))
    return GOD_WRITTEN.sub("allah", LONG.sub("", Y_LAST.sub("i", name)))
