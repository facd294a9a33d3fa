"""A consumer of OSLC: finds a requirement from the root services, links it, and reads what has changed.

It knows the vocabularies of OSLC and nothing of the service: every address but that of the root services is read from an answer.
"""

import sys

import requests
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDFS

OSLC = Namespace("http://open-services.net/ns/core#")
RM = Namespace("http://open-services.net/ns/rm#")
QM = Namespace("http://open-services.net/ns/qm#")
TRS = Namespace("http://open-services.net/ns/core/trs#")
LDP = Namespace("http://www.w3.org/ns/ldp#")
CONFIG = Namespace("http://open-services.net/ns/config#")

NOTATIONS = [("application/rdf+xml", "xml"), ("text/turtle", "turtle"), ("application/ld+json", "json-ld")]


def get(url, notation=0, **headers):
    media_type, form = NOTATIONS[notation]
    answer = requests.get(url, headers={"Accept": media_type, "OSLC-Core-Version": "2.0", **headers}, timeout=60)
    answer.raise_for_status()
    assert answer.headers["Content-Type"].startswith(media_type), answer.headers
    return Graph().parse(data=answer.text, format=form, publicID=url), answer


def one(graph, subject, predicate):
    found = list(graph.objects(subject, predicate))
    assert len(found) == 1, f"{predicate} of {subject}: {found}"
    return found[0]


def service_of(graph, domain):
    for service in graph.subjects(OSLC.domain, URIRef(domain)):
        if (service, RDF.type, OSLC.Service) in graph:
            return service
    raise AssertionError(f"no service of {domain}")


def events(url):
    """Returns the events of a tracked resource set by order, and where its base is."""
    graph, _ = get(url)
    tracked = one(graph, None, TRS.base) and next(graph.subjects(RDF.type, TRS.TrackedResourceSet))
    base, log = one(graph, tracked, TRS.base), one(graph, tracked, TRS.changeLog)
    found = {}
    while True:
        for event in graph.objects(log, TRS.change):
            order = int(one(graph, event, TRS.order))
            found[order] = (one(graph, event, RDF.type), one(graph, event, TRS.changed), event)
        previous = list(graph.objects(log, TRS.previous))
        if not previous:
            return found, base
        log = previous[0]
        graph, _ = get(log)


def members(base):
    found, cutoff, url = set(), None, str(base)
    while url:
        graph, answer = get(url, 1)
        found |= set(graph.objects(base, LDP.member))
        cutoff = cutoff or one(graph, base, TRS.cutoffEvent)
        url = answer.links.get("next", {}).get("url")
    return found, cutoff


