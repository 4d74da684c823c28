"""A specimen statement of an account, drawn for the demonstration as a proof of address: no company’s, marked so."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from demo.cast import CastTraveller
from demo.passport import BAND, INK, PAPER, TINT, drawn_font, plain

SIZE = (1100, 1420)
STREETS = {"fr": "88 rue de la Commune, 1204", "en": "88 Example Street, 1204"}
LINES = (("Base charge / Frais de base", "24.10"), ("Electricity / Électricité", "61.35"), ("Tax / Taxes", "11.11"))


def statement_of(traveller: CastTraveller) -> bytes:
    """The statement as a JPEG, with the traveller's name and address as the application has them."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SIZE[0], 110), fill=BAND)
    draw.text((50, 32), "SPECIMEN - EXAMPLE POWER / ELECTRICITE EXEMPLE", font=drawn_font(36), fill=PAPER)
    name = f"{traveller.given_names} {traveller.family_name}"
    place = f"{traveller.city} {traveller.region}  {traveller.postal_code}"
    for row, line in enumerate((name, STREETS["fr" if traveller.language == "fr" else "en"], place)):
        draw.text((90, 230 + row * 48), plain(line), font=drawn_font(34), fill=INK)
    draw.text((90, 450), "Account / Compte  000-SPECIMEN", font=drawn_font(26), fill=BAND)
    for row, (words, amount) in enumerate(LINES):
        y = 560 + row * 90
        draw.rectangle((90, y - 18, SIZE[0] - 90, y + 54), fill=TINT if row % 2 == 0 else PAPER)
        draw.text((110, y), plain(words), font=drawn_font(30), fill=INK)
        draw.text((SIZE[0] - 110, y), amount, font=drawn_font(30), fill=INK, anchor="ra")
    draw.text((SIZE[0] - 110, 860), "Total  96.56", font=drawn_font(38), fill=INK, anchor="ra")
    draw.text((90, 1320), "For a demonstration. / Pour une demonstration.", font=drawn_font(24), fill=BAND)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
