//! The margins of an item: every constraint of its designs against its field usage.

use super::cohort::Cohort;
use super::constraint::Constraint;
use super::error::Error;
use super::margin::{Context, Margin};
use super::sufficiency::Sufficiency;
use super::windowed;
use crate::graph::Snapshot;
use crate::model::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::View;
use crate::thread;
use crate::twins::{self, Question, Usage};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A design that an item was, and what is to be asked for it.
pub(super) struct Design {
    revision: NamedNode,
    question: Question,
    constraints: Vec<Constraint>,
}

impl Design {
    /// Puts a cohort under one constraint.
    pub(super) fn under(cohort: &Cohort, constraint: &Constraint) -> Self {
        // The property is put in for each constraint.
        let question = Question::new(cohort.item.clone(), cohort.item.clone(), cohort.window);
        Self {
            revision: cohort.item.clone(),
            question: Question { among: cohort.among.clone(), ..question },
            constraints: vec![constraint.clone()],
        }
    }
}

/// Returns the margins of a Part, DesignRevision, Build or TwinInstance in a window, with the default bounds of what is
/// enough: for each revision that it is or was, the revision's own constraints and those of the requirements it satisfies,
/// in the order of revision, requirement and constraint.
pub fn margins(
    snapshot: &Snapshot,
    view: &View,
    item: &NamedNode,
    window: Interval,
) -> Result<Vec<Margin>, Error> {
    margins_with(snapshot, view, item, window, Sufficiency::default())
}

/// Does as [`margins`] with other bounds of what is enough.
pub fn margins_with(
    snapshot: &Snapshot,
    view: &View,
    item: &NamedNode,
    window: Interval,
    sufficiency: Sufficiency,
) -> Result<Vec<Margin>, Error> {
    judge_all(snapshot, view, designs(snapshot, item, window)?, sufficiency)
}

/// Returns the fleet's margins on a requirement: for each design revision that satisfies it, in IRI order, its constraints
/// against the field usage of that revision.
pub fn margins_of_requirement(
    snapshot: &Snapshot,
    view: &View,
    requirement: &NamedNode,
    window: Interval,
    sufficiency: Sufficiency,
) -> Result<Vec<Margin>, Error> {
    if !thread::is_instance(snapshot, requirement, tl::REQUIREMENT)? {
        return Err(Error::NotARequirement(requirement.clone()));
    }
    let constraints = Constraint::of_requirement(snapshot, requirement)?;
    let mut revisions = snapshot.subjects(tl::SATISFIES, &requirement.clone().into())?;
    revisions.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    let design = |revision: NamedNode| Design {
        question: Question::new(revision.clone(), revision.clone(), window),
        constraints: constraints.clone(),
        revision,
    };
    judge_all(snapshot, view, revisions.into_iter().map(design).collect(), sufficiency)
}

fn judge_all(
    snapshot: &Snapshot,
    view: &View,
    designs: Vec<Design>,
    sufficiency: Sufficiency,
) -> Result<Vec<Margin>, Error> {
    let mut margins = Vec::new();
    for design in designs {
        margins.extend(margins_of(snapshot, view, &design, sufficiency)?);
    }
    Ok(margins)
}

/// Returns the margins of one design, in the order of its constraints.
pub(super) fn margins_of(
    snapshot: &Snapshot,
    view: &View,
    design: &Design,
    sufficiency: Sufficiency,
) -> Result<Vec<Margin>, Error> {
    let usages = usages(snapshot, view, design)?;
    let margin = |constraint: &Constraint| {
        let context = |question| Context {
            snapshot,
            watermark: view.watermark(),
            question,
            design: Some(&design.revision),
            sufficiency,
        };
        let found = usages.get(&constraint.property);
        let portion = found.and_then(|usage| usage.checked(&constraint.check));
        match (found, portion) {
            (Some(usage), Some(portion)) if constraint.window.is_none() => {
                context(&usage.question).margin(constraint, portion)
            }
            _ => windowed::margin(&context(&design.question), view, constraint),
        }
    };
    design.constraints.iter().map(margin).collect()
}

/// Answers one question for each property that a constraint without a window of its own limits.
fn usages(snapshot: &Snapshot, view: &View, design: &Design) -> Result<BTreeMap<NamedNode, Usage>, Error> {
    let mut questions: BTreeMap<NamedNode, Question> = BTreeMap::new();
    for constraint in design.constraints.iter().filter(|constraint| constraint.window.is_none()) {
        let asked = questions.entry(constraint.property.clone()).or_insert_with(|| {
            let property = constraint.property.clone();
            let (unit, transform) = (constraint.unit.clone(), constraint.transform);
            Question { property, unit, transform, ..design.question.clone() }
        });
        if !asked.checks.contains(&constraint.check) {
            asked.checks.push(constraint.check.clone());
        }
    }
    let properties: Vec<NamedNode> = questions.keys().cloned().collect();
    let usages = twins::answer_all(questions.into_values(), snapshot, view)?;
    Ok(properties.into_iter().zip(usages).collect())
}

/// Returns the design revisions that an item was within the window, in IRI order.
fn designs(snapshot: &Snapshot, item: &NamedNode, window: Interval) -> Result<Vec<Design>, Error> {
    let mut designs = Vec::new();
    for revision in revisions(snapshot, item, window)? {
        // The property is put in for each constraint.
        let mut question = Question::new(item.clone(), item.clone(), window);
        if revision != *item {
            question.among.revisions = vec![revision.as_str().to_owned()];
        }
        let constraints = Constraint::of_design(snapshot, &revision)?;
        designs.push(Design { revision, question, constraints });
    }
    Ok(designs)
}

fn revisions(snapshot: &Snapshot, item: &NamedNode, window: Interval) -> Result<BTreeSet<NamedNode>, Error> {
    if snapshot.target(item, tl::REVISION_OF)?.is_some() {
        return Ok(BTreeSet::from([item.clone()]));
    }
    let members = twins::population(snapshot, item, Some(window))?.members;
    let mut revisions: BTreeSet<NamedNode> =
        members.into_iter().filter_map(|member| member.revision).collect();
    revisions.extend(snapshot.subjects(tl::REVISION_OF, &item.clone().into())?);
    Ok(revisions)
}
