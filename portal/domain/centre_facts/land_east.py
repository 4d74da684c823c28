"""The centres at the land border from the Great Lakes to the Atlantic."""

from datetime import time

from portal.domain.centre_facts.wordings import (
    ALL_PASSPORTS,
    COPY_OF_CONFIRMATION,
    COURT_RECORDS,
    ENTRY_RECORD,
    ONE_EACH,
    PARDON_PAPERS,
    PROOF_OF_WORK,
)
from portal.domain.centres import WEEKDAYS, CentreFacts, Hours, SecondSite, arrival, bring, entry, note, opening, order
from portal.domain.late_arrivals import REBOOK

CROSS_AFTER_CANADA = entry(
    "Come here over the bridge, after your part in Canada. Follow the signs to the United States; a map that leads you"
    " round on the Canadian side is wrong.",
    "Venez ici par le pont, après votre partie au Canada. Suivez les panneaux vers les États-Unis. Ne vous"
    " fiez pas à une carte qui vous fait rester du côté canadien.",
)
STATION_ON_THE_US_SIDE = arrival(
    "Tell the officer at the booth that you have an interview here. If the border keeps you longer than expected, come"
    " all the same and say so.",
    "Dites à l’agent à la guérite que vous avez une entrevue ici. Si la frontière vous retient plus longtemps que"
    " prévu, venez quand même et dites-le.",
)

SAULT_STE_MARIE = CentreFacts(
    number=5080,
    name_en="Sault Ste. Marie Enrollment Center",
    name_fr="Centre d’inscription de Sault Ste. Marie",
    address="900 International Bridge Plaza",
    city="Sault Ste. Marie",
    region="MI",
    postal_code="49783",
    country="US",
    zone="America/New_York",
    model="joint",
    instructions=(
        arrival("Be on time.", "Soyez à l’heure."),
        bring(
            "Bring your birth certificate or a legible copy, driver’s licence, passport, and citizenship or"
            " permanent resident card.",
            "Apportez votre certificat de naissance ou une copie lisible, votre permis de conduire, votre passeport et"
            " votre carte de citoyenneté ou de résident permanent.",
        ),
    ),
)

PORT_HURON = CentreFacts(
    number=5024,
    name_en="Port Huron Enrollment Center",
    name_fr="Centre d’inscription de Port Huron",
    address="2321 Pine Grove Avenue",
    city="Port Huron",
    region="MI",
    postal_code="48060",
    country="US",
    zone="America/New_York",
    model="joint",
    stated_hours=(
        Hours((0, 1, 4), time(8, 15), time(15)),
        Hours((2, 3), time(8, 15), time(19)),
    ),
    instructions=(
        entry(
            "Do not follow a navigation device. It leads you into Canada.",
            "Ne suivez pas votre GPS. Il vous mènerait au Canada.",
        ),
        entry(
            "Only people with an appointment may come in.", "Seules les personnes qui ont rendez-vous peuvent entrer."
        ),
        arrival("Do not be late.", "Ne soyez pas en retard."),
    ),
)

DETROIT = CentreFacts(
    # The programme's list names the same site a second time, as 16656.
    number=16511,
    name_en="Detroit NEXUS Enrollment Center",
    name_fr="Centre d’inscription NEXUS de Detroit",
    address="2810 West Fort Street, Suite 124 (Fort Street Cargo Facility)",
    city="Detroit",
    region="MI",
    postal_code="48216",
    country="US",
    zone="America/New_York",
    model="joint",
    instructions=(
        arrival(
            "Arrive no more than 30 minutes before your interview.",
            "N’arrivez pas plus de 30 minutes avant votre entrevue.",
        ),
        entry(
            "Turn your phone off. Weapons and food are not allowed.",
            "Éteignez votre téléphone. Les armes et la nourriture sont interdites.",
        ),
        entry(
            "Only applicants may come in, and parents with their young children.",
            "Seules les personnes qui ont fait une demande peuvent entrer, avec leurs enfants mineurs.",
        ),
        PROOF_OF_WORK,
    ),
)

