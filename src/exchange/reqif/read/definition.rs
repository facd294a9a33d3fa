//! Datatypes and types of objects, relations and specifications.

use super::Reader;
use crate::exchange::reqif::terms;
use crate::exchange::reqif::values::element_literal;
use crate::exchange::xml::Element;
use crate::ontology::terms::{rdf, rdfs};
use oxigraph::model::{NamedNode, NamedNodeRef};

impl Reader<'_, '_> {
    /// States what every definition has.
    pub(super) fn definition(
        &mut self,
        iri: &NamedNode,
        class: NamedNodeRef<'_>,
        element: &Element,
        order: usize,
    ) {
        self.state(iri, rdf::TYPE, class.into_owned());
        if let Some(identifier) = element.attribute("IDENTIFIER") {
            self.text(iri, terms::IDENTIFIER, identifier);
        }
        if let Some(name) = element.attribute("LONG-NAME").filter(|name| !name.trim().is_empty()) {
            self.text(iri, rdfs::LABEL, name);
        }
        self.order(iri, terms::ORDER, order);
        let document = self.document.clone();
        self.state(iri, terms::DOCUMENT, document);
    }

    pub(super) fn datatypes(&mut self, elements: &[&Element]) -> Result<(), String> {
        for (order, element) in elements.iter().enumerate() {
            let iri = self.named("datatype", element)?;
            self.catalog.add_datatype(element);
            self.definition(&iri, terms::DATATYPE_CLASS, element, order + 1);
            self.state(&iri, terms::ELEMENT, element_literal(element));
            for (order, value) in element.children("SPECIFIED-VALUES").enumerate() {
                let own = self.named("enum", value)?;
                self.definition(&own, terms::ENUM_VALUE_CLASS, value, order + 1);
            }
        }
        Ok(())
    }

    pub(super) fn types(&mut self, elements: &[&Element]) -> Result<(), String> {
        for (order, element) in elements.iter().enumerate() {
            let iri = self.named("type", element)?;
            let element = self.with_own_datatypes(element)?;
            self.catalog.add_type(&element);
            self.definition(&iri, terms::TYPE_CLASS, &element, order + 1);
            self.state(&iri, terms::ELEMENT, element_literal(&element));
            for (order, attribute) in element.children("SPEC-ATTRIBUTES").enumerate() {
                if !attribute.name.starts_with("ATTRIBUTE-DEFINITION-") {
                    self.gaps.add(
                        attribute.line,
                        format!(
                            "ReqIF defines no {} in SPEC-ATTRIBUTES; it is kept as it is",
                            attribute.name
                        ),
                    );
                    continue;
                }
                let own = self.named("attribute", attribute)?;
                self.definition(&own, terms::ATTRIBUTE_CLASS, attribute, order + 1);
            }
        }
        Ok(())
    }

    /// Names the values of enumerations that an attribute lists itself, without a datatype.
    pub(super) fn with_own_datatypes(&mut self, element: &Element) -> Result<Element, String> {
        for attribute in element.children("SPEC-ATTRIBUTES") {
            for (order, value) in
                attribute.children("VALUES").enumerate().filter(|(_, value)| value.name == "ENUM-VALUE")
            {
                self.gaps
                    .add(value.line, "ENUM-VALUE is in an attribute's definition, and belongs to a datatype");
                let identifier = value.attribute("IDENTIFIER").unwrap_or_default().to_owned();
                let name = value.attribute("LONG-NAME").unwrap_or(&identifier).to_owned();
                let own = self.named("enum", value)?;
                self.definition(&own, terms::ENUM_VALUE_CLASS, value, order + 1);
                self.catalog.enum_names.insert(identifier, name);
            }
        }
        Ok(element.clone())
    }
}
