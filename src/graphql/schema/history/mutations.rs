//! What all mutations have in common: one input, one payload, and errors that are part of the payload.
//!
//! One rule decides where an error is. What depends on the state of the thread is a typed member of the payload's `errors`: a
//! conflict with what others did (`CONFLICT`), data that would break shapes or rules (`SHAPE_VIOLATION`), an idempotency key that
//! was used for another request, or commits that cannot be adopted (`BAD_INPUT`). A client can foresee these and shows them to a person. All else (a request that means nothing, a name of nothing, a limit, a failure) is an error of
//! the field. They are an interface and not a union, so that a client that knows no member by name reads `message` and `code`, and
//! goes on doing so when members are added.

use super::conflict;
use crate::app::Scope;
use crate::graph::{self, Commit, Fault, RequestKey};
use crate::graphql::engine::types::arguments::{Arguments, missing};
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, input, interface, object};
use crate::graphql::engine::types::{Definition, InputField, Type};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::{Cause, Code, Error};
use crate::graphql::schema::shared::node::Node;
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::payload::Made;
use crate::graphql::schema::shared::version_arguments::MAIN;
use std::sync::Arc;

const WRONG: &str = "What is wrong, for a person.";
const CODE: &str = "What kind of error it is.";
const KEY: &str = "idempotencyKey";

/// What the message of a commit is.
pub(crate) const MESSAGE: &str = "The message of the commit.";

/// The root of mutations, with the inputs and payloads of its fields.
pub(crate) struct Mutations {
    root: ObjectBuilder<()>,
    types: Vec<Definition>,
}

/// What a mutation came to: what it made, or why it made nothing.
pub(crate) struct Payload<T> {
    made: Option<T>,
    error: Option<Arc<Refused>>,
}

/// An error of a mutation, and the version by which it names things.
struct Refused {
    scope: Arc<Scope>,
    error: Error,
}

impl Mutations {
    pub(crate) fn new() -> Self {
        let root = object::<()>(
            "Mutation",
            "The root of all mutations. Each takes one input and answers with one payload.",
        );
        Self { root, types: types() }
    }

    /// Adds a mutation: its input takes these fields, its payload has those that `payload` adds, and `run` makes the change.
    pub(crate) fn add<T: 'static>(
        mut self,
        (name, comment): (&str, &str),
        fields: Vec<InputField>,
        payload: impl FnOnce(ObjectBuilder<Payload<T>>) -> ObjectBuilder<Payload<T>>,
        run: impl Fn(&Call<'_>, Option<RequestKey>) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Self {
        let (first, rest) = name.split_at(1);
        let stem = format!("{}{rest}", first.to_uppercase());
        let (input_name, payload_name) = (format!("{stem}Input"), format!("{stem}Payload"));
        let mut fields = fields;
        fields.push(InputField::new(
            KEY,
            "String",
            "Names this request, in 1 to 200 visible ASCII characters: sent again with the same key, it changes nothing more and answers alike. A key that was used for another request is refused.",
        ));
        let errors = |of: &Payload<T>, _: &Call<'_>| Ok(Value::objects(of.error.iter().map(Arc::clone)));
        let payload = payload(object(&payload_name, &format!("The result of the mutation {name}.")));
        let payload = payload.field(
            "errors",
            "[UserError!]!",
            "Why nothing was changed; empty where the mutation did what it was asked.",
            errors,
        );
        self.types.push(input(&input_name, &format!("The input of the mutation {name}."), fields));
        self.types.push(payload.done());
        let argument =
            vec![InputField::new("input", &format!("{input_name}!"), "What the mutation is asked to do.")];
        let operation = name.to_owned();
        let resolve = move |(): &(), call: &Call<'_>| {
            let given = call.arguments.object("input")?.ok_or_else(|| missing("input"))?;
            let call = call.with(&given);
            let key = request_key(&operation, &given)?;
            Ok(Value::object(match run(&call, key) {
                Ok(made) => Payload { made: Some(made), error: None },
                Err(error) => Payload::<T> { made: None, error: Some(refused(error, &call)?) },
            }))
        };
        self.root = self.root.field_with(name, &payload_name, comment, argument, resolve);
        self
    }

    pub(crate) fn done(mut self) -> Vec<Definition> {
        self.types.push(self.root.done());
        self.types
    }
}

