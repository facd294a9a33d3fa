//! `throughline export`.

use crate::app::{ForeignFormat, ForeignRequest, SamplesAsked, Session};
use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::exchange::rdf::Format;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(default_value = "main", conflicts_with = "telemetry")]
    version: String,
    /// The same as VERSION
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["telemetry", "version"])]
    at: Option<String>,
    /// The notation
    #[arg(long, value_enum, default_value_t, conflicts_with = "telemetry")]
    format: Notation,
    /// With reqif: give back the document that was imported from this source, with what was changed here [default: all requirements
    /// of the thread]
    #[arg(long, value_name = "NAME", conflicts_with = "telemetry")]
    source: Option<String>,
    /// Write samples as CSV instead: time, twin, measurement, signal, tags, value
    #[arg(long)]
    telemetry: bool,
    /// Only samples of this twin, as senders name it; may be given several times
    #[arg(long, value_name = "NAME", requires = "telemetry")]
    twin: Vec<String>,
    /// Only samples of this measurement; may be given several times
    #[arg(long, value_name = "NAME", requires = "telemetry")]
    measurement: Vec<String>,
    /// Only samples of this signal; may be given several times
    #[arg(long, value_name = "NAME", requires = "telemetry")]
    signal: Vec<String>,
    /// Only samples from this instant on
    #[arg(long, value_name = "INSTANT", requires = "telemetry")]
    from: Option<Instant>,
    /// Only samples before this instant
    #[arg(long, value_name = "INSTANT", requires = "telemetry")]
    to: Option<Instant>,
    /// As known at a watermark, or a past instant
    #[arg(long, value_name = "WATERMARK", requires = "telemetry")]
    known: Option<String>,
    /// The file to write [default: the standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The notations of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Notation {
    /// Turtle
    #[default]
    Turtle,
    /// N-Triples
    Ntriples,
    /// N-Quads: all statements are in the graph without a name
    Nquads,
    /// JSON-LD
    Jsonld,
    /// RDF/XML
    Rdfxml,
    /// Requirements as ReqIF
    Reqif,
    /// Requirements as ReqIF in an archive, with their attachments
    Reqifz,
    /// Requirements and test cases as needs.json of sphinx-needs
    Needs,
    /// Test results as JUnit XML
    Junit,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let thread = arguments.place.open_to_read()?;
    match &arguments.output {
        Some(path) => {
            let failed = |error| Failure::new(format!("{}: {error}", path.display()));
            let mut file = BufWriter::new(File::create(path).map_err(failed)?);
            write(arguments, &thread, &mut file)?;
            file.flush().map_err(failed)
        }
        None => write(arguments, &thread, &mut BufWriter::new(std::io::stdout().lock())),
    }
}

fn write(arguments: &Arguments, thread: &Thread, out: &mut impl Write) -> Result<(), Failure> {
    match thread {
        Thread::Here(session) if arguments.telemetry => {
            let view = session.view(arguments.known.as_deref())?;
            session.export_samples(&view, &arguments.samples()?, &mut *out)?;
        }
        Thread::Here(session) => match (arguments.format.foreign(), &arguments.source) {
            (Some(format), _) => write_foreign(arguments, session, format, out)?,
            (None, Some(_)) => return Err(Failure::new("--source is for reqif and reqifz alone")),
            (None, None) => {
                let version = session.snapshot(arguments.version())?;
                session.export(&version, arguments.format.format(), &mut *out)?;
            }
        },
        Thread::There(_) if arguments.format.foreign().is_some() => {
            let failure = Failure::new(format!("a service does not write {}", arguments.format.name()));
            return Err(failure.hint("run it with --data on the folder of the thread, or on a copy of it"));
        }
        Thread::There(service) => drop(service.send(ClientRequest::get("/export", arguments.query()), out)??),
    }
    Ok(out.flush()?)
}

/// Writes a format of another tool; what it leaves out is printed as warnings.
fn write_foreign(
    arguments: &Arguments,
    session: &Session,
    format: ForeignFormat,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (at, source) = (arguments.version().to_owned(), arguments.source.clone());
    let exported = session.export_foreign(&ForeignRequest { format, at, source })?;
    for notice in &exported.notices {
        eprintln!("warning: {notice}");
    }
    if exported.is_archive && format == (ForeignFormat::ReqIf { archive: false }) {
        return Err(Failure::new("the source brought an archive, which only an archive can give back")
            .hint("--format reqifz writes it"));
    }
    Ok(out.write_all(&exported.bytes)?)
}

impl Notation {
    /// Returns the format of another tool that it is.
    const fn foreign(self) -> Option<ForeignFormat> {
        match self {
            Self::Reqif => Some(ForeignFormat::ReqIf { archive: false }),
            Self::Reqifz => Some(ForeignFormat::ReqIf { archive: true }),
            Self::Needs => Some(ForeignFormat::Needs),
            Self::Junit => Some(ForeignFormat::JUnit),
            _ => None,
        }
    }

    const fn format(self) -> Format {
        match self {
            Self::Turtle => Format::Turtle,
            Self::Ntriples | Self::Nquads => Format::NTriples,
            Self::Jsonld => Format::JsonLd,
            Self::Rdfxml => Format::RdfXml,
            // These are written by [`write_foreign`].
            Self::Reqif | Self::Reqifz | Self::Needs | Self::Junit => Format::Turtle,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Turtle => "turtle",
            Self::Ntriples => "ntriples",
            Self::Nquads => "nquads",
            Self::Jsonld => "jsonld",
            Self::Rdfxml => "rdfxml",
            Self::Reqif => "reqif",
            Self::Reqifz => "reqifz",
            Self::Needs => "needs",
            Self::Junit => "junit",
        }
    }
}

impl Arguments {
    fn version(&self) -> &str {
        self.at.as_deref().unwrap_or(&self.version)
    }

    fn samples(&self) -> Result<SamplesAsked, Failure> {
        let (from, to) = (self.from.unwrap_or(Instant::MIN), self.to.unwrap_or(Instant::MAX));
        Ok(SamplesAsked {
            twins: self.twin.clone(),
            measurements: self.measurement.clone(),
            signals: self.signal.clone(),
            within: Interval::new(from, to)?,
            after: None,
            limit: usize::MAX,
        })
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        if !self.telemetry {
            return vec![("version", self.version().to_owned()), ("format", self.format.name().to_owned())];
        }
        let mut query = vec![("source", "telemetry".to_owned())];
        for (name, values) in
            [("twin", &self.twin), ("measurement", &self.measurement), ("signal", &self.signal)]
        {
            query.extend(values.iter().map(|value| (name, value.clone())));
        }
        let bounds = [("from", self.from), ("to", self.to)];
        query.extend(bounds.into_iter().filter_map(|(name, bound)| Some((name, bound?.to_string()))));
        query.extend(self.known.clone().map(|known| ("asKnownAt", known)));
        query
    }
}
