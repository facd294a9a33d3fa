//! The margins of a design before a change and after it, constraint by constraint.

use crate::feedback::{Error, Margin, Sufficiency, UnitMargin, Verdict, margins_with};
use crate::graph::Snapshot;
use crate::model::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::View;
use crate::thread;
use oxigraph::model::NamedNode;
use std::collections::HashMap;

/// One constraint on a design, before a change and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExposedMargin {
    /// The design revision.
    pub design: NamedNode,
    /// The margin before the change; `None` where the design was not under the constraint.
    pub before: Option<Margin>,
    /// The margin after it; `None` where the design is no longer under the constraint.
    pub after: Option<Margin>,
}

impl ExposedMargin {
    /// Tells whether the change makes a difference: to the constraint, or to what is observed of any unit.
    pub fn is_changed(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => Margin { commit: after.commit, ..before.clone() } != *after,
            _ => true,
        }
    }

    /// Returns the units that break the limit after the change and did not before, in IRI order.
    pub fn newly_violating(&self) -> impl Iterator<Item = &UnitMargin> {
        self.turned(Verdict::Violates, |before| before != Some(Verdict::Violates))
    }

    /// Returns the units that broke the limit before the change and keep it after, in IRI order.
    pub fn newly_conforming(&self) -> impl Iterator<Item = &UnitMargin> {
        self.turned(Verdict::Conforms, |before| before == Some(Verdict::Violates))
    }

    fn turned(
        &self,
        to: Verdict,
        from: impl Fn(Option<Verdict>) -> bool,
    ) -> impl Iterator<Item = &UnitMargin> {
        let before = self.before.iter().flat_map(|margin| &margin.units);
        let before: HashMap<&NamedNode, Verdict> = before.map(|unit| (&unit.twin, unit.verdict)).collect();
        let units = self.after.iter().flat_map(|margin| &margin.units);
        units.filter(move |unit| unit.verdict == to && from(before.get(&unit.twin).copied()))
    }
}

/// Returns the margins of a design; none where the version does not know it.
pub(super) fn of(
    snapshot: &Snapshot,
    view: &View,
    design: &NamedNode,
    window: Interval,
    sufficiency: Sufficiency,
) -> Result<Vec<Margin>, Error> {
    match thread::is_instance(snapshot, design, tl::DESIGN_REVISION)? {
        true => margins_with(snapshot, view, design, window, sufficiency),
        false => Ok(Vec::new()),
    }
}

/// Pairs margins by the requirement and the constraint.
pub(super) fn pair(
    design: &NamedNode,
    before: Vec<Margin>,
    after: Vec<Margin>,
) -> impl Iterator<Item = ExposedMargin> {
    let place = |margin: &Margin| {
        let of = |iri: &NamedNode| iri.as_str().to_owned();
        (margin.constraint.requirement.as_ref().map(of), of(&margin.constraint.iri))
    };
    let mut after: Vec<Option<Margin>> = after.into_iter().map(Some).collect();
    let mut pairs = Vec::new();
    for before in before {
        let same = |after: &&mut Option<Margin>| after.as_ref().map(place) == Some(place(&before));
        let after = after.iter_mut().find(same).and_then(Option::take);
        pairs.push(ExposedMargin { design: design.clone(), before: Some(before), after });
    }
    let new = after.into_iter().flatten();
    pairs.extend(new.map(|after| ExposedMargin { design: design.clone(), before: None, after: Some(after) }));
    pairs.sort_by_cached_key(|pair| pair.after.as_ref().or(pair.before.as_ref()).map(place));
    pairs.into_iter()
}
