"""The words of a statement, by language; a language that is missing here falls back to English."""

from __future__ import annotations

from functools import cache

from invoices.labels import LANGUAGES

_WORDS: dict[str, tuple[str, str, str, str]] = {
    "statement": (
        "Cost statement",
        "Kostenübersicht",
        "Relevé des coûts",
        "Resumen de costes",
    ),
    "opening": (
        "Opening …",
        "Wird geöffnet …",
        "Ouverture …",
        "Abriendo …",
    ),
    "without_script": (
        (
            "This page draws its figures with JavaScript; nothing is fetched from a network. Please allow "
            "scripts for this file."
        ),
        (
            "Diese Seite zeichnet ihre Zahlen mit JavaScript; aus dem Netz wird nichts geladen. Bitte erlauben "
            "Sie Skripte für diese Datei."
        ),
        (
            "Cette page affiche ses chiffres avec JavaScript ; rien n’est chargé depuis un réseau. Merci "
            "d’autoriser les scripts pour ce fichier."
        ),
        (
            "Esta página muestra sus cifras con JavaScript; no se carga nada de la red. Permita los scripts "
            "para este archivo, por favor."
        ),
    ),
    "as_of": (
        "as of {day}",
        "Stand {day}",
        "au {day}",
        "a {day}",
    ),
    "net_amounts": (
        "amounts in {currency}, before tax",
        "Beträge in {currency}, ohne Steuer",
        "montants en {currency}, hors taxes",
        "importes en {currency}, sin impuestos",
    ),
    "to_date": (
        "Month to date",
        "Bisher im Monat",
        "Mois en cours",
        "Mes en curso",
    ),
    "forecast": (
        "Forecast for the month",
        "Prognose für den Monat",
        "Prévision du mois",
        "Previsión del mes",
    ),
    "last_month": (
        "Last month",
        "Vormonat",
        "Mois précédent",
        "Mes anterior",
    ),
    "budget_used": (
        "Budget used",
        "Budget verbraucht",
        "Budget utilisé",
        "Presupuesto usado",
    ),
    "open_items": (
        "Open items",
        "Offene Posten",
        "Solde à payer",
        "Importe pendiente",
    ),
    "covered": (
        "{n} of {m} days",
        "{n} von {m} Tagen",
        "{n} jours sur {m}",
        "{n} de {m} días",
    ),
    "vs_last_month": (
        "vs last month",
        "gegenüber dem Vormonat",
        "par rapport au mois précédent",
        "respecto al mes anterior",
    ),
    "no_last_month": (
        "no charges last month",
        "keine Kosten im Vormonat",
        "rien le mois précédent",
        "sin cargos el mes anterior",
    ),
    "of_budget": (
        "of {amount}",
        "von {amount}",
        "sur {amount}",
        "de {amount}",
    ),
    "no_budget": (
        "no budget set",
        "kein Budget festgelegt",
        "aucun budget défini",
        "sin presupuesto",
    ),
    "overdue": (
        "{amount} overdue",
        "{amount} überfällig",
        "{amount} en retard",
        "{amount} vencido",
    ),
    "next_due": (
        "next due {day}",
        "nächste Fälligkeit {day}",
        "prochaine échéance {day}",
        "próximo vencimiento {day}",
    ),
    "nothing_due": (
        "nothing due",
        "nichts fällig",
        "rien à échéance",
        "nada por vencer",
    ),
    "month_state": (
        "Month to date, {n} of {m} days",
        "Laufender Monat, {n} von {m} Tagen",
        "Mois en cours, {n} jours sur {m}",
        "Mes en curso, {n} de {m} días",
    ),
    "not_final": (
        "Not final: vendors may still change these days",
        "Nicht endgültig: Anbieter können diese Tage noch ändern",
        "Non définitif : les fournisseurs peuvent encore modifier ces jours",
        "No definitivo: los proveedores aún pueden modificar estos días",
    ),
    "late": (
        "{vendor}: newer figures are late, these end on {day}",
        "{vendor}: neuere Zahlen verspäten sich, diese enden am {day}",
        "{vendor} : les chiffres récents tardent, ceux-ci s’arrêtent au {day}",
        "{vendor}: las cifras nuevas se retrasan, estas terminan el {day}",
    ),
    "parked": (
        (
            "{month}: we are still checking some charges, so amounts may change and the invoice waits. You need "
            "not do anything."
        ),
        (
            "{month}: Wir prüfen noch einzelne Positionen; Beträge können sich ändern, und die Rechnung wartet "
            "so lange. Sie müssen nichts tun."
        ),
        (
            "{month} : nous vérifions encore certains montants ; ils peuvent changer et la facture attend. Vous "
            "n’avez rien à faire."
        ),
        (
            "{month}: aún revisamos algunos cargos; los importes pueden cambiar y la factura espera. No tiene "
            "que hacer nada."
        ),
    ),
    "open_month": (
        "{month} is not invoiced yet: {amount}",
        "{month} ist noch nicht abgerechnet: {amount}",
        "{month} n’est pas encore facturé : {amount}",
        "{month} aún no está facturado: {amount}",
    ),
    "paid_for": (
        "Your charges stand on the invoices of another organisation, which pays for you",
        "Ihre Kosten stehen auf den Rechnungen einer anderen Organisation, die für Sie zahlt",
        "Vos montants figurent sur les factures d’une autre organisation, qui paie pour vous",
        "Sus cargos figuran en las facturas de otra organización, que paga por usted",
    ),
    "no_data": (
        "No charges yet",
        "Noch keine Kosten",
        "Aucun montant pour l’instant",
        "Aún no hay cargos",
    ),
    "no_data_why": (
        "Charges of {month} appear here with the vendors’ first figures of the month.",
        "Die Kosten von {month} erscheinen hier mit den ersten Zahlen der Anbieter für den Monat.",
        "Les montants de {month} apparaîtront ici avec les premiers chiffres des fournisseurs.",
        "Los cargos de {month} aparecerán aquí con las primeras cifras de los proveedores.",
    ),
    "daily": (
        "Charges by day and service, {currency}, {month}",
        "Kosten nach Tag und Dienst, {currency}, {month}",
        "Montants par jour et service, {currency}, {month}",
        "Cargos por día y servicio, {currency}, {month}",
    ),
    "on_other_days": (
        "{amount} of this month’s invoice is for days outside the month and is not drawn.",
        "{amount} der Rechnung dieses Monats gelten Tagen außerhalb des Monats und sind nicht gezeichnet.",
        "{amount} de la facture de ce mois concernent des jours hors du mois et ne sont pas représentés.",
        "{amount} de la factura de este mes corresponden a días fuera del mes y no se muestran.",
    ),
    "forecast_day": (
        "Forecast",
        "Prognose",
        "Prévision",
        "Previsión",
    ),
    "other": (
        "Other services",
        "Andere Dienste",
        "Autres services",
        "Otros servicios",
    ),
    "no_service": (
        "Not named",
        "Ohne Namen",
        "Sans nom",
        "Sin nombre",
    ),
    "all_charges": (
        "All charges",
        "Alle Kosten",
        "Tous les montants",
        "Todos los cargos",
    ),
    "budgets": (
        "Budgets and what the month will come to, {currency}",
        "Budgets und was der Monat ergeben wird, {currency}",
        "Budgets et total prévu du mois, {currency}",
        "Presupuestos y total previsto del mes, {currency}",
    ),
    "budget": (
        "Budget",
        "Budget",
        "Budget",
        "Presupuesto",
    ),
    "used": (
        "To date",
        "Bisher",
        "À ce jour",
        "Hasta hoy",
    ),
    "thresholds": (
        "Thresholds",
        "Schwellen",
        "Seuils",
        "Umbrales",
    ),
    "crossed": (
        "{scope}: {threshold} reached on {day}.",
        "{scope}: {threshold} erreicht am {day}.",
        "{scope} : {threshold} atteints le {day}.",
        "{scope}: {threshold} alcanzado el {day}.",
    ),
    "exceeded": (
        "over budget",
        "über Budget",
        "budget dépassé",
        "presupuesto superado",
    ),
    "will_exceed": (
        "forecast over budget",
        "Prognose über Budget",
        "dépassement prévu",
        "se prevé superarlo",
    ),
    "services": (
        "Charges by vendor and service, {currency}",
        "Kosten nach Anbieter und Dienst, {currency}",
        "Montants par fournisseur et service, {currency}",
        "Cargos por proveedor y servicio, {currency}",
    ),
    "vendor": (
        "Vendor",
        "Anbieter",
        "Fournisseur",
        "Proveedor",
    ),
    "service": (
        "Service",
        "Dienst",
        "Service",
        "Servicio",
    ),
    "total": (
        "Total",
        "Summe",
        "Total",
        "Total",
    ),
    "subscriptions": (
        "Subscriptions in force",
        "Laufende Abonnements",
        "Abonnements en cours",
        "Suscripciones vigentes",
    ),
    "product": (
        "Product",
        "Produkt",
        "Produit",
        "Producto",
    ),
    "units": (
        "Units",
        "Anzahl",
        "Quantité",
        "Unidades",
    ),
    "unit_price": (
        "Unit price",
        "Stückpreis",
        "Prix unitaire",
        "Precio unitario",
    ),
    "currency": (
        "Currency",
        "Währung",
        "Devise",
        "Moneda",
    ),
    "per": (
        "Per",
        "Je",
        "Par",
        "Por",
    ),
    "month": (
        "month",
        "Monat",
        "mois",
        "mes",
    ),
    "year": (
        "year",
        "Jahr",
        "an",
        "año",
    ),
    "three_years": (
        "three years",
        "drei Jahre",
        "trois ans",
        "tres años",
    ),
    "since": (
        "Since",
        "Seit",
        "Depuis",
        "Desde",
    ),
    "until": (
        "Term or end",
        "Laufzeit oder Ende",
        "Terme ou fin",
        "Plazo o fin",
    ),
    "renews": (
        "renewal {day}",
        "Verlängerung {day}",
        "renouvellement {day}",
        "renovación {day}",
    ),
    "ends": (
        "ends {day}",
        "endet {day}",
        "se termine le {day}",
        "termina el {day}",
    ),
    "runs_on": (
        "runs on",
        "läuft weiter",
        "se poursuit",
        "continúa",
    ),
    "documents": (
        "Documents issued",
        "Ausgestellte Belege",
        "Documents émis",
        "Documentos emitidos",
    ),
    "number": (
        "Number",
        "Nummer",
        "Numéro",
        "Número",
    ),
    "kind": (
        "Document",
        "Beleg",
        "Document",
        "Documento",
    ),
    "invoice": (
        "Invoice",
        "Rechnung",
        "Facture",
        "Factura",
    ),
    "credit_note": (
        "Credit note",
        "Rechnungskorrektur",
        "Avoir",
        "Factura rectificativa",
    ),
    "period": (
        "Period",
        "Zeitraum",
        "Période",
        "Período",
    ),
    "issued": (
        "Issued",
        "Ausgestellt",
        "Émis le",
        "Emitido",
    ),
    "due": (
        "Due",
        "Fällig",
        "Échéance",
        "Vencimiento",
    ),
    "gross": (
        "Gross",
        "Brutto",
        "TTC",
        "Total con impuestos",
    ),
    "open": (
        "Open",
        "Offen",
        "Reste à payer",
        "Pendiente",
    ),
    "state": (
        "State",
        "Stand",
        "État",
        "Estado",
    ),
    "is_void": (
        "void",
        "storniert",
        "annulé",
        "anulado",
    ),
    "is_open": (
        "open",
        "offen",
        "à payer",
        "pendiente",
    ),
    "is_overdue": (
        "overdue",
        "überfällig",
        "en retard",
        "vencido",
    ),
    "is_settled": (
        "settled",
        "ausgeglichen",
        "réglé",
        "saldado",
    ),
    "prepaid": (
        "Prepaid balance: {amount}",
        "Guthaben: {amount}",
        "Solde prépayé : {amount}",
        "Saldo prepago: {amount}",
    ),
    "prepaid_expires": (
        "the first of it expires on {day}",
        "das erste davon verfällt am {day}",
        "la première part expire le {day}",
        "la primera parte caduca el {day}",
    ),
    "made_of": (
        "As of {day}. {vendors}",
        "Stand {day}. {vendors}",
        "Au {day}. {vendors}",
        "A {day}. {vendors}",
    ),
    "delivery": (
        "{vendor}: figures until {day}, received {received} UTC.",
        "{vendor}: Zahlen bis {day}, eingegangen {received} UTC.",
        "{vendor} : chiffres jusqu’au {day}, reçus le {received} UTC.",
        "{vendor}: cifras hasta el {day}, recibidas {received} UTC.",
    ),
    "rule": (
        (
            "The forecast takes what is known for the month as it stands, and usage at the mean of the last "
            "seven days with figures for each day without. It is no invoice."
        ),
        (
            "Die Prognose nimmt, was für den Monat bekannt ist, wie es steht, und die Nutzung für jeden Tag "
            "ohne Zahlen mit dem Mittel der letzten sieben Tage mit Zahlen. Sie ist keine Rechnung."
        ),
        (
            "La prévision reprend tel quel ce qui est connu du mois et, pour chaque jour sans chiffres, la "
            "moyenne des sept derniers jours connus. Ce n’est pas une facture."
        ),
        (
            "La previsión toma lo conocido del mes tal como está y, para cada día sin cifras, el promedio de "
            "los últimos siete días con cifras. No es una factura."
        ),
    ),
    "search": (
        "Search",
        "Suchen",
        "Rechercher",
        "Buscar",
    ),
    "download": (
        "Download all rows that match the search",
        "Alle Zeilen laden, die zur Suche passen",
        "Télécharger toutes les lignes trouvées",
        "Descargar todas las filas encontradas",
    ),
    "row": (
        "row",
        "Zeile",
        "ligne",
        "fila",
    ),
    "rows": (
        "rows",
        "Zeilen",
        "lignes",
        "filas",
    ),
    "nothing": (
        "Nothing here.",
        "Nichts vorhanden.",
        "Rien ici.",
        "Nada aquí.",
    ),
    "table": (
        "Table",
        "Tabelle",
        "Tableau",
        "Tabla",
    ),
    "broken": (
        "This page cannot be drawn: {reason}",
        "Diese Seite lässt sich nicht zeichnen: {reason}",
        "Cette page ne peut pas être affichée : {reason}",
        "No se puede mostrar esta página: {reason}",
    ),
}


@cache
def words(language: str) -> dict[str, str]:
    """All words of one language."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {name: all_words[place] for name, all_words in _WORDS.items()}
