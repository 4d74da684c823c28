"""The form layer: what people type is kept, judged and explained; a form from elsewhere does nothing."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from flask import Flask, render_template_string, request
from flask.testing import FlaskClient
from jinja2 import StrictUndefined

from portal import i18n
from portal.domain.months import Month
from portal.web import csrf, govuk
from portal.web.forms import (
    CheckboxesField,
    CodeField,
    DateField,
    EmailField,
    FileField,
    Form,
    MonthField,
    NameField,
    PasswordField,
    RadiosField,
    SelectField,
    TelField,
    TextAreaField,
    TickField,
    ValidationError,
    WholeNumberField,
    YesNoField,
)

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
PAGE = """{% from "components/forms.html" import form_page, field, submit %}
{% call form_page(form, multipart=True) %}
{% for bound in form if bound.name not in ("what", "convicted") %}{{ field(bound) }}{% endfor %}
{{ field(form.convicted, reveals={"yes": [form.what]}) }}
{{ submit() }}{% endcall %}"""


class Everything(Form):
    family = NameField(
        "Family name", missing="Enter your family name", autocomplete="family-name", hint="As in your passport"
    )
    email = EmailField("Email address")
    phone = TelField("Phone number")
    code = CodeField("Code")
    password = PasswordField("Password")
    born = DateField("Date of birth", autocomplete="bday")
    since = MonthField("Since")
    sex = RadiosField("Sex", choices=[("F", "Female"), ("X", "Another gender", "Shown as X")])
    convicted = YesNoField("Convicted?")
    what = TextAreaField("What happened?", max_length=2000)
    countries = CheckboxesField("Countries", choices=[("FR", "France"), ("JP", "Japan")], none=("none", "None"))
    province = SelectField("Province", choices=[("QC", "Québec")])
    height = WholeNumberField("Height", least=30, most=272)
    scan = FileField("Passport", accept="image/*")
    agree = TickField("I agree")

    def validate_what(self, field: TextAreaField) -> None:
        if self.convicted.data and not field.data:
            raise ValidationError("Tell us what happened")


@pytest.fixture
def site() -> Iterator[Flask]:
    """A site of one page with every kind of field, without a database."""
    site = Flask("forms", template_folder=str(TEMPLATES))
    site.secret_key = "a secret for tests"
    site.jinja_env.undefined = StrictUndefined
    i18n.install(site.jinja_env)
    govuk.init_app(site)
    csrf.guard_unsafe_methods(site, exempt_endpoints={"callback"})

    @site.route("/<language>/", methods=["GET", "POST"])
    def show(language: str) -> tuple[str, int]:
        i18n.set_language(language)
        form = Everything.from_request()
        site.config["acted"] = form.submitted()
        site.config["form"] = form
        site.config["told"] = SimpleNamespace(
            raw=form.raw, key=form.key, wanted=form.wanted_language, status=form.status
        )
        return render_template_string(PAGE, form=form), form.status

    @site.post("/callback")
    def callback() -> str:
        return str(csrf.request_is_ours())

    with i18n.speaking("en"):
        yield site


@pytest.fixture
def browser(site: Flask) -> FlaskClient:
    return site.test_client()


def token_of(browser: FlaskClient, address: str = "/en/") -> str:
    box = BeautifulSoup(browser.get(address).text, "html5lib").find(attrs={"name": "csrf_token"})
    return str(box["value"])  # type: ignore[index,call-overload]


def send(browser: FlaskClient, address: str = "/en/", **typed: object) -> BeautifulSoup:
    """Post `typed` with the page's token; a double underscore stands for the hyphen of a date's box."""
    answers = {"family": "Tremblay", "csrf_token": token_of(browser)} | typed
    response = browser.post(address, data={name.replace("__", "-"): value for name, value in answers.items()})
    soup = BeautifulSoup(response.text, "html5lib")
    soup.status = response.status_code  # type: ignore[assignment]
    return soup


def problems(soup: BeautifulSoup) -> list[str]:
    return [item.get_text(" ", strip=True) for item in soup.select(".govuk-error-summary__list li")]


def value(soup: BeautifulSoup, name: str) -> str:
    box = soup.find(attrs={"name": name})
    return str(box.get_text() if box.name == "textarea" else box.get("value", ""))  # type: ignore[union-attr]


def test_good_answers_arrive_as_python_values(site: Flask, browser: FlaskClient) -> None:
    send(
        browser,
        email=" name@example.org ",
        phone="613 555 0123",
        code="482 917",
        password="  spaces count  ",
        born__day="27",
        born__month="mars",
        born__year="1986",
        since__month="2",
        since__year="2019",
        sex="X",
        convicted="no",
        countries=["FR", "JP"],
        province="QC",
        height="172",
        scan=(io.BytesIO(b"..."), "passport.png"),
        agree="yes",
    )
    form = site.config["form"]
    assert site.config["acted"] and site.config["told"].status == 200
    assert (form.email.data, form.code.data, form.password.data) == ("name@example.org", "482917", "  spaces count  ")
    assert (form.born.data, form.since.data) == (date(1986, 3, 27), Month(2019, 2))
    assert (form.sex.data, form.convicted.data, form.countries.data) == ("X", False, ["FR", "JP"])
    assert (form.province.data, form.height.data, form.agree.data) == ("QC", 172, True)
    assert form.scan.data.filename == "passport.png"


def test_what_is_missing_is_said_at_the_top_and_at_the_box(browser: FlaskClient) -> None:
    soup = send(browser, family="  ")
    assert soup.status == 422
    assert problems(soup) == ["Enter your family name"]
    target = soup.select_one(".govuk-error-summary__list a")["href"]  # type: ignore[index]
    box = soup.select_one(str(target))
    assert box is not None and box.name == "input"
    described = str(box["aria-describedby"]).split()
    assert [soup.find(id=name).get_text(" ", strip=True) for name in described] == [  # type: ignore[union-attr]
        "As in your passport",
        "Error: Enter your family name",
    ]


@pytest.mark.parametrize(
    ("day", "month", "year", "message", "box"),
    [
        ("31", "2", "2027", "There are only 28 days in February 2027. Check the day.", "born-day"),
        ("", "2", "1986", "“Date of birth” must include a day", "born-day"),
        ("1", "", "1986", "“Date of birth” must include a month", "born-month"),
        ("1", "2", "", "“Date of birth” must include a year", "born-year"),
        ("1", "13", "1986", "The month must be a number from 1 to 12, or its name", "born-month"),
        ("32", "1", "1986", "The day must be a number from 1 to 31", "born-day"),
        ("1", "1", "86", "The year must have 4 numbers, like 1986", "born-year"),
        ("²", "1", "1986", "The day must be a number from 1 to 31", "born-day"),
        ("9" * 5000, "1", "1986", "The day must be a number from 1 to 31", "born-day"),
    ],
)
def test_an_impossible_date_keeps_what_was_typed(
    browser: FlaskClient, day: str, month: str, year: str, message: str, box: str
) -> None:
    soup = send(browser, born__day=day, born__month=month, born__year=year)
    assert problems(soup) == [message]
    assert soup.select_one(".govuk-error-summary__list a")["href"] == f"#{box}"  # type: ignore[index]
    assert soup.select_one(f"#{box}").name == "input"  # type: ignore[union-attr]
    assert [value(soup, f"born-{part}") for part in ("day", "month", "year")] == [day, month, year]


def test_the_date_boxes_speak_the_readers_language(browser: FlaskClient) -> None:
    soup = BeautifulSoup(browser.get("/en/").text, "html5lib")
    assert [label.get_text(strip=True) for label in soup.select(".govuk-date-input__label")][:3] == [
        "Day",
        "Month",
        "Year",
    ]
    assert soup.find(id="born-day")["autocomplete"] == "bday-day"  # type: ignore[index]
    assert not soup.find(id="since-month").has_attr("autocomplete")  # type: ignore[union-attr]


@pytest.mark.parametrize("hidden", ["\0", "\x07", "\x1b", "\u202e", "\u2066", "\ufffd", "\uffff"])
def test_hidden_characters_are_taken_out_and_said(site: Flask, browser: FlaskClient, hidden: str) -> None:
    soup = send(browser, family=f"Trem{hidden}blay")
    assert problems(soup) == ["“Family name” had a hidden character. We took it out. Check the answer."]
    assert value(soup, "family") == "Tremblay"
    assert site.config["told"].raw["family"] == ["Tremblay"]


def test_a_lone_surrogate_can_be_shown_and_stored(site: Flask, browser: FlaskClient) -> None:
    body = f"family=%ED%A0%80x&csrf_token={token_of(browser)}"
    browser.post("/en/", data=body, content_type="application/x-www-form-urlencoded")
    assert site.config["form"].family.data == "%ED%A0%80x", "what is not UTF-8 arrives as it was sent"
    with site.test_request_context():
        form = Everything.from_typed({"family": ["\ud800x"], "what": ["a\ud800"]})
        assert not form.validate()
        assert str(form.family()).encode() and str(form.what()).encode()


def test_ten_thousand_characters_are_too_many_and_kept(browser: FlaskClient) -> None:
    soup = send(browser, family="x" * 10_000, what="y" * 10_000)
    assert problems(soup) == [
        "“Family name” must have 200 characters or fewer. It has 10000.",
        "“What happened?” must have 2000 characters or fewer. It has 10000.",
    ]
    assert value(soup, "family") == "x" * 10_000


def test_one_unicode_form_is_kept(site: Flask, browser: FlaskClient) -> None:
    send(browser, family=unicodedata.normalize("NFD", "Élise Nguyễn"))
    assert site.config["form"].family.data == unicodedata.normalize("NFC", "Élise Nguyễn")
    assert site.config["acted"]


def test_lines_are_kept_as_typed_however_deep_the_box_is_nested(site: Flask, browser: FlaskClient) -> None:
    soup = send(browser, family="", convicted="yes", what="one\r\n  two\r\n\r\nthree <b>&amp;")
    assert value(soup, "what") == "one\n  two\n\nthree <b>&amp;"
    assert site.config["form"].what.data == "one\n  two\n\nthree <b>&amp;"


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("email", "name@", "Enter an email address like name@example.com"),
        ("email", "a@b.org\nBcc: c@d.org", "Enter an email address like name@example.com"),
        ("phone", "12", "Enter a phone number with its area code, like 613-555-0123 or +44 20 7946 0000"),
        ("code", "12345", "The code has 6 numbers. Check it and type it again."),
        ("code", "١٢٣٤٥٦", "The code has 6 numbers. Check it and type it again."),
        ("height", "tall", "“Height” must be a number from 30 to 272"),
        ("sex", "Q", "Choose one of the answers shown for “Sex”"),
        ("province", "ZZ", "Choose one of the answers shown for “Province”"),
        ("countries", ["FR", "none"], "Choose “None” alone, or choose the others"),
        ("countries", ["XX"], "Choose one of the answers shown for “Countries”"),
    ],
)
def test_errors_are_specific_sentences(browser: FlaskClient, name: str, typed: object, message: str) -> None:
    soup = send(browser, **{name: typed})
    assert soup.status == 422
    assert problems(soup) == [message]


def test_a_question_may_depend_on_another(browser: FlaskClient) -> None:
    assert problems(send(browser, convicted="yes")) == ["Tell us what happened"]
    assert problems(send(browser, convicted="no")) == []


@pytest.mark.parametrize("token", ["", "nonsense", "é" * 40, "0" * 96])
def test_a_form_without_our_token_does_nothing_and_loses_nothing(site: Flask, browser: FlaskClient, token: str) -> None:
    soup = send(browser, csrf_token=token, born__day="27")
    assert soup.status == 400 and not site.config["acted"]
    assert problems(soup) == ["This page had been open for too long. Check your answers and send them again."]
    assert (value(soup, "family"), value(soup, "born-day")) == ("Tremblay", "27")
    send(browser, csrf_token=value(soup, "csrf_token"))
    assert site.config["acted"], "the page shown again carries a good token"


def test_a_token_of_another_session_is_refused(site: Flask, browser: FlaskClient) -> None:
    stranger = site.test_client()
    assert send(browser, csrf_token=token_of(stranger)).status == 400


def test_tokens_are_masked_anew_and_all_good(browser: FlaskClient) -> None:
    first, second = token_of(browser), token_of(browser)
    assert first != second
    assert send(browser, csrf_token=first).status == send(browser, csrf_token=second).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, 400),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://elsewhere.example"}, 400),
        ({"Origin": "null"}, 400),
    ],
)
def test_the_browsers_word_on_the_sender_counts(browser: FlaskClient, headers: dict[str, str], status: int) -> None:
    answers = {"family": "Tremblay", "csrf_token": token_of(browser)}
    assert browser.post("/en/", data=answers, headers=headers).status_code == status


def test_exempt_callbacks_prove_themselves_otherwise(browser: FlaskClient) -> None:
    assert browser.post("/callback").text == "True"


def test_switching_the_language_keeps_what_was_typed(site: Flask, browser: FlaskClient) -> None:
    soup = send(browser, address="/fr/", switch_lang="fr", family="", email="not yet", born__day="31", born__month="2")
    assert soup.status == 200 and not site.config["acted"] and problems(soup) == []
    assert (value(soup, "email"), value(soup, "born-day"), value(soup, "born-month")) == ("not yet", "31", "2")
    assert site.config["told"].wanted == "fr"


def test_saving_for_later_keeps_even_wrong_answers(site: Flask, browser: FlaskClient) -> None:
    send(browser, save_later="1", family="", email="not yet", password="secret", code="123456")
    raw = site.config["told"].raw
    assert not site.config["acted"] and site.config["form"].errors == {}
    assert raw["email"] == ["not yet"]
    assert not {"password", "code", "csrf_token", "form_key", "scan"} & set(raw)


def test_a_draft_is_shown_as_it_was_typed(site: Flask) -> None:
    with site.test_request_context("/en/"):
        form = Everything.from_request(typed={"family": ["Tremblay"], "born-day": ["31"], "born-month": ["2"]})
        assert 'value="31"' in form.born() and form.status == 200
        again = Everything.from_typed({"family": [""]})
        assert not again.validate() and again.problems == [("#family", "Enter your family name")]


def test_a_rule_may_refuse_an_answer(site: Flask) -> None:
    with site.test_request_context("/en/"):
        form = Everything.from_request()
        form.refuse("This passport has expired", "born")
        form.refuse("Somebody changed this application")
        assert form.problems == [("", "Somebody changed this application"), ("#born-day", "This passport has expired")]
        assert form.status == 422


def test_one_sending_has_one_key(site: Flask, browser: FlaskClient) -> None:
    soup = send(browser, family="", form_key="a-key-of-this-page")
    assert site.config["told"].key == value(soup, "form_key") == "a-key-of-this-page"
    soup = send(browser, family="", form_key="<script>")
    assert len(value(soup, "form_key")) > 16 and "<" not in value(soup, "form_key")


def test_markup_leaves_judging_to_us(browser: FlaskClient) -> None:
    soup = BeautifulSoup(browser.get("/en/").text, "html5lib")
    form = soup.find(id="main-form")
    assert form.has_attr("novalidate") and form["enctype"] == "multipart/form-data"  # type: ignore[union-attr,index]
    boxes = soup.select("input, select, textarea")
    assert not [box for box in boxes if {"required", "pattern", "maxlength", "placeholder"} & set(box.attrs)]
    assert soup.find(id="family")["spellcheck"] == "false"  # type: ignore[index]
    assert soup.find(id="password").get("value") in (None, "")  # type: ignore[union-attr]
    labelled = {label["for"] for label in soup.select("label")}
    assert not [box for box in boxes if box.get("type") != "hidden" and box["id"] not in labelled]
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_a_list_holds_its_choices_and_shows_the_one_that_was_made(browser: FlaskClient) -> None:
    soup = send(browser, family="", province="QC")
    options = soup.select("select#province > option")
    assert [(option.get_text(), option.has_attr("selected")) for option in options] == [
        ("Choose", False),
        ("Québec", True),
    ]


def test_a_password_is_never_shown_again(browser: FlaskClient) -> None:
    soup = send(browser, family="", password="correct horse")
    assert "correct horse" not in str(soup)


def test_a_filter_is_read_from_the_address(site: Flask) -> None:
    with site.test_request_context("/en/?email=name@example.org"):
        form = Everything.from_query()
        assert form.email.data == "name@example.org"
        assert not form.posts and form.hidden_fields() == "" and request.method == "GET"
