//! Which items are, were, or may have been the design, lot or unit that is asked about.

use super::Facts;
use super::spans::Span;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::thread::{self, Record};
use crate::twins::error::Error;
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;

/// An item with the times in which it was what is asked about.
#[derive(Clone, Debug)]
pub(in crate::twins) struct Candidate {
    pub(in crate::twins) item: NamedNode,
    pub(in crate::twins) kind: ItemKind,
    pub(in crate::twins) tenures: Vec<Tenure>,
}

/// What kind of thing is installed or in service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::twins) enum ItemKind {
    /// A unit of its own.
    Twin,
    /// A lot whose single items are not tracked.
    Lot,
    /// A design revision that is installed itself: software.
    Software,
}

/// A time in which an item was what is asked about, and the revision it had then.
#[derive(Clone, Debug)]
pub(in crate::twins) struct Tenure {
    pub(in crate::twins) span: Span,
    pub(in crate::twins) revision: Option<NamedNode>,
}

/// What is asked about.
enum Item {
    Part(NamedNode),
    Revision(NamedNode, Option<NamedNode>),
    Lot(NamedNode),
    Twin(NamedNode),
}

/// Returns the candidates for an item, in IRI order.
pub(in crate::twins) fn candidates(facts: &Facts<'_>, item: &NamedNode) -> Result<Vec<Candidate>, Error> {
    let asked = Item::of(facts, item)?;
    let mut found = Vec::new();
    for twin in asked.twins(facts)? {
        let tenures = asked.tenures(facts, &twin)?;
        found.push(Candidate { item: twin, kind: ItemKind::Twin, tenures });
    }
    for (item, kind, revision) in asked.untracked(facts)? {
        let span = Span { within: Interval::ALWAYS, certain: true };
        found.push(Candidate { item, kind, tenures: vec![Tenure { span, revision }] });
    }
    found.retain(|candidate| !candidate.tenures.is_empty());
    found.sort_by(|a, b| a.item.as_str().cmp(b.item.as_str()));
    Ok(found)
}

impl Item {
    fn of(facts: &Facts<'_>, item: &NamedNode) -> Result<Self, Error> {
        let record = Record::read(facts.snapshot, item)?;
        let is = |class| record.is_a(facts.snapshot.ontology(), class);
        let item = item.clone();
        if is(tl::PART_CLASS) {
            Ok(Self::Part(item))
        } else if is(tl::DESIGN_REVISION) {
            let part = facts.part_of(&item)?;
            Ok(Self::Revision(item, part))
        } else if is(tl::BUILD) {
            Ok(Self::Lot(item))
        } else if is(tl::TWIN_INSTANCE) {
            Ok(Self::Twin(item))
        } else {
            Err(Error::NotFielded(item))
        }
    }

    /// Returns the revisions concerned.
    fn revisions(&self, facts: &Facts<'_>) -> Result<Vec<NamedNode>, Error> {
        Ok(match self {
            Self::Part(part) => facts.snapshot.subjects(tl::REVISION_OF, &part.clone().into())?,
            Self::Revision(revision, _) => vec![revision.clone()],
            Self::Lot(_) | Self::Twin(_) => Vec::new(),
        })
    }

    /// Returns all twins that can have been what is asked about at any time.
    fn twins(&self, facts: &Facts<'_>) -> Result<BTreeSet<NamedNode>, Error> {
        let snapshot = facts.snapshot;
        let mut twins = BTreeSet::new();
        match self {
            Self::Twin(twin) => twins.extend([twin.clone()]),
            Self::Lot(lot) => twins.extend(snapshot.subjects(tl::BUILT_BY, &lot.clone().into())?),
            Self::Part(part) => twins.extend(snapshot.subjects(tl::PART, &part.clone().into())?),
            Self::Revision(_, Some(part)) => twins.extend(of_unknown_revision(facts, part)?),
            Self::Revision(_, None) => {}
        }
        for revision in self.revisions(facts)? {
            let (built, modified) = realized(facts, &revision)?;
            twins.extend(built.into_iter().chain(modified));
        }
        Ok(twins)
    }

    /// Returns the times in which a twin was what is asked about.
    fn tenures(&self, facts: &Facts<'_>, twin: &NamedNode) -> Result<Vec<Tenure>, Error> {
        let known = facts.twin(twin)?;
        let mut tenures = Vec::new();
        for era in facts.eras(twin)?.iter() {
            let certain = match (self, &era.revision) {
                (Self::Twin(_) | Self::Lot(_), _) => Some(true),
                (Self::Part(part), _) if known.part.as_ref() == Some(part) => Some(true),
                (Self::Part(part), Some(revision)) => {
                    (facts.part_of(revision)?.as_ref() == Some(part)).then_some(true)
                }
                (Self::Part(_), None) => None,
                (Self::Revision(asked, _), Some(revision)) => (asked == revision).then_some(true),
                // A unit of the part that nobody knows the revision of may be the one asked about.
                (Self::Revision(_, part), None) => (part.is_some() && known.part == *part).then_some(false),
            };
            tenures.extend(certain.map(|certain| Tenure {
                span: Span { within: era.within, certain },
                revision: era.revision.clone(),
            }));
        }
        Ok(tenures)
    }

    /// Returns what is installed without being a unit: lots of single items that are not tracked, and software.
    fn untracked(&self, facts: &Facts<'_>) -> Result<Vec<(NamedNode, ItemKind, Option<NamedNode>)>, Error> {
        let snapshot = facts.snapshot;
        let mut found = Vec::new();
        if let Self::Lot(lot) = self {
            found.push((lot.clone(), ItemKind::Lot, facts.lot(lot)?.realizes.clone()));
        }
        for revision in self.revisions(facts)? {
            for record in snapshot.subjects(tl::REALIZES, &revision.clone().into())? {
                if thread::is_instance(snapshot, &record, tl::BUILD)? {
                    found.push((record, ItemKind::Lot, Some(revision.clone())));
                }
            }
            found.push((revision.clone(), ItemKind::Software, Some(revision)));
        }
        Ok(found)
    }
}

/// Returns the twins that were built to a revision, and those that were modified to it.
fn realized(facts: &Facts<'_>, revision: &NamedNode) -> Result<(Vec<NamedNode>, Vec<NamedNode>), Error> {
    let snapshot = facts.snapshot;
    let (mut built, mut modified) = (Vec::new(), Vec::new());
    for record in snapshot.subjects(tl::REALIZES, &revision.clone().into())? {
        // A modification is of a twin, and a build has twins built by it.
        modified.extend(snapshot.targets(&record, tl::OF)?);
        built.extend(snapshot.subjects(tl::BUILT_BY, &record.into())?);
    }
    Ok((built, modified))
}

/// Returns the twins of a part that are not known to have been built to any of its revisions.
fn of_unknown_revision(facts: &Facts<'_>, part: &NamedNode) -> Result<BTreeSet<NamedNode>, Error> {
    let term = part.clone().into();
    let mut twins: BTreeSet<NamedNode> = facts.snapshot.subjects(tl::PART, &term)?.into_iter().collect();
    for revision in facts.snapshot.subjects(tl::REVISION_OF, &term)? {
        for twin in realized(facts, &revision)?.0 {
            twins.remove(&twin);
        }
    }
    Ok(twins)
}
