//! Filtered, ordered pages of a class, from the ordered rows of the index.
//!
//! A page's order is total and does not depend on how the index was built: by the asked properties, resources without
//! a value last (first when descending), then by IRI. A cursor names the value and the IRI of its item.

use super::error::Error;
use super::index;
use super::index::rows::{self, ORDERED, OWN_IRI};
use super::index::view::Direction;
use super::literal;
use super::snapshot::Snapshot;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

/// A condition on resources.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of these hold.
    And(Vec<Self>),
    /// One of these holds.
    Or(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// The property has a value (`true`), or none.
    Has(NamedNode, bool),
    /// A value of the property compares so with the literal.
    Compare(NamedNode, Comparison, Literal),
    /// A value of the property passes the test.
    Text(NamedNode, TextTest, String),
    /// The property has one of these values or links to one of these targets.
    OneOf(NamedNode, Vec<Term>),
    /// One of these resources links here by the property.
    LinkedFrom(NamedNode, Vec<NamedNode>),
}

/// How a value compares with another; numbers and instants by value, texts by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

/// How a text is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// It holds the other, whatever the case of letters.
    Contains,
    /// It begins with the other.
    StartsWith,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The property; `None` for the IRI.
    pub predicate: Option<NamedNode>,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What a page is asked for.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// The class; instances of its subclasses are in.
    pub class: NamedNode,
    /// What must hold.
    pub filter: Option<Filter>,
    /// The order; the IRI decides last.
    pub order: Vec<Order>,
    /// The cursor after which the page begins.
    pub after: Option<String>,
    /// The cursor before which the page ends.
    pub before: Option<String>,
    /// How many items at the most.
    pub limit: usize,
    /// Whether the page is taken from the end.
    pub from_end: bool,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The items with their cursors, in order.
    pub items: Vec<(NamedNode, String)>,
    /// How many resources the filter lets through.
    pub total: usize,
    /// Whether more follow in the direction that the page was taken in.
    pub has_more: bool,
}

impl Snapshot {
    /// Returns one page of a class.
    pub fn page(&self, query: &PageQuery) -> Result<Page, Error> {
        let classes = self.class_ids(query)?;
        let universe = self.members(&classes)?;
        let chosen = match &query.filter {
            Some(filter) => self.filtered(filter, &classes, &universe)?,
            None => universe,
        };
        let mut walk = Walk::new(self, query, &classes, &chosen)?;
        walk.run()?;
        let Walk { mut items, has_more, .. } = walk;
        if query.from_end {
            items.reverse();
        }
        Ok(Page { items, total: chosen.len(), has_more })
    }

    fn class_ids(&self, query: &PageQuery) -> Result<Vec<u64>, Error> {
        let mut ids = Vec::new();
        for class in self.class_and_descendants(query.class.as_ref()) {
            ids.extend(self.iri_id(class.as_ref())?);
        }
        Ok(ids)
    }

    fn members(&self, classes: &[u64]) -> Result<HashSet<u64>, Error> {
        let mut members = HashSet::new();
        let Some(is_a) = self.iri_id(rdf::TYPE)? else { return Ok(members) };
        for &class in classes {
            self.0.view.scan(&rows::prefix(rows::POS, &[is_a, class]), Direction::Forward, |row, _| {
                members.insert(rows::id(row, 2)?);
                Ok(true)
            })?;
        }
        Ok(members)
    }

