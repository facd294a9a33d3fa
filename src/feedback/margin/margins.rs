//! The margins of an item: every constraint of its designs against its field usage.

use super::cohort::Cohort;
use super::constraint::Constraint;
use super::{Context, Margin, Refusal, duty, lives, residual, windowed};
use crate::feedback::error::Error;
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::View;
use crate::thread;
use crate::twins::{self, Account, Question, Usage};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A design that an item was, and what is to be asked for it.
pub(in crate::feedback) struct Design {
    revision: NamedNode,
    question: Question,
    constraints: Vec<Constraint>,
}

impl Design {
    /// Puts a cohort under one constraint.
    pub(in crate::feedback) fn under(cohort: &Cohort, constraint: &Constraint) -> Self {
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
        for constraint in self.constraints.iter().filter(|constraint| constraint.is_of_whole_usage()) {
            let property = constraint.property.clone();
            let asked = questions.entry(property).or_insert_with(|| self.question_for(constraint));
            if !asked.checks.contains(&constraint.check) {
                asked.checks.push(constraint.check.clone());
            }
        }
        questions
    }

    /// Returns the question for one constraint.
    fn question_for(&self, constraint: &Constraint) -> Question {
        Question {
            property: constraint.property.clone(),
            unit: constraint.unit.clone(),
            transform: constraint.transform,
            checks: vec![constraint.check.clone()],
            ..self.question.clone()
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

/// Like [`margins`], with other bounds of what is enough.
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

/// Returns the margins of designs, in their order, each design's in the order of its constraints. One whose values do not
/// convert into its unit is refused, as a value, and takes no other along.
pub(in crate::feedback) fn judge_all(
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
                (Some(usage), Some(portion)) if constraint.is_of_whole_usage() => {
                    context(&usage.question).margin(constraint, portion)?
                }
                _ => alone(&context(&design.question), view, design, constraint)?,
            });
        }
    }
    Ok(margins)
}

/// Judges a constraint by itself.
fn alone(
    context: &Context<'_>,
    view: &View,
    design: &Design,
    constraint: &Constraint,
) -> Result<Margin, Error> {
    let judged = match (&constraint.life, constraint.window) {
        _ if constraint.model.is_some() && !constraint.statistic.is_of_samples() => {
            let reason = format!("a residual has no {}", constraint.statistic);
            return context.refused(constraint, Refusal::Residual(reason), Account::default());
        }
        _ if constraint.spectrum.is_some() => duty::margin(context, view, constraint),
        (None, _) if constraint.model.is_some() => residual::margin(context, view, constraint),
        (Some(terms), _) => lives::margin(context, view, constraint, terms),
        (None, Some(_)) => windowed::margin(context, view, constraint),
        (None, None) => answered_alone(context, view, design.question_for(constraint), constraint),
    };
    match judged {
        Err(error) if error.is_about_units() => {
            context.refused(constraint, Refusal::Unit(error.to_string()), Account::default())
        }
        judged => judged,
    }
}

fn answered_alone(
    context: &Context<'_>,
    view: &View,
    question: Question,
    constraint: &Constraint,
) -> Result<Margin, Error> {
    let usage = question.answer(context.snapshot, view)?;
    let portion = usage.checked(&constraint.check).ok_or(Error::NotChecked(constraint.iri.clone()))?;
    Context { question: &usage.question, ..*context }.margin(constraint, portion)
}

/// Answers for each design one question for each property that a constraint limits, all of them together; a question is left
/// out where its units cannot be converted.
fn usages(
    snapshot: &Snapshot,
    view: &View,
    designs: &[Design],
) -> Result<Vec<BTreeMap<NamedNode, Usage>>, Error> {
    let questions: Vec<BTreeMap<NamedNode, Question>> = designs.iter().map(Design::questions).collect();
    let all = questions.iter().flat_map(BTreeMap::values).cloned();
    let mut usages = twins::answer_each(all, snapshot, view)?.into_iter();
    let answered = |questions: BTreeMap<NamedNode, Question>| {
        let both = questions.into_keys().zip(&mut usages);
        both.filter_map(|(property, usage)| Some((property, usage.ok()?))).collect()
    };
    Ok(questions.into_iter().map(answered).collect())
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
