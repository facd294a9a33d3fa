//! Refs that the index knows and Git no longer has: a disk lost the file, a packed ref of long ago appeared in its place, or
//! plain Git deleted the ref or set it back.
//!
//! The service records in the index that it deletes a ref before it does, so whatever else is missing was not deleted by it. What
//! it never deletes or moves back is restored: kept versions, the branches of sources, and `main`. Anybody may delete another branch
//! or a tag with plain Git, so that stays deleted; but it is reported with the command that restores it, and its history is kept
//! under `refs/throughline/lost/` until somebody deletes that ref.
//!
//! A ref whose file is garbled, or whose line of `packed-refs` was, is restored whichever it is: no tool deletes a ref so. Only where the
//! index may lack its last commits is it left as it is, and refused with the command that restores it.

use crate::graph::error::Error;
use crate::graph::git::store::History;
use crate::graph::git::values::Unreadable;
use crate::graph::model::commit::CommitId;
use crate::graph::model::indexed_refs::Stamps;
use crate::graph::model::ref_name::{LOST, MAIN, branch_ref, is_vendor, kept_ref};
use std::collections::BTreeMap;
use std::path::Path;

/// What is done about lost refs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnLoss {
    /// Restore or keep them. The stamps may be older than the last acknowledged commits where the process was killed.
    Restore {
        /// Whether commits may have been acknowledged after the stamps.
        may_lag: bool,
    },
    /// Name those that are never deleted as unreadable, and write nothing.
    Report,
    /// Take Git as it is.
    Ignore,
}

/// A ref that is missing or was set back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LostRef {
    /// Its full name.
    pub(crate) name: String,
    /// The last commit that the index knows of it.
    pub(crate) commit: CommitId,
    /// Where it is now, if anywhere.
    pub(crate) now: Option<CommitId>,
}

impl Stamps {
    /// Finds the refs that Git no longer has, or has at a commit that does not follow the one that the index knows.
    pub(in crate::graph) fn lost(
        &self,
        history: &History,
        refs: &BTreeMap<String, CommitId>,
    ) -> Vec<LostRef> {
        let lost = |(name, id): (&String, &CommitId)| {
            let now = refs.get(name).copied();
            let is_lost = match now {
                None => !self.deleting.contains(name),
                Some(now) => now != *id && !follows(history, now, *id),
            };
            is_lost.then(|| LostRef { name: name.clone(), commit: *id, now })
        };
        self.refs.iter().chain(&self.replaced).chain(&self.unreadable).filter_map(lost).collect()
    }
}

/// Returns whether a commit is behind another one; what cannot be read is not.
fn follows(history: &History, later: CommitId, earlier: CommitId) -> bool {
    history.merge_bases(earlier, later).is_ok_and(|bases| bases == [earlier])
}

/// Settles what is lost, before the index is brought up to `refs`.
pub(in crate::graph) fn settle(
    history: &History,
    stamps: &Stamps,
    (refs, unreadable): (&mut BTreeMap<String, CommitId>, &mut Unreadable),
    on_loss: OnLoss,
) -> Result<(), Error> {
    if on_loss == OnLoss::Ignore {
        return Ok(());
    }
    settle_garbled(history, stamps, (refs, unreadable), on_loss)?;
    let mut lost = stamps.lost(history, refs);
    // A ref that is there and cannot be read is not lost.
    lost.retain(|lost| !unreadable.contains_key(&lost.name));
    for lost in lost {
        match on_loss {
            OnLoss::Restore { may_lag } => {
                lost.settle(
                    history,
                    refs,
                    unreadable,
                    may_lag || stamps.may_lag || !stamps.replaced.is_empty(),
                )?;
            }
            OnLoss::Report | OnLoss::Ignore => lost.report(unreadable),
        }
    }
    Ok(())
}

/// Restores the refs whose files are garbled, or reports what the index knows of them.
fn settle_garbled(
    history: &History,
    stamps: &Stamps,
    (refs, unreadable): (&mut BTreeMap<String, CommitId>, &mut Unreadable),
    on_loss: OnLoss,
) -> Result<(), Error> {
    for (name, reason) in std::mem::take(unreadable) {
        if !history.is_garbled(&name) {
            unreadable.insert(name, reason);
            continue;
        }
        let known = stamps.known(&name).filter(|commit| history.commit(*commit).is_ok());
        let may_restore = match on_loss {
            OnLoss::Restore { may_lag } => {
                let may_lag = may_lag || stamps.may_lag || !stamps.replaced.is_empty();
                !may_lag || name.starts_with(&kept_ref(""))
            }
            OnLoss::Report | OnLoss::Ignore => false,
        };
        match known {
            Some(commit) if may_restore => {
                history.replace_garbled(&name, commit)?;
                tracing::error!("the file of {name} was garbled ({reason}); it is restored at {commit}");
                refs.insert(name, commit);
            }
            _ => {
                let reason = format!("{reason}; {}", garbled_advice(history.folder(), &name, known));
                unreadable.insert(name, reason);
            }
        }
    }
    Ok(())
}

