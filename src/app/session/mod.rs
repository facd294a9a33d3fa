//! A session: one principal at work on a thread. Each use case is asked for here, authorised once, and logged where it changes something.

mod act;
mod brokers;
mod figures;
mod hook;
mod jobs;
mod oslc;
mod outbox;
mod read;
mod report;
mod transfer;
mod write;

pub use brokers::Subscriber;
pub use figures::Figures;
pub use hook::{HeaderOf, HookError, HookMessage, HookOutcome};
pub use jobs::JobCopy;

use super::access::{Entry, Event, Forbidden, Operation, Outcome, Principal};
use super::application::App;
use super::error::Error;
use super::read::branch_rule::Act;
use crate::graph::{self, Author, Commit, Committed};
use crate::model::sync::cancellation::Cancellation;
use std::sync::Arc;

/// One principal at work on a thread.
#[derive(Clone, Debug)]
pub struct Session {
    app: Arc<App>,
    principal: Arc<Principal>,
}

impl App {
    /// Begins a session of a principal.
    pub fn session(self: &Arc<Self>, principal: Principal) -> Session {
        Session { app: Arc::clone(self), principal: Arc::new(principal) }
    }
}

impl Session {
    /// Returns whose session it is.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Returns whether the principal is still let in, with the same rights.
    pub fn is_valid(&self) -> bool {
        self.app.access().is_valid(&self.principal)
    }

    /// Refuses an operation that the principal's role does not include; that is logged.
    pub fn authorize(&self, operation: Operation) -> Result<(), Error> {
        if self.principal.role.may(operation) {
            return Ok(());
        }
        let (name, role) = (self.principal.author.name.clone(), self.principal.role);
        let forbidden = Forbidden::Role { name, role, operation };
        self.note_denied(operation, "", &forbidden);
        Err(forbidden.into())
    }

    /// Refuses all changes of the graph where the principal's role includes none.
    pub fn authorize_changes(&self) -> Result<(), Error> {
        if self.principal.role.may_change() { Ok(()) } else { self.authorize(Operation::Commit) }
    }

    /// Returns the entries of the audit log after a place, oldest first; the last ones where no place is given.
    pub fn audit(
        &self,
        after: Option<u64>,
        limit: usize,
        wanted: &Cancellation,
    ) -> Result<Vec<Entry>, Error> {
        self.authorize(Operation::ReadAudit)?;
        Ok(self.app.access().audit().entries_while(after, limit, wanted)?)
    }

    /// Returns the author of what the principal commits. Another one may be named by whoever works on this machine, and by who may act as
    /// others; then both are recorded.
    fn author(&self, operation: Operation, asked: &Author) -> Result<Author, Error> {
        let own = &self.principal.author;
        if self.principal.is_local() {
            return Ok(asked.clone());
        }
        if *asked == Author::default() || asked == own {
            return Ok(own.clone());
        }
        if self.principal.act_as {
            return Ok(Author { by: Some(Box::new(own.clone())), ..asked.clone() });
        }
        let forbidden = Forbidden::ActAs { name: own.name.clone(), other: asked.to_string() };
        self.note_denied(operation, "", &forbidden);
        Err(forbidden.into())
    }

