//! Rows to statements, by a plan.

use super::derived::template::{Unfilled, escape, expand};
use super::plan::{FieldPlan, NodePlan, ResourcePlan, Values};
use super::problem::Problems;
use super::sheet::row::Row;
use super::value::{self, Notation, World};
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::ontology::{Field, FieldKind};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, Term};
use std::collections::{HashMap, HashSet};

/// Fields that name the two ends of a span.
const SPANS: [(&str, &str); 3] = [("from", "to"), ("validFrom", "validTo"), ("commissionedAt", "retiredAt")];

/// How many bytes of long texts a table may write, beside so many times the bytes of its rows.
const TEXTS_MAX: usize = 64 << 20;
const TEXTS_BY_ROWS: usize = 4;
/// Up to so many bytes a text is short.
const SHORT: usize = 64;

/// The statements of a table, in the order of its rows.
#[derive(Debug)]
pub(super) struct Writer<'a, 'p> {
    pub(super) world: World<'a>,
    pub(super) problems: &'p mut Problems<'a>,
    pub(super) statements: Vec<Statement>,
    written: HashSet<Statement>,
    /// The values of single-valued fields, and since which line.
    single: HashMap<(NamedNode, NamedNode), (Term, u64)>,
    /// How many rows gave an id of a numbered template, by its plan and the id without the number.
    numbered: HashMap<(usize, String), u64>,
    /// How many bytes the rows hold, and the long texts among the values that were written.
    read: usize,
    texts: usize,
}

impl<'a, 'p> Writer<'a, 'p> {
    pub(super) fn new(world: World<'a>, problems: &'p mut Problems<'a>) -> Self {
        Self {
            world,
            problems,
            statements: Vec::new(),
            written: HashSet::new(),
            single: HashMap::new(),
            numbered: HashMap::new(),
            read: 0,
            texts: 0,
        }
    }

    /// Takes note of a row of so many bytes.
    pub(super) fn begin(&mut self, bytes: usize) {
        self.read += bytes;
    }

    /// Returns whether a table, up to this line, writes much more than it holds; that is a problem.
    pub(super) fn is_overfull(&mut self, line: u64) -> bool {
        let is_overfull = self.texts > TEXTS_MAX.saturating_add(self.read.saturating_mul(TEXTS_BY_ROWS));
        if is_overfull {
            let message = "the texts that the mapping makes of the rows up to here hold more than 64 MiB and four times as much as the rows: \
                 import the table in parts, or write less into each resource";
            self.problems.add(line, None, message);
        }
        is_overfull
    }

    /// Fills in the id of a resource.
    fn id(&mut self, plan: &ResourcePlan<'_>, number: usize, row: &Row<'_>) -> Result<String, Unfilled> {
        let id = plan.id.fill(row)?;
        if !plan.id.is_numbered() {
            return Ok(id);
        }
        let nth = self.numbered.entry((number, id)).or_default();
        *nth += 1;
        plan.id.fill_nth(row, *nth)
    }

    /// Writes the statements of one row about one resource, by the plan of this number; returns whether it takes the row.
    pub(super) fn resource(&mut self, plan: &ResourcePlan<'_>, number: usize, row: &Row<'_>) -> bool {
        if !plan.node.when.holds(row) {
            return false;
        }
        match self.id(plan, number, row) {
            Err(unfilled) => {
                let class = &plan.node.class.name;
                let empty = || format!("is empty, but names the {class}; fill it in or leave out the row");
                let message = unfilled.reason().unwrap_or_else(empty);
                self.problems.add(row.line, Some(unfilled.column()), message);
            }
            Ok(id) => match expand(self.world.base, &id) {
                Err(message) => self.problems.add(row.line, plan.id.columns().next(), message),
                Ok(node) => self.node(&plan.node, &node, row),
            },
        }
        true
    }

    fn node(&mut self, plan: &NodePlan<'_>, node: &NamedNode, row: &Row<'_>) {
        self.write(Statement::new(node.clone(), rdf::TYPE, plan.class.iri.clone()));
        let (mut instants, mut unit, mut stated) = (HashMap::new(), None, Vec::new());
        for field in &plan.fields {
            for (term, column) in self.values(field, row) {
                if field.field.kind == FieldKind::Unit {
                    unit = Some(term.clone());
                }
                stated.extend(&field.stated);
                if let Some(instant) = instant(&term) {
                    instants.insert(field.field.name.as_str(), (instant, column));
                }
                self.set(node, field.field, term, row.line, column);
            }
        }
        self.check_spans(&instants, row.line);
        for stated in stated {
            if let Some(Err(message)) = unit.as_ref().map(|unit| stated.check(unit, self.world.ontology)) {
                self.problems.add(row.line, Some(stated.column), message);
            }
        }
        for fragment in &plan.fragments {
            if !fragment.node.when.holds(row) {
                continue;
            }
            match fragment.name.fill(row) {
                Err(unfilled) => {
                    let message =
                        unfilled.reason().unwrap_or_else(|| "is empty, but names a fragment".to_owned());
                    self.problems.add(row.line, Some(unfilled.column()), message);
                }
                Ok(name) => {
                    let below = below(node, &name);
                    let column = fragment.name.columns().next();
                    self.set(node, fragment.field, below.clone().into(), row.line, column);
                    self.node(&fragment.node, &below, row);
                }
            }
        }
    }

