//! Which resources of a class a filter lets through: sets of ids, from the rows that the filter names.

use super::query::{Comparison, Filter, TextTest};
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::rows::key::{self, ORDERED};
use crate::graph::index::storage::packed::Direction;
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::{literal, value};
use foldhash::HashSet;
use oxigraph::model::{Literal, NamedNode, Term};
use std::borrow::Cow;
use std::cmp::Ordering;

impl Snapshot {
    /// Returns the instances of the classes that pass, of some of them or of all.
    pub(super) fn filtered(
        &self,
        filter: &Filter,
        classes: &[u64],
        of: Option<&HashSet<u64>>,
    ) -> Result<HashSet<u64>, Error> {
        Ok(match filter {
            Filter::And(all) => {
                let mut chosen = of.cloned();
                for filter in all {
                    chosen = Some(self.filtered(filter, classes, chosen.as_ref())?);
                }
                chosen.map_or_else(|| self.members(classes), Ok)?
            }
            Filter::Or(any) => {
                let mut chosen = HashSet::default();
                for filter in any {
                    chosen.extend(self.filtered(filter, classes, of)?);
                }
                chosen
            }
            Filter::Not(filter) => {
                let not = self.filtered(filter, classes, of)?;
                self.others(classes, of, &not)?
            }
            Filter::Has(predicate, wanted) => {
                let mut having = HashSet::default();
                if let Some(predicate) = self.iri_id(predicate.as_ref())? {
                    let members =
                        of.map_or_else(|| self.members(classes).map(Cow::Owned), |of| Ok(Cow::Borrowed(of)))?;
                    for &member in &*members {
                        if self.has(member, predicate)? {
                            having.insert(member);
                        }
                    }
                }
                if *wanted { having } else { self.others(classes, of, &having)? }
            }
            Filter::Compare(predicate, comparison, literal) => {
                let chosen = self.compared(predicate, *comparison, literal, classes, usize::MAX)?;
                kept(chosen.unwrap_or_default(), of)
            }
            Filter::Text(predicate, test, text) => kept(self.texts(predicate, *test, text, classes)?, of),
            Filter::OneOf(..) | Filter::LinkedFrom(..) => {
                kept(self.linked(filter, classes, usize::MAX)?.unwrap_or_default(), of)
            }
        })
    }

    /// Returns what passes where the filter names it, without a look at all members, and it is no more than `max`.
    pub(super) fn named(
        &self,
        filter: &Filter,
        classes: &[u64],
        max: usize,
    ) -> Result<Option<HashSet<u64>>, Error> {
        match filter {
            Filter::And(all) => {
                for (at, one) in all.iter().enumerate() {
                    let Some(mut chosen) = self.named(one, classes, max)? else { continue };
                    for (_, other) in all.iter().enumerate().filter(|(other, _)| *other != at) {
                        let tests = self.tests(other)?;
                        let mut passing = HashSet::default();
                        for id in chosen {
                            if tests.pass(self, id)? {
                                passing.insert(id);
                            }
                        }
                        chosen = passing;
                    }
                    return Ok(Some(chosen));
                }
                Ok(None)
            }
            Filter::Or(any) => {
                let mut chosen = HashSet::default();
                for one in any {
                    let Some(named) = self.named(one, classes, max)? else { return Ok(None) };
                    chosen.extend(named);
                    if chosen.len() > max {
                        return Ok(None);
                    }
                }
                Ok(Some(chosen))
            }
            Filter::Compare(predicate, comparison, literal) => {
                self.compared(predicate, *comparison, literal, classes, max)
            }
            Filter::OneOf(..) | Filter::LinkedFrom(..) => self.linked(filter, classes, max),
            Filter::Not(_) | Filter::Has(..) | Filter::Text(..) => Ok(None),
        }
    }

    /// Returns the members that have one of some values, or that some resources link to; `None` where that is more than `max`.
    fn linked(&self, filter: &Filter, classes: &[u64], max: usize) -> Result<Option<HashSet<u64>>, Error> {
        let mut patterns = Vec::new();
        let at = match filter {
            Filter::OneOf(predicate, values) => {
                for value in values.iter().flat_map(spellings) {
                    patterns.extend(self.pattern(None, Some(predicate.as_ref()), Some(&value))?);
                }
                0
            }
            Filter::LinkedFrom(predicate, sources) => {
                for source in sources {
                    patterns.extend(self.pattern(Some(source), Some(predicate.as_ref()), None)?);
                }
                2
            }
            _ => return Ok(None),
        };
        let mut found = HashSet::default();
        for pattern in patterns {
            pattern.scan(&self.0.view, |ids| {
                found.insert(ids[at]);
                Ok(found.len() <= max)
            })?;
        }
        if found.len() > max {
            return Ok(None);
        }
        let mut chosen = HashSet::default();
        for id in found {
            if self.is_member(id, classes)? {
                chosen.insert(id);
            }
        }
        Ok(Some(chosen))
    }

