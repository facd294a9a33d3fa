//! `throughline export`.

use crate::app::SamplesAsked;
use crate::cli::client::{Asked, Place, Thread};
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
    /// The notation
    #[arg(long, value_enum, default_value_t, conflicts_with = "telemetry")]
    format: Notation,
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
        Thread::Here(session) => {
            let version = session.snapshot(&arguments.version)?;
            session.export(&version, arguments.format.format(), &mut *out)?;
        }
        Thread::There(service) => drop(service.send(Asked::get("/export", arguments.query()), out)??),
    }
    Ok(out.flush()?)
}

impl Notation {
    const fn format(self) -> Format {
        match self {
            Self::Turtle => Format::Turtle,
            Self::Ntriples | Self::Nquads => Format::NTriples,
            Self::Jsonld => Format::JsonLd,
            Self::Rdfxml => Format::RdfXml,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Turtle => "turtle",
            Self::Ntriples => "ntriples",
            Self::Nquads => "nquads",
            Self::Jsonld => "jsonld",
            Self::Rdfxml => "rdfxml",
        }
    }
}

impl Arguments {
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
            return vec![("version", self.version.clone()), ("format", self.format.name().to_owned())];
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
