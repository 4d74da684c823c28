"""The centres at the land border from the Pacific to Lake Superior."""

from datetime import time

from portal.domain.centre_facts.wordings import COURT_RECORDS, ORIGINALS_ONLY, PRINTED_CONFIRMATION
from portal.domain.centres import CentreFacts, Hours, bring, entry, note, opening
from portal.domain.late_arrivals import CALL, USUAL_MINUTES

LAND_WEST = (
    CentreFacts(
        number=5020,
        name_en="Blaine (Birch Bay) NEXUS and FAST Enrollment Center",
        name_fr="Centre d’inscription NEXUS et EXPRES de Blaine (Birch Bay)",
        address="8115 Birch Bay Square Street, Suite 104",
        city="Blaine",
        region="WA",
        postal_code="98230",
        country="US",
        zone="America/Los_Angeles",
        model="joint",
        instructions=(
            PRINTED_CONFIRMATION,
            ORIGINALS_ONLY,
            COURT_RECORDS,
            bring(
                "For a child, bring a consent letter and a copy of the absent parent’s identification.",
                "Pour un enfant, apportez le consentement écrit de l’autre parent et une copie de sa pièce d’identité.",
            ),
        ),
    ),
    CentreFacts(
        number=5120,
        name_en="Sweetgrass NEXUS and FAST Enrollment Center",
        name_fr="Centre d’inscription NEXUS et EXPRES de Sweetgrass",
        address="39825 Interstate 15 (port of entry skybridge)",
        city="Sweetgrass",
        region="MT",
        postal_code="59484",
        country="US",
        zone="America/Denver",
        model="joint",
        instructions=(
            bring(
                "Bring original identification and proof of citizenship.",
                "Apportez une pièce d’identité originale et une preuve de citoyenneté.",
            ),
        ),
    ),
    CentreFacts(
        number=5100,
        name_en="Pembina Enrollment Center",
        name_fr="Centre d’inscription de Pembina",
        address="10980 Interstate 29, Suite 2",
        city="Pembina",
        region="ND",
        postal_code="58271",
        country="US",
        zone="America/Chicago",
        late=(CALL, USUAL_MINUTES),
        model="joint",
        instructions=(),
    ),
    CentreFacts(
        number=5060,
        name_en="Warroad Enrollment Center",
        name_fr="Centre d’inscription de Warroad",
        address="41059 State Highway 313 North",
        city="Warroad",
        region="MN",
        postal_code="56763",
        country="US",
        zone="America/Chicago",
        model="joint",
        stated_hours=(Hours((0, 1, 2), time(8), time(16)),),
        instructions=(
            bring("Bring your letter of conditional approval.", "Apportez votre lettre d’approbation conditionnelle."),
            note("There are no remote interviews here.", "Il n’y a pas d’entrevue à distance ici."),
            entry("Park on the east side.", "Stationnez du côté est."),
        ),
    ),
    CentreFacts(
        # A land centre, although it sits inside a small airport building.
        number=5160,
        name_en="International Falls NEXUS/FAST Enrollment Center",
        name_fr="Centre d’inscription NEXUS/EXPRES d’International Falls",
        address="3214 2nd Avenue East (Falls International Airport building)",
        city="International Falls",
        region="MN",
        postal_code="56649",
        country="US",
        zone="America/Chicago",
        model="joint",
        stated_hours=(Hours((0, 2, 3), time(8, 30), time(17)),),
        instructions=(
            opening(
                "Interviews take place on Monday, Wednesday and Thursday only.",
                "Les entrevues ont lieu le lundi, le mercredi et le jeudi seulement.",
            ),
        ),
    ),
)
