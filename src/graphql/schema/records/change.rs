//! What a commit is asked to change: the input types, and from them the changes the graph understands.
//!
//! In a put an absent field stays, `null` removes, and an absent id is made. Fragments are written with their owner: the list
//! that is given is the complete list from then on; an entry with an id keeps what it does not mention, an entry without one states
//! everything and takes the place of one that no other entry names. What the ontology reserves to use cases has no place here.

use super::field;
use crate::graph::Snapshot;
use crate::graphql::engine::Arguments;
use crate::graphql::engine::types::arguments::{missing, text, wrong};
use crate::graphql::engine::types::build::{input, one_of, refusing};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::read_iri;
use crate::graphql::schema::shared::unit::{read_quantity_kind, read_unit};
use crate::model::statement::change::Change;
use crate::model::statement::value::{Texts, is_same};
use crate::model::statement::{Statement, without_fragment};
use crate::model::time::clock::Clock;
use crate::model::time::duration::Duration;
use crate::model::time::instant::Instant;
use crate::model::time::period::Period;
use crate::ontology::{Class, Field, FieldKind, Ontology, Reserved, with_article};
use async_graphql::Value as Input;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::{BTreeSet, HashMap};

pub(crate) fn types(ontology: &Ontology) -> Vec<Definition> {
    let mut types = Vec::new();
    let (mut changes, mut refused) = (Vec::new(), Vec::new());
    for class in ontology.classes().iter().filter(|class| !class.is_abstract) {
        if let Some(reserved) = &class.reserved {
            refused.push((put_name(class), reason(reserved, class)));
            continue;
        }
        types.push(input_of(class, ontology));
        if !class.fragment {
            let comment = class
                .made_by()
                .map_or_else(String::new, |reserved| format!("Changes one; {} one.", reserved.makers()));
            changes.push(InputField::new(&put_name(class), &format!("{}Input", class.name), &comment));
        }
    }
    changes.push(InputField::new(
        "retire",
        "ID",
        "Removes a resource and its fragments; nothing may link to it any more.",
    ));
    changes.push(InputField::new("link", "LinkInput", "Makes a link."));
    changes.push(InputField::new("unlink", "LinkInput", "Removes a link."));
    types.push(input(
        "LinkInput",
        "A link.",
        vec![
            InputField::new("from", "ID!", "The resource that the link belongs to."),
            InputField::new("property", "String!", "The field, such as satisfies."),
            InputField::new("to", "ID!", "What is linked."),
        ],
    ));
    let change = one_of(
        "Change",
        "One change of a commit. A put makes a resource or changes it: an absent field stays, null removes the value, a list replaces the list; without an id one is made. Fragments are given with their owner: an entry with an id (or #NAME) keeps what it does not mention, one without states the whole fragment.",
        changes,
    );
    types.push(refusing(change, refused));
    types
}

/// Describes why a client does not write something of a class.
fn reason(reserved: &Reserved, class: &Class) -> String {
    format!("{} it of {}", reserved.writers(), with_article(&class.name))
}

/// Returns what keeps clients from writing a field, if anything does.
fn reserved<'a>(field: &'a Field, ontology: &'a Ontology) -> Option<&'a Reserved> {
    let of_fragment = || match &field.kind {
        FieldKind::Fragment(class) => {
            ontology.class(class.as_ref()).and_then(|class| class.reserved.as_ref())
        }
        _ => None,
    };
    field.reserved.as_ref().or_else(of_fragment)
}

fn put_name(class: &Class) -> String {
    format!("put{}", class.name)
}