    fn others(
        &self,
        classes: &[u64],
        of: Option<&HashSet<u64>>,
        not: &HashSet<u64>,
    ) -> Result<HashSet<u64>, Error> {
        Ok(match of {
            Some(of) => of.difference(not).copied().collect(),
            None => {
                let mut members = self.members(classes)?;
                members.retain(|id| !not.contains(id));
                members
            }
        })
    }

    fn has(&self, subject: u64, predicate: u64) -> Result<bool, index::Error> {
        let mut found = false;
        let prefix = key::prefix(key::SPO, &[subject, predicate]);
        self.0.view.scan(&prefix, Direction::Forward, |_, _| {
            found = true;
            Ok(false)
        })?;
        Ok(found)
    }

    fn compared(
        &self,
        predicate: &NamedNode,
        comparison: Comparison,
        literal: &Literal,
        classes: &[u64],
        max: usize,
    ) -> Result<Option<HashSet<u64>>, Error> {
        let mut chosen = HashSet::default();
        let Some(predicate) = self.iri_id(predicate.as_ref())? else { return Ok(Some(chosen)) };
        let Term::Literal(literal) = literal::canonical(literal.clone().into()) else {
            return Ok(Some(chosen));
        };
        let key = value::key(&literal);
        for &class in classes {
            let prefix = key::prefix(ORDERED, &[class, predicate]);
            // Only values of the same sort compare: their keys begin with the same byte.
            let sort = [prefix.as_slice(), &key[..1]].concat();
            let value = [prefix.as_slice(), &key].concat();
            // A cut key is that of several values, which are compared in full afterwards.
            let range = match comparison {
                Comparison::Lt if value::is_cut(&key) => Comparison::Le,
                Comparison::Gt if value::is_cut(&key) => Comparison::Ge,
                other => other,
            };
            let (from, to) = match range {
                Comparison::Eq => (value.clone(), key::after(&value)),
                Comparison::Lt => (sort, value),
                Comparison::Le => (sort, key::after(&value)),
                Comparison::Gt => (key::after(&value), key::after(&sort)),
                Comparison::Ge => (value, key::after(&sort)),
            };
            self.0.view.scan_range(&from, &to, Direction::Forward, |row, _| {
                chosen.insert(key::value_and_subject(row)?.1);
                Ok(chosen.len() <= max)
            })?;
        }
        if chosen.len() > max {
            return Ok(None);
        }
        if value::is_cut(&key) {
            self.verify_cut(&mut chosen, predicate, comparison, &literal)?;
        }
        Ok(Some(chosen))
    }

    /// Compares long texts in full, as their keys hold only a part.
    fn verify_cut(
        &self,
        chosen: &mut HashSet<u64>,
        predicate: u64,
        comparison: Comparison,
        literal: &Literal,
    ) -> Result<(), Error> {
        let mut refused = Vec::new();
        for &id in chosen.iter() {
            let literals = self.literals(id, predicate)?;
            let key = value::key(literal);
            if !literals.iter().any(|value| compares(value, comparison, (literal, &key))) {
                refused.push(id);
            }
        }
        refused.iter().for_each(|id| {
            chosen.remove(id);
        });
        Ok(())
    }

    fn texts(
        &self,
        predicate: &NamedNode,
        test: TextTest,
        text: &str,
        classes: &[u64],
    ) -> Result<HashSet<u64>, Error> {
        let mut chosen = HashSet::default();
        let Some(predicate) = self.iri_id(predicate.as_ref())? else { return Ok(chosen) };
        let wanted = Wanted::new(test, text);
        let mut cut = Vec::new();
        for &class in classes {
            let prefix = key::prefix(ORDERED, &[class, predicate]);
            self.0.view.scan(&prefix, Direction::Forward, |row, _| {
                let (key, id) = key::value_and_subject(row)?;
                if let Some(text) = value::text_of(key) {
                    if value::is_cut(key) {
                        cut.push(id);
                    } else if wanted.is_in(&text) {
                        chosen.insert(id);
                    }
                }
                Ok(true)
            })?;
        }
        for id in cut {
            if self.literals(id, predicate)?.iter().any(|value| wanted.is_in(value.value())) {
                chosen.insert(id);
            }
        }
        Ok(chosen)
    }
}

/// Returns what of a set is also in another, where that is given.
fn kept(mut chosen: HashSet<u64>, of: Option<&HashSet<u64>>) -> HashSet<u64> {
    if let Some(of) = of {
        chosen.retain(|id| of.contains(id));
    }
    chosen
}

/// What a text is looked for.
pub(super) struct Wanted {
    test: TextTest,
    text: String,
}

impl Wanted {
    fn new(test: TextTest, text: &str) -> Self {
        let text = value::name(text);
        let text = match test {
            TextTest::Contains => text.to_lowercase(),
            TextTest::StartsWith => text.into_owned(),
        };
        Self { test, text }
    }

