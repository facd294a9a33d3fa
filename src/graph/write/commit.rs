//! Commits changes to a branch: applies them to its head, or rebases them onto it, validates and publishes.

use crate::graph::change::decisions::Decisions;
use crate::graph::change::links::{Theirs, settle as settle_links};
use crate::graph::change::maker::Maker;
use crate::graph::change::prepared::Prepared;
use crate::graph::change::resource_merge::{Sides, merge};
use crate::graph::change::transaction::{Transaction, instances_of_all};
use crate::graph::error::{Divergence, Error};
use crate::graph::model::commit::{Author, Commit, CommitId, check_message};
use crate::graph::model::conflict::Conflict;
use crate::graph::model::ref_name::{self, branch_ref};
use crate::graph::model::request_key::RequestKey;
use crate::graph::model::statement_set::StatementSet;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::Repository;
use crate::graph::repository::commit_queue::Ticket;
use crate::graph::repository::panics::caught;
use crate::model::statement::change::Change;
use crate::model::sync::cancellation::Cancellation;
use crate::model::use_case::UseCase;
use crate::ontology::{Ontology, Violation};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// What a commit is asked for.
#[derive(Clone, Debug, Default)]
pub struct CommitRequest {
    /// The branch that takes the commit.
    pub branch: String,
    /// The commit's message.
    pub message: String,
    /// Who makes it.
    pub author: Author,
    /// What changes, in order.
    pub changes: Vec<Change>,
    /// Ontology files that are set (or removed, with `None`).
    pub ontology: Vec<(String, Option<String>)>,
    /// The head that the changes were made against. Where the branch has moved since, they are merged, or conflict.
    pub expected_head: Option<CommitId>,
    /// Whether a head that has moved is refused even where the merge would be clean.
    pub exact: bool,
    /// A name for this request: the same key again gives the same commit again.
    pub idempotency_key: Option<RequestKey>,
    /// The use case of the service that makes it; `None`: a client, who may not write what is reserved to use cases.
    pub use_case: Option<UseCase>,
    /// Until when it is wanted: it is given up where that ends before anything of it is written.
    pub wanted: Cancellation,
}

/// What a commit came to.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The new commit, or the head as it was where nothing changed.
    pub commit: Commit,
    /// How many statements were added or removed.
    pub changed: usize,
    /// What a new ontology finds wrong in the data that was there before it.
    pub broken: Vec<Violation>,
    /// Whether the commit was made before, by a request with the same idempotency key.
    pub replayed: bool,
}

impl Committed {
    /// Reports that nothing was to change.
    pub(super) fn nothing(head: &Snapshot) -> Self {
        Self { commit: head.commit().clone(), changed: 0, broken: Vec::new(), replayed: false }
    }
}

/// So often a commit is validated again because others changed meanwhile what it rests on; then nobody else writes until it is made.
const ATTEMPTS: usize = 2;

/// Commits of up to so many changes share the slots for validation; a large one waits in nobody's way.
const SMALL_MAX: usize = 1_000;

/// A request that was validated.
pub(super) enum Preparation {
    /// It was made before, or changes nothing.
    Done(Committed),
    /// It is to be written; then it has come to this, under another commit.
    Ready(Box<Prepared>, Committed),
}

impl Repository {
    /// Makes a commit: validates, writes Git durably, moves the branch, updates the index. Commits that wait for the disk at once are
    /// written together.
    pub fn commit(&self, request: &CommitRequest) -> Result<Committed, Error> {
        caught(|| self.commit_validated(request))
    }