fn input_of(class: &Class, ontology: &Ontology) -> Definition {
    let mut fields = vec![InputField::new("id", "ID", "")];
    let mut refused = Vec::new();
    for field in class.fields.iter().filter(|field| field.name != "id") {
        if let Some(reserved) = reserved(field, ontology) {
            refused.push((field.name.clone(), reason(reserved, class)));
            continue;
        }
        let name = input_name(&field.kind, ontology);
        let ty = if field.is_single() { name } else { format!("[{name}!]") };
        let input = InputField::new(&field.name, &ty, "");
        fields.push(input.deprecated(field.deprecated.as_deref()));
    }
    let comment = format!("The fields of class {} to write.", class.name);
    let written = input(&format!("{}Input", class.name), &comment, fields);
    refusing(written, refused)
}

fn input_name(kind: &FieldKind, ontology: &Ontology) -> String {
    match kind {
        FieldKind::Fragment(class) => {
            let class = ontology.class(class.as_ref());
            class.map_or_else(|| "ID".to_owned(), |class| format!("{}Input", class.name))
        }
        FieldKind::Link(_) | FieldKind::Unit | FieldKind::QuantityKind => "ID".to_owned(),
        plain => field::type_name(plain).unwrap_or("String").to_owned(),
    }
}

/// Returns what a commit put that was made before by the same changes, in the order of the puts; `touched` is what the commit changed, in
/// IRI order. What the service named then is found among that: such names are in the order in which they were made.
pub(crate) fn put_before(
    version: &Snapshot,
    changes: &[Arguments],
    touched: Vec<NamedNode>,
) -> Result<Vec<NamedNode>, Error> {
    let puts = changes.iter().flat_map(|change| change.0.iter()).filter(|(_, value)| **value != Input::Null);
    let mut asked = Vec::new();
    for (name, value) in puts {
        let class = name.strip_prefix("put").and_then(|name| version.ontology().class_named(name));
        let Some(class) = class else { continue };
        let id = Arguments::of(value)?.text("id")?;
        asked.push((class, id.map(|id| read_iri(version, &id)).transpose()?));
    }
    let mut unnamed = touched.clone();
    unnamed.retain(|iri| !asked.iter().any(|(_, named)| named.as_ref() == Some(iri)));
    let mut put = Vec::with_capacity(asked.len());
    for (class, named) in asked {
        let iri = match named {
            Some(iri) => Some(iri),
            None => {
                let above = version.expand(&fresh_name(class, ""))?;
                let made = unnamed.iter().position(|iri| iri.as_str().starts_with(above.as_str()));
                made.map(|at| unnamed.remove(at))
            }
        };
        match iri {
            Some(iri) if !version.classes_of(&iri)?.is_empty() => put.push(iri),
            // Another request came under the same key: all that its commit changed is returned.
            _ => return Ok(touched),
        }
    }
    Ok(put)
}

/// Returns the name that a new resource of a class gets with an id of its own.
fn fresh_name(class: &Class, id: &str) -> String {
    format!("{}/{id}", crate::graphql::schema::shared::node::singular(&class.name))
}

/// The changes of one commit while they are read.
pub(crate) struct Draft<'a> {
    snapshot: &'a Snapshot,
    clock: &'a dyn Clock,
    changes: Vec<Change>,
    /// The classes of what is put, in the order of the puts.
    put: Vec<NamedNode>,
    classes: HashMap<NamedNode, &'a Class>,
    /// The names of fragments that are taken.
    taken: BTreeSet<String>,
}

impl<'a> Draft<'a> {
    /// Begins changes against a version.
    pub(crate) fn new(snapshot: &'a Snapshot, clock: &'a dyn Clock) -> Self {
        Self {
            snapshot,
            clock,
            changes: Vec::new(),
            put: Vec::new(),
            classes: HashMap::new(),
            taken: BTreeSet::new(),
        }
    }

    /// Returns the changes and the resources that were put.
    pub(crate) fn finish(self) -> (Vec<Change>, Vec<NamedNode>) {
        (self.changes, self.put)
    }

