//! Installations of several sources that complete each other: one source knows what was fitted at the factory, another one
//! what was taken out and put in later.
//!
//! An installation without an end lasts as far as its source knows. It ends where
//! - another installation of the same unit at the same place has no start but an end (a service log that begins with a
//!   removal): both are one stay, and the one without a start is *absorbed*, also where the end is stated already and is the same;
//! - the same unit is installed elsewhere, or its place is given to something else and holds only one.
//!
//! Nothing else is changed: a stay whose end is stated keeps it, and what then still overlaps is a violation.

use super::stay::{Stay, declared, is_unit, stays};
use crate::model::time::instant::Instant;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An installation that got the end that another one implies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The installation.
    pub installation: NamedNode,
    /// What is installed.
    pub component: NamedNode,
    /// The unit it is installed in.
    pub parent: NamedNode,
    /// The place.
    pub position: Option<String>,
    /// When it ends.
    pub to: Instant,
    /// The installation that implies the end.
    pub by: NamedNode,
    /// Whether `by` is the same stay, recorded without its start, which is one resource from now on.
    pub absorbs: bool,
    /// Why it was taken out, where `by` states it and the installation does not.
    pub removal_reason: Option<Term>,
}

/// An installation as it is completed.
struct Open {
    stay: Stay,
    /// Its start, where it is known exactly.
    from: Option<Instant>,
    /// Its end, where one is stated.
    to: Option<Instant>,
    removal_reason: Option<Term>,
}

impl Open {
    fn is_open(&self) -> bool {
        self.to.is_none() && self.stay.possible.to() == Instant::MAX
    }

    fn is_at(&self, other: &Self) -> bool {
        (&self.stay.component, &self.stay.parent, &self.stay.position)
            == (&other.stay.component, &other.stay.parent, &other.stay.position)
    }
}

impl Ontology {
    /// Finds the ends that installations around `touched` imply for each other, in the order of their names.
    pub fn complete_installations<D: Data>(
        &self,
        data: &D,
        touched: &BTreeSet<NamedNode>,
    ) -> Result<Vec<Completion>, Error> {
        let data = Reader::new(data);
        let (mut units, mut parents) = (BTreeMap::new(), BTreeMap::new());
        for node in touched {
            let about = data.about(node)?;
            if !self.is_installation(&about) {
                continue;
            }
            let Some(stay) = Stay::read(node.clone(), &about) else { continue };
            units.extend(stay.component.map(|unit| (unit.as_str().to_owned(), unit)));
            parents.extend(stay.parent.map(|parent| (parent.as_str().to_owned(), parent)));
        }
        let mut found: BTreeMap<String, Completion> = BTreeMap::new();
        for unit in units.values() {
            if is_unit(&data, unit)? {
                complete_unit(&open(&data, tl::COMPONENT, unit)?, &mut found);
            }
        }
        for parent in parents.values() {
            complete_places(&data, parent, &mut found)?;
        }
        Ok(found.into_values().collect())
    }
}

fn open<D: Data>(
    data: &Reader<'_, D>,
    predicate: NamedNodeRef<'_>,
    target: &NamedNode,
) -> Result<Vec<Open>, Error> {
    let read = |stay: Stay| {
        let about = data.about(&stay.node)?;
        Ok(Open {
            from: reader::instant(&about, tl::FROM),
            to: reader::instant(&about, tl::TO),
            removal_reason: reader::values(&about, tl::REMOVAL_REASON).next().cloned(),
            stay,
        })
    };
    let mut found: Vec<Open> =
        stays(data, predicate, target)?.into_iter().map(read).collect::<Result<_, Error>>()?;
    found.sort_by(|a, b| (a.from, a.stay.node.as_str()).cmp(&(b.from, b.stay.node.as_str())));
    Ok(found)
}

/// Completes the stays of one unit, in the order of their starts; those without a start come first.
fn complete_unit(stays: &[Open], found: &mut BTreeMap<String, Completion>) {
    for (at, stay) in stays.iter().enumerate() {
        let Some(from) = stay.from else { continue };
        let same = stays
            .iter()
            .filter(|other| other.from.is_none() && other.stay.certain.is_none() && other.is_at(stay));
        let mut same = same.filter_map(|other| Some((other.to?, other)));
        if !stay.is_open() {
            same.find(|(to, _)| stay.to == Some(*to))
                .into_iter()
                .for_each(|(to, other)| add(found, stay, to, other, true));
            continue;
        }
        let next = stays[at + 1..].iter().find(|later| later.from.is_some_and(|start| start > from));
        let until = next.and_then(|next| next.from).unwrap_or(Instant::MAX);
        match same.filter(|(to, _)| from < *to && *to <= until).min_by_key(|(to, _)| *to) {
            Some((to, other)) => add(found, stay, to, other, true),
            None => next.into_iter().for_each(|next| add(found, stay, until, next, false)),
        }
    }
}

