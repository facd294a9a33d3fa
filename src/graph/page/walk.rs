//! The walk over the ordered rows of a class that picks a page: it begins at the cursor and ends where the page is full.

use super::PageQuery;
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::rows::{self, ORDERED, OWN_IRI};
use crate::graph::index::view::Direction;
use crate::graph::snapshot::Snapshot;
use crate::model::value;
use foldhash::HashSet;
use oxigraph::model::{Literal, NamedNode, Term};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The key of resources that have no value: it sorts after all others.
const NO_VALUE: [u8; 1] = [0xff];

/// Walks the resources in order and picks the page.
pub(super) struct Walk<'a> {
    snapshot: &'a Snapshot,
    classes: &'a [u64],
    chosen: &'a HashSet<u64>,
    order: Vec<(Option<u64>, bool)>,
    /// The cursor to begin after, and the one to end before, in walking order.
    start: Option<(Vec<u8>, String)>,
    end: Option<(Vec<u8>, String)>,
    limit: usize,
    seen: HashSet<u64>,
    pub(super) items: Vec<(NamedNode, String)>,
    pub(super) has_more: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
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
            seen: HashSet::default(),
            items: Vec::new(),
            has_more: false,
        })
    }

    pub(super) fn run(&mut self) -> Result<(), Error> {
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
        sorted.sort_by(|(a, _), (b, _)| compare(a, b, &self.order));
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
            let whole = at == 0 && !value::is_cut(first);
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
    let key = value::key(literal);
    // The key of a text is its kind and a part of its name.
    if value::is_cut(&key) { [&key[..1], value::name(literal.value()).as_bytes()].concat() } else { key }
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
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    let mut cursor = String::with_capacity(2 * key.len() + 1 + iri.len());
    cursor.extend(key.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]));
    cursor.push('.');
    cursor.push_str(iri);
    cursor
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