    fn commit_validated(&self, request: &CommitRequest) -> Result<Committed, Error> {
        if ref_name::is_vendor(&request.branch) {
            return Err(Error::VendorBranch(request.branch.clone()));
        }
        refuse_present(&request.branch)?;
        check_message(&request.message)?;
        for _ in 0..ATTEMPTS {
            self.refuse_unwritable()?;
            let is_small = request.changes.len() <= SMALL_MAX && request.ontology.is_empty();
            let slot = is_small.then(|| self.validating.take());
            let (commit, mut done) = match self.prepare(request)? {
                Preparation::Done(done) => return Ok(done),
                Preparation::Ready(commit, done) => (*commit, done),
            };
            drop(slot);
            if let Some(made) = self.queue.submit(commit, |group| self.publish_waiting(group))? {
                done.commit = made;
                return Ok(done);
            }
        }
        self.commit_alone(request)
    }

    /// Makes a commit while nobody else writes.
    fn commit_alone(&self, request: &CommitRequest) -> Result<Committed, Error> {
        let mut writer = self.writer()?;
        let (commit, mut done) = match self.prepare(request)? {
            Preparation::Done(done) => return Ok(done),
            Preparation::Ready(commit, done) => (*commit, done),
        };
        let (branch, head) = (commit.branch.clone(), commit.base.commit().id);
        match self.publish_group(&mut writer, vec![(Ticket::ALONE, commit)])?.pop() {
            Some((_, answer)) => match answer? {
                Some(made) => done.commit = made,
                None => return Err(self.moved_meanwhile(&writer, &branch, head, Some(head))),
            },
            None => return Err(Error::Stopped),
        }
        Ok(done)
    }

    /// Applies a request to the head of its branch as it is now, and validates that.
    pub(super) fn prepare(&self, request: &CommitRequest) -> Result<Preparation, Error> {
        if let Some(done) = self.made_before(request)? {
            return Ok(Preparation::Done(done));
        }
        let log = Arc::default();
        let head = self.head(&request.branch)?.while_wanted(&request.wanted).noting_reads(&log);
        let mut transaction = Transaction::new(&head);
        match request.expected_head.filter(|expected| *expected != head.commit().id) {
            None => transaction.apply_all(&request.changes)?,
            Some(expected) => self.rebase(request, expected, &mut transaction)?,
        }
        transaction.settle()?;
        let (ontology, ontology_files) = self.changed_ontology(&head, &request.ontology)?;
        if transaction.edits.is_empty() && ontology_files.is_empty() {
            return Ok(Preparation::Done(Committed::nothing(&head)));
        }
        transaction.refuse(transaction.validate(Maker::of(request.use_case))?)?;
        let broken = match &ontology {
            Some(ontology) => broken_by(ontology, &head)?,
            None => Vec::new(),
        };
        let format = {
            let git = self.read();
            let format = git.format(head.commit().id)?;
            transaction.refuse_disagreement(&git, format)?;
            format
        };
        let (mut files, documents) = transaction.files_and_deltas(format);
        let done = Committed { changed: transaction.changed(), broken, ..Committed::nothing(&head) };
        let changes_ontology = !ontology_files.is_empty();
        files.extend(ontology_files);
        drop(transaction);
        let commit = Prepared {
            reads: log.take(),
            base: head,
            is_of_base_only: request.exact && request.expected_head.is_some() || changes_ontology,
            changes_ontology,
            branch: request.branch.clone(),
            author: request.author.clone(),
            message: request.message.clone(),
            idempotency_key: request.idempotency_key.clone(),
            wanted: request.wanted.clone(),
            files,
            documents,
        };
        Ok(Preparation::Ready(Box::new(commit), done))
    }

