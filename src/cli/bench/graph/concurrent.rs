//! What clients do to each other, over HTTP on loopback: small commits by one client and by many at once, and reads beside many small
//! commits and beside large ones.

use super::Failure;
use super::plant::{moving_unit, unit};
use super::writing::{commit, moved};
use crate::app::App;
use crate::cli::bench::machine;
use crate::cli::bench::report::{Table, percentile};
use crate::cli::bench::service::{Client, post, served};
use crate::graph::Repository;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many clients commit at once.
const CLIENTS: usize = 64;
/// How many commits all clients make together.
const COMMITS: usize = 512;
/// How many clients commit beside a reader.
const WRITERS: usize = 8;
/// How many reads are timed beside nothing.
const READS: usize = 1_000;
/// How many large commits are made one after the other, each of as many units: ten thousand statements come or go.
const LARGE_COMMITS: usize = 5;
const UNITS_MOVED: usize = 5_000;

pub(super) const RATE_OF_ONE: &str = "small commits a second, of 1 client";
pub(super) const TAIL_OF_ONE: &str = "  p99 of one of them";
pub(super) const RATE_OF_MANY: &str = "small commits a second, of 64 clients at once";
pub(super) const TAIL_OF_MANY: &str = "  p99 of one of these";
pub(super) const READER: &str = "a reader's p99, beside nothing";
pub(super) const READER_BESIDE: &str = "  beside 8 clients that commit";
pub(super) const READER_FLOOR: &str = "  floor: beside 8 threads that take as much processor time";

/// How long the service may take to end.
const SHUTDOWN_MAX: Duration = Duration::from_secs(60);

const READ: &str = "{ thread { twinInstances(first: 10) { nodes { identifier site unitNumber } } } }";

/// Measures commits and reads at once, on a thread of so many units.
pub(super) fn measure(app: &Arc<App>, units: usize, table: &mut Table) -> Result<(), Failure> {
    let (runtime, address) = served(app)?;
    for (clients, rate, tail) in [(1, RATE_OF_ONE, TAIL_OF_ONE), (CLIENTS, RATE_OF_MANY, TAIL_OF_MANY)] {
        let (seconds, mut millis) = commits(address, clients, units)?;
        table.set(rate, millis.len() as f64 / seconds, "1/s");
        table.set(tail, percentile(&mut millis, 0.99), "ms");
    }
    let mut alone = Vec::new();
    read_while(address, &mut alone, |reads| reads < READS)?;
    table.set(READER, percentile(&mut alone, 0.99), "ms");
    let mut beside =
        read_beside_others(address, |client, over| client_commits(address, client, units, |_| !over()))?;
    table.set(READER_BESIDE, percentile(&mut beside, 0.99), "ms");
    let before = machine::processor_seconds();
    let (seconds, _) = commits(address, WRITERS, units)?;
    if let (Some(before), Some(after)) = (before, machine::processor_seconds()) {
        let share = (after - before) / seconds / WRITERS as f64;
        let mut beside = read_beside_others(address, |_, over| {
            work(share, over);
            Ok(())
        })?;
        table.set(READER_FLOOR, percentile(&mut beside, 0.99), "ms");
    }
    let mut beside = read_beside_commits(address, app.repository(), units)?;
    table.set("  beside commits of 10 k statements", percentile(&mut beside, 0.99), "ms");
    table.set("  the longest", percentile(&mut beside, 1.0), "ms");
    // The folder is opened again next: the service, which has it open, ends first.
    runtime.shutdown_timeout(SHUTDOWN_MAX);
    Ok(())
}

/// Makes commits by so many clients at once; returns the seconds that all took, and the milliseconds of each.
fn commits(address: SocketAddr, clients: usize, units: usize) -> Result<(f64, Vec<f64>), Failure> {
    let start = Instant::now();
    let millis = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..clients)
            .map(|client| {
                scope.spawn(move || client_commits(address, client, units, |made| made < COMMITS / clients))
            })
            .collect();
        let mut millis = Vec::new();
        for client in clients {
            millis.extend(client.join().map_err(|_| "a client panicked")??);
        }
        Ok::<_, Failure>(millis)
    })?;
    Ok((start.elapsed().as_secs_f64(), millis))
}

