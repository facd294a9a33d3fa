//! Hooks: messages of other systems that report what became of an action, or ask for a change. Each is signed, is dealt with once however
//! often it comes, and is written by the principal of its hook, with no more rights than its role has.

use super::Session;
use crate::app::access::Principal;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::message::mapping::{Effect, Rule};
use crate::app::settings::hooks::{Hook, Scheme};
use crate::app::write::act::ActionRequest;
use crate::feedback::{ActionMove, Completion};
use crate::graph::{self, CommitId, CommitRequest, RequestKey, Snapshot};
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::thread::{Found, find};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// A message may be so much older or newer than the clock of the thread.
const WINDOW_SECONDS: i64 = 300;

/// A message as it came.
#[derive(Clone, Copy, Debug)]
pub struct HookMessage<'a> {
    /// The value of a header, by its name in lower case.
    pub header: &'a dyn HeaderOf,
    /// The bytes that are signed.
    pub body: &'a [u8],
}

/// Headers of a message.
pub trait HeaderOf: std::fmt::Debug {
    /// Returns the value of a header, by its name in lower case.
    fn header(&self, name: &str) -> Option<&str>;
}

/// What a message came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookOutcome {
    /// It made this commit, now or when it came before.
    Done(CommitId),
    /// No rule applies to it.
    Unmatched,
}

/// Why a message is not dealt with.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// There is no such hook.
    #[error("there is no hook {0}")]
    Unknown(String),
    /// It is not signed by the secret of the hook.
    #[error("{0}")]
    Unsigned(String),
    /// It does not have what the rules ask for.
    #[error("{0}")]
    Message(String),
    /// It cannot be done.
    #[error(transparent)]
    Refused(#[from] Error),
}

impl App {
    /// Deals with a message to a hook.
    pub fn take_hook(
        self: &Arc<Self>,
        name: &str,
        message: HookMessage<'_>,
    ) -> Result<HookOutcome, HookError> {
        let hook = self.hooks().iter().find(|hook| hook.name == name);
        let hook = hook.ok_or_else(|| HookError::Unknown(name.to_owned()))?;
        let delivery = verified(hook, message, self.clock().now())?;
        let value: Value = serde_json::from_slice(message.body)
            .map_err(|error| HookError::Message(format!("the body is no JSON: {error}")))?;
        let Some(rule) = hook.mapping.rule_for(&value) else {
            tracing::warn!(hook = name, "no rule applies to a message");
            return Ok(HookOutcome::Unmatched);
        };
        let key =
            RequestKey::of(&format!("hook/{name}/{}", digest(delivery.as_bytes())), "hook", [message.body]);
        let key = key.map_err(|error| HookError::Refused(graph::Error::from(error).into()))?;
        let session = self.session(principal(hook));
        Ok(HookOutcome::Done(self.apply(&session, rule, &value, &key)?))
    }

    fn apply(
        &self,
        session: &Session,
        rule: &Rule,
        message: &Value,
        key: &RequestKey,
    ) -> Result<CommitId, HookError> {
        let branch = rule.value("branch", message).unwrap_or_else(|| "main".to_owned());
        // What was done before under the key is answered, though the state has moved on.
        if let Some(made) = self.made_under(Some(key), &branch)? {
            return Ok(made.commit.id);
        }
        let head = session.head(&branch)?;
        let reason = rule.value("reason", message);
        let request = ActionRequest {
            branch: branch.clone(),
            reason: reason.unwrap_or_else(|| "reported".to_owned()),
            reference: rule.value("reference", message),
            author: session.principal().author.clone(),
            message: None,
            idempotency_key: Some(key.clone()),
        };
        if rule.effect == Effect::ChangeRequest {
            return request_change(session, &head, rule, message, &request);
        }
        let action = needed(&head, rule, "action", message)?;
        let committed = match rule.effect {
            Effect::Order => session.move_actions(&request, &[action], ActionMove::Order),
            Effect::Acknowledge => session.move_actions(&request, &[action], ActionMove::Acknowledge),
            Effect::Decline => session.move_actions(&request, &[action], ActionMove::Decline),
            Effect::Complete | Effect::ChangeRequest => {
                let completion = completion(&head, rule, message)?;
                session.complete_action(&request, &action, &completion)
            }
        };
        Ok(committed?.commit.id)
    }
}