    /// Applies the request to the head it was made against, and merges what that changed into the head now.
    fn rebase(
        &self,
        request: &CommitRequest,
        expected: CommitId,
        onto: &mut Transaction<'_>,
    ) -> Result<(), Error> {
        let head = onto.snapshot.commit().id;
        let conflict = |conflicts| Error::Conflict(Box::new(Divergence { expected, head, conflicts }));
        let known = self.index.tables()?.commit(expected)?.is_some();
        if request.exact || !known || self.read().merge_bases(expected, head)? != [expected] {
            return Err(conflict(Vec::new()));
        }
        let base = self.snapshot_at(expected)?;
        let mut made = Transaction::new(&base);
        made.apply_all(&request.changes)?;
        made.settle()?;
        let theirs = Theirs::made(&made);
        let mut conflicts = merge_edits(made, onto, &mut Decisions::none())?;
        onto.settle()?;
        settle_links(onto, &theirs, std::slice::from_ref(&base), &mut Decisions::none(), &mut conflicts)?;
        if conflicts.is_empty() { Ok(()) } else { Err(conflict(conflicts)) }
    }

    /// Returns the commit that was made before for the same idempotency key on the same branch.
    pub fn made_before(&self, request: &CommitRequest) -> Result<Option<Committed>, Error> {
        self.made_under(request.idempotency_key.as_ref(), &request.branch)
    }

    /// Returns the commit that was made before under an idempotency key on a branch. A key of another request is refused: the
    /// answer of that would pass for the one of this.
    pub fn made_under(&self, key: Option<&RequestKey>, branch: &str) -> Result<Option<Committed>, Error> {
        let Some(key) = key else { return Ok(None) };
        key.check()?;
        let tables = self.index.tables()?;
        let mut made = tables.keyed(key)?;
        let Some(&first) = made.first() else {
            self.refuse_key_of_name(key)?;
            return Ok(None);
        };
        let found = |id: CommitId| {
            let found = tables.commit(id)?.ok_or_else(|| Error::UnknownVersion(id.to_string()))?;
            Ok::<_, Error>(found.commit)
        };
        let history = self.read();
        let mut others = Vec::new();
        for id in &made {
            let recorded = history.commit(*id)?.idempotency_key;
            others.extend(recorded.filter(|recorded| key.is_of_another_request(recorded)).map(|_| *id));
        }
        made.retain(|id| !others.contains(id));
        if made.is_empty() {
            return Err(Error::key_reused(key, found(first)?));
        }
        let Some(head) = tables.reference(&branch_ref(branch))? else {
            return Err(Error::UnknownBranch(branch.to_owned()));
        };
        for id in &made {
            if history.merge_bases(*id, head)? == [*id] {
                let commit = found(*id)?;
                return Ok(Some(Committed { commit, changed: 0, broken: Vec::new(), replayed: true }));
            }
        }
        let commit = Box::new(found(made[0])?);
        Err(Error::KeyElsewhere { key: key.to_string(), branch: branch.to_owned(), commit })
    }
}

/// Refuses to record the present on the branch of a history, which it would close.
pub(super) fn refuse_present(branch: &str) -> Result<(), Error> {
    if ref_name::is_history(branch) { Err(Error::NoRecordingDate(branch.to_owned())) } else { Ok(()) }
}

/// Merges what `made` changed since its snapshot into `onto`; returns what conflicts and is not decided.
pub(super) fn merge_edits(
    made: Transaction<'_>,
    onto: &mut Transaction<'_>,
    decisions: &mut Decisions<'_>,
) -> Result<Vec<Conflict>, Error> {
    let mut conflicts = Vec::new();
    let ontology = onto.snapshot.ontology().clone();
    for (root, edit) in made.edits {
        let before = StatementSet::from(onto.snapshot.whole_resource(&NamedNode::new_unchecked(&root))?);
        let (base, theirs) = edit.into_sides();
        let sides = Sides { bases: vec![base], ours: before.clone(), theirs };
        let (after, more) = merge(&sides, &ontology, decisions);
        conflicts.extend(more);
        onto.put_whole(root, before, after);
    }
    Ok(conflicts)
}

pub(super) fn broken_by(ontology: &Ontology, head: &Snapshot) -> Result<Vec<Violation>, Error> {
    let focus = instances_of_all(ontology, head)?;
    Ok(ontology.validate(None::<&Snapshot>, head, &focus)?)
}
