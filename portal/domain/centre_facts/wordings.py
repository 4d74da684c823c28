"""Instructions that several centres give in the same words."""

from portal.domain.centres import bring, note

PRINTED_CONFIRMATION = bring(
    "Bring the confirmation of your interview on paper.", "Apportez la confirmation de votre entrevue sur papier."
)
COPY_OF_CONFIRMATION = bring(
    "Bring a copy of the proof of your appointment.", "Apportez une copie de la preuve de votre rendez-vous."
)
ORIGINALS_ONLY = bring(
    "Bring original documents. Copies are not accepted.",
    "Apportez des documents originaux. Les copies ne sont pas acceptées.",
)
COURT_RECORDS = bring(
    "If you were ever arrested, bring the court records.",
    "Si vous avez déjà fait l’objet d’une arrestation, apportez les documents du tribunal.",
)
PARDON_PAPERS = bring(
    "If you have a pardon, bring its papers.", "Si vous avez obtenu un pardon, apportez les documents qui le prouvent."
)
ALL_PASSPORTS = bring(
    "Bring all your passports, from every country.", "Apportez tous vos passeports, de tous les pays."
)
PROOF_OF_WORK = bring("Bring proof of your employment.", "Apportez une preuve de votre emploi.")
ENTRY_RECORD = bring(
    "If you need a visa for the United States, bring your I-94 record.",
    "S’il vous faut un visa pour les États-Unis, apportez votre fiche I-94.",
)
ONE_EACH = note(
    "Each person needs their own appointment, children too.",
    "Chaque personne doit avoir son propre rendez-vous, les enfants aussi.",
)
