//! Whether a service still has all that its clients were acknowledged, and nothing that was refused.

use super::http::{Client, HANG, Outcome};
use super::load;
use super::model::{Deed, Model};
use super::plant::Plant;
use super::questions::{self, Samples, Values};
use super::random::Random;
use super::service::Service;
use super::trial::{Stop, Trial};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many acknowledged commits of a client are read in each check: the newest, and some of the others.
const COMMITS_MAX: usize = 300;
/// How many watermarks are asked in each check.
const WATERMARKS_MAX: usize = 20;

/// Whether questions may be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Files {
    Whole,
    /// What needs a damaged file may be refused, and lists may leave out damaged refs; what is answered must be right.
    Damaged,
}

/// Whether an old watermark that nobody pinned may be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watermarks {
    Answer,
    MayBeCompacted,
}

/// Starts the service on a thread that a fault was done to, checks all that is known of it, stops it, and checks the files.
pub(crate) fn restart_and_check(
    trial: &mut Trial,
    plant: &Plant,
    models: &mut [Model],
    watermarks: Watermarks,
) -> Result<(), Stop> {
    let service = match plant.start(&[]) {
        Ok(service) => service,
        Err(error) => return trial.lose([error.to_string()]),
    };
    check_running(trial, &service, models, watermarks, Files::Whole)?;
    if let Err(error) = service.stop() {
        return trial.lose([error]);
    }
    trial.lose(plant.faults())?;
    let lost = history(plant, models);
    trial.lose(lost)
}

/// Finds out what became of the requests that were not answered, and checks all that is known.
pub(crate) fn check_running(
    trial: &mut Trial,
    service: &Service,
    models: &mut [Model],
    watermarks: Watermarks,
    files: Files,
) -> Result<(), Stop> {
    let mut ids: Vec<_> = models.iter().flat_map(|model| model.ids.clone()).collect();
    ids.sort();
    let twice =
        ids.windows(2).filter(|two| two[0] == two[1]).map(|two| format!("{} was given out twice", two[0]));
    trial.lose(twice.collect::<Vec<_>>())?;
    for model in models {
        trial.tally.refusals += std::mem::take(&mut model.refusals);
        trial.note(&std::mem::take(&mut model.refused));
        trial.lose(std::mem::take(&mut model.losses))?;
        let mut check = Check::of(service.client(), model, watermarks, files);
        check.settle(&mut trial.random);
        if check.losses.is_empty() {
            check.all(&mut trial.random);
        }
        let Check { checked, refused, losses, .. } = check;
        trial.tally.checked += checked;
        trial.tally.refusals += refused;
        trial.tally.found += refused;
        trial.lose(losses)?;
    }
    Ok(())
}

/// Asks plain Git whether each acknowledged commit is in the history of a branch or tag that reaches it, and each message there once.
fn history(plant: &Plant, models: &[Model]) -> Vec<String> {
    let log = match plant.git(&["log", "--format=%H %s", "main", "--"]).result() {
        Ok(log) => log,
        Err(error) => return vec![format!("git log main: {error}")],
    };
    let commits: BTreeMap<&str, &str> = log.lines().filter_map(|line| line.split_once(' ')).collect();
    let reached = models.iter().flat_map(|model| model.reached("main"));
    let missing = reached
        .filter(|id| !commits.contains_key(id))
        .map(|id| format!("commit {id} is not in the history of main"));
    let mut losses: Vec<_> = missing.collect();
    let mut messages: Vec<_> = commits.values().filter(|message| message.starts_with('w')).collect();
    messages.sort();
    losses.extend(
        messages
            .windows(2)
            .filter(|two| two[0] == two[1])
            .map(|two| format!("main has two commits {}", two[0])),
    );
    losses
}

/// Queries one part of the model and records each difference; the error is that of a query without an answer.
type Question<'a> = fn(&mut Check<'a>) -> Result<(), String>;

struct Check<'a> {
    client: Client,
    model: &'a mut Model,
    watermarks: Watermarks,
    files: Files,
    checked: usize,
    /// How many questions were refused.
    refused: usize,
    losses: Vec<String>,
}

impl<'a> Check<'a> {
    fn of(client: Client, model: &'a mut Model, watermarks: Watermarks, files: Files) -> Self {
        Self { client, model, watermarks, files, checked: 0, refused: 0, losses: Vec::new() }
    }