/// Completes what sits at each place of a unit that holds only one.
fn complete_places<D: Data>(
    data: &Reader<'_, D>,
    parent: &NamedNode,
    found: &mut BTreeMap<String, Completion>,
) -> Result<(), Error> {
    let mut by_position: BTreeMap<String, Vec<Open>> = BTreeMap::new();
    for stay in open(data, tl::PARENT, parent)? {
        if let Some(position) = stay.stay.position.clone() {
            by_position.entry(position).or_default().push(stay);
        }
    }
    by_position.retain(|_, stays| stays.len() > 1 && stays.iter().any(Open::is_open));
    let capacities: HashMap<String, f64> =
        if by_position.is_empty() { HashMap::new() } else { declared(data, parent)? };
    for (position, stays) in by_position {
        if capacities.get(&position).is_some_and(|capacity| *capacity > 1.0) {
            continue;
        }
        for (at, stay) in stays.iter().enumerate() {
            let (Some(from), true) = (stay.from, stay.is_open()) else { continue };
            let next = stays[at + 1..]
                .iter()
                .find_map(|later| Some((later.from.filter(|start| *start > from)?, later)));
            if let Some((to, next)) = next {
                add(found, stay, to, next, false);
            }
        }
    }
    Ok(())
}

/// Adds an end; of two that are implied the earlier one is right.
fn add(found: &mut BTreeMap<String, Completion>, stay: &Open, to: Instant, by: &Open, absorbs: bool) {
    let (Some(component), Some(parent)) = (&stay.stay.component, &stay.stay.parent) else { return };
    let key = stay.stay.node.as_str();
    if found.get(key).is_some_and(|known| known.to <= to) {
        return;
    }
    let reason = by.removal_reason.clone().filter(|_| absorbs && stay.removal_reason.is_none());
    let completion = Completion {
        installation: stay.stay.node.clone(),
        component: component.clone(),
        parent: parent.clone(),
        position: stay.stay.position.clone(),
        to,
        by: by.stay.node.clone(),
        absorbs,
        removal_reason: reason,
    };
    found.insert(key.to_owned(), completion);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ontology::tests::testing::{data, fans, iri, shipped};

    /// Completes installations, written as [`fans`] has them.
    fn check(lines: &[&str], expect: &[&str]) {
        let all = data(&fans(lines));
        let touched = lines.iter().map(|line| iri(line.split(' ').next().expect("a name"))).collect();
        let found = shipped().complete_installations(&all, &touched).expect("completions");
        let short = |iri: &NamedNode| iri.as_str().replace("https://example.org/", "");
        let line = |c: &Completion| {
            let how = if c.absorbs { "absorbs" } else { "before" };
            format!("{} to {} {how} {}", short(&c.installation), &c.to.to_string()[8..10], short(&c.by))
        };
        assert_eq!(found.iter().map(line).collect::<Vec<_>>(), expect, "{lines:?}");
    }

    #[test]
    fn an_open_stay_ends_where_another_one_implies_it() {
        check(&["i1 a u bay 01 -", "i2 b u bay 10 -"], &["i1 to 10 before i2"]);
        check(&["i1 a u bay 01 -", "i2 a v bay 10 20"], &["i1 to 10 before i2"]);
        // The unit moved on before its place was given to another one.
        check(&["i1 a u bay 01 -", "i2 a v bay 05 20", "i3 b u bay 10 -"], &["i1 to 05 before i2"]);
        // A removal whose start is not known is the same stay.
        check(&["i1 a u bay 01 -", "i2 a u bay - 10", "i3 b u bay 10 -"], &["i1 to 10 absorbs i2"]);
        // So is one that ends when the stay is stated to end.
        check(&["i1 a u bay 01 10", "i2 a u bay - 10", "i3 b u bay 10 -"], &["i1 to 10 absorbs i2"]);
    }

    #[test]
    fn what_implies_no_end_is_left_alone() {
        // A stated end, a start at the same instant, another position, a place with room for two, an earlier removal.
        check(&["i1 a u bay 01 12", "i2 b u bay 10 -"], &[]);
        check(&["i1 a u bay 01 -", "i2 b u bay 01 -"], &[]);
        check(&["i1 a u bay 01 -", "i2 b u rack 10 -"], &[]);
        check(&["i1 a u fan 01 -", "i2 b u fan 10 -"], &[]);
        check(&["i1 a u bay 10 -", "i2 a u bay - 05"], &[]);
        check(&["i1 a u bay 01 10", "i2 a u bay - 12"], &[]);
        check(&["i1 a u bay 01 10", "i2 b u bay - 10"], &[]);
        check(&["i1 a u bay 01 -", "i2 a u rack - 10"], &[]);
    }
}
