"""The words printed on documents, by language; a language that is missing here falls back to English."""

from __future__ import annotations

LANGUAGES = ("en", "de", "fr")

_WORDS: dict[str, tuple[str, str, str]] = {
    "invoice": ("Invoice", "Rechnung", "Facture"),
    "credit_note": ("Credit note", "Gutschrift", "Avoir"),
    "draft": ("Draft", "Entwurf", "Brouillon"),
    "draft_invoice": ("Draft invoice", "Rechnungsentwurf", "Facture (brouillon)"),
    "draft_credit_note": ("Draft credit note", "Gutschriftsentwurf", "Avoir (brouillon)"),
    "draft_notice": (
        "This is a draft for information. It is not an invoice; please do not pay it.",
        "Dies ist ein Entwurf zur Information. Er ist keine Rechnung; bitte nicht bezahlen.",
        "Ceci est un brouillon pour information. Ce n’est pas une facture ; merci de ne pas la payer.",
    ),
    "blocked": ("Cannot be issued yet", "Kann noch nicht gestellt werden", "Ne peut pas encore être émise"),
    "number": ("Number", "Nummer", "Numéro"),
    "issue_date": ("Issue date", "Rechnungsdatum", "Date d’émission"),
    "due_date": ("Due date", "Fällig am", "Échéance"),
    "terms": ("Payment terms", "Zahlungsziel", "Délai de paiement"),
    "days": ("{n} days from issue", "{n} Tage ab Rechnungsdatum", "{n} jours après émission"),
    "billing_period": ("Billing period", "Abrechnungszeitraum", "Période facturée"),
    "customer": ("Customer number", "Kundennummer", "Numéro de client"),
    "user": ("Customer", "Kunde", "Client"),
    "purchase_order": ("Purchase order", "Bestellnummer", "Bon de commande"),
    "buyer_reference": ("Your reference", "Ihre Referenz", "Votre référence"),
    "buyer_tax_id": ("Your VAT id", "Ihre USt-IdNr.", "Votre n° de TVA"),
    "credits": ("Credits invoice", "Zu Rechnung", "Annule la facture"),
    "amount_payable": ("Amount payable", "Zahlbetrag", "Montant à payer"),
    "amount_credited": ("Amount credited", "Gutschriftbetrag", "Montant crédité"),
    "amount_so_far": ("Amount to date", "Bisheriger Betrag", "Montant à ce jour"),
    "due_by": ("due {date}", "fällig am {date}", "à régler le {date}"),
    "for_period": ("for {period}", "für {period}", "pour {period}"),
    "nothing_due": ("No payment is due.", "Es ist keine Zahlung fällig.", "Aucun paiement n’est dû."),
    "summary": ("Summary", "Zusammenfassung", "Récapitulatif"),
    "vendor": ("Vendor", "Anbieter", "Fournisseur"),
    "before_discounts": ("Before discounts", "Vor Rabatten", "Avant remises"),
    "discounts": ("Discounts", "Rabatte", "Remises"),
    "net": ("Net", "Netto", "Net"),
    "total_net": ("Total net", "Summe netto", "Total net"),
    "tax": ("Tax", "Steuer", "Taxe"),
    "rate": ("Rate", "Satz", "Taux"),
    "taxable": ("Taxable amount", "Bemessungsgrundlage", "Base imposable"),
    "tax_amount": ("Tax amount", "Steuerbetrag", "Montant de la taxe"),
    "total_tax": ("Total tax", "Summe Steuer", "Total taxe"),
    "total_gross": ("Total including tax", "Gesamtbetrag brutto", "Total toutes taxes comprises"),
    "prepaid": ("Prepaid balance drawn", "Aus Guthaben verrechnet", "Prélevé sur le solde prépayé"),
    "prepaid_returned": (
        "Returned to the prepaid balance",
        "Dem Guthaben zurückgegeben",
        "Restitué au solde prépayé",
    ),
    "prepaid_left": (
        "Prepaid balance left after this document: {amount} {currency}",
        "Restguthaben nach diesem Beleg: {amount} {currency}",
        "Solde prépayé après ce document : {amount} {currency}",
    ),
    "at_once": ("due at once", "sofort fällig", "payable immédiatement"),
    "payment": ("Payment", "Zahlung", "Paiement"),
    "account_holder": ("Account holder", "Kontoinhaber", "Titulaire du compte"),
    "reference": ("Payment reference", "Verwendungszweck", "Référence de paiement"),
    "details": ("Details", "Einzelheiten", "Détail"),
    "description": ("Description", "Beschreibung", "Description"),
    "period": ("Period", "Zeitraum", "Période"),
    "quantity": ("Quantity", "Menge", "Quantité"),
    "unit": ("Unit", "Einheit", "Unité"),
    "unit_price": ("Unit price", "Einzelpreis", "Prix unitaire"),
    "amount": ("Amount", "Betrag", "Montant"),
    "subtotal": ("Subtotal {name}", "Zwischensumme {name}", "Sous-total {name}"),
    "total_of": ("Total {name}", "Summe {name}", "Total {name}"),
    "corrections": ("Corrections", "Korrekturen", "Corrections"),
    "corrects": (
        "corrects {number}, {period}",
        "korrigiert {number}, {period}",
        "corrige {number}, {period}",
    ),
    "other": ("Other charges", "Weitere Posten", "Autres postes"),
    "general_discounts": ("Discounts on the whole", "Rabatte auf das Ganze", "Remises sur l’ensemble"),
    "commitment": ("Commitments and caps", "Mindestabnahme und Obergrenzen", "Engagements et plafonds"),
    "small_one": (
        "1 further item below {least}, see the usage file",
        "1 weiterer Posten unter {least}, siehe Nutzungsdatei",
        "1 autre poste inférieur à {least}, voir le fichier de consommation",
    ),
    "small_many": (
        "{n} further items below {least}, see the usage file",
        "{n} weitere Posten unter {least}, siehe Nutzungsdatei",
        "{n} autres postes inférieurs à {least}, voir le fichier de consommation",
    ),
    "approximate": (
        "≈ marks a unit price shortened for print; amounts are computed from the full price.",
        "≈ kennzeichnet einen für den Druck gekürzten Einzelpreis; gerechnet wird mit dem vollen Preis.",
        "≈ indique un prix unitaire abrégé ; les montants sont calculés avec le prix complet.",
    ),
    "converted": ("Converted at: {rates}.", "Umgerechnet zu: {rates}.", "Converti à : {rates}."),
    "page": ("Page {page} of {pages}", "Seite {page} von {pages}", "Page {page} sur {pages}"),
    "registration": ("Registration", "Register", "Immatriculation"),
    "vat_id": ("VAT id", "USt-IdNr.", "N° de TVA"),
    "tax_S": ("Value added tax", "Umsatzsteuer", "TVA"),
    "tax_Z": ("Zero rated", "Nullsatz", "Taux zéro"),
    "tax_E": ("Exempt", "Steuerfrei", "Exonéré"),
    "tax_AE": ("Reverse charge", "Steuerschuld des Leistungsempfängers", "Autoliquidation"),
    "tax_K": ("Intra-community supply", "Innergemeinschaftliche Lieferung", "Livraison intracommunautaire"),
    "tax_G": ("Export, not taxed", "Ausfuhr, steuerfrei", "Exportation hors taxe"),
    "tax_O": ("Outside the scope of tax", "Nicht steuerbar", "Hors champ de la taxe"),
}


def label(name: str, language: str, /, **values: object) -> str:
    """The words for ``name``; ``values`` fill its places."""
    words = _WORDS[name][LANGUAGES.index(language) if language in LANGUAGES else 0]
    for place, value in values.items():  # not str.format: values are untrusted and may hold braces
        words = words.replace(f"{{{place}}}", str(value), 1)
    return words


def tax_label(code: str, language: str) -> str:
    """Name of an EN 16931 tax category code; an unknown code stands for itself."""
    return label(f"tax_{code}", language) if f"tax_{code}" in _WORDS else code