    /// Takes in that a question was not answered.
    fn refuse(&mut self, question: &str, error: &str) {
        match self.files {
            Files::Damaged if !error.starts_with(HANG) => self.refused += 1,
            _ => self.losses.push(format!("{question}: {error}")),
        }
    }

    /// Finds out whether the request that was not answered was done: it is done as a whole or not at all.
    fn settle(&mut self, random: &mut Random) {
        let Some(deed) = self.model.pending.take() else { return };
        let result = match &deed {
            Deed::Commit { branch, values, message } => {
                let has_another = !message.starts_with("Import") && random.chance(50);
                self.settle_commit(branch, values, message, has_another)
            }
            Deed::Merge { values, message, .. } => self.settle_commit("main", values, message, false),
            Deed::Create { branch, .. } => self.has_branch(branch).map(|is_there| is_there.then_some(None)),
            Deed::Delete { branch } => self.has_branch(branch).map(|is_there| (!is_there).then_some(None)),
            Deed::Tag { name, .. } => {
                questions::tags(self.client).map(|tags| tags.contains_key(name).then_some(None))
            }
            Deed::Write { samples } => self.settle_samples(samples).map(|()| None),
            Deed::Record => Ok(None),
        };
        match result {
            Ok(Some(commit)) => self.model.acknowledge(deed, commit.as_deref()),
            Ok(None) => {}
            Err(error) => self.refuse(&format!("what became of {}", deed.name()), &error),
        }
    }

    fn has_branch(&self, branch: &str) -> Result<bool, String> {
        Ok(questions::branches(self.client)?.iter().any(|name| name == branch))
    }

    /// Returns the commit where there is one, none where the branch is as it was before; another one may be sent under its key.
    fn settle_commit(
        &mut self,
        branch: &str,
        values: &Values,
        message: &str,
        has_another: bool,
    ) -> Result<Option<Option<String>>, String> {
        let found = questions::values(self.client, branch, &self.model.prefix())?;
        let before = self.model.values(branch);
        if found != before && found != *values {
            let differences = questions::differences(&found, &before);
            self.losses
                .push(format!("{branch} is neither as before nor as {message} makes it: {differences}"));
            return Ok(None);
        }
        if has_another && found == *values && found != before {
            self.send_another(branch, message);
        }
        let commits = questions::with_message(self.client, branch, message)?;
        match commits.as_slice() {
            [] if found == before => Ok(None),
            [commit] if found == *values => Ok(Some(Some(commit.clone()))),
            commits => {
                let count = commits.len();
                self.losses
                    .push(format!("{branch} has {count} commits with the message {message}: {found:?}"));
                Ok(None)
            }
        }
    }

    /// Sends another commit under the key of one that was done: it is refused, and writes nothing.
    fn send_another(&mut self, branch: &str, message: &str) {
        let id = format!("part/{}again", self.model.prefix());
        let changes = json!([{ "putPart": { "id": id, "identifier": "again", "title": "never" } }]);
        match load::commit(self.client, branch, message, &changes) {
            Outcome::Refused(reason) if reason.contains("was used for another request") => {}
            other => self.refuse(&format!("another request under the key {message}"), &format!("{other:?}")),
        }
    }

    /// Takes in which of the samples that were not answered are there; each is as it was or as it was sent.
    fn settle_samples(&mut self, sent: &Samples) -> Result<(), String> {
        let end = sent.keys().chain(self.model.samples.keys()).max().copied().unwrap_or(0);
        let found = questions::samples(self.client, self.model.number, end, None)?;
        for (second, value) in sent {
            if found.get(second) == Some(value) {
                self.model.samples.insert(*second, *value);
            }
        }
        Ok(())
    }

    fn all(&mut self, random: &mut Random) {
        let checks: [(&str, Question<'a>); 5] = [
            ("the branches", Self::branches),
            ("the tags", Self::tags),
            ("what stays", Self::settled),
            ("the samples", Self::samples),
            ("the watermark", Self::newest_watermark),
        ];
        for (name, check) in checks {
            if let Err(error) = check(self) {
                self.refuse(name, &error);
            }
        }
        self.commits(random);
        self.past_watermarks(random);
    }

    fn expect<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, expect: &T) {
        self.checked += 1;
        if found != expect {
            self.losses.push(format!("{what}: found {found:?}, not {expect:?}"));
        }
    }

    fn expect_values(&mut self, what: &str, found: &Values, expect: &Values) {
        self.checked += 1;
        if found != expect {
            self.losses.push(format!("{what}: {}", questions::differences(found, expect)));
        }
    }

