//! Fields that were changed here, written into the attributes that they came from.

use super::{Defined, Writer};
use crate::exchange::fields::{Attributed, Derived, FieldTarget, folded};
use crate::exchange::reqif::XHTML;
use crate::exchange::reqif::catalog::Definition;
use crate::exchange::reqif::values::{enumeration, simple, xhtml};
use crate::exchange::xml::{Element, Node};
use crate::ontology::Class;
use crate::ontology::terms::tl;
use oxigraph::model::{NamedNode, Term};
use std::sync::Arc;

impl Writer<'_> {
    /// Writes the fields that were changed here into the attributes that they came from.
    pub(super) fn write_back(
        &self,
        object: &NamedNode,
        kind: Option<&str>,
        defined: &Defined,
        shell: &mut Element,
        values: &mut [(Definition, Vec<Element>)],
        notices: &mut Vec<String>,
    ) {
        let Some(class) = self.class(object) else { return };
        let mut attributed = Attributed::default();
        for (definition, elements) in values.iter() {
            for element in elements {
                attributed.add(&definition.name, &defined.catalog.text_of(element));
            }
        }
        for definition in
            kind.and_then(|kind| defined.catalog.types.get(kind)).into_iter().flat_map(|own| &own.definitions)
        {
            if let Some(default) = &definition.default {
                attributed.add(&definition.name, &defined.catalog.text_of(default));
            }
        }
        let (derived, _) = self.mapping.derive(object, class, &attributed, self.world);
        let mut is_changed = false;
        for (field, place) in self.mapping.places() {
            let Some(now) = self.now(object, class, &field) else { continue };
            let then = self.then(&field, &derived, &attributed, shell, &now);
            if now.as_deref() == then.as_deref() {
                continue;
            }
            let written =
                self.write_field(&field, &place, now.as_deref(), &attributed, defined, shell, values);
            match written {
                true => is_changed = true,
                false => notices
                    .push(format!("{object}: its type has no attribute for {field}, so that is left out")),
            }
        }
        if is_changed {
            shell.set("LAST-CHANGE", self.at);
        }
    }

    /// Returns the text of a field as the version has it; the outer `None` where the class has no such field.
    fn now(&self, object: &NamedNode, class: &Class, field: &str) -> Option<Option<String>> {
        let (subject, class, name) = match field.strip_prefix("constraint.") {
            None => (object.clone(), class, field),
            Some(name) => {
                let constraint = NamedNode::new_unchecked(format!("{}#constraint", object.as_str()));
                (constraint, self.world.ontology.class(tl::CONSTRAINT_CLASS)?, name)
            }
        };
        let field = class.field(name)?;
        Some(self.graph.values(&subject, field.predicate.as_ref()).next().map(|term| self.shown(term)))
    }

    fn shown(&self, term: &Term) -> String {
        match term {
            Term::Literal(literal) => literal.value().to_owned(),
            Term::NamedNode(iri) => match self.world.ontology.units().get(iri.as_ref()) {
                Some(unit) => unit.symbol.clone(),
                None => iri.as_str().strip_prefix(self.world.base).unwrap_or(iri.as_str()).to_owned(),
            },
            other => other.to_string(),
        }
    }

    /// Returns the text that a field has of the attributes alone.
    fn then(
        &self,
        field: &str,
        derived: &[Derived],
        attributed: &Attributed,
        shell: &Element,
        now: &Option<String>,
    ) -> Option<String> {
        if field == "identifier" {
            let own = self.mapping.identifier(attributed);
            let element =
                format!("{}{}", self.mapping.prefix(), shell.attribute("IDENTIFIER").unwrap_or_default());
            // An identifier that is not the attribute's own was made out of that of the element.
            let is_made = now.as_ref().is_some_and(|now| now.starts_with(&element));
            return if is_made { now.clone() } else { own };
        }
        let found =
            derived.iter().find(|own| own.field == field).map(|own| self.shown(&own.statement.object));
        let attribute = match field {
            "title" => "LONG-NAME",
            "description" => "DESC",
            _ => return found,
        };
        found.or_else(|| {
            shell.attribute(attribute).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a field is, and all the places where it may be written"
    )]
    fn write_field(
        &self,
        field: &str,
        place: &FieldTarget,
        now: Option<&str>,
        attributed: &Attributed,
        defined: &Defined,
        shell: &mut Element,
        values: &mut [(Definition, Vec<Element>)],
    ) -> bool {
        let has = |name: &&String| attributed.has(name);
        let is = |definition: &Definition, name: &str| folded(&definition.name) == folded(name);
        let defines = |name: &&String| values.iter().any(|(definition, _)| is(definition, name));
        let chosen = place
            .attributes
            .iter()
            .filter(defines)
            .find(has)
            .or_else(|| place.attributes.iter().find(defines));
        let chosen = chosen.cloned();
        let fallback = match field {
            "title" => Some("LONG-NAME"),
            "description" => Some("DESC"),
            _ => None,
        };
        if let Some(attribute) = fallback.filter(|own| {
            shell.attribute(own).is_some() && !chosen.as_ref().is_some_and(|name| attributed.has(name))
        }) {
            shell.set(attribute, now.unwrap_or_default());
            return true;
        }
        let Some((definition, elements)) =
            chosen.and_then(|name| values.iter_mut().find(|(own, _)| is(own, &name)))
        else {
            return now.is_none();
        };
        let Some(now) = now else {
            elements.clear();
            return true;
        };
        let own =
            if field == "identifier" { now.strip_prefix(self.mapping.prefix()).unwrap_or(now) } else { now };
        let word = place.word(own);
        let value = match definition.kind.as_str() {
            "XHTML" => xhtml(definition, paragraphs(word)),
            "ENUMERATION" => {
                let candidates =
                    definition.datatype.as_ref().and_then(|own| defined.catalog.enum_values.get(own));
                let named = |own: &&String| {
                    defined.catalog.enum_names.get(*own).is_some_and(|name| folded(name) == folded(word))
                };
                match candidates.into_iter().flatten().find(named) {
                    Some(value) => enumeration(definition, std::slice::from_ref(value)),
                    None => return false,
                }
            }
            _ => simple(definition, word),
        };
        *elements = vec![value];
        true
    }
}

/// Makes XHTML of a text, a line each.
pub(in crate::exchange::reqif) fn paragraphs(text: &str) -> Element {
    let of: Arc<str> = XHTML.into();
    let element = |name: &str| Element { prefix: "xhtml".to_owned(), ..Element::new(name, &of) };
    let mut content = element("div");
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            content.nodes.push(Node::Element(element("br")));
        }
        content.nodes.push(Node::Text(line.to_owned()));
    }
    content
}