    /// Reads one `Change`.
    pub(crate) fn read(&mut self, change: &Arguments) -> Result<(), Error> {
        let Some((name, value)) = change.0.iter().find(|(_, value)| **value != Input::Null) else {
            return Err(Error::bad_input("a change is empty"));
        };
        match name.as_str() {
            "retire" => {
                let resource = read_iri(self.snapshot, &change.needed_text("retire")?)?;
                self.changes.push(Change::Retire(resource));
                Ok(())
            }
            "link" => self.link(&Arguments::of(value)?, true),
            "unlink" => self.link(&Arguments::of(value)?, false),
            put => {
                let class =
                    put.strip_prefix("put").and_then(|name| self.snapshot.ontology().class_named(name));
                let class = class.ok_or_else(|| {
                    Error::not_found(format!("the ontology of this branch has no class for {put}"))
                })?;
                self.put(class, &Arguments::of(value)?)
            }
        }
    }

    fn put(&mut self, class: &'a Class, given: &Arguments) -> Result<(), Error> {
        let iri = match given.text("id")? {
            Some(id) => read_iri(self.snapshot, &id)?,
            None => self.fresh(class)?,
        };
        if self.classes.insert(iri.clone(), class).is_some() {
            return Err(Error::bad_input(format!("{iri} is put twice in one commit")));
        }
        let own = self.snapshot.classes_of(&iri)?;
        if own.is_empty() {
            self.begin(&iri, class)?;
        } else if !own.iter().any(|own| *own == class.iri || class.descendants.contains(own)) {
            return Err(Error::bad_input(format!("{iri} is no {}", class.name)));
        }
        for statement in self.snapshot.document(&iri)? {
            self.taken.insert(statement.subject.into_string());
        }
        self.put.push(iri.clone());
        self.fields(&iri, class, given)
    }

    /// Begins a resource, with the values that every new one of its class has.
    fn begin(&mut self, iri: &NamedNode, class: &Class) -> Result<(), Error> {
        if let Some(reserved) = class.made_by() {
            let reason = format!("{} {}: {iri} is not there", reserved.makers(), with_article(&class.name));
            return Err(Error::bad_input(reason));
        }
        self.changes.push(Change::Add(Statement::new(iri.clone(), rdf::TYPE, class.iri.clone())));
        for field in &class.fields {
            let initial = field.reserved.as_ref().and_then(|reserved| reserved.initial.clone());
            if let Some(initial) = initial {
                self.set(iri, &field.predicate, vec![initial]);
            }
        }
        Ok(())
    }

    fn fresh(&self, class: &Class) -> Result<NamedNode, Error> {
        Ok(self.snapshot.expand(&fresh_name(class, &self.clock.new_id().to_string()))?)
    }