NIAGARA_FALLS = CentreFacts(
    number=5161,
    name_en="Niagara Falls Enrollment Center",
    name_fr="Centre d’inscription de Niagara Falls",
    address="2250 Whirlpool St",
    city="Niagara Falls",
    region="NY",
    postal_code="14305",
    country="US",
    zone="America/New_York",
    model="joint",
    instructions=(
        entry(
            "Do not come by the Whirlpool Bridge unless you are already a member.",
            "N’empruntez pas le pont Whirlpool, sauf si vous êtes déjà membre.",
        ),
        ONE_EACH,
        ENTRY_RECORD,
    ),
)

FORT_ERIE = CentreFacts(
    number=5022,
    name_en="Fort Erie / Buffalo (Peace Bridge) Enrolment Centre",
    name_fr="Centre d’inscription de Fort Erie / Buffalo (pont Peace)",
    is_french_name_ours=False,
    address="10 Central Ave",
    city="Fort Erie",
    region="ON",
    postal_code="L2A 3S6",
    country="CA",
    zone="America/Toronto",
    model="split",
    agencies=("CA",),
    second_site=SecondSite(
        "CA",
        "US",
        "1 Peace Bridge Plaza, Room 153",
        "Buffalo",
        "NY",
        "14213",
        "US",
        name_en="Buffalo (Peace Bridge), second part",
        name_fr="Buffalo (pont Peace), deuxième partie",
        travel_minutes=60,
        instructions=(CROSS_AFTER_CANADA, STATION_ON_THE_US_SIDE),
    ),
    instructions=(
        bring(
            "Bring the confirmation of your interview on paper. A phone is not accepted.",
            "Apportez la confirmation de votre entrevue sur papier. Un téléphone n’est pas accepté.",
        ),
        order("You must go to both parts.", "Vous devez passer les deux parties."),
        note(
            "Each person needs their own appointment. The times need not follow one another.",
            "Chaque personne doit avoir son propre rendez-vous. Les heures n’ont pas à se suivre.",
        ),
        note(
            "You can ask for a consent letter by email before you come.",
            "Vous pouvez demander une lettre de consentement par courriel avant de venir.",
        ),
    ),
)

LANSDOWNE = CentreFacts(
    number=5520,
    name_en="Lansdowne / Alexandria Bay (Thousand Islands Bridge) Enrolment Centre",
    name_fr="Centre d’inscription de Lansdowne / Alexandria Bay (pont des Mille-Îles)",
    is_french_name_ours=False,
    address="860 Highway 137, CBSA port of entry, 2nd floor",
    city="Lansdowne",
    region="ON",
    postal_code="K0E 1L0",
    country="CA",
    zone="America/Toronto",
    model="split",
    agencies=("CA",),
    second_site=SecondSite(
        "CA",
        "US",
        "46735 I-81, Alexandria Bay port of entry",
        "Alexandria Bay",
        "NY",
        "13607",
        "US",
        name_en="Alexandria Bay, second part",
        name_fr="Alexandria Bay, deuxième partie",
        travel_minutes=60,
        instructions=(CROSS_AFTER_CANADA, STATION_ON_THE_US_SIDE),
    ),
    instructions=(
        order("Go to Lansdowne first, then to Alexandria Bay.", "Allez d’abord à Lansdowne, puis à Alexandria Bay."),
        PROOF_OF_WORK,
        COPY_OF_CONFIRMATION,
        PARDON_PAPERS,
    ),
)

OGDENSBURG = CentreFacts(
    number=16546,
    name_en="Ogdensburg Enrollment Center",
    name_fr="Centre d’inscription d’Ogdensburg",
    address="104 Bridge Approach Road",
    city="Ogdensburg",
    region="NY",
    postal_code="13669",
    country="US",
    zone="America/New_York",
    model="joint",
    instructions=(COPY_OF_CONFIRMATION, PROOF_OF_WORK, COURT_RECORDS, PARDON_PAPERS),
)

