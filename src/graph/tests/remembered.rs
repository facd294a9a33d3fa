//! Terms that the index remembers are those of the dictionary that is read.

use super::*;

fn add(text: &str) -> Change {
    Change::Add(triple("a", "p", text))
}

fn with(version: &Snapshot, text: &str) -> Vec<Statement> {
    let statement = triple("a", "p", text);
    version.matching(None, None, Some(&statement.object)).expect("statements")
}

#[test]
fn a_preview_is_not_mixed_up_with_what_came_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    commit(&repository, vec![add("first")]).expect("a commit");
    let head = repository.snapshot("main").expect("main");
    let preview = repository.preview(&head, &[add("supposed")]).expect("a preview").snapshot;
    // It gets the number in the dictionary that the previewed value has in memory.
    commit(&repository, vec![add("later")]).expect("a commit");
    let later = repository.snapshot("main").expect("main");
    assert_eq!(with(&later, "later").len(), 1);
    assert_eq!(with(&preview, "later"), []);
    assert_eq!(with(&preview, "supposed").len(), 1);
    assert_eq!(with(&later, "supposed"), []);
}

#[test]
fn answers_of_an_old_dictionary_are_not_used_with_a_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    repository.create_branch("try", "main").expect("a branch");
    let tried = CommitRequest {
        branch: "try".to_owned(),
        changes: vec![add("1"), add("2"), add("3")],
        ..Default::default()
    };
    repository.commit(&tried).expect("a commit");
    commit(&repository, vec![add("4"), add("5"), add("6")]).expect("a commit");
    let texts = |version: &Snapshot| -> Vec<String> {
        let answers = ["1", "2", "3", "4", "5", "6"].map(|text| format!("{:?}", with(version, text)));
        answers.into_iter().chain([format!("{:?}", version.statements(&iri("a")))]).collect()
    };
    let before = repository.snapshot("main").expect("main");
    let answers = texts(&before);
    repository.delete_branch("try", None).expect("deleted");
    // The numbers of the branch's terms now go to those of main.
    let writer = repository.writer().expect("a writer");
    crate::graph::sync::catch_up::rebuild(&writer.history, &repository.index).expect("rebuilt");
    assert_eq!(texts(&repository.snapshot("main").expect("main")), answers);
    assert_eq!(texts(&before), answers, "who reads the old one reads on");
}
