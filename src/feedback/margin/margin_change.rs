//! The margin of one constraint at two versions or watermarks: before a change and after it, when a review was opened and now.

use super::{Margin, UnitMargin, Verdict};
use oxigraph::model::NamedNode;
use std::collections::HashMap;

/// One constraint on an item, before and after; one of the two is there.
#[derive(Clone, Debug, PartialEq)]
pub struct MarginChange {
    /// The margin before; `None` where the item was not under the constraint.
    pub before: Option<Margin>,
    /// The margin after; `None` where the item is no longer under the constraint.
    pub after: Option<Margin>,
}

impl MarginChange {
    /// Returns the margin after; where there is none, that before.
    pub fn latest(&self) -> &Margin {
        self.after.as_ref().or(self.before.as_ref()).expect("one of the two is there")
    }

    /// Returns whether there is a difference: in the constraint, or in what is observed of any unit.
    pub fn is_changed(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let (commit, watermark) = (after.commit, after.watermark);
                Margin { commit, watermark, ..before.clone() } != *after
            }
            _ => true,
        }
    }

    /// Returns whether the verdict is another one.
    pub fn is_other_verdict(&self) -> bool {
        let verdict = |margin: &Option<Margin>| margin.as_ref().map(|margin| margin.verdict);
        verdict(&self.before) != verdict(&self.after)
    }

    /// Returns the units that break the limit after and did not before, in IRI order.
    pub fn newly_violating(&self) -> impl Iterator<Item = &UnitMargin> {
        self.turned(Verdict::Violates, |before| before != Some(Verdict::Violates))
    }

    /// Returns the units that broke the limit before and keep it after, in IRI order.
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

/// Puts the margins of the same item, design, requirement and constraint side by side: in the order of those before, the new
/// ones last. Requirements may share a constraint.
pub fn margin_changes(before: Vec<Margin>, mut after: Vec<Margin>) -> Vec<MarginChange> {
    let about = |margin: &Margin| {
        let constraint = &margin.constraint;
        (margin.item.clone(), margin.design.clone(), constraint.requirement.clone(), constraint.iri.clone())
    };
    let mut changes = Vec::new();
    for before in before {
        let found = after.iter().position(|after| about(after) == about(&before));
        changes.push(MarginChange { after: found.map(|found| after.remove(found)), before: Some(before) });
    }
    changes.extend(after.into_iter().map(|after| MarginChange { before: None, after: Some(after) }));
    changes
}
