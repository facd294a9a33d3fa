//! The files of an import, each with the mapping that it is read by: `--table` is for the tables that follow it, up to the
//! next one; a single `--table` is for all tables, wherever it is written.

use crate::app::SourceFormat;
use crate::cli::error::{Failure, read_text};
use crate::exchange::FieldMapping;
use crate::exchange::foreign::Foreign;
use crate::exchange::rdf::Format;
use crate::exchange::table::Mapping;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use std::path::{Path, PathBuf};

const FILES: &str = "files";
const TABLE: &str = "table";
const MAPPING: &str = "mapping";

/// The files and mappings in the order in which they are written.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Inputs {
    files: Vec<(usize, PathBuf)>,
    mappings: Vec<(usize, PathBuf)>,
    fields: Option<PathBuf>,
}

/// A file, and how it is to be read.
pub(in crate::cli) struct Input {
    pub(in crate::cli) path: PathBuf,
    pub(in crate::cli) reading: SourceFormat,
}

impl Inputs {
    /// Returns the first file's path.
    pub(in crate::cli) fn first(&self) -> &Path {
        self.files.first().map_or(Path::new(""), |(_, path)| path)
    }

    /// Reads the mapping of attributes.
    pub(in crate::cli) fn fields(&self) -> Result<FieldMapping, Failure> {
        match &self.fields {
            None => Ok(FieldMapping::default()),
            Some(path) => {
                FieldMapping::parse(&read_text(path)?, &path.display().to_string()).map_err(Failure::new)
            }
        }
    }

    /// Finds how each file is to be read; mappings are read now, the files are not.
    pub(in crate::cli) fn read(&self) -> Result<Vec<Input>, Failure> {
        let mut mappings = Vec::new();
        for (at, path) in &self.mappings {
            mappings.push((
                *at,
                Mapping::parse(&read_text(path)?, &path.display().to_string())?,
                path,
                false,
            ));
        }
        let fields = self.fields()?;
        let only = mappings.len() == 1;
        let mut inputs = Vec::new();
        for (at, path) in &self.files {
            let foreign = Foreign::of_name(&path.to_string_lossy());
            let reading = match (foreign, Format::from_extension(&extension(path))) {
                (Some(format), _) => SourceFormat::Foreign(format, Box::new(fields.clone())),
                (None, Some(format)) => SourceFormat::Rdf(format),
                (None, None) => {
                    let before = mappings.iter_mut().rev().find(|mapping| only || mapping.0 < *at);
                    let mapping = before.ok_or_else(|| no_mapping(path, self.mappings.len()))?;
                    mapping.3 = true;
                    SourceFormat::Table(Box::new(mapping.1.clone()))
                }
            };
            inputs.push(Input { path: path.clone(), reading });
        }
        match mappings.iter().find(|mapping| !mapping.3) {
            Some((_, _, path, _)) => Err(Failure::new(format!("{}: no table follows this mapping", path.display()))
                .hint("write each --table MAPPING.toml before its tables; files named .ttl, .nt, .rdf or .jsonld are read as RDF")),
            None => Ok(inputs),
        }
    }
}

/// Returns the ending of a file's name, without `.gz`.
fn extension(path: &Path) -> String {
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let name = if is_packed { path.with_extension("") } else { path.to_owned() };
    name.extension().unwrap_or_default().to_string_lossy().into_owned()
}

fn no_mapping(path: &Path, mappings: usize) -> Failure {
    let failure = Failure::new(format!("{}: .{} is no RDF notation", path.display(), extension(path)));
    match mappings {
        0 => failure.hint("use .ttl, .nt, .rdf, .jsonld or .reqif; a CSV file needs --table MAPPING.toml"),
        _ => failure.hint(
            "of several mappings each is for the tables that follow it: write this one's --table before it",
        ),
    }
}

impl FromArgMatches for Inputs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let placed = |name: &str| -> Vec<(usize, PathBuf)> {
            let places = matches.indices_of(name).into_iter().flatten();
            places.zip(matches.get_many::<PathBuf>(name).into_iter().flatten().cloned()).collect()
        };
        let fields = matches.get_one::<PathBuf>(MAPPING).cloned();
        Ok(Self { files: placed(FILES), mappings: placed(TABLE), fields })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Inputs {
    fn augment_args(command: Command) -> Command {
        let path = || value_parser!(PathBuf);
        command
            .arg(
                Arg::new(TABLE).long(TABLE).value_name("MAPPING.toml").action(ArgAction::Append).value_parser(path()).help(
                    "How the rows of the CSV files that follow become resources, up to the next --table; a single one is for all",
                ),
            )
            .arg(
                Arg::new(MAPPING).long(MAPPING).value_name("FIELDS.toml").value_parser(path()).help(
                    "Which attributes of ReqIF and other tools' files are which fields; the usual names are known without it",
                ),
            )
            .arg(Arg::new(FILES).value_name("FILE").required(true).num_args(1..).value_parser(path()).help(
                "The files: what they state of a resource is all that the source states of it; .gz is unpacked",
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
