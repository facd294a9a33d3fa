//! Executes a valid operation. Objects whose fields are batched are resolved level by level; all others depth
//! first, written as JSON while it goes. Where a value that must not be null fails, the nearest place that may be null becomes
//! it, as specified.

use super::answer::{Answer, ERRORS_MAX, Path, Propagate, ROOT, Step};
use super::batch::{Batch, Found, Queue, Waiting};
use super::lookahead::Lookahead;
use super::plan::{Planned, What};
use crate::graphql::engine::document::coerce::Variables;
use crate::graphql::engine::document::limits::NODES_MAX;
use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::value::Value;
use crate::graphql::engine::types::{Call, Field, Object, Type, Types};
use crate::graphql::error::Error;
use crate::graphql::progress::{Progress, note_outcome};
use crate::graphql::request::Request;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use serde_json::{Value as Json, json};
use std::any::Any;

/// What execution reads and never changes.
pub(crate) struct Execution<'a> {
    pub(crate) types: &'a Types,
    pub(crate) document: &'a ExecutableDocument,
    pub(crate) variables: &'a Variables,
    pub(crate) request: &'a Request,
    /// How many nodes the operation may ask for, where the answer is to state what it cost.
    pub(crate) cost: Option<u64>,
}

/// The answer to an operation.
pub(crate) struct Outcome {
    /// The data as JSON.
    pub(crate) data: Vec<u8>,
    pub(crate) errors: Vec<Json>,
    /// What it cost, and what it may.
    pub(crate) cost: Option<Json>,
}

/// An answer under way, and the objects of it that wait.
pub(in crate::graphql::engine) struct Run<'a> {
    pub(in crate::graphql::engine) answer: Answer<'a>,
    queue: Queue<'a>,
}

impl<'a> Execution<'a> {
    /// Executes the operation.
    pub(crate) fn run(&self, operation: &'a OperationDefinition) -> Outcome {
        self.run_on(operation, Box::new(()))
    }

    /// Executes a subscription for one event.
    pub(crate) fn run_event(&self, operation: &'a OperationDefinition, event: Box<dyn Any>) -> Outcome {
        self.run_on(operation, event)
    }

    /// Returns the one field that a subscription asks for, and its arguments.
    pub(crate) fn root_field(
        &self,
        operation: &'a OperationDefinition,
    ) -> Result<(String, Arguments), Error> {
        let wrong = || Error::bad_input("a subscription asks for exactly one field");
        let root = self.types.object(root(operation)).ok_or_else(wrong)?;
        let below = self.below_root(&operation.selection_set.node);
        match self.plan(root, &below).as_slice() {
            [Planned { what: What::Field { field, arguments }, .. }] => {
                Ok((field.name.clone(), arguments.clone()?))
            }
            _ => Err(wrong()),
        }
    }

    fn run_on(&self, operation: &'a OperationDefinition, parent: Box<dyn Any>) -> Outcome {
        let parents = [parent];
        let mut outcome = Outcome { data: b"{}".to_vec(), errors: Vec::new(), cost: None };
        let Some(object) = self.types.object(root(operation)) else {
            return Outcome { data: b"null".to_vec(), ..outcome };
        };
        let plan = self.plan(object, &self.below_root(&operation.selection_set.node));
        // What a mutation asks of one field is read before the next one changes anything.
        let at_a_time = if operation.ty == OperationType::Mutation { 1 } else { plan.len() };
        let (is_mutation, mut omitted) = (operation.ty == OperationType::Mutation, 0);
        for fields in plan.chunks(at_a_time.max(1)) {
            let made = self.request.changes_made();
            let answer = self.answer(object, &parents, fields, outcome.data.len());
            omitted += answer.omitted();
            let (data, mut errors) = answer.finish();
            if is_mutation && self.request.changes_made() > made {
                errors.iter_mut().for_each(note_committed);
            }
            outcome.errors.extend(errors);
            match data {
                Some(data) => outcome.join(data),
                None => {
                    outcome.data = b"null".to_vec();
                    break;
                }
            }
        }
        omitted += outcome.errors.len().saturating_sub(ERRORS_MAX);
        outcome.errors.truncate(ERRORS_MAX);
        outcome.errors.extend((omitted > 0).then(|| left_out(omitted)));
        outcome.cost = self.cost.map(|nodes| self.cost_of(nodes, outcome.data.len()));
        outcome
    }

