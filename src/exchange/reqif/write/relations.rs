//! Links as relations: those that the document brought, and those that were made here.

use super::{Defined, Writer};
use crate::exchange::reqif::catalog::element_of;
use crate::exchange::reqif::{namespace, referring, terms};
use crate::exchange::xml::Element;
use crate::model::statement::Statement;
use crate::ontology::terms::rdf;
use oxigraph::model::{NamedNode, Term};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl Writer<'_> {
    pub(super) fn relations(
        &self,
        members: &[NamedNode],
        objects: &[&NamedNode],
        defined: &mut Defined,
        notices: &mut Vec<String>,
    ) -> Vec<Element> {
        let there: BTreeSet<&NamedNode> = objects.iter().copied().collect();
        let (mut elements, mut covered) = (Vec::new(), BTreeSet::new());
        for relation in members.iter().filter(|own| {
            self.graph.target(own, rdf::TYPE).map(NamedNode::as_ref) == Some(terms::RELATION_CLASS)
        }) {
            let ends =
                (self.graph.target(relation, terms::SOURCE), self.graph.target(relation, terms::TARGET));
            let lacks = |end: Option<&NamedNode>| end.is_some_and(|end| !there.contains(end));
            if lacks(ends.0) || lacks(ends.1) {
                notices.push(format!(
                    "{relation}: an object of the relation is retired, so the relation is left out"
                ));
                continue;
            }
            if let (Some(predicate), (Some(source), Some(target))) =
                (self.graph.target(relation, terms::LINK), ends)
            {
                let has = |from: &NamedNode, to: &NamedNode| {
                    self.graph.values(from, predicate.as_ref()).any(|own| *own == Term::from(to.clone()))
                };
                let link = if has(source, target) {
                    Some((source, target))
                } else {
                    Some((target, source)).filter(|(a, b)| has(a, b))
                };
                match link {
                    Some((from, to)) => _ = covered.insert((predicate.clone(), from.clone(), to.clone())),
                    None => {
                        notices.push(format!(
                            "{relation}: its link was removed here, so the relation is left out"
                        ));
                        continue;
                    }
                }
            }
            elements.extend(self.graph.text(relation, terms::ELEMENT).and_then(element_of));
        }
        for from in objects {
            for statement in self.graph.about(from) {
                if let Some(element) = self.new_relation(statement, &there, &covered, defined) {
                    elements.push(element);
                }
            }
        }
        elements
    }

    /// Makes a relation of a link that was made here.
    fn new_relation(
        &self,
        link: &Statement,
        there: &BTreeSet<&NamedNode>,
        covered: &BTreeSet<(NamedNode, NamedNode, NamedNode)>,
        defined: &mut Defined,
    ) -> Option<Element> {
        let Statement { subject, predicate, object: Term::NamedNode(target) } = link else { return None };
        let field = self.class(subject)?.field_of(predicate.as_ref())?;
        let name = field.local_name();
        let is_field = |relation: &str| {
            self.mapping.relation(relation).is_some_and(|(own, reverse)| field.is_named(own) && !reverse)
        };
        let is_known = is_field(name);
        if !is_known
            || !there.contains(target)
            || covered.contains(&(predicate.clone(), subject.clone(), target.clone()))
        {
            return None;
        }
        let is_kind = |element: &&Element| {
            element.name == "SPEC-RELATION-TYPE" && element.attribute("LONG-NAME").is_some_and(is_field)
        };
        let known = defined
            .types
            .iter()
            .find(is_kind)
            .and_then(|element| element.attribute("IDENTIFIER"))
            .map(str::to_owned);
        let kind = known.unwrap_or_else(|| {
            let identifier = format!("_tl-type.{name}");
            let made = Element::new("SPEC-RELATION-TYPE", &namespace()).with("IDENTIFIER", &identifier);
            defined.types.push(made.with("LAST-CHANGE", self.at).with("LONG-NAME", name));
            identifier
        });
        Some(relation(
            name,
            &self.view().identifier(subject),
            &self.view().identifier(target),
            &kind,
            self.at,
        ))
    }
}

/// Makes a relation; its identifier comes from what it relates.
pub(in crate::exchange::reqif) fn relation(
    field: &str,
    source: &str,
    target: &str,
    kind: &str,
    at: &str,
) -> Element {
    let digest = Sha256::digest(format!("{field}\n{source}\n{target}"));
    let mut identifier = "_tl-relation.".to_owned();
    digest.iter().take(16).for_each(|byte| _ = write!(identifier, "{byte:02x}"));
    Element::new("SPEC-RELATION", &namespace())
        .with("IDENTIFIER", &identifier)
        .with("LAST-CHANGE", at)
        .holding(referring("TARGET", "SPEC-OBJECT-REF", target))
        .holding(referring("SOURCE", "SPEC-OBJECT-REF", source))
        .holding(referring("TYPE", "SPEC-RELATION-TYPE-REF", kind))
}
