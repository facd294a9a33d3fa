//! Which object type a resource is: that of its most specific class, whatever field leads to it.
//!
//! A class that others may extend is an interface of its name, and its own instances, those of no more specific class, are objects
//! of the type `Plain…`. So a client that selects on a class selects on its subclasses too, and a resource is of one type everywhere.

use crate::app::Scope;
use crate::graphql::engine::types::{Definition, ObjectType};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, OTHER};
use crate::ontology::terms::tl;
use crate::ontology::{Class, Ontology};
use oxigraph::model::NamedNode;
use oxigraph::model::vocab::rdf;
use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

/// The name of the object type of a thread.
pub(crate) const THREAD: &str = "Thread";

/// The object types of all classes.
pub(crate) struct ObjectTypes {
    ontology: Arc<Ontology>,
    /// By the IRI of the class; abstract classes have none.
    names: HashMap<NamedNode, Arc<str>>,
    other: Arc<str>,
    thread: Arc<str>,
}

/// Tells whether a class is an interface that subclasses extend: a shipped class whose instances clients make, or one that has
/// subclasses.
pub(crate) fn is_extensible(class: &Class) -> bool {
    let is_shipped = class.iri.as_str().starts_with(tl::NAMESPACE);
    let is_clients = is_shipped && !class.fragment && class.made_by().is_none();
    !class.is_abstract && (is_clients || !class.descendants.is_empty())
}

/// Returns the name of the object type of a class's own instances.
pub(crate) fn object_name(class: &Class) -> String {
    if is_extensible(class) { format!("Plain{}", class.name) } else { class.name.clone() }
}

impl ObjectTypes {
    /// Lists the object types of an ontology's classes.
    pub(crate) fn new(ontology: &Arc<Ontology>) -> Arc<Self> {
        let concrete = ontology.classes().iter().filter(|class| !class.is_abstract);
        let names = concrete.map(|class| (class.iri.clone(), object_name(class).into())).collect();
        Arc::new(Self { ontology: Arc::clone(ontology), names, other: OTHER.into(), thread: THREAD.into() })
    }

    /// Returns what finds the type of an instance of a class or of its subclasses.
    pub(crate) fn of_class(self: &Arc<Self>, class: &Class) -> ObjectType {
        let (types, class) = (Arc::clone(self), class.clone());
        // Where there are no subclasses, nothing need be read.
        let only = self.names.get(&class.iri).filter(|_| class.descendants.is_empty()).cloned();
        Arc::new(move |value| match &only {
            Some(only) => Ok(Arc::clone(only)),
            None => types.find(resource(value)?, Some(&class)),
        })
    }

    /// Returns what finds the type of any resource or fragment.
    pub(crate) fn of_record(self: &Arc<Self>) -> ObjectType {
        let types = Arc::clone(self);
        Arc::new(move |value| types.find(resource(value)?, None))
    }

    /// Returns what finds the type of whatever has an id.
    pub(crate) fn of_node(self: &Arc<Self>) -> ObjectType {
        let types = Arc::clone(self);
        Arc::new(move |value| match value.is::<Arc<Scope>>() {
            true => Ok(Arc::clone(&types.thread)),
            false => types.find(resource(value)?, None),
        })
    }

    /// Adds what finds their types to the interfaces that have nothing of the kind, such as `Fielded`.
    pub(crate) fn complete(self: &Arc<Self>, definitions: &mut [Definition]) {
        for definition in definitions {
            if let Definition::Interface(interface) = definition {
                interface.object_type.get_or_insert_with(|| self.of_record());
            }
        }
    }

    fn find(&self, node: &Node, within: Option<&Class>) -> Result<Arc<str>, Error> {
        let mut known = Vec::new();
        for class in node.targets(&rdf::TYPE.into_owned())? {
            known.extend(self.known(node, &class));
        }
        known.retain(|class| within.is_none_or(|within| is_below(class, within)));
        let special =
            known.iter().find(|class| !known.iter().any(|other| class.descendants.contains(&other.iri)));
        let own = special.and_then(|class| self.names.get(&class.iri));
        match (own, within) {
            (Some(name), _) => Ok(Arc::clone(name)),
            (None, None) => Ok(Arc::clone(&self.other)),
            (None, Some(within)) => {
                let iri = node.scope.snapshot.shorten(&node.iri);
                Err(Error::not_found(format!("{iri} is no {}", within.name)))
            }
        }
    }

    /// Returns the class as the schema has it; of one that only the version's own ontology has, the nearest above it.
    fn known(&self, node: &Node, class: &NamedNode) -> Option<&Class> {
        self.ontology.class(class.as_ref()).or_else(|| {
            let own = node.scope.snapshot.ontology().class(class.as_ref())?;
            own.ancestors.iter().find_map(|above| self.ontology.class(above.as_ref()))
        })
    }
}

fn is_below(class: &Class, within: &Class) -> bool {
    class.iri == within.iri || within.descendants.contains(&class.iri)
}

fn resource(value: &dyn Any) -> Result<&Node, Error> {
    value.downcast_ref().ok_or_else(|| Error::broken("an object that is no resource"))
}
