//! SPARQL 1.1 queries at one version: oxigraph parses, optimises, evaluates and writes; the index answers its patterns.
//!
//! It only reads, and it reads nothing but the version: no updates, no SERVICE. A version is a default graph; there are no
//! named graphs, so GRAPH finds nothing, as in a plain store that holds only a default graph, and FROM and FROM NAMED, which
//! would choose others, are refused.
//!
//! A number or an instant is answered as the thread writes it, stored, computed or a constant of the query: 2.0 and 2.0E0, where
//! a plain store has 2 for both, and instants in UTC.
//!
//! Every evaluation has a thread of its own, with a stack for the deepest query that [`Query`] lets through, and a
//! [`Limits`]: where it is spent, the evaluation ends, whatever it is doing.

mod budget;
mod constants;
mod dataset;
mod error;
mod format;
mod functions;
mod metered;
mod meters;
mod patterns;
mod query;
mod term;
#[cfg(test)]
mod tests;
mod tokens;

pub use budget::Limits;
#[cfg(test)]
pub(in crate::graph) use constants::normalize;
pub use error::Error;
pub use format::Format;
pub use query::{Form, Query};
use query::{PATTERNS_MAX, TOO_MANY_PATTERNS};

use super::snapshot::Snapshot;
use crate::graph::text::turtle::PREFIXES;
use budget::{BYTES_PER_TERM, Budget};
use dataset::Dataset;
use format::Serialization;
use oxigraph::io::RdfSerializer;
use oxigraph::model::{NamedOrBlankNode, Triple};
use oxigraph::sparql::results::QueryResultsSerializer;
use oxigraph::sparql::{QueryEvaluationError, QueryResults, SparqlEvaluator, SparqlSyntaxError};
use spargebra::SparqlParser;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

/// The stack of an evaluation; only what it uses of it is ever taken.
const STACK_BYTES: usize = 256 << 20;
/// How much of an answer is collected before it is written on.
const WRITE_BYTES: usize = 32 << 10;
/// What a statement that was made takes besides its texts.
const STATEMENT_TERMS: u64 = 9;

impl Snapshot {
    /// Answers a query: writes the answer in a format that can hold it.
    ///
    /// Where this fails, some of the answer may have been written already.
    pub fn answer(
        &self,
        query: &Query,
        format: Format,
        limits: &Limits,
        into: impl Write + Send,
    ) -> Result<(), Error> {
        if !Format::of(query.form()).contains(&format) {
            let offered: Vec<_> = Format::of(query.form()).iter().map(|format| format.name).collect();
            let (format, form) = (format.name, query.form().as_str());
            return Err(Error::Format { format, form, offered: offered.join(", ") });
        }
        self.evaluate(query, limits, |results, budget| {
            write(
                results,
                format,
                budget,
                Metered { into, budget, collected: Vec::with_capacity(WRITE_BYTES) },
            )
        })
    }

