//! One version as the evaluator reads it: a default graph, no named ones. Rows are read as they are asked for, so what a
//! pattern matches is never in memory as a whole.

use super::budget::Budget;
use super::term::{Id, text_bytes};
use crate::graph::index;
use crate::graph::index::rows::key;
use crate::graph::index::storage::packed::Direction;
use crate::graph::read::snapshot::{Inner, Pattern, Rows};
use crate::model::statement::literal::canonical;
use oxigraph::model::{Literal, Term};
use spareval::{ExpressionTerm, InternalQuad, QueryableDataset};
use std::convert::Infallible;

/// How many rows are read first; each next time twice as many, up to [`CHUNK_MAX`].
const CHUNK_MIN: usize = 8;
const CHUNK_MAX: usize = 2048;

#[derive(Clone)]
pub(super) struct Dataset<'a> {
    pub(super) version: &'a Inner,
    pub(super) budget: &'a Budget,
}

impl<'a> Dataset<'a> {
    /// Returns what was read, or ends the evaluation: an error that it passes along could be lost in an expression.
    fn read<T>(&self, result: Result<T, index::Error>) -> T {
        result.unwrap_or_else(|error| self.budget.stop(error.into()))
    }

    fn id(&self, number: u64) -> Id<'a> {
        Id::stored(number, self.budget)
    }
}

impl<'a> QueryableDataset<'a> for Dataset<'a> {
    type InternalTerm = Id<'a>;
    type Error = Infallible;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Id<'a>>,
        predicate: Option<&Id<'a>>,
        object: Option<&Id<'a>>,
        graph_name: Option<Option<&Id<'a>>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Id<'a>>, Infallible>> + use<'a> {
        self.budget.tick();
        let bound = [subject, predicate, object];
        // A computed term is in no statement, and there are no named graphs.
        let somewhere =
            matches!(graph_name, Some(None)) && bound.iter().flatten().all(|id| id.number().is_some());
        let scan = somewhere.then(|| {
            let pattern = Pattern { ids: bound.map(|id| id.and_then(Id::number)) };
            Scan {
                dataset: self.clone(),
                rows: pattern.rows(),
                read: Vec::new().into_iter(),
                chunk: CHUNK_MIN,
                more: true,
            }
        });
        scan.into_iter().flatten().map(Ok)
    }

    fn internalize_term(&self, term: Term) -> Result<Id<'a>, Infallible> {
        let number = self.read(self.version.view.id_as_kept(&term));
        Ok(number.map_or_else(|| Id::computed(canonical(term), self.budget), |number| self.id(number)))
    }

    fn externalize_term(&self, term: Id<'a>) -> Result<Term, Infallible> {
        let term = match (term.number(), term.own()) {
            (Some(number), _) => self.read(self.version.view.term(number)),
            (None, own) => own.cloned().unwrap_or_else(|| Literal::from("").into()),
        };
        self.budget.tick_text(text_bytes(&term));
        Ok(term)
    }

    fn externalize_expression_term(&self, term: Id<'a>) -> Result<ExpressionTerm, Infallible> {
        if let Some(integer) = term.number().and_then(index::terms::inline::integer) {
            self.budget.tick();
            return Ok(ExpressionTerm::IntegerLiteral(integer.into()));
        }
        Ok(self.externalize_term(term)?.into())
    }

    fn internalize_expression_term(&self, term: ExpressionTerm) -> Result<Id<'a>, Infallible> {
        if let ExpressionTerm::IntegerLiteral(integer) = &term
            && let Some(number) = index::terms::inline::of_integer((*integer).into())
        {
            return Ok(self.id(number));
        }
        self.internalize_term(term.into())
    }
}

/// The statements that match a pattern, read a chunk of rows at a time.
struct Scan<'a> {
    dataset: Dataset<'a>,
    rows: Rows,
    read: std::vec::IntoIter<[u64; 3]>,
    chunk: usize,
    more: bool,
}

impl Scan<'_> {
    /// Reads the next chunk, and remembers where the one after it begins.
    fn refill(&mut self) -> Result<(), index::Error> {
        self.dataset.budget.look();
        let mut read = Vec::with_capacity(self.chunk.min(64));
        let mut last = Vec::new();
        self.more = false;
        let (rows, chunk) = (&self.rows, self.chunk);
        let more = &mut self.more;
        self.dataset.version.view.scan_range(&rows.from, &rows.to, Direction::Forward, |row, _| {
            read.push(rows.ids(row)?);
            *more = read.len() == chunk;
            if *more {
                last.extend_from_slice(row);
            }
            Ok(!*more)
        })?;
        if self.more {
            self.rows.from = key::after(&last);
        }
        self.chunk = (chunk * 2).min(CHUNK_MAX);
        self.read = read.into_iter();
        Ok(())
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = InternalQuad<Id<'a>>;

    fn next(&mut self) -> Option<InternalQuad<Id<'a>>> {
        if self.read.len() == 0 && self.more {
            let refilled = self.refill();
            self.dataset.read(refilled);
        }
        let [subject, predicate, object] = self.read.next()?.map(|number| self.dataset.id(number));
        Some(InternalQuad { subject, predicate, object, graph_name: None })
    }
}
