//! The mutation that each action is, its input from what a form sent, and what its answer comes to.

mod put;

use crate::graphql::Query;
use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::content::section::Note;
use crate::pages::content::sent::Sent;
use crate::pages::page::Page;
use crate::pages::text::time::instant;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

macro_rules! action {
    ($name:literal) => {
        concat!(include_str!(concat!($name, ".graphql")), include_str!("refusal.graphql"))
    };
}

/// What an action came to.
#[derive(Debug)]
pub enum Outcome {
    /// It was done; this page shows it.
    Done(String),
    /// Nothing was changed: the status, and why.
    Refused(u16, Box<Sent>),
}

impl Action {
    const fn document(self) -> &'static str {
        match self {
            Self::DecideFinding => action!("decide-finding"),
            Self::DecideChange => action!("decide-change"),
            Self::AnswerChange | Self::RequestChange | Self::Bind => action!("commit"),
            Self::Put => action!("put"),
            Self::ConfirmLink => action!("confirm-link"),
            Self::RecordEvidence => action!("record-evidence"),
            Self::OpenReview => action!("open-review"),
            Self::SignReview => action!("sign-review"),
            Self::CreateBranch => action!("versions/create-branch"),
            Self::DeleteBranch => action!("versions/delete-branch"),
            Self::Tag => action!("versions/tag"),
            Self::Merge => action!("versions/merge"),
            Self::Revert => action!("versions/revert"),
        }
    }

    /// Returns the fields of the input that the form gives; what is absent is left to its default.
    fn input(self, address: &Address, sent: &Sent) -> Value {
        let id = address.id();
        let decided = |name: &str| json!({ name: id, "decision": sent.some("decision"), "reason": sent.value("reason"), "basedOn": sent.some("seen") });
        match self {
            Self::DecideFinding => {
                let mut input = decided("finding");
                if sent.value("decision") == "ACCEPT" {
                    input["changeRequest"] = given(sent, &["identifier", "title", "description"]);
                }
                input
            }
            Self::DecideChange => {
                let mut input = decided("changeRequest");
                let evidence: Vec<&str> = sent.beginning("evidence:").map(|(iri, _)| iri).collect();
                if !evidence.is_empty() {
                    input["evidence"] = json!(evidence);
                }
                input
            }
            Self::AnswerChange => {
                let link = json!({ "from": sent.value("design"), "property": "answers", "to": id });
                json!({ "message": sent.some("reason").unwrap_or("State which design answers a change"), "changes": [{ "link": link }] })
            }
            Self::RequestChange => {
                let mut change = given(sent, &["identifier", "title", "description"]);
                change["affects"] = json!([id]);
                json!({ "message": sent.some("reason").unwrap_or(sent.value("title")), "changes": [{ "putChangeRequest": change }] })
            }
            Self::Put => {
                let mut input = given(sent, &["message"]);
                input["changes"] = json!([put::change(sent)]);
                if sent.some("draft").is_none() {
                    input["expectedHead"] = json!(sent.some("seen"));
                }
                input
            }
            Self::Bind => {
                let message = format!("Bind {} of {}", sent.value("field"), sent.value("twin"));
                json!({ "message": sent.some("reason").unwrap_or(&message), "changes": [put::signal(sent)] })
            }
            Self::ConfirmLink => {
                json!({ "from": sent.value("from"), "to": sent.value("to"), "property": sent.value("property"), "message": sent.some("reason"), "basedOn": sent.some("seen") })
            }
            Self::RecordEvidence => {
                json!({ "item": id, "window": window(&address.place), "at": address.place.at, "asKnownAt": address.place.as_known_at, "message": sent.some("reason") })
            }
            Self::OpenReview => {
                let mut input = given(sent, &["identifier", "title", "description"]);
                input["designs"] = json!([id]);
                input["window"] = window(&address.place);
                input["at"] = json!(address.place.at);
                input["asKnownAt"] = json!(address.place.as_known_at);
                input["participants"] = json!(listed(sent.value("participants")));
                input
            }
            Self::SignReview => {
                json!({ "review": id, "decision": sent.some("decision"), "comment": sent.some("reason") })
            }
            Self::CreateBranch | Self::Tag => {
                let mut input = given(sent, &["name", "message"]);
                input["at"] = json!(sent.some("seen"));
                input
            }
            Self::DeleteBranch => given(sent, &["name", "expectedHead"]),
            Self::Merge => {
                let mut input = given(sent, &["source", "into", "message"]);
                input["expectedHead"] = json!(sent.some("expectedHead"));
                input["resolutions"] = resolutions(sent.values());
                input
            }
            Self::Revert => {
                let mut input = given(sent, &["commit"]);
                input["message"] = json!(sent.some("reason"));
                input
            }
        }
    }

    /// Returns whether it changes a branch, and the input names it.
    const fn is_of_branch(self) -> bool {
        self.is_signed() && !matches!(self, Self::Merge)
    }

    /// Returns the page that shows what was done.
    fn onward(self, address: &Address, sent: &Sent, done: &Value) -> String {
        let place = &address.place;
        let commit = done["commit"]["id"].as_str().and_then(|id| id.get(..12));
        // A branch shows what came to it; another version never does.
        let at = match commit {
            _ if sent.some("draft").is_some() => sent.value("draft"),
            Some(commit) if sent.value("branch") != place.at => commit,
            _ => &place.at,
        };
        let there = Place { at: at.to_owned(), ..place.clone() };
        let record = done["record"]["iri"].as_str().or(done["records"][0]["iri"].as_str());
        match (self, record) {
            (Self::OpenReview, Some(iri)) => there.of(Page::Review, iri),
            (Self::Put, Some(iri)) => there.of(Page::Record, iri),
            (Self::RequestChange, Some(iri)) => there.of(Page::Change, iri),
            (Self::CreateBranch, _) => {
                let at = sent.value("name").to_owned();
                Place { at, ..there }.href(Page::Versions, &[("branch", sent.value("name"))])
            }
            (Self::DeleteBranch | Self::Tag, _) => there.href(Page::Versions, &[]),
            (Self::Merge | Self::Revert, _) => {
                let branch = if self == Self::Merge { sent.value("into") } else { sent.value("branch") };
                there.href(Page::Versions, &[("branch", branch)])
            }
            _ => address.at(&there, &[]),
        }
    }
}

