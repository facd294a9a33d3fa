//! Import as a vendor branch: source S commits exactly the content of its file to `import/S`, then that is merged three-way
//! into the target. So a re-export updates what the source owns and never wipes what was authored here.

use super::bulk::Publication;
use super::commit::{merge_edits, refuse_present};
use super::preview::ChangePreview;
use crate::graph::change::decisions::Decisions;
use crate::graph::change::diff::DiffRange;
use crate::graph::change::links::{Theirs, settle as settle_links};
use crate::graph::change::maker::Maker;
use crate::graph::change::reserved::{stated_notes, stray_notes};
use crate::graph::change::transaction::Transaction;
use crate::graph::error::{Divergence, Error};
use crate::graph::index::Error as IndexError;
use crate::graph::model::commit::{Author, Commit, CommitId, check_message};
use crate::graph::model::conflict::Resolution;
use crate::graph::model::draft::Draft;
use crate::graph::model::ref_name::{MAIN, branch_ref, is_history, is_vendor, vendor_branch};
use crate::graph::model::request_key::RequestKey;
use crate::graph::model::statement_set::StatementSet;
use crate::graph::read::overlay::Overlay;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::Repository;
use crate::graph::repository::panics::caught;
use crate::graph::repository::writer::Writer;
use crate::graph::text::format::SETTINGS;
use crate::model::statement::literal::canonical_statement;
use crate::model::statement::{Statement, is_import_note, root};
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use crate::ontology::{Completion, Cut, Violation};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

/// What an import is asked for.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// The name of the source; its vendor branch is `import/NAME`.
    pub source: String,
    /// The branch that takes the source's statements.
    pub into: String,
    /// The commits' message.
    pub message: String,
    /// Who imports.
    pub author: Author,
    /// The source's statements: all about each resource that it names.
    pub statements: Vec<Statement>,
    /// What whoever imports notes on the branch of the source for the next time; it comes to no other branch.
    pub notes: Vec<Statement>,
    /// Whether the statements are all that the source has, so that resources which it no longer names are retired;
    /// else those stay as the source last had them.
    pub prune: bool,
    /// What is decided of conflicts with work done here.
    pub resolutions: Vec<Resolution>,
    /// Whether installations among the statements that overlap each other are cut; else they are violations.
    pub cut_overlaps: bool,
    /// Whether installations without an end get the end that those of other sources imply; else what overlaps is a violation.
    pub complete: bool,
    /// A tag to make of what the target branch comes to: the source's baseline.
    pub tag: Option<String>,
    /// When another system recorded this, for a branch `history/…`; the present instant where absent.
    pub recorded_at: Option<Instant>,
    /// Whether nothing is written, and only what would come of it is returned.
    pub preview: bool,
    /// Which resources a preview describes.
    pub previewed: DiffRange,
    /// Names the request, so that it makes no second commit when it is sent again.
    pub idempotency_key: Option<RequestKey>,
    /// Until when it is wanted: once it is not, and the commit is not begun, nothing is written.
    pub wanted: Cancellation,
}

/// What an import came to.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The head of the target branch afterwards.
    pub commit: Commit,
    /// How many statements were added or removed on the target branch.
    pub changed: usize,
    /// The installations that were cut, in the order of their names.
    pub cuts: Vec<Cut>,
    /// The installations that got an end, in the order of their names.
    pub completions: Vec<Completion>,
    /// The design revisions that are RELEASED from now on, in the order of their names.
    pub released: Vec<NamedNode>,
    /// What would come of it, where nothing was to be written.
    pub preview: Option<ChangePreview>,
}

impl Repository {
    /// Imports the statements of a source. The same content again makes no commit. What conflicts with work done here is
    /// refused as a conflict, and what the merged result breaks as violations; then nothing has changed. A tag that
    /// cannot be made is refused before anything is written.
    pub fn import(&self, request: ImportRequest) -> Result<Imported, Error> {
        caught(|| self.import_validated(request))
    }

