//! The reference of the command line, `docs/cli.md`, as printed from what clap knows of it.

use super::command;
use clap::{Arg, Command};
use std::fmt::Write as _;

const INTRODUCTION: &str = "# Command line

This page is printed from the program; `throughline COMMAND --help` prints the same. A folder of a thread is named by `--data`. Exit codes: 0 done,
1 refused or failed, 2 misused, 3 done in part. Answers go to standard output, notes and errors to standard error.

One process at a time writes a thread. While a service has it open, every command that takes `--url` asks that service, and another one by its URL; `maintain`, `reindex` and
`token` act beside it. `show`, `log`, `search`, `blame`, `diff`, `suspects`, `sparql`, `query` and `fsck` also work on a folder that may not be written
([operations](operations.md#reading-beside-a-service-and-read-only-folders)). `ontology`, `migrate` and `trust-clock` need the service stopped. Resources are named by their IRI, in full or below the base of the thread,
or by an identifier that one resource bears.
";

/// Returns the reference as Markdown.
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut program = command();
    program.build();
    for subcommand in program.get_subcommands().filter(is_shown) {
        describe(&mut page, subcommand, subcommand.get_name(), 2);
    }
    page
}

/// Returns whether a command is one of ours that users see; clap adds `help`.
fn is_shown(command: &&Command) -> bool {
    !command.is_hide_set() && command.get_name() != "help"
}

/// Writes a command and those below it.
fn describe(page: &mut String, command: &Command, name: &str, level: usize) {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut lines = format!("\n{} `throughline {name}`\n\n{about}.\n", "#".repeat(level));
    let is_claps = |argument: &Arg| {
        use clap::ArgAction::{Help, HelpLong, HelpShort, Version};
        matches!(argument.get_action(), Help | HelpLong | HelpShort | Version)
    };
    let shown = |argument: &&Arg| !argument.is_hide_set() && !is_claps(argument);
    let mut arguments: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    arguments.sort_by_key(|argument| !argument.is_positional());
    let rows: Vec<String> = arguments.into_iter().map(row).collect();
    if !rows.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(lines, "\n| | |\n|---|---|\n{}", rows.concat());
    }
    page.push_str(&lines);
    for below in command.get_subcommands().filter(is_shown) {
        describe(page, below, &format!("{name} {}", below.get_name()), level + 1);
    }
}

/// Writes an argument as a row of a table.
fn row(argument: &Arg) -> String {
    let values: Vec<String> =
        argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>")).collect();
    let takes = if argument.get_action().takes_values() { values.join(" ") } else { String::new() };
    let flags = [
        argument.get_short().map(|short| format!("-{short}")),
        argument.get_long().map(|long| format!("--{long}")),
    ];
    let flags: Vec<String> = flags.into_iter().flatten().collect();
    let many = if argument.is_positional() && argument.get_action().takes_values() && is_repeated(argument) {
        "…"
    } else {
        ""
    };
    let written = format!("{} {takes}{many}", flags.join(", "));
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let cells = [format!("`{}`", written.trim()), format!("{help}{}", default(argument))];
    // A bar would end the cell.
    let [flag, help] = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {flag} | {help} |\n").replace(" |  |", " | |")
}

fn is_repeated(argument: &Arg) -> bool {
    argument.get_num_args().is_some_and(|count| count.max_values() > 1)
}

/// Describes what an argument may be, and its default.
fn default(argument: &Arg) -> String {
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set() && argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let mut text = String::new();
    if !possible.is_empty() {
        let _ = write!(text, "; one of {}", possible.join(", "));
    }
    if !defaults.is_empty() && argument.get_action().takes_values() {
        let _ = write!(text, "; `{}` where absent", defaults.join(" "));
    }
    text
}