/// Returns the idempotency key of a request, which names the mutation with all that it was given.
fn request_key(operation: &str, given: &Arguments) -> Result<Option<RequestKey>, Error> {
    let Some(key) = given.text(KEY)? else { return Ok(None) };
    let key = RequestKey::of(&key, operation, [given.canonical(KEY).as_bytes()]);
    Ok(Some(key.map_err(graph::Error::from)?))
}

/// Returns an error that belongs into the payload; all others stay errors of the field.
fn refused(error: Error, call: &Call<'_>) -> Result<Arc<Refused>, Error> {
    let is_typed = matches!(error.cause.as_deref(), Some(Cause::KeyUsed(_) | Cause::Faults(_)));
    if !is_typed && !matches!(error.code, Code::Conflict | Code::ShapeViolation) {
        return Err(error);
    }
    call.request.note_refused();
    let scope = Arc::new(call.request.scope(MAIN, None)?);
    let summary = error.cause.as_deref().and_then(|cause| conflict::summary(&scope, cause));
    let message = summary.unwrap_or_else(|| error.message.clone());
    Ok(Arc::new(Refused { scope, error: Error { message, ..error } }))
}

impl<T: 'static> ObjectBuilder<Payload<T>> {
    /// Adds a field of what was made; null where nothing was.
    #[must_use]
    pub(crate) fn made(
        self,
        name: &str,
        ty: &str,
        comment: &str,
        resolve: impl Fn(&T, &Call<'_>) -> Result<Value, Error> + Send + Sync + 'static,
    ) -> Self {
        self.field(name, ty, comment, move |of, call| match &of.made {
            Some(made) => resolve(made, call),
            None => Ok(Value::Null),
        })
    }

    /// Adds the commit that was made, and how many statements it changed.
    #[must_use]
    pub(crate) fn commit(self, comment: &str, of: fn(&T) -> (&Commit, usize)) -> Self {
        self.made("commit", "Commit", comment, move |made, _| Ok(Value::object(of(made).0.clone()))).made(
            "changed",
            "Int",
            "How many statements were added or removed.",
            move |made, _| Ok(of(made).1.into()),
        )
    }
}

/// Adds to a payload what a commit of changes made.
pub(crate) fn payload(builder: ObjectBuilder<Payload<Made>>) -> ObjectBuilder<Payload<Made>> {
    builder
        .commit("The new commit; the head as it was where nothing changed.", |made| {
            (&made.commit, made.changed)
        })
        .made("resources", "[Record!]", "What was put, in the order of the puts.", |made, call| {
            let scope = scope(made, call)?;
            Ok(Value::objects(made.put.iter().map(|iri| Node::new(&scope, iri.clone()))))
        })
        .made("thread", "Thread", "The version that the commit is.", |made, call| {
            Ok(Value::object(scope(made, call)?))
        })
}

fn scope(of: &Made, call: &Call<'_>) -> Result<Arc<Scope>, Error> {
    Ok(Arc::new(call.request.scope(&of.commit.id.to_string(), None)?))
}

