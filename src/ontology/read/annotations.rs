//! The annotations that configure the rules.

use crate::ontology::class::{Class, FieldKind};
use crate::ontology::graph::Files;
use crate::ontology::rules::Key;
use crate::ontology::terms::{owl, tl};
use oxigraph::model::{NamedNode, NamedOrBlankNode, Term};

/// Declarations that rules follow.
#[derive(Debug)]
pub(in crate::ontology) struct Annotations {
    /// The classes whose instances differ in some properties.
    pub(in crate::ontology) keys: Vec<Key>,
    /// Properties with the properties whose instant must come before.
    pub(in crate::ontology) after: Vec<(NamedNode, NamedNode)>,
    /// The properties along which nothing leads back to itself.
    pub(in crate::ontology) acyclic: Vec<NamedNode>,
    /// The predicates whose values live inside their subject's document.
    pub(in crate::ontology) fragment_predicates: Vec<NamedNode>,
}

/// Reads the annotations.
pub(super) fn read(files: &Files, classes: &[Class]) -> Annotations {
    let mut annotations = Annotations {
        keys: Vec::new(),
        after: Vec::new(),
        acyclic: Vec::new(),
        fragment_predicates: Vec::new(),
    };
    for class in classes {
        for list in files.objects(&class.iri.clone().into(), owl::HAS_KEY) {
            let named = |item| if let Term::NamedNode(property) = item { Some(property) } else { None };
            let properties = files.list(&list).into_iter().filter_map(named).collect();
            annotations.keys.push(Key { class: class.iri.clone(), properties });
        }
        for field in class.fields.iter().filter(|field| matches!(field.kind, FieldKind::Fragment(_))) {
            if !annotations.fragment_predicates.contains(&field.predicate) {
                annotations.fragment_predicates.push(field.predicate.clone());
            }
        }
    }
    for property in
        [owl::OBJECT_PROPERTY, owl::DATATYPE_PROPERTY].into_iter().flat_map(|c| files.instances(c))
    {
        let node = NamedOrBlankNode::from(property.clone());
        if files.flag(&node, tl::ACYCLIC) {
            annotations.acyclic.push(property.clone());
        }
        let earlier = files.iris(&node, tl::AFTER).into_iter();
        annotations.after.extend(earlier.map(|earlier| (property.clone(), earlier)));
    }
    annotations
}
