//! What the policies of the thread do by themselves: propose, order, let expire, verify. One run is at most one commit; a run with
//! nothing to do writes nothing.

use crate::app::access::{Event, Operation, Outcome, Principal};
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::write::retry::retried;
use crate::feedback::{self, ActionState, Policy, StepGrounds, Verdict};
use crate::graph::{self, Author, Committed, RequestKey, Snapshot};
use crate::model::statement::change::Change;
use crate::model::sync::background;
use crate::model::time::instant::Instant;
use crate::model::use_case::UseCase;
use oxigraph::model::NamedNode;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// So many actions are verified in one run; the others are in a later one.
const VERIFIED_MAX: usize = 100;

/// What one run of policies did.
#[derive(Clone, Debug)]
pub struct PolicyRun {
    /// When.
    pub at: Instant,
    /// Each policy, in IRI order.
    pub policies: Vec<PolicyOutcome>,
    /// The actions that nobody has taken on in time.
    pub expired: Vec<NamedNode>,
    /// The actions that the margins of their units verified.
    pub verified: Vec<NamedNode>,
    /// What kept actions that are DONE from being verified.
    pub unverified: Vec<String>,
    /// The commits, oldest first; none where there was nothing to do.
    pub commits: Vec<Committed>,
}

/// What one policy did.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyOutcome {
    /// Its name.
    pub policy: NamedNode,
    /// Its identifier.
    pub identifier: String,
    /// The actions that it proposed.
    pub proposed: Vec<NamedNode>,
    /// The actions that it ordered.
    pub ordered: Vec<NamedNode>,
    /// What kept it from acting.
    pub problems: Vec<String>,
}

/// One part of a run, which is committed with the others or by itself.
struct Part {
    summary: String,
    changes: Vec<Change>,
    /// The policy, by its number in the run.
    policy: Option<usize>,
}

impl App {
    /// Runs the policies at the head of the branch of monitors. What one of them cannot do is reported, and the others go on.
    pub fn run_policies(&self, author: &Author, key: Option<&RequestKey>) -> Result<PolicyRun, Error> {
        let branch = &self.monitors().branch;
        if let Some(made) = self.made_under(key, branch)? {
            let at = made.commit.time;
            let (policies, expired, verified, unverified) = Default::default();
            return Ok(PolicyRun { at, policies, expired, verified, unverified, commits: vec![made] });
        }
        retried(|| self.run_policies_at(&self.repository().head(branch)?, author, key))
    }

    fn run_policies_at(
        &self,
        head: &Snapshot,
        author: &Author,
        key: Option<&RequestKey>,
    ) -> Result<PolicyRun, Error> {
        let at = head.next_instant(&**self.clock());
        let (policies, mut parts) = policy_parts(head, at)?;
        let (expired, changes) = feedback::expired_actions(head, at)?;
        parts.push(Part { summary: format!("{} expired", expired.len()), changes, policy: None });
        let (verified, unverified, changes) = self.verify_done(head, at)?;
        parts.push(Part { summary: format!("{} verified", verified.len()), changes, policy: None });
        let mut run = PolicyRun { at, policies, expired, verified, unverified, commits: Vec::new() };
        parts.retain(|part| !part.changes.is_empty());
        if parts.is_empty() {
            return Ok(run);
        }
        let together = Part {
            summary: parts.iter().map(|part| part.summary.as_str()).collect::<Vec<_>>().join("; "),
            changes: parts.iter().flat_map(|part| part.changes.clone()).collect(),
            policy: None,
        };
        match self.commit_part(head, &together, author, key) {
            Ok(committed) => run.commits.push(committed),
            // One part that breaks a rule keeps no other from being done.
            Err(Error::Graph(graph::Error::Violations(_))) if parts.len() > 1 => {
                self.commit_apart(&parts, author, &mut run)?;
            }
            Err(error) => return Err(error),
        }
        Ok(run)
    }

    /// Commits each part by itself, on the head as the parts before have left it.
    fn commit_apart(&self, parts: &[Part], author: &Author, run: &mut PolicyRun) -> Result<(), Error> {
        for part in parts {
            let head = self.repository().head(&self.monitors().branch)?;
            match (self.commit_part(&head, part, author, None), part.policy) {
                (Ok(committed), _) => run.commits.push(committed),
                (Err(Error::Graph(error @ graph::Error::Violations(_))), Some(number)) => {
                    let outcome = &mut run.policies[number];
                    outcome.problems.push(error.to_string());
                    (outcome.proposed, outcome.ordered) = Default::default();
                }
                (Err(error), _) => return Err(error),
            }
        }
        Ok(())
    }

    fn commit_part(
        &self,
        head: &Snapshot,
        part: &Part,
        author: &Author,
        key: Option<&RequestKey>,
    ) -> Result<Committed, Error> {
        let signed = (UseCase::RunPolicies, format!("Policies: {}", part.summary), author);
        self.commit_on(head, &self.monitors().branch, signed, key, part.changes.clone())
    }

