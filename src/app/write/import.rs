//! Bringing in what other tools export: RDF files and tables, as a vendor branch.

use crate::app::application::App;
use crate::app::error::Error;
use crate::exchange::foreign::{self, Foreign};
use crate::exchange::rdf::{self, Format, Notice};
use crate::exchange::table::{self, Dirt, Mapping, Problem, workbook};
use crate::exchange::{Context, FieldMapping};
use crate::graph::{self, Author, DiffRange, ImportRequest, Imported, RequestKey, Resolution, Snapshot};
use crate::model::statement::Statement;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::ontology::Ontology;
use crate::ontology::terms::{self, dcterms, tl, xsd};
use oxigraph::model::{Literal, NamedNode, Term};
use std::cell::RefCell;
use std::collections::HashSet;

/// A file to import.
#[derive(Debug)]
pub struct SourceFile {
    /// What errors call it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// How it is to be read.
    pub reading: SourceFormat,
}

/// How a file is to be read.
#[derive(Debug)]
pub enum SourceFormat {
    /// As RDF in a notation.
    Rdf(Format),
    /// As a CSV table by a mapping.
    Table(Box<Mapping>),
    /// As a format of another tool, whose attributes become fields by a mapping.
    Foreign(Foreign, Box<FieldMapping>),
    /// As the notes that a pull makes on the branch of the source, in N-Triples.
    Notes,
}

/// What an import is asked for, besides its files.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The name of the source.
    pub source: String,
    /// Whether the name was made out of a file's name, so that a renamed export is refused instead of becoming a second source.
    pub source_is_guessed: bool,
    /// The branch that takes it.
    pub into: String,
    /// The messages of the commits; generated where absent.
    pub message: Option<String>,
    /// Who imports.
    pub author: Author,
    /// Whether the files together are the complete content of the source, so that what they no longer name is retired.
    pub prune: bool,
    /// What is decided of conflicts with work done here.
    pub resolutions: Vec<Resolution>,
    /// Whether installations that overlap are cut and swap logs that contradict themselves settled; else both are refused.
    pub accept_dirty: bool,
    /// Whether installations without an end get the end that those of other sources imply.
    pub complete: bool,
    /// A tag to make of what the branch comes to: the source's baseline.
    pub tag: Option<String>,
    /// When another system recorded this, for a branch `history/…`.
    pub recorded_at: Option<Instant>,
    /// Whether nothing is written, and only what would come of it is returned.
    pub preview: bool,
    /// The resource after which a preview begins; at the first one where absent.
    pub preview_after: Option<String>,
    /// Names the request, so that it makes no second commit when it is sent again.
    pub idempotency_key: Option<RequestKey>,
    /// Until when it is wanted: once it is not, and the commit is not begun, nothing is written.
    pub wanted: Cancellation,
}

/// The statements of files, read for an import.
#[derive(Debug, Default)]
pub struct SourceStatements {
    names: Vec<String>,
    statements: Vec<Statement>,
    notes: Vec<Statement>,
    settled: usize,
}

/// What of the files of an import became no statement, or another one than its row alone would give.
#[derive(Debug, Default)]
pub struct ReadReport {
    /// The rows of swap logs that contradicted others, each with how that was settled.
    pub settled: Vec<Problem>,
    /// What in the files no statement came out of, such as keys that a JSON-LD context does not define.
    pub ignored: Vec<Notice>,
    /// The tables with columns that their mapping does not use, and these columns.
    pub unused_columns: Vec<(String, Vec<String>)>,
    /// The tables with rows that their mapping does not take: how many of how many.
    pub skipped_rows: Vec<(String, usize, usize)>,
}

