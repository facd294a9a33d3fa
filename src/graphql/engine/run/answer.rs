//! The answer while it is made: JSON text, and the parts of it that are not written where they belong.
//!
//! An object whose fields wait for those of others is a *part*: its text is written after the text around it, and both are put
//! together at the end. So is a list of such objects, whose text does lie where it belongs: a part is what can still become
//! `null` after the text around it was written.

use crate::graphql::error::Error;
use async_graphql::Pos;
use serde_json::{Value as Json, json};
use std::ops::Range;

/// How many errors one answer lists; the others are only counted.
pub(in crate::graphql::engine) const ERRORS_MAX: usize = 100;

/// A value that must not be null is; what holds it becomes null too.
pub(in crate::graphql::engine) struct Propagate;

/// The part that is the whole answer.
pub(super) const ROOT: usize = 0;

/// The place of a value in the answer, from the innermost out.
#[derive(Clone, Copy)]
pub(in crate::graphql::engine) enum Path<'p> {
    Part(usize),
    Within(&'p Self, Step<'p>),
}

/// What leads from a value to one within it.
#[derive(Clone, Copy)]
pub(in crate::graphql::engine) enum Step<'p> {
    /// A field: its place among those asked for, and its key.
    Field(usize, &'p str),
    Item(usize),
}

impl Step<'_> {
    const fn order(self) -> usize {
        match self {
            Self::Field(at, _) | Self::Item(at) => at,
        }
    }

    fn to_json(self) -> Json {
        match self {
            Self::Field(_, key) => Json::from(key),
            Self::Item(at) => Json::from(at),
        }
    }
}

/// The answer to an operation, or to one field of a mutation.
pub(in crate::graphql::engine) struct Answer<'a> {
    pub(in crate::graphql::engine) text: Vec<u8>,
    /// In the order of the text that they are met in.
    parts: Vec<Part<'a>>,
    failures: Vec<Failure>,
    /// How many errors are not listed.
    omitted: usize,
    /// Whether a part has become null.
    any_null: bool,
    /// How many bytes all of this may take.
    bytes_max: usize,
    /// Whether it takes more, so that nothing more is written.
    stopped: bool,
}

/// What an object that waits takes beside its part: its value and its place in its batch.
const WAITING_BYTES: usize = 128;

/// An object that is written by itself, or a list of those.
struct Part<'a> {
    /// The part that it lies in.
    outer: usize,
    step: Step<'a>,
    nullable: bool,
    state: State,
    /// Where it belongs in the text.
    at: usize,
    /// Its own text, and the first part that can lie in it.
    own: Range<usize>,
    first: usize,
    /// Where the text around it goes on, and with which part.
    after: (usize, usize),
}

#[derive(PartialEq)]
enum State {
    /// Nothing is known of it yet.
    Open,
    Null,
    Written,
}

/// An error, and its place in the answer.
struct Failure {
    order: Vec<usize>,
    error: Json,
}

impl<'a> Answer<'a> {
    /// Begins an answer: an object that may become null, and may take so many bytes.
    pub(in crate::graphql::engine) fn new(bytes_max: usize) -> Self {
        let (text, parts, failures) = (Vec::with_capacity(1024), Vec::new(), Vec::new());
        let mut answer =
            Self { text, parts, failures, omitted: 0, any_null: false, bytes_max, stopped: false };
        answer.open(ROOT, Step::Item(0), true);
        answer
    }

