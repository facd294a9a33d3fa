//! Executes a valid operation: resolves fields depth first and writes the answer as JSON while it goes. Where a value that must
//! not be null fails, the writing goes back to the nearest place that may be null, as the specification says.

use super::arguments::Arguments;
use super::coerce::Variables;
use super::lookahead::Lookahead;
use super::selection::{Below, Planned, What};
use super::types::{Call, Definition, Field, Object, Type, Types};
use super::value::Value;
use crate::graphql::error::{Code, Error};
use crate::graphql::request::Request;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, SelectionSet};
use async_graphql::{Pos, Value as Input};
use serde_json::{Value as Json, json};
use std::any::Any;
use std::cell::RefCell;

/// How many errors one answer lists.
const ERRORS_MAX: usize = 100;

/// What execution reads and never changes.
pub(crate) struct Execution<'a> {
    pub(crate) types: &'a Types,
    pub(crate) document: &'a ExecutableDocument,
    pub(crate) variables: &'a Variables,
    pub(crate) request: &'a Request,
    /// The answers to the introspection fields of the root, by response key.
    pub(crate) introspection: Option<Input>,
}

/// The answer to an operation.
pub(crate) struct Outcome {
    /// The data as JSON.
    pub(crate) data: Vec<u8>,
    pub(crate) errors: Vec<Json>,
}

/// A value that must not be null is; what holds it becomes null too.
struct Propagate;

/// The place of a value in the answer, from the innermost out.
#[derive(Clone, Copy)]
struct Path<'p> {
    outer: Option<&'p Self>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl Path<'_> {
    fn to_json(self) -> Json {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(path) = at {
            steps.push(match path.step {
                Step::Key(key) => Json::from(key),
                Step::Index(index) => Json::from(index),
            });
            at = path.outer.copied();
        }
        steps.reverse();
        Json::Array(steps)
    }
}

struct Writer {
    out: Vec<u8>,
    errors: Vec<Json>,
}

impl<'a> Execution<'a> {
    /// Executes the operation.
    pub(crate) fn run(&self, operation: &'a OperationDefinition) -> Outcome {
        self.run_on(operation, &())
    }

    /// Executes a subscription for one event.
    pub(crate) fn run_event(&self, operation: &'a OperationDefinition, event: &dyn Any) -> Outcome {
        self.run_on(operation, event)
    }

    /// Returns the one field that a subscription asks for, and its arguments.
    pub(crate) fn root_field(
        &self,
        operation: &'a OperationDefinition,
    ) -> Result<(String, Arguments), Error> {
        let wrong = || Error::bad_input("a subscription asks for exactly one field");
        let root = self.types.object(root(operation)).ok_or_else(wrong)?;
        let below = Below { sets: vec![&operation.selection_set.node], plans: RefCell::default() };
        match self.plan(root, &below).as_slice() {
            [Planned { what: What::Field { field, arguments }, .. }] => {
                Ok((field.name.clone(), arguments.clone()?))
            }
            _ => Err(wrong()),
        }
    }

    fn run_on(&self, operation: &'a OperationDefinition, parent: &dyn Any) -> Outcome {
        let mut writer = Writer { out: Vec::with_capacity(1024), errors: Vec::new() };
        let written = match self.types.object(root(operation)) {
            Some(object) => {
                let below = Below { sets: vec![&operation.selection_set.node], plans: RefCell::default() };
                self.object(object, parent, &below, None, &mut writer)
            }
            None => Err(Propagate),
        };
        if written.is_err() {
            writer.out.clear();
            writer.out.extend_from_slice(b"null");
        }
        Outcome { data: writer.out, errors: writer.errors }
    }

    fn object(
        &self,
        object: &'a Object,
        parent: &dyn Any,
        below: &Below<'a>,
        path: Option<&Path<'_>>,
        writer: &mut Writer,
    ) -> Result<(), Propagate> {
        let plan = self.plan(object, below);
        writer.out.push(b'{');
        for (at, planned) in plan.iter().enumerate() {
            if at > 0 {
                writer.out.push(b',');
            }
            writer.out.push(b'"');
            writer.out.extend_from_slice(planned.key.as_bytes());
            writer.out.extend_from_slice(b"\":");
            let path = Path { outer: path, step: Step::Key(planned.key) };
            self.field(object, parent, planned, &path, writer)?;
        }
        writer.out.push(b'}');
        Ok(())
    }

    fn field(
        &self,
        object: &'a Object,
        parent: &dyn Any,
        planned: &Planned<'a>,
        path: &Path<'_>,
        writer: &mut Writer,
    ) -> Result<(), Propagate> {
        let (field, arguments) = match &planned.what {
            What::TypeName => {
                writer.json(&*object.name);
                return Ok(());
            }
            What::Introspection => {
                writer.json(&self.introspected(planned.key));
                return Ok(());
            }
            What::Field { field, arguments } => (field, arguments),
        };
        let value = self.resolve(field, parent, arguments.as_ref(), &planned.below.sets);
        match value {
            Ok(value) => self.complete(&field.ty, value, planned, path, writer),
            Err(error) => {
                writer.fail(&error, planned.at, path);
                writer.null(&field.ty)
            }
        }
    }

    fn resolve(
        &self,
        field: &Field,
        parent: &dyn Any,
        arguments: Result<&Arguments, &Error>,
        sets: &[&SelectionSet],
    ) -> Result<Value, Error> {
        if self.request.is_late() {
            return Err(Error::timeout());
        }
        let arguments = arguments.map_err(Clone::clone)?;
        let below = Lookahead { document: self.document, variables: self.variables, sets };
        (field.resolve)(parent, &Call { arguments, request: self.request, below })
    }