impl App {
    /// Reads files for an import with these options. Files that are together larger than the settings allow are refused.
    pub fn read_sources(
        &self,
        files: Vec<SourceFile>,
        options: &ImportOptions,
    ) -> Result<(SourceStatements, ReadReport), Error> {
        let bytes: u64 = files.iter().map(|file| file.bytes.len() as u64).sum();
        let max = self.settings().import_bytes_max;
        if bytes > max {
            return Err(Error::ImportTooLarge { max });
        }
        let target = self.repository().import_target(&options.into, options.recorded_at)?;
        let dirt = if options.accept_dirty { Dirt::Settled } else { Dirt::Refused };
        let (mut sources, mut report) = (SourceStatements::default(), ReadReport::default());
        let mut ends = Vec::new();
        for file in files {
            options.wanted.check().map_err(|why| graph::Error::Index(graph::IndexError::Cancelled(why)))?;
            sources.read(file, (&options.source, max), dirt, &target, &mut report)?;
            ends.push(sources.statements.len());
        }
        report.ignored.extend(sources.without_class(&ends, &target)?);
        Ok((sources, report))
    }

    /// Imports files as what one source states of the resources that they name: what it no longer states of those is removed, what was
    /// authored here stays.
    pub fn import(&self, sources: SourceStatements, options: ImportOptions) -> Result<Imported, Error> {
        let SourceStatements { names, statements, notes, settled } = sources;
        if options.source_is_guessed {
            self.refuse_renamed(&options.source, &statements)?;
        }
        let message = options.message.unwrap_or_else(|| format!("Import {}", names.join(", ")));
        let target = self.repository().import_target(&options.into, options.recorded_at)?;
        let after = options.preview_after.as_deref().map(|name| target.expand(name)).transpose()?;
        drop(target);
        Ok(self.repository().import(ImportRequest {
            source: options.source,
            into: options.into,
            message: with_settled(message, settled),
            author: options.author,
            statements,
            notes,
            prune: options.prune,
            resolutions: options.resolutions,
            cut_overlaps: options.accept_dirty,
            complete: options.complete,
            tag: options.tag,
            recorded_at: options.recorded_at,
            preview: options.preview,
            previewed: DiffRange { after, ..DiffRange::default() },
            idempotency_key: options.idempotency_key,
            wanted: options.wanted,
        })?)
    }

    /// Refuses a new source that describes mostly what one other source describes, and most of that: a renamed export.
    fn refuse_renamed(&self, source: &str, statements: &[Statement]) -> Result<(), Error> {
        if self.repository().is_source(source)? {
            return Ok(());
        }
        let described = graph::described(statements.iter().map(|statement| &statement.subject));
        let total = described.len();
        let shares = self.repository().sources_of(&described)?;
        let renamed =
            shares.into_iter().find(|share| share.shared * 2 > total && share.shared * 2 > share.total);
        match renamed {
            None => Ok(()),
            Some(share) => {
                let (source_name, known) = (source.to_owned(), share.source);
                Err(Error::RenamedSource { source_name, known, shared: share.shared, total })
            }
        }
    }
}

/// The most resources without a class that a notice names.
const CLASSLESS_MAX: usize = 3;

impl SourceStatements {
    /// Returns a notice for each file that describes resources which neither the files nor the thread give a class: a mistyped name
    /// makes such a one. `ends` counts the statements up to each file's end.
    fn without_class(&self, ends: &[usize], target: &Snapshot) -> Result<Vec<Notice>, graph::Error> {
        let is_type = |own: &&Statement| own.predicate.as_ref() == terms::rdf::TYPE;
        let typed: HashSet<&NamedNode> =
            self.statements.iter().filter(is_type).map(|own| &own.subject).collect();
        let (mut seen, mut notices, mut begin) = (HashSet::new(), Vec::new(), 0);
        for (name, end) in self.names.iter().zip(ends) {
            let mut found = Vec::new();
            for own in &self.statements[begin..*end] {
                let is_known = own.subject.as_str().contains('#') || typed.contains(&own.subject);
                if !is_known && seen.insert(&own.subject) && target.classes_of(&own.subject)?.is_empty() {
                    found.push(&own.subject);
                }
            }
            begin = *end;
            notices.extend(classless(name, &found));
        }
        Ok(notices)
    }

