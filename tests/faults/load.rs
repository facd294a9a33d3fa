//! The mixed load: some clients at once, each with a model of what it was acknowledged.

use super::http::{Client, HANG, Outcome};
use super::model::{Deed, Model, Parts};
use super::questions::{self, BEGIN, Samples, Values, WINDOW, text};
use super::random::Random;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// A client ends after so many refusals in a row: the service takes nothing any more.
const REFUSED_MAX: usize = 12;
/// The load is stuck where nothing is acknowledged for so long.
const ACKNOWLEDGED_MAX: Duration = Duration::from_secs(120);
/// How many parts are in a commit that is written as a pack.
const BULK: usize = 300;
/// How many parts a client changes again and again.
const PARTS: usize = 8;

/// Clients that send requests until they are stopped or not answered.
pub(crate) struct Load {
    clients: Vec<JoinHandle<Model>>,
    acknowledged: Receiver<()>,
    stop: Arc<AtomicBool>,
}

impl Load {
    /// Starts one client for each model.
    pub(crate) fn start(client: Client, models: Vec<Model>, random: &mut Random) -> Self {
        let (sender, acknowledged) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let clients = models.into_iter().map(|model| {
            let (acknowledged, stop) = (sender.clone(), Arc::clone(&stop));
            let worker = Worker { client, model, random: random.fork(), acknowledged, refused: 0 };
            std::thread::spawn(move || worker.run(&stop))
        });
        Self { clients: clients.collect(), acknowledged, stop }
    }

    /// Waits until so many more requests are acknowledged, or no client goes on.
    pub(crate) fn wait_for(&self, count: usize) {
        for _ in 0..count {
            if self.acknowledged.recv_timeout(ACKNOWLEDGED_MAX).is_err() {
                return;
            }
        }
    }

    /// Stops the clients, each after the request that it is at, and returns what they know.
    pub(crate) fn finish(self) -> Vec<Model> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.into_iter().filter_map(|client| client.join().ok()).collect()
    }
}

struct Worker {
    client: Client,
    model: Model,
    random: Random,
    acknowledged: Sender<()>,
    /// How many requests were refused in a row.
    refused: usize,
}

impl Worker {
    fn run(mut self, stop: &AtomicBool) -> Model {
        while !stop.load(Ordering::Relaxed) && self.step() && self.refused < REFUSED_MAX {}
        self.model
    }

    /// Sends one request; returns whether to go on.
    fn step(&mut self) -> bool {
        if self.random.chance(30)
            && let Some(parts) = self.model.again.take()
        {
            return self.send_parts(parts);
        }
        match self.random.below(100) {
            0..25 => self.commit("main", "m"),
            25..45 => self.commit_on_branch(),
            45..70 => self.write(),
            70..78 => self.merge(),
            78..82 => self.delete(),
            82..86 => self.tag(),
            86..88 => self.bulk(),
            88..91 => self.record_evidence(),
            91..93 => self.open_review(),
            93..96 => self.send_refused(),
            _ => self.read_past(),
        }
    }

    /// Takes in what a request came to; returns whether to go on.
    fn take(&mut self, deed: Deed, outcome: Outcome, commit: impl Fn(&Value) -> Option<String>) -> bool {
        match outcome {
            Outcome::Done(answer) => {
                self.refused = 0;
                self.model.acknowledge(deed, commit(&answer).as_deref());
                // Nobody may wait any more.
                let _ = self.acknowledged.send(());
                true
            }
            Outcome::Refused(error) => {
                self.refused += 1;
                self.model.refusals += 1;
                self.model.refused.push(error);
                true
            }
            Outcome::Unknown(error) => {
                if error.starts_with(HANG) {
                    self.model.losses.push(format!("{error}: {}", deed.name()));
                }
                self.model.pending = Some(deed);
                false
            }
            Outcome::Unsent => false,
        }
    }

    /// Returns the branch of this client's own, if there is one.
    fn own_branch(&self) -> Option<String> {
        let work = format!("{}work", self.model.prefix());
        self.model.branches.keys().find(|name| name.starts_with(&work)).cloned()
    }

    fn commit_on_branch(&mut self) -> bool {
        match self.own_branch() {
            Some(branch) => self.commit(&branch, "b"),
            None => self.create("work").is_some(),
        }
    }

    fn create(&mut self, what: &str) -> Option<String> {
        let branch = self.model.fresh(what);
        let values = self.model.values("main");
        let outcome = self.client.change(
            "mutation($name: String!) { createBranch(input: { name: $name }) { errors { code message } } }",
            &json!({ "name": branch }),
        );
        let deed = Deed::Create { branch: branch.clone(), values };
        self.take(deed, outcome, |_| None).then_some(branch)
    }

