//! Decisions of persons on findings and change requests, each one commit.

use super::retry::retried;
use crate::app::application::App;
use crate::app::error::Error;
use crate::feedback::{self, ChangeDecision, ChangeDraft, FindingDecision, Grounds};
use crate::graph::{Author, CommitId, Committed, RequestKey, Snapshot};
use crate::model::statement::change::Change;
use crate::model::use_case::UseCase;
use crate::ontology::terms::tl;
use oxigraph::model::NamedNode;

/// A decision on a finding or on a change request.
#[derive(Clone, Debug)]
pub struct DecisionRequest<D> {
    /// The branch that takes the decision, and on whose head it is made.
    pub branch: String,
    /// What is decided on.
    pub subject: NamedNode,
    /// What is decided.
    pub decision: D,
    /// Why.
    pub reason: String,
    /// Who decides.
    pub author: Author,
    /// The message of the commit; `None`: what was decided.
    pub message: Option<String>,
    /// The version that was looked at; `None`: the head. Where the evidence has changed since, nothing is decided.
    pub based_on: Option<CommitId>,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

impl App {
    /// Decides on a finding that is open. Accepted, it opens a change request in the same commit, whose name is returned.
    pub fn decide_finding(
        &self,
        request: &DecisionRequest<FindingDecision>,
        draft: &ChangeDraft,
    ) -> Result<(Committed, Option<NamedNode>), Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            let (_, opened) = self.made_by(&made.commit, tl::CHANGE_REQUEST)?;
            return Ok((made, opened.into_iter().next()));
        }
        let verb = match request.decision {
            FindingDecision::Accept => "Accept",
            FindingDecision::Dismiss => "Dismiss",
        };
        self.decided(request, (UseCase::DecideFinding, verb), |head, grounds| {
            let decided = feedback::decide_finding(head, &request.subject, request.decision, grounds, draft)?;
            Ok((decided.changes, decided.change_request))
        })
    }

    /// Takes a change request into another state; `evidence` is what the decision rests on.
    pub fn decide_change(
        &self,
        request: &DecisionRequest<ChangeDecision>,
        evidence: &[NamedNode],
    ) -> Result<Committed, Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return Ok(made);
        }
        let verb = match request.decision {
            ChangeDecision::Approve => "Approve",
            ChangeDecision::Reject => "Reject",
            ChangeDecision::Implement => "Take as implemented",
            ChangeDecision::Close => "Close",
            ChangeDecision::Reopen => "Reopen",
        };
        let (committed, ()) = self.decided(request, (UseCase::DecideChange, verb), |head, grounds| {
            let changes =
                feedback::decide_change(head, &request.subject, request.decision, grounds, evidence)?;
            Ok((changes, ()))
        })?;
        Ok(committed)
    }

    /// Decides on the head; where that has moved meanwhile, again on the new head.
    fn decided<D, T>(
        &self,
        request: &DecisionRequest<D>,
        (use_case, verb): (UseCase, &str),
        decide: impl Fn(&Snapshot, &Grounds) -> Result<(Vec<Change>, T), feedback::Error>,
    ) -> Result<(Committed, T), Error> {
        retried(|| {
            let head = self.repository().head(&request.branch)?;
            self.check_unchanged(&head, &request.subject, request.based_on)?;
            let (by, at) = (request.author.clone(), head.next_instant(&**self.clock()));
            let (changes, made) = decide(&head, &Grounds { by, at, reason: request.reason.clone() })?;
            let summary = || format!("{verb} {}: {}", head.shorten(&request.subject), request.reason.trim());
            let signed = (use_case, request.message.clone().unwrap_or_else(summary), &request.author);
            Ok((
                self.commit_on(&head, &request.branch, signed, request.idempotency_key.as_ref(), changes)?,
                made,
            ))
        })
    }

    fn check_unchanged(
        &self,
        head: &Snapshot,
        subject: &NamedNode,
        based_on: Option<CommitId>,
    ) -> Result<(), Error> {
        let Some(based_on) = based_on else { return Ok(()) };
        let then = self.repository().snapshot_at(based_on)?;
        match feedback::outcomes_behind(&then, subject)? == feedback::outcomes_behind(head, subject)? {
            true => Ok(()),
            false => Err(Error::ChangedSince(Box::new(subject.clone().into()), based_on)),
        }
    }
}
