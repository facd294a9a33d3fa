"""Compares a ReqIF file with its export as XML, and reads the export with the packages reqif, pyreqifz and strictdoc."""
import copy
import sys

from lxml import etree

NAMESPACE = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"
SINGLE = {"CREATION-TIME", "REQ-IF-TOOL-ID", "REQ-IF-VERSION"}
ORDERED = {"CHILDREN", "SPECIFICATIONS", "SPECIFIED-VALUES", "SPEC-ATTRIBUTES"}


def local(element):
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def canonical(element, own):
    """An element as nested tuples in which only order that means something counts."""
    is_own = etree.QName(element).namespace in (own, NAMESPACE)
    if not is_own:
        clone = copy.deepcopy(element)
        clone.tail = None
        return ("xml", etree.tostring(clone, method="c14n", exclusive=True).decode())
    name = local(element)
    attributes = sorted((key, value) for key, value in element.attrib.items() if not key.startswith("{"))
    if name == "REQ-IF-HEADER":
        attributes = [item for item in attributes if item[0] != "IDENTIFIER"]
    children = [child for child in element if isinstance(child.tag, str)]
    if name == "REQ-IF-HEADER":
        children = [child for child in children if local(child) not in SINGLE]
    if name in ("REQ-IF-CONTENT", "REQ-IF"):
        children = [child for child in children if len(child)]
    children = [child for child in children if local(child) != "CHILDREN" or len(child)]
    text = (element.text or "").strip() if not children else ""
    inner = [canonical(child, own) for child in children]
    if name not in ORDERED:
        inner.sort(key=repr)
    return (name, tuple(attributes), text, tuple(inner))


def differences(a, b, path=""):
    if a == b:
        return
    if a[0] == "xml" or b[0] == "xml" or a[:3] != b[:3] or len(a[3]) != len(b[3]):
        yield f"{path}: {str(a)[:600]}\n   is {str(b)[:600]}"
        return
    for one, other in zip(a[3], b[3]):
        yield from differences(one, other, f"{path}/{a[0]}")


def read(path):
    root = etree.parse(path).getroot()
    return canonical(root, etree.QName(root).namespace)


def judge(path):
    """Reads a file with each package; returns what they find in it."""
    from pyreqif import Reqif
    from reqif.parser import ReqIFParser
    from strictdoc.backend.reqif.p01_sdoc.reqif_to_sdoc_converter import P01_ReqIFToSDocConverter

    bundle = ReqIFParser.parse(path)
    content = bundle.core_content.req_if_content
    objects = content.spec_objects or []
    places = [
        (place.level, place.spec_object)
        for specification in content.specifications or []
        for place in bundle.iterate_specification_hierarchy(specification)
    ]
    relations = sorted((own.identifier, own.source, own.target, own.relation_type_ref) for own in content.spec_relations or [])
    try:
        documents = P01_ReqIFToSDocConverter.convert_reqif_bundle(bundle, enable_mid=True, import_markup="HTML")
        documents = len(documents)
    except Exception as error:  # StrictDoc reads only documents of some types.
        documents = type(error).__name__
    return {
        "objects": sorted((own.identifier, own.spec_object_type, len(own.attributes or [])) for own in objects),
        "places": places,
        "relations": relations,
        "strictdoc": documents,
        "pyreqifz": sorted(str(own) for own in Reqif(path)),
    }


def main():
    original, export = sys.argv[1:]
    found = list(differences(read(original), read(export)))
    for difference in found[:10]:
        print(difference)
    before, after = judge(original), judge(export)
    for key in before:
        if before[key] != after[key]:
            print(f"{key}: {str(before[key])[:500]}\n   is {str(after[key])[:500]}")
            found.append(key)
    print("strictdoc:", after["strictdoc"], "pyreqifz:", len(after["pyreqifz"]))
    sys.exit(1 if found else 0)


main()
