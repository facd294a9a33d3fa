//! Flipped bits in the file of the index: what was there is answered, or nothing is; and no flip becomes a commit.

use crate::graph::git::store::History;
use crate::graph::git::values::Files;
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::draft::Draft;
use crate::graph::tests::*;
use oxigraph::model::Term;

/// Where the blocks begin, and how many bytes each takes with its checksum.
const BEGIN: usize = 8;
const BLOCK: usize = 4_104;

/// How many blocks are damaged, at the most.
const BLOCKS_MAX: usize = 20;

/// Makes a thread with several kinds of values, a tag, a branch, a merge, and rows that have ended; returns its folder.
fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    for round in 0..6_i64 {
        let number = Statement::new(iri("part/0"), iri("mass"), Literal::from(round * 1_000_003));
        let mut changes = vec![
            Change::Set {
                subject: iri("part/0"),
                predicate: iri("mass"),
                values: vec![number.object.clone()],
            },
            Change::Set {
                subject: iri("part/0"),
                predicate: iri("title"),
                values: vec![Literal::from(format!("round {round}").as_str()).into()],
            },
        ];
        changes.extend((0..40).map(|n| {
            Change::Add(Statement::new(iri(&format!("part/{round}/{n}")), iri("of"), iri("part/0")))
        }));
        commit(&repository, changes).expect("a commit");
        if round == 2 {
            repository.tag("v1", "main", "v1").expect("a tag");
            repository.create_branch("try", "main").expect("a branch");
            let (branch, changes) = ("try".to_owned(), vec![Change::Add(triple("part/0", "note", "tried"))]);
            repository.commit(&CommitRequest { branch, changes, ..Default::default() }).expect("a commit");
        }
    }
    repository
        .merge(&MergeRequest { source: "try".to_owned(), into: "main".to_owned(), ..Default::default() })
        .expect("a merge");
    folder
}

/// What is asked: all statements at two versions, links by their target, the log, a resource's history.
fn answers(repository: &Repository) -> Result<Vec<String>, Error> {
    let mut answers = Vec::new();
    for version in ["main", "v1"] {
        let snapshot = repository.snapshot(version)?;
        answers.extend(snapshot.matching(None, None, None)?.iter().map(ToString::to_string));
        let part = Term::from(iri("part/0"));
        answers.push(snapshot.matching(None, Some(iri("of").as_ref()), Some(&part))?.len().to_string());
        let log = repository.log(&snapshot, None, None, 100)?;
        answers.extend(log.iter().map(|commit| format!("{} {}", commit.id, commit.time)));
        let changes = snapshot.timeline(&iri("part/0"))?.changes(None, 100)?;
        answers.extend(changes.iter().map(|change| format!("{change:?}")));
    }
    Ok(answers)
}

/// The head of main in Git.
fn main(folder: &Path) -> CommitId {
    let history = History::open_reader(&folder.join("thread.git")).expect("the repository");
    history.reference("refs/heads/main").expect("a ref").expect("main")
}

fn note(repository: &Repository) -> Result<Committed, Error> {
    commit(repository, vec![Change::Add(triple("part/0", "note", "after"))])
}

/// The text of the resource at the head of main, as Git has it.
fn text_in_git(folder: &Path) -> String {
    let history = History::open_reader(&folder.join("thread.git")).expect("the repository");
    let main = history.reference("refs/heads/main").expect("a ref").expect("main");
    let files = history.changed_files(None, main).expect("files").into_iter();
    let texts = files.filter_map(|file| history.blob(file.after?).ok());
    let texts = texts.map(|bytes| String::from_utf8(bytes).expect("text"));
    texts.filter(|text| text.contains("round 5")).collect()
}

pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let place = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, &place).expect("a copy");
        }
    }
}