    fn read(
        &mut self,
        file: SourceFile,
        (source, bytes_max): (&str, u64),
        dirt: Dirt,
        target: &Snapshot,
        report: &mut ReadReport,
    ) -> Result<(), Error> {
        match &file.reading {
            SourceFormat::Rdf(format) => {
                let mut read = read_rdf(&file, *format, target)?;
                report.ignored.extend(make_plain(&mut read, &file.name, target.ontology()));
                report.ignored.extend(rdf::notices(
                    &file.bytes,
                    *format,
                    target.base(),
                    &file.name,
                    read.len(),
                ));
                self.statements.extend(read);
            }
            SourceFormat::Table(mapping) => {
                let (base, ontology) = (target.base(), target.ontology());
                let sheet = sheet(&file, mapping, bytes_max, report)?;
                let (bytes, mapping) = match &sheet {
                    Some((csv, mapping)) => (csv.as_slice(), mapping),
                    None => (file.bytes.as_slice(), &**mapping),
                };
                let table = table::read_table(mapping, bytes, &file.name, base, ontology, dirt)?;
                self.statements.extend(table.statements);
                if let Some((count, first)) = table.repeated_headers {
                    let message = match count {
                        1 => format!("line {first} repeats the header, so it is no row"),
                        _ => format!(
                            "{count} lines, the first of them line {first}, repeat the header, so they are no rows"
                        ),
                    };
                    report.ignored.push(Notice { file: file.name.clone(), message });
                }
                if table.skipped > 0 {
                    report.skipped_rows.push((file.name.clone(), table.skipped, table.rows));
                }
                if table.skipped == table.rows && table.rows > 0 {
                    let message = format!(
                        "nothing comes out of its rows ({}): `only` and `skip-if-empty` of the mapping take none of them",
                        table.rows
                    );
                    report.ignored.push(Notice { file: file.name.clone(), message });
                }
                self.settled += table.settled.len();
                report.settled.extend(table.settled);
                if !table.unused_columns.is_empty() {
                    report.unused_columns.push((file.name.clone(), table.unused_columns));
                }
            }
            SourceFormat::Foreign(format, mapping) => {
                let failed = RefCell::new(None);
                let find = |identifier: &str| {
                    self.find(identifier).or_else(|| {
                        find(target, identifier).unwrap_or_else(|error| {
                            failed.replace(Some(error));
                            None
                        })
                    })
                };
                let (name, ontology, base) = (file.name.as_str(), &**target.ontology(), target.base());
                let context = Context { file: name, source, mapping, ontology, base, bytes_max, find: &find };
                let content = foreign::read(*format, &file.bytes, context);
                if let Some(error) = failed.into_inner() {
                    return Err(error.into());
                }
                let content = content?;
                report.ignored.extend(content.notices);
                self.statements.extend(content.statements);
            }
            SourceFormat::Notes => {
                let read = rdf::read(&file.bytes, Format::NTriples, target.base(), &file.name)?;
                self.notes.extend(read);
            }
        }
        self.names.push(file.name);
        Ok(())
    }

    /// Finds a requirement that the files before described, by its identifier.
    fn find(&self, identifier: &str) -> Option<NamedNode> {
        let is = |statement: &&Statement| {
            statement.predicate.as_ref() == dcterms::IDENTIFIER
                && matches!(&statement.object, Term::Literal(literal) if literal.value() == identifier)
        };
        let is_requirement = |subject: &&NamedNode| {
            let class = Term::from(tl::REQUIREMENT.into_owned());
            self.statements.iter().any(|own| {
                own.subject == **subject && own.predicate.as_ref() == terms::rdf::TYPE && own.object == class
            })
        };
        let found = self.statements.iter().filter(is).map(|statement| &statement.subject);
        found.into_iter().find(is_requirement).cloned()
    }
}

