"""The words printed on documents, by language; a language that is missing here falls back to English."""

from __future__ import annotations

LANGUAGES = ("en", "de", "fr", "es")

_WORDS: dict[str, tuple[str, str, str, str]] = {
    "invoice": ("Invoice", "Rechnung", "Facture", "Factura"),
    "credit_note": ("Credit note", "Rechnungskorrektur", "Avoir", "Factura rectificativa"),
    "draft": ("Draft", "Entwurf", "Brouillon", "Borrador"),
    "draft_invoice": ("Draft invoice", "Rechnungsentwurf", "Facture (brouillon)", "Factura (borrador)"),
    "draft_credit_note": (
        "Draft credit note",
        "Entwurf einer Rechnungskorrektur",
        "Avoir (brouillon)",
        "Factura rectificativa (borrador)",
    ),
    "draft_notice": (
        "This is a draft for information. It is not an invoice; please do not pay it.",
        "Dies ist ein Entwurf zur Information. Er ist keine Rechnung; bitte nicht bezahlen.",
        "Ceci est un brouillon pour information. Ce n’est pas une facture ; merci de ne pas la payer.",
        "Este es un borrador informativo. No es una factura; no lo pague, por favor.",
    ),
    "blocked": (
        "Cannot be issued yet",
        "Kann noch nicht gestellt werden",
        "Ne peut pas encore être émise",
        "Todavía no se puede emitir",
    ),
    "number": ("Number", "Nummer", "Numéro", "Número"),
    "issue_date": ("Issue date", "Ausstellungsdatum", "Date d’émission", "Fecha de emisión"),
    "due_date": ("Due date", "Fällig am", "Échéance", "Vencimiento"),
    "terms": ("Payment terms", "Zahlungsziel", "Délai de paiement", "Plazo de pago"),
    "days": (
        "{n} days from issue",
        "{n} Tage ab Ausstellung",
        "{n} jours après émission",
        "{n} días desde la emisión",
    ),
    "billing_period": ("Billing period", "Abrechnungszeitraum", "Période facturée", "Período facturado"),
    "customer": ("Customer number", "Kundennummer", "Numéro de client", "Número de cliente"),
    "user": ("Customer", "Kunde", "Client", "Cliente"),
    "purchase_order": ("Purchase order", "Bestellnummer", "Bon de commande", "Pedido de compra"),
    "buyer_reference": ("Your reference", "Ihre Referenz", "Votre référence", "Su referencia"),
    "buyer_tax_id": ("Your VAT id", "Ihre USt-IdNr.", "Votre n° de TVA", "Su NIF-IVA"),
    "credits": ("Credits invoice", "Zur Rechnung", "Avoir sur la facture", "Rectifica la factura"),
    "amount_payable": ("Amount payable", "Zahlbetrag", "Montant à payer", "Importe a pagar"),
    "amount_credited": ("Amount credited", "Gutschriftbetrag", "Montant crédité", "Importe abonado"),
    "amount_so_far": ("Amount to date", "Bisheriger Betrag", "Montant à ce jour", "Importe hasta la fecha"),
    "due_by": ("due {date}", "fällig am {date}", "à régler le {date}", "vence el {date}"),
    "for_period": ("for {period}", "für {period}", "pour {period}", "correspondiente a {period}"),
    "nothing_due": (
        "No payment is due.",
        "Es ist keine Zahlung fällig.",
        "Aucun paiement n’est dû.",
        "No hay ningún pago pendiente.",
    ),
    "summary": ("Summary", "Zusammenfassung", "Récapitulatif", "Resumen"),
    "vendor": ("Vendor", "Anbieter", "Fournisseur", "Proveedor"),
    "before_discounts": ("Before discounts", "Vor Rabatten", "Avant remises", "Antes de descuentos"),
    "discounts": ("Discounts", "Rabatte", "Remises", "Descuentos"),
    "net": ("Net", "Netto", "Montant HT", "Importe neto"),
    "total_net": ("Total net", "Summe netto", "Total HT", "Total sin impuestos"),
    "tax": ("Tax", "Steuer", "TVA", "Impuesto"),
    "rate": ("Rate", "Satz", "Taux", "Tipo"),
    "taxable": ("Taxable amount", "Bemessungsgrundlage", "Base imposable", "Base imponible"),
    "tax_amount": ("Tax amount", "Steuerbetrag", "Montant de TVA", "Cuota"),
    "total_tax": ("Total tax", "Summe Steuer", "Total TVA", "Total impuestos"),
    "total_gross": (
        "Total including tax",
        "Gesamtbetrag brutto",
        "Total TTC",
        "Total con impuestos",
    ),
    "prepaid": (
        "Prepaid balance drawn",
        "Aus Guthaben verrechnet",
        "Prélevé sur le solde prépayé",
        "Deducido del saldo prepagado",
    ),
    "prepaid_returned": (
        "Returned to the prepaid balance",
        "Dem Guthaben zurückgegeben",
        "Restitué au solde prépayé",
        "Devuelto al saldo prepagado",
    ),
    "prepaid_left": (
        "Prepaid balance left after this document: {amount} {currency}",
        "Restguthaben nach diesem Beleg: {amount} {currency}",
        "Solde prépayé après ce document : {amount} {currency}",
        "Saldo prepagado después de este documento: {amount} {currency}",
    ),
    "at_once": ("due at once", "sofort fällig", "payable immédiatement", "pago inmediato"),
    "payment": ("Payment", "Zahlung", "Paiement", "Pago"),
    "account_holder": ("Account holder", "Kontoinhaber", "Titulaire du compte", "Titular de la cuenta"),
    "reference": ("Payment reference", "Verwendungszweck", "Référence de paiement", "Concepto del pago"),
    "details": ("Details", "Einzelheiten", "Détail", "Detalle"),
    "description": ("Description", "Beschreibung", "Description", "Descripción"),
    "period": ("Period", "Zeitraum", "Période", "Período"),
    "quantity": ("Quantity", "Menge", "Quantité", "Cantidad"),
    "unit": ("Unit", "Einheit", "Unité", "Unidad"),
    "unit_price": ("Unit price", "Einzelpreis", "Prix unitaire", "Precio unitario"),
    "amount": ("Amount", "Betrag", "Montant", "Importe"),
    "subtotal": ("Subtotal {name}", "Zwischensumme {name}", "Sous-total {name}", "Subtotal {name}"),
    "total_of": ("Total {name}", "Summe {name}", "Total {name}", "Total {name}"),
    "corrections": ("Corrections", "Korrekturen", "Corrections", "Correcciones"),
    "correction_of": (
        "Correction of {document}, {period}",
        "Korrektur zu {document}, {period}",
        "Correction de {document}, {period}",
        "Corrección de {document}, {period}",
    ),
    "other": ("Other charges", "Weitere Posten", "Autres postes", "Otros conceptos"),
    "general_discounts": (
        "Discounts on the whole",
        "Rabatte auf das Ganze",
        "Remises sur l’ensemble",
        "Descuentos sobre el total",
    ),
    "commitment": (
        "Commitments and caps",
        "Mindestabnahme und Obergrenzen",
        "Engagements et plafonds",
        "Compromisos y límites",
    ),
    "small_one": (
        "1 further item below {least}, see the usage file",
        "1 weiterer Posten unter {least}, siehe Nutzungsdatei",
        "1 autre poste inférieur à {least}, voir le fichier de consommation",
        "1 concepto más inferior a {least}, véase el archivo de consumo",
    ),
    "small_many": (
        "{n} further items below {least}, see the usage file",
        "{n} weitere Posten unter {least}, siehe Nutzungsdatei",
        "{n} autres postes inférieurs à {least}, voir le fichier de consommation",
        "{n} conceptos más inferiores a {least}, véase el archivo de consumo",
    ),
    "approximate": (
        "≈ marks a unit price shortened for print; amounts are computed from the full price.",
        "≈ kennzeichnet einen für den Druck gekürzten Einzelpreis; gerechnet wird mit dem vollen Preis.",
        "≈ indique un prix unitaire abrégé ; les montants sont calculés avec le prix complet.",
        "≈ indica un precio unitario abreviado; los importes se calculan con el precio completo.",
    ),
    "converted": (
        "Converted at: {rates}.",
        "Umgerechnet zu: {rates}.",
        "Converti à : {rates}.",
        "Convertido a: {rates}.",
    ),
    "page": (
        "Page {page} of {pages}",
        "Seite {page} von {pages}",
        "Page {page} sur {pages}",
        "Página {page} de {pages}",
    ),
    "registration": ("Registration", "Register", "Immatriculation", "Registro"),
    "vat_id": ("VAT id", "USt-IdNr.", "N° de TVA", "NIF-IVA"),
    "mail_subject": (
        "{kind} {number}, {period}, {seller}",
        "{kind} {number}, {period}, {seller}",
        "{kind} {number}, {period}, {seller}",
        "{kind} {number}, {period}, {seller}",
    ),
    "mail_greeting": ("Dear customer,", "Guten Tag,", "Madame, Monsieur,", "Estimados señores:"),
    "mail_invoice": (
        "Please find attached invoice {number} for {period}.",
        "anbei erhalten Sie die Rechnung {number} für {period}.",
        "veuillez trouver ci-joint la facture {number} pour {period}.",
        "Adjuntamos la factura {number} correspondiente a {period}.",
    ),
    "mail_credit_note": (
        "Please find attached credit note {number} for {period}.",
        "anbei erhalten Sie die Rechnungskorrektur {number} für {period}.",
        "veuillez trouver ci-joint l’avoir {number} pour {period}.",
        "Adjuntamos la factura rectificativa {number} correspondiente a {period}.",
    ),
    "mail_usage_left_out": (
        "The usage file is too large for e-mail; please ask us for it.",
        "Die Nutzungsdatei ist zu groß für eine E-Mail; bitte fordern Sie sie bei uns an.",
        "Le fichier de consommation est trop volumineux pour un e-mail ; veuillez nous le demander.",
        "El archivo de consumo es demasiado grande para un correo; solicítenoslo, por favor.",
    ),
    "mail_closing": ("Kind regards", "Mit freundlichen Grüßen", "Cordialement", "Atentamente"),
    "tax_S": ("Value added tax", "Umsatzsteuer", "TVA", "IVA"),
    "tax_Z": ("Zero rated", "Nullsatz", "Taux zéro", "Tipo cero"),
    "tax_E": ("Exempt", "Steuerfrei", "Exonéré", "Exento"),
    "tax_AE": (
        "Reverse charge",
        "Steuerschuld des Leistungsempfängers",
        "Autoliquidation",
        "Inversión del sujeto pasivo",
    ),
    "tax_K": (
        "Intra-community supply",
        "Innergemeinschaftliche Lieferung",
        "Livraison intracommunautaire",
        "Entrega intracomunitaria",
    ),
    "tax_G": ("Export, not taxed", "Ausfuhr, steuerfrei", "Exportation hors taxe", "Exportación exenta"),
    "tax_O": (
        "Outside the scope of tax",
        "Nicht steuerbar",
        "Hors champ de la taxe",
        "No sujeto al impuesto",
    ),
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
