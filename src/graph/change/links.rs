//! Links to what one side retired while the other links to it: the conflict that a merge by files or by rows does not see.

use super::decisions::Decisions;
use super::transaction::Transaction;
use crate::graph::error::Error;
use crate::graph::model::conflict::{Conflict, ConflictKind, Take};
use crate::graph::model::resource_edit::ResourceEdit;
use crate::graph::model::statement_set::StatementSet;
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::{Statement, root};
use crate::ontology::Data;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

/// The side that is merged: a version, or what is about to be made of one.
pub(crate) struct Theirs<'a> {
    version: &'a Snapshot,
    /// The resources that it is to have otherwise.
    made: BTreeMap<String, StatementSet>,
}

impl<'a> Theirs<'a> {
    pub(crate) fn version(version: &'a Snapshot) -> Self {
        Self { version, made: BTreeMap::new() }
    }

    pub(crate) fn made(by: &Transaction<'a>) -> Self {
        let after = |(root, edit): (&String, &ResourceEdit)| (root.clone(), edit.after().clone());
        Self { version: by.snapshot, made: by.edits.iter().map(after).collect() }
    }

    fn whole_resource(&self, root: &NamedNode) -> Result<StatementSet, Error> {
        match self.made.get(root.as_str()) {
            Some(statements) => Ok(statements.clone()),
            None => Ok(self.version.whole_resource(root)?.into()),
        }
    }

    fn statements(&self, subject: &NamedNode) -> Result<Vec<Statement>, Error> {
        match self.made.get(root(subject).as_str()) {
            Some(statements) => {
                Ok(statements.iter().filter(|one| one.subject == *subject).cloned().collect())
            }
            None => self.version.statements(subject),
        }
    }

    fn exists(&self, subject: &NamedNode) -> Result<bool, Error> {
        match self.made.get(root(subject).as_str()) {
            Some(statements) => Ok(statements.iter().any(|one| one.subject == *subject)),
            None => Ok(self.version.exists(subject)?),
        }
    }
}

/// Finds links to retired subjects in a merged result, mends those that were decided, and adds the others to what conflicts. A
/// subject that conflicts as a whole already is one thing to decide, together with the links to it; and a link that conflicts
/// itself is looked at once that is decided, as only one side has it.
pub(crate) fn settle(
    merged: &mut Transaction<'_>,
    theirs: &Theirs<'_>,
    bases: &[Snapshot],
    decisions: &mut Decisions<'_>,
    conflicts: &mut Vec<Conflict>,
) -> Result<(), Error> {
    loop {
        let (mut open, mut decided) = (Vec::new(), false);
        for (target, links) in dangling(merged, theirs)? {
            match decisions.on(&target, None) {
                Some(take) => {
                    decide(merged, theirs, &target, links, &take)?;
                    decided = true;
                }
                None => open.push((target, links)),
            }
        }
        if !decided {
            open.retain_mut(|(target, links)| {
                links
                    .retain(|link| !conflicts.iter().any(|known| known.is_over(target) || known.holds(link)));
                !links.is_empty()
            });
            for (target, links) in open {
                conflicts.push(conflict(merged, theirs, bases, &target, links)?);
            }
            return Ok(());
        }
        merged.settle()?;
    }
}

type Dangling = BTreeMap<NamedNode, BTreeSet<Statement>>;

/// Finds the removed subjects that something still links to, each with the links.
fn dangling(merged: &Transaction<'_>, theirs: &Theirs<'_>) -> Result<Dangling, Error> {
    let mut found = Dangling::new();
    let mut new_links = merged.added().filter(|statement| {
        matches!(&statement.object, Term::NamedNode(target) if root(target) != root(&statement.subject))
    }).peekable();
    let left = left_behind(merged, theirs)?;
    if left.is_empty() && new_links.peek().is_none() {
        return Ok(found);
    }
    let overlay = merged.overlay();
    let is_removed =
        |subject: &NamedNode| Ok::<_, Error>(overlay.matching(Some(subject), None, None)?.is_empty());
    for (subject, links) in left {
        found.entry(whole(merged, theirs, subject, &is_removed)?).or_default().extend(links);
    }
    for statement in new_links {
        let Term::NamedNode(target) = &statement.object else { continue };
        if theirs.exists(target)? && is_removed(target)? {
            found
                .entry(whole(merged, theirs, target.clone(), &is_removed)?)
                .or_default()
                .insert(statement.clone());
        }
    }
    Ok(found)
}

