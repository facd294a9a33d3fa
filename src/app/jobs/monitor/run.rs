//! One run of monitors: one version, one watermark, one pin, one commit.
//!
//! A run writes only what is news: violations that no finding rests on yet and no decision covers. So a run with nothing new
//! writes nothing at all, and a run that dies half way leaves at most a pin, which the next run does not need and nobody sees.

use super::outcome::{MonitorRun, Watched};
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::scope::Scope;
use crate::app::settings::monitors::Monitor;
use crate::app::write::evidence::changes;
use crate::app::write::retry::retried;
use crate::feedback::{self, Evidence, FieldEvidence, Filing, Margin, Verdict};
use crate::graph::{Author, Committed, RequestKey, Snapshot};
use crate::model::time::interval::Interval;
use crate::model::use_case::UseCase;
use crate::ontology::terms::tl;
use crate::telemetry::SeriesId;
use oxigraph::model::{Literal, NamedNode};
use std::collections::BTreeSet;

/// Records of violations, and the series that were read to find each.
#[derive(Default)]
struct Violations {
    records: Vec<(FieldEvidence, BTreeSet<SeriesId>, Interval)>,
}

impl App {
    /// Runs monitors, all where none is named. What one of them cannot check is reported; the others go on.
    pub fn run_monitors(
        &self,
        names: Option<&[String]>,
        author: &Author,
        key: Option<&RequestKey>,
    ) -> Result<MonitorRun, Error> {
        if let Some(made) = self.made_under(key, &self.monitors().branch)? {
            return Ok(self.run_of(made));
        }
        let monitors = self.monitors().named(names)?;
        let branch = &self.monitors().branch;
        let head = self.repository().head(branch)?;
        let scope = self.scope_of(head, self.telemetry().now(), self.clock().now());
        let mut violations = Violations::default();
        let watched: Vec<Watched> = monitors
            .into_iter()
            .map(|monitor| watch(&scope, monitor, &mut violations))
            .collect::<Result<_, _>>()?;
        let (filings, committed) = retried(|| {
            let head = self.repository().head(branch)?;
            self.file_violations(&scope, &head, &violations, (author, key))
        })?;
        let (read, watermark) = (scope.snapshot.commit().id, scope.view.watermark());
        let run = MonitorRun { at: scope.now, read, watermark, watched, filings, committed };
        self.remember_run(run.clone());
        Ok(run)
    }

    /// Returns the run that made a commit, or what the commit records of it where the service has been started since.
    fn run_of(&self, made: Committed) -> MonitorRun {
        let is_it =
            |run: &MonitorRun| run.committed.as_ref().is_some_and(|own| own.commit.id == made.commit.id);
        let found = self.monitor_runs().into_iter().find(is_it).unwrap_or_else(|| MonitorRun {
            at: made.commit.time,
            read: made.commit.parents.first().copied().unwrap_or(made.commit.id),
            watermark: self.telemetry().now().watermark(),
            watched: Vec::new(),
            filings: Vec::new(),
            committed: None,
        });
        MonitorRun { committed: Some(made), ..found }
    }

    /// Commits the violations that are news at the head of the branch.
    fn file_violations(
        &self,
        scope: &Scope,
        head: &Snapshot,
        violations: &Violations,
        (author, key): (&Author, Option<&RequestKey>),
    ) -> Result<(Vec<Filing>, Option<Committed>), Error> {
        let filings = feedback::file(head, &violations.evidence())?;
        let news: Vec<Filing> = filings.iter().filter(|filing| filing.outcome.is_new()).cloned().collect();
        let named: BTreeSet<&NamedNode> = news.iter().map(|filing| &filing.evidence).collect();
        let Some((evidence, series, window)) = violations.only(&named) else { return Ok((filings, None)) };
        self.pin_what_was_read(scope, series, window)?;
        let branch = &self.monitors().branch;
        let signed = (UseCase::RunMonitors, message(&news), author);
        let committed = self.commit_on(head, branch, signed, key, changes(&evidence, &news))?;
        Ok((filings, Some(committed)))
    }
}

