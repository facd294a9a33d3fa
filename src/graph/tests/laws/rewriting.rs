//! What plain Git may do to the refs, and the index that follows.

use super::plain_store;
use super::*;

/// Something done to the repository behind the service's back.
#[derive(Clone, Debug)]
enum Rewriting {
    /// Moves a branch (main among them) to any commit that is still there.
    Move { branch: usize, to: usize },
    /// Deletes a branch other than main.
    Drop { branch: usize },
    /// Makes a branch at any commit.
    Make { at: usize },
    /// Copies the head of a branch with another message, as `git commit --amend` does.
    Amend { branch: usize },
    /// Packs the refs and objects anew, without what nothing reaches any more.
    Collect,
}

fn rewriting() -> impl Strategy<Value = Rewriting> {
    prop_oneof![
        4 => (0..4_usize, 0..30_usize).prop_map(|(branch, to)| Rewriting::Move { branch, to }),
        1 => (1..4_usize).prop_map(|branch| Rewriting::Drop { branch }),
        1 => (0..30_usize).prop_map(|at| Rewriting::Make { at }),
        1 => (0..4_usize).prop_map(|branch| Rewriting::Amend { branch }),
        1 => Just(Rewriting::Collect),
    ]
}

fn rewrite(folder: &Path, commits: &[CommitId], rewriting: &Rewriting) {
    let git = plain_store::git(folder);
    let oid = |at: usize| git2::Oid::from_bytes(&commits[at % commits.len()].0).expect("an id");
    let mut branches: Vec<String> = git
        .references_glob("refs/heads/*")
        .expect("refs")
        .map(|reference| reference.expect("a ref").name().expect("a name").to_owned())
        .filter(|name| !name.starts_with("refs/heads/import/") && name != "refs/heads/main")
        .collect();
    branches.insert(0, "refs/heads/main".to_owned());
    let branch = |at: usize| branches[at % branches.len()].as_str();
    match rewriting {
        Rewriting::Move { branch: at, to } => {
            git.reference(branch(*at), oid(*to), true, "moved").expect("a move");
        }
        Rewriting::Drop { branch: at } if branch(*at) != "refs/heads/main" => {
            git.find_reference(branch(*at)).and_then(|mut reference| reference.delete()).expect("deleted");
        }
        Rewriting::Drop { .. } => {}
        Rewriting::Make { at } => {
            let name = format!("refs/heads/branch-made-{}", branches.len());
            git.reference(&name, oid(*at), true, "made").expect("a branch");
        }
        Rewriting::Amend { branch: at } => {
            let head = git.find_reference(branch(*at)).and_then(|r| r.peel_to_commit()).expect("a head");
            head.amend(Some(branch(*at)), None, None, None, Some("amended"), None).expect("amended");
        }
        Rewriting::Collect => {
            // Git deletes no objects of a thread unless the setting is removed that protects them.
            git.config().and_then(|mut config| config.remove("extensions.preciousObjects")).ok();
            let done = std::process::Command::new("git")
                .arg("-C")
                .arg(git.path())
                .args(["gc", "--quiet", "--prune=now"])
                .status();
            if let Ok(done) = done {
                assert!(done.success());
            }
        }
    }
}

fn reached(folder: &Path) -> Vec<CommitId> {
    let git = plain_store::git(folder);
    let mut walk = git.revwalk().expect("a walk");
    // What plain Git deleted or set back is kept under refs/throughline/lost/, and in no version any more.
    for refs in ["refs/heads/*", "refs/tags/*", "refs/throughline/kept/*"] {
        walk.push_glob(refs).expect("refs");
    }
    walk.map(|id| id.expect("a commit").to_string().parse().expect("an id")).collect()
}

/// Every place's commit is later than the one below it, and main is on lane 0.
fn check_places(repository: &Repository, commits: &[CommitId]) {
    let tables = repository.index.tables().expect("tables");
    for id in commits {
        let placed = tables.commit(*id).expect("a commit").expect("it is in");
        if let Some(parent) = placed.commit.parents.first() {
            let parent = tables.commit(*parent).expect("a commit").expect("it is in");
            assert!(parent.commit.order < placed.commit.order, "{id}");
        }
    }
    let main = repository.snapshot("main").expect("main");
    assert_eq!(main.0.placed.lane, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_index_follows_what_plain_git_does(
        rounds in prop::collection::vec((prop::collection::vec(step(), 1..8), prop::collection::vec(rewriting(), 1..4)), 1..3)
    ) {
        let mut world = World::new();
        for (steps, rewritings) in &rounds {
            for step in steps {
                world.run(step);
            }
            let World { rules, folder, repository, clock, .. } = world;
            drop(repository);
            for rewriting in rewritings {
                rewrite(folder.path(), &reached(folder.path()), rewriting);
            }
            let repository = reopen(folder.path(), &clock);
            let order = reached(folder.path());
            let git = plain_store::git(folder.path());
            let versions = order.iter().map(|id| (*id, plain_store::statements(&plain_store::load(&git, *id)))).collect::<BTreeMap<_, _>>();
            check_places(&repository, &order);
            let followed = digest_of(&repository);
            crate::graph::sync::catch_up::rebuild(&repository.writer().expect("a writer").history, &repository.index)
                .expect("rebuilt");
            prop_assert_eq!(followed, digest_of(&repository), "{:?}", rewritings);
            let heads = repository.branches().expect("branches").into_iter();
            let heads = heads.filter(|(name, _)| !name.starts_with("import/"));
            let mut heads: Vec<_> = heads.map(|(name, commit)| (name, versions[&commit.id].clone())).collect();
            heads.sort_by_key(|(name, _)| name != "main");
            world = World { rules, folder, repository, clock, heads, versions, order };
            world.check_all(&world.repository);
        }
    }
}