    fn branches(&mut self) -> Result<(), String> {
        let prefix = self.model.prefix();
        let mut found = questions::branches(self.client)?;
        found.retain(|name| name == "main" || name.starts_with(&prefix));
        found.sort();
        let mut expect = self.model.branches.clone();
        if self.files == Files::Damaged {
            expect.retain(|name, _| found.contains(name));
        }
        self.expect("the branches", &found, &expect.keys().cloned().collect());
        for (branch, values) in expect {
            let found = questions::values(self.client, &branch, &prefix)?;
            self.expect_values(&format!("branch {branch}"), &found, &values);
        }
        Ok(())
    }

    fn tags(&mut self) -> Result<(), String> {
        let prefix = self.model.prefix();
        let mut found = questions::tags(self.client)?;
        found.retain(|name, _| name.starts_with(&prefix));
        self.checked += found.len();
        let mut expect = self.model.tags.clone();
        if self.files == Files::Damaged {
            expect.retain(|name, _| found.contains_key(name));
        }
        self.expect("the tags", &found, &expect);
        Ok(())
    }

    fn commits(&mut self, random: &mut Random) {
        let mut ids: Vec<_> = self.model.commits.keys().cloned().collect();
        while ids.len() > COMMITS_MAX {
            ids.swap_remove(random.below(ids.len()));
        }
        for id in ids {
            let expect = std::sync::Arc::clone(&self.model.commits[&id].values);
            match questions::values(self.client, &id, &self.model.prefix()) {
                Ok(found) => self.expect_values(&format!("commit {id}"), &found, &expect),
                Err(error) => self.refuse(&format!("commit {id}"), &error),
            }
        }
    }

    /// Asks the questions whose answers stay.
    /// Asks the questions whose answers stay.
    fn settled(&mut self) -> Result<(), String> {
        for place in 0..self.model.settled.len() {
            let (question, expect) = self.model.settled[place].clone();
            match (self.client.ask(&question, &Value::Null), expect) {
                (Ok(found), Some(expect)) => self.expect(&question, &found, &expect),
                (Ok(found), None) if self.files == Files::Whole => self.model.settled[place].1 = Some(found),
                (Ok(_), None) => {}
                (Err(error), _) => self.refuse(&question, &error),
            }
        }
        Ok(())
    }

    fn samples(&mut self) -> Result<(), String> {
        let unit = self.model.number;
        let end = self.model.samples.last_key_value().map_or(questions::BEGIN, |(second, _)| second + 1000);
        let found = questions::samples(self.client, unit, end, None)?;
        self.checked += self.model.samples.len();
        let lost: Vec<_> =
            self.model.samples.iter().filter(|(second, value)| found.get(second) != Some(value)).collect();
        if let Some((second, value)) = lost.first() {
            let count = lost.len();
            let loss = format!(
                "{count} samples of P-{unit} are not as acknowledged, such as {value} at {second}: found {:?}",
                found.get(second)
            );
            self.losses.push(loss);
        }
        let extra = found.keys().find(|second| !self.model.samples.contains_key(second));
        self.losses.extend(
            extra.map(|second| format!("P-{unit} has a sample at {second} that was not acknowledged")),
        );
        Ok(())
    }

    fn newest_watermark(&mut self) -> Result<(), String> {
        let newest = questions::watermark(self.client)?;
        let seen = self.model.newest();
        if questions::position(&newest) < seen {
            self.losses.push(format!("the newest watermark is {newest}, after {seen} was given out"));
        }
        Ok(())
    }

    /// Returns whether an old watermark was refused as it may be.
    fn may_be_compacted(&self, error: &str) -> bool {
        let is_old = error.contains("has been compacted") || error.contains("is not pinned");
        self.watermarks == Watermarks::MayBeCompacted && is_old
    }

    fn past_watermarks(&mut self, random: &mut Random) {
        for _ in 0..WATERMARKS_MAX.min(self.model.watermarks.len()) {
            let (watermark, expect) = random.pick(&self.model.watermarks).clone();
            let end = self.model.samples.last_key_value().map_or(questions::BEGIN, |(second, _)| *second);
            match questions::samples(self.client, self.model.number, end, Some(&watermark)) {
                Ok(found) => self.expect(
                    &format!("what was known at {watermark}"),
                    &questions::digest(&found),
                    &expect,
                ),
                Err(error) if self.may_be_compacted(&error) => {}
                Err(error) => self.refuse(&format!("what was known at {watermark}"), &error),
            }
        }
    }
}