impl Address {
    /// Returns what a form of this page asks for; nothing where no form of the pages does.
    pub fn action(&self, sent: &Sent) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.as_str() == sent.value("do"))
    }

    /// Returns the request that an action is.
    pub fn request(&self, action: Action, sent: &Sent) -> Query {
        let mut input = action.input(self, sent);
        if action.is_of_branch() {
            // A draft is there before the commit.
            input["branch"] = json!(sent.some("draft").or(sent.some("branch")).unwrap_or("main"));
        }
        if let (true, Some(email)) = (action.is_signed(), sent.some("authorEmail")) {
            input["author"] = json!({ "name": sent.value("authorName"), "email": email });
        }
        input["idempotencyKey"] = json!(key(self, sent));
        if let Value::Object(fields) = &mut input {
            fields.retain(|_, value| !value.is_null());
        }
        let query = Some(action.document().to_owned());
        let mut variables = json!({ "input": input });
        if action == Action::Put {
            let draft = sent.some("draft");
            variables["isDraft"] = json!(draft.is_some());
            variables["draft"] = json!({ "name": draft.unwrap_or("main"), "at": sent.value("seen") });
        }
        Query { query, variables, ..Query::default() }
    }

    /// Reads what an action came to.
    pub fn outcome(&self, action: Action, mut sent: Sent, answer: &Value) -> Outcome {
        let done = &answer["data"]["done"];
        let refused = refusals(&answer["data"]["draft"]).or_else(|| refusals(done));
        if let Some(errors) = refused {
            let problems: Vec<Note> = errors.iter().flat_map(|error| explain(self, &sent, error)).collect();
            sent.problems = problems;
            let is_shape = errors.iter().any(|error| error["code"] == "SHAPE_VIOLATION");
            return Outcome::Refused(if is_shape { 422 } else { 409 }, Box::new(sent));
        }
        if !done.is_null() {
            return Outcome::Done(action.onward(self, &sent, done));
        }
        for error in answer["errors"].as_array().into_iter().flatten() {
            sent.refuse(error["message"].as_str().unwrap_or("it failed; the cause is in the log"));
        }
        let status = match answer["errors"][0]["extensions"]["code"].as_str() {
            Some("FORBIDDEN") => 403,
            Some("NOT_FOUND") => 404,
            Some("CONFLICT") => 409,
            Some("SHAPE_VIOLATION") => 422,
            Some("BAD_INPUT") => 400,
            Some("UNAVAILABLE" | "TIMEOUT") => 503,
            _ => 500,
        };
        Outcome::Refused(status, Box::new(sent))
    }
}

/// Returns the errors of a payload, where it has any.
fn refusals(payload: &Value) -> Option<&Vec<Value>> {
    payload["errors"].as_array().filter(|errors| !errors.is_empty())
}

