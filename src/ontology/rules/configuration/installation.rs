//! Rules of installations: a unit sits in one place at a time (*one place at a time*), a position holds no more
//! than its design allows (*position holds so many*), and nothing sits in itself, at any depth (*not inside itself*).
//!
//! Overlaps are looked for once per parent and per component that the change touches. Only what is known counts:
//! an installation whose start is unknown overlaps nothing for certain.

use super::stay::{Stay, declared, is_unit, stays};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::Subject;
use crate::ontology::rules::reader::Reader;
use crate::ontology::terms::tl;
use crate::ontology::violation::{HOLDS, ONE_PLACE, Overlap, Violation};
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, HashSet};

const INSIDE: &str = "not inside itself";

/// What the nodes in focus touch, to be looked at together.
#[derive(Default)]
pub(in crate::ontology::rules) struct Touched {
    installations: HashSet<NamedNode>,
    parents: BTreeMap<String, NamedNode>,
    units: BTreeMap<String, NamedNode>,
}

impl Touched {
    pub(in crate::ontology::rules) fn join(&mut self, other: Self) {
        self.installations.extend(other.installations);
        self.parents.extend(other.parents);
        self.units.extend(other.units);
    }
}

pub(in crate::ontology::rules) fn check<D: Data>(
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    touched: &mut Touched,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    if !subject.profile.is_a(tl::INSTALLATION) {
        return Ok(());
    }
    let Some(stay) = Stay::read(subject.node.clone(), subject.about) else { return Ok(()) };
    let (Some(component), Some(parent)) = (&stay.component, &stay.parent) else { return Ok(()) };
    touched.installations.insert(subject.node.clone());
    // Without a position it takes no room, and what else sits in the parent need not be read.
    if stay.position.is_some() {
        touched.parents.entry(parent.as_str().to_owned()).or_insert_with(|| parent.clone());
    }
    touched.units.entry(component.as_str().to_owned()).or_insert_with(|| component.clone());
    if is_inside(data, parent, component, stay.possible)? {
        let message = format!("<{}> would sit inside itself", component.as_str());
        found.push(subject.violation(
            INSIDE,
            Some("parent".to_owned()),
            Some(parent.clone().into()),
            message,
        ));
    }
    Ok(())
}

/// Returns whether `unit` may sit, at any height, inside `wanted` at some time of `when`.
fn is_inside<D: Data>(
    data: &Reader<'_, D>,
    unit: &NamedNode,
    wanted: &NamedNode,
    when: Interval,
) -> Result<bool, Error> {
    let mut seen: HashSet<(NamedNode, Interval)> = HashSet::new();
    let mut pending = vec![(unit.clone(), when)];
    while let Some((unit, when)) = pending.pop() {
        if unit == *wanted {
            return Ok(true);
        }
        if !seen.insert((unit.clone(), when)) {
            continue;
        }
        for stay in stays(data, tl::COMPONENT, &unit)? {
            let (Some(parent), Some(when)) = (stay.parent, stay.possible.intersect(when)) else { continue };
            pending.push((parent, when));
        }
    }
    Ok(false)
}

/// Looks for overlaps around all that was touched.
pub(in crate::ontology::rules) fn finish<D: Data>(
    data: &Reader<'_, D>,
    touched: &Touched,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    for unit in touched.units.values() {
        one_place(data, unit, touched, found)?;
    }
    for parent in touched.parents.values() {
        positions(data, parent, touched, found)?;
    }
    Ok(())
}

fn one_place<D: Data>(
    data: &Reader<'_, D>,
    unit: &NamedNode,
    touched: &Touched,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    // Asked first: a lot or a software revision may sit in a whole fleet.
    if !is_unit(data, unit)? {
        return Ok(());
    }
    let stays = stays(data, tl::COMPONENT, unit)?;
    for (stay, other, when) in overlaps(&stays, 1.0) {
        let place =
            other.parent.as_ref().map_or_else(String::new, |parent| format!(" in <{}>", parent.as_str()));
        let message = format!("<{}> also sits{place} ({}) in {when}", unit.as_str(), last_part(&other.node));
        found.extend(report_overlap((stay, other, 1.0), touched, ONE_PLACE, "component", message));
    }
    Ok(())
}

fn positions<D: Data>(
    data: &Reader<'_, D>,
    parent: &NamedNode,
    touched: &Touched,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    let mut by_position: BTreeMap<String, Vec<Stay>> = BTreeMap::new();
    for stay in stays(data, tl::PARENT, parent)? {
        if let Some(position) = stay.position.clone() {
            by_position.entry(position).or_default().push(stay);
        }
    }
    let mut capacities = None;
    for (position, stays) in by_position {
        if stays.len() < 2 && stays.iter().all(|stay| stay.quantity <= 1.0) {
            continue;
        }
        if capacities.is_none() {
            capacities = Some(declared(data, parent)?);
        }
        let capacity = capacities.as_ref().and_then(|all| all.get(&position)).copied().unwrap_or(1.0);
        for (stay, other, when) in overlaps(&stays, capacity) {
            let message = format!(
                "position {position} of <{}> holds {capacity}, but with {} it would hold more in {when}",
                parent.as_str(),
                last_part(&other.node)
            );
            found.extend(report_overlap((stay, other, capacity), touched, HOLDS, "position", message));
        }
    }
    Ok(())
}