    /// Changes some of the parts whose names have a letter of their own for each kind of branch, so that merges never conflict.
    fn commit(&mut self, branch: &str, letter: &str) -> bool {
        let message = self.model.fresh("commit");
        let first = self.random.below(PARTS);
        let parts = (0..self.random.between(1, 3)).map(|place| {
            let name = format!("{}{letter}{}", self.model.prefix(), (first + place) % PARTS);
            let title = (!self.random.chance(10)).then(|| message.clone());
            (name, title)
        });
        let parts = parts.collect();
        self.send_parts(Parts { branch: branch.to_owned(), message, titles: parts })
    }

    /// Sends a commit that gives parts new titles or retires them.
    fn send_parts(&mut self, parts: Parts) -> bool {
        let Some(values) = self.model.branches.get(&parts.branch) else { return true };
        let mut values = Values::clone(values);
        let mut changes = Vec::new();
        for (name, title) in &parts.titles {
            match title {
                Some(title) => {
                    changes.push(put(name, title));
                    values.insert(name.clone(), title.clone());
                }
                None if values.remove(name).is_some() => {
                    changes.push(json!({ "retire": format!("part/{name}") }));
                }
                None => {}
            }
        }
        if changes.is_empty() {
            return true;
        }
        let refused = self.model.refused.len();
        let goes_on = self.send_commit(&parts.branch, values, parts.message.clone(), &Value::Array(changes));
        if self.model.refused.len() > refused {
            self.model.again = Some(parts);
        }
        goes_on
    }

    fn send_commit(&mut self, branch: &str, values: Values, message: String, changes: &Value) -> bool {
        let outcome = commit(self.client, branch, &message, changes);
        let deed = Deed::Commit { branch: branch.to_owned(), values, message };
        self.take(deed, outcome, |answer| Some(text(&answer["commit"]["commit"]["id"])))
    }

    /// Makes a commit of many files on a branch of its own.
    fn bulk(&mut self) -> bool {
        let bulk = format!("{}bulk", self.model.prefix());
        if let Some(branch) = self.model.branches.keys().find(|name| name.starts_with(&bulk)).cloned() {
            return self.send_delete(branch);
        }
        let Some(branch) = self.create("bulk") else { return false };
        if !self.model.branches.contains_key(&branch) {
            return true;
        }
        let message = self.model.fresh("commit");
        let mut values = self.model.values(&branch);
        let names: Vec<_> = (0..BULK).map(|part| format!("{}x{part}", self.model.prefix())).collect();
        values.extend(names.iter().map(|name| (name.clone(), message.clone())));
        let changes = names.iter().map(|name| put(name, &message)).collect();
        self.send_commit(&branch, values, message, &Value::Array(changes))
    }

    fn merge(&mut self) -> bool {
        let Some(source) = self.own_branch() else { return self.commit_on_branch() };
        let message = self.model.fresh("merge");
        let own = format!("{}b", self.model.prefix());
        let mut values = self.model.values("main");
        values.retain(|name, _| !name.starts_with(&own));
        values.extend(self.model.values(&source).into_iter().filter(|(name, _)| name.starts_with(&own)));
        let outcome = self.client.change(
            "mutation($source: String!, $message: String!) { merge(input: { source: $source, message: $message }) { commit { id } errors { code message } } }",
            &json!({ "source": source, "message": message }),
        );
        let deed = Deed::Merge { source, values, message };
        self.take(deed, outcome, |answer| Some(text(&answer["merge"]["commit"]["id"])))
    }

    fn delete(&mut self) -> bool {
        self.own_branch().is_none_or(|branch| self.send_delete(branch))
    }

    fn send_delete(&mut self, branch: String) -> bool {
        let outcome = self.client.change(
            "mutation($name: String!) { deleteBranch(input: { name: $name }) { errors { code message } } }",
            &json!({ "name": branch }),
        );
        self.take(Deed::Delete { branch }, outcome, |_| None)
    }

    /// Tags a commit of the client's own: the newest of a branch that it alone commits to.
    fn tag(&mut self) -> bool {
        let Some(branch) = self.own_branch() else { return true };
        let head = questions::head(self.client, &branch);
        let Ok(commit) = head else { return true };
        let name = self.model.fresh("tag");
        let outcome = self.client.change(
            "mutation($name: String!, $at: String!) { tag(input: { name: $name, at: $at }) { errors { code message } } }",
            &json!({ "name": name, "at": commit }),
        );
        self.take(Deed::Tag { name, branch, commit }, outcome, |_| None)
    }

