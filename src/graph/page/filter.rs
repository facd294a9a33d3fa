//! Which resources of a class a filter lets through: sets of ids, from the rows that the filter names.

use super::{Comparison, Filter, TextTest};
use crate::graph::error::Error;
use crate::graph::index::rows::{self, ORDERED};
use crate::graph::index::view::Direction;
use crate::graph::snapshot::Snapshot;
use crate::model::{literal, value};
use foldhash::HashSet;
use oxigraph::model::{Literal, NamedNode, Term};
use std::cmp::Ordering;

impl Snapshot {
    pub(super) fn filtered(
        &self,
        filter: &Filter,
        classes: &[u64],
        universe: &HashSet<u64>,
    ) -> Result<HashSet<u64>, Error> {
        Ok(match filter {
            Filter::And(all) => {
                let mut chosen = universe.clone();
                for filter in all {
                    chosen = self.filtered(filter, classes, &chosen)?;
                }
                chosen
            }
            Filter::Or(any) => {
                let mut chosen = HashSet::default();
                for filter in any {
                    chosen.extend(self.filtered(filter, classes, universe)?);
                }
                chosen
            }
            Filter::Not(filter) => {
                let not = self.filtered(filter, classes, universe)?;
                universe.difference(&not).copied().collect()
            }
            Filter::Has(predicate, wanted) => {
                let mut having = HashSet::default();
                if let Some(predicate) = self.iri_id(predicate.as_ref())? {
                    for &member in universe {
                        let prefix = rows::prefix(rows::SPO, &[member, predicate]);
                        self.0.view.scan(&prefix, Direction::Forward, |_, _| {
                            having.insert(member);
                            Ok(false)
                        })?;
                    }
                }
                if *wanted { having } else { universe.difference(&having).copied().collect() }
            }
            Filter::Compare(predicate, comparison, literal) => {
                self.compared(predicate, *comparison, literal, classes, universe)?
            }
            Filter::Text(predicate, test, text) => self.texts(predicate, *test, text, classes, universe)?,
            Filter::OneOf(predicate, values) => {
                let mut chosen = HashSet::default();
                for value in values.iter().flat_map(spellings) {
                    if let Some(pattern) = self.pattern(None, Some(predicate.as_ref()), Some(&value))? {
                        pattern.scan(&self.0.view, |[subject, _, _]| {
                            chosen.extend(universe.get(&subject));
                            Ok(true)
                        })?;
                    }
                }
                chosen
            }
            Filter::LinkedFrom(predicate, sources) => {
                let mut chosen = HashSet::default();
                for source in sources {
                    if let Some(pattern) = self.pattern(Some(source), Some(predicate.as_ref()), None)? {
                        pattern.scan(&self.0.view, |[_, _, object]| {
                            chosen.extend(universe.get(&object));
                            Ok(true)
                        })?;
                    }
                }
                chosen
            }
        })
    }

    fn compared(
        &self,
        predicate: &NamedNode,
        comparison: Comparison,
        literal: &Literal,
        classes: &[u64],
        universe: &HashSet<u64>,
    ) -> Result<HashSet<u64>, Error> {
        let mut chosen = HashSet::default();
        let Some(predicate) = self.iri_id(predicate.as_ref())? else { return Ok(chosen) };
        let Term::Literal(literal) = literal::canonical(literal.clone().into()) else { return Ok(chosen) };
        let key = value::key(&literal);
        for &class in classes {
            let prefix = rows::prefix(ORDERED, &[class, predicate]);
            // Only values of the same sort compare: their keys begin with the same byte.
            let sort = [prefix.as_slice(), &key[..1]].concat();
            let value = [prefix.as_slice(), &key].concat();
            // A cut key stands for several values, which are compared in full afterwards.
            let range = match comparison {
                Comparison::Lt if value::is_cut(&key) => Comparison::Le,
                Comparison::Gt if value::is_cut(&key) => Comparison::Ge,
                other => other,
            };
            let (from, to) = match range {
                Comparison::Eq => (value.clone(), rows::after(&value)),
                Comparison::Lt => (sort, value),
                Comparison::Le => (sort, rows::after(&value)),
                Comparison::Gt => (rows::after(&value), rows::after(&sort)),
                Comparison::Ge => (value, rows::after(&sort)),
            };
            self.0.view.scan_range(&from, &to, Direction::Forward, |row, _| {
                chosen.extend(universe.get(&rows::value_and_subject(row)?.1));
                Ok(true)
            })?;
        }
        if value::is_cut(&key) {
            self.verify_cut(&mut chosen, predicate, comparison, &literal)?;
        }
        Ok(chosen)
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
            let holds = self.literals(id, predicate)?.iter().any(|value| {
                let order = value::name(value.value()).cmp(&value::name(literal.value()));
                match comparison {
                    Comparison::Eq => order == Ordering::Equal,
                    Comparison::Lt => order == Ordering::Less,
                    Comparison::Le => order != Ordering::Greater,
                    Comparison::Gt => order == Ordering::Greater,
                    Comparison::Ge => order != Ordering::Less,
                }
            });
            if !holds {
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
        universe: &HashSet<u64>,
    ) -> Result<HashSet<u64>, Error> {
        let mut chosen = HashSet::default();
        let Some(predicate) = self.iri_id(predicate.as_ref())? else { return Ok(chosen) };
        let text = value::name(text);
        let lower = text.to_lowercase();
        let passes = |value: &str| match test {
            TextTest::Contains => value::name(value).to_lowercase().contains(&lower),
            TextTest::StartsWith => value::name(value).starts_with(&*text),
        };
        let mut cut = Vec::new();
        for &class in classes {
            let prefix = rows::prefix(ORDERED, &[class, predicate]);
            self.0.view.scan(&prefix, Direction::Forward, |row, _| {
                let (key, id) = rows::value_and_subject(row)?;
                if universe.contains(&id)
                    && let Some(text) = value::text_of(key)
                {
                    if value::is_cut(key) {
                        cut.push(id);
                    } else if passes(&text) {
                        chosen.insert(id);
                    }
                }
                Ok(true)
            })?;
        }
        for id in cut {
            if self.literals(id, predicate)?.iter().any(|value| passes(value.value())) {
                chosen.insert(id);
            }
        }
        Ok(chosen)
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
