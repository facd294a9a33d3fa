//! Bringing branches to the newest format: one commit each, in which every document keeps its text and comes to lie where that
//! format puts it. No statement changes, so no resource's history, blame or suspicion knows of it, and older
//! commits keep their layout.

use crate::graph::error::Error;
use crate::graph::git::store::History;
use crate::graph::git::values::{Files, Move};
use crate::graph::model::commit::{Author, Commit, CommitId};
use crate::graph::model::draft::Draft;
use crate::graph::model::failpoint;
use crate::graph::model::fault::Fault;
use crate::graph::repository::Repository;
use crate::graph::sync::tree_check::resource;
use crate::graph::text::format::{Format, SETTINGS};
use crate::graph::text::{document, turtle};

/// What became of a branch.
#[derive(Clone, Debug)]
pub struct Migrated {
    /// The branch.
    pub branch: String,
    /// Its head now.
    pub commit: Commit,
    /// How many documents came to lie elsewhere.
    pub documents: usize,
}

impl Repository {
    /// Brings every branch whose head is of an earlier format to the newest one; returns those. Each branch is moved by itself: where
    /// the process is stopped half-way, a second run brings the rest.
    pub fn migrate(&self, author: &Author) -> Result<Vec<Migrated>, Error> {
        let mut writer = self.writer()?;
        let mut migrated = Vec::new();
        for (branch, head) in self.branches()? {
            if writer.history.format(head.id)? == Format::NEWEST {
                continue;
            }
            let head = self.head(&branch)?;
            let id = head.commit().id;
            let moves = moves(&writer.history, id)?;
            let draft = Draft {
                parents: vec![id],
                author: author.clone(),
                time: head.next_instant(&*self.clock),
                loaded: None,
                message: format!("Lay the files out as format {} has them", Format::NEWEST),
                idempotency_key: None,
            };
            let settings = Format::NEWEST.settings(self.base()).into_bytes();
            let others = Files::from([(SETTINGS.to_owned(), Some(settings))]);
            let recorded = writer.written(|history| history.write_moved(&draft, &moves, &others))?;
            failpoint::pass("commit written");
            let commit = recorded.commit.clone();
            let Some(moved) = self.move_branch(&mut writer, &branch, commit.id, Some(id))? else {
                return Err(self.moved_meanwhile(&writer, &branch, commit.id, Some(id)));
            };
            self.index_recorded([moved], &[(recorded, branch.clone(), &[])]);
            migrated.push(Migrated { branch, commit, documents: moves.len() });
        }
        Ok(migrated)
    }
}

/// Returns where each document of a commit lies, and where it is to lie.
fn moves(history: &History, at: CommitId) -> Result<Vec<Move>, Error> {
    let mut moves = Vec::new();
    for file in history.changed_files(None, at)? {
        let Some(blob) =
            file.after.filter(|_| file.path.ends_with(".ttl") && !file.path.starts_with("ontology/"))
        else {
            continue;
        };
        let statements = turtle::read(&history.blob(blob)?, &file.path)?;
        let described = resource(&statements)
            .map_err(|reason| Error::Faults(vec![Fault { commit: at, file: file.path.clone(), reason }]))?;
        let to = document::path(&described, Format::NEWEST);
        moves.push(Move { from: file.path, to, blob });
    }
    Ok(moves)
}