    /// Evaluates a query and has its results read, on a thread of its own.
    pub fn query<T: Send>(
        &self,
        query: &Query,
        limits: &Limits,
        read: impl FnOnce(QueryResults<'_>) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        self.evaluate(query, limits, |results, _| read(results))
    }

    fn evaluate<T: Send>(
        &self,
        query: &Query,
        limits: &Limits,
        read: impl FnOnce(QueryResults<'_>, &Budget) -> Result<T, Error> + Send,
    ) -> Result<T, Error> {
        let work = || {
            let budget = Arc::new(Budget::new(limits.clone()));
            budget.run(|| {
                let parsed = SparqlParser::new().parse_query(query.text());
                let mut parsed = parsed.map_err(|error| self.malformed(query, &error))?;
                if constants::normalize(&mut parsed) > PATTERNS_MAX {
                    return Err(Error::Complex(TOO_MANY_PATTERNS));
                }
                let evaluator = metered::meter(&mut parsed, evaluator(), &budget);
                let prepared = evaluator.for_query(parsed);
                let dataset = Dataset { version: &self.0, budget: &budget };
                read(prepared.on_queryable_dataset(dataset).execute()?, &budget)
            })
        };
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("sparql".to_owned()).stack_size(STACK_BYTES);
            let running =
                thread.spawn_scoped(scope, work).map_err(|error| Error::Failed(error.to_string()))?;
            running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Describes what is wrong with a query, and what it lacks of the thread's own prefixes and base.
    fn malformed(&self, query: &Query, error: &SparqlSyntaxError) -> Error {
        let mut message = error.to_string();
        for (name, iri) in PREFIXES.iter().filter(|(name, _)| query.undeclared().contains(name)) {
            message.push_str(&format!("\nthe query lacks PREFIX {name}: <{iri}>"));
        }
        if message.contains("IRI") {
            message.push_str(&format!(
                "\nfor names below this thread's base, the query begins with BASE <{}>",
                self.base()
            ));
        }
        Error::Malformed(message)
    }
}

impl From<QueryEvaluationError> for Error {
    fn from(error: QueryEvaluationError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Makes every evaluator of the program. A dependency switches oxigraph's HTTP SERVICE on; here it is switched off.
fn evaluator() -> SparqlEvaluator {
    SparqlEvaluator::new().without_default_http_service_handler()
}

fn write(
    results: QueryResults<'_>,
    format: Format,
    budget: &Budget,
    mut into: impl Write,
) -> Result<(), Error> {
    match (results, format.kind) {
        (QueryResults::Boolean(value), Serialization::Results(format)) => {
            let serializer = QueryResultsSerializer::from_format(format);
            serializer.serialize_boolean_to_writer(&mut into, value).map_err(Error::Write)?;
        }
        (QueryResults::Solutions(solutions), Serialization::Results(format)) => {
            let serializer = QueryResultsSerializer::from_format(format);
            let variables = solutions.variables().to_vec();
            let mut serializer =
                serializer.serialize_solutions_to_writer(&mut into, variables).map_err(Error::Write)?;
            for solution in solutions {
                serializer.serialize(&solution?).map_err(Error::Write)?;
            }
            serializer.finish().map_err(Error::Write)?;
        }
        (QueryResults::Graph(statements), Serialization::Graph(format)) => {
            let mut serializer = RdfSerializer::from_format(format);
            for (name, iri) in PREFIXES {
                serializer =
                    serializer.with_prefix(name, iri).map_err(|error| Error::Failed(error.to_string()))?;
            }
            let mut serializer = serializer.for_writer(&mut into);
            for statement in statements {
                let statement = statement?;
                // The evaluator keeps each, so that it gives none twice.
                budget.hold(statement_terms(&statement));
                serializer.serialize_triple(&statement).map_err(Error::Write)?;
            }
            serializer.finish().map_err(Error::Write)?;
        }
        _ => return Err(Error::Failed("the answer has another form than the query".to_owned())),
    }
    into.flush().map_err(Error::Write)
}

/// Returns how much of the memory of a query a statement takes.
fn statement_terms(statement: &Triple) -> u64 {
    let subject = match &statement.subject {
        NamedOrBlankNode::NamedNode(iri) => iri.as_str().len(),
        NamedOrBlankNode::BlankNode(_) => 0,
    };
    let bytes = subject + statement.predicate.as_str().len() + term::text_bytes(&statement.object);
    STATEMENT_TERMS + bytes as u64 / BYTES_PER_TERM
}

/// A writer whose bytes and waits the budget knows of. It collects what is written, and where the evaluation ends early it
/// writes no more (a `BufWriter` would, when dropped): the failure can still be reported to the reader instead.
struct Metered<'b, W> {
    into: W,
    budget: &'b Budget,
    collected: Vec<u8>,
}

impl<W: Write> Metered<'_, W> {
    fn pass_on(&mut self) -> io::Result<()> {
        let began = Instant::now();
        self.into.write_all(&self.collected)?;
        let passed = self.budget.wrote(self.collected.len(), began.elapsed());
        self.collected.clear();
        passed.map_err(|cause| {
            self.budget.note(cause);
            io::Error::other("the answer is too large")
        })
    }
}

impl<W: Write> Write for Metered<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.collected.extend_from_slice(bytes);
        if self.collected.len() >= WRITE_BYTES {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.into.flush()
    }
}
