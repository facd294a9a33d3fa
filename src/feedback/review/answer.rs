//! Whether what answers a change request cures what was found: each design revision that answers it against the design of each
//! of its findings, with a proposal that gives its reasons. The decision is a person's.

use crate::feedback::comparison::effectiveness::{Effectiveness, Proposal, effectiveness};
use crate::feedback::comparison::{Comparison, ComparisonVerdict};
use crate::feedback::error::Error;
use crate::feedback::margin::cohort::{Cohort, Shortfall};
use crate::feedback::margin::constraint::Constraint;
use crate::feedback::margin::{Margin, Verdict};
use crate::feedback::record::change_request::{answers_to, refuse_other};
use crate::feedback::record::evidence::in_words;
use crate::feedback::record::finding::{Breach, Finding};
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::statistics::difference::Resampling;
use crate::telemetry::View;
use oxigraph::model::NamedNode;

/// What became of a finding by one answer to its change request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The change request.
    pub request: NamedNode,
    /// The finding that led to it.
    pub finding: NamedNode,
    /// The design revision that answers it; `None` where none does yet.
    pub revision: Option<NamedNode>,
    /// Both designs under the constraint that was broken; `None` where they cannot be compared.
    pub effectiveness: Option<Effectiveness>,
    /// What is to be done.
    pub proposal: Proposal,
    /// Why.
    pub reasons: Vec<String>,
}

/// When answers are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerWindows {
    /// When the design of the finding is looked at.
    pub before: Interval,
    /// When the design that answers is.
    pub after: Interval,
}

/// Judges all answers to a change request, in the order of its findings and of the revisions.
pub fn answers(
    snapshot: &Snapshot,
    view: &View,
    request: &NamedNode,
    windows: AnswerWindows,
    sufficiency: Sufficiency,
) -> Result<Vec<Answer>, Error> {
    refuse_other(snapshot, request, tl::CHANGE_REQUEST, "ChangeRequest")?;
    let revisions = answers_to(snapshot, request)?;
    let mut answers = Vec::new();
    for iri in snapshot.targets(request, tl::FINDING)? {
        let blank = |revision: Option<&NamedNode>, reason: String| Answer {
            request: request.clone(),
            finding: iri.clone(),
            revision: revision.cloned(),
            effectiveness: None,
            proposal: Proposal::Wait,
            reasons: vec![reason],
        };
        let Some(finding) = Finding::read(snapshot, &iri)? else {
            answers.push(blank(
                None,
                "the finding does not state which constraint of which design is broken".to_owned(),
            ));
            continue;
        };
        if revisions.is_empty() {
            answers.push(blank(None, format!("no design revision answers {}", snapshot.shorten(request))));
        }
        for revision in &revisions {
            let judged = judge((snapshot, view), &finding.breach, revision, windows, sufficiency)?;
            answers.push(match judged {
                Ok(found) => Answer {
                    proposal: found.proposal(),
                    reasons: reasons(snapshot, &found)?,
                    effectiveness: Some(found),
                    ..blank(Some(revision), String::new())
                },
                Err(reason) => blank(Some(revision), reason),
            });
        }
    }
    Ok(answers)
}

/// Judges both designs under the constraint; the inner error describes why that cannot be done.
fn judge(
    (snapshot, view): (&Snapshot, &View),
    breach: &Breach,
    revision: &NamedNode,
    windows: AnswerWindows,
    sufficiency: Sufficiency,
) -> Result<Result<Effectiveness, String>, Error> {
    if *revision == breach.design {
        return Ok(Err(format!(
            "{} is the design that was found, not an answer",
            snapshot.shorten(revision)
        )));
    }
    let Some(constraint) = Constraint::read(snapshot, &breach.constraint, Some(&breach.requirement))? else {
        return Ok(Err(format!(
            "{} is no complete constraint any more",
            snapshot.shorten(&breach.constraint)
        )));
    };
    let cohorts =
        (Cohort::new(breach.design.clone(), windows.before), Cohort::new(revision.clone(), windows.after));
    effectiveness(snapshot, view, &constraint, cohorts, sufficiency, Resampling::default()).map(Ok)
}