/// Returns each stay that begins while others fill the capacity, with one of those and the time they share.
fn overlaps(stays: &[Stay], capacity: f64) -> Vec<(&Stay, &Stay, Interval)> {
    let mut known: Vec<(&Stay, Interval)> =
        stays.iter().filter_map(|stay| stay.certain.map(|certain| (stay, certain))).collect();
    known.sort_by(|a, b| (a.1, a.0.node.as_str()).cmp(&(b.1, b.0.node.as_str())));
    let mut open: Vec<(&Stay, Interval)> = Vec::new();
    let mut found = Vec::new();
    for (stay, certain) in known {
        open.retain(|(_, other)| other.to() > certain.from());
        let occupied: f64 = open.iter().map(|(other, _)| other.quantity).sum();
        if occupied + stay.quantity > capacity {
            let shared =
                open.iter().rev().find_map(|(other, when)| Some((stay, *other, when.intersect(certain)?)));
            found.extend(shared.or_else(|| (stay.quantity > capacity).then_some((stay, stay, certain))));
        }
        open.push((stay, certain));
    }
    found
}

/// Blames the stay that the change touches; where it touches neither, the overlap was there before.
fn report_overlap(
    (stay, other, capacity): (&Stay, &Stay, f64),
    touched: &Touched,
    rule: &str,
    path: &str,
    message: String,
) -> Option<Violation> {
    let resource = [stay, other].into_iter().find(|stay| touched.installations.contains(&stay.node))?;
    let value = match path {
        "component" => resource.component.clone().map(Term::from),
        _ => None,
    };
    let mut violation = Violation::new(resource.node.clone(), Some(path.to_owned()), value, message, rule);
    let with = if resource.node == stay.node { &other.node } else { &stay.node };
    let begins = |stay: &Stay| stay.certain.map(|certain| certain.from());
    // Where a place holds several, a start does not imply which of them ends.
    let is_open = other.possible.to() == Instant::MAX && begins(other) < begins(stay) && capacity <= 1.0;
    // What is too much by itself overlaps no other.
    violation.overlap =
        (stay.node != other.node).then(|| Overlap { with: with.clone(), is_open, is_within_import: false });
    Some(violation)
}

fn last_part(node: &NamedNode) -> String {
    format!("<{}>", node.as_str())
}

#[cfg(test)]
mod tests {
    use crate::model::statement::Statement;
    use crate::ontology::data::{Data, Statements};
    use crate::ontology::tests::testing::{data, iri, shipped};
    use oxigraph::model::{NamedNode, Term};
    use std::borrow::Cow;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Data that counts the statements that are read of it.
    struct Counted {
        statements: Statements,
        read: AtomicUsize,
    }

    impl Counted {
        fn count<T: AsRef<[Statement]>>(&self, found: T) -> T {
            self.read.fetch_add(found.as_ref().len(), Ordering::Relaxed);
            found
        }
    }

    impl Data for Counted {
        type Error = Infallible;

        fn matching(
            &self,
            subject: Option<&NamedNode>,
            predicate: Option<&NamedNode>,
            object: Option<&Term>,
        ) -> Result<Vec<Statement>, Infallible> {
            Ok(self.count(self.statements.matching(subject, predicate, object)?))
        }

        fn about(&self, node: &NamedNode) -> Result<Cow<'_, [Statement]>, Infallible> {
            Ok(self.count(self.statements.about(node)?))
        }

        fn values(
            &self,
            node: &NamedNode,
            predicate: &NamedNode,
        ) -> Result<Cow<'_, [Statement]>, Infallible> {
            Ok(self.count(self.statements.values(node, predicate)?))
        }

        fn may_be_linked(&self, node: &NamedNode) -> Result<bool, Infallible> {
            self.statements.may_be_linked(node)
        }
    }

    /// Returns how many statements are read to check one more installation in a fleet.
    fn read_for_one(fleet: usize, component: &str, position: &str) -> usize {
        let mut turtle = String::from(
            ":site a tl:TwinInstance . :software a tl:DesignRevision . :lot a tl:Build . :x a tl:TwinInstance .\n",
        );
        for number in 0..fleet {
            turtle.push_str(&format!(
                ":u{number} a tl:TwinInstance .
                :s{number} a tl:Installation ; tl:component :software ; tl:parent :u{number} ; tl:position \"cpu\" .
                :l{number} a tl:Installation ; tl:component :lot ; tl:parent :u{number} ; tl:position \"oil\" .
                :i{number} a tl:Installation ; tl:component :u{number} ; tl:parent :site .\n"
            ));
        }
        turtle.push_str(&format!(
            ":new a tl:Installation ; tl:component :{component} ; tl:parent :{} {position} .",
            if component == "x" { "site" } else { "x" }
        ));
        let after = Counted { statements: data(&turtle), read: AtomicUsize::new(0) };
        let before: Option<&Statements> = None;
        let found = shipped().validate(before, &after, &[iri("new")]).expect("a validation");
        assert!(found.iter().all(|violation| violation.rule != super::ONE_PLACE), "{found:?}");
        after.read.load(Ordering::Relaxed)
    }

    #[test]
    fn checking_an_installation_does_not_read_the_fleet() {
        for (component, position) in [("software", "; tl:position \"cpu\""), ("lot", ""), ("x", "")] {
            assert_eq!(
                read_for_one(3, component, position),
                read_for_one(300, component, position),
                "{component}"
            );
        }
    }
}