    fn fields(&mut self, subject: &NamedNode, class: &Class, given: &Arguments) -> Result<(), Error> {
        for (name, value) in given.0.iter().filter(|(name, _)| name.as_str() != "id") {
            let field = class.field(name).ok_or_else(|| {
                Error::not_found(format!("{} has no field {name} on this branch", class.name))
            })?;
            match (&field.kind, value) {
                (FieldKind::Fragment(of), value) => {
                    let items = if *value == Input::Null { Vec::new() } else { given.objects(name)? };
                    self.fragments(subject, field, of, &items)?;
                }
                (_, Input::Null) => self.set(subject, &field.predicate, Vec::new()),
                _ => {
                    let items = given.list(name).unwrap_or_default();
                    let now = self.snapshot.values(subject, field.predicate.as_ref())?;
                    let terms =
                        items.iter().map(|item| self.term(field, item, &now)).collect::<Result<_, _>>()?;
                    self.set(subject, &field.predicate, terms);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, subject: &NamedNode, predicate: &NamedNode, values: Vec<Term>) {
        self.changes.push(Change::Set { subject: subject.clone(), predicate: predicate.clone(), values });
    }

    fn fragments(
        &mut self,
        owner: &NamedNode,
        field: &Field,
        class: &NamedNode,
        items: &[Arguments],
    ) -> Result<(), Error> {
        let ontology = self.snapshot.ontology();
        let class =
            ontology.class(class.as_ref()).ok_or_else(|| Error::broken("a fragment without a class"))?;
        let mut unnamed = self.snapshot.targets(owner, field.predicate.as_ref())?;
        unnamed.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        let named =
            items.iter().map(|item| self.named_fragment(owner, item)).collect::<Result<Vec<_>, _>>()?;
        unnamed.retain(|fragment| !named.iter().flatten().any(|named| named == fragment));
        let mut unnamed = unnamed.into_iter();
        let mut fragments = Vec::with_capacity(items.len());
        for (item, named) in items.iter().zip(named) {
            let fragment = match named.or_else(|| unnamed.next()) {
                Some(fragment) => fragment,
                None => self.fresh_fragment(owner, field),
            };
            if item.given("id").is_none() {
                self.forget(&fragment, class, item)?;
            }
            self.changes.push(Change::Add(Statement::new(fragment.clone(), rdf::TYPE, class.iri.clone())));
            self.fields(&fragment, class, item)?;
            fragments.push(Term::from(fragment));
        }
        for fragment in unnamed {
            self.remove(&fragment)?;
        }
        self.set(owner, &field.predicate, fragments);
        Ok(())
    }

    /// Returns the fragment that an entry names: an id, an IRI, or `#name`.
    fn named_fragment(&self, owner: &NamedNode, item: &Arguments) -> Result<Option<NamedNode>, Error> {
        let Some(id) = item.text("id")? else { return Ok(None) };
        let document = format!("{}#", without_fragment(owner.as_str()));
        let fragment = match id.strip_prefix('#') {
            Some(name) => self.snapshot.expand(&format!("{document}{name}"))?,
            None => read_iri(self.snapshot, &id)?,
        };
        if fragment.as_str().starts_with(&document) {
            return Ok(Some(fragment));
        }
        Err(Error::bad_input(format!("{fragment} is no fragment of {owner}")))
    }

    fn fresh_fragment(&mut self, owner: &NamedNode, field: &Field) -> NamedNode {
        let stem = match owner.as_str().contains('#') {
            true => format!("{}-{}", owner.as_str(), field.local_name()),
            false => format!("{}#{}", owner.as_str(), field.local_name()),
        };
        let mut name = stem.clone();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{stem}-{number}");
        }
        NamedNode::new_unchecked(name)
    }

    /// Removes the statements of a fragment that the entry which replaces it does not mention.
    fn forget(&mut self, fragment: &NamedNode, class: &Class, item: &Arguments) -> Result<(), Error> {
        for statement in self.snapshot.statements(fragment)? {
            let mentioned = class
                .field_of(statement.predicate.as_ref())
                .is_some_and(|field| item.0.contains_key(field.name.as_str()));
            if !mentioned && statement.predicate != rdf::TYPE {
                self.remove_inner(fragment, &statement)?;
                self.set(fragment, &statement.predicate, Vec::new());
            }
        }
        Ok(())
    }

    /// Removes a fragment and the fragments inside it.
    fn remove(&mut self, fragment: &NamedNode) -> Result<(), Error> {
        for statement in self.snapshot.statements(fragment)? {
            self.remove_inner(fragment, &statement)?;
            self.changes.push(Change::Remove(statement));
        }
        Ok(())
    }

    fn remove_inner(&mut self, fragment: &NamedNode, statement: &Statement) -> Result<(), Error> {
        let inner = format!("{}-", fragment.as_str());
        match crate::graphql::schema::shared::node::target(&statement.object) {
            Some(target) if target.as_str().starts_with(&inner) => self.remove(target),
            _ => Ok(()),
        }
    }

    fn link(&mut self, given: &Arguments, add: bool) -> Result<(), Error> {
        let from = read_iri(self.snapshot, &given.needed_text("from")?)?;
        let to = read_iri(self.snapshot, &given.needed_text("to")?)?;
        let name = given.needed_text("property")?;
        let field = self.link_field(&from, &name)?;
        let (predicate, single) = (field.predicate.clone(), field.is_single());
        match (add, single) {
            (true, true) => self.set(&from, &predicate, vec![to.into()]),
            (true, false) => self.changes.push(Change::Add(Statement::new(from, predicate, to))),
            (false, _) => self.changes.push(Change::Remove(Statement::new(from, predicate, to))),
        }
        Ok(())
    }

    fn link_field(&self, from: &NamedNode, name: &str) -> Result<&'a Field, Error> {
        let ontology = self.snapshot.ontology();
        let mut classes: Vec<&Class> = self.classes.get(from).copied().into_iter().collect();
        for class in self.snapshot.classes_of(from)? {
            classes.extend(ontology.class(class.as_ref()));
        }
        if classes.is_empty() {
            return Err(Error::not_found(format!("{from} does not exist on this branch")));
        }
        let field = classes.iter().find_map(|class| class.field(name));
        field
            .filter(|field| matches!(field.kind, FieldKind::Link(_)))
            .ok_or_else(|| Error::not_found(format!("{} has no link called {name}", classes[0].name)))
    }

    fn term(&self, field: &Field, value: &Input, now: &[Term]) -> Result<Term, Error> {
        let words = || text(value).ok_or_else(|| wrong(&field.name, "a text"));
        Ok(match &field.kind {
            FieldKind::Text | FieldKind::Enumeration(..) => Literal::new_simple_literal(words()?).into(),
            FieldKind::Boolean => match value {
                Input::Boolean(value) => Literal::from(*value).into(),
                _ => return Err(wrong(&field.name, "true or false")),
            },
            FieldKind::Integer => Literal::new_typed_literal(words()?, xsd::INTEGER).into(),
            FieldKind::Number => number(field, value, now)?,
            FieldKind::Instant => {
                let instant: Instant = words()?.parse()?;
                Literal::new_typed_literal(instant.to_string(), xsd::DATE_TIME).into()
            }
            FieldKind::Date => Literal::new_typed_literal(words()?, xsd::DATE).into(),
            FieldKind::Period => {
                // ISO 8601 has weeks, which XSD has not.
                let words = words()?;
                let text = if Duration::parse(&words).is_some() {
                    words
                } else {
                    words.parse::<Period>()?.to_string()
                };
                Literal::new_typed_literal(text, xsd::DURATION).into()
            }
            FieldKind::Iri | FieldKind::Link(_) => read_iri(self.snapshot, &words()?)?.into(),
            FieldKind::Unit => read_unit(self.snapshot, &words()?)?.into(),
            FieldKind::QuantityKind => read_quantity_kind(self.snapshot, &words()?)?.into(),
            FieldKind::Fragment(_) => return Err(missing(&field.name)),
        })
    }
}

/// Writes a number as a person would; one that equals what is recorded stays as it is written there.
fn number(field: &Field, value: &Input, now: &[Term]) -> Result<Term, Error> {
    let Input::Number(number) = value else { return Err(wrong(&field.name, "a number")) };
    let value =
        number.as_f64().filter(|value| value.is_finite()).ok_or_else(|| wrong(&field.name, "a number"))?;
    let beyond_decimal = value != 0.0 && !(1e-9..1e15).contains(&value.abs());
    let term = Term::from(match (number.as_i64(), beyond_decimal) {
        (Some(whole), _) => Literal::new_typed_literal(whole.to_string(), xsd::INTEGER),
        (None, false) => Literal::new_typed_literal(value.to_string(), xsd::DECIMAL),
        (None, true) => Literal::new_typed_literal(value.to_string(), xsd::DOUBLE),
    });
    let same = now.iter().find(|known| is_same(known, &term, Texts::AsWritten));
    Ok(same.cloned().unwrap_or(term))
}