    fn cost_of(&self, nodes: u64, bytes: usize) -> Json {
        let bytes_max = self.request.answer_bytes_max();
        json!({ "nodes": nodes, "nodesMax": NODES_MAX, "bytes": bytes, "bytesMax": bytes_max })
    }

    /// Resolves some fields of the root, level by level, to the end of what they select.
    fn answer(
        &self,
        object: &'a Object,
        root: &[Box<dyn Any>],
        fields: &[Planned<'a>],
        written: usize,
    ) -> Answer<'a> {
        let bytes_max = self.request.answer_bytes_max().saturating_sub(written);
        let mut run = Run { answer: Answer::new(bytes_max), queue: Queue::default() };
        self.level(object, root, &[ROOT], fields, &mut run);
        while let Some(Waiting { object, below, parents, parts }) = run.queue.pop() {
            if run.answer.is_stopped() {
                break;
            }
            // What is null by now is not asked about either.
            let there = parents.into_iter().zip(parts).filter(|(_, part)| !run.answer.is_discarded(*part));
            let (parents, parts): (Vec<_>, Vec<_>) = there.unzip();
            self.level(object, &parents, &parts, &self.plan(object, &below), &mut run);
        }
        run.answer
    }

    /// Resolves the fields of a batch, each in its part of the answer.
    fn level(
        &self,
        object: &'a Object,
        parents: &[Box<dyn Any>],
        parts: &[usize],
        plan: &[Planned<'a>],
        run: &mut Run<'a>,
    ) {
        let found: Vec<Found> = plan.iter().map(|_| Found::default()).collect();
        for (place, &part) in parts.iter().enumerate() {
            if run.answer.is_discarded(part) {
                continue;
            }
            run.answer.begin(part);
            match self.object(object, Batch { parents, place, found: &found }, plan, Path::Part(part), run) {
                Ok(()) => run.answer.end(part),
                Err(Propagate) if run.answer.is_stopped() => return,
                Err(Propagate) => run.answer.make_null(part),
            }
        }
    }

    /// Writes an object, its fields resolved one after another.
    pub(in crate::graphql::engine) fn object(
        &self,
        object: &'a Object,
        batch: Batch<'_>,
        plan: &[Planned<'a>],
        path: Path<'_>,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        run.answer.text.push(b'{');
        for (at, planned) in plan.iter().enumerate() {
            if at > 0 {
                run.answer.text.push(b',');
            }
            run.answer.text.push(b'"');
            run.answer.text.extend_from_slice(planned.key.as_bytes());
            run.answer.text.extend_from_slice(b"\":");
            match &planned.what {
                What::TypeName => run.answer.json(&*object.name),
                What::Field { field, arguments } => {
                    let value = self.resolve(field, arguments.as_ref(), planned, (batch, at));
                    let value = match &planned.cursor_of {
                        Some(list) => value.map(|cursor| list.write(cursor)),
                        None => value,
                    };
                    self.place(&field.ty, value, planned, (path, Step::Field(at, planned.key)), run)?;
                }
            }
        }
        run.answer.text.push(b'}');
        Ok(())
    }

    fn resolve(
        &self,
        field: &Field,
        arguments: Result<&Arguments, &Error>,
        planned: &Planned<'a>,
        (batch, at): (Batch<'_>, usize),
    ) -> Result<Value, Error> {
        let late = |error| if field.changes { note_outcome(error, false) } else { error };
        self.request.check().map_err(late)?;
        let arguments = arguments.map_err(Clone::clone)?;
        let below = Lookahead::new(self.document, self.variables, &planned.below.sets);
        let found = batch.found.get(at);
        let call = Call { arguments, request: self.request, types: self.types, below, batch, found };
        if !field.changes {
            return (field.resolve)(batch.parent(), &call);
        }
        self.request.begin_change().map_err(|error| note_outcome(error, false))?;
        let changed = (field.resolve)(batch.parent(), &call);
        let made = self.request.end_change(changed.is_ok());
        changed.map_err(|error| note_outcome(error, made))
    }

    /// Gives the answer up where it is larger than it may be.
    pub(super) fn bound(
        &self,
        planned: &Planned<'a>,
        path: Path<'_>,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        if !run.answer.is_stopped() && run.answer.is_too_large() {
            let error = Error::too_large(self.request.answer_bytes_max());
            run.answer.stop(&error, planned.at, path);
        }
        if run.answer.is_stopped() { Err(Propagate) } else { Ok(()) }
    }

    /// Writes the value of a field, or lets it wait.
    fn place(
        &self,
        ty: &Type,
        value: Result<Value, Error>,
        planned: &Planned<'a>,
        (outer, step): (Path<'_>, Step<'a>),
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        self.bound(planned, Path::Within(&outer, step), run)?;
        match (value, outer) {
            (Ok(value), Path::Part(outer)) if planned.below.waits => {
                self.wait(ty, value, planned, (outer, step), run)
            }
            (Ok(value), _) => self.complete(ty, value, planned, Path::Within(&outer, step), run),
            (Err(error), _) => {
                run.answer.fail(&error, planned.at, Path::Within(&outer, step));
                run.answer.absent(ty.unwrapped().1)
            }
        }
    }

    /// Lets the objects of a value wait; what is none is written.
    fn wait(
        &self,
        ty: &Type,
        value: Value,
        planned: &Planned<'a>,
        (outer, step): (usize, Step<'a>),
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        let (inner, nullable) = ty.unwrapped();
        let parent = match (value, inner) {
            (Value::List(items), Type::List(item)) => {
                let list = run.answer.open(outer, step, nullable);
                let written = self.waiting_items(item, items, planned, list, run);
                if run.answer.is_stopped() {
                    return Err(Propagate);
                }
                run.answer.end_list(list);
                if written.is_err() && nullable {
                    run.answer.make_null(list);
                    return Ok(());
                }
                return written;
            }
            (Value::Object(parent), _) => parent,
            (value, _) => {
                return self.complete(ty, value, planned, Path::Within(&Path::Part(outer), step), run);
            }
        };
        match self.types.object_of(ty.name(), &*parent) {
            Ok(object) => {
                let part = run.answer.open(outer, step, nullable);
                run.queue.push(object, &planned.below, parent, part);
                Ok(())
            }
            Err(error) => {
                let failed = run.fail(&error, planned, Path::Within(&Path::Part(outer), step));
                failed.or_else(|Propagate| run.answer.absent(nullable))
            }
        }
    }

    fn waiting_items(
        &self,
        ty: &Type,
        items: Vec<Value>,
        planned: &Planned<'a>,
        list: usize,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        run.answer.text.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            self.bound(planned, Path::Within(&Path::Part(list), Step::Item(at)), run)?;
            if at > 0 {
                run.answer.text.push(b',');
            }
            self.wait(ty, item, planned, (list, Step::Item(at)), run)?;
        }
        run.answer.text.push(b']');
        Ok(())
    }
}

/// Adds to an error below a field of a mutation that the change itself was made.
fn note_committed(error: &mut Json) {
    if error["path"].as_array().is_some_and(|path| path.len() > 1) {
        error["extensions"]["outcome"] = Json::from(Progress::Committed.as_str());
    }
}

/// Reports how many errors are not listed.
fn left_out(omitted: usize) -> Json {
    let errors = if omitted == 1 { "error is" } else { "errors are" };
    let error = Error::limit(format!("{omitted} more {errors} not listed: an answer lists {ERRORS_MAX}"));
    let mut extensions = error.extensions();
    extensions["omitted"] = Json::from(omitted);
    json!({ "message": error.message, "extensions": extensions })
}

/// Returns the name of the type that an operation begins with.
fn root(operation: &OperationDefinition) -> &'static str {
    match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

impl Outcome {
    /// Adds the fields of another object to the data.
    fn join(&mut self, fields: Vec<u8>) {
        if self.data == b"{}" {
            self.data = fields;
        } else {
            self.data.pop();
            self.data.push(b',');
            self.data.extend_from_slice(&fields[1..]);
        }
    }
}
