//! The walk over the ordered rows of a class that picks a page: it begins at the cursor and ends where the page is full.

use super::choice::Choice;
use super::ordered::Ordered;
use super::query::PageQuery;
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::rows::key::OWN_IRI;
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::value;
use foldhash::HashSet;
use oxigraph::model::{Literal, NamedNode, Term};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The key of resources that have no value: it sorts after all others.
const NO_VALUE: [u8; 1] = [0xff];
/// How many are sorted at once; more are walked in order.
const SORTED_MAX: usize = if cfg!(test) { 4 } else { 512 };

/// Walks the resources in order and picks the page.
pub(super) struct Walk<'a> {
    snapshot: &'a Snapshot,
    classes: &'a [u64],
    choice: Choice<'a>,
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
        choice: Choice<'a>,
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
            choice,
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
        if let Some(few) = self.choice.few(SORTED_MAX) {
            let ids = few.iter().copied().collect();
            return self.sorted(ids, first, descending);
        }
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

    /// Sorts the few that pass.
    fn sorted(&mut self, ids: Vec<u64>, first: Option<u64>, descending: bool) -> Result<(), Error> {
        let mut groups: BTreeMap<Vec<u8>, Vec<u64>> = BTreeMap::new();
        for id in ids {
            groups.entry(self.first_key(id, first, descending)?).or_default().push(id);
        }
        let groups: Vec<_> =
            if descending { groups.into_iter().rev().collect() } else { groups.into_iter().collect() };
        for (key, group) in groups {
            if !self.take(&key, group)? {
                break;
            }
        }
        Ok(())
    }

    /// Returns the first key by which a walk would meet a resource.
    fn first_key(&self, id: u64, first: Option<u64>, descending: bool) -> Result<Vec<u8>, Error> {
        let Some(predicate) = first else { return Ok(NO_VALUE.to_vec()) };
        if predicate == OWN_IRI {
            return match self.snapshot.0.view.term(id)? {
                Term::NamedNode(iri) => Ok(value::text_key(iri.as_str())),
                _ => Err(index::Error::corrupt("a subject that is no IRI").into()),
            };
        }
        let keys = self.snapshot.literals(id, predicate)?.iter().map(value::key).collect::<Vec<_>>();
        let key = if descending { keys.into_iter().max() } else { keys.into_iter().min() };
        Ok(key.unwrap_or(NO_VALUE.to_vec()))
    }

    /// Walks the ordered rows of the first key; `false` where the page is full.
    fn with_value(&mut self, predicate: u64, descending: bool) -> Result<bool, Error> {
        // Nothing before the cursor's value is looked at.
        let start = self.start.as_ref().map(|(key, _)| key.clone()).filter(|key| *key != NO_VALUE);
        let view = &self.snapshot.0.view;
        let mut ordered = Ordered::new(view, self.classes, predicate, descending, start.as_deref())?;
        let (mut group, mut key) = (Vec::new(), Vec::new());
        while let Some((next, id)) = ordered.next()? {
            if next != key {
                if !self.take_group(&key, &std::mem::take(&mut group))? {
                    return Ok(false);
                }
                key = next;
            }
            group.push(id);
        }
        self.take_group(&key, &group)
    }

    /// Walks the resources that have no value for the first key; `false` where the page is full.
    fn without_value(&mut self, predicate: Option<u64>) -> Result<bool, Error> {
        if predicate == Some(OWN_IRI) {
            return Ok(true);
        }
        let group = self.snapshot.members_without(self.classes, predicate)?;
        self.take_group(&NO_VALUE, &group)
    }

    /// Takes those of a group that pass; `false` where the page is full.
    fn take_group(&mut self, key: &[u8], group: &[u64]) -> Result<bool, Error> {
        if group.len() > SORTED_MAX && self.order.len() == 2 && !value::is_cut(key) {
            return self.take_by_iri(key, &group.iter().copied().collect());
        }
        let mut passing = Vec::with_capacity(group.len());
        for &id in group {
            if self.choice.passes(id)? {
                passing.push(id);
            }
        }
        self.take(key, passing)
    }

    /// Takes those of a large group that pass, which only their IRIs order: no more of them are read than the page holds.
    fn take_by_iri(&mut self, key: &[u8], group: &HashSet<u64>) -> Result<bool, Error> {
        let descending = self.order[1].1;
        let start = self.start.as_ref().filter(|(at, _)| at == key).map(|(_, iri)| value::text_key(iri));
        let view = &self.snapshot.0.view;
        let mut ordered = Ordered::new(view, self.classes, OWN_IRI, descending, start.as_deref())?;
        let (mut alike, mut last) = (Vec::new(), Vec::new());
        while let Some((next, id)) = ordered.next()? {
            // Long IRIs that begin alike share a key, and are sorted in full.
            if next != last {
                if !self.take(key, std::mem::take(&mut alike))? {
                    return Ok(false);
                }
                last = next;
            }
            if group.contains(&id) && self.choice.passes(id)? {
                alike.push(id);
            }
        }
        self.take(key, alike)
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
