"""Say in a PDF's metadata that it holds a Factur-X invoice; Typst has attached the file, but cannot say so.

It is said in an incremental update (ISO 32000-1, 7.5.6): new metadata, and where they lie, are appended to the file.
So every byte that Typst wrote stays as it is, and it takes no time; rewriting the file would add a third to printing.
"""

from __future__ import annotations

import re

FILE_NAME = "factur-x.xml"
_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_SAID = {
    "DocumentType": ("INVOICE", "type of the document"),
    "DocumentFileName": (FILE_NAME, "name of the embedded XML invoice file"),
    "Version": ("1.0", "version of the XML schema"),
    "ConformanceLevel": ("EN 16931", "conformance level of the embedded data"),
}
_PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>"
    "<pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
)
#: PDF/A takes properties that it does not know only with a description of their schema.
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>'
    f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>"
    "<pdfaSchema:property><rdf:Seq>"
    + "".join(_PROPERTY.format(name=name, meaning=meaning) for name, (_, meaning) in _SAID.items())
    + "</rdf:Seq></pdfaSchema:property></rdf:li>"
)
_VALUES = (
    f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">'
    + "".join(f"<fx:{name}>{value}</fx:{name}>" for name, (value, _) in _SAID.items())
    + "</rdf:Description>"
)
_SCHEMAS, _END = "<pdfaExtension:schemas><rdf:Bag>", "</rdf:RDF>"


#: As Typst writes them: metadata as plain text, and one table of all objects at the end.
_METADATA = re.compile(
    rb"\n(?P<number>\d+) 0 obj\n<</Length \d+/Type/Metadata/Subtype/XML>>\nstream\n(?P<xmp>.*?)\nendstream\n",
    re.DOTALL,
)
_TRAILER = re.compile(rb"\ntrailer\n<<(?P<entries>/Size [^\n]*)>>\nstartxref\n(?P<table>\d+)\n%%EOF\s*\Z")


def marked(pdf: bytes) -> bytes:
    """The PDF with the Factur-X properties in its XMP metadata."""
    metadata = list(_METADATA.finditer(pdf))
    trailer = _TRAILER.search(pdf, max(len(pdf) - 1000, 0))
    if len(metadata) != 1 or not trailer:
        raise AssertionError("Typst writes another form of PDF now")
    number = int(metadata[0]["number"])
    xmp = _with_properties(metadata[0]["xmp"].decode("utf-8")).encode("utf-8")
    added = b"%d 0 obj\n<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%s\nendstream\nendobj\n" % (
        number,
        len(xmp),
        xmp,
    )
    start = len(pdf) + 1
    table = (
        b"xref\n0 1\n0000000000 65535 f\r\n%d 1\n%010d 00000 n\r\ntrailer\n<<%s/Prev %s>>\nstartxref\n%d\n%%%%EOF\n"
        % (
            number,
            start,
            trailer["entries"],
            trailer["table"],
            start + len(added),
        )
    )
    return pdf + b"\n" + added + table


def _with_properties(xmp: str) -> str:
    if xmp.count(_SCHEMAS) != 1 or xmp.count(_END) != 1:
        raise AssertionError("Typst writes another form of XMP metadata now")
    return xmp.replace(_SCHEMAS, _SCHEMAS + _SCHEMA).replace(_END, _VALUES + _END)