/// Looks at all items of a monitor.
fn watch(scope: &Scope, monitor: &Monitor, found: &mut Violations) -> Result<Watched, Error> {
    let (name, window) = (monitor.name.clone(), monitor.window(scope.now)?);
    let mut watched =
        Watched { monitor: name, window, margins: 0, violated: 0, unknown: 0, problems: Vec::new() };
    let snapshot = &scope.snapshot;
    let requirements = match &monitor.requirements {
        Some(names) => Some(resolved(snapshot, names, &mut watched.problems)?),
        None => None,
    };
    let items = match &monitor.items {
        Some(names) => resolved(snapshot, names, &mut watched.problems)?,
        None => released(snapshot)?,
    };
    for item in items {
        let view = scope.view.watched();
        let wanted = |margin: &Margin| match (&margin.constraint.requirement, &requirements) {
            (Some(requirement), Some(wanted)) => wanted.contains(requirement),
            (requirement, _) => requirement.is_some(),
        };
        let margins = match feedback::margins_with(snapshot, &view, &item, window, scope.sufficiency) {
            Ok(margins) => margins.into_iter().filter(wanted).collect::<Vec<_>>(),
            Err(error) => {
                watched.problems.push(format!("{}: {}", snapshot.shorten(&item), problem(error)?));
                continue;
            }
        };
        let of = |verdict| margins.iter().filter(|margin| margin.verdict == verdict).count();
        watched.margins += margins.len();
        watched.violated += of(Verdict::Violates);
        watched.unknown += of(Verdict::Unknown);
        let violated = margins.into_iter().filter(|margin| margin.verdict == Verdict::Violates).collect();
        let (series, seen) = view.seen();
        let series: BTreeSet<SeriesId> = series.into_iter().collect();
        for record in Evidence::of(snapshot, violated)?.records {
            found.records.push((record, series.clone(), seen.unwrap_or(window)));
        }
    }
    Ok(watched)
}

/// Returns the resources of these names; those that do not exist are problems.
fn resolved(
    snapshot: &Snapshot,
    names: &[String],
    problems: &mut Vec<String>,
) -> Result<Vec<NamedNode>, Error> {
    let mut resolved = Vec::new();
    for name in names {
        match snapshot.expand(name) {
            Ok(iri) if snapshot.exists(&iri)? => resolved.push(iri),
            Ok(iri) => problems.push(format!("{iri} does not exist")),
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    Ok(resolved)
}

/// Describes what keeps an item from being checked; where the stores themselves fail, so does the run.
fn problem(error: feedback::Error) -> Result<String, Error> {
    if error.is_failure() { Err(error.into()) } else { Ok(error.to_string()) }
}

/// Returns the design revisions that are RELEASED, in IRI order.
fn released(snapshot: &Snapshot) -> Result<Vec<NamedNode>, Error> {
    let status = Literal::new_simple_literal("RELEASED").into();
    let revisions: BTreeSet<NamedNode> = snapshot.instances(tl::DESIGN_REVISION)?.into_iter().collect();
    let released = snapshot.subjects(tl::STATUS, &status)?;
    Ok(released.into_iter().filter(|resource| revisions.contains(resource)).collect())
}

impl Violations {
    fn evidence(&self) -> Evidence {
        Evidence { records: self.records.iter().map(|(record, ..)| record.clone()).collect() }
    }

    /// Returns the records of these names, with the series behind them and the time over which they were read; `None` where
    /// there are none.
    fn only(&self, names: &BTreeSet<&NamedNode>) -> Option<(Evidence, Vec<SeriesId>, Interval)> {
        let (mut records, mut series, mut window): (
            Vec<FieldEvidence>,
            BTreeSet<SeriesId>,
            Option<Interval>,
        ) = Default::default();
        for (record, read, over) in self.records.iter().filter(|(record, ..)| names.contains(&record.iri)) {
            records.push(record.clone());
            series.extend(read);
            let (from, to) = window.map_or((over.from(), over.to()), |window| {
                (window.from().min(over.from()), window.to().max(over.to()))
            });
            window = Interval::new(from, to).ok();
        }
        window.map(|window| (Evidence { records }, series.into_iter().collect(), window))
    }
}

fn message(news: &[Filing]) -> String {
    let opened = news.iter().filter(|filing| filing.outcome == feedback::FilingOutcome::Opened).count();
    let parts = [(opened, "opened"), (news.len() - opened, "seen again")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| {
        let findings = if count == 1 { "finding" } else { "findings" };
        format!("{count} {findings} {what}")
    });
    format!("Monitors: {}", parts.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{graph, twins};

    #[test]
    fn what_a_store_cannot_do_is_no_problem_of_an_item() {
        let item = NamedNode::new_unchecked("https://plant.example/pump");
        let text = problem(feedback::Error::Twins(twins::Error::NotFielded(item))).unwrap();
        assert!(text.contains("https://plant.example/pump"), "{text}");
        let text = problem(feedback::Error::Twins(twins::Error::TooMany { asked: 7, most: 5 })).unwrap();
        assert!(text.contains('7') && text.contains('5'), "the others are checked all the same: {text}");
        for failure in [
            feedback::Error::Graph(graph::Error::Stopped),
            feedback::Error::Twins(twins::Error::Graph(graph::Error::Stopped)),
        ] {
            assert!(problem(failure).is_err());
        }
    }
}
