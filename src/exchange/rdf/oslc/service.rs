//! What a client discovers: the root services, the catalogue, and a service provider for each domain.

use super::address::Addresses;
use super::document::Document;
use super::domain::{Domain, Kind};
use super::vocabulary::{CONFIG, CORE, DCTERMS, PREFIXES, RDF, TRS, named};
use oxigraph::model::{Literal, NamedNode};

/// How the root services name the catalogue of a domain; the names are older than the namespaces.
const CATALOGUES: [(Domain, &str); 4] = [
    (Domain::Requirements, "http://open-services.net/xmlns/rm/1.0/rmServiceProviders"),
    (Domain::Architecture, "http://open-services.net/ns/am#amServiceProviders"),
    (Domain::Changes, "http://open-services.net/xmlns/cm/1.0/cmServiceProviders"),
    (Domain::Quality, "http://open-services.net/xmlns/qm/1.0/qmServiceProviders"),
];

/// The size that a dialog asks for.
const DIALOG_SIZE: [(&str, &str); 2] = [("hintWidth", "520px"), ("hintHeight", "420px")];

/// Returns the root services: where the catalogue and the tracked resource set are.
pub fn root_services(addresses: &Addresses) -> Document {
    let mut document = Document::default();
    let root = addresses.below("rootservices");
    document.text(&root, (DCTERMS, "title"), "Throughline");
    let catalogue = addresses.below("catalog");
    for (_, property) in CATALOGUES {
        document.add(&root, (property, ""), catalogue.clone());
    }
    document.add(&root, (CONFIG, "cmServiceProviders"), addresses.below("configurations"));
    document.add(&root, (TRS, "trackedResourceSet"), addresses.below("trs"));
    document
}

/// Returns the catalogue: a service provider for each domain.
pub fn catalogue(addresses: &Addresses) -> Document {
    let mut document = Document::default();
    let catalogue = addresses.below("catalog");
    document.type_of(&catalogue, (CORE, "ServiceProviderCatalog"));
    document.text(&catalogue, (DCTERMS, "title"), "Throughline");
    document.text(
        &catalogue,
        (DCTERMS, "description"),
        "Requirements, designs, change requests and tests of one digital thread.",
    );
    let publisher = publisher(&mut document, addresses);
    document.add(&catalogue, (DCTERMS, "publisher"), publisher);
    document.add(&catalogue, (TRS, "trackedResourceSet"), addresses.below("trs"));
    for domain in Domain::ALL {
        let provider = addresses.provider(domain);
        document.add(&catalogue, (CORE, "domain"), named(domain.namespace(), ""));
        document.add(&catalogue, (CORE, "serviceProvider"), provider.clone());
        document.type_of(&provider, (CORE, "ServiceProvider"));
        document.text(&provider, (DCTERMS, "title"), domain.title());
    }
    document
}

fn publisher(document: &mut Document, addresses: &Addresses) -> NamedNode {
    let publisher = addresses.below("catalog#publisher");
    document.type_of(&publisher, (CORE, "Publisher"));
    document.text(&publisher, (DCTERMS, "title"), "Throughline");
    document.text(&publisher, (DCTERMS, "identifier"), "throughline");
    publisher
}

/// Returns the service provider of a domain; `can_create` decides for which kinds there is a creation factory.
pub fn provider(addresses: &Addresses, domain: Domain, can_create: impl Fn(&Kind) -> bool) -> Document {
    let mut document = Document::default();
    let provider = addresses.provider(domain);
    document.type_of(&provider, (CORE, "ServiceProvider"));
    document.text(&provider, (DCTERMS, "title"), domain.title());
    document.text(&provider, (DCTERMS, "identifier"), domain.path());
    document.add(&provider, (CORE, "details"), provider.clone());
    document.add(&provider, (CONFIG, "component"), addresses.component());
    let publisher = publisher(&mut document, addresses);
    document.add(&provider, (DCTERMS, "publisher"), publisher);
    prefixes(&mut document, &provider);
    let service = at(&provider, "service");
    document.add(&provider, (CORE, "service"), service.clone());
    document.type_of(&service, (CORE, "Service"));
    document.add(&service, (CORE, "domain"), named(domain.namespace(), ""));
    for (place, kind) in domain.kinds().enumerate() {
        let offer = Offer { addresses, provider: &provider, service: &service, kind, is_default: place == 0 };
        offer.query(&mut document);
        offer.dialog(&mut document, "selectionDialog", "select");
        if can_create(kind) {
            offer.factory(&mut document);
            offer.dialog(&mut document, "creationDialog", "create");
        }
    }
    document
}