CHAMPLAIN = CentreFacts(
    number=5021,
    name_en="Champlain NEXUS and FAST Enrollment Center",
    name_fr="Centre d’inscription NEXUS et EXPRES de Champlain",
    address="237 West Service Road (cargo building)",
    city="Champlain",
    region="NY",
    postal_code="12919",
    country="US",
    zone="America/New_York",
    late=(REBOOK, 0),
    model="joint",
    instructions=(
        arrival(
            "The wait at the border can be more than an hour. Allow for it.",
            "L’attente à la frontière peut dépasser une heure. Prévoyez ce temps.",
        ),
        ONE_EACH,
        ALL_PASSPORTS,
    ),
)

DERBY_LINE = CentreFacts(
    number=5223,
    name_en="Derby Line / Stanstead Enrollment Center",
    name_fr="Centre d’inscription de Derby Line / Stanstead",
    is_french_name_ours=False,
    address="107 I-91 South",
    city="Derby Line",
    region="VT",
    postal_code="05830",
    country="US",
    zone="America/New_York",
    regional_holidays=("CA-QC",),
    model="split",
    agencies=("US",),
    second_site=SecondSite(
        "US",
        "CA",
        "Route 55 port of entry",
        "Stanstead",
        "QC",
        None,
        "CA",
        name_en="Stanstead (Route 55), second part",
        name_fr="Stanstead (route 55), deuxième partie",
        travel_minutes=30,
        instructions=(
            order(
                "Come here straight from Derby Line, without a stop.",
                "Venez ici directement de Derby Line, sans arrêt.",
            ),
            entry(
                "Drive north over the border on Interstate 91, which becomes Route 55. Stop at the Canadian port of"
                " entry. Do not turn back on the way.",
                "Traversez la frontière vers le nord par l’autoroute 91, qui devient la route 55. Arrêtez-vous au point"
                " d’entrée canadien. Ne faites pas demi-tour en chemin.",
            ),
        ),
    ),
    instructions=(
        order(
            "Go to Stanstead right after Derby Line. Those who do not are excluded.",
            "Rendez-vous à Stanstead tout de suite après Derby Line, sous peine d’exclusion.",
        ),
        bring(
            "Bring all your passports, and an expired one of a second citizenship too.",
            "Apportez tous vos passeports, y compris un passeport expiré d’une deuxième citoyenneté.",
        ),
        note("Write down your membership number.", "Prenez en note votre numéro d’adhésion."),
    ),
)

HOULTON = CentreFacts(
    number=5101,
    name_en="Houlton / Woodstock Enrollment Center",
    name_fr="Centre d’inscription de Houlton / Woodstock",
    address="27 Customs Loop",
    city="Houlton",
    region="ME",
    postal_code="04730",
    country="US",
    zone="America/New_York",
    model="joint",
    instructions=(
        entry(
            "Tell the first officer that you have an interview for trusted travellers.",
            "Dites à l’agente ou à l’agent à l’entrée que vous avez une entrevue pour voyageurs dignes de confiance.",
        ),
        bring(
            "Bring proof of the address where you live and of your mailing address.",
            "Apportez une preuve de l’adresse où vous habitez et de votre adresse postale.",
        ),
    ),
)

CALAIS = CentreFacts(
    number=5500,
    name_en="Calais Enrollment Center",
    name_fr="Centre d’inscription de Calais",
    address="3 Customs Street",
    city="Calais",
    region="ME",
    postal_code="04619",
    country="US",
    zone="America/New_York",
    model="joint",
    stated_hours=(Hours(WEEKDAYS, time(8, 15), time(15, 30)),),
    instructions=(
        entry(
            "Wait in your vehicle until somebody comes for you.",
            "Attendez dans votre véhicule qu’on vienne vous chercher.",
        ),
        note(
            "Members of a family are interviewed one at a time.",
            "Les membres d’une famille passent l’entrevue à tour de rôle.",
        ),
        opening("Closed on federal holidays of the United States.", "Fermé les jours fériés fédéraux des États-Unis."),
        note("There are no remote interviews here.", "Il n’y a pas d’entrevue à distance ici."),
    ),
)

LAND_EAST = (
    SAULT_STE_MARIE, PORT_HURON, DETROIT, NIAGARA_FALLS, FORT_ERIE, LANSDOWNE, OGDENSBURG, CHAMPLAIN, DERBY_LINE,
    HOULTON, CALAIS,
)  # fmt: skip