/// Returns what to do about a ref whose file is garbled.
pub(in crate::graph) fn garbled_advice(git: &Path, name: &str, known: Option<CommitId>) -> String {
    let (file, git) = (git.join(name), git.display());
    let last = match known {
        Some(commit) => format!("the index knows it last at {commit}"),
        None => format!("the index does not know it; git -C {git} fsck --unreachable lists commits"),
    };
    let commit = known.map_or("COMMIT".to_owned(), |commit| commit.to_string());
    format!(
        "{last}: stop the service, then: rm -f {}; git -C {git} update-ref {name} {commit}",
        file.display()
    )
}

/// Restores or keeps what is lost, before the index that has the stamps is replaced.
pub(in crate::graph) fn restore(history: &History, stamps: &Stamps, may_lag: bool) -> Result<(), Error> {
    let (mut refs, mut unreadable) = history.refs()?;
    settle(history, stamps, (&mut refs, &mut unreadable), OnLoss::Restore { may_lag })
}

impl LostRef {
    /// Returns whether the service never deletes the ref.
    fn is_permanent(&self) -> bool {
        let branch = self.name.strip_prefix("refs/heads/").unwrap_or_default();
        self.is_kept() || branch == MAIN || is_vendor(branch)
    }

    /// Returns whether the ref never moves.
    fn is_kept(&self) -> bool {
        self.name.starts_with(&kept_ref(""))
    }

    fn report(self, unreadable: &mut Unreadable) {
        if self.now.is_none() && self.is_permanent() {
            let reason = format!("Git has no ref {}, and the index knows it at {}", self.name, self.commit);
            unreadable.insert(self.name, reason);
        }
    }

    fn settle(
        self,
        history: &History,
        refs: &mut BTreeMap<String, CommitId>,
        unreadable: &mut Unreadable,
        may_lag: bool,
    ) -> Result<(), Error> {
        let git = history.folder();
        if let Err(error) = history.commit(self.commit) {
            let reason = self.unreadable(&error);
            tracing::error!("{reason}; throughline fsck names what is damaged");
            if self.now.is_none() {
                unreadable.insert(self.name, reason);
            }
            return Ok(());
        }
        if self.name == branch_ref(MAIN) && self.now.is_none() && may_lag {
            return Err(Error::LostMain { git: git.to_owned(), commit: self.commit });
        }
        let is_damage = self.now.is_none() && history.has_lost_lines() && !may_lag;
        if self.is_kept() || is_damage || self.is_permanent() && self.now.is_none() {
            if history.move_ref(&self.name, self.commit, self.now)? {
                tracing::error!("{}", self.restored(git, may_lag));
                refs.insert(self.name, self.commit);
            }
            return Ok(());
        }
        let kept_as = format!("{LOST}{}/{}", self.name.trim_start_matches("refs/"), self.commit);
        if history.reference(&kept_as)?.is_none() {
            history.move_ref(&kept_as, self.commit, None)?;
        }
        tracing::error!("{}", self.left(git, &kept_as));
        Ok(())
    }

    fn unreadable(&self, error: &git2::Error) -> String {
        let Self { name, commit, .. } = self;
        format!(
            "Git has lost {name}, and the last commit that the index knows of it, {commit}, cannot be read: {error}"
        )
    }

    fn restored(&self, git: &Path, may_lag: bool) -> String {
        let Self { name, commit, .. } = self;
        let later = if may_lag && !self.is_kept() {
            let git = git.display();
            format!(
                "; later commits may be missing, as the process was killed: git -C {git} fsck --unreachable lists them"
            )
        } else {
            String::new()
        };
        format!("Git had lost {name}, which is restored at {commit}{later}")
    }

    fn left(&self, git: &Path, kept_as: &str) -> String {
        let Self { name, commit, now } = self;
        let what = match now {
            None => format!("{name} is no longer in Git: it was deleted outside the service, or lost"),
            Some(now) => {
                format!("{name} was set back to {now} outside the service, or by the loss of its file")
            }
        };
        let git = git.display();
        format!(
            "{what}; its last commit, {commit}, is kept as {kept_as}; to bring it back, stop the service and run: git -C {git} update-ref {name} {commit}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_reported_with_the_command_that_restores_it() {
        let check = |now: Option<u8>, expect: &str| {
            let name = "refs/heads/team/try".to_owned();
            let lost =
                LostRef { name, commit: CommitId([0xab; 20]), now: now.map(|byte| CommitId([byte; 20])) };
            let report = lost.left(Path::new("/data/thread.git"), "refs/throughline/lost/heads/team/try/C");
            assert_eq!(report.replace(&"ab".repeat(20), "C").replace(&"01".repeat(20), "B"), expect);
        };
        let restore = "its last commit, C, is kept as refs/throughline/lost/heads/team/try/C; to bring it back, stop the service and run: git -C /data/thread.git update-ref refs/heads/team/try C";
        check(
            None,
            &format!(
                "refs/heads/team/try is no longer in Git: it was deleted outside the service, or lost; {restore}"
            ),
        );
        check(
            Some(1),
            &format!(
                "refs/heads/team/try was set back to B outside the service, or by the loss of its file; {restore}"
            ),
        );
    }
}