/// Makes commits while that goes on, and notes the milliseconds of each.
fn client_commits(
    address: SocketAddr,
    client: usize,
    units: usize,
    goes_on: impl Fn(usize) -> bool,
) -> io::Result<Vec<f64>> {
    static SITES: AtomicUsize = AtomicUsize::new(0);
    let mut connection = Client::connect(address)?;
    let mut millis = Vec::new();
    while goes_on(millis.len()) {
        let unit = moving_unit(millis.len() * CLIENTS + client + 2, units);
        let site = SITES.fetch_add(1, Ordering::Relaxed);
        let request = post(&format!(
            r#"mutation {{ commit(input: {{ message: "Move a unit", changes: [{{putTwinInstance: {{id: "{}", site: "of-{site}"}}}}] }}) {{ changed }} }}"#,
            unit.as_str()
        ));
        let start = Instant::now();
        connection.ask(request.as_bytes())?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(millis)
}

/// Reads while several threads do something else until it is over.
fn read_beside_others<T: Send>(
    address: SocketAddr,
    other: impl Fn(usize, &dyn Fn() -> bool) -> io::Result<T> + Sync,
) -> Result<Vec<f64>, Failure> {
    let (over, mut millis) = (AtomicBool::new(false), Vec::new());
    std::thread::scope(|scope| {
        let (other, over) = (&other, &over);
        let is_over = || over.load(Ordering::Relaxed);
        let others: Vec<_> =
            (0..WRITERS).map(|number| scope.spawn(move || other(number, &is_over))).collect();
        let read = read_while(address, &mut millis, |reads| reads < READS);
        over.store(true, Ordering::Relaxed);
        for other in others {
            other.join().map_err(|_| "a client panicked")??;
        }
        Ok::<_, Failure>(read?)
    })?;
    Ok(millis)
}

/// Takes a share of the time of a core until it is over, a millisecond at a time.
fn work(share: f64, over: &dyn Fn() -> bool) {
    const SPELL: Duration = Duration::from_millis(1);
    let rest = SPELL.mul_f64((1.0 / share.clamp(0.01, 1.0)) - 1.0);
    while !over() {
        let start = Instant::now();
        while start.elapsed() < SPELL {
            std::hint::spin_loop();
        }
        std::thread::sleep(rest);
    }
}

/// Reads again and again, and notes the milliseconds of each read.
fn read_while(address: SocketAddr, millis: &mut Vec<f64>, goes_on: impl Fn(usize) -> bool) -> io::Result<()> {
    let mut client = Client::connect(address)?;
    let request = post(READ);
    while goes_on(millis.len()) {
        let start = Instant::now();
        client.ask(request.as_bytes())?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

/// Reads while large commits are made.
fn read_beside_commits(
    address: SocketAddr,
    repository: &Repository,
    units: usize,
) -> Result<Vec<f64>, Failure> {
    let (over, mut millis) = (AtomicBool::new(false), Vec::new());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let made = large_commits(repository, units).map_err(|error| error.to_string());
            over.store(true, Ordering::Relaxed);
            made
        });
        read_while(address, &mut millis, |_| !over.load(Ordering::Relaxed))?;
        Ok::<_, Failure>(writer.join().map_err(|_| "the writer panicked")??)
    })?;
    Ok(millis)
}

fn large_commits(repository: &Repository, units: usize) -> Result<(), Failure> {
    for number in 0..LARGE_COMMITS {
        let move_one = |n: usize| moved(unit(n * 2 + 2), format!("beside-{number}-{n}"));
        let changes = (0..UNITS_MOVED.min(units / 2 - 1)).map(move_one).collect();
        commit(repository, "main", "Move many units beside a reader".to_owned(), changes)?;
    }
    Ok(())
}
