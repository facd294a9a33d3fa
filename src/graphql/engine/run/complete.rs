//! Values made to fit their types and written as JSON in place, with all that is asked below them.

use super::answer::{Path, Propagate, Step};
use super::batch::Batch;
use super::execute::{Execution, Run};
use super::plan::Planned;
use crate::graphql::engine::types::value::Value;
use crate::graphql::engine::types::{Definition, Type};
use crate::graphql::error::{Code, Error};
use std::any::Any;

impl<'a> Execution<'a> {
    /// Writes a value in place.
    pub(in crate::graphql::engine) fn complete(
        &self,
        ty: &Type,
        value: Value,
        planned: &Planned<'a>,
        path: Path<'_>,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        let (inner, nullable) = ty.unwrapped();
        let mark = run.answer.text.len();
        let written = match value {
            Value::Null if nullable => run.answer.absent(nullable),
            Value::Null => run.fail(&Error::broken("a value that must not be null is"), planned, path),
            Value::Failed(error) => run.fail(&error, planned, path),
            Value::List(items) => self.list(inner, items, planned, path, run),
            value => self.named(inner, value, planned, path, run),
        };
        written.or_else(|Propagate| {
            if run.answer.is_stopped() {
                return Err(Propagate);
            }
            run.answer.text.truncate(mark);
            run.answer.absent(nullable)
        })
    }

    fn list(
        &self,
        ty: &Type,
        items: Vec<Value>,
        planned: &Planned<'a>,
        path: Path<'_>,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        let Type::List(item_type) = ty else {
            return run.fail(&Error::broken("a list where its field declares none"), planned, path);
        };
        run.answer.text.push(b'[');
        for (at, item) in items.into_iter().enumerate() {
            self.bound(planned, Path::Within(&path, Step::Item(at)), run)?;
            if at > 0 {
                run.answer.text.push(b',');
            }
            self.complete(item_type, item, planned, Path::Within(&path, Step::Item(at)), run)?;
        }
        run.answer.text.push(b']');
        Ok(())
    }

    fn named(
        &self,
        ty: &Type,
        value: Value,
        planned: &Planned<'a>,
        path: Path<'_>,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        match value {
            Value::Boolean(value) => run.answer.json(&value),
            Value::Integer(value) if ty.name() == "Int" && i32::try_from(value).is_err() => {
                let error = Error::bad_input(format!("{value} is beyond what GraphQL's Int can hold"));
                return run.fail(&error, planned, path);
            }
            // A JSON number of more than 53 bits is another one in JavaScript.
            Value::Integer(value) if ty.name() == "Long" => run.answer.json(&value.to_string()),
            Value::Integer(value) => run.answer.json(&value),
            Value::Number(value) if value.is_finite() => run.answer.json(&value),
            Value::Number(_) => {
                return run.fail(&Error::bad_input("the result is not a finite number"), planned, path);
            }
            Value::Digits(digits) => run.answer.text.extend_from_slice(digits.as_bytes()),
            Value::Text(text) => return self.text(ty, &text, planned, path, run),
            Value::Name(text) => run.answer.json(text),
            Value::Object(parent) => return self.child(ty.name(), parent, planned, path, run),
            Value::Null | Value::List(_) | Value::Failed(_) => {
                return run.fail(&Error::broken("a value out of place"), planned, path);
            }
        }
        Ok(())
    }

    fn child(
        &self,
        name: &str,
        parent: Box<dyn Any>,
        planned: &Planned<'a>,
        path: Path<'_>,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        let object = match self.types.object_of(name, &*parent) {
            Ok(object) => object,
            Err(error) => return run.fail(&error, planned, path),
        };
        let plan = self.plan(object, &planned.below);
        self.object(object, Batch::of_one(&[parent]), &plan, path, run)
    }

    fn text(
        &self,
        ty: &Type,
        text: &str,
        planned: &Planned<'a>,
        path: Path<'_>,
        run: &mut Run<'a>,
    ) -> Result<(), Propagate> {
        if let Some(Definition::Enumeration(enumeration)) = self.types.get(ty.name())
            && !enumeration.values.iter().any(|(value, _)| value == text)
        {
            let error = Error::new(
                Code::ShapeViolation,
                format!("\"{text}\" is recorded where a value of {} belongs", enumeration.name),
            );
            return run.fail(&error, planned, path);
        }
        run.answer.json(text);
        Ok(())
    }
}

impl Run<'_> {
    /// Lists an error of a value that cannot be given.
    pub(super) fn fail(
        &mut self,
        error: &Error,
        planned: &Planned<'_>,
        path: Path<'_>,
    ) -> Result<(), Propagate> {
        self.answer.fail(error, planned.at, path);
        Err(Propagate)
    }
}
