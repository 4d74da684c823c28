"""The centres in Canadian airports: Canada interviews by appointment, the United States later, in preclearance.

The list of 2024 flags all eight as not operating, although its text describes the interview in two steps and Canada's
own page names them as taking part.
"""

from datetime import time
from typing import Any

from portal.domain.centres import EVERY_DAY, CentreFacts, Hours, arrival, order

TWO_STEPS = (
    order(
        "The part with the United States comes later, in the preclearance area of a Canadian airport, without an"
        " appointment, on a day when you hold a ticket to the United States.",
        "La partie avec les États-Unis vient plus tard, dans la zone de précontrôle d’un aéroport canadien, sans"
        " rendez-vous, un jour où vous avez un billet pour les États-Unis.",
    ),
    arrival("Allow extra time before your flight.", "Prévoyez plus de temps avant votre vol."),
)


def _airport(number: int, name_en: str, name_fr: str, **facts: Any) -> CentreFacts:
    return CentreFacts(
        number=number,
        name_en=name_en,
        name_fr=name_fr,
        is_french_name_ours=False,
        country="CA",
        model="two_step",
        modes=("air",),
        agencies=("CA",),
        instructions=TWO_STEPS,
        **facts,
    )


AIRPORTS = (
    _airport(
        5025,
        "Ottawa International Airport",
        "Aéroport international Macdonald-Cartier d’Ottawa",
        address="Ottawa Macdonald-Cartier International Airport, 1000 Airport Parkway Private, Arrivals level",
        city="Ottawa",
        region="ON",
        postal_code="K1V 9B4",  # typed KIV9B4 in the list
        zone="America/Toronto",
    ),
    _airport(
        5026,
        "Vancouver International Airport",
        "Aéroport international de Vancouver",
        address="Vancouver International Airport, 3211 Grant McConachie Way, International Terminal level 3",
        city="Richmond",
        region="BC",
        postal_code="V7B 1Y9",
        zone="America/Vancouver",
    ),
    _airport(
        5027,
        "Toronto Pearson International Airport - Terminal 1",
        "Aéroport international Pearson de Toronto – aérogare 1",
        address="Toronto Pearson International Airport, 6301 Silver Dart Drive, Terminal 1 departures level, aisle 8",
        city="Mississauga",
        region="ON",
        postal_code="L5P 1B2",
        zone="America/Toronto",
    ),
    _airport(
        5028,
        "Montréal - Trudeau International Airport",
        "Aéroport international Montréal-Trudeau",
        address="Montréal-Trudeau International Airport, 975 Roméo-Vachon Blvd North, Room T-1476",
        city="Montreal",
        region="QC",
        postal_code="H2Y 1H1",  # as in the list; probably H4Y 1H1
        zone="America/Toronto",
        regional_holidays=("CA-QC",),
    ),
    _airport(
        5029,
        "Winnipeg International Airport",
        "Aéroport international James Armstrong Richardson de Winnipeg",
        address="Winnipeg Richardson International Airport, 1970 Wellington Avenue, Room 1074, arrivals level",
        city="Winnipeg",
        region="MB",
        postal_code="R3H 0E3",
        zone="America/Winnipeg",
    ),
    _airport(
        5030,
        "Calgary International Airport",
        "Aéroport international de Calgary",
        address="Calgary International Airport, 2000 Airport Road NE, departures level (Concourse E)",
        city="Calgary",
        region="AB",
        postal_code="T2E 6W5",
        zone="America/Edmonton",
        stated_hours=(Hours(EVERY_DAY, time(8), time(16)),),
    ),
    _airport(
        5031,
        "Halifax Stanfield International Airport",
        "Aéroport international Stanfield d’Halifax",
        address="Halifax Stanfield International Airport, 747 Bell Boulevard, Unit 1633",
        city="Goffs",
        region="NS",
        postal_code="B2T 1K2",
        zone="America/Halifax",
    ),
    _airport(
        5032,
        "Edmonton International Airport",
        "Aéroport international d’Edmonton",
        address="Edmonton International Airport, 1000 Airport Road",
        city="Edmonton",
        region="AB",
        postal_code="T9E 0V3",
        zone="America/Edmonton",
    ),
)