fn reasons(snapshot: &Snapshot, found: &Effectiveness) -> Result<Vec<String>, Error> {
    let mut reasons = vec![of_margin(snapshot, &found.after)?, of_comparison(snapshot, found)?];
    if found.after.verdict == Verdict::Conforms {
        reasons.push(of_demonstration(snapshot, found));
    }
    if found.before.verdict == Verdict::Conforms {
        reasons.push(format!("{} keeps the limit too in its window", snapshot.shorten(&found.before.item)));
    }
    Ok(reasons)
}

fn of_margin(snapshot: &Snapshot, after: &Margin) -> Result<String, Error> {
    let (statistic, limit) = in_words(snapshot, &after.constraint)?;
    let item = snapshot.shorten(&after.item);
    let of = |verdict| after.units.iter().filter(|unit| unit.verdict == verdict).count();
    let (units, known) = (after.units.len(), of(Verdict::Conforms) + of(Verdict::Violates));
    let observed = after.observed.map_or(String::new(), |observed| format!(" with {observed:.4}"));
    Ok(match (after.verdict, &after.refusal) {
        (_, Some(refusal)) => refusal.to_string(),
        (Verdict::Conforms, _) => {
            format!("{item} keeps {statistic} {limit}{observed}: {known} of {units} units known")
        }
        (Verdict::Violates, _) => {
            format!(
                "{item} breaks {statistic} {limit}{observed}: {} of {units} units break it",
                of(Verdict::Violates)
            )
        }
        (Verdict::Unknown, _) => {
            format!("too little is known of {item} under {statistic} {limit}: {known} of {units} units")
        }
    })
}

/// Writes how much was observed of what is needed, and how much is still needed.
fn of_demonstration(snapshot: &Snapshot, found: &Effectiveness) -> String {
    let before = snapshot.shorten(&found.before.item);
    let Some(shown) = found.demonstration else {
        return format!(
            "no unit of {before} is known to break the limit from {} to {}, so it is unknown how long it must be kept: \
             give `before` the time in which it was broken",
            found.before.window.from(),
            found.before.window.to()
        );
    };
    let broke = format!(
        "{} of {} units of {before} broke it in {:.1} h",
        shown.violators_before, shown.units_before, shown.hours_before
    );
    let needed = format!(
        "{} units for {:.1} h each or {:.1} h in all show at {} % that this is no chance",
        shown.units_needed,
        shown.unit_hours(),
        shown.hours_needed,
        100.0 * (1.0 - shown.risk)
    );
    let there = format!("{:.1} such units and {:.1} h are there", shown.units_shown, shown.hours_shown);
    let missing = if shown.is_shown() {
        String::new()
    } else {
        format!(": {:.1} h more are needed", shown.hours_missing())
    };
    format!("{broke}: {needed}, {there}{missing}")
}

fn of_comparison(snapshot: &Snapshot, found: &Effectiveness) -> Result<String, Error> {
    let comparison = &found.comparison;
    let names = [&found.before.item, &found.after.item].map(|item| snapshot.shorten(item));
    let [before, after] = &names;
    let word = match comparison.verdict {
        ComparisonVerdict::Unknown => return Ok(unknown(comparison, &names)),
        ComparisonVerdict::NoDifference => "not certainly otherwise",
        ComparisonVerdict::Lower => "lower",
        ComparisonVerdict::Higher => "higher",
    };
    let unit = found.after.constraint.unit.as_ref();
    let unit = unit.and_then(|unit| snapshot.ontology().units().get(unit.as_ref()));
    let unit = unit.map_or("", |unit| unit.symbol.as_str());
    let (difference, interval) = (comparison.difference.unwrap_or(0.0), comparison.interval);
    let interval = interval.map_or(String::new(), |interval| {
        let confidence = 100.0 * comparison.resampling.confidence;
        format!(", {confidence} % interval {:.4} to {:.4}", interval.low, interval.high)
    });
    Ok(format!("the units of {after} lie {word} than those of {before}: {difference:.4} {unit}{interval}"))
}

fn unknown(comparison: &Comparison, [before, after]: &[String; 2]) -> String {
    let side = |name: &String, shortfall: Option<Shortfall>| {
        shortfall.map(|shortfall| format!("{name} cannot be compared: {shortfall}"))
    };
    if let Some(too_few) = comparison.too_few_units {
        return format!("{before} and {after} cannot be compared: {too_few}");
    }
    let (left, right) = comparison.shortfalls;
    let sides: Vec<String> = side(before, left).into_iter().chain(side(after, right)).collect();
    sides.join("; ")
}
