//! `throughline series`.

use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::words::count;
use crate::cli::{Data, sources};
use crate::model::time::clock::SystemClock;
use crate::telemetry::{Selection, Series, Store};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print the series that fit, one a line
    List(Which),
    /// Delete the series that fit, with their samples and names, for ever
    Delete {
        #[command(flatten)]
        which: Which,
        /// Print what would be deleted, and delete nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    #[command(flatten)]
    data: Data,
    /// The twins as senders name them; * matches any text
    #[arg(long)]
    twin: Option<String>,
    /// The measurements
    #[arg(long)]
    measurement: Option<String>,
    /// The fields
    #[arg(long)]
    field: Option<String>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        Action::List(which) => {
            let series = which.series(&which.store()?);
            if which.form.json {
                return json::print(&json!({ "series": as_json(&series) }));
            }
            if series.is_empty() {
                eprintln!("note: no series fits");
            }
            Ok(print(&series, &mut std::io::stdout().lock())?)
        }
        Action::Delete { which, dry_run } => delete(which, *dry_run),
    }
}

fn delete(which: &Which, dry_run: bool) -> Result<(), Failure> {
    if which.twin.is_none() && which.measurement.is_none() && which.field.is_none() {
        return Err(Failure::new("which series? give --twin, --measurement or --field"));
    }
    let store = which.store()?;
    let series = which.series(&store);
    if series.is_empty() {
        return Err(
            Failure::new("no series fits").hint("throughline series list prints those that there are")
        );
    }
    let ids: Vec<_> = series.iter().map(|series| series.id).collect();
    store.may_delete(&ids)?;
    let found = count(ids.len(), "series");
    if which.form.json {
        if !dry_run {
            store.delete_series(&ids)?;
        }
        return json::print(&json!({ "deleted": !dry_run, "series": as_json(&series) }));
    }
    if dry_run {
        print(&series, &mut std::io::stdout().lock())?;
        println!("{found} would be deleted, with their samples");
    } else {
        store.delete_series(&ids)?;
        println!("{found} deleted, with their samples");
    }
    Ok(())
}

impl Which {
    fn store(&self) -> Result<Store, Failure> {
        let folder = self.data.data.join("telemetry");
        if !folder.join("id").exists() {
            return Err(Failure::new(format!("there is no telemetry in {}", folder.display())));
        }
        let settings = sources().read(&self.data.data)?.telemetry;
        Store::open_with(&folder, Arc::new(SystemClock::default()), settings).map_err(Failure::of_telemetry)
    }

    fn series(&self, store: &Store) -> Vec<Series> {
        let pattern = |given: &Option<String>| given.clone().unwrap_or_else(|| "*".to_owned());
        let selection = Selection {
            twin: pattern(&self.twin),
            measurement: pattern(&self.measurement),
            field: pattern(&self.field),
        };
        store.now().all_series().into_iter().filter(|series| selection.selects(series)).collect()
    }
}

fn as_json(series: &[Series]) -> Vec<Value> {
    let one = |Series { twin, measurement, field, tags, .. }: &Series| {
        let tags: Map<String, Value> =
            tags.iter().map(|(tag, value)| (tag.to_string(), value.to_string().into())).collect();
        json!({ "twin": twin.to_string(), "measurement": measurement.to_string(), "field": field.to_string(), "tags": tags })
    };
    series.iter().map(one).collect()
}

fn print(series: &[Series], out: &mut impl Write) -> std::io::Result<()> {
    for Series { twin, measurement, field, tags, .. } in series {
        let tags: String = tags.iter().map(|(tag, value)| format!(" {tag}={value}")).collect();
        let line: String = format!("{twin} {measurement} {field}{tags}").chars().take(LINE_MAX).collect();
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Names from before they were bounded may be a megabyte long.
const LINE_MAX: usize = 400;
