//! Requests made to knock the service over, many of each at once: what they are answered, how long others wait meanwhile, and what
//! memory the service takes.
//!
//! The service runs in a process of its own, so that its memory is measured without that of the clients.

mod attacks;
mod client;

use super::report::Report;
use super::served::Served;
use crate::cli::demo::load::load;
use crate::model::time::period::Period;
use attacks::{Attack, attacks, prepare};
use client::{AnswerCounts, Other};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

/// How long others may wait.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// The memory that the service may take: bodies and unread answers as configured, and half as much for what it works on.
const MEMORY_MAX: f64 = 1.5e9;
/// Requests may take less time, and clients have less patience, than by default, so that the benchmark ends in minutes.
const SETTINGS: &str = "[server]\nseconds = 5\npatienceSeconds = 5\n";
/// The stack of a client's thread.
const STACK_BYTES: usize = 256 << 10;

/// Serves the demo's thread and sends it each kind; of those whose name has `only` in it where that is given.
pub(super) fn run(folder: &Path, only: Option<&str>, report: &mut Report) -> Result<(), Failure> {
    drop(load(folder, Period::from_days(1), |_| {})?);
    std::fs::write(folder.join("settings.toml"), SETTINGS)?;
    let served = Served::start(folder)?;
    prepare(served.address)?;
    for attack in attacks()? {
        if only.is_none_or(|only| attack.name.contains(only)) {
            measure(&served, &attack, report)?;
        }
    }
    Ok(())
}

fn measure(served: &Served, attack: &Attack, report: &mut Report) -> Result<(), Failure> {
    // Made before: it would take the cores from the service.
    let requests: Vec<_> = (0..attack.clients).map(|number| attack.request(number)).collect();
    served.forget_peak();
    let (start, over) = (Instant::now(), AtomicBool::new(false));
    let (tally, other) = std::thread::scope(|scope| {
        let other = scope.spawn(|| Other::ask_until(served.address, &over));
        let spawned = requests.iter().map(|request| {
            let client = move || client::send(served.address, attack, request);
            std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, client)
        });
        // All begin before the first one is awaited.
        let clients: Vec<_> = spawned.collect();
        let mut tally = AnswerCounts::default();
        for client in clients {
            tally.add(client.ok().and_then(|client| client.join().ok()));
        }
        over.store(true, Ordering::Relaxed);
        Ok::<_, Failure>((tally, other.join().map_err(|_| "the other client panicked")?))
    })?;
    let name = format!("{} × {}", attack.clients, attack.name);
    report.line(&name, start.elapsed().as_secs_f64(), "s");
    report.expected("  answers", &tally.to_string(), tally.has_only(attack.expect));
    let (slowest, of) = other.slowest;
    report.at_most(
        &format!("  others wait, the longest for {of}"),
        slowest.as_secs_f64(),
        WAIT_MAX.as_secs_f64(),
        "s",
    );
    if let Some(failure) = other.failure {
        report.expected("  others are refused", &failure, false);
    }
    match served.peak() {
        Some(peak) => report.at_most("  peak memory of the service", peak / 1e6, MEMORY_MAX / 1e6, "MB"),
        None => report.skip("peak memory: the system does not report it, or the service has ended"),
    }
    Ok(())
}
