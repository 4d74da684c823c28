"""The French catalogue: complete, with the same placeholders, in Canadian French typography."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
FRENCH = ROOT / "portal/translations/fr/LC_MESSAGES/messages.po"
KEYWORDS = ("_l", "Lazy", "lazy_gettext", "_", "ngettext:1,2", "gettext")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%\{\w+\}|%\(\w+\)d")
NBSP = "\u00a0"


@pytest.fixture(scope="module")
def french() -> Catalog:
    with FRENCH.open("rb") as source:
        return read_po(source, locale="fr")


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    target = tmp_path_factory.mktemp("catalogue") / "messages.pot"
    keywords = [word for keyword in KEYWORDS for word in ("-k", keyword)]
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", *keywords]
    subprocess.run([*command, "-o", str(target), "."], cwd=ROOT, check=True)
    return read_po(io.BytesIO(target.read_bytes()))


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    pairs = []
    for message in catalogue:
        if message.id:
            strings = [message.string] if isinstance(message.string, str) else list(message.string)
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            pairs += [(ids[min(i, len(ids) - 1)], text) for i, text in enumerate(strings)]
    return pairs


def test_every_text_has_its_french(french: Catalog, wanted: Catalog) -> None:
    known = {_key(message): message for message in french if message.id}
    asked = {_key(message) for message in wanted if message.id}
    missing = sorted(key for key in asked if key not in known or not all(_strings(known[key])))
    assert not missing, f"{len(missing)} without French: {missing[:10]}"
    assert not [message for message in french if message.fuzzy], "fuzzy translations"
    left_over = sorted(set(known) - asked)
    assert not left_over, f"texts that nothing shows any more: {left_over[:10]}"


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_the_placeholders_are_the_same(french: Catalog) -> None:
    for english, text in _pairs(french):
        wanted, got = sorted(set(PLACEHOLDER.findall(english))), sorted(set(PLACEHOLDER.findall(text)))
        assert wanted == got or {"%(num)s"} >= set(wanted) ^ set(got), f"{english!r} → {text!r}"


BAD_TYPOGRAPHY = {
    "an ordinary space before a colon": re.compile(r"[^\s" + NBSP + r"] :"),
    "no space before a colon": re.compile(r"[a-zà-ÿ»](?<!https)(?<!http)(?<!mailto):(\s|$)"),
    "a space before ; ! ?": re.compile(r"[ " + NBSP + r"][;!?]"),
    "a straight apostrophe": re.compile(r"\w'\w"),
    "guillemets without no-break spaces": re.compile(r"«[^" + NBSP + r"]|[^" + NBSP + r"]»"),
    "English quotation marks": re.compile(r"[“”\"]"),
    "a per cent sign without its space": re.compile(r"\d ?%(?![(\w{])"),
}


def test_canadian_french_typography(french: Catalog) -> None:
    found = [
        f"{fault}: {text!r}"
        for english, text in _pairs(french)
        for fault, pattern in BAD_TYPOGRAPHY.items()
        if pattern.search(re.sub(r"<[^>]*>", "", text))
    ]
    assert not found, "\n".join(found[:20])


FORBIDDEN = {"en": r"\b(please|click here|invalid)\b", "fr": r"\b(veuillez|cliquez ici|invalide|s’il vous plaît)\b"}


def test_words_that_we_do_not_use(french: Catalog) -> None:
    pairs = _pairs(french)
    assert not [e for e, _ in pairs if re.search(FORBIDDEN["en"], e, re.IGNORECASE)]
    assert not [f for _, f in pairs if re.search(FORBIDDEN["fr"], f, re.IGNORECASE)]
