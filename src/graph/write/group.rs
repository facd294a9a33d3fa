//! Publishing commits that wait together: all their objects are synced at once, each branch moves once to the last of its commits, and
//! one transaction takes all into the index.
//!
//! Each commit was validated against a head of its branch that others may have followed. It follows them as it is where they changed
//! nothing that its validation read, as it would then have come to the same result; else it is validated again.

use super::publish::Moved;
use crate::graph::change::prepared::Prepared;
use crate::graph::error::Error;
use crate::graph::index::read::tables::Tables;
use crate::graph::model::draft::{Draft, Recorded};
use crate::graph::model::failpoint;
use crate::graph::model::request_key::RequestKey;
use crate::graph::read::recent_changes::RecentChanges;
use crate::graph::read::snapshot::{Snapshot, next_instant};
use crate::graph::repository::Repository;
use crate::graph::repository::commit_queue::{Answer, Group, Ticket};
use crate::graph::repository::writer::Writer;

/// The commits of a group that follow one another on a branch.
struct Chain {
    branch: String,
    head: Snapshot,
    recent: RecentChanges,
    members: Vec<Member>,
}

struct Member {
    ticket: Ticket,
    commit: Prepared,
    draft: Draft,
}

impl Repository {
    /// Writes the commits that wait as one group, once nobody else writes.
    pub(super) fn publish_waiting(&self, group: &mut Group<'_>) -> Result<(), Error> {
        let mut writer = self.writer()?;
        let commits = group.take();
        let answers = self.publish_group(&mut writer, commits)?;
        group.answer(answers);
        Ok(())
    }

    /// Writes commits together; each is answered for itself.
    pub(super) fn publish_group(
        &self,
        writer: &mut Writer,
        commits: Vec<(Ticket, Prepared)>,
    ) -> Result<Vec<(Ticket, Answer)>, Error> {
        let (mut chains, mut answers) = (Vec::new(), Vec::new());
        let tables = self.index.tables()?;
        for (ticket, commit) in commits {
            match self.join(writer, &tables, &mut chains, ticket, commit) {
                Ok(None) => {}
                Ok(Some(ticket)) => answers.push((ticket, Ok(None))),
                Err(error) => answers.push((ticket, Err(error))),
            }
        }
        let (chains, empty): (Vec<_>, Vec<_>) =
            chains.into_iter().partition(|chain| !chain.members.is_empty());
        empty.into_iter().for_each(|chain| writer.remember(chain.branch, chain.recent));
        if !chains.is_empty() {
            self.publish_chains(writer, chains, &mut answers);
        }
        Ok(answers)
    }

    /// Puts a commit behind those of its branch; returns its ticket where it has to be validated again.
    fn join(
        &self,
        writer: &mut Writer,
        tables: &Tables,
        chains: &mut Vec<Chain>,
        ticket: Ticket,
        commit: Prepared,
    ) -> Result<Option<Ticket>, Error> {
        commit.wanted.check_only().map_err(crate::graph::index::Error::from)?;
        let is_made = |key: &str| {
            let members = chains.iter().flat_map(|chain| &chain.members);
            let is_among = members
                .map(|member| &member.commit)
                .any(|other| other.idempotency_key.as_deref() == Some(key));
            Ok::<_, Error>(is_among || !tables.keyed(key)?.is_empty())
        };
        let is_named = |key: &RequestKey| self.is_key_of_name(key);
        if commit.idempotency_key.as_deref().map(is_made).transpose()?.unwrap_or_default()
            || commit.idempotency_key.as_ref().map(is_named).transpose()?.unwrap_or_default()
        {
            return Ok(Some(ticket));
        }
        let place = match chains.iter().position(|chain| chain.branch == commit.branch) {
            Some(place) => place,
            None => {
                chains.push(self.chain(writer, &commit.branch)?);
                chains.len() - 1
            }
        };
        if !chains[place].can_follow(&commit) {
            return Ok(Some(ticket));
        }
        let draft = chains[place].draft(self, &commit)?;
        chains[place].recent.note(tables, &commit.documents)?;
        chains[place].members.push(Member { ticket, commit, draft });
        Ok(None)
    }

    /// Begins a chain at the head of a branch.
    fn chain(&self, writer: &mut Writer, branch: &str) -> Result<Chain, Error> {
        let head = self.head(branch)?;
        let recent = writer.recent.remove(branch).filter(|recent| recent.is_at(&head));
        let recent = recent.unwrap_or_else(|| RecentChanges::from(&head));
        Ok(Chain { branch: branch.to_owned(), head, recent, members: Vec::new() })
    }

