"""The forms of the application, one small file for each section."""

from portal.web.applicant.forms.addresses import AddressEntryForm
from portal.web.applicant.forms.background import BackgroundForm
from portal.web.applicant.forms.citizenship import CitizenshipForm
from portal.web.applicant.forms.consent import ConsentForm
from portal.web.applicant.forms.gaps import AddressGapForm, GapForm, WorkGapForm
from portal.web.applicant.forms.guardian import GuardianForm
from portal.web.applicant.forms.history import HistoryForm
from portal.web.applicant.forms.identity import IdentityForm
from portal.web.applicant.forms.licence import LicenceForm
from portal.web.applicant.forms.names import NamesForm
from portal.web.applicant.forms.section import About, SectionForm
from portal.web.applicant.forms.travel import TravelForm
from portal.web.applicant.forms.vehicles import VehiclesForm
from portal.web.applicant.forms.work import WorkEntryForm

SECTION_FORMS: dict[str, type[SectionForm]] = {
    "identity": IdentityForm,
    "names": NamesForm,
    "citizenship": CitizenshipForm,
    "guardian": GuardianForm,
    "travel": TravelForm,
    "licence": LicenceForm,
    "vehicles": VehiclesForm,
    "background": BackgroundForm,
    "consent": ConsentForm,
}

ENTRY_FORMS: dict[str, type[SectionForm]] = {"addresses": AddressEntryForm, "work": WorkEntryForm}

GAP_FORMS: dict[str, type[GapForm]] = {"addresses": AddressGapForm, "work": WorkGapForm}

__all__ = ["ENTRY_FORMS", "GAP_FORMS", "SECTION_FORMS", "About", "GapForm", "HistoryForm", "SectionForm"]
