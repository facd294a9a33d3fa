//! `throughline config`: check the settings of a thread, print them, or make one file of those of an earlier version.

use crate::app::{Effective, FurtherThread, Loaded, Origin, Sources, migrate_settings};
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::sources;
use clap::Subcommand;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the settings, and name what is wrong with its place
    Check(Check),
    /// Print every setting in effect, and where it comes from
    Show(Show),
    /// Make one throughline.toml of the files of an earlier version, which are kept under other names
    Migrate(Check),
}

#[derive(Debug, clap::Args)]
struct Check {
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    data: Data,
    /// Print JSON, one object a setting
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Check(arguments) => check(&arguments.data, sources()),
        Command::Show(arguments) => show(arguments, sources()),
        Command::Migrate(arguments) => migrate(&arguments.data),
    }
}

fn check(data: &Data, sources: &Sources) -> Result<(), Failure> {
    let loaded = sources.read(&data.data)?;
    let further = loaded.further(&data.data)?;
    loaded.check_services(&data.data)?;
    print_checked(&loaded, &sources.path(&data.data));
    for FurtherThread { name, folder, loaded } in &further {
        loaded.check_services(folder)?;
        print!("{name}: ");
        print_checked(loaded, &Sources::default().path(folder));
    }
    Ok(())
}

/// Prints where settings come from, and how many there are.
fn print_checked(loaded: &Loaded, path: &Path) {
    for note in &loaded.notes {
        eprintln!("note: {note}");
    }
    let files: Vec<String> = loaded.files().iter().map(|path| path.display().to_string()).collect();
    let set = loaded.effective().iter().filter(|effective| effective.origin != Origin::Default).count();
    let from = if files.is_empty() { format!("there is no {}", path.display()) } else { files.join(", ") };
    println!("ok: {from}; {set} of {} settings are not the default", loaded.effective().len());
}

fn show(arguments: &Show, sources: &Sources) -> Result<(), Failure> {
    let loaded = sources.read(&arguments.data.data)?;
    for note in &loaded.notes {
        eprintln!("note: {note}");
    }
    let all = loaded.effective();
    let text = if arguments.json { json(&all)? } else { toml(&all) };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Writes the settings as a file that sets the same; what has no value is in a comment.
fn toml(all: &[Effective]) -> String {
    let (mut text, mut table) = (String::new(), "");
    for effective in all {
        let (above, name) = effective.key.whole().rsplit_once('.').unwrap_or(("", effective.key.whole()));
        if above != table {
            let gap = if text.is_empty() { "" } else { "\n" };
            // A table of which nothing is set is not there: it may need some of its keys.
            let within = |of: &&Effective| of.key.whole().rsplit_once('.').is_some_and(|(of, _)| of == above);
            let is_set = all.iter().filter(within).any(|of| of.value.is_some());
            let _ = writeln!(text, "{gap}{}[{above}]", if is_set { "" } else { "# " });
            table = above;
        }
        let _ = match &effective.value {
            Some(value) => writeln!(text, "{:<36}  # {}", format!("{name} = {value}"), effective.origin),
            None => writeln!(text, "{:<36}  # not set", format!("# {name} =")),
        };
    }
    text
}

fn json(all: &[Effective]) -> Result<String, Failure> {
    let each = all.iter().map(|effective| {
        let object = serde_json::json!({
            "key": effective.key.whole(),
            "value": effective.value,
            "origin": effective.origin.to_string(),
            "variable": effective.key.variable(),
        });
        Ok(serde_json::to_string(&object)? + "\n")
    });
    each.collect()
}

fn migrate(data: &Data) -> Result<(), Failure> {
    match migrate_settings(&data.data)? {
        None => println!("there are no files of an earlier version"),
        Some((path, kept)) => {
            println!("{} has all settings", path.display());
            for kept in kept {
                println!("kept for its comments, and not read: {}", kept.display());
            }
        }
    }
    Ok(())
}
