//! One trial: some rounds of one kind of fault on one thread, from one seed, and what they came to.

use super::random::Random;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Why a trial ends early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// This machine does not allow it.
    Skipped(String),
    /// The harness itself could not go on.
    Broken(String),
    /// Something was lost, as the tally shows: later results would prove nothing.
    Lost,
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// What rounds came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub rounds: usize,
    pub faults: usize,
    /// Acknowledged writes that were read again and compared, each time they were.
    pub checked: usize,
    /// Requests and starts that were refused.
    pub refusals: usize,
    /// Starts and questions that were refused because of damage.
    pub found: usize,
    /// What was lost, wrong, used twice or hung.
    pub losses: Vec<String>,
}

/// How much of a loss is printed.
const LOSS_CHARS_MAX: usize = 1000;

/// Some rounds of one kind of fault.
pub(crate) struct Trial {
    pub random: Random,
    /// How many rounds.
    pub rounds: usize,
    /// An empty folder; it is kept where something is lost.
    pub folder: PathBuf,
    pub tally: Tally,
    kind: &'static str,
    /// What is done in this round.
    fault: String,
    manner: Manner,
}

/// How trials are run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Whether to print what each round does.
    pub is_verbose: bool,
    /// Whether rounds that do not rest on earlier ones follow a loss.
    pub keeps_going: bool,
}

impl Trial {
    pub(crate) fn new(kind: &'static str, seed: u64, rounds: usize, folder: &Path, manner: Manner) -> Self {
        Self {
            random: Random::new(seed),
            rounds,
            folder: folder.to_owned(),
            tally: Tally::default(),
            kind,
            fault: String::new(),
            manner,
        }
    }

    /// Goes on after a loss where it is asked to.
    pub(crate) fn go_on(&self, stop: Stop) -> Result<(), Stop> {
        match stop {
            Stop::Lost if self.manner.keeps_going => Ok(()),
            stop => Err(stop),
        }
    }

    /// Begins a round, and prints its fault.
    pub(crate) fn round(&mut self, fault: &str) {
        self.tally.rounds += 1;
        self.fault = fault.to_owned();
        if self.manner.is_verbose {
            eprintln!("{} {}: {fault}", self.kind, self.tally.rounds);
        }
    }

    /// Prints what was refused, if asked to print what it does.
    pub(crate) fn note(&self, refused: &[String]) {
        let distinct: BTreeSet<_> = refused.iter().collect();
        for error in distinct.iter().filter(|_| self.manner.is_verbose) {
            eprintln!("    refused: {error}");
        }
    }

    /// Counts losses, and ends the trial where there are any.
    pub(crate) fn lose(&mut self, losses: impl IntoIterator<Item = String>) -> Result<(), Stop> {
        let before = self.tally.losses.len();
        let (round, fault) = (self.tally.rounds, &self.fault);
        let describe = |loss: String| {
            let loss: String = loss.chars().take(LOSS_CHARS_MAX).collect();
            format!("round {round}, {fault}: {loss}")
        };
        self.tally.losses.extend(losses.into_iter().map(describe));
        if self.tally.losses.len() > before { Err(Stop::Lost) } else { Ok(()) }
    }
}
