"""What the stand-in payment company says, in its own two languages. It is a company apart, with a catalogue apart."""

from typing import Any

NBSP = "\u00a0"

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "other": "fr",
        "other_name": "Français",
        "title": "Pay with a test card",
        "amount": "To pay",
        "for": "For",
        "number": "Card number",
        "hint": "Use one of the test numbers below. Never type the number of a real card here.",
        "tests": "Test numbers",
        "pays": "is accepted",
        "declines": "is declined",
        "pay": "Pay",
        "cancel": "Cancel and go back",
        "problem": "There is a problem",
        "error": "Error:",
        "declined": "The card was declined. You have not paid. Try the other test number.",
        "not_a_test_number": "This is not one of the test numbers. Type one of the two numbers below.",
        "gone_title": "This payment page has ended",
        "gone": "Nothing was charged. Go back to your application to begin again.",
        "back": "Go back",
        "about": "This company is part of a demonstration. It moves no money.",
    },
    "fr": {
        "other": "en",
        "other_name": "English",
        "title": "Payer avec une carte d’essai",
        "amount": "À payer",
        "for": "Pour",
        "number": "Numéro de carte",
        "hint": "Utilisez un des numéros d’essai ci-dessous. N’entrez jamais ici le numéro d’une vraie carte.",
        "tests": "Numéros d’essai",
        "pays": "est acceptée",
        "declines": "est refusée",
        "pay": "Payer",
        "cancel": "Annuler et revenir",
        "problem": "Il y a un problème",
        "error": f"Erreur{NBSP}:",
        "declined": "La carte a été refusée. Vous n’avez pas payé. Essayez l’autre numéro.",
        "not_a_test_number": "Ce n’est pas un des numéros d’essai. Entrez un des deux numéros ci-dessous.",
        "gone_title": "Cette page de paiement est fermée",
        "gone": "Rien n’a été débité. Revenez à votre demande pour recommencer.",
        "back": "Revenir",
        "about": "Cette entreprise fait partie d’une démonstration. Elle ne déplace pas d’argent.",
    },
}


def money(session: dict[str, Any], language: str) -> str:
    """The amount of a checkout in words: "US$120.00", « 120,00 $ US »."""
    whole, cents = divmod(session["amount_total"], 100)
    if language == "fr":
        return f"{whole},{cents:02d}{NBSP}$ US"
    return f"US${whole}.{cents:02d}"