    fn filtered(
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
                let mut chosen = HashSet::new();
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
                let mut having = HashSet::new();
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
                let mut chosen = HashSet::new();
                for value in values {
                    let value = literal::canonical(value.clone());
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
                let mut chosen = HashSet::new();
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
        let mut chosen = HashSet::new();
        let Some(predicate) = self.iri_id(predicate.as_ref())? else { return Ok(chosen) };
        let Term::Literal(literal) = literal::canonical(literal.clone().into()) else { return Ok(chosen) };
        let key = rows::value_key(&literal);
        for &class in classes {
            let prefix = rows::prefix(ORDERED, &[class, predicate]);
            // Only values of the same sort compare: their keys begin with the same byte.
            let sort = [prefix.as_slice(), &key[..1]].concat();
            let value = [prefix.as_slice(), &key].concat();
            // A cut key stands for several values, which are compared in full afterwards.
            let range = match comparison {
                Comparison::Lt if rows::is_cut(&key) => Comparison::Le,
                Comparison::Gt if rows::is_cut(&key) => Comparison::Ge,
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
        if rows::is_cut(&key) {
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
                let order = value.value().cmp(literal.value());
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
        let mut chosen = HashSet::new();
        let Some(predicate) = self.iri_id(predicate.as_ref())? else { return Ok(chosen) };
        let lower = text.to_lowercase();
        let passes = |value: &str| match test {
            TextTest::Contains => value.to_lowercase().contains(&lower),
            TextTest::StartsWith => value.starts_with(text),
        };
        let mut cut = Vec::new();
        for &class in classes {
            let prefix = rows::prefix(ORDERED, &[class, predicate]);
            self.0.view.scan(&prefix, Direction::Forward, |row, _| {
                let (key, id) = rows::value_and_subject(row)?;
                if universe.contains(&id) && key.first() == Some(&0x30) {
                    if rows::is_cut(key) {
                        cut.push(id);
                    } else if passes(&String::from_utf8_lossy(&key[1..key.len() - 1])) {
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

    fn literals(&self, subject: u64, predicate: u64) -> Result<Vec<Literal>, index::Error> {
        let view = &self.0.view;
        let mut literals = Vec::new();
        view.scan(&rows::prefix(rows::SPO, &[subject, predicate]), Direction::Forward, |row, _| {
            if let Term::Literal(literal) = view.term(rows::id(row, 2)?)? {
                literals.push(literal);
            }
            Ok(true)
        })?;
        Ok(literals)
    }
}

/// The key of resources that have no value: it sorts after all others.
const NO_VALUE: [u8; 1] = [0xff];

/// Walks the resources in order and picks the page.
struct Walk<'a> {
    snapshot: &'a Snapshot,
    classes: &'a [u64],
    chosen: &'a HashSet<u64>,
    order: Vec<(Option<u64>, bool)>,
    /// The cursor to begin after, and the one to end before, in walking order.
    start: Option<(Vec<u8>, String)>,
    end: Option<(Vec<u8>, String)>,
    limit: usize,
    seen: HashSet<u64>,
    items: Vec<(NamedNode, String)>,
    has_more: bool,
}

impl<'a> Walk<'a> {
    fn new(
        snapshot: &'a Snapshot,
        query: &PageQuery,
        classes: &'a [u64],
        chosen: &'a HashSet<u64>,
    ) -> Result<Self, Error> {
        let mut order = Vec::new();
        for key in &query.order {
            let predicate = match &key.predicate {
                None => Some(OWN_IRI),
                Some(predicate) => snapshot.iri_id(predicate.as_ref())?,
            };
            order.push((predicate, key.descending != query.from_end));
        }
        // The IRI decides last, so that the order is total.
        order.push((Some(OWN_IRI), query.from_end));
        let read = |cursor: &Option<String>| cursor.as_deref().map(read_cursor).transpose();
        let (after, before) = (read(&query.after)?, read(&query.before)?);
        let (start, end) = if query.from_end { (before, after) } else { (after, before) };
        Ok(Self {
            snapshot,
            classes,
            chosen,
            order,
            start,
            end,
            limit: query.limit,
            seen: HashSet::new(),
            items: Vec::new(),
            has_more: false,
        })
    }

    fn run(&mut self) -> Result<(), Error> {
        let (first, descending) = self.order[0];
        // Descending walks meet the resources without a value first.
        if descending && !self.without_value(first)? {
            return Ok(());
        }
        if let Some(predicate) = first
            && !self.with_value(predicate, descending)?
        {
            return Ok(());
        }
        if !descending {
            self.without_value(first)?;
        }
        Ok(())
    }

    /// Walks the ordered rows of the first key; `false` where the page is full.
    fn with_value(&mut self, predicate: u64, descending: bool) -> Result<bool, Error> {
        let mut ranges = Vec::new();
        for &class in self.classes {
            let prefix = rows::prefix(ORDERED, &[class, predicate]);
            let (mut from, mut to) = (prefix.clone(), rows::after(&prefix));
            // Nothing before the cursor's value is looked at.
            if let Some((key, _)) = self.start.as_ref().filter(|(key, _)| *key != NO_VALUE) {
                let at = [prefix.as_slice(), key].concat();
                if descending { to = rows::after(&at) } else { from = at }
            }
            ranges.push((from, to));
        }
        let direction = if descending { Direction::Backward } else { Direction::Forward };
        if let [(from, to)] = ranges.as_slice() {
            let snapshot = self.snapshot;
            let (mut group, mut key, mut more, mut failed) = (Vec::new(), Vec::new(), true, None);
            snapshot.0.view.scan_range(from, to, direction, |row, _| {
                let (value, id) = rows::value_and_subject(row)?;
                if value != key.as_slice() {
                    match self.take(&key, std::mem::take(&mut group)) {
                        Ok(goes_on) => more = goes_on,
                        Err(error) => {
                            failed = Some(error);
                            more = false;
                        }
                    }
                    key = value.to_vec();
                }
                if more && self.chosen.contains(&id) {
                    group.push(id);
                }
                Ok(more)
            })?;
            if let Some(error) = failed {
                return Err(error);
            }
            return Ok(more && self.take(&key, group)?);
        }
        // Several classes: their rows are brought into one order first.
        let mut groups: BTreeMap<Vec<u8>, Vec<u64>> = BTreeMap::new();
        for (from, to) in &ranges {
            self.snapshot.0.view.scan_range(from, to, Direction::Forward, |row, _| {
                let (value, id) = rows::value_and_subject(row)?;
                if self.chosen.contains(&id) {
                    groups.entry(value.to_vec()).or_default().push(id);
                }
                Ok(true)
            })?;
        }
        let groups: Vec<_> =
            if descending { groups.into_iter().rev().collect() } else { groups.into_iter().collect() };
        for (key, group) in groups {
            if !self.take(&key, group)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Walks the resources that have no value for the first key; `false` where the page is full.
    fn without_value(&mut self, predicate: Option<u64>) -> Result<bool, Error> {
        if predicate == Some(OWN_IRI) {
            return Ok(true);
        }
        let mut group = Vec::new();
        for &id in self.chosen {
            let has = match predicate {
                Some(predicate) => !self.snapshot.literals(id, predicate)?.is_empty(),
                None => false,
            };
            if !has {
                group.push(id);
            }
        }
        self.take(&NO_VALUE, group)
    }

    /// Takes resources that share a key of the first order into the page, in full order; `false` where it is full.
    fn take(&mut self, key: &[u8], group: Vec<u64>) -> Result<bool, Error> {
        if group.is_empty() {
            return Ok(true);
        }
        let mut sorted = Vec::with_capacity(group.len());
        for id in group {
            if self.seen.insert(id) {
                sorted.push((self.sort_keys(id, key)?, id));
            }
        }
        let order = self.order.clone();
        sorted.sort_by(|(a, _), (b, _)| compare(a, b, &order));
        for (keys, _) in sorted {
            let iri = keys.iri;
            let at = (key.to_vec(), iri.as_str().to_owned());
            if self.start.as_ref().is_some_and(|start| self.walking_order(&at, start) != Ordering::Greater) {
                continue;
            }
            if self.end.as_ref().is_some_and(|end| self.walking_order(&at, end) != Ordering::Less) {
                return Ok(false);
            }
            if self.items.len() == self.limit {
                self.has_more = true;
                return Ok(false);
            }
            self.items.push((iri, write_cursor(&at.0, &at.1)));
        }
        Ok(true)
    }

    /// Compares two cursors as the walk meets them. Where further keys lie between value and IRI, equal values are
    /// compared by them.
    fn walking_order(&self, a: &(Vec<u8>, String), b: &(Vec<u8>, String)) -> Ordering {
        let by_value = if self.order[0].1 { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) };
        by_value.then_with(|| {
            let keys = |at: &(Vec<u8>, String)| {
                let iri = NamedNode::new_unchecked(at.1.as_str());
                let id = self.snapshot.iri_id(iri.as_ref()).ok().flatten()?;
                self.sort_keys(id, &at.0).ok()
            };
            match (keys(a), keys(b)) {
                (Some(a), Some(b)) => compare(&a, &b, &self.order),
                _ => a.1.cmp(&b.1),
            }
        })
    }

    fn sort_keys(&self, id: u64, first: &[u8]) -> Result<SortKeys, Error> {
        let Term::NamedNode(iri) = self.snapshot.0.view.term(id)? else {
            return Err(index::Error::corrupt("a subject that is no IRI").into());
        };
        let mut values = Vec::with_capacity(self.order.len());
        for (at, (predicate, _)) in self.order.iter().enumerate() {
            let whole = at == 0 && !rows::is_cut(first);
            values.push(match predicate {
                _ if whole => first.to_vec(),
                Some(OWN_IRI) => iri.as_str().as_bytes().to_vec(),
                Some(predicate) => {
                    let literals = self.snapshot.literals(id, *predicate)?;
                    literals.iter().map(full_key).min().unwrap_or(NO_VALUE.to_vec())
                }
                None => NO_VALUE.to_vec(),
            });
        }
        Ok(SortKeys { values, iri })
    }
}

/// A value key that is not cut.
fn full_key(literal: &Literal) -> Vec<u8> {
    let key = rows::value_key(literal);
    if rows::is_cut(&key) { [&[0x30], literal.value().as_bytes()].concat() } else { key }
}

struct SortKeys {
    values: Vec<Vec<u8>>,
    iri: NamedNode,
}

fn compare(a: &SortKeys, b: &SortKeys, order: &[(Option<u64>, bool)]) -> Ordering {
    for ((a, b), (_, descending)) in a.values.iter().zip(&b.values).zip(order) {
        let by = if *descending { b.cmp(a) } else { a.cmp(b) };
        if by != Ordering::Equal {
            return by;
        }
    }
    Ordering::Equal
}

fn write_cursor(key: &[u8], iri: &str) -> String {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.{iri}")
}

fn read_cursor(cursor: &str) -> Result<(Vec<u8>, String), Error> {
    let refuse = || Error::Cursor(cursor.to_owned());
    let (hex, iri) = cursor.split_once('.').ok_or_else(refuse)?;
    if hex.len() % 2 != 0 || !hex.is_ascii() {
        return Err(refuse());
    }
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16));
    let key = bytes.collect::<Result<_, _>>().map_err(|_| refuse())?;
    Ok((key, iri.to_owned()))
}

#[cfg(test)]
mod tests;
