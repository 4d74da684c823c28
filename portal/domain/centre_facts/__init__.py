"""The 24 real enrolment centres, from the programme's public list: 16 at the land border, 8 in airports."""

from portal.domain.centre_facts.airports import AIRPORTS
from portal.domain.centre_facts.land_east import LAND_EAST
from portal.domain.centre_facts.land_west import LAND_WEST

CENTRES = (*LAND_WEST, *LAND_EAST, *AIRPORTS)
