//! A version as a program that knows only Git and RDF reads it: the commit's tree through libgit2, each document through oxigraph's
//! own Turtle parser, into oxigraph's own store. No reading of this program has a part in it.

use super::*;
use crate::model::statement::literal::canonical;
use git2::{ObjectType, TreeWalkMode, TreeWalkResult};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::NamedOrBlankNode;
use oxigraph::store::Store;

/// Opens the Git repository of a thread.
pub(super) fn git(folder: &Path) -> git2::Repository {
    git2::Repository::open_bare(folder.join("thread.git")).expect("the repository")
}

/// Loads the documents of a commit: every file but the ontology and the thread's own settings.
pub(super) fn load(git: &git2::Repository, at: CommitId) -> Store {
    let id = git2::Oid::from_bytes(&at.0).expect("an id");
    let tree = git.find_commit(id).and_then(|commit| commit.tree()).expect("a tree");
    let store = Store::new().expect("a store");
    let walked = tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        let is_document = entry.kind() == Some(ObjectType::Blob)
            && !folder.starts_with("ontology/")
            && entry.name() != Ok("throughline.toml");
        if is_document {
            let document = git.find_blob(entry.id()).expect("a document");
            store.load_from_slice(RdfParser::from(RdfFormat::Turtle), document.content()).expect("Turtle");
        }
        TreeWalkResult::Ok
    });
    walked.expect("a walk");
    store
}

/// Returns the statements of a store; numbers as the thread writes them, as the store writes 2.0 as 2.
pub(super) fn statements(store: &Store) -> BTreeSet<Statement> {
    let statement = |quad: oxigraph::model::Quad| {
        let NamedOrBlankNode::NamedNode(subject) = quad.subject else { panic!("{quad} has a blank node") };
        Statement::new(subject, quad.predicate, canonical(quad.object))
    };
    store.iter().map(|quad| statement(quad.expect("a statement"))).collect()
}
