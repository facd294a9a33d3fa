//! The graph's bars of the design, measured on made-up plants: reading, committing, importing, restarting, rebuilding.

use super::report::{Report, fdatasync_micros, median, micros_each, percentile};
use crate::graph::{
    Author, CommitRequest, Comparison, Filter, ImportRequest, Order, PageQuery, Repository, Snapshot,
};
use crate::model::change::Change;
use crate::model::clock::{Clock, SystemClock};
use crate::model::statement::Statement;
use crate::ontology::terms::{dcterms, tl};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, Term};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

const BASE: &str = "https://bench.example.org/";

/// Runs all graph measurements on a plant of about `triples` statements and prints them.
pub(crate) fn run(folder: &Path, triples: usize, report: &mut Report) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let repository = Repository::init(folder, &[], BASE, clock.clone())?;
    let units = triples / 6;
    let statements = plant(units);
    let count = statements.len();
    let start = Instant::now();
    repository.import(ImportRequest {
        source: "plant".to_owned(),
        into: "main".to_owned(),
        message: format!("Import {units} units"),
        author: Author::default(),
        statements,
        ..Default::default()
    })?;
    let seconds = start.elapsed().as_secs_f64();
    report.at_least(
        "import, validated, into Git and index",
        count as f64 / seconds / 1e3,
        40.0,
        "k triples/s",
    );

    let imported = repository.snapshot("main")?;
    let floor = plain_store_micros(&imported, units)?;
    let head = read_micros(&imported, units)?;
    report.line("floor: the same read from an oxigraph memory store", floor, "µs");
    report.at_most("read a resource of 6 statements at head", head, 15.0, "µs");
    page(&imported, report)?;
    commits(&repository, units, folder, report)?;

    let now = repository.snapshot("main")?;
    let head = read_micros(&now, units)?;
    report.at_most(
        "the same, commits later, at head (ratio)",
        head / read_micros(&imported, units)?.min(head),
        1.5,
        "×",
    );
    report.at_most(
        "read at the version before those commits (ratio)",
        read_micros(&imported, units)? / head,
        1.5,
        "×",
    );
    let hot = unit(0);
    let hot_micros = micros_each(20_000, |_| now.statements(&hot).map(drop))?;
    let quiet = unit(1);
    let quiet_micros = micros_each(20_000, |_| now.statements(&quiet).map(drop))?;
    report.at_most(
        "a resource rewritten in every commit, at head (ratio)",
        hot_micros / quiet_micros,
        1.5,
        "×",
    );
    diff(&repository, &now, units, report)?;
    restart(repository, folder, clock, report)
}

fn unit(number: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}unit/U-{number:06}"))
}

/// Makes units of six statements each, and the part they are of.
fn plant(units: usize) -> Vec<Statement> {
    let part = NamedNode::new_unchecked(format!("{BASE}part/pump"));
    let mut statements = vec![
        Statement::new(part.clone(), rdf::TYPE.into_owned(), tl::PART_CLASS.into_owned()),
        Statement::new(part.clone(), dcterms::IDENTIFIER.into_owned(), Literal::from("pump")),
    ];
    for number in 0..units {
        let unit = unit(number);
        let mut say = |predicate: oxigraph::model::NamedNodeRef<'_>, object: Term| {
            statements.push(Statement::new(unit.clone(), predicate.into_owned(), object));
        };
        say(rdf::TYPE, tl::TWIN_INSTANCE.into_owned().into());
        say(dcterms::IDENTIFIER, Literal::from(format!("U-{number:06}")).into());
        say(tl::PART, part.clone().into());
        say(tl::SITE, Literal::from(format!("site-{:02}", number * 7919 % 40)).into());
        say(tl::UNIT_NUMBER, Literal::from(i64::try_from(number).unwrap_or(0)).into());
        let at = format!("20{:02}-{:02}-01T00:00:00Z", 10 + number % 14, 1 + number % 12);
        say(tl::COMMISSIONED_AT, Literal::new_typed_literal(at, xsd::DATE_TIME).into());
    }
    statements
}

fn read_micros(snapshot: &Snapshot, units: usize) -> Result<f64, Failure> {
    // Odd units only: the even ones are what the commits change.
    micros_each(50_000, |n| snapshot.statements(&unit((n * 7919 % units) | 1)).map(drop))
}