    fn import_validated(&self, mut request: ImportRequest) -> Result<Imported, Error> {
        if is_vendor(&request.into) {
            return Err(Error::VendorBranch(request.into));
        }
        let mut writer = self.writer()?;
        // A preview uses no key.
        let key = request.idempotency_key.as_ref().filter(|_| !request.preview);
        if let Some(made) = self.made_under(key, &request.into)? {
            return self.import_made_before(&mut writer, made.commit, &request);
        }
        still_wanted(&request.wanted)?;
        self.refuse_recording_date(&request)?;
        let Some(tag) = request.tag.take() else { return self.take_from(&mut writer, request) };
        self.refuse_tag(&tag)?;
        if request.preview {
            return self.take_from(&mut writer, request);
        }
        let (author, message) = (request.author.clone(), request.message.clone());
        let imported = self.take_from(&mut writer, request)?;
        let commit = imported.commit.id;
        let tagged = self.tag_locked(&mut writer, &tag, commit, &author, &message);
        tagged.map_err(|error| Error::Untagged { commit, tag, error: Box::new(error) })?;
        Ok(imported)
    }

    /// Returns what an earlier import under the same key has made, with the tag that it may not have come to.
    fn import_made_before(
        &self,
        writer: &mut Writer,
        commit: Commit,
        request: &ImportRequest,
    ) -> Result<Imported, Error> {
        if let Some(tag) = &request.tag
            && !self.tags()?.iter().any(|(name, tagged)| name == tag && tagged.id == commit.id)
        {
            self.refuse_tag(tag)?;
            self.tag_locked(writer, tag, commit.id, &request.author, &request.message)?;
        }
        let (cuts, completions, released) = Default::default();
        Ok(Imported { commit, changed: 0, cuts, completions, released, preview: None })
    }

