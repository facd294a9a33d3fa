//! `throughline trust-clock`.

use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::{Data, sources};
use crate::model::time::clock::{Clock as _, SystemClock};
use crate::telemetry;
use serde_json::json;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = arguments.data.data.join("telemetry");
    if !folder.join("id").exists() {
        return Err(Failure::new(format!("there is no telemetry in {}", folder.display())));
    }
    let clock = Arc::new(SystemClock::default());
    let settings = sources().read(&arguments.data.data)?.telemetry;
    telemetry::Store::open_trusting(&folder, Arc::clone(&clock) as _, settings)
        .map_err(Failure::of_telemetry)?;
    if arguments.form.json {
        return json::print(&json!({ "now": clock.now().to_string() }));
    }
    println!("the telemetry is kept by this clock: {}", clock.now());
    Ok(())
}
