//! Questions answered together: what is cut and counted alike takes one call of telemetry.

use super::change::Changed;
use super::grid::{Grid, PARTS_MAX};
use super::planner::{Bound, Planner, must_be_property};
use super::question::Question;
use super::{Usage, assembler};
use crate::graph::Snapshot;
use crate::ontology::terms::tl;
use crate::ontology::units::QuantityKind;
use crate::telemetry::{Piece, Plan, Summary, View};
use crate::twins::binding::resolver::Binder;
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::member::Member;

impl Question {
    /// Answers from one version and one watermark.
    pub fn answer(self, snapshot: &Snapshot, view: &View) -> Result<Usage, Error> {
        let usages = answer_all([self], snapshot, view)?;
        Ok(usages.into_iter().next().expect("one question has one answer"))
    }
}

/// Answers questions from one version and one watermark, in their order. Each fact of the version is read once, and telemetry is
/// asked for all of them together: once for the series of each level, and once for what is cut and counted alike.
pub fn answer_all(
    questions: impl IntoIterator<Item = Question>,
    snapshot: &Snapshot,
    view: &View,
) -> Result<Vec<Usage>, Error> {
    answer_each(questions, snapshot, view)?.into_iter().collect()
}

/// Answers questions as [`answer_all`] does; where units of one cannot be converted, that one has no answer.
pub fn answer_each(
    questions: impl IntoIterator<Item = Question>,
    snapshot: &Snapshot,
    view: &View,
) -> Result<Vec<Result<Usage, Error>>, Error> {
    let facts = Facts::new(snapshot);
    let asked =
        questions.into_iter().map(|question| separate_unit_error(PreparedQuestion::new(question, &facts)));
    let asked = asked.collect::<Result<_, _>>()?;
    answer(asked, &facts, view)
}

/// Separates an error that concerns one question alone from one that ends all.
fn separate_unit_error<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(error) if !error.is_about_units() => Err(error),
        result => Ok(result),
    }
}

/// Answers as many of the first questions as have room together, as [`answer_all`] does: at least one.
pub fn answer_some(
    questions: impl IntoIterator<Item = Question>,
    snapshot: &Snapshot,
    view: &View,
) -> Result<Vec<Usage>, Error> {
    let facts = Facts::new(snapshot);
    let (mut asked, mut parts) = (Vec::new(), 0);
    for question in questions {
        let next = PreparedQuestion::new(question, &facts)?;
        parts += next.parts();
        if !asked.is_empty() && parts > PARTS_MAX {
            break;
        }
        asked.push(Ok(next));
    }
    answer(asked, &facts, view)?.into_iter().collect()
}

fn answer(
    asked: Vec<Result<PreparedQuestion, Error>>,
    facts: &Facts<'_>,
    view: &View,
) -> Result<Vec<Result<Usage, Error>>, Error> {
    let binder = Binder::new(facts, view);
    binder.expect(asked.iter().flatten().flat_map(PreparedQuestion::members));
    let mut batches: Vec<Batch> = Vec::new();
    let mut usages = Vec::new();
    for (place, asked) in asked.into_iter().enumerate() {
        let (survey, bound) = match separate_unit_error(asked.and_then(|asked| asked.bind(facts, &binder)))? {
            Ok(bound) => bound,
            Err(error) => {
                usages.push((place, Err(error)));
                continue;
            }
        };
        let at = batches.iter().rposition(|batch| batch.takes(&survey)).unwrap_or_else(|| {
            batches.push(Batch { plan: Plan { cells: 0, ..survey.plan() }, surveyed: Vec::new() });
            batches.len() - 1
        });
        batches[at].plan.cells += survey.cells();
        batches[at].surveyed.push((place, survey, bound));
    }
    for batch in batches {
        let answered = batch.answer(facts.snapshot, &binder)?;
        usages.extend(answered.into_iter().map(|(place, usage)| (place, Ok(usage))));
    }
    usages.sort_unstable_by_key(|(place, _)| *place);
    Ok(usages.into_iter().map(|(_, usage)| usage).collect())
}