    /// Does what changes something: authorised before, logged after.
    fn perform<T: Made, E: From<Error> + OfKey + std::fmt::Display>(
        &self,
        operation: Operation,
        target: &Target<'_>,
        asked: &Author,
        work: impl FnOnce(Author) -> Result<T, E>,
    ) -> Result<T, E> {
        self.authorize(operation)?;
        let author = self.author(operation, asked)?;
        self.check_rules(operation, target, &author)?;
        let named = author.clone();
        let work = |author| {
            let done = work(author);
            // What a key answers, and what it was used for, belongs to whoever made it.
            let before = match &done {
                Ok(made) => made.replayed(),
                Err(error) => error.commit_of_key(),
            };
            let is_of_another = before.is_some_and(|made| !made.is_of(&named));
            match is_of_another && !self.principal.is_local() {
                true => Err(Error::from(Forbidden::KeyOfAnother).into()),
                false => done,
            }
        };
        if !self.is_logged() {
            let done = work(author);
            self.count(operation, if done.is_ok() { Outcome::Done } else { Outcome::Failed });
            return done;
        }
        let audit = self.app.access().audit();
        // Looking after the files may be what makes room for the log again.
        if operation.is_change() {
            audit.check().map_err(Error::from)?;
        }
        let acted_as = (author.to_string() != self.principal.author.to_string()).then(|| author.to_string());
        let done = work(author);
        let (outcome, commit, reason) = match &done {
            Ok(made) => (Outcome::Done, made.commit(), None),
            Err(error) => (Outcome::Failed, None, Some(error.to_string())),
        };
        self.count(operation, outcome);
        let event = Event {
            on: Some(target.on.clone()).filter(|on| !on.is_empty()),
            acted_as,
            commit,
            reason,
            ..Event::of(&self.principal, operation.as_str(), outcome)
        };
        if let Err(error) = audit.record(event) {
            tracing::error!(%error, "what was done is not in the audit log");
        }
        done
    }

    /// Refuses what a rule of the thread leaves to others. Whoever works on this machine could change the rules, and is not asked.
    fn check_rules(&self, operation: Operation, target: &Target<'_>, author: &Author) -> Result<(), Error> {
        let Some(branch) = target.branch.filter(|_| !self.principal.is_local()) else { return Ok(()) };
        let checked = self.app.check_branch_rules(&self.principal, author, branch, target.act);
        if let Err(Error::Forbidden(forbidden)) = &checked {
            self.note_denied(operation, &target.on, forbidden);
        }
        checked
    }

    /// Returns whether there is an audit log: without access nobody is known.
    fn is_logged(&self) -> bool {
        self.app.access().is_configured()
    }

    fn count(&self, operation: Operation, outcome: Outcome) {
        self.app.access().operations().note(operation, outcome);
    }

    fn note_denied(&self, operation: Operation, on: &str, forbidden: &Forbidden) {
        self.count(operation, Outcome::Denied);
        if self.is_logged() {
            self.app.access().audit().record_counted(Event {
                on: Some(on.to_owned()).filter(|on| !on.is_empty()),
                reason: Some(forbidden.to_string()),
                ..Event::of(&self.principal, operation.as_str(), Outcome::Denied)
            });
        }
    }
}

/// What a change is made to.
struct Target<'a> {
    /// As the audit log names it.
    on: String,
    /// The branch that moves.
    branch: Option<&'a str>,
    /// What may take another person.
    act: Option<Act<'a>>,
}

impl<'a> Target<'a> {
    /// Names something that is on no branch.
    fn of(on: String) -> Self {
        Self { on, branch: None, act: None }
    }

    fn branch(branch: &'a str) -> Self {
        Self { on: branch.to_owned(), branch: Some(branch), act: None }
    }

    fn act(branch: &'a str, on: String, act: Act<'a>) -> Self {
        Self { on, branch: Some(branch), act: Some(act) }
    }
}

/// An error that may be about the commit of an idempotency key.
pub trait OfKey {
    /// Returns the commit of the key, where this is an error about it.
    fn commit_of_key(&self) -> Option<&Commit> {
        None
    }
}

impl OfKey for Error {
    fn commit_of_key(&self) -> Option<&Commit> {
        match self {
            Self::Graph(
                graph::Error::KeyReused { commit, .. } | graph::Error::KeyElsewhere { commit, .. },
            ) => Some(commit),
            _ => None,
        }
    }
}

/// What a use case has made.
trait Made {
    /// Returns the id of its commit, where it made one.
    fn commit(&self) -> Option<String> {
        None
    }

    /// Returns the commit that was made before under the same idempotency key, where this is only its answer.
    fn replayed(&self) -> Option<&Commit> {
        None
    }
}

impl Made for Committed {
    fn commit(&self) -> Option<String> {
        Some(self.commit.id.to_string())
    }

    fn replayed(&self) -> Option<&Commit> {
        self.replayed.then_some(&self.commit)
    }
}