    /// Takes the statements of a source.
    fn take_from(&self, writer: &mut Writer, request: ImportRequest) -> Result<Imported, Error> {
        check_message(&request.message)?;
        let branch = vendor_branch(&request.source);
        let (target, target_head) = self.target(&request.into, request.recorded_at)?;
        let (vendor, vendor_head) = self.vendor(&branch)?;
        // Nothing is read of them any more once the commit begins.
        let (target, vendor) = (target.while_wanted(&request.wanted), vendor.while_wanted(&request.wanted));
        let time = self.recording_time(&request, &target, &vendor)?;
        let ImportRequest {
            into,
            message,
            author,
            mut statements,
            notes,
            prune,
            resolutions,
            preview,
            previewed,
            ..
        } = request;
        refuse_notes(&statements, &notes)?;
        statements.extend(notes);
        let mut statements = target.ontology().admit(statements).map_err(Error::Violations)?;
        let brought = if request.cut_overlaps { BTreeSet::new() } else { installations(&statements) };
        let (statements, cuts) = if request.cut_overlaps {
            statements.sort_unstable();
            statements.dedup();
            let overlay = Overlay::new(&target, [], [statements.as_slice()]);
            target.ontology().cut_overlaps(&overlay, &statements)?
        } else {
            (statements, Vec::new())
        };
        if vendor_head.is_none() {
            self.refuse_name("branch", &branch, &branch_ref(&branch))?;
        }
        let mut change = transaction_of(&vendor, statements, prune)?;
        change.settle()?;
        let merged_before =
            writer.history.merge_bases(target.commit().id, vendor.commit().id)? == [vendor.commit().id];
        let nothing = |cuts| Imported {
            commit: target.commit().clone(),
            changed: 0,
            cuts,
            completions: Vec::new(),
            released: Vec::new(),
            preview: preview.then(|| ChangePreview::nothing(&target)),
        };
        if change.edits.is_empty() && (merged_before || self.is_taken(&target, &vendor)?) {
            return Ok(nothing(cuts));
        }
        let mut merged = self.merged(&target, &vendor, &change, merged_before, &branch, &resolutions)?;
        let completions = if request.complete { complete(&mut merged)? } else { Vec::new() };
        let message = with_completions(with_cuts(message, cuts.len()), completions.len());
        let target_format = writer.history.format(target.commit().id)?;
        let first_format = writer.history.format(vendor.commit().id)?;
        // A new source begins at the thread's first commit, which holds no documents, in the format of its target.
        let vendor_format = if vendor_head.is_none() { target_format } else { first_format };
        let begins_in_other_format = vendor_format != first_format;
        still_wanted(&request.wanted)?;
        let (violations, own_files) = std::thread::scope(|scope| {
            let texts = scope.spawn(|| change.files(vendor_format));
            (merged.validate(Maker::source(&branch, &author)), texts.join())
        });
        merged.refuse(with_remedies(violations?, &brought, request.complete))?;
        let mut own_files = own_files.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let is_laid_alike = vendor_format == target_format && !begins_in_other_format;
        if begins_in_other_format {
            own_files.insert(SETTINGS.to_owned(), Some(vendor_format.settings(self.base()).into_bytes()));
        }
        let (changed, has_change) = (merged.changed(), !change.edits.is_empty());
        let released = released(&merged);
        if preview {
            let would = if changed == 0 {
                ChangePreview::nothing(&target)
            } else {
                self.preview_of(merged, Vec::new(), &previewed)?
            };
            return Ok(Imported { changed, completions, released, preview: Some(would), ..nothing(cuts) });
        }
        still_wanted(&request.wanted)?;
        for side in [&change, &merged] {
            let format = writer.history.format(side.snapshot.commit().id)?;
            side.refuse_disagreement(&writer.history, format)?;
        }
        // An import of any size holds its statements once from here on.
        let is_same = is_laid_alike && change.edits == merged.edits;
        let other = if is_same { None } else { Some(merged.files(target_format)) };
        let other = other.map(|files| (files, merged.into_deltas()));
        let own_deltas = change.into_deltas();
        let (files, deltas) = other.as_ref().map_or((&own_files, &own_deltas), |(f, d)| (f, d));
        let loaded = request.recorded_at.map(|_| self.clock.now());
        let own_draft =
            Draft { parents: vec![vendor.commit().id], author, time, loaded, message, idempotency_key: None };
        // The key names the merge: where only the commit of the source was made, the import is not done.
        let mut draft = Draft {
            parents: vec![target.commit().id],
            time: if request.recorded_at.is_some() { time } else { time.plus_nanos(1) },
            idempotency_key: request.idempotency_key,
            ..own_draft.clone()
        };
        if !has_change {
            draft.parents.push(vendor.commit().id);
            let head = target_head.and(Some(&target));
            let (recorded, moved) = self.record(writer, &into, head, &draft, files)?;
            let commit = recorded.commit.clone();
            self.index_recorded([moved], &[(recorded, into, deltas)]);
            return Ok(Imported { commit, changed, cuts, completions, released, preview: None });
        }
        let own = Publication {
            branch: &branch,
            head: vendor_head,
            draft: &own_draft,
            files: &own_files,
            deltas: &own_deltas,
        };
        let merge = Publication { branch: &into, head: target_head, draft: &draft, files, deltas };
        let commit = self.publish_merged(writer, own, merge)?;
        Ok(Imported { commit, changed, cuts, completions, released, preview: None })
    }

    /// Returns what an import into a branch is merged with: its head, or the thread's first state where a history (an import
    /// with a recording date) begins with it.
    pub fn import_target(&self, into: &str, recorded_at: Option<Instant>) -> Result<Snapshot, Error> {
        Ok(self.target(into, recorded_at)?.0)
    }

