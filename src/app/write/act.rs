//! Actions: proposed, decided, reported and completed, each request one commit.

use super::evidence::changes as evidence_changes;
use super::retry::retried;
use crate::app::application::App;
use crate::app::error::Error;
use crate::feedback::{
    self, ActionMove, ActionProposal, Autonomy, Completion, Grounds, StepGrounds, Verdict, Verification,
};
use crate::graph::{Author, Committed, RequestKey, Snapshot};
use crate::model::statement::change::Change;
use crate::model::use_case::UseCase;
use crate::telemetry::SeriesId;
use oxigraph::model::NamedNode;

/// Who asks for something about actions, on which branch and why.
#[derive(Clone, Debug, Default)]
pub struct ActionRequest {
    /// The branch that takes it, and on whose head it is made.
    pub branch: String,
    /// Why.
    pub reason: String,
    /// The number by which the system that does the work knows the order.
    pub reference: Option<String>,
    /// Who asks.
    pub author: Author,
    /// The message of the commit; `None`: what was asked.
    pub message: Option<String>,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

impl App {
    /// Proposes one action on each target, in one commit.
    pub fn propose_actions(
        &self,
        request: &ActionRequest,
        proposal: &ActionProposal,
    ) -> Result<(Committed, Vec<NamedNode>), Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            let (_, actions) = self.made_by(&made.commit, crate::ontology::terms::tl::ACTION)?;
            return Ok((made, actions));
        }
        self.acted(request, UseCase::ProposeActions, |head, grounds| {
            let proposed = feedback::propose(head, proposal, grounds)?;
            let summary = format!("Propose {}", counted(proposed.actions.len(), &proposal.kind));
            Ok((summary, proposed.changes, proposed.actions))
        })
    }

    /// Moves actions, all or none: by a decision of a person or by a report of what became of them.
    pub fn move_actions(
        &self,
        request: &ActionRequest,
        actions: &[NamedNode],
        of: ActionMove,
    ) -> Result<Committed, Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return Ok(made);
        }
        let use_case = match of {
            ActionMove::Approve | ActionMove::Reject => UseCase::DecideActions,
            _ => UseCase::ReportActions,
        };
        let (committed, ()) = self.acted(request, use_case, |head, grounds| {
            let changes = feedback::move_actions(head, actions, of, grounds)?;
            Ok((format!("{} {}", verb(of), named(head, actions)), changes, ()))
        })?;
        Ok(committed)
    }

    /// Takes an action to DONE, with the installation, modification or event that records what was done.
    pub fn complete_action(
        &self,
        request: &ActionRequest,
        action: &NamedNode,
        completion: &Completion,
    ) -> Result<Committed, Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return Ok(made);
        }
        let (committed, ()) = self.acted(request, UseCase::CompleteAction, |head, grounds| {
            let completed = feedback::complete_action(head, action, completion, grounds)?;
            let what = completed.replacement.map(|unit| format!(" with {}", head.shorten(&unit)));
            let summary = format!("Complete {}{}", head.shorten(action), what.unwrap_or_default());
            Ok((summary, completed.changes, ()))
        })?;
        Ok(committed)
    }

    /// Takes an action to VERIFIED where the margins of its unit since the work conform; records them as its evidence.
    pub fn verify_action(&self, request: &ActionRequest, action: &NamedNode) -> Result<Committed, Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return Ok(made);
        }
        let author = request.author.to_string();
        retried(|| {
            let head = self.repository().head(&request.branch)?;
            let (verification, mut changes) = self.verification(&head, action)?;
            if verification.verdict != Verdict::Conforms {
                let why = verification.words();
                return Err(feedback::Error::Unverified { action: action.clone(), why }.into());
            }
            let why = match request.reason.trim() {
                "" => verification.words(),
                reason => reason.to_owned(),
            };
            let grounds = StepGrounds::new(author.clone(), head.next_instant(&**self.clock()), &why);
            changes.extend(feedback::verified(&head, &verification, &grounds)?);
            let summary = || format!("Verify {}: {why}", head.shorten(action));
            let signed =
                (UseCase::VerifyActions, request.message.clone().unwrap_or_else(summary), &request.author);
            self.commit_on(&head, &request.branch, signed, request.idempotency_key.as_ref(), changes)
        })
    }

    /// Looks at the unit of an action that is DONE; where its margins conform, what was read is kept, and the changes that record
    /// the evidence are returned.
    pub(in crate::app) fn verification(
        &self,
        head: &Snapshot,
        action: &NamedNode,
    ) -> Result<(Verification, Vec<Change>), Error> {
        let scope = self.scope_of(head.clone(), self.telemetry().now(), self.clock().now());
        let view = scope.view.watched();
        let found = feedback::verify_action(head, &view, action, scope.now, scope.sufficiency)?;
        if found.verdict != Verdict::Conforms {
            return Ok((found, Vec::new()));
        }
        let (series, window) = view.seen();
        let series: Vec<SeriesId> = series.into_iter().collect();
        self.pin_what_was_read(&scope, series, window.unwrap_or(found.window))?;
        let changes = evidence_changes(&found.evidence, &[]);
        Ok((found, changes))
    }

    /// Grants a policy how far it may go by itself.
    pub fn grant_policy(
        &self,
        request: &ActionRequest,
        policy: &NamedNode,
        autonomy: Autonomy,
    ) -> Result<Committed, Error> {
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return Ok(made);
        }
        retried(|| {
            let head = self.repository().head(&request.branch)?;
            let (by, at) = (request.author.clone(), head.next_instant(&**self.clock()));
            let grounds = Grounds { by, at, reason: request.reason.clone() };
            let changes = feedback::grant_policy(&head, policy, autonomy, &grounds)?;
            let summary = || format!("Grant {} {}", head.shorten(policy), autonomy.name());
            let signed =
                (UseCase::GrantPolicy, request.message.clone().unwrap_or_else(summary), &request.author);
            self.commit_on(&head, &request.branch, signed, request.idempotency_key.as_ref(), changes)
        })
    }

    /// Makes changes on the head; where that has moved meanwhile, again on the new head.
    fn acted<T>(
        &self,
        request: &ActionRequest,
        use_case: UseCase,
        act: impl Fn(&Snapshot, &StepGrounds) -> Result<(String, Vec<Change>, T), feedback::Error>,
    ) -> Result<(Committed, T), Error> {
        if use_case == UseCase::DecideActions {
            request.author.person()?;
        }
        retried(|| {
            let head = self.repository().head(&request.branch)?;
            let at = head.next_instant(&**self.clock());
            let grounds = StepGrounds {
                reference: request.reference.clone(),
                ..StepGrounds::new(request.author.to_string(), at, &request.reason)
            };
            let (summary, changes, made) = act(&head, &grounds)?;
            let message = request.message.clone().unwrap_or_else(|| format!("{summary}: {}", grounds.reason));
            let signed = (use_case, message, &request.author);
            Ok((
                self.commit_on(&head, &request.branch, signed, request.idempotency_key.as_ref(), changes)?,
                made,
            ))
        })
    }
}

const fn verb(of: ActionMove) -> &'static str {
    match of {
        ActionMove::Approve => "Approve",
        ActionMove::Reject => "Reject",
        ActionMove::Order => "Order",
        ActionMove::Acknowledge => "Acknowledge",
        ActionMove::Decline => "Decline",
        ActionMove::Complete => "Complete",
        ActionMove::Verify => "Verify",
        ActionMove::Expire => "Expire",
    }
}

fn named(head: &Snapshot, actions: &[NamedNode]) -> String {
    match actions {
        [one] => head.shorten(one),
        many => format!("{} actions", many.len()),
    }
}

fn counted(count: usize, kind: &str) -> String {
    if count == 1 { format!("one action {kind}") } else { format!("{count} actions {kind}") }
}