/// Returns the name of a delivery whose signature is right; of Standard Webhooks the signed one, else the digest of what is signed.
fn verified(hook: &Hook, message: HookMessage<'_>, now: Instant) -> Result<String, HookError> {
    let header = |name: &str| message.header.header(name);
    let missing = |name: &str| HookError::Unsigned(format!("the header {name} is missing"));
    match hook.scheme {
        Scheme::Standard => {
            let id = header("webhook-id").ok_or_else(|| missing("webhook-id"))?;
            let at = header("webhook-timestamp").ok_or_else(|| missing("webhook-timestamp"))?;
            let signatures = header("webhook-signature").ok_or_else(|| missing("webhook-signature"))?;
            let at: i64 = at
                .parse()
                .map_err(|_| HookError::Unsigned("webhook-timestamp is no number of seconds".to_owned()))?;
            if now.seconds().abs_diff(at) > WINDOW_SECONDS.unsigned_abs() {
                let text = format!(
                    "the message is of another time: webhook-timestamp is more than {WINDOW_SECONDS} s from now"
                );
                return Err(HookError::Unsigned(text));
            }
            match hook.secret.verifies(id, at, message.body, signatures) {
                true => Ok(id.to_owned()),
                false => Err(HookError::Unsigned("the signature does not match".to_owned())),
            }
        }
        Scheme::Github => {
            let signature = header("x-hub-signature-256").ok_or_else(|| missing("x-hub-signature-256"))?;
            match hook.secret.verifies_github(message.body, signature) {
                // The name that GitHub gives a delivery is not signed: the body is what is known to be its own.
                true => Ok(digest(message.body)),
                false => Err(HookError::Unsigned("the signature does not match".to_owned())),
            }
        }
    }
}

fn principal(hook: &Hook) -> Principal {
    Principal {
        author: hook.author.clone(),
        role: hook.role,
        twins: None,
        act_as: false,
        origin: hook.origin(),
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the resource that a rule names in a message.
fn needed(head: &Snapshot, rule: &Rule, name: &str, message: &Value) -> Result<NamedNode, HookError> {
    let text = rule.value(name, message).ok_or_else(|| {
        HookError::Message(format!("the message has no {name}: there is nothing at {}", rule.stated(name)))
    })?;
    resolved(head, &text)
}

fn resolved(head: &Snapshot, text: &str) -> Result<NamedNode, HookError> {
    let found = find::<graph::Error>(head, text, |_| Ok(true))
        .map_err(|error| HookError::Message(error.to_string()))?;
    match found {
        Found::One(iri) => Ok(iri),
        Found::Several(_) => Err(HookError::Message(format!("several resources are called \"{text}\""))),
    }
}

fn completion(head: &Snapshot, rule: &Rule, message: &Value) -> Result<Completion, HookError> {
    let named = |name: &str| rule.value(name, message).map(|text| resolved(head, &text)).transpose();
    let at = rule.value("at", message).map(|text| text.parse::<Instant>()).transpose();
    Ok(Completion {
        at: at.map_err(|error| HookError::Message(format!("at: {error}")))?,
        position: rule.value("position", message),
        replacement: rule.value("replacement", message),
        lot: named("lot")?,
        realizes: named("realizes")?,
    })
}

/// Commits a change request, which begins as OPEN.
fn request_change(
    session: &Session,
    head: &Snapshot,
    rule: &Rule,
    message: &Value,
    request: &ActionRequest,
) -> Result<CommitId, HookError> {
    let key = request.idempotency_key.clone();
    let digits = digest(key.as_deref().unwrap_or_default().as_bytes());
    let iri = head.expand(&format!("changeRequest/{}", &digits[..12])).map_err(Error::from)?;
    let title = rule.value("title", message).ok_or_else(|| {
        HookError::Message(format!("the message has no title: there is nothing at {}", rule.stated("title")))
    })?;
    let identifier = rule.value("identifier", message).unwrap_or_else(|| format!("CR-{}", &digits[..12]));
    let mut changes = Vec::new();
    let mut add = |predicate: NamedNodeRef<'_>, object: Term| {
        changes.push(Change::Add(Statement::new(iri.clone(), predicate.into_owned(), object)));
    };
    let text = |text: String| Term::from(Literal::new_simple_literal(text));
    add(rdf::TYPE, tl::CHANGE_REQUEST.into_owned().into());
    add(dcterms::IDENTIFIER, text(identifier));
    add(dcterms::TITLE, text(title.clone()));
    if let Some(description) = rule.value("description", message) {
        add(dcterms::DESCRIPTION, text(description));
    }
    if let Some(affected) = rule.value("affects", message) {
        add(tl::AFFECTS, resolved(head, &affected)?.into());
    }
    add(tl::STATE, text("OPEN".to_owned()));
    let committed = session.commit_as(CommitRequest {
        branch: request.branch.clone(),
        message: format!("Take over a change request: {title}"),
        author: request.author.clone(),
        idempotency_key: key,
        changes,
        ..CommitRequest::default()
    })?;
    Ok(committed.commit.id)
}