    /// Returns the target of an import, and the branch's head where it exists.
    fn target(
        &self,
        into: &str,
        recorded_at: Option<Instant>,
    ) -> Result<(Snapshot, Option<CommitId>), Error> {
        if recorded_at.is_none() {
            refuse_present(into)?;
        }
        let reference = branch_ref(into);
        if recorded_at.is_some() && self.index.tables()?.reference(&reference)?.is_none() {
            self.refuse_name("branch", into, &reference)?;
            return Ok((self.first()?, None));
        }
        let target = self.head(into)?;
        let head = target.commit().id;
        Ok((target, Some(head)))
    }

    /// Refuses a recording date that the branch cannot bear, or that lies in the future.
    fn refuse_recording_date(&self, request: &ImportRequest) -> Result<(), Error> {
        let Some(instant) = request.recorded_at else { return Ok(()) };
        let refuse = |reason: &str| {
            let (branch, reason) = (request.into.clone(), reason.to_owned());
            Err(Error::RecordedAt { instant, branch, reason })
        };
        if !is_history(&request.into) {
            return refuse(
                "only a branch history/NAME holds commits with the recording dates of another system",
            );
        }
        if instant > self.clock.now() {
            return refuse("it lies in the future");
        }
        Ok(())
    }

    /// Returns when the commit of the source is recorded: after what is on both branches already. The target follows a nanosecond
    /// later, but at a recording date of another system, which both have. It must come after those that were loaded before.
    fn recording_time(
        &self,
        request: &ImportRequest,
        target: &Snapshot,
        vendor: &Snapshot,
    ) -> Result<Instant, Error> {
        let Some(instant) = request.recorded_at else {
            return Ok(vendor.next_instant(&*self.clock).max(target.next_instant(&*self.clock)));
        };
        let first = self.first()?.commit().id;
        let vendors = vendor_branch(&request.source);
        for (head, branch) in [(target, &request.into), (vendor, &vendors)] {
            let last = head.commit();
            if last.id != first && last.time >= instant {
                let (branch, last) = (branch.clone(), last.time);
                let reason = format!(
                    "its last commit is of {last}; load a history from its oldest state on, each into a branch and from a \
                     source (--source) of its own"
                );
                return Err(Error::RecordedAt { instant, branch, reason });
            }
        }
        Ok(instant)
    }

    /// Returns the thread's first commit.
    pub(in crate::graph) fn first(&self) -> Result<Snapshot, Error> {
        let first = self.index.tables()?.commit_at(0, 1)?;
        self.snapshot_at(first.ok_or_else(|| Error::UnknownBranch(MAIN.to_owned()))?.commit.id)
    }

    /// Returns the vendor branch's present version, and its head where it exists; it begins at the thread's first commit.
    fn vendor(&self, branch: &str) -> Result<(Snapshot, Option<CommitId>), Error> {
        let tables = self.index.tables()?;
        if tables.reference(&branch_ref(branch))?.is_some() {
            let head = self.head(branch)?;
            let id = head.commit().id;
            return Ok((head, Some(id)));
        }
        Ok((self.first()?, None))
    }