/// The floor: the same read from oxigraph's own memory store, which keeps one version.
fn plain_store_micros(snapshot: &Snapshot, units: usize) -> Result<f64, Failure> {
    let store = snapshot.oracle(200_000)?;
    let units = units.min(30_000);
    micros_each(50_000, |n| {
        std::hint::black_box(store.about(&unit((n * 7919 % units) | 1)));
        Ok::<_, std::convert::Infallible>(())
    })
}

fn page(snapshot: &Snapshot, report: &mut Report) -> Result<(), Failure> {
    let query = PageQuery {
        class: tl::TWIN_INSTANCE.into_owned(),
        filter: Some(Filter::Compare(tl::SITE.into_owned(), Comparison::Eq, Literal::from("site-07"))),
        order: vec![Order { predicate: Some(dcterms::IDENTIFIER.into_owned()), descending: false }],
        after: None,
        before: None,
        limit: 50,
        from_end: false,
    };
    let mut millis = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        let page = snapshot.page(&query)?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(page.items.len(), 50, "a full page");
    }
    report.at_most("50 units filtered by site, ordered by serial", median(&mut millis), 50.0, "ms");
    Ok(())
}

/// Times small durable commits; each rewrites one quiet unit and the hot one.
fn commits(repository: &Repository, units: usize, folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let floor = fdatasync_micros(folder)?;
    let mut millis = Vec::new();
    for n in 0..1000_usize {
        let site = |text: String| vec![Literal::from(text).into()];
        let changed = if n.is_multiple_of(2) { unit(0) } else { unit((n * 7919 % units) & !1) };
        let request = CommitRequest {
            branch: "main".to_owned(),
            message: format!("Move a unit, {n}"),
            changes: vec![Change::Set {
                subject: changed,
                predicate: tl::SITE.into_owned(),
                values: site(format!("moved-{n}")),
            }],
            ..Default::default()
        };
        let start = Instant::now();
        repository.commit(&request)?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let bar = 14.0 * floor / 1e3 + 5.0;
    report.line("floor: one fdatasync of this disk", floor, "µs");
    report.at_most("small durable commit, p50", percentile(&mut millis, 0.5), bar, "ms");
    report.line("small durable commit, p99", percentile(&mut millis, 0.99), "ms");
    Ok(())
}

/// Diffs across a commit that moves 5,000 units: one statement goes and one comes in each of as many files.
fn diff(repository: &Repository, from: &Snapshot, units: usize, report: &mut Report) -> Result<(), Failure> {
    let moved = |n: usize| Change::Set {
        subject: unit(n * 3),
        predicate: tl::SITE.into_owned(),
        values: vec![Literal::from(format!("moved-again-{n}")).into()],
    };
    let changes = (0..5_000.min(units / 3)).map(moved).collect();
    let message = "Move many units".to_owned();
    repository.commit(&CommitRequest {
        branch: "main".to_owned(),
        message,
        changes,
        ..Default::default()
    })?;
    let to = repository.snapshot("main")?;
    let start = Instant::now();
    let diff = repository.diff(from, &to, None)?;
    let millis = start.elapsed().as_secs_f64() * 1e3;
    let statements: usize =
        diff.resources.iter().flat_map(|r| &r.properties).map(|p| p.added.len() + p.removed.len()).sum();
    report.line("statements changed in the diff", statements as f64, "");
    report.at_most("diff, for 10 k changed statements", millis * 1e4 / statements as f64, 100.0, "ms");
    Ok(())
}

fn restart(
    repository: Repository,
    folder: &Path,
    clock: Arc<dyn Clock>,
    report: &mut Report,
) -> Result<(), Failure> {
    drop(repository);
    let start = Instant::now();
    drop(Repository::open(folder, clock.clone())?);
    report.at_most("restart", start.elapsed().as_secs_f64(), 1.0, "s");
    let size = std::fs::metadata(folder.join("index.redb"))?.len() as f64 / 1e6;
    report.line("index on disk", size, "MB");
    std::fs::remove_file(folder.join("index.redb"))?;
    let start = Instant::now();
    drop(Repository::open(folder, clock)?);
    report.at_most("full rebuild of the index from Git", start.elapsed().as_secs_f64(), 60.0, "s");
    Ok(())
}
