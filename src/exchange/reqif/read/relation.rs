//! Relations, and the links of ours that they are.

use super::{End, Reader};
use crate::exchange::reqif::values::element_literal;
use crate::exchange::reqif::{reference, terms};
use crate::exchange::xml::Element;
use crate::model::statement::Statement;
use crate::ontology::terms::rdf;
use crate::ontology::{Class, FieldKind};
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet, HashSet};

impl Reader<'_, '_> {
    pub(super) fn relation(&mut self, element: &Element) -> Result<(), String> {
        let iri = self.named("relation", element)?;
        let document = self.document.clone();
        self.state(&iri, rdf::TYPE, terms::RELATION_CLASS.into_owned());
        self.state(&iri, terms::DOCUMENT, document);
        self.state(&iri, terms::ELEMENT, element_literal(element));
        let kind = reference(element, "TYPE");
        let name = kind.as_ref().and_then(|kind| self.catalog.types.get(kind)).map(|kind| kind.name.clone());
        if name.is_none() {
            let kind = kind.clone().unwrap_or_else(|| "none".to_owned());
            self.gaps.add(element.line, format!("the type \"{kind}\" of SPEC-RELATION is not defined"));
        } else if let Some(kind) = &kind {
            let of = self.names.of("type", kind)?;
            self.state(&iri, terms::TYPE, of);
        }
        let mut ends = Vec::new();
        for (end, predicate) in [("SOURCE", terms::SOURCE), ("TARGET", terms::TARGET)] {
            let target = reference(element, end);
            let object = target.as_ref().and_then(|target| self.objects.get(target));
            match object.map(|object| (object.iri.clone(), object.class)) {
                Some((object, class)) => {
                    self.state(&iri, predicate, object.clone());
                    ends.push((object, class));
                }
                None => {
                    let target = target.unwrap_or_else(|| "none".to_owned());
                    self.gaps.add(element.line, format!("the {end} \"{target}\" of a SPEC-RELATION is not in the file; the relation is kept"));
                }
            }
        }
        if let ([source, target], Some(name)) = (ends.as_slice(), name) {
            self.relate(&iri, &name, source, target, element.line);
        }
        Ok(())
    }

    /// Adds the link that a relation of a known name is.
    pub(super) fn relate(
        &mut self,
        relation: &NamedNode,
        name: &str,
        source: &End<'_>,
        target: &End<'_>,
        line: usize,
    ) {
        let Some((field, reverse)) = self.mapping.relation(name) else {
            return self.gaps.add(line, format!("relations \"{name}\" are kept, and are no links: [relations] of a mapping makes them links"));
        };
        let (from, to) = if reverse { (target, source) } else { (source, target) };
        let fits = |class: &Class| {
            from.1.and_then(|own| own.field(field)).is_some_and(|field| match &field.kind {
                FieldKind::Link(targets) => {
                    targets.iter().any(|of| *of == class.iri || class.ancestors.contains(of))
                }
                _ => false,
            })
        };
        let predicate = from.1.and_then(|own| own.field(field)).map(|field| field.predicate.clone());
        match predicate.filter(|_| to.1.is_some_and(fits)) {
            Some(predicate) => {
                let link = Statement::new(from.0.clone(), predicate, to.0.clone());
                self.links.push((relation.clone(), line, link));
            }
            None => {
                let class = |end: &End<'_>| {
                    end.1.map_or_else(|| "an object without a class".to_owned(), |class| class.name.clone())
                };
                let message = format!(
                    "a relation \"{name}\" is no {field} from {} to {}; it is kept, and is no link",
                    class(from),
                    class(to)
                );
                self.gaps.add(line, message);
            }
        }
    }

    /// States the links, but for those that close a circle where there may be none.
    pub(super) fn link(&mut self) {
        let links = std::mem::take(&mut self.links);
        let mut below: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (relation, line, link) in links {
            let Statement { subject: from, predicate, object: Term::NamedNode(to) } = &link else { continue };
            let is_acyclic = self.world.ontology.acyclic().contains(predicate);
            if is_acyclic && (from == to || reaches(&below, predicate.as_str(), to.as_str(), from.as_str())) {
                let (a, b) = (from.as_str(), to.as_str());
                self.gaps.add(
                    line,
                    format!("the relation from {a} to {b} closes a circle; it is kept, and is no link"),
                );
                continue;
            }
            if is_acyclic {
                let key = (predicate.as_str().to_owned(), from.as_str().to_owned());
                below.entry(key).or_default().insert(to.as_str().to_owned());
            }
            self.state(&relation, terms::LINK, predicate.clone());
            self.statements.push(link);
        }
    }
}

/// Returns whether a path of links leads from one resource to another.
fn reaches(
    below: &BTreeMap<(String, String), BTreeSet<String>>,
    predicate: &str,
    from: &str,
    to: &str,
) -> bool {
    let (mut seen, mut open) = (HashSet::new(), vec![from.to_owned()]);
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at.clone()) {
            open.extend(below.get(&(predicate.to_owned(), at)).into_iter().flatten().cloned());
        }
    }
    false
}