    /// Verifies the actions that are DONE and whose margins conform; the others are described.
    #[expect(clippy::type_complexity, reason = "what is verified, what is not, and the changes")]
    fn verify_done(
        &self,
        head: &Snapshot,
        at: Instant,
    ) -> Result<(Vec<NamedNode>, Vec<String>, Vec<Change>), Error> {
        let (mut verified, mut unverified, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        for action in feedback::in_state(head, ActionState::Done)?.into_iter().take(VERIFIED_MAX) {
            let name = head.shorten(&action);
            match self.verification(head, &action) {
                Ok((found, evidence)) if found.verdict == Verdict::Conforms => {
                    let grounds = StepGrounds::new("throughline".to_owned(), at, &found.words());
                    changes.extend(evidence);
                    changes.extend(feedback::verified(head, &found, &grounds)?);
                    verified.push(action);
                }
                Ok((found, _)) => unverified.push(format!("{name}: {}", found.words())),
                Err(Error::Feedback(error)) if !error.is_failure() => {
                    unverified.push(format!("{name}: {error}"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok((verified, unverified, changes))
    }
}

/// Returns what each policy does at a version, and the parts that have something to commit.
fn policy_parts(head: &Snapshot, at: Instant) -> Result<(Vec<PolicyOutcome>, Vec<Part>), Error> {
    let (mut outcomes, mut parts) = (Vec::new(), Vec::new());
    for (number, policy) in Policy::all(head)?.into_iter().enumerate() {
        let work = policy.work(head, at)?;
        let counts = [(work.proposed.len(), "proposed"), (work.ordered.len(), "ordered")];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let summary = format!("{} {}", policy.identifier, counts.join(", "));
        parts.push(Part { summary, changes: work.changes, policy: Some(number) });
        outcomes.push(PolicyOutcome {
            policy: policy.iri,
            identifier: policy.identifier,
            proposed: work.proposed,
            ordered: work.ordered,
            problems: work.problems,
        });
    }
    Ok((outcomes, parts))
}

/// Runs the policies of a served thread again and again, for as long as it lives; a run under way is ended first.
#[derive(Debug)]
pub struct PolicySchedule {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PolicySchedule {
    /// Starts to run the policies of a thread.
    pub fn start(app: Arc<App>) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = background::spawn("policies", move || serve(&app, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for PolicySchedule {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by its own message; a run leaves nothing half done.
            let _ = thread.join();
        }
    }
}

/// Returns how many nanoseconds after `now` the next multiple of a distance since 1970 is.
fn due_in(now: Instant, every_ns: i64) -> i64 {
    every_ns - now.nanos().rem_euclid(every_ns)
}

fn serve(app: &App, stopped: &Receiver<()>) {
    let mut next_look: Option<Instant> = None;
    loop {
        let run = app.run_policies(&Author::default(), None);
        audit(app, &run);
        match &run {
            Ok(run) => {
                for outcome in &run.policies {
                    for problem in &outcome.problems {
                        tracing::warn!(policy = outcome.identifier, "a policy could not act: {problem}");
                    }
                }
            }
            Err(error) => tracing::warn!("the policies could not run, the next run comes: {error}"),
        }
        let health = &app.settings().health;
        let now = app.clock().now();
        if health.enabled && next_look.is_none_or(|next| next <= now) {
            if let Err(error) = app.run_data_monitors(&Author::default(), None) {
                tracing::warn!("the health of the data could not be looked at, the next look comes: {error}");
            }
            next_look = Some(now.plus_nanos(due_in(now, health.every_ns)));
        }
        let now = app.clock().now();
        let mut wait = due_in(now, app.settings().policies.every_ns);
        if health.enabled {
            wait = wait.min(due_in(now, health.every_ns));
        }
        let wait = Duration::from_nanos(u64::try_from(wait).unwrap_or(0));
        if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Logs a run that changed something or failed, with the names of the policies: nobody else does, as no principal asked for it.
fn audit(app: &App, run: &Result<PolicyRun, Error>) {
    let (outcome, commit, what) = match run {
        Ok(run) => match run.commits.last() {
            Some(made) => {
                (Outcome::Done, Some(made.commit.id.to_string()), Some(made.commit.message.clone()))
            }
            None => return,
        },
        Err(error) => (Outcome::Failed, None, Some(error.to_string())),
    };
    app.access().operations().note(Operation::RunPolicies, outcome);
    if !app.access().is_configured() {
        return;
    }
    let event = Event::of(&Principal::local(), Operation::RunPolicies.as_str(), outcome);
    let on = Some(format!("scheduled, on {}", app.monitors().branch));
    if let Err(error) = app.access().audit().record(Event { on, commit, reason: what, ..event }) {
        tracing::error!(%error, "what the policies did is not in the audit log");
    }
}
