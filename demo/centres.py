"""One invented centre: ferry terminals belong to the programme's idea, and no real one takes part yet."""

from datetime import date

from portal.domain.centres import CentreFacts, arrival, entry, note

FERRY_TERMINAL = CentreFacts(
    number=90001,
    name_en="Example Harbour Ferry Terminal (invented)",
    name_fr="Gare maritime d’Example Harbour (inventée)",
    address="1 Ferry Wharf, departures level",
    city="Example Harbour",
    region="BC",
    postal_code="V0V 0V0",
    country="CA",
    zone="America/Vancouver",
    model="joint",
    modes=("ferry",),
    is_invented=True,
    pilot_since=date(2026, 6, 1),
    instructions=(
        note(
            "This centre does not exist. It shows how a ferry terminal would take part.",
            "Ce centre n’existe pas. Il montre comment une gare maritime participerait.",
        ),
        entry(
            "Walk in from the foot passengers’ side. You need no ferry ticket.",
            "Entrez du côté des passagers à pied. Vous n’avez pas besoin d’un billet de traversier.",
        ),
        arrival("Arrive 15 minutes before your interview.", "Arrivez 15 minutes avant votre entrevue."),
    ),
)