fn types() -> Vec<Definition> {
    let field = |name: &str, comment: &str, ty: &str| {
        (name.to_owned(), comment.to_owned(), Type::parse(ty), Vec::new())
    };
    let fields = vec![field("code", CODE, "UserErrorCode!"), field("message", WRONG, "String!")];
    let mut error = interface(
        "UserError",
        "Why a mutation changed nothing, where that depends on the state of the thread; a payload without errors has changed it.",
        fields,
    );
    error.object_type = Some(Arc::new(|value| {
        let refused = value.downcast_ref::<Arc<Refused>>();
        Ok(refused.map_or("StateError", |refused| type_name(&refused.error)).into())
    }));
    vec![
        Definition::Interface(error),
        enumeration(
            "UserErrorCode",
            "What kind of error a mutation met.",
            &[
                ("CONFLICT", "Somebody else has changed the same thing, or a name is taken: look again, then repeat."),
                ("SHAPE_VIOLATION", "The data would break shapes or rules of the ontology."),
                ("BAD_INPUT", "The request cannot be carried out as it is: its idempotency key was used for another one, or the commits that it adopts have faults."),
            ],
        ),
        error_type("ConflictError", "The branch says something else, or has moved.")
            .field("expectedHead", "ID!", "The head that the change was made against.", |of, _| {
                divergence(of, |conflict| conflict.expected.to_string().into())
            })
            .field("head", "ID!", "The head of the branch now.", |of, _| {
                divergence(of, |conflict| conflict.head.to_string().into())
            })
            .field_with(
                "conflicts",
                "MergeConflictConnection!",
                "What both sides say differently.",
                page::arguments(),
                |of, call| match of.error.cause.as_deref() {
                    Some(Cause::Conflict(conflict)) => conflict::conflicts(&of.scope, &conflict.conflicts, call),
                    _ => conflict::conflicts(&of.scope, &[], call),
                },
            )
            .done(),
        error_type("ViolationError", "The data would break shapes or rules.")
            .field_with(
                "violations",
                "ViolationConnection!",
                "Each shape or rule that would be broken.",
                page::arguments(),
                |of, call| match of.error.cause.as_deref() {
                    Some(Cause::Violations(violations)) => conflict::violations(&of.scope, violations, call),
                    _ => conflict::violations(&of.scope, &[], call),
                },
            )
            .done(),
        error_type("InboundLinkError", "A resource cannot be retired, since others link to it.")
            .field("links", "[InboundLink!]!", "What links to it, at most 100.", |of, _| {
                Ok(match of.error.cause.as_deref() {
                    Some(Cause::Linked(links)) => conflict::inbound_links(&of.scope, &links[..links.len().min(100)]),
                    _ => Value::List(Vec::new()),
                })
            })
            .done(),
        error_type("FaultsError", "Commits made elsewhere have files that are not as the thread's own are, or break its shapes or rules.")
            .field("faults", "[CommitFault!]!", "What is wrong, at most 100.", |of, _| {
                Ok(match of.error.cause.as_deref() {
                    Some(Cause::Faults(faults)) => Value::objects(faults.iter().take(100).cloned()),
                    _ => Value::List(Vec::new()),
                })
            })
            .field("faultCount", "Int!", "How many there are.", |of, _| {
                Ok(match of.error.cause.as_deref() {
                    Some(Cause::Faults(faults)) => faults.len().into(),
                    _ => 0_usize.into(),
                })
            })
            .done(),
        object::<Fault>("CommitFault", "A file of a commit that is not as the thread's own are.")
            .field("commit", "ID!", "The commit.", |of, _| Ok(of.commit.to_string().into()))
            .field("file", "String!", "The path of the file in the commit.", |of, _| Ok(of.file.clone().into()))
            .field("reason", "String!", "What is wrong with it.", |of, _| Ok(of.reason.clone().into()))
            .done(),
        error_type("KeyUsedError", "The idempotency key was used for another request: this one needs another key.")
            .field("commit", "Commit", "The commit that the other request made; null where it made none, such as for a branch.", |of, _| {
                Ok(match of.error.cause.as_deref() {
                    Some(Cause::KeyUsed(Some(commit))) => Value::object((**commit).clone()),
                    _ => Value::Null,
                })
            })
            .done(),
        error_type("StateError", "The state of the thread does not allow the change: a name is taken, or a decision was made already.")
            .done(),
    ]
}

fn type_name(error: &Error) -> &'static str {
    match error.cause.as_deref() {
        Some(Cause::Conflict(_)) => "ConflictError",
        Some(Cause::Violations(_)) => "ViolationError",
        Some(Cause::Linked(_)) => "InboundLinkError",
        Some(Cause::KeyUsed(_)) => "KeyUsedError",
        Some(Cause::Faults(_)) => "FaultsError",
        None => "StateError",
    }
}

fn error_type(name: &str, comment: &str) -> ObjectBuilder<Arc<Refused>> {
    object::<Arc<Refused>>(name, comment)
        .implements("UserError")
        .field("code", "UserErrorCode!", CODE, |of, _| Ok(of.error.code.as_str().into()))
        .field("message", "String!", WRONG, |of, _| Ok(of.error.message.clone().into()))
}

fn divergence(of: &Refused, read: impl Fn(&crate::graph::Divergence) -> Value) -> Result<Value, Error> {
    match of.error.cause.as_deref() {
        Some(Cause::Conflict(conflict)) => Ok(read(conflict)),
        _ => Err(Error::broken("a conflict without its heads")),
    }
}
