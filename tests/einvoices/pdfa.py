"""What can be told of a PDF/A-3 with Factur-X from outside, with pypdf and lxml, which write none of it here.

No validator of the whole of ISO 19005-3 comes as a package; Typst refuses to write what breaks it, but the file is
appended to after Typst. So everything that this could break is looked at.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from lxml import etree
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

FILE_NAME = "factur-x.xml"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
#: By XMP namespace that PDF/A-3 knows without being told (ISO 19005-1, 6.7.2; XMP 2005).
PREDEFINED = {
    "http://purl.org/dc/elements/1.1/",
    "http://ns.adobe.com/xap/1.0/",
    "http://ns.adobe.com/xap/1.0/t/pg/",
    "http://ns.adobe.com/xap/1.0/mm/",
    "http://ns.adobe.com/pdf/1.3/",
    "http://www.aiim.org/pdfa/ns/id/",
    "http://www.aiim.org/pdfa/ns/extension/",
}
FORBIDDEN = {"/JavaScript", "/JS", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/XFA"}
FORBIDDEN_FILTERS = {"/LZWDecode", "/Crypt"}


def problems_of_pdf_a(content: bytes) -> tuple[list[str], bytes | None]:
    """What is wrong with a PDF, and the e-invoice in it."""
    reader = PdfReader(io.BytesIO(content), strict=True)
    problems = [*_file(content, reader), *_catalog(reader), *_metadata(reader), *_objects(reader)]
    return problems, _attached(reader, problems)


def _file(content: bytes, reader: PdfReader) -> Iterator[str]:
    if not content.startswith(b"%PDF-1.7\n%") or min(content[10:14]) < 128:
        yield "the head must be %PDF-1.7 and a comment of four bytes above 127"
    if "/Encrypt" in reader.trailer:
        yield "a PDF/A must not be encrypted"
    if len(reader.trailer.get("/ID", ())) != 2:
        yield "the trailer has no file id"
    if not content.rstrip(b"\n").endswith(b"%%EOF"):
        yield "something follows the end of file"


def _catalog(reader: PdfReader) -> Iterator[str]:
    root = reader.root_object
    intents = [each.get_object() for each in root.get("/OutputIntents", ())]
    if not any(each.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in each for each in intents):
        yield "there is no PDF/A output intent with a colour profile"
    if not root.get("/MarkInfo", {}).get("/Marked") or "/StructTreeRoot" not in root or "/Lang" not in root:
        yield "conformance level A needs a tagged document with a language"
    if "/OCProperties" in root or "/AA" in root or "/AcroForm" in root:
        yield "layers, actions or forms"


def _metadata(reader: PdfReader) -> Iterator[str]:
    stream = reader.root_object["/Metadata"].get_object()
    if "/Filter" in stream:
        yield "the metadata stream must not be compressed"
    xmp = etree.fromstring(stream.get_data())
    if _value(xmp, f"{PDFAID}part") != "3" or _value(xmp, f"{PDFAID}conformance") != "A":
        yield "XMP does not say PDF/A-3a"
    said = {name: _value(xmp, f"{FX}{name}") for name in ("DocumentType", "DocumentFileName", "Version")}
    if said != {"DocumentType": "INVOICE", "DocumentFileName": FILE_NAME, "Version": "1.0"}:
        yield f"the Factur-X properties are {said}"
    if _value(xmp, f"{FX}ConformanceLevel") != "EN 16931":
        yield "the Factur-X level is not EN 16931"
    yield from _undescribed(xmp)


def _undescribed(xmp: etree._Element) -> Iterator[str]:
    """Properties of namespaces that PDF/A does not know need an extension schema."""
    described = {
        (uri.text, name.text)
        for uri in xmp.iter(f"{SCHEMA}namespaceURI")
        for name in uri.getparent().iter(f"{PROPERTY}name")
    }
    for description in xmp.iter(f"{RDF}Description"):
        for each in description:
            name = etree.QName(each)
            if name.namespace not in PREDEFINED and (name.namespace, name.localname) not in described:
                yield f"no extension schema describes {each.tag}"


def _objects(reader: PdfReader) -> Iterator[str]:
    for each in _walk(reader.root_object, set()):
        if FORBIDDEN & {each.get("/S"), *each.keys()}:
            yield f"a PDF/A must not hold {sorted(FORBIDDEN & {each.get('/S'), *each.keys()})}"
        if isinstance(each, StreamObject) and FORBIDDEN_FILTERS & set(_filters(each)):
            yield f"a PDF/A must not use {_filters(each)}"
        if each.get("/Type") == "/FontDescriptor" and not any(f"/FontFile{n}" in each for n in ("", 2, 3)):
            yield f"the font {each.get('/FontName')} is not embedded"
        if each.get("/Type") == "/Font" and each.get("/Subtype") == "/Type0" and "/ToUnicode" not in each:
            yield f"the font {each.get('/BaseFont')} has no Unicode map"


def _filters(stream: StreamObject) -> list[str]:
    found = stream.get("/Filter", [])
    return [str(each) for each in (found if isinstance(found, ArrayObject) else [found])]


def _walk(item: PdfObject | None, seen: set[int]) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached."""
    todo = [item]
    while todo:
        found = todo.pop()
        if isinstance(found, IndirectObject):
            if found.idnum in seen:
                continue
            seen.add(found.idnum)
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            yield found
            todo += [found.raw_get(key) for key in found]
        elif isinstance(found, ArrayObject):
            todo += list(found)


def _attached(reader: PdfReader, problems: list[str]) -> bytes | None:
    """The attached e-invoice; what is wrong with how it is attached goes to ``problems``."""
    named = reader.root_object.get("/Names", {}).get("/EmbeddedFiles", {}).get_object().get("/Names", [])
    associated = [each.get_object() for each in reader.root_object.get("/AF", ())]
    files = [each.get_object() for each in named[1::2]]
    if [str(name) for name in named[::2]] != [FILE_NAME] or files != associated:
        problems.append(f"there must be one attachment, {FILE_NAME}, associated with the document")
        return None
    (spec,) = files
    stream = spec["/EF"]["/F"].get_object()
    if spec.get("/AFRelationship") != "/Alternative" or {spec.get("/F"), spec.get("/UF")} != {FILE_NAME}:
        problems.append("the attachment has not the relationship and names that Factur-X wants")
    if stream.get("/Subtype") != "/text/xml" or "/ModDate" not in stream.get("/Params", {}):
        problems.append("the attachment has no MIME type or no date of modification")
    return stream.get_data()


def _value(xmp: etree._Element, tag: str) -> str | None:
    return next((each.text for each in xmp.iter(tag)), None)
