//! Specifications, and the places of objects in their hierarchies.

use super::Reader;
use crate::exchange::reqif::values::element_literal;
use crate::exchange::reqif::{reference, terms, without};
use crate::exchange::xml::{Element, Node};
use crate::ontology::terms::{dcterms, rdf, tl};
use oxigraph::model::NamedNode;

impl Reader<'_, '_> {
    pub(super) fn specification(&mut self, element: &Element, order: usize) -> Result<(), String> {
        let iri = self.named("specification", element)?;
        self.definition(&iri, terms::SPECIFICATION_CLASS, element, order);
        let mut shell = without(element, &["CHILDREN"]);
        for node in &mut shell.nodes {
            if let Node::Element(values) = node {
                values
                    .nodes
                    .retain(|own| !matches!(own, Node::Element(object) if object.name == "SPEC-OBJECT"));
            }
        }
        self.state(&iri, terms::ELEMENT, element_literal(&shell));
        if let Some(kind) = reference(element, "TYPE").filter(|kind| !self.catalog.types.contains_key(kind)) {
            self.gaps.add(element.line, format!("the type \"{kind}\" of SPECIFICATION is not defined"));
        }
        let mut above = Vec::new();
        self.places(element, &iri, None, &mut above)
    }

    pub(super) fn places(
        &mut self,
        element: &Element,
        specification: &NamedNode,
        parent: Option<(&NamedNode, Option<&NamedNode>)>,
        above: &mut Vec<String>,
    ) -> Result<(), String> {
        for (order, child) in element.children("CHILDREN").enumerate() {
            if child.name != "SPEC-HIERARCHY" {
                self.keep(specification, child, element);
                continue;
            }
            let target = reference(child, "OBJECT");
            let object = target.as_ref().and_then(|target| self.objects.get_mut(target));
            let first = object.as_ref().is_some_and(|object| !object.is_placed);
            let (owner, class) = match object {
                Some(object) => {
                    object.is_placed = true;
                    (Some(object.iri.clone()), object.class)
                }
                None => (None, None),
            };
            let name = self.named("place", child)?;
            let step = name.as_str().rsplit('/').next().unwrap_or_default().to_owned();
            let base = owner.as_ref().unwrap_or(specification);
            let place = NamedNode::new_unchecked(format!("{}#place-{step}", base.as_str()));
            let left: &[&str] = if owner.is_some() { &["OBJECT", "CHILDREN"] } else { &["CHILDREN"] };
            self.state(base, terms::PLACE, place.clone());
            self.state(&place, rdf::TYPE, terms::PLACE_CLASS.into_owned());
            self.state(&place, terms::SPECIFICATION, specification.clone());
            if let Some((parent, _)) = parent {
                self.state(&place, terms::PARENT, parent.clone());
            }
            self.order(&place, terms::ORDER, order + 1);
            self.state(&place, terms::ELEMENT, element_literal(&without(child, left)));
            match (&owner, &target) {
                (Some(owner), Some(target)) => {
                    if above.contains(target) {
                        self.gaps.add(child.line, format!("the object \"{target}\" is below itself in the hierarchy; it is a section of its first place"));
                    }
                    if first && class.is_some_and(|class| class.field("order").is_some()) {
                        self.order(owner, tl::ORDER, order + 1);
                        if let Some(section) = parent.and_then(|(_, section)| section) {
                            self.state(owner, dcterms::IS_PART_OF, section.clone());
                        }
                    }
                }
                (None, Some(target)) => self
                    .gaps
                    .add(child.line, format!("the object \"{target}\" of a hierarchy is not in the file")),
                _ => self.gaps.add(child.line, "SPEC-HIERARCHY has no OBJECT"),
            }
            let is_section = class.is_some_and(|class| class.iri.as_ref() == tl::REQUIREMENT);
            let section = owner
                .as_ref()
                .filter(|_| is_section)
                .or_else(|| parent.and_then(|(_, section)| section).filter(|_| owner.is_none()));
            let section = section.cloned();
            above.push(target.unwrap_or_default());
            self.places(child, specification, Some((&place, section.as_ref())), above)?;
            above.pop();
        }
        Ok(())
    }
}
