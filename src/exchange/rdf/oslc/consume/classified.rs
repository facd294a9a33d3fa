//! Which kind of resource, and which class of the ontology, a resource of another provider becomes.

use crate::exchange::rdf::oslc::alias::{ALIASES, LinkDirection};
use crate::exchange::rdf::oslc::domain::{Domain, KINDS, Kind};
use crate::exchange::rdf::oslc::vocabulary::{CM, TL, named};
use crate::model::statement::Statement;
use crate::model::use_case::UseCase;
use crate::ontology::terms::{dcterms, tl};
use crate::ontology::{Class, Ontology};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, Term};

/// The kind that a resource becomes, and its class.
#[derive(Clone, Copy, Default)]
pub(super) struct Classified<'a> {
    pub(super) kind: Option<&'static Kind>,
    /// The class of the ontology: that of the kind, or one of the user's own.
    pub(super) class: Option<&'a Class>,
}

impl<'a> Classified<'a> {
    /// Classifies a resource. Of an architecture resource it is not known whether it is a part or a revision, and findings are made here
    /// alone: those are kept without a class of ours.
    pub(super) fn of(resource: &str, own: &[&Statement], ontology: &'a Ontology) -> Self {
        let main: Vec<&Statement> =
            own.iter().copied().filter(|own| own.subject.as_str() == resource).collect();
        let types: Vec<&NamedNode> = main.iter().filter_map(|own| type_of(own)).collect();
        let kind = kind_of(&main, &types, ontology);
        let known = types.iter().filter_map(|class| ontology.class(class.as_ref()));
        let fits = |class: &&Class| {
            let is_of_kind = |kind: &Kind| class.is_below(kind.class);
            is_users(class) && kind.map_or_else(|| !KINDS.iter().any(is_of_kind), is_of_kind)
        };
        let own_class = known
            .filter(fits)
            .filter(|class| !class.is_abstract && is_importable(class) && lacking(class, &main).is_none())
            .max_by_key(|class| (class.ancestors.len(), std::cmp::Reverse(class.iri.as_str())));
        Self { kind, class: own_class.or_else(|| kind.and_then(|kind| kind.class_in(ontology))) }
    }
}

pub(super) fn type_of(statement: &Statement) -> Option<&NamedNode> {
    match &statement.object {
        Term::NamedNode(class) if statement.predicate.as_ref() == rdf::TYPE => Some(class),
        _ => None,
    }
}

/// Returns whether a class is of the user's own ontology.
pub(super) fn is_users(class: &Class) -> bool {
    !class.iri.as_str().starts_with(TL)
}

pub(super) fn is_importable(class: &Class) -> bool {
    class.reserved.as_ref().is_none_or(|reserved| reserved.allows(UseCase::Import))
}

/// Returns the name of a field that a class needs and that a resource does not have, in either vocabulary.
pub(super) fn lacking<'a>(class: &'a Class, main: &[&Statement]) -> Option<&'a str> {
    let has = |predicate: &NamedNode| {
        let is_it = |own: &NamedNode| {
            let aliases = ALIASES.iter().filter(|alias| alias.way == LinkDirection::Forward);
            let mut aliases = aliases.filter(|alias| alias.property == predicate.as_ref());
            own == predicate || aliases.any(|alias| alias.iri() == *own)
        };
        main.iter().any(|own| is_it(&own.predicate))
    };
    let mut needed = class.fields.iter().filter(|field| field.min > 0 && field.name != "id");
    needed.find(|field| !has(&field.predicate)).map(|field| field.name.as_str())
}

fn kind_of(main: &[&Statement], types: &[&NamedNode], ontology: &Ontology) -> Option<&'static Kind> {
    let known = KINDS.iter().filter(|kind| kind.name != "Finding");
    let mut kinds = known.filter(|kind| {
        let is_domain = kind.domain != Domain::Architecture && types.contains(&&kind.domain_type());
        is_domain || types.iter().any(|class| kind.has(class.as_ref(), ontology))
    });
    let kind = kinds.next()?;
    let has_identifier = main.iter().any(|own| own.predicate.as_ref() == dcterms::IDENTIFIER);
    let needs = match kind.name {
        "Requirement" | "Part" => has_identifier,
        "ChangeRequest" => has_identifier && has_known_state(main),
        _ => true,
    };
    needs.then_some(kind)
}

/// Returns whether a change request has a state that is one of ours.
fn has_known_state(main: &[&Statement]) -> bool {
    let status = named(CM, "status");
    main.iter().any(|own| match &own.object {
        Term::Literal(literal) if own.predicate == status || own.predicate.as_ref() == tl::STATE => {
            let text = literal.value().to_uppercase();
            ["OPEN", "APPROVED", "REJECTED", "IMPLEMENTED", "VERIFIED"].contains(&text.as_str())
        }
        _ => false,
    })
}