    fn introspected(&self, key: &str) -> Json {
        let value = match &self.introspection {
            Some(Input::Object(fields)) => fields.get(key).cloned(),
            _ => None,
        };
        value.and_then(|value| value.into_json().ok()).unwrap_or(Json::Null)
    }

    fn complete(
        &self,
        ty: &Type,
        value: Value,
        planned: &Planned<'a>,
        path: &Path<'_>,
        writer: &mut Writer,
    ) -> Result<(), Propagate> {
        let (inner, nullable) = match ty {
            Type::NonNull(inner) => (&**inner, false),
            ty => (ty, true),
        };
        let mark = writer.out.len();
        let written = match value {
            Value::Null if nullable => {
                writer.out.extend_from_slice(b"null");
                return Ok(());
            }
            Value::Null => {
                writer.fail(&Error::broken("a value that must not be null is"), planned.at, path);
                Err(Propagate)
            }
            Value::List(items) => self.list(inner, items, planned, path, writer),
            value => self.named(inner, value, planned, path, writer),
        };
        if written.is_err() && nullable {
            writer.out.truncate(mark);
            writer.out.extend_from_slice(b"null");
            return Ok(());
        }
        written
    }

    fn list(
        &self,
        ty: &Type,
        items: Vec<Value>,
        planned: &Planned<'a>,
        path: &Path<'_>,
        writer: &mut Writer,
    ) -> Result<(), Propagate> {
        let Type::List(item_type) = ty else {
            writer.fail(&Error::broken("a list where its field declares none"), planned.at, path);
            return Err(Propagate);
        };
        writer.out.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                writer.out.push(b',');
            }
            let path = Path { outer: Some(path), step: Step::Index(at) };
            self.complete(item_type, item, planned, &path, writer)?;
        }
        writer.out.push(b']');
        Ok(())
    }

    fn named(
        &self,
        ty: &Type,
        value: Value,
        planned: &Planned<'a>,
        path: &Path<'_>,
        writer: &mut Writer,
    ) -> Result<(), Propagate> {
        match value {
            Value::Boolean(value) => writer.json(&value),
            Value::Integer(value) if ty.name() == "Int" && i32::try_from(value).is_err() => {
                let error = Error::bad_input(format!("{value} is beyond what GraphQL's Int can hold"));
                writer.fail(&error, planned.at, path);
                return Err(Propagate);
            }
            Value::Integer(value) => writer.json(&value),
            Value::Number(value) if value.is_finite() => writer.json(&value),
            Value::Number(_) => {
                writer.fail(&Error::bad_input("the result is not a finite number"), planned.at, path);
                return Err(Propagate);
            }
            Value::Text(text) => return self.text(ty, &text, planned, path, writer),
            Value::Name(text) => writer.json(text),
            Value::Object(parent) => return self.child(ty.name(), &*parent, planned, path, writer),
            Value::Typed(name, parent) => return self.child(&name, &*parent, planned, path, writer),
            Value::Null | Value::List(_) => return writer.broken("a value out of place", planned.at, path),
        }
        Ok(())
    }

    fn child(
        &self,
        name: &str,
        parent: &dyn Any,
        planned: &Planned<'a>,
        path: &Path<'_>,
        writer: &mut Writer,
    ) -> Result<(), Propagate> {
        match self.types.object(name) {
            Some(object) => self.object(object, parent, &planned.below, Some(path), writer),
            None => writer.broken("an object of an unknown type", planned.at, path),
        }
    }

    fn text(
        &self,
        ty: &Type,
        text: &str,
        planned: &Planned<'a>,
        path: &Path<'_>,
        writer: &mut Writer,
    ) -> Result<(), Propagate> {
        if let Some(Definition::Enumeration(enumeration)) = self.types.get(ty.name())
            && !enumeration.values.iter().any(|(value, _)| value == text)
        {
            let error = Error::new(
                Code::ShapeViolation,
                format!("\"{text}\" is recorded where a value of {} belongs", enumeration.name),
            );
            writer.fail(&error, planned.at, path);
            return Err(Propagate);
        }
        writer.json(text);
        Ok(())
    }
}

/// Returns the name of the type that an operation begins with.
fn root(operation: &OperationDefinition) -> &'static str {
    match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

impl Writer {
    /// Writes a plain value; those that come here always serialise.
    fn json<T: serde::Serialize + ?Sized>(&mut self, value: &T) {
        let mark = self.out.len();
        if serde_json::to_writer(&mut self.out, value).is_err() {
            self.out.truncate(mark);
            self.out.extend_from_slice(b"null");
        }
    }

    fn null(&mut self, ty: &Type) -> Result<(), Propagate> {
        if matches!(ty, Type::NonNull(_)) {
            return Err(Propagate);
        }
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn broken(&mut self, what: &str, at: Pos, path: &Path<'_>) -> Result<(), Propagate> {
        self.fail(&Error::broken(what), at, path);
        Err(Propagate)
    }

    fn fail(&mut self, error: &Error, at: Pos, path: &Path<'_>) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(json!({
                "message": error.message,
                "locations": [{ "line": at.line, "column": at.column }],
                "path": path.to_json(),
                "extensions": error.extensions(),
            }));
        }
    }
}
