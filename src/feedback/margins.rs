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

    /// Returns a question for each property that a constraint without a window of its own limits.
    fn questions(&self) -> BTreeMap<NamedNode, Question> {
        let mut questions: BTreeMap<NamedNode, Question> = BTreeMap::new();
        for constraint in self.constraints.iter().filter(|constraint| constraint.window.is_none()) {
            let asked = questions.entry(constraint.property.clone()).or_insert_with(|| {
                let property = constraint.property.clone();
                let (unit, transform) = (constraint.unit.clone(), constraint.transform);
                Question { property, unit, transform, ..self.question.clone() }
            });
            if !asked.checks.contains(&constraint.check) {
                asked.checks.push(constraint.check.clone());
            }
        }
        questions
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
    let margins = margins_of_each(snapshot, view, std::slice::from_ref(item), window, sufficiency)?;
    Ok(margins.into_iter().next().unwrap_or_default())
}

/// Returns for each item its margins, as [`margins_with`] does, asking telemetry for all of them together; for a constraint with a
/// window of its own, for one item after the other.
pub fn margins_of_each(
    snapshot: &Snapshot,
    view: &View,
    items: &[NamedNode],
    window: Interval,
    sufficiency: Sufficiency,
) -> Result<Vec<Vec<Margin>>, Error> {
    let (mut all, mut counts) = (Vec::new(), Vec::with_capacity(items.len()));
    for item in items {
        let designs = designs(snapshot, item, window)?;
        counts.push(designs.iter().map(|design| design.constraints.len()).sum::<usize>());
        all.extend(designs);
    }
    let mut margins = judge_all(snapshot, view, &all, sufficiency)?.into_iter();
    Ok(counts.into_iter().map(|count| margins.by_ref().take(count).collect()).collect())
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
    judge_all(snapshot, view, &revisions.into_iter().map(design).collect::<Vec<_>>(), sufficiency)
}

/// Returns the margins of designs, in their order, each design's in the order of its constraints.
pub(super) fn judge_all(
    snapshot: &Snapshot,
    view: &View,
    designs: &[Design],
    sufficiency: Sufficiency,
) -> Result<Vec<Margin>, Error> {
    let mut margins = Vec::new();
    for (design, usages) in designs.iter().zip(usages(snapshot, view, designs)?) {
        let context = |question| Context {
            snapshot,
            watermark: view.watermark(),
            question,
            design: Some(&design.revision),
            sufficiency,
        };
        for constraint in &design.constraints {
            let found = usages.get(&constraint.property);
            let portion = found.and_then(|usage| usage.checked(&constraint.check));
            margins.push(match (found, portion) {
                (Some(usage), Some(portion)) if constraint.window.is_none() => {
                    context(&usage.question).margin(constraint, portion)?
                }
                _ => windowed::margin(&context(&design.question), view, constraint)?,
            });
        }
    }
    Ok(margins)
}

/// Answers for each design one question for each property that a constraint limits, all of them together.
fn usages(
    snapshot: &Snapshot,
    view: &View,
    designs: &[Design],
) -> Result<Vec<BTreeMap<NamedNode, Usage>>, Error> {
    let questions: Vec<BTreeMap<NamedNode, Question>> = designs.iter().map(Design::questions).collect();
    let all = questions.iter().flat_map(BTreeMap::values).cloned();
    let mut usages = twins::answer_all(all, snapshot, view)?.into_iter();
    Ok(questions.into_iter().map(|questions| questions.into_keys().zip(&mut usages).collect()).collect())
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