/// Makes plain texts of the values whose fields want them, and returns a notice where a language or a datatype of others than XSD is
/// left out by that.
fn make_plain(statements: &mut [Statement], file: &str, ontology: &Ontology) -> Option<Notice> {
    let (mut first, mut count) = (None, 0);
    for statement in statements {
        let Some(text) = ontology.plain_text(&statement.predicate, &statement.object) else { continue };
        let loses = matches!(&statement.object, Term::Literal(own) if !own.datatype().as_str().starts_with(xsd::NAMESPACE));
        if loses {
            count += 1;
            first.get_or_insert_with(|| shown_value(statement, ontology));
        }
        statement.object = text.into();
    }
    let first = first?;
    let message = match count {
        1 => format!("{first}: its field has plain texts, so its language or datatype is left out"),
        _ => format!(
            "{first}, and {} values more: their fields have plain texts, so their languages and datatypes are left out",
            count - 1
        ),
    };
    Some(Notice { file: file.to_owned(), message })
}

fn shown_value(statement: &Statement, ontology: &Ontology) -> String {
    let Statement { subject, predicate, object } = statement;
    format!("<{}> {} {object}", subject.as_str(), ontology.field_name(predicate))
}

/// Describes resources of a file that have no class.
fn classless(file: &str, found: &[&NamedNode]) -> Option<Notice> {
    let names: Vec<String> =
        found.iter().take(CLASSLESS_MAX).map(|name| format!("<{}>", name.as_str())).collect();
    let more = found.len() - names.len();
    let names = names.join(", ") + &if more == 0 { String::new() } else { format!(" and {more} more") };
    let message = match found.len() {
        0 => return None,
        1 => format!(
            "{names} has no class, neither here nor in the thread: it is stored, but no rule checks it and no list has it; is its name mistyped?"
        ),
        _ => format!(
            "{names} have no class, neither here nor in the thread: they are stored, but no rule checks them and no list has them; are their names mistyped?"
        ),
    };
    Some(Notice { file: file.to_owned(), message })
}

/// Returns the sheet of a workbook as CSV, with the mapping of that; `None` where the file is no workbook.
fn sheet(
    file: &SourceFile,
    mapping: &Mapping,
    bytes_max: u64,
    report: &mut ReadReport,
) -> Result<Option<(Vec<u8>, Mapping)>, Error> {
    if !workbook::is_workbook(&file.bytes) {
        return Ok(None);
    }
    let (writing, mapping) = mapping.of_workbook();
    let name = || file.name.clone();
    let text = workbook::read(&file.bytes, &writing, bytes_max)
        .map_err(|message| foreign::Unread { file: name(), message })?;
    let mapping = mapping.of_sheet(&text);
    report.ignored.extend(text.notices.into_iter().map(|message| Notice { file: name(), message }));
    Ok(Some((text.csv, mapping)))
}

/// Finds the requirement of the thread that an identifier belongs to.
fn find(target: &Snapshot, identifier: &str) -> Result<Option<NamedNode>, graph::Error> {
    let literal = Literal::new_simple_literal(identifier).into();
    let found = target.subjects(dcterms::IDENTIFIER, &literal)?;
    for own in &found {
        if target.classes_of(own)?.iter().any(|class| class.as_ref() == tl::REQUIREMENT) {
            return Ok(Some(own.clone()));
        }
    }
    Ok(None)
}

fn read_rdf(file: &SourceFile, format: Format, target: &Snapshot) -> Result<Vec<Statement>, Error> {
    let failed = RefCell::new(None);
    let known = |subject: &NamedNode| {
        target.statements(subject).unwrap_or_else(|error| {
            failed.replace(Some(error));
            Vec::new()
        })
    };
    let texts = |predicate: &NamedNode| target.ontology().is_text(predicate);
    let read = rdf::read_onto(&file.bytes, format, target.base(), &file.name, &known, &texts);
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok(read?),
    }
}

/// Adds to a message how many rows were settled.
fn with_settled(message: String, settled: usize) -> String {
    match settled {
        0 => message,
        1 => format!("{message}\n\n1 row of a swap log was settled where it contradicts others."),
        _ => format!("{message}\n\n{settled} rows of swap logs were settled where they contradict others."),
    }
}
