//! What a difference means: the changes of properties described in the words of engineering, such as that a limit was
//! tightened or a unit was installed again.
//!
//! Each rule reads one resource before and after, and describes what it alone knows; what no rule knows is described by the
//! difference itself. A new meaning is a new rule in [`RULES`].

mod build;
mod case;
mod design;
mod identity;
mod installation;
mod limit;
mod signal;

use crate::graph::{Error, ResourceDiff, Snapshot};
use crate::model::time::instant::Instant;
use case::Case;
use oxigraph::model::NamedNode;

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// A limit allows less than before.
    LimitTightened,
    /// A limit allows more than before.
    LimitLoosened,
    /// A limit allows some things that it did not, and no longer allows others.
    LimitShifted,
    /// A limit is written otherwise, as in another unit, and means the same.
    LimitRestated,
    /// A limit is about something else: another property, statistic, window, scope or condition.
    LimitRedefined,
    /// A limit is new.
    LimitAdded,
    /// A limit was removed.
    LimitRemoved,
    /// A design or requirement was released.
    Released,
    /// A design or requirement became obsolete.
    Obsoleted,
    /// A status changed otherwise.
    StatusChanged,
    /// A revision was superseded by another one.
    RevisionSuperseded,
    /// A design came to satisfy a requirement.
    RequirementSatisfied,
    /// A design no longer satisfies a requirement.
    RequirementUnsatisfied,
    /// A unit was installed for the first time.
    UnitInstalled,
    /// A unit that was installed before was installed again.
    UnitReinstalled,
    /// A unit was taken out.
    UnitRemoved,
    /// The record of an installation was corrected.
    InstallationCorrected,
    /// A lot went into a build.
    BuildConsumed,
    /// A unit was modified to another design revision.
    UnitModified,
    /// A signal is new.
    SignalAdded,
    /// A signal was removed.
    SignalRemoved,
    /// A signal is taken to be in another unit.
    SignalUnitChanged,
    /// What people call it has changed.
    Renamed,
    /// It was removed from the thread.
    Retired,
}

/// One thing that a difference means.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// The resource that changed.
    pub resource: NamedNode,
    /// The resource or the fragment of it that the note is about.
    pub subject: NamedNode,
    /// What was so before, in words.
    pub before: Option<String>,
    /// What is so after, in words.
    pub after: Option<String>,
    /// The other resources that are part of it, such as the component and its parent.
    pub related: Vec<NamedNode>,
    /// The position of what was installed.
    pub position: Option<String>,
    /// When it happened, where the record states it.
    pub at: Option<Instant>,
    /// The whole in one sentence.
    pub text: String,
}

type Rule = fn(&Case<'_>) -> Result<Vec<Note>, Error>;

/// Every rule; a resource's notes come in this order.
const RULES: [Rule; 12] = [
    identity::retired,
    identity::renamed,
    design::status,
    design::superseded,
    design::satisfied,
    limit::limits,
    limit::conditions,
    signal::signals,
    build::consumed,
    installation::installed,
    installation::changed,
    installation::modified,
];

/// Describes what the differences between two versions mean, in the order of resources, at most `limit` notes.
pub fn notes<'a>(
    before: &Snapshot,
    after: &Snapshot,
    diffs: impl IntoIterator<Item = &'a ResourceDiff>,
    limit: usize,
) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    for diff in diffs {
        if notes.len() >= limit {
            break;
        }
        notes.extend(notes_of(before, after, diff)?);
    }
    notes.truncate(limit);
    Ok(notes)
}

/// Describes what the difference in one resource means. The resource itself is read from `before` and the difference, so that
/// `after` need not be the version that the difference leads to, but only one that knows the resources around it.
pub fn notes_of(before: &Snapshot, after: &Snapshot, diff: &ResourceDiff) -> Result<Vec<Note>, Error> {
    let case = Case::new(before, after, diff);
    let mut notes = Vec::new();
    for rule in RULES {
        notes.extend(rule(&case)?);
    }
    Ok(notes)
}

impl NoteKind {
    /// Every kind, with its description.
    pub const ALL: [(Self, &'static str, &'static str); 24] = [
        (Self::LimitTightened, "LIMIT_TIGHTENED", "A limit allows less than before."),
        (Self::LimitLoosened, "LIMIT_LOOSENED", "A limit allows more than before."),
        (
            Self::LimitShifted,
            "LIMIT_SHIFTED",
            "A limit allows some things that it did not, and no longer allows others.",
        ),
        (
            Self::LimitRestated,
            "LIMIT_RESTATED",
            "A limit is written otherwise, as in another unit, and means the same.",
        ),
        (
            Self::LimitRedefined,
            "LIMIT_REDEFINED",
            "A limit is about something else: another property, statistic, window, scope or condition.",
        ),
        (Self::LimitAdded, "LIMIT_ADDED", "A limit is new."),
        (Self::LimitRemoved, "LIMIT_REMOVED", "A limit was removed."),
        (Self::Released, "RELEASED", "A design or requirement was released."),
        (Self::Obsoleted, "OBSOLETED", "A design or requirement became obsolete."),
        (Self::StatusChanged, "STATUS_CHANGED", "A status changed otherwise."),
        (Self::RevisionSuperseded, "REVISION_SUPERSEDED", "A revision was superseded by another one."),
        (Self::RequirementSatisfied, "REQUIREMENT_SATISFIED", "A design came to satisfy a requirement."),
        (
            Self::RequirementUnsatisfied,
            "REQUIREMENT_UNSATISFIED",
            "A design no longer satisfies a requirement.",
        ),
        (Self::UnitInstalled, "UNIT_INSTALLED", "A unit was installed for the first time."),
        (Self::UnitReinstalled, "UNIT_REINSTALLED", "A unit that was installed before was installed again."),
        (Self::UnitRemoved, "UNIT_REMOVED", "A unit was taken out."),
        (
            Self::InstallationCorrected,
            "INSTALLATION_CORRECTED",
            "The record of an installation was corrected.",
        ),
        (Self::BuildConsumed, "BUILD_CONSUMED", "A lot went into a build."),
        (Self::UnitModified, "UNIT_MODIFIED", "A unit was modified to another design revision."),
        (Self::SignalAdded, "SIGNAL_ADDED", "A signal is new."),
        (Self::SignalRemoved, "SIGNAL_REMOVED", "A signal was removed."),
        (Self::SignalUnitChanged, "SIGNAL_UNIT_CHANGED", "A signal is taken to be in another unit."),
        (Self::Renamed, "RENAMED", "What people call it has changed."),
        (Self::Retired, "RETIRED", "It was removed from the thread."),
    ];

    /// Returns the name of the kind.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, name, _)| name)
    }
}

#[cfg(test)]
mod tests;