fn at(resource: &NamedNode, fragment: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{}#{fragment}", resource.as_str()))
}

fn prefixes(document: &mut Document, provider: &NamedNode) {
    for (prefix, namespace) in PREFIXES {
        let definition = at(provider, &format!("prefix-{prefix}"));
        document.add(provider, (CORE, "prefixDefinition"), definition.clone());
        document.type_of(&definition, (CORE, "PrefixDefinition"));
        document.text(&definition, (CORE, "prefix"), prefix);
        document.add(&definition, (CORE, "prefixBase"), named(namespace, ""));
    }
}

/// What a service offers for one kind.
struct Offer<'a> {
    addresses: &'a Addresses,
    provider: &'a NamedNode,
    service: &'a NamedNode,
    kind: &'a Kind,
    is_default: bool,
}

impl Offer<'_> {
    fn begin(
        &self,
        document: &mut Document,
        property: &str,
        class: &str,
        name: &str,
        title: &str,
    ) -> NamedNode {
        let offer = at(self.provider, &format!("{name}-{}", self.kind.plural));
        document.add(self.service, (CORE, property), offer.clone());
        document.type_of(&offer, (CORE, class));
        document.text(&offer, (DCTERMS, "title"), title);
        document.text(&offer, (CORE, "label"), self.kind.name);
        document.add(&offer, (CORE, "resourceType"), self.kind.domain_type());
        document.add(&offer, (CORE, "resourceType"), self.kind.class.into_owned());
        if self.is_default {
            document.add(&offer, (CORE, "usage"), named(CORE, "default"));
        }
        offer
    }

    fn query(&self, document: &mut Document) {
        let title = format!("Query {}", self.kind.plural);
        let offer = self.begin(document, "queryCapability", "QueryCapability", "query", &title);
        document.add(&offer, (CORE, "queryBase"), self.addresses.container(self.kind));
        document.add(&offer, (CORE, "resourceShape"), self.addresses.shape(self.kind));
    }

    fn factory(&self, document: &mut Document) {
        let title = format!("Create a {}", self.kind.name);
        let offer = self.begin(document, "creationFactory", "CreationFactory", "create", &title);
        document.add(&offer, (CORE, "creation"), self.addresses.container(self.kind));
        document.add(&offer, (CORE, "resourceShape"), self.addresses.shape(self.kind));
    }

    fn dialog(&self, document: &mut Document, property: &str, path: &str) {
        let title = match path {
            "select" => format!("Select a {}", self.kind.name),
            _ => format!("Create a {}", self.kind.name),
        };
        let offer = self.begin(document, property, "Dialog", &format!("{path}-dialog"), &title);
        let address = format!("dialogs/{path}/{}/{}", self.kind.domain.path(), self.kind.plural);
        document.add(&offer, (CORE, "dialog"), self.addresses.below(&address));
        for (name, size) in DIALOG_SIZE {
            document.add(&offer, (CORE, name), Literal::from(size));
        }
    }
}

/// Returns a description of a failure, as OSLC Core has it.
pub fn error(status: u16, message: &str) -> Document {
    let mut document = Document::default();
    let error = NamedNode::new_unchecked("urn:throughline:error");
    document.add(&error, (RDF, "type"), named(CORE, "Error"));
    document.text(&error, (CORE, "statusCode"), &status.to_string());
    document.text(&error, (CORE, "message"), message);
    document
}