def main(service):
    root, _ = get(service + "/.well-known/oslc/rootservices")
    catalogue_url = one(root, None, URIRef("http://open-services.net/xmlns/rm/1.0/rmServiceProviders"))
    catalogue, _ = get(catalogue_url)
    providers = {}
    for provider in catalogue.objects(catalogue_url, OSLC.serviceProvider):
        graph, _ = get(provider, 2)
        for domain in (RM, QM):
            if (None, OSLC.domain, URIRef(domain)) in graph:
                providers[domain] = graph
    requirements = providers[RM]
    capability = one(requirements, service_of(requirements, RM), OSLC.queryCapability)
    query = one(requirements, capability, OSLC.queryBase)

    # Finds a requirement by its title.
    answer = requests.get(
        query,
        params={"oslc.where": 'dcterms:title="Stay cool"', "oslc.select": "dcterms:title,oslc_rm:validatedBy{dcterms:title}"},
        headers={"Accept": "application/rdf+xml"},
        timeout=60,
    )
    answer.raise_for_status()
    results = Graph().parse(data=answer.text, format="xml")
    requirement = one(results, URIRef(query), RDFS.member)
    test_case = one(results, requirement, RM.validatedBy)
    assert one(results, test_case, DCTERMS.title) == Literal("Heat run")

    # Its shape allows what it has.
    described, read = get(requirement)
    shape, _ = get(one(described, requirement, OSLC.instanceShape))
    defined = set(shape.objects(None, OSLC.propertyDefinition))
    assert {DCTERMS.title, DCTERMS.identifier, RM.validatedBy, RM.elaboratedBy} <= defined, defined

    before, base = events(one(root, None, TRS.trackedResourceSet))
    known, cutoff = members(base)
    assert requirement in known and cutoff == before[max(before)][2], (known, cutoff)

    # Creates a test case that validates the requirement, in the vocabulary of OSLC alone.
    quality = providers[QM]
    factory = next(
        factory
        for factory in quality.objects(service_of(quality, QM), OSLC.creationFactory)
        if (factory, OSLC.resourceType, QM.TestCase) in quality
    )
    new = Graph()
    subject = URIRef("")
    new.add((subject, RDF.type, QM.TestCase))
    new.add((subject, DCTERMS.title, Literal("Cold run")))
    new.add((subject, QM.validatesRequirement, requirement))
    made = requests.post(
        one(quality, factory, OSLC.creation),
        data=new.serialize(format="turtle"),
        headers={"Content-Type": "text/turtle", "Accept": "text/turtle"},
        timeout=60,
    )
    assert made.status_code == 201, made.text
    test = URIRef(made.headers["Location"])
    linked, read = get(requirement, 1)
    assert test in set(linked.objects(requirement, RM.validatedBy)), linked.serialize()

    # Links the requirement to a resource of another tool, by reading, adding and replacing.
    elsewhere = URIRef("https://jira.example/browse/PUMP-7")
    linked.add((requirement, RM.trackedBy, elsewhere))
    headers = {"Content-Type": "text/turtle", "If-Match": read.headers["ETag"], "Accept": "text/turtle"}
    replaced = requests.put(requirement, data=linked.serialize(format="turtle"), headers=headers, timeout=60)
    assert replaced.status_code == 200, replaced.text
    stale = requests.put(requirement, data=linked.serialize(format="turtle"), headers=headers, timeout=60)
    assert stale.status_code == 412, stale.text
    error = Graph().parse(data=stale.text, format="turtle")
    assert one(error, None, OSLC.statusCode) == Literal("412")
    for notation in range(3):
        again, _ = get(requirement, notation)
        assert elsewhere in set(again.objects(requirement, RM.trackedBy)), NOTATIONS[notation]

    # Takes the link to the new test case away on the side of the requirement.
    again, read = get(requirement, 1)
    again.remove((requirement, RM.validatedBy, test))
    headers["If-Match"] = read.headers["ETag"]
    removed = requests.put(requirement, data=again.serialize(format="turtle"), headers=headers, timeout=60)
    assert removed.status_code == 200, removed.text
    described, _ = get(test)
    assert not list(described.objects(test, QM.validatesRequirement)), described.serialize()

    # The change log has what happened, and the events lead from the old base to the new one.
    after, base = events(one(root, None, TRS.trackedResourceSet))
    assert {order: after[order] for order in before} == before
    new_events = [after[order] for order in sorted(after) if order > max(before)]
    assert (TRS.Creation, test) in {event[:2] for event in new_events}, new_events
    assert (TRS.Modification, requirement) in {event[:2] for event in new_events}, new_events
    for kind, changed, _ in new_events:
        (known.discard if kind == TRS.Deletion else known.add)(changed)
    assert known == members(base)[0]

    # The resource in a configuration: the stream of main.
    component = one(requirements, None, CONFIG.component)
    graph, _ = get(component)
    configurations, _ = get(one(graph, component, CONFIG.configurations))
    stream = next(configurations.subjects(DCTERMS.title, Literal("main")))
    assert (stream, RDF.type, CONFIG.Stream) in configurations
    described, _ = get(requirement, 0, **{"Configuration-Context": str(stream)})
    assert one(described, requirement, DCTERMS.identifier) == Literal("REQ-1")


main(sys.argv[1])
