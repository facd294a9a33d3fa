//! Clearing a suspect link: an explicit commit that records who confirmed that it still applies.

use super::retry::retried;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{Author, CommitId, Committed, RequestKey, Snapshot};
use crate::model::statement::Statement;
use crate::model::use_case::UseCase;
use crate::thread::{self, Suspects};

/// Which link is to be cleared, and on whose word.
#[derive(Clone, Debug)]
pub struct ClearRequest {
    /// The branch that takes the commit.
    pub branch: String,
    /// The link.
    pub link: Statement,
    /// The message of the commit; `None`: which link was confirmed.
    pub message: Option<String>,
    /// Who looked at it.
    pub author: Author,
    /// The version that was looked at; `None`: the head. Where the target has changed after it, nothing is cleared.
    pub based_on: Option<CommitId>,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

impl App {
    /// Clears a suspect link: from this commit on it is in order, until its target changes again.
    pub fn confirm_link(&self, request: &ClearRequest) -> Result<Committed, Error> {
        match self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            Some(made) => Ok(made),
            None => retried(|| self.try_to_clear(request)),
        }
    }

    fn try_to_clear(&self, request: &ClearRequest) -> Result<Committed, Error> {
        let head = self.repository().head(&request.branch)?;
        self.refuse_what_is_in_order(&head, request)?;
        let by = request.author.person()?;
        let message = request.message.clone().unwrap_or_else(|| message(&head, &request.link));
        let changes = thread::confirm(&request.link, head.next_instant(&**self.clock()), &by);
        let signed = (UseCase::ConfirmLink, message, &request.author);
        self.commit_on(&head, &request.branch, signed, request.idempotency_key.as_ref(), changes)
    }

    fn refuse_what_is_in_order(&self, head: &Snapshot, request: &ClearRequest) -> Result<(), Error> {
        let link = || Box::new(request.link.clone());
        if head.origin(&request.link)?.is_none() {
            return Err(Error::NoLink(link()));
        }
        let suspects = Suspects::new(head);
        if suspects.of(&request.link)?.is_none() {
            return Err(Error::NotSuspect(link()));
        }
        let Some(based_on) = request.based_on else { return Ok(()) };
        self.repository().snapshot_at(based_on)?;
        if suspects.is_target_as(&request.link, based_on)? {
            Ok(())
        } else {
            Err(Error::ChangedSince(Box::new(request.link.object.clone()), based_on))
        }
    }
}

fn message(at: &Snapshot, link: &Statement) -> String {
    let name =
        at.ontology().property(link.predicate.as_ref()).map_or(link.predicate.as_str(), |p| p.name.as_str());
    let to = match &link.object {
        oxigraph::model::Term::NamedNode(to) => at.shorten(to),
        other => other.to_string(),
    };
    format!("Confirm that {} {name} {to}", at.shorten(&link.subject))
}