/// Questions that are cut and counted alike, each with its place among all.
struct Batch {
    /// What telemetry is asked for, the cells of all of them.
    plan: Plan,
    surveyed: Vec<(usize, Planner, Vec<Bound>)>,
}

impl Batch {
    /// Returns whether a survey is cut and counted as these are, and there is room for it.
    fn takes(&self, survey: &Planner) -> bool {
        let plan = survey.plan();
        let is_alike = plan.buckets == self.plan.buckets
            && plan.limits == self.plan.limits
            && plan.quantiles == self.plan.quantiles;
        is_alike && (self.plan.cells + plan.cells) * plan.buckets.len() <= PARTS_MAX
    }

    /// Answers all with one aggregate call, and one each for what is asked of counters and of states.
    fn answer(self, snapshot: &Snapshot, binder: &Binder<'_>) -> Result<Vec<(usize, Usage)>, Error> {
        let (mut pieces, mut cells) = (Vec::new(), 0);
        for (_, survey, _) in &self.surveyed {
            pieces.extend(
                survey.pieces.iter().map(|piece| Piece { cell: piece.cell + cells, ..piece.clone() }),
            );
            cells += survey.cells();
        }
        let mut summaries = binder.view.aggregate(&pieces, &self.plan)?.into_iter();
        let asked: Vec<_> = self.surveyed.iter().map(|(_, survey, bound)| survey.changes(bound)).collect();
        let changed = Changed::read_all(&asked, &self.plan, binder.view)?;
        let mut usages = Vec::with_capacity(self.surveyed.len());
        for ((place, survey, _), changed) in self.surveyed.into_iter().zip(changed) {
            let own: Vec<Vec<Summary>> = summaries.by_ref().take(survey.cells()).collect();
            usages.push((place, assembler::assemble(survey, snapshot, binder.view, &own, &changed)));
        }
        Ok(usages)
    }
}

/// A question whose units are known, but not yet what observes them.
struct PreparedQuestion {
    question: Question,
    layout: Grid,
    circular: bool,
}

impl PreparedQuestion {
    fn new(question: Question, facts: &Facts<'_>) -> Result<Self, Error> {
        for property in question.conditions.iter().map(|condition| &condition.property) {
            must_be_property(facts.snapshot, property)?;
        }
        let kind = quantity_kind(facts.snapshot, &question)?;
        let layout = Grid::of(facts, &question)?;
        Ok(Self { question, layout, circular: kind.is_some_and(|kind| kind.circular) })
    }

    /// Returns how many parts its answer is made of, and has itself.
    fn parts(&self) -> usize {
        self.layout.cells.len() * self.layout.slices.len() + self.layout.buckets.len() + 1
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.layout.stretches.iter().map(|stretch| &stretch.member)
    }

    /// Finds what observes each stretch.
    fn bind(self, facts: &Facts<'_>, binder: &Binder<'_>) -> Result<(Planner, Vec<Bound>), Error> {
        let mut bound = Vec::new();
        for (stretch, found) in self.layout.stretches.iter().enumerate() {
            let bindings = binder.bind(&found.member, &self.question.property, found.within)?;
            bound.extend(bindings.into_iter().map(|binding| Bound { stretch, binding }));
        }
        let mut survey = Planner::new(self.question, self.layout, self.circular, &bound);
        survey.check_size()?;
        for bound in &bound {
            survey.take(facts, binder, bound)?;
        }
        Ok((survey, bound))
    }
}

/// Returns what the property measures; the unit that is asked for must measure the same.
fn quantity_kind(snapshot: &Snapshot, question: &Question) -> Result<Option<QuantityKind>, Error> {
    let property = &question.property;
    must_be_property(snapshot, property)?;
    let units = snapshot.ontology().units();
    let kind = snapshot.target(property, tl::QUANTITY_KIND)?;
    let kind = kind.and_then(|kind| units.quantity_kind(kind.as_ref()).cloned());
    if let (Some(kind), Some(unit)) = (&kind, &question.unit)
        && !units.fits(unit.as_ref(), kind.iri.as_ref())
    {
        let (unit, property, kind) = (unit.clone(), property.clone(), kind.name.clone());
        return Err(Error::Unit { unit, property, kind });
    }
    Ok(kind)
}
