//! Import as a vendor branch: source S commits exactly what its file says to `import/S`, then that is merged three-way
//! into the target. So a re-export updates what the source owns and never wipes what was authored here.

use super::bulk::Publication;
use super::commit::{Author, Commit};
use super::document::root;
use super::error::{Conflict, Error};
use super::history::Draft;
use super::literal::canonical_statement;
use super::merge::{Decisions, Resolution, Theirs, settle_links};
use super::overlay::Overlay;
use super::repository::{Repository, Writer, merge_families};
use super::said::Said;
use super::snapshot::Snapshot;
use super::transaction::Transaction;
use super::version::{MAIN, branch_ref, is_vendor, vendor_branch};
use crate::model::statement::Statement;
use crate::ontology::Cut;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// What an import is asked for.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// The name of the source; its vendor branch is `import/NAME`.
    pub source: String,
    /// The branch that takes what the source says.
    pub into: String,
    /// What the commits say of themselves.
    pub message: String,
    /// Who imports.
    pub author: Author,
    /// What the source says: all of it about each resource that it names.
    pub statements: Vec<Statement>,
    /// Whether the statements are all that the source says, so that resources which it no longer names are retired;
    /// else those stay as the source last told them.
    pub prune: bool,
    /// What is decided of clashes with work done here.
    pub resolutions: Vec<Resolution>,
    /// Whether installations among the statements that overlap each other are cut; else they are violations.
    pub cut_overlaps: bool,
    /// A tag to make of what the target branch comes to: the source's baseline.
    pub tag: Option<String>,
}

/// What an import came to.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The head of the target branch afterwards.
    pub commit: Commit,
    /// How many statements came or went on the target branch.
    pub changed: usize,
    /// The installations that were cut, in the order of their names.
    pub cuts: Vec<Cut>,
}

impl Repository {
    /// Imports what a source says. The same content again makes no commit. What clashes with work done here is
    /// refused as a conflict, and what the merged result breaks as violations; then nothing has changed. A tag that
    /// cannot be made is refused before anything is written.
    pub fn import(&self, mut request: ImportRequest) -> Result<Imported, Error> {
        if is_vendor(&request.into) {
            return Err(Error::VendorBranch(request.into));
        }
        let mut writer = self.writer()?;
        let Some(tag) = request.tag.take() else { return self.take_from(&mut writer, request) };
        self.refuse_tag(&tag)?;
        let (author, message) = (request.author.clone(), request.message.clone());
        let imported = self.take_from(&mut writer, request)?;
        self.tag_held(&mut writer, &tag, imported.commit.id, &author, &message)?;
        Ok(imported)
    }

    /// Takes what a source says.
    fn take_from(&self, writer: &mut Writer, request: ImportRequest) -> Result<Imported, Error> {
        let branch = vendor_branch(&request.source);
        let target = self.head(&request.into)?;
        let (vendor, vendor_head) = self.vendor(&branch)?;
        let ImportRequest { into, message, author, statements, prune, resolutions, .. } = request;
        let (statements, cuts) = if request.cut_overlaps {
            let mut statements = statements;
            statements.sort_unstable();
            statements.dedup();
            let overlay = Overlay::new(&target, [], [statements.as_slice()]);
            target.ontology().cut_overlaps(&overlay, &statements)?
        } else {
            (statements, Vec::new())
        };
        let message = with_cuts(message, cuts.len());
        if vendor_head.is_none() {
            self.refuse_name("branch", &branch, &branch_ref(&branch))?;
        }
        let mut said = transaction_of(&vendor, statements, prune)?;
        said.settle()?;
        let merged_before =
            writer.history.merge_bases(target.commit().id, vendor.commit().id)? == [vendor.commit().id];
        if said.families.is_empty() && merged_before {
            return Ok(Imported { commit: target.commit().clone(), changed: 0, cuts });
        }
        let merged = self.merged(&target, &vendor, &said, merged_before, &branch, &resolutions)?;
        let (violations, said_files) = std::thread::scope(|scope| {
            let texts = scope.spawn(|| said.files());
            (merged.validate(), texts.join())
        });
        let violations = violations?;
        if !violations.is_empty() {
            return Err(Error::Violations(violations));
        }
        let said_files = said_files.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (changed, is_said) = (merged.changed(), !said.families.is_empty());
        // An import of any size holds its statements once from here on.
        let other = if said.families == merged.families { None } else { Some(merged.files()) };
        let other = other.map(|files| (files, merged.into_deltas()));
        let said_deltas = said.into_deltas();
        let (files, deltas) = other.as_ref().map_or((&said_files, &said_deltas), |(f, d)| (f, d));
        let time = vendor.next_instant(&*self.clock).max(target.next_instant(&*self.clock));
        let said_draft =
            Draft { parents: vec![vendor.commit().id], author, time, message, idempotency_key: None };
        let mut draft =
            Draft { parents: vec![target.commit().id], time: time.plus_nanos(1), ..said_draft.clone() };
        if !is_said {
            draft.parents.push(vendor.commit().id);
            let commit = self.publish(writer, &into, &target, &draft, files, deltas)?;
            return Ok(Imported { commit, changed, cuts });
        }
        let vendor_head = vendor_head.map(|head| head.commit().id);
        let said = Publication {
            branch: &branch,
            head: vendor_head,
            draft: &said_draft,
            files: &said_files,
            deltas: &said_deltas,
        };
        let merge =
            Publication { branch: &into, head: Some(target.commit().id), draft: &draft, files, deltas };
        let commit = self.publish_merged(writer, said, merge)?;
        Ok(Imported { commit, changed, cuts })
    }