    /// Merges what the source changed into the target.
    fn merged<'a>(
        &self,
        target: &'a Snapshot,
        vendor: &Snapshot,
        change: &Transaction<'_>,
        merged_before: bool,
        branch: &str,
        resolutions: &[Resolution],
    ) -> Result<Transaction<'a>, Error> {
        let base = if merged_before { vendor.clone() } else { self.merge_base(target, vendor)? };
        let mut theirs = Transaction::new(&base);
        let mut roots: BTreeSet<String> = change.edits.keys().cloned().collect();
        if base.commit().id != vendor.commit().id {
            // An earlier import stopped between its two commits: what it recorded is merged too.
            self.each_delta(base.commit().id, vendor.commit().id, &mut |delta| {
                let statements = delta.before.iter().chain(&delta.after);
                roots.extend(statements.map(|statement| root(&statement.subject).into_string()));
                Ok(())
            })?;
        }
        // What an import notes for itself stays on the branch of its source.
        let roots = roots.into_iter().map(NamedNode::new_unchecked);
        for root in roots.filter(|root| !is_import_note(root)) {
            let after = match change.edits.get(root.as_str()) {
                Some(edit) => edit.after().clone(),
                None => vendor.whole_resource(&root)?.into(),
            };
            theirs.put(&root, after)?;
        }
        theirs.settle()?;
        self.keep_values_of_others(&mut theirs, branch)?;
        let mut merged = Transaction::new(target);
        let mut decisions = Decisions::new(resolutions, target.ontology())?;
        let side = Theirs::made(&theirs);
        let mut conflicts = merge_edits(theirs, &mut merged, &mut decisions)?;
        merged.settle()?;
        settle_links(&mut merged, &side, std::slice::from_ref(&base), &mut decisions, &mut conflicts)?;
        if !conflicts.is_empty() {
            // The other side is not committed yet.
            for conflict in &mut conflicts {
                conflict.ours_commit = target.last_change(&conflict.subject, conflict.predicate.as_ref())?;
            }
            let (expected, head) = (base.commit().id, target.commit().id);
            return Err(Error::Conflict(Box::new(Divergence { expected, head, conflicts })));
        }
        decisions.all_used()?;
        merged.settle()?;
        Ok(merged)
    }

    /// Keeps what this source no longer has but another one does; a value that it replaces goes all the same.
    fn keep_values_of_others(&self, theirs: &mut Transaction<'_>, branch: &str) -> Result<(), Error> {
        let own = branch_ref(branch);
        let mut others = Vec::new();
        for (reference, id) in self.index.tables()?.references(&branch_ref(&vendor_branch("")))? {
            if reference != own {
                others.push(self.snapshot_at(id)?);
            }
        }
        for edit in theirs.edits.values_mut() {
            let replaced = |removed: &Statement| {
                edit.after()
                    .iter()
                    .any(|new| new.subject == removed.subject && new.predicate == removed.predicate)
            };
            let removed = edit.differences().filter(|(old, comes)| !comes && !replaced(old));
            let removed: Vec<_> = removed.map(|(old, _)| old.clone()).collect();
            for statement in removed {
                for other in &others {
                    if other.has_equal(&statement)? {
                        edit.change().insert(statement.clone());
                        break;
                    }
                }
            }
        }
        theirs.settle()
    }

    /// Returns whether the target has all that a vendor branch has: only the layout of the files came after.
    fn is_taken(&self, target: &Snapshot, vendor: &Snapshot) -> Result<bool, Error> {
        let base = self.merge_base(target, vendor)?;
        let mut is_equal = true;
        self.each_delta_after(base.commit().id, vendor.commit().id, None, &mut |_| {
            is_equal = false;
            Ok(false)
        })?;
        Ok(is_equal)
    }

    fn merge_base(&self, target: &Snapshot, vendor: &Snapshot) -> Result<Snapshot, Error> {
        let (a, b) = (target.commit().id, vendor.commit().id);
        let bases = self.read().merge_bases(a, b)?;
        match bases.as_slice() {
            [base] => self.snapshot_at(*base),
            // A vendor branch is one line that nothing is merged into, so the best ancestor is one or none.
            _ => Err(Error::Unrelated { a, b }),
        }
    }
}

/// Refuses statements about notes that the source itself makes, and notes that are none.
fn refuse_notes(statements: &[Statement], notes: &[Statement]) -> Result<(), Error> {
    let found = [stated_notes(statements), stray_notes(notes)].concat();
    if found.is_empty() { Ok(()) } else { Err(Error::Violations(found)) }
}

/// Refuses to go on with what nobody waits for any more.
fn still_wanted(wanted: &Cancellation) -> Result<(), Error> {
    wanted.check().map_err(|why| Error::Index(IndexError::Cancelled(why)))
}

/// Returns what statements call an installation.
fn installations(statements: &[Statement]) -> BTreeSet<NamedNode> {
    let class = Term::from(tl::INSTALLATION.into_owned());
    let is_one = |own: &&Statement| own.predicate.as_ref() == rdf::TYPE && own.object == class;
    statements.iter().filter(is_one).map(|own| own.subject.clone()).collect()
}

