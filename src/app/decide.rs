//! Decisions of persons on findings and change requests, each one commit.

use super::application::App;
use super::error::Error;
use super::retry::retried;
use crate::feedback::{self, ChangeDecision, ChangeDraft, FindingDecision, Grounds};
use crate::graph::{Author, CommitRequest, Committed, Snapshot};
use crate::model::change::Change;
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
    /// What the commit says of itself; `None`: what was decided.
    pub message: Option<String>,
}

impl App {
    /// Decides on a finding that is open. Accepted, it opens a change request in the same commit, whose name is returned.
    pub fn decide_finding(
        &self,
        request: &DecisionRequest<FindingDecision>,
        draft: &ChangeDraft,
    ) -> Result<(Committed, Option<NamedNode>), Error> {
        let verb = match request.decision {
            FindingDecision::Accept => "Accept",
            FindingDecision::Dismiss => "Dismiss",
        };
        self.decided(request, verb, |head, grounds| {
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
        let verb = match request.decision {
            ChangeDecision::Approve => "Approve",
            ChangeDecision::Reject => "Reject",
            ChangeDecision::Implement => "Take as implemented",
            ChangeDecision::Close => "Close",
            ChangeDecision::Reopen => "Reopen",
        };
        let (committed, ()) = self.decided(request, verb, |head, grounds| {
            let changes =
                feedback::decide_change(head, &request.subject, request.decision, grounds, evidence)?;
            Ok((changes, ()))
        })?;
        Ok(committed)
    }

    /// Decides on the head. Where that has moved meanwhile, another decision on the same record clashes with this one, as both
    /// say who decided, when and why; the second try then meets what the other left. Whatever else was committed does not
    /// matter.
    fn decided<D, T>(
        &self,
        request: &DecisionRequest<D>,
        verb: &str,
        decide: impl Fn(&Snapshot, &Grounds) -> Result<(Vec<Change>, T), feedback::Error>,
    ) -> Result<(Committed, T), Error> {
        retried(|| {
            let head = self.repository().head(&request.branch)?;
            let (by, reason) = (request.author.clone(), request.reason.clone());
            let (changes, made) = decide(&head, &Grounds { by, at: self.clock().now(), reason })?;
            let said = || format!("{verb} {}: {}", head.shorten(&request.subject), request.reason.trim());
            let committed = self.commit_as(&CommitRequest {
                branch: request.branch.clone(),
                message: request.message.clone().unwrap_or_else(said),
                author: request.author.clone(),
                changes,
                expected_head: Some(head.commit().id),
                ..CommitRequest::default()
            })?;
            Ok((committed, made))
        })
    }
}
