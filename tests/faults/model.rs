//! What one client was acknowledged, and whether the service still has it. Each client owns its resources, branches, tags and unit, and
//! sends one request after the other, so it knows what each version and watermark must answer, whatever the others do meanwhile.

use super::questions::{self, Samples, Values};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A request that changes something, with what its client's part of the thread is afterwards.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// A commit after which a branch has these values.
    Commit {
        branch: String,
        values: Values,
        message: String,
    },
    /// A merge of a branch into `main`, which has these values afterwards.
    Merge {
        source: String,
        values: Values,
        message: String,
    },
    /// A branch, made where `main` is.
    Create {
        branch: String,
        values: Values,
    },
    Delete {
        branch: String,
    },
    Tag {
        name: String,
        branch: String,
        commit: String,
    },
    /// Samples of the client's unit, by second.
    Write {
        samples: Samples,
    },
    /// Evidence or a review.
    Record,
}

impl Deed {
    /// Describes the request in short.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Commit { branch, message, .. } => format!("{message} on {branch}"),
            Self::Merge { message, .. } => format!("{message} into main"),
            Self::Create { branch, .. } => format!("branch {branch} made"),
            Self::Delete { branch } => format!("branch {branch} deleted"),
            Self::Tag { name, .. } => format!("tag {name}"),
            Self::Write { samples } => format!("{} samples", samples.len()),
            Self::Record => "evidence or a review".to_owned(),
        }
    }
}

/// A commit that gives parts new titles; without a title one is retired.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub branch: String,
    pub message: String,
    pub titles: Vec<(String, Option<String>)>,
}

/// An acknowledged commit.
#[derive(Clone, Debug)]
pub(crate) struct Commit {
    pub values: Arc<Values>,
    /// The branches and tags that reach it; without any it may go.
    refs: BTreeSet<String>,
}

/// What one client knows.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// The number of the client, and of its unit.
    pub number: usize,
    /// The values at the heads of its branches; `main` is one.
    pub branches: BTreeMap<String, Arc<Values>>,
    /// By their ids.
    pub commits: BTreeMap<String, Commit>,
    /// The commits that tags name.
    pub tags: BTreeMap<String, String>,
    /// Questions whose answers stay, with the answer once it was given.
    pub settled: Vec<(String, Option<serde_json::Value>)>,
    pub samples: Samples,
    /// Watermarks, with the digest of what had arrived.
    pub watermarks: Vec<(String, u64)>,
    /// What names were given out.
    pub ids: Vec<String>,
    /// What was neither acknowledged nor refused.
    pub pending: Option<Deed>,
    /// A commit that was refused and is sent again as it was, as clients do.
    pub again: Option<Parts>,
    /// Why requests were refused that break no rule.
    pub refused: Vec<String>,
    /// How many requests were refused.
    pub refusals: usize,
    /// What was wrong while the load ran.
    pub losses: Vec<String>,
    operations: usize,
}

impl Model {
    pub(crate) fn new(number: usize) -> Self {
        Self {
            number,
            branches: BTreeMap::from([("main".to_owned(), Arc::default())]),
            commits: BTreeMap::new(),
            tags: BTreeMap::new(),
            settled: Vec::new(),
            samples: Samples::new(),
            watermarks: Vec::new(),
            ids: Vec::new(),
            pending: None,
            again: None,
            refused: Vec::new(),
            refusals: 0,
            losses: Vec::new(),
            operations: 0,
        }
    }

    /// How the identifiers of its parts begin.
    pub(crate) fn prefix(&self) -> String {
        format!("w{}-", self.number)
    }

    /// Makes a text that is used once.
    pub(crate) fn fresh(&mut self, what: &str) -> String {
        self.operations += 1;
        format!("{}{what}-{}", self.prefix(), self.operations)
    }

    pub(crate) fn values(&self, branch: &str) -> Values {
        self.branches.get(branch).map(|values| Values::clone(values)).unwrap_or_default()
    }

    /// Takes in that a deed was done; `commit` is the id of the commit that it made.
    pub(crate) fn acknowledge(&mut self, deed: Deed, commit: Option<&str>) {
        match deed {
            Deed::Commit { branch, values, .. } => self.commit(branch, values, commit),
            Deed::Merge { source, values, .. } => {
                self.reach(&source, "main");
                self.commit("main".to_owned(), values, commit);
            }
            Deed::Create { branch, values } => {
                self.branches.insert(branch, Arc::new(values));
            }
            Deed::Delete { branch } => {
                self.branches.remove(&branch);
                self.commits.retain(|_, commit| {
                    commit.refs.remove(&branch);
                    !commit.refs.is_empty()
                });
            }
            Deed::Tag { name, branch, commit } => {
                self.reach(&branch, &format!("tag {name}"));
                self.tags.insert(name, commit);
            }
            Deed::Write { samples } => self.samples.extend(samples),
            Deed::Record => {}
        }
    }

    fn commit(&mut self, branch: String, values: Values, id: Option<&str>) {
        let values = Arc::new(values);
        self.branches.insert(branch.clone(), Arc::clone(&values));
        let Some(id) = id else { return };
        let commit = Commit { values, refs: BTreeSet::new() };
        self.commits.entry(id.to_owned()).or_insert(commit).refs.insert(branch);
    }

    /// Takes in that all commits that one name reaches are reached by another too.
    fn reach(&mut self, from: &str, to: &str) {
        for commit in self.commits.values_mut().filter(|commit| commit.refs.contains(from)) {
            commit.refs.insert(to.to_owned());
        }
    }

    /// Returns the ids of the commits that a branch or tag reaches.
    pub(crate) fn reached<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let commits = self.commits.iter().filter(move |(_, commit)| commit.refs.contains(name));
        commits.map(|(id, _)| id.as_str())
    }

    /// Takes in the newest watermark.
    pub(crate) fn note_watermark(&mut self, watermark: String) {
        self.watermarks.push((watermark, questions::digest(&self.samples)));
    }

    /// Returns the number of the newest watermark that was seen.
    pub(crate) fn newest(&self) -> u64 {
        self.watermarks.iter().map(|(watermark, _)| questions::position(watermark)).max().unwrap_or(0)
    }
}