#[test]
fn a_flipped_bit_in_the_index_is_no_answer_and_no_commit() {
    let sound = filled();
    let (expect, expect_text) = {
        let folder = tempfile::tempdir().expect("a folder");
        copy(sound.path(), folder.path());
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        let answers = answers(&repository).expect("answers");
        note(&repository).expect("a commit");
        (answers, text_in_git(folder.path()))
    };
    let index = std::fs::read(sound.path().join("index.redb")).expect("the index");
    let blocks = index[BEGIN..].chunks(BLOCK).enumerate();
    let written: Vec<usize> =
        blocks.filter(|(_, block)| block.iter().any(|byte| *byte != 0)).map(|(number, _)| number).collect();
    let (mut met, mut damaged_open, mut remade, mut seed) = (0, 0, 0, 7_u64);
    let every = written.len().div_ceil(BLOCKS_MAX);
    let folder = tempfile::tempdir().expect("a folder");
    for number in written.into_iter().step_by(every) {
        // A place of each block by a linear congruence, of which the high bits are taken.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = BEGIN + number * BLOCK + usize::try_from(seed >> 33).expect("small") % BLOCK;
        let mut damaged = index.clone();
        damaged[at] ^= 1 << (seed >> 61);
        let folder = folder.path().join(number.to_string());
        copy(sound.path(), &folder);
        // Half of them under a thread that is open already, so that a read meets the bit, and not the start.
        let is_open = (number / every).is_multiple_of(2);
        let repository = is_open.then(|| Repository::open(&folder, clock()).expect("the thread"));
        std::fs::write(folder.join("index.redb"), damaged).expect("a flipped bit");
        let repository =
            repository.unwrap_or_else(|| Repository::open(&folder, clock()).expect("the thread"));
        match answers(&repository) {
            Ok(answers) => assert_eq!(answers, expect, "block {number}"),
            Err(error) => {
                assert!(matches!(error, Error::Index(_)), "block {number}: {error}");
                met += 1;
            }
        }
        match note(&repository) {
            Ok(_) => assert_eq!(text_in_git(&folder), expect_text, "block {number}"),
            Err(error) => {
                assert!(matches!(error, Error::Index(_)), "block {number}: {error}");
                met += 1;
            }
        }
        // Half of what was found damaged is made anew while it is open, the rest by the next start.
        damaged_open += usize::from(repository.is_index_damaged());
        if repository.is_index_damaged() && damaged_open % 2 == 1 {
            let before = repository.snapshot("main");
            assert!(before.is_err_and(|error| error.to_string().contains("made anew")), "block {number}");
            repository.reindex().expect("an index made anew");
            assert_eq!(repository.head("main").expect("main").commit().id, main(&folder), "block {number}");
            note(&repository).expect("a commit");
            assert_eq!(answers(&repository).map(|answers| answers.len() > expect.len()).ok(), Some(true));
            remade += 1;
        }
        drop(repository);
        let repository = Repository::open(&folder, clock()).expect("the thread");
        note(&repository).expect("a commit");
        assert_eq!(text_in_git(&folder), expect_text, "block {number}");
        assert_eq!(answers(&repository).map(|answers| answers.len() > expect.len()).ok(), Some(true));
        drop(repository);
        std::fs::remove_dir_all(&folder).expect("the copy");
    }
    assert!(remade > 0, "an index was made anew while it was open");
    assert!(met > 3, "{met} reads and commits met a flipped bit");
}

#[test]
fn what_only_the_index_has_never_comes_into_git() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    commit(&repository, vec![Change::Add(triple("a", "p", "1")), Change::Add(triple("b", "p", "1"))])
        .expect("a commit");
    // A commit that is taken in otherwise than Git has it.
    let is = |subject: &str, text: &str| vec![triple(subject, "p", text)];
    let deltas = [
        DocumentDelta { before: is("a", "1"), after: is("a", "7") },
        DocumentDelta { before: Vec::new(), after: is("c", "7") },
        DocumentDelta { before: is("b", "1"), after: Vec::new() },
    ];
    {
        let head = repository.snapshot("main").expect("main");
        let draft = Draft {
            parents: vec![head.commit().id],
            author: Author::default(),
            time: head.next_instant(&*repository.clock),
            message: "other".to_owned(),
            loaded: None,
            idempotency_key: None,
        };
        let mut writer = repository.writer().expect("a writer");
        repository
            .publish(&mut writer, "main", &head, &draft, &Files::new(), &deltas)
            .expect("a commit without files");
    }
    for (subject, text) in [("a", "2"), ("b", "2"), ("c", "2")] {
        let refused = commit(&repository, vec![Change::Add(triple(subject, "p", text))]);
        assert!(
            matches!(&refused, Err(Error::IndexDisagrees { resource, .. }) if *resource == iri(subject)),
            "{refused:?}"
        );
    }
}