    /// Writes samples: most of them new ones, some late, some in place of earlier ones.
    fn write(&mut self) -> bool {
        let end = self.model.samples.last_key_value().map_or(BEGIN, |(second, _)| second + 1);
        let late = self.random.chance(20);
        let from = if late { BEGIN + self.below(end - BEGIN) } else { end + self.below(3) };
        let mut samples = Samples::new();
        let mut second = from;
        for _ in 0..self.random.between(1, 60) {
            samples.insert(second, self.random.below(12_000) as f64 / 100.0);
            second += 1 + self.below(2);
        }
        let lines = lines(self.model.number, &samples);
        let outcome = self.client.write(&lines);
        let goes_on = self.take(Deed::Write { samples }, outcome, |_| None);
        if goes_on
            && self.random.chance(30)
            && let Ok(watermark) = questions::watermark(self.client)
        {
            self.model.note_watermark(watermark);
        }
        goes_on
    }

    fn below(&mut self, bound: i64) -> i64 {
        i64::try_from(self.random.below(usize::try_from(bound).unwrap_or(0))).unwrap_or(0)
    }

    fn record_evidence(&mut self) -> bool {
        let mutation = format!(
            "mutation($item: ID!) {{ recordEvidence(input: {{ branch: \"main\", item: $item, window: {WINDOW} }}) {{ evidence {{ iri watermark }} commit {{ id }} errors {{ code message }} }} }}"
        );
        let unit = self.model.number;
        let outcome = self.client.change(&mutation, &json!({ "item": format!("unit/P-{unit}") }));
        if let Outcome::Done(answer) = &outcome {
            let payload = &answer["recordEvidence"];
            let commit = text(&payload["commit"]["id"]);
            for evidence in questions::list(&payload["evidence"]) {
                self.settle(questions::of_record(&text(&evidence["iri"])));
                self.settle(questions::of_evidence(unit, &commit, &text(&evidence["watermark"])));
            }
        }
        self.take(Deed::Record, outcome, |_| None)
    }

    fn open_review(&mut self) -> bool {
        let mutation = format!(
            "mutation($title: String!) {{ openReview(input: {{ title: $title, designs: [\"pump/A\"], window: {WINDOW} }}) {{ review {{ identifier }} errors {{ code message }} }} }}"
        );
        let title = self.model.fresh("review");
        let outcome = self.client.change(&mutation, &json!({ "title": title }));
        if let Outcome::Done(answer) = &outcome {
            let identifier = text(&answer["openReview"]["review"]["identifier"]);
            self.settle(questions::of_review(&identifier));
            self.model.ids.push(identifier);
        }
        self.take(Deed::Record, outcome, |_| None)
    }

    /// Asks a question whose answer stays from now on.
    fn settle(&mut self, question: String) {
        let answer = self.client.ask(&question, &Value::Null).ok();
        self.model.settled.push((question, answer));
    }

    /// Sends a commit that breaks a rule.
    fn send_refused(&mut self) -> bool {
        let message = self.model.fresh("bad");
        let name = format!("part/{}bad", self.model.prefix());
        let changes = json!([{ "putPart": { "id": name, "title": message } }]);
        match commit(self.client, "main", &message, &changes) {
            Outcome::Done(_) => {
                self.model.losses.push(format!("{message} was taken although a part has no identifier"));
                true
            }
            Outcome::Refused(_) => {
                self.model.refusals += 1;
                true
            }
            Outcome::Unknown(_) | Outcome::Unsent => false,
        }
    }

    /// Reads a commit again while others write.
    fn read_past(&mut self) -> bool {
        let ids: Vec<_> = self.model.commits.keys().collect();
        if ids.is_empty() {
            return true;
        }
        let id = (*self.random.pick(&ids)).clone();
        let expect = Arc::clone(&self.model.commits[&id].values);
        match questions::values(self.client, &id, &self.model.prefix()) {
            Ok(values) if values != *expect => {
                let differences = questions::differences(&values, &expect);
                self.model.losses.push(format!("commit {id}, while others write: {differences}"));
            }
            Ok(_) | Err(_) => {}
        }
        true
    }
}

/// Sends a commit whose message is its idempotency key.
pub(crate) fn commit(client: Client, branch: &str, message: &str, changes: &Value) -> Outcome {
    client.change(
        "mutation($branch: String!, $message: String!, $changes: [Change!]!) {
            commit(input: { branch: $branch, message: $message, idempotencyKey: $message, changes: $changes }) { commit { id } errors { code message } } }",
        &json!({ "branch": branch, "message": message, "changes": changes }),
    )
}

fn put(name: &str, title: &str) -> Value {
    json!({ "putPart": { "id": format!("part/{name}"), "identifier": name, "title": title } })
}

/// Writes samples of a unit as line protocol.
pub(crate) fn lines(unit: usize, samples: &Samples) -> String {
    let mut lines = String::new();
    for (second, value) in samples {
        let _ = writeln!(lines, "pump,twin=P-{unit} temp={value} {second}");
    }
    lines
}
