//! What the resources of a set are judged by: the ontology, and the other resources of the set.

use super::classified::Classified;
use super::received::Received;
use crate::exchange::rdf::oslc::alias::{Alias, LinkDirection};
use crate::model::statement::{Statement, without_fragment};
use crate::ontology::{Class, FieldKind, Ontology};
use oxigraph::model::{NamedNode, Term};
use std::collections::{HashMap, HashSet};

/// What a link leads to.
pub(super) enum Target<'a> {
    /// A resource of the set, and the class that it is of.
    Resource(Option<&'a Class>),
    /// A fragment of one.
    Fragment,
}

/// What the resources of a set are judged by.
pub(super) struct Judge<'a> {
    received: &'a Received,
    pub(super) ontology: &'a Ontology,
    /// The resources of the set that something is stated of.
    pub(super) resources: HashMap<&'a str, Classified<'a>>,
    fragments: HashSet<&'a str>,
    /// The properties whose values are resources of the thread, and the classes of those.
    pub(super) links: HashMap<&'a str, Vec<&'a NamedNode>>,
    /// The properties whose values are IRIs that need not be resources of the thread.
    pub(super) names: HashSet<&'a str>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(received: &'a Received, ontology: &'a Ontology) -> Self {
        let (mut resources, mut fragments) = (HashMap::new(), HashSet::new());
        for (address, document) in received.documents() {
            for (member, own) in document.owned(address).by_member {
                resources.insert(member, Classified::of(member, &own, ontology));
                fragments.extend(own.iter().map(|own| own.subject.as_str()).filter(|own| *own != member));
            }
        }
        let (mut links, mut names) = (HashMap::<_, Vec<_>>::new(), HashSet::new());
        for field in ontology.classes().iter().flat_map(|class| &class.fields) {
            match &field.kind {
                FieldKind::Link(classes) => {
                    links.entry(field.predicate.as_str()).or_default().extend(classes);
                }
                FieldKind::Iri | FieldKind::Unit | FieldKind::QuantityKind => {
                    names.insert(field.predicate.as_str());
                }
                _ => {}
            }
        }
        Self { received, ontology, resources, fragments, links, names }
    }

    pub(super) fn target(&self, object: &Term) -> Option<Target<'a>> {
        let Term::NamedNode(iri) = object else { return None };
        let iri = iri.as_str();
        if let Some(classified) = self.resources.get(iri) {
            return Some(Target::Resource(classified.class));
        }
        let is_fragment = self.fragments.contains(iri) || self.resources.contains_key(without_fragment(iri));
        is_fragment.then_some(Target::Fragment)
    }

    /// Returns why an object is nothing that a link to some classes leads to; `None` where it is.
    pub(super) fn refused<'c>(
        &self,
        object: &Term,
        mut classes: impl Iterator<Item = &'c NamedNode>,
    ) -> Option<&'static str> {
        match self.target(object) {
            None => Some("the target is not in the tracked set"),
            Some(Target::Fragment) => None,
            Some(Target::Resource(class)) => {
                let fits = classes.any(|above| class.is_some_and(|class| class.is_below(above.as_ref())));
                (!fits).then_some("the target is of no class that such a link leads to")
            }
        }
    }

    /// Returns whether the resource at the other end of an inverse link states it.
    pub(super) fn is_stated_there(&self, alias: &Alias, here: &NamedNode, there: &Term) -> bool {
        let Term::NamedNode(there) = there else { return false };
        let Some(document) = self.received.document(without_fragment(there.as_str())) else { return false };
        let Some(kind) = self.resources.get(there.as_str()).and_then(|other| other.kind) else {
            return false;
        };
        let aliases =
            Alias::of(kind).filter(|own| own.way == LinkDirection::Forward && own.property == alias.property);
        let properties = aliases.map(Alias::iri).chain([alias.property.into_owned()]);
        let mut stated = properties.map(|property| Statement::new(there.clone(), property, here.clone()));
        stated.any(|statement| document.states(&statement))
    }
}