/// Returns the request that makes a branch.
pub fn new_branch(name: &str, at: &str) -> Query {
    let query = Some(Action::CreateBranch.document().to_owned());
    Query { query, variables: json!({ "input": { "name": name, "at": at } }), ..Query::default() }
}

/// Returns why a request was refused; nothing where it was done.
pub fn refusal(answer: &Value) -> Option<String> {
    let done = &answer["data"]["done"];
    let errors =
        refusals(done).or_else(|| answer["errors"].as_array().filter(|errors| !errors.is_empty()))?;
    let texts: Vec<&str> = errors.iter().filter_map(|error| error["message"].as_str()).collect();
    Some(texts.join("; "))
}

/// Explains an error of a payload: what is wrong, then each place where it is.
fn explain(address: &Address, sent: &Sent, error: &Value) -> Vec<Note> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let texts = |values: &Value| {
        let values = values.as_array().into_iter().flatten().filter_map(Value::as_str);
        let values = values.collect::<Vec<_>>().join(", ");
        if values.is_empty() { "nothing".to_owned() } else { values }
    };
    let nodes = |of: &str| error[of]["nodes"].as_array().cloned().unwrap_or_default();
    let mut first = Note::warning(text(&error["message"]));
    if let Some(head) = error["head"].as_str() {
        let seen = sent.some("expectedHead").or(sent.some("seen")).unwrap_or(&address.place.at);
        let there = Place { at: head.to_owned(), then: seen.to_owned(), ..address.place.clone() };
        first = first.to("See what has changed since", there.href(Page::Versions, &[]));
    } else if error["code"] == "CONFLICT" {
        let there = Place { at: "main".to_owned(), ..address.place.clone() };
        first = first.to("Look at the newest version", address.at(&there, &[]));
    }
    let conflicts = nodes("conflicts").into_iter().map(|of| {
        let property = of["property"].as_str().unwrap_or("the record as a whole");
        let (base, ours, theirs) =
            (texts(&of["base"]), texts(&of["ours"]["values"]), texts(&of["theirs"]["values"]));
        Note::warning(format!(
            "{} {property}: it was {base}; the branch has {ours}, this form {theirs}",
            text(&of["resource"])
        ))
    });
    let violations = nodes("violations").into_iter().map(|of| {
        let path = of["path"].as_str().unwrap_or_default();
        Note::warning(format!("{} {path}: {}", text(&of["resource"]), text(&of["message"])))
    });
    let links = error["links"].as_array().into_iter().flatten();
    let links = links
        .map(|of| Note::warning(format!("{} links to it: {}", text(&of["from"]), text(&of["property"]))));
    std::iter::once(first).chain(conflicts).chain(violations).chain(links).collect()
}

/// Returns the values of a form that were filled in.
fn given(sent: &Sent, names: &[&str]) -> Value {
    let filled = names.iter().filter_map(|name| Some(((*name).to_owned(), json!(sent.some(name)?))));
    Value::Object(filled.collect::<Map<_, _>>())
}

/// Returns the parts of a list that is written with commas or lines.
fn listed(text: &str) -> Vec<&str> {
    text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn window(place: &Place) -> Value {
    let read = |text: &str| instant(text).map(|at| at.to_string());
    json!({ "from": read(&place.from), "to": read(&place.to) })
}

/// Reads what was decided of conflicts: `resource:N`, `property:N`, `take:N` and `values:N` belong together.
pub(super) fn resolutions(values: &[(String, String)]) -> Value {
    let value = |name: &str| {
        let found = values.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let each = values.iter().filter_map(|(name, resource)| Some((name.strip_prefix("resource:")?, resource)));
    let resolutions = each.filter_map(|(at, resource)| {
        let property = value(&format!("property:{at}"));
        let take = value(&format!("take:{at}"))?;
        let mut resolution = json!({ "resource": resource });
        if let Some(property) = property {
            resolution["property"] = json!(property);
        }
        match take {
            "VALUES" => {
                let text = value(&format!("values:{at}")).unwrap_or_default();
                let values: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                resolution["values"] = json!(values);
            }
            side => resolution["take"] = json!(side),
        }
        Some(resolution)
    });
    Value::Array(resolutions.collect())
}

/// Returns the key of what was sent: a form that is sent twice is done once.
fn key(address: &Address, sent: &Sent) -> String {
    let mut digest = Sha256::new();
    digest.update(address.at(&address.place, &[]));
    for (name, value) in sent.values() {
        digest.update([0]);
        digest.update(name);
        digest.update([1]);
        digest.update(value);
    }
    let digest = digest.finalize();
    format!("page-{}", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
}