    /// Returns whether the answer takes more bytes than it may.
    pub(super) fn is_too_large(&self) -> bool {
        self.text.len() + self.parts.len() * (size_of::<Part<'_>>() + WAITING_BYTES) > self.bytes_max
    }

    /// Gives the whole answer up with one error.
    pub(super) fn stop(&mut self, error: &Error, at: Pos, path: Path<'_>) {
        self.failures.clear();
        self.omitted = 0;
        self.fail(error, at, path);
        self.stopped = true;
        self.text = Vec::new();
        self.parts[ROOT].state = State::Null;
        self.any_null = true;
    }

    /// Returns whether the whole answer was given up.
    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Leaves an object out that belongs here; see [`Self::begin`].
    pub(in crate::graphql::engine) fn open(&mut self, outer: usize, step: Step<'a>, nullable: bool) -> usize {
        let (at, first) = (self.text.len(), self.parts.len() + 1);
        let (own, after, state) = (at..at, (at, first), State::Open);
        self.parts.push(Part { outer, step, nullable, state, at, own, first, after });
        first - 1
    }

    /// Begins the text of an object that was left out.
    pub(super) fn begin(&mut self, part: usize) {
        let (from, first) = (self.text.len(), self.parts.len());
        let part = &mut self.parts[part];
        (part.own, part.first) = (from..from, first);
    }

    /// Ends the text of a part, an object that was left out or a list that is already in place.
    pub(in crate::graphql::engine) fn end(&mut self, part: usize) {
        let part = &mut self.parts[part];
        (part.own.end, part.state) = (self.text.len(), State::Written);
    }

    /// Ends a list, as [`Self::end`] does, after which the text around it goes on.
    pub(super) fn end_list(&mut self, part: usize) {
        self.parts[part].after = (self.text.len(), self.parts.len());
        self.end(part);
    }

    /// Makes a part null, and what holds it as far as it must.
    pub(super) fn make_null(&mut self, mut part: usize) {
        self.any_null = true;
        while !self.parts[part].nullable {
            part = self.parts[part].outer;
        }
        self.parts[part].state = State::Null;
    }

    /// Returns whether a part or what holds it has become null.
    pub(super) fn is_discarded(&self, mut part: usize) -> bool {
        while self.any_null && part != ROOT && self.parts[part].state != State::Null {
            part = self.parts[part].outer;
        }
        self.parts[part].state == State::Null
    }

    /// Writes a plain value; those that come here always serialise.
    pub(super) fn json<T: serde::Serialize + ?Sized>(&mut self, value: &T) {
        let mark = self.text.len();
        if serde_json::to_writer(&mut self.text, value).is_err() {
            self.text.truncate(mark);
            self.text.extend_from_slice(b"null");
        }
    }

    /// Writes null where a value may be null.
    pub(super) fn absent(&mut self, nullable: bool) -> Result<(), Propagate> {
        if !nullable {
            return Err(Propagate);
        }
        self.text.extend_from_slice(b"null");
        Ok(())
    }

    /// Lists an error; those met after the first hundred are only counted.
    pub(super) fn fail(&mut self, error: &Error, at: Pos, path: Path<'_>) {
        if self.failures.len() == ERRORS_MAX {
            self.omitted += 1;
            return;
        }
        let steps = self.steps(path);
        let error = json!({
            "message": error.message,
            "locations": [{ "line": at.line, "column": at.column }],
            "path": steps.iter().map(|step| step.to_json()).collect::<Json>(),
            "extensions": error.extensions(),
        });
        self.failures.push(Failure { order: steps.iter().map(|step| step.order()).collect(), error });
    }

    /// Returns the steps to a place, from the outermost in.
    fn steps<'p>(&'p self, mut path: Path<'p>) -> Vec<Step<'p>> {
        let mut steps = Vec::new();
        let mut part = loop {
            match path {
                Path::Within(outer, step) => {
                    steps.push(step);
                    path = *outer;
                }
                Path::Part(part) => break part,
            }
        };
        while part != ROOT {
            steps.push(self.parts[part].step);
            part = self.parts[part].outer;
        }
        steps.reverse();
        steps
    }

    /// Returns how many errors are not listed.
    pub(super) const fn omitted(&self) -> usize {
        self.omitted
    }

    /// Puts the parts together. The errors are in the order of the places in the answer.
    pub(in crate::graphql::engine) fn finish(mut self) -> (Option<Vec<u8>>, Vec<Json>) {
        self.failures.sort_by(|a, b| a.order.cmp(&b.order));
        let errors = std::mem::take(&mut self.failures).into_iter().map(|failure| failure.error).collect();
        if self.parts[ROOT].state != State::Written {
            return (None, errors);
        }
        if self.parts.len() == 1 {
            return (Some(self.text), errors);
        }
        let mut out = Vec::with_capacity(self.text.len());
        self.write(ROOT, &mut out);
        (Some(out), errors)
    }

    fn write(&self, part: usize, out: &mut Vec<u8>) {
        let part = &self.parts[part];
        if part.state != State::Written {
            out.extend_from_slice(b"null");
            return;
        }
        let (mut from, mut next) = (part.own.start, part.first);
        while let Some(inner) = self.parts.get(next).filter(|inner| inner.at < part.own.end) {
            out.extend_from_slice(&self.text[from..inner.at]);
            self.write(next, out);
            (from, next) = inner.after;
        }
        out.extend_from_slice(&self.text[from..part.own.end]);
    }
}
