//! `throughline fsck`.

use crate::app::access::Audit;
use crate::app::telemetry_to_read;
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::count;
use crate::cli::{Data, sources};
use crate::graph::upkeep::fsck::check;
use crate::graph::{Access, Checked, Depth};
use crate::model::time::clock::SystemClock;
use crate::telemetry;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Look at the heads only, and make no index for comparison
    #[arg(long)]
    quick: bool,
    /// Go on without the telemetry that is missing or cannot be read: what is let go is reported, what can be set aside is
    #[arg(long)]
    salvage_telemetry: bool,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = Instant::now();
    let bar = spinner("checking".to_owned());
    let (folder, depth) = (&arguments.data.data, if arguments.quick { Depth::Heads } else { Depth::Whole });
    let checked = check(folder, depth);
    let access = checked.as_ref().map_or(Access::Alone, |checked| checked.access);
    let series = check_telemetry(folder, access);
    bar.finish_and_clear();
    let (checked, series) = (checked?, series?);
    let settings = sources().read(folder).err().map(|error| error.to_string()).into_iter().collect();
    let audit = Audit::of(folder, Arc::new(SystemClock::default()));
    let audit = audit.verify().err().map(|error| error.to_string()).into_iter().collect();
    let found = Found { seconds: started.elapsed().as_secs_f64(), checked, series, settings, audit };
    let salvaged = if arguments.salvage_telemetry { Some(Salvaged::of(folder)?) } else { None };
    let damages = found.settings.len()
        + found.audit.len()
        + found.checked.damages.len()
        + salvaged.as_ref().map_or(found.series.damages.len(), |salvaged| salvaged.left.len());
    let printed = match arguments.form.json {
        true => json::print(&found.as_json(salvaged.as_ref())),
        false => {
            found.print(salvaged.as_ref(), damages, &mut std::io::stdout().lock()).map_err(Failure::from)
        }
    };
    // Whether anyone reads on or not, the exit code reports a damage.
    if damages > 0 { Err(Failure::new(count(damages, "damage"))) } else { printed }
}

/// Checks the telemetry where nobody writes it meanwhile.
fn check_telemetry(folder: &Path, access: Access) -> Result<telemetry::Checked, Failure> {
    match access {
        Access::Alone => Ok(telemetry::check(&folder.join("telemetry"))?),
        Access::ReadOnly => {
            let copy = telemetry_to_read(folder)?;
            Ok(telemetry::check(&copy.path().join("telemetry"))?)
        }
        Access::Beside => Ok(telemetry::Checked::default()),
    }
}

/// What was found.
struct Found {
    checked: Checked,
    series: telemetry::Checked,
    /// What is wrong with files of settings.
    settings: Vec<String>,
    /// What is wrong with the audit log.
    audit: Vec<String>,
    seconds: f64,
}

/// What was done to go on without telemetry that cannot be read.
struct Salvaged {
    let_go: Vec<String>,
    left: Vec<telemetry::Damage>,
}

impl Salvaged {
    fn of(folder: &Path) -> Result<Self, Failure> {
        let folder = folder.join("telemetry");
        let let_go = telemetry::salvage(&folder)
            .map_err(Failure::of_telemetry)?
            .iter()
            .map(ToString::to_string)
            .collect();
        Ok(Self { let_go, left: telemetry::check(&folder)?.damages })
    }
}

impl Found {
    fn as_json(&self, salvaged: Option<&Salvaged>) -> Value {
        let Self { checked, series, settings, audit, seconds } = self;
        let texts =
            |damages: &[telemetry::Damage]| damages.iter().map(ToString::to_string).collect::<Vec<_>>();
        let of_graph: Vec<_> = checked.damages.iter().map(ToString::to_string).collect();
        let damages = [of_graph, texts(&series.damages)].concat();
        json!({
            "objects": checked.objects,
            "commits": checked.commits,
            "parts": series.parts,
            "batches": series.batches,
            "seconds": seconds,
            "index": checked.digest,
            "lost": checked.lost,
            "complete": checked.access != Access::Beside,
            "settings": settings,
            "audit": audit,
            "damages": damages,
            "letGo": salvaged.map(|salvaged| &salvaged.let_go),
            "left": salvaged.map(|salvaged| texts(&salvaged.left)),
        })
    }

    fn print(
        &self,
        salvaged: Option<&Salvaged>,
        damages: usize,
        out: &mut impl Write,
    ) -> std::io::Result<()> {
        let Self { checked, series, settings, audit, seconds } = self;
        settings
            .iter()
            .try_for_each(|wrong| writeln!(out, "{wrong}\n    correct it: no service starts until then"))?;
        audit.iter().try_for_each(|wrong| {
            writeln!(out, "{wrong}\n    the audit log is damaged: keep the folder audit as it is, and compare it with an earlier copy")
        })?;
        checked.damages.iter().try_for_each(|damage| writeln!(out, "{damage}"))?;
        series.damages.iter().try_for_each(|damage| writeln!(out, "{damage}"))?;
        let (objects, commits) = (count(checked.objects, "object"), count(checked.commits, "commit"));
        let (parts, batches) = (count(series.parts, "part"), count(series.batches, "logged batch"));
        writeln!(out, "{parts} and {batches} of telemetry read")?;
        writeln!(out, "{objects} and the files of {commits} read in {seconds:.1} s")?;
        if let Some(digest) = &checked.digest {
            writeln!(out, "index {digest}")?;
        }
        for name in &checked.lost {
            writeln!(
                out,
                "{name} keeps what a lost ref named: docs/operations.md describes how to restore or delete it"
            )?;
        }
        if let Some(Salvaged { let_go, left }) = salvaged {
            let_go.iter().try_for_each(|let_go| writeln!(out, "let go: {let_go}"))?;
            left.iter().try_for_each(|damage| writeln!(out, "{damage}"))?;
        }
        match (damages, checked.access) {
            (0, Access::Beside) => {
                writeln!(
                    out,
                    "all is well, but another process has the folder open: index and telemetry were left out"
                )
            }
            (0, Access::Alone | Access::ReadOnly) => writeln!(out, "all is well"),
            _ => Ok(()),
        }
    }
}