    fn is_in(&self, value: &str) -> bool {
        let value = value::name(value);
        match self.test {
            TextTest::Contains => value.to_lowercase().contains(&self.text),
            TextTest::StartsWith => value.starts_with(&self.text),
        }
    }
}

/// Returns whether a value compares so with a literal, of which the key is given. Only values of the same sort compare.
fn compares(value: &Literal, comparison: Comparison, (literal, key): (&Literal, &[u8])) -> bool {
    let own = value::key(value);
    if own.first() != key.first() {
        return false;
    }
    let order = match value::is_cut(key) {
        true => value::name(value.value()).cmp(&value::name(literal.value())),
        false => own.as_slice().cmp(key),
    };
    match comparison {
        Comparison::Eq => order == Ordering::Equal,
        Comparison::Lt => order == Ordering::Less,
        Comparison::Le => order != Ordering::Greater,
        Comparison::Gt => order == Ordering::Greater,
        Comparison::Ge => order != Ordering::Less,
    }
}

/// A filter made ready to test resources one by one; a property that was never used has no id.
pub(super) enum Tests {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Has(Option<u64>, bool),
    Compare(Option<u64>, Comparison, Literal, Vec<u8>),
    Text(Option<u64>, Wanted),
    OneOf(Option<u64>, HashSet<u64>),
    In(HashSet<u64>),
}

impl Snapshot {
    /// Makes a filter ready to test resources one by one.
    pub(super) fn tests(&self, filter: &Filter) -> Result<Tests, Error> {
        let all =
            |filters: &[Filter]| filters.iter().map(|filter| self.tests(filter)).collect::<Result<_, _>>();
        let id = |predicate: &NamedNode| self.iri_id(predicate.as_ref());
        Ok(match filter {
            Filter::And(filters) => Tests::And(all(filters)?),
            Filter::Or(filters) => Tests::Or(all(filters)?),
            Filter::Not(filter) => Tests::Not(Box::new(self.tests(filter)?)),
            Filter::Has(predicate, wanted) => Tests::Has(id(predicate)?, *wanted),
            Filter::Compare(predicate, comparison, literal) => {
                let literal = literal::canonical_literal(literal.clone());
                let key = value::key(&literal);
                Tests::Compare(id(predicate)?, *comparison, literal, key)
            }
            Filter::Text(predicate, test, text) => Tests::Text(id(predicate)?, Wanted::new(*test, text)),
            Filter::OneOf(predicate, values) => {
                let mut ids = HashSet::default();
                for value in values.iter().flat_map(spellings) {
                    ids.extend(self.0.view.id(&value)?);
                }
                Tests::OneOf(id(predicate)?, ids)
            }
            Filter::LinkedFrom(predicate, sources) => {
                let mut ids = HashSet::default();
                for source in sources {
                    if let Some(pattern) = self.pattern(Some(source), Some(predicate.as_ref()), None)? {
                        pattern.scan(&self.0.view, |[_, _, object]| {
                            ids.insert(object);
                            Ok(true)
                        })?;
                    }
                }
                Tests::In(ids)
            }
        })
    }
}

impl Tests {
    /// Returns whether an instance passes.
    pub(super) fn pass(&self, snapshot: &Snapshot, id: u64) -> Result<bool, index::Error> {
        let any = |predicate: &Option<u64>, holds: &dyn Fn(&Literal) -> bool| match predicate {
            Some(predicate) => Ok(snapshot.literals(id, *predicate)?.iter().any(holds)),
            None => Ok(false),
        };
        match self {
            Self::And(tests) => {
                for test in tests {
                    if !test.pass(snapshot, id)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(tests) => {
                for test in tests {
                    if test.pass(snapshot, id)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(test) => Ok(!test.pass(snapshot, id)?),
            Self::Has(predicate, wanted) => {
                let has = predicate.map_or(Ok(false), |predicate| snapshot.has(id, predicate))?;
                Ok(has == *wanted)
            }
            Self::Compare(predicate, comparison, literal, key) => {
                any(predicate, &|value| compares(value, *comparison, (literal, key)))
            }
            Self::Text(predicate, wanted) => any(predicate, &|value| {
                value::text_of(&value::key(value)).is_some() && wanted.is_in(value.value())
            }),
            Self::OneOf(predicate, ids) => {
                let Some(predicate) = predicate else { return Ok(false) };
                let mut found = false;
                let prefix = key::prefix(key::SPO, &[id, *predicate]);
                snapshot.0.view.scan(&prefix, Direction::Forward, |row, _| {
                    found = ids.contains(&key::id(row, 2)?);
                    Ok(!found)
                })?;
                Ok(found)
            }
            Self::In(ids) => Ok(ids.contains(&id)),
        }
    }
}

/// Returns the terms by which an index may hold a value.
fn spellings(term: &Term) -> Vec<Term> {
    match term {
        Term::Literal(literal) => {
            let others = value::spellings(literal).into_iter().map(Term::from);
            std::iter::once(term.clone()).chain(others.filter(|other| other != term)).collect()
        }
        other => vec![other.clone()],
    }
}
