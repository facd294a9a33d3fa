//! Objects: their attributes, and the fields of ours among them.

use super::{Object, Reader};
use crate::exchange::fields::Attributed;
use crate::exchange::reqif::catalog;
use crate::exchange::reqif::names::OBJECT;
use crate::exchange::reqif::values::{self, element_literal};
use crate::exchange::reqif::xhtml::omitted;
use crate::exchange::reqif::{attribute_value, reference, terms, without};
use crate::exchange::xml::{Element, Node};
use crate::model::visible;
use crate::ontology::Class;
use crate::ontology::terms::{adms, dcterms, rdf, skos};
use oxigraph::model::NamedNode;

impl Reader<'_, '_> {
    pub(super) fn object(&mut self, element: &Element) -> Result<(), String> {
        let iri = self.named(OBJECT, element)?;
        let kind = reference(element, "TYPE");
        let known = kind.clone().filter(|kind| self.catalog.types.contains_key(kind));
        let mut shell = without(element, &["TYPE", "VALUES"]);
        match (&kind, &known) {
            (_, Some(known)) => {
                let of = self.names.of("type", known)?;
                self.state(&iri, terms::TYPE, of);
            }
            (Some(unknown), None) => {
                self.gaps.add(element.line, format!("the type \"{unknown}\" of SPEC-OBJECT is not defined"));
                shell.nodes.extend(element.child("TYPE").cloned().map(Node::Element));
            }
            (None, None) => self.gaps.add(element.line, "SPEC-OBJECT has no TYPE"),
        }
        let document = self.document.clone();
        self.state(&iri, terms::DOCUMENT, document);
        let identifier = element.attribute("IDENTIFIER").unwrap_or_default().to_owned();
        self.text(&iri, terms::IDENTIFIER, &identifier);
        let mut attributed = Attributed::default();
        for value in element.children("VALUES") {
            self.value(&iri, known.as_deref(), value, &mut attributed)?;
        }
        for definition in
            known.iter().filter_map(|kind| self.catalog.types.get(kind)).flat_map(|kind| &kind.definitions)
        {
            if let Some(default) = &definition.default {
                attributed.add(&definition.name, &self.catalog.text_of(default));
            }
        }
        self.state(&iri, terms::ELEMENT, element_literal(&shell));
        let type_name =
            known.as_ref().and_then(|kind| self.catalog.types.get(kind)).map(|kind| kind.name.clone());
        let class = self.mapping.class(type_name.as_deref().unwrap_or_default(), self.world.ontology);
        let class = class.unwrap_or_else(|fault| {
            self.gaps.add(element.line, fault);
            None
        });
        match class {
            Some(class) => self.fields(&iri, class, element, &attributed, &identifier),
            None => self.state(&iri, rdf::TYPE, terms::OBJECT_CLASS.into_owned()),
        }
        self.objects.entry(identifier).or_insert(Object { iri, class, is_placed: false });
        Ok(())
    }

    pub(super) fn value(
        &mut self,
        object: &NamedNode,
        kind: Option<&str>,
        value: &Element,
        attributed: &mut Attributed,
    ) -> Result<(), String> {
        let identifier = reference(value, "DEFINITION");
        let definition = identifier.as_ref().and_then(|own| self.catalog.definition(kind, own)).cloned();
        let (Some(identifier), Some(definition)) = (identifier.clone(), definition) else {
            let name = identifier.unwrap_or_else(|| "none".to_owned());
            self.gaps.add(
                value.line,
                format!(
                    "the attribute definition \"{name}\" of {} is not there; the value is kept as it is",
                    value.name
                ),
            );
            self.state(object, terms::KEPT, element_literal(value));
            return Ok(());
        };
        attributed.add(&definition.name, &self.catalog.text_of(value));
        let predicate = self.names.of("attribute", &identifier)?;
        if let Some(content) = attribute_value(value).filter(|_| definition.kind == "XHTML") {
            for message in omitted(content) {
                self.gaps.add(value.line, format!("\"{}\": {message}", definition.name));
            }
        }
        let terms = values::read(value, &definition, &self.names, &self.catalog);
        if catalog::kind(value) != definition.kind {
            let (own, kind) = (catalog::kind(value), &definition.kind);
            self.gaps.add(
                value.line,
                format!(
                    "the value of \"{}\" is {own}, and its definition {kind}; it is kept as it is",
                    definition.name
                ),
            );
        }
        if self
            .statements
            .iter()
            .rev()
            .take_while(|own| own.subject == *object)
            .any(|own| own.predicate == predicate)
        {
            self.gaps.add(
                value.line,
                format!("an object has two values of \"{}\"; both are kept", definition.name),
            );
        }
        for term in terms {
            self.state(object, predicate.as_ref(), term);
        }
        Ok(())
    }

    pub(super) fn fields(
        &mut self,
        iri: &NamedNode,
        class: &Class,
        element: &Element,
        attributed: &Attributed,
        identifier: &str,
    ) {
        self.state(iri, rdf::TYPE, class.iri.clone());
        let (derived, gaps) = self.mapping.derive(iri, class, attributed, self.world);
        for gap in gaps {
            self.gaps.add(element.line, gap);
        }
        let has = |field: &str| derived.iter().any(|own| own.field == field);
        for (field, predicate, attribute) in
            [("title", dcterms::TITLE, "LONG-NAME"), ("description", dcterms::DESCRIPTION, "DESC")]
        {
            let text =
                element.attribute(attribute).map(str::trim).filter(|text| !text.is_empty() && !has(field));
            if let Some(text) = text {
                self.text(iri, predicate, text);
            }
        }
        self.statements.extend(derived.into_iter().map(|derived| derived.statement));
        if class.field("identifier").is_some() {
            let own = self.own_identifier(attributed, element.line, identifier);
            self.text(iri, dcterms::IDENTIFIER, &own);
            if own != identifier && visible::fault(identifier).is_none() && !identifier.is_empty() {
                let foreign = NamedNode::new_unchecked(format!("{}#reqif", iri.as_str()));
                self.state(iri, adms::IDENTIFIER, foreign.clone());
                self.state(&foreign, rdf::TYPE, adms::IDENTIFIER_CLASS.into_owned());
                self.text(&foreign, skos::NOTATION, identifier);
                let source = self.source.to_owned();
                self.text(&foreign, adms::SCHEMA_AGENCY, &source);
            }
        }
    }

    /// Chooses the identifier of an object: that which people know it by, or where it has none of its own, that of its element.
    pub(super) fn own_identifier(
        &mut self,
        attributed: &Attributed,
        line: usize,
        identifier: &str,
    ) -> String {
        let chosen = self.mapping.identifier(attributed);
        if let Some(own) = chosen {
            match visible::fault(&own) {
                Some(fault) => {
                    self.gaps.add(
                        line,
                        format!(
                            "the identifier \"{}\" {fault}; that of the element is used",
                            own.escape_debug()
                        ),
                    );
                }
                None if self.taken.insert(own.clone()) => return own,
                None => self.gaps.add(
                    line,
                    format!(
                        "the identifier \"{own}\" is that of another object too; that of the element is used"
                    ),
                ),
            }
        }
        let plain = if visible::fault(identifier).is_none() {
            identifier.to_owned()
        } else {
            crate::exchange::table::derived::template::escape(identifier.trim())
        };
        let plain = format!("{}{plain}", self.mapping.prefix());
        let (mut own, mut number) = (plain.clone(), 2);
        while own.is_empty() || !self.taken.insert(own.clone()) {
            own = format!("{plain}~{number}");
            number += 1;
        }
        own
    }
}