/// Notes of violations what would still mend them: cutting what the import itself `brought`, and completing, unless that is done.
fn with_remedies(
    mut violations: Vec<Violation>,
    brought: &BTreeSet<NamedNode>,
    is_completed: bool,
) -> Vec<Violation> {
    for violation in &mut violations {
        if let Some(overlap) = &mut violation.overlap {
            overlap.is_within_import =
                brought.contains(&violation.resource) && brought.contains(&overlap.with);
            overlap.is_open &= !is_completed;
        }
    }
    violations
}

/// Ends the installations without an end that the merged result implies one for; what is recorded of the same stay without its
/// start becomes part of it.
fn complete(merged: &mut Transaction<'_>) -> Result<Vec<Completion>, Error> {
    let touched: BTreeSet<NamedNode> = merged.added().map(|statement| statement.subject.clone()).collect();
    let completions = merged.snapshot.ontology().complete_installations(&merged.overlay(), &touched)?;
    for completion in &completions {
        let subject = &completion.installation;
        let to = Literal::new_typed_literal(completion.to.to_string(), xsd::DATE_TIME);
        let mut added = vec![Statement::new(subject.clone(), tl::TO, to)];
        let reason = completion.removal_reason.clone();
        added.extend(reason.map(|reason| Statement::new(subject.clone(), tl::REMOVAL_REASON, reason)));
        merged.whole_resource(subject)?.change().extend(added.into_iter().map(canonical_statement));
        if completion.absorbs {
            merged.retire(&completion.by)?;
        }
    }
    merged.settle()?;
    Ok(completions)
}

/// Returns the design revisions that become RELEASED.
fn released(merged: &Transaction<'_>) -> Vec<NamedNode> {
    let is_release = |statement: &&Statement| {
        statement.predicate.as_ref() == tl::STATUS
            && matches!(&statement.object, Term::Literal(status) if status.value() == "RELEASED")
    };
    let is_revision = |subject: &&NamedNode| {
        let about = merged.edits.get(root(subject).as_str()).map_or(&[][..], |edit| &**edit.after());
        let class = Term::from(tl::DESIGN_REVISION.into_owned());
        about.iter().any(|s| s.subject == **subject && s.predicate.as_ref() == rdf::TYPE && s.object == class)
    };
    let subjects = merged.added().filter(is_release).map(|statement| &statement.subject);
    let released: BTreeSet<NamedNode> = subjects.filter(is_revision).cloned().collect();
    released.into_iter().collect()
}

/// Adds to a message how many installations got an end.
fn with_completions(message: String, completions: usize) -> String {
    match completions {
        0 => message,
        1 => format!("{message}\n\n1 installation without an end got the one that another implies."),
        _ => {
            format!("{message}\n\n{completions} installations without an end got the ones that others imply.")
        }
    }
}

/// Adds to a message how many installations were cut.
fn with_cuts(message: String, cuts: usize) -> String {
    match cuts {
        0 => message,
        1 => format!("{message}\n\n1 installation was cut where it overlaps another."),
        _ => format!("{message}\n\n{cuts} installations were cut where they overlap others."),
    }
}

/// Makes the transaction after which the vendor branch has exactly `statements` of what they name, and where they are
/// all that there is, of everything.
fn transaction_of(
    vendor: &Snapshot,
    statements: Vec<Statement>,
    prune: bool,
) -> Result<Transaction<'_>, Error> {
    let mut by_resource: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        by_resource.entry(root(&statement.subject).into_string()).or_default().push(statement);
    }
    let mut change = Transaction::new(vendor);
    for root in if prune { vendor.roots()? } else { Vec::new() } {
        if !by_resource.contains_key(root.as_str()) {
            change.put(&root, StatementSet::default())?;
        }
    }
    for (root, after) in by_resource {
        change.put(&NamedNode::new_unchecked(root), after.into())?;
    }
    Ok(change)
}