    /// Returns what the vendor branch says now, and its head where it exists; it begins at the thread's first commit.
    fn vendor(&self, branch: &str) -> Result<(Snapshot, Option<Snapshot>), Error> {
        let tables = self.index.tables()?;
        if tables.reference(&branch_ref(branch))?.is_some() {
            let head = self.head(branch)?;
            return Ok((head.clone(), Some(head)));
        }
        let first = tables.commit_at(0, 1)?.ok_or_else(|| Error::UnknownBranch(MAIN.to_owned()))?;
        Ok((self.snapshot_at(first.commit.id)?, None))
    }

    /// Merges what the source changed into the target.
    fn merged<'a>(
        &self,
        target: &'a Snapshot,
        vendor: &Snapshot,
        said: &Transaction<'_>,
        merged_before: bool,
        branch: &str,
        resolutions: &[Resolution],
    ) -> Result<Transaction<'a>, Error> {
        let base = if merged_before { vendor.clone() } else { self.merge_base(target, vendor)? };
        let mut theirs = Transaction::new(&base);
        let mut roots: BTreeSet<String> = said.families.keys().cloned().collect();
        if base.commit().id != vendor.commit().id {
            // An earlier import stopped between its two commits: what it said is merged too.
            let deltas = self.deltas(base.commit().id, vendor.commit().id)?;
            roots.extend(
                deltas
                    .iter()
                    .flat_map(|delta| delta.before.iter().chain(&delta.after))
                    .map(|s| root(&s.subject).into_string()),
            );
        }
        for root in roots {
            let after = match said.families.get(&root) {
                Some(family) => family.after().clone(),
                None => vendor.family(&NamedNode::new_unchecked(&root))?.into(),
            };
            theirs.put(&NamedNode::new_unchecked(root), after)?;
        }
        theirs.settle()?;
        self.keep_what_others_say(&mut theirs, branch)?;
        let mut merged = Transaction::new(target);
        let mut decisions = Decisions::new(resolutions)?;
        let side = Theirs::made(&theirs);
        let mut clashes = merge_families(theirs, &mut merged, &mut decisions)?;
        merged.settle()?;
        settle_links(&mut merged, &side, std::slice::from_ref(&base), &mut decisions, &mut clashes)?;
        if !clashes.is_empty() {
            // The other side is not committed yet.
            for clash in &mut clashes {
                clash.ours_commit = target.last_change(&clash.subject, clash.predicate.as_ref())?;
            }
            let (expected, head) = (base.commit().id, target.commit().id);
            return Err(Error::Conflict(Box::new(Conflict { expected, head, clashes })));
        }
        decisions.all_used()?;
        merged.settle()?;
        Ok(merged)
    }

    /// Keeps what this source no longer says but another one does; a value that it replaces goes all the same.
    fn keep_what_others_say(&self, theirs: &mut Transaction<'_>, branch: &str) -> Result<(), Error> {
        let own = branch_ref(branch);
        let mut others = Vec::new();
        for (reference, id) in self.index.tables()?.references(&branch_ref(&vendor_branch("")))? {
            if reference != own {
                others.push(self.snapshot_at(id)?);
            }
        }
        for family in theirs.families.values_mut() {
            let replaced = |gone: &Statement| {
                family
                    .after()
                    .iter()
                    .any(|new| new.subject == gone.subject && new.predicate == gone.predicate)
            };
            let gone = family.differences().filter(|(old, comes)| !comes && !replaced(old));
            let gone: Vec<_> = gone.map(|(old, _)| old.clone()).collect();
            for statement in gone {
                for other in &others {
                    if other.origin(&statement)?.is_some() {
                        family.change().insert(statement.clone());
                        break;
                    }
                }
            }
        }
        theirs.settle()
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

/// Adds to a message how many installations were cut.
fn with_cuts(message: String, cuts: usize) -> String {
    match cuts {
        0 => message,
        1 => format!("{message}\n\n1 installation was cut where it overlaps another."),
        _ => format!("{message}\n\n{cuts} installations were cut where they overlap others."),
    }
}

/// Makes the transaction after which the vendor branch says exactly `statements` of what they name, and where they are
/// all that there is, of everything.
fn transaction_of(
    vendor: &Snapshot,
    statements: Vec<Statement>,
    prune: bool,
) -> Result<Transaction<'_>, Error> {
    let mut families: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        let statement = canonical_statement(statement);
        families.entry(root(&statement.subject).into_string()).or_default().push(statement);
    }
    let mut said = Transaction::new(vendor);
    for root in if prune { vendor.roots()? } else { Vec::new() } {
        if !families.contains_key(root.as_str()) {
            said.put(&root, Said::default())?;
        }
    }
    for (root, after) in families {
        said.put(&NamedNode::new_unchecked(root), after.into())?;
    }
    Ok(said)
}