    /// Reads the values of one field; each comes with its column.
    fn values(&mut self, plan: &FieldPlan<'_>, row: &Row<'_>) -> Vec<(Term, Option<usize>)> {
        match &plan.values {
            Values::Constant(term) => vec![(term.clone(), None)],
            Values::Link(template) => match template.fill(row).map(|id| expand(self.world.base, &id)) {
                Err(unfilled) => {
                    if let Some(reason) = unfilled.reason() {
                        self.problems.add(row.line, Some(unfilled.column()), reason);
                    }
                    Vec::new()
                }
                Ok(Ok(target)) => vec![(target.into(), template.columns().next())],
                Ok(Err(message)) => {
                    self.problems.add(row.line, template.columns().next(), message);
                    Vec::new()
                }
            },
            Values::Column { column, split, notation } => {
                let Some(cell) = row.cell(*column) else { return Vec::new() };
                self.cells(cell, split.as_deref(), plan, notation, row, Some(*column))
            }
            Values::Made { make, split, notation } => {
                let column = {
                    let mut columns = Vec::new();
                    make.columns(&mut columns);
                    columns.first().copied()
                };
                match make.text(row, notation.marks) {
                    Ok(None) => Vec::new(),
                    Ok(Some(text)) => self.cells(&text, split.as_deref(), plan, notation, row, column),
                    Err((column, message)) => {
                        self.problems.add(row.line, column, message);
                        Vec::new()
                    }
                }
            }
        }
    }

    /// Reads the one or several values of a text.
    fn cells(
        &mut self,
        cell: &str,
        split: Option<&str>,
        plan: &FieldPlan<'_>,
        notation: &Notation,
        row: &Row<'_>,
        column: Option<usize>,
    ) -> Vec<(Term, Option<usize>)> {
        let texts: Vec<&str> = match split {
            Some(split) => cell.split(split).map(str::trim).filter(|text| !text.is_empty()).collect(),
            None => vec![cell],
        };
        let offset = notation.offset.and_then(|column| row.cell(column));
        let mut terms = Vec::new();
        for text in texts {
            match value::read(text, &plan.field.kind, notation, offset, self.world) {
                Ok(term) => terms.push((term, column)),
                Err(message) => {
                    // A time that can be read has an offset that is wrong.
                    let is_of_offset = plan.field.kind == FieldKind::Instant
                        && offset.is_some()
                        && notation.wall.reads(notation.values.get(text).map_or(text, String::as_str));
                    let column = if is_of_offset { notation.offset } else { column };
                    self.problems.add(row.line, column, message);
                }
            }
        }
        terms
    }

    /// Writes one value of a field; a second, different value of a single-valued field is a problem.
    pub(super) fn set(
        &mut self,
        node: &NamedNode,
        field: &Field,
        term: Term,
        line: u64,
        column: Option<usize>,
    ) {
        if field.is_single() {
            let key = (node.clone(), field.predicate.clone());
            if let Some((before, since)) = self.single.get(&key) {
                if *before != term {
                    let message = format!(
                        "{} of {} is {} here, but {} on line {since}; it has one value",
                        field.name,
                        node,
                        plain(&term),
                        plain(before)
                    );
                    self.problems.add(line, column, message);
                }
                return;
            }
            self.single.insert(key, (term.clone(), line));
        }
        self.write(Statement::new(node.clone(), field.predicate.clone(), term));
    }

    pub(super) fn write(&mut self, statement: Statement) {
        if self.written.insert(statement.clone()) {
            if let Term::Literal(text) = &statement.object {
                self.texts += text.value().len().saturating_sub(SHORT);
            }
            self.statements.push(statement);
        }
    }

    fn check_spans(&mut self, instants: &HashMap<&str, (Instant, Option<usize>)>, line: u64) {
        for (start, end) in SPANS {
            if let (Some((from, _)), Some((to, column))) = (instants.get(start), instants.get(end))
                && from >= to
            {
                self.problems.add(
                    line,
                    *column,
                    format!("{end} ({to}) does not come after {start} ({from})"),
                );
            }
        }
    }
}

fn instant(term: &Term) -> Option<Instant> {
    match term {
        Term::Literal(literal) if literal.datatype() == oxigraph::model::vocab::xsd::DATE_TIME => {
            literal.value().parse().ok()
        }
        _ => None,
    }
}

/// Names a fragment of a resource, or one below a fragment.
fn below(owner: &NamedNode, name: &str) -> NamedNode {
    let joint = if owner.as_str().contains('#') { '.' } else { '#' };
    // The name's cells are escaped by the template; its own text may hold anything.
    let name: String = name.split('%').map(escape).collect::<Vec<_>>().join("%");
    NamedNode::new_unchecked(format!("{}{joint}{name}", owner.as_str()))
}

fn plain(term: &Term) -> String {
    match term {
        Term::Literal(literal) => format!("\"{}\"", literal.value()),
        term => term.to_string(),
    }
}