    /// Writes the objects of all chains, moves their branches, and takes into the index what moved.
    fn publish_chains(&self, writer: &mut Writer, chains: Vec<Chain>, answers: &mut Vec<(Ticket, Answer)>) {
        let drafts: Vec<Vec<_>> = chains
            .iter()
            .map(|chain| chain.members.iter().map(|member| (&member.draft, &member.commit.files)).collect())
            .collect();
        let written = writer.written(|history| history.write_chains(&drafts));
        let recorded = match written {
            Ok(recorded) => recorded,
            Err(error) => {
                return answers.extend(refused(chains.into_iter().flat_map(|chain| chain.members), error));
            }
        };
        failpoint::pass("commit written");
        let (mut done, mut moves) = (Vec::new(), Vec::new());
        for (chain, recorded) in chains.into_iter().zip(recorded) {
            match self.move_chain(writer, &chain, &recorded) {
                Ok(moved) => {
                    moves.push(moved);
                    done.push((chain, recorded));
                }
                Err(error) => answers.extend(refused(chain.members, error)),
            }
        }
        let taken: Vec<_> = done
            .iter()
            .flat_map(|(chain, recorded)| recorded.iter().zip(&chain.members).map(move |one| (chain, one)))
            .map(|(chain, (recorded, member))| {
                (recorded.clone(), chain.branch.clone(), member.commit.documents.as_slice())
            })
            .collect();
        if !moves.is_empty() {
            self.index_recorded(moves, &taken);
        }
        drop(taken);
        for (chain, recorded) in done {
            answers.extend(chain.publish(writer, recorded));
        }
    }

    /// Moves a branch to the last commit of its chain.
    fn move_chain(&self, writer: &mut Writer, chain: &Chain, recorded: &[Recorded]) -> Result<Moved, Error> {
        let last = recorded.last().map_or(chain.head.commit().id, |last| last.commit.id);
        let expected = Some(chain.head.commit().id);
        match self.move_branch(writer, &chain.branch, last, expected)? {
            Some(moved) => Ok(moved),
            None => Err(self.moved_meanwhile(writer, &chain.branch, last, expected)),
        }
    }
}

impl Chain {
    /// Returns whether a commit can follow as it is.
    fn can_follow(&self, commit: &Prepared) -> bool {
        let is_closed = self.members.iter().any(|member| member.commit.changes_ontology);
        let is_at_base = self.members.is_empty() && commit.base.commit().id == self.head.commit().id;
        !is_closed
            && (is_at_base || !commit.is_of_base_only && self.recent.leaves(&commit.base, &commit.reads))
    }

    /// Makes the draft of the next commit; its parent is known once the one before it is written.
    fn draft(&self, repository: &Repository, commit: &Prepared) -> Result<Draft, Error> {
        let before = self.members.last().map_or(self.head.commit().time, |member| member.draft.time);
        let draft = Draft {
            parents: vec![self.head.commit().id],
            author: commit.author.clone(),
            time: next_instant(before, &*repository.clock),
            message: commit.message.clone(),
            loaded: None,
            idempotency_key: commit.idempotency_key.clone(),
        };
        repository.refuse_clock(&draft)?;
        Ok(draft)
    }

    /// Remembers what the branch came to, and answers its commits.
    fn publish(self, writer: &mut Writer, recorded: Vec<Recorded>) -> impl Iterator<Item = (Ticket, Answer)> {
        let changes_ontology = self.members.iter().any(|member| member.commit.changes_ontology);
        if let Some(last) = recorded.last().filter(|_| !changes_ontology) {
            let mut recent = self.recent;
            recent.published(last.commit.id);
            writer.remember(self.branch, recent);
        }
        let answer = |(member, recorded): (Member, Recorded)| (member.ticket, Ok(Some(recorded.commit)));
        self.members.into_iter().zip(recorded).map(answer)
    }
}

/// Refuses the first of several commits; the others are tried again, and refused for themselves where that fails too.
fn refused(members: impl IntoIterator<Item = Member>, error: Error) -> Vec<(Ticket, Answer)> {
    let mut error = Some(error);
    members.into_iter().map(|member| (member.ticket, error.take().map_or(Ok(None), Err))).collect()
}

#[cfg(test)]
impl Repository {
    /// Validates requests against one head, and then writes them as one group.
    pub(in crate::graph) fn commit_prepared(
        &self,
        requests: &[super::commit::CommitRequest],
    ) -> Result<Vec<Answer>, Error> {
        let prepared =
            |(number, request): (usize, &super::commit::CommitRequest)| match self.prepare(request)? {
                super::commit::Preparation::Ready(commit, _) => Ok((Ticket::numbered(number), *commit)),
                super::commit::Preparation::Done(_) => Err(Error::Stopped),
            };
        let group = requests.iter().enumerate().map(prepared).collect::<Result<Vec<_>, Error>>()?;
        let mut answers = self.publish_group(&mut *self.writer()?, group)?;
        answers.sort_by_key(|(ticket, _)| *ticket);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }
}