/// Returns the subjects that vanish while others still link to them, with those links; without links that the other side has
/// although it has retired their target itself. From whichever side such a branch is merged, it keeps them as they are.
fn left_behind(
    merged: &Transaction<'_>,
    theirs: &Theirs<'_>,
) -> Result<Vec<(NamedNode, Vec<Statement>)>, Error> {
    let mut left = Vec::new();
    for (subject, inbound) in merged.dangling()? {
        let theirs_has = theirs.exists(&subject)?;
        let mut links = Vec::new();
        for link in inbound {
            if theirs_has || !theirs.statements(&link.subject)?.contains(&link) {
                links.push(link);
            }
        }
        if !links.is_empty() {
            left.push((subject, links));
        }
    }
    Ok(left)
}

/// Refuses to let a subject vanish by a merge while others still link to it.
pub(in crate::graph) fn refuse_left_behind(
    merged: &Transaction<'_>,
    theirs: &Theirs<'_>,
) -> Result<(), Error> {
    match left_behind(merged, theirs)?.into_iter().next() {
        Some((resource, inbound)) => Err(merged.linked(resource, inbound)?),
        None => Ok(()),
    }
}

/// Returns what is at stake with a subject: its resource where that was there and was removed too, as fragments go with it.
fn whole(
    merged: &Transaction<'_>,
    theirs: &Theirs<'_>,
    subject: NamedNode,
    is_removed: &dyn Fn(&NamedNode) -> Result<bool, Error>,
) -> Result<NamedNode, Error> {
    let root = root(&subject);
    let was_there = merged.snapshot.exists(&root)? || theirs.exists(&root)?;
    Ok(if was_there && is_removed(&root)? { root } else { subject })
}

/// Takes the side that has the subject, or drops the links to it.
fn decide(
    merged: &mut Transaction<'_>,
    theirs: &Theirs<'_>,
    target: &NamedNode,
    links: BTreeSet<Statement>,
    take: &Take,
) -> Result<(), Error> {
    let fragment = format!("{}#", target.as_str());
    let of = |s: &Statement| s.subject == *target || s.subject.as_str().starts_with(&fragment);
    let side = match take {
        Take::Ours => merged.snapshot.whole_resource(&root(target))?.into(),
        _ => theirs.whole_resource(&root(target))?,
    };
    let statements: Vec<_> = side.iter().filter(|one| of(one)).cloned().collect();
    let links = if statements.is_empty() { links } else { beyond(&statements, links) };
    if !statements.is_empty() {
        merged.whole_resource(target)?.change().extend(statements);
    }
    // Each turn mends every link: by its target, which is back, or by its own end.
    for link in links {
        merged.whole_resource(&link.subject)?.change().remove(&link);
    }
    Ok(())
}

/// Returns the links whose target is not a subject of the statements.
fn beyond(statements: &[Statement], links: BTreeSet<Statement>) -> BTreeSet<Statement> {
    let is_described =
        |link: &Statement| statements.iter().any(|s| Term::from(s.subject.clone()) == link.object);
    links.into_iter().filter(|link| !is_described(link)).collect()
}

fn conflict(
    merged: &Transaction<'_>,
    theirs: &Theirs<'_>,
    bases: &[Snapshot],
    target: &NamedNode,
    links: BTreeSet<Statement>,
) -> Result<Conflict, Error> {
    let objects =
        |statements: Vec<Statement>| statements.into_iter().map(|statement| statement.object).collect();
    let base = bases.first().map(|base| base.statements(target)).transpose()?;
    Ok(Conflict {
        base: objects(base.unwrap_or_default()),
        ours: objects(merged.snapshot.statements(target)?),
        theirs: objects(theirs.statements(target)?),
        links: links.into_iter().collect(),
        ..Conflict::new(ConflictKind::RetiredAndLinked, target.clone(), None)
    })
}
