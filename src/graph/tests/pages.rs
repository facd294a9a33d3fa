//! Pages of logs and histories: each costs what it holds, however far from the head it begins.

use super::*;
use crate::graph::index::read::rows_read;
use crate::graph::sync::catch_up::files_read;

const COMMITS: usize = 60;

#[test]
fn a_page_of_the_log_costs_what_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    for n in 0..COMMITS {
        commit(&repository, vec![Change::Add(triple("a", "p", &n.to_string()))]).expect("a commit");
    }
    let head = repository.snapshot("main").expect("main");
    let whole = repository.log(&head, None, None, usize::MAX).expect("the log");
    assert_eq!(whole.len(), COMMITS + 1);
    let mut after = None;
    let mut paged = Vec::new();
    for page in 0.. {
        // One more is read, as a reader that asks for another page does; and each page is asked for again.
        let read = || repository.log(&head, None, after, 6).expect("a page");
        let (found, count) = rows_read::during(read);
        assert!(count <= 6, "page {page}: {count}");
        assert_eq!(read(), found);
        paged.extend(found.iter().take(5).cloned());
        if found.len() < 6 {
            break;
        }
        after = Some(found[4].id);
    }
    assert_eq!(paged, whole);
    // A commit that comes meanwhile moves nothing, and one that is in no page has no page after it.
    commit(&repository, vec![Change::Add(triple("b", "p", "late"))]).expect("a commit");
    assert_eq!(repository.log(&head, None, Some(whole[9].id), 3).expect("a page"), whole[10..13]);
    let late = repository.snapshot("main").expect("main").commit().id;
    assert_eq!(repository.log(&head, None, Some(late), 3).expect("a page"), []);
    // An index that is made anew numbers its commits anew.
    let writer = repository.writer().expect("a writer");
    crate::graph::sync::catch_up::rebuild(&writer.history, &repository.index).expect("rebuilt");
    drop(writer);
    let head = repository.snapshot_at(head.commit().id).expect("a version");
    assert_eq!(repository.log(&head, None, Some(whole[9].id), 3).expect("a page"), whole[10..13]);
}

#[test]
fn a_page_of_a_history_does_not_pass_over_all_merges_for_each_of_them() {
    let read = [4, 24].map(|merges: usize| {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = repository(folder.path());
        commit(&repository, vec![Change::Add(triple("a", "p", "first"))]).expect("a commit");
        for n in 0..merges {
            let branch = format!("branch-{n}");
            repository.create_branch(&branch, "main").expect("a branch");
            let values = vec![Literal::from(n as i64).into()];
            let changes = vec![Change::Set { subject: iri("a"), predicate: iri("p"), values }];
            let request = CommitRequest { branch: branch.clone(), changes, ..Default::default() };
            repository.commit(&request).expect("a commit");
            commit(&repository, vec![Change::Add(triple("b", "p", &n.to_string()))]).expect("a commit");
            let request = MergeRequest { source: branch, into: "main".to_owned(), ..Default::default() };
            repository.merge(&request).expect("a merge");
        }
        let timeline =
            repository.snapshot("main").and_then(|main| main.timeline(&iri("a"))).expect("a timeline");
        // What lies behind the version is gathered once.
        assert_eq!(timeline.changes(None, usize::MAX).expect("changes").len(), merges + 1);
        let (changes, read) = rows_read::during(|| timeline.changes(None, 3).expect("changes"));
        assert_eq!(changes.len(), 3);
        read
    });
    assert_eq!(read[0], read[1]);
}

#[test]
fn a_page_of_a_diff_costs_what_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    // Of few resources the index knows which were touched; of many the trees of Git are compared.
    for (many, is_from_git) in [(10, false), (200, true)] {
        let from = repository.snapshot("main").expect("main");
        let add = |n| Change::Add(triple(&format!("{many}/{n:03}"), "p", "1"));
        commit(&repository, (0..many).map(add).collect()).expect("a commit");
        let to = repository.snapshot("main").expect("main");
        let differences = repository.differences(&from, &to, None).expect("the differences");
        assert_eq!(differences.count().expect("a count"), many);
        let whole = repository.diff(&from, &to, None).expect("a diff").resources;
        assert_eq!(whole.len(), many);
        for begin in [0, many / 2, many - 2, many] {
            let after = begin.checked_sub(1).map(|at| whole[at].resource.clone());
            let part = || differences.part(after.as_ref(), 2).expect("a part");
            let ((part, rows), files) = files_read::during(|| rows_read::during(part));
            assert_eq!(part, whole[begin..(begin + 2).min(many)]);
            let read = if is_from_git { files } else { rows / 3 };
            assert!(read <= 5, "{many} from {begin}: {rows} rows, {files} files");
        }
    }
}

#[test]
fn a_preview_of_an_import_describes_some_resources_and_counts_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let parts: Vec<_> = (0..20).map(|n| format!("part/{n:02}")).collect();
    let previewed = |after: Option<&str>| {
        let statements = parts.iter().map(|part| triple(part, "p", "1")).collect();
        let previewed = DiffRange { after: after.map(iri), ..DiffRange::default() };
        let (source, into) = ("plm".to_owned(), "main".to_owned());
        let request =
            ImportRequest { source, into, statements, preview: true, previewed, ..Default::default() };
        repository.import(request).expect("a preview").preview.expect("a preview").diff
    };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let part = previewed(after.as_deref());
        assert!(part.resources.len() <= 3, "{} are in memory", part.resources.len());
        assert_eq!(part.total, parts.len());
        found.extend(part.resources.into_iter().map(|of| of.resource));
        if !part.has_more {
            break;
        }
        after = found
            .last()
            .map(|last| last.as_str().rsplit_once("part/").expect("a part").1)
            .map(|n| format!("part/{n}"));
    }
    assert_eq!(found, parts.iter().map(|part| iri(part)).collect::<Vec<_>>());
    assert!(repository.head("import/plm").is_err());
}
