//! Monitors of the data itself: what is wrong with the series that units send becomes findings of its own kind, and each is closed once
//! the fault is over. A run with nothing new writes nothing.

use crate::app::application::App;
use crate::app::error::Error;
use crate::app::write::retry::retried;
use crate::feedback::{self, Grounds};
use crate::graph::{Author, Committed, RequestKey};
use crate::model::time::instant::Instant;
use crate::model::use_case::UseCase;
use crate::twins::{self, DataFault, Unhealthy};
use oxigraph::model::NamedNode;

/// What one run of the monitors of data saw and did.
#[derive(Clone, Debug)]
pub struct DataRun {
    /// When.
    pub at: Instant,
    /// The faults that there are.
    pub faults: Vec<Unhealthy>,
    /// The findings that were opened.
    pub opened: Vec<NamedNode>,
    /// The findings whose fault is over.
    pub closed: Vec<NamedNode>,
    /// The commit; `None` where nothing was new.
    pub committed: Option<Committed>,
}

impl App {
    /// Looks at all series at the head of the branch of monitors, and files what is wrong.
    pub fn run_data_monitors(&self, author: &Author, key: Option<&RequestKey>) -> Result<DataRun, Error> {
        let branch = &self.monitors().branch;
        if let Some(made) = self.made_under(key, branch)? {
            let (at, faults) = (made.commit.time, Vec::new());
            return Ok(DataRun { at, faults, opened: Vec::new(), closed: Vec::new(), committed: Some(made) });
        }
        retried(|| {
            let head = self.repository().head(branch)?;
            let at = head.next_instant(&**self.clock());
            let (view, bounds) = (self.telemetry().now(), self.settings().health.bounds);
            let now = self.clock().now();
            let mut faults = twins::unhealthy(&head, &view, now, &bounds).map_err(feedback::Error::from)?;
            faults.extend(self.moved_units(&head, now)?);
            faults.extend(self.dead_units(&head)?);
            faults.extend(self.failed_commands(&head)?);
            let filings = feedback::file_data(&head, &faults, None, at)?;
            let (opened, closed) = (filings.opened, filings.closed);
            if filings.changes.is_empty() {
                return Ok(DataRun { at, faults, opened, closed, committed: None });
            }
            let message = format!("Data: {} findings opened, {} closed", opened.len(), closed.len());
            let signed = (UseCase::RunDataMonitors, message, author);
            let committed = Some(self.commit_on(&head, branch, signed, key, filings.changes)?);
            Ok(DataRun { at, faults, opened, closed, committed })
        })
    }

    /// Files faults of one kind at once, those of units that have moved or of commands that were given up: a person should know of them
    /// before the next run.
    pub(in crate::app) fn file_faults(&self, kind: DataFault) -> Result<Option<Committed>, Error> {
        let branch = &self.monitors().branch;
        retried(|| {
            let head = self.repository().head(branch)?;
            let at = head.next_instant(&**self.clock());
            let faults = match kind {
                DataFault::Moved => self.moved_units(&head, self.clock().now())?,
                DataFault::Command => self.failed_commands(&head)?,
                _ => return Ok(None),
            };
            let filings = feedback::file_data(&head, &faults, Some(kind), at)?;
            if filings.changes.is_empty() {
                return Ok(None);
            }
            let message =
                format!("Data: {} findings opened, {} closed", filings.opened.len(), filings.closed.len());
            let signed = (UseCase::RunDataMonitors, message, &Author::default());
            Ok(Some(self.commit_on(&head, branch, signed, None, filings.changes)?))
        })
    }

    /// Accepts or dismisses a finding on data.
    pub fn decide_data_finding(
        &self,
        (branch, author, reason): (&str, &Author, &str),
        finding: &NamedNode,
        is_accepted: bool,
        key: Option<&RequestKey>,
    ) -> Result<Committed, Error> {
        if let Some(made) = self.made_under(key, branch)? {
            return Ok(made);
        }
        retried(|| {
            let head = self.repository().head(branch)?;
            let at = head.next_instant(&**self.clock());
            let grounds = Grounds { by: author.clone(), at, reason: reason.to_owned() };
            let changes = feedback::decide_data_finding(&head, finding, is_accepted, &grounds)?;
            let verb = if is_accepted { "Accept" } else { "Dismiss" };
            let message = format!("{verb} {}: {}", head.shorten(finding), reason.trim());
            self.commit_on(&head, branch, (UseCase::DecideDataFinding, message, author), key, changes)
        })
    }
}
