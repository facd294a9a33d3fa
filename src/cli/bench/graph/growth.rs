//! Costs that could grow with the graph where a question is small: a page, a count, a check of one installation, suspect
//! links, the first page of a diff; and a resource after many merged branches, or with a fragment that was renewed many times.

use super::plant::{BASE, PART, unit};
use super::reading::{READS, floor_of_micros, median_millis, resource_of_micros};
use super::writing::{commit, moved};
use super::{Failure, storage};
use crate::app::App;
use crate::cli::bench::report::{Report, Table, micros_each};
use crate::graph::{Author, ImportRequest, MergeRequest, Repository};
use crate::graphql::{Query, Service};
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::ontology::terms::tl;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::sync::Arc;

/// Of how many units one carries the software.
const UNITS_A_CARRIER: usize = 5;
/// Of how many units the events are asked, in a graph of any size: no more than the smallest has.
const ASKED: usize = 400;

pub(super) const PAGE: &str = "50 units by IRI";
const COUNTED: &str = "  with their count, after a commit";
const BY_SERIAL: &str = "  by serial";
const OF_ONE_SITE: &str = "  of one site";
const EVENTS: &str = "events of 400 units";
const FILTERED: &str = "  filtered";
const ONE_PLACE: &str = "commit one more carrier of a software revision";
pub(super) const SUSPECTS: &str = "suspect links, after one more commit";
const DIFF_PAGE: &str = "diff of all there is, the first page";
const LOG_PAGE: &str = "50 commits of the log";
const BLAME: &str = "blame of a resource";

/// What should cost the same whatever the size of the graph, with what it is called in the table by size.
const FLAT: [(&str, &str); 10] = [
    ("50 units by IRI", PAGE),
    ("50 units with their count", COUNTED),
    ("50 units by serial", BY_SERIAL),
    ("50 units of one site", OF_ONE_SITE),
    ("events of 400 units", EVENTS),
    ("events of 400 units, filtered", FILTERED),
    ("one place: a further carrier of a revision", ONE_PLACE),
    ("suspect links", SUSPECTS),
    ("50 commits of the log", LOG_PAGE),
    ("blame of a resource", BLAME),
];

/// Prints how what should cost the same grows from the smallest graph to the largest.
pub(super) fn print(sizes: &Table, report: &mut Report) {
    let mut growth = Table::new("what should cost the same, at the largest graph by the smallest");
    growth.begin_column("growth");
    for (name, row) in FLAT {
        growth.set(name, sizes.last(row) / sizes.first(row), "×");
    }
    report.table(&growth);
}

pub(super) const CHANGED: &str = "read the resource that each has changed";
pub(super) const OTHER: &str = "read another";
pub(super) const FLOOR: &str = "floor: that read from a plain store";
pub(super) const RENEWED: &str = "read the resource with its fragment";

/// Measures what is asked of a thread of so many units.
pub(super) fn measure(app: &Arc<App>, units: usize, table: &mut Table) -> Result<(), Failure> {
    import_carriers(app.repository(), units)?;
    let service = Service::new(Arc::clone(app))?;
    for (name, arguments, fields) in [
        (PAGE, "", ""),
        (COUNTED, "", "totalCount"),
        (BY_SERIAL, "orderBy: [{identifier: ASC}]", ""),
        ("  by serial, descending, the second time", "orderBy: [{identifier: DESC}]", ""),
        ("  by site, of which there are forty", "orderBy: [{site: ASC}]", ""),
        (OF_ONE_SITE, r#"filter: {site: {eq: "site-07"}}"#, ""),
    ] {
        let query = format!(
            "{{ thread {{ twinInstances(first: 50, {arguments}) {{ {fields} nodes {{ identifier }} }} }} }}"
        );
        table.set(name, median_millis(|| answered(&service, &query))?, "ms");
    }
    for (name, filter) in [(EVENTS, ""), (FILTERED, "(filter: {kind: {eq: FAILURE}})")] {
        let query = format!(
            "{{ thread {{ twinInstances(first: {ASKED}) {{ nodes {{ events{filter} {{ edges {{ node {{ iri }} }} }} }} }} }} }}"
        );
        table.set(name, median_millis(|| answered(&service, &query))?, "ms");
    }
    table.set("suspect links, the first time", median_of_one(|| suspects(&service))?, "ms");
    let mut number = 0;
    let installing = || {
        number += 1;
        let statements = installation(&format!("spare/{number}"), number, "spare");
        commit(app.repository(), "main", "Install".to_owned(), statements.map(Change::Add).to_vec())
    };
    table.set(ONE_PLACE, median_millis(installing)?, "ms");
    table.set(SUSPECTS, median_of_one(|| suspects(&service))?, "ms");
    let head = app.snapshot("main")?;
    let log = || app.repository().log(&head, None, None, 50).map(drop);
    table.set(LOG_PAGE, median_millis(|| Ok(log()?))?, "ms");
    table.set(BLAME, median_millis(|| Ok(head.blame(&unit(0)).map(drop)?))?, "ms");
    whole_diff(app.repository(), &service, table)
}

/// Measures the diff of all that there is: its first page, with the memory that takes, and its count.
fn whole_diff(repository: &Repository, service: &Service, table: &mut Table) -> Result<(), Failure> {
    let log = repository.log(&repository.snapshot("main")?, None, None, usize::MAX)?;
    let first = log.last().ok_or("a thread without commits")?.id;
    let diff = |fields: &str| {
        answered(service, &format!(r#"{{ diff(from: "{first}", to: "main") {{ {fields} }} }}"#))
    };
    let before = storage::memory("VmRSS");
    storage::forget_peak();
    table.set(DIFF_PAGE, median_of_one(|| diff("resources { nodes { iri } }"))?, "ms");
    if let (Some(peak), Some(before)) = (storage::memory("VmHWM"), before) {
        table.set("  most memory at once", (peak - before).max(0.0) / 1e6, "MB");
    }
    table.set("  its count", median_of_one(|| diff("resources(first: 1) { totalCount }"))?, "ms");
    Ok(())
}

/// Measures a read of a resource whose fragment was renewed many times: another one with each commit.
pub(super) fn renewed_fragments(repository: &Repository, table: &mut Table) -> Result<(), Failure> {
    let (resource, link) = (iri("fragmented"), iri("limit"));
    let fragment = |number: usize| {
        let fragment = iri(&format!("fragmented#{number}"));
        let linked = Statement::new(resource.clone(), link.clone(), fragment.clone());
        [linked, Statement::new(fragment, link.clone(), Literal::from(number.to_string()))]
    };
    let mut done: usize = 0;
    for renewals in [1, 10, 100, 1_000] {
        table.begin_column(&renewals.to_string());
        for number in done..renewals {
            let old = number.checked_sub(1).map(|old| fragment(old).map(Change::Remove));
            let changes = fragment(number).map(Change::Add).into_iter().chain(old.into_iter().flatten());
            commit(repository, "main", "Renew a fragment".to_owned(), changes.collect())?;
        }
        done = renewals;
        let head = repository.snapshot("main")?;
        table.set(RENEWED, micros_each(READS, |_| head.document(&resource).map(drop))?, "µs");
    }
    Ok(())
}

/// Measures a read of a resource that each of many merged branches has changed.
pub(super) fn merged_branches(repository: &Repository, table: &mut Table) -> Result<(), Failure> {
    let floor = floor_of_micros(&repository.snapshot("main")?, &unit(1))?;
    let mut done: usize = 0;
    for branches in [1, 10, 100, 1_000] {
        table.begin_column(&branches.to_string());
        for number in done..branches {
            let name = format!("short-{number}");
            repository.create_branch(&name, "main")?;
            commit(repository, &name, "Move".to_owned(), vec![moved(unit(0), name.clone())])?;
            let request =
                MergeRequest { source: name.clone(), into: "main".to_owned(), ..Default::default() };
            repository.merge(&request)?;
            repository.delete_branch(&name, None)?;
        }
        done = branches;
        let head = repository.snapshot("main")?;
        table.set(CHANGED, resource_of_micros(&head, &unit(0))?, "µs");
        table.set(OTHER, resource_of_micros(&head, &unit(1))?, "µs");
        table.set(FLOOR, floor, "µs");
    }
    Ok(())
}

fn suspects(service: &Service) -> Result<(), Failure> {
    answered(service, "{ thread { suspectLinks(first: 1) { totalCount } } }")
}

fn median_of_one(work: impl Fn() -> Result<(), Failure>) -> Result<f64, Failure> {
    let start = std::time::Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn answered(service: &Service, query: &str) -> Result<(), Failure> {
    let answer = service.run(&Query { query: Some(query.to_owned()), ..Query::default() });
    if answer["errors"].is_null() { Ok(()) } else { Err(answer.to_string().into()) }
}

/// Imports a software revision, the units that carry it, and an event of each.
fn import_carriers(repository: &Repository, units: usize) -> Result<(), Failure> {
    let mut statements = vec![
        statement("revision/software", rdf::TYPE, tl::DESIGN_REVISION.into_owned().into()),
        statement("revision/software", tl::REVISION_OF, iri(PART).into()),
        statement("revision/software", tl::REVISION, Literal::from("A").into()),
    ];
    for number in (0..units).step_by(UNITS_A_CARRIER) {
        statements.extend(installation(&format!("carrier/{number}"), number, "cpu"));
        let event = format!("event/{number}");
        let at = Literal::new_typed_literal("2024-02-01T00:00:00Z", xsd::DATE_TIME);
        let kind = if number % 2 == 0 { "FAILURE" } else { "INSPECTION" };
        statements.extend([
            statement(&event, rdf::TYPE, tl::FIELD_EVENT.into_owned().into()),
            statement(&event, tl::ON, unit(number).into()),
            statement(&event, tl::AT, at.into()),
            statement(&event, tl::KIND, Literal::from(kind).into()),
        ]);
    }
    repository.import(ImportRequest {
        source: "carriers".to_owned(),
        into: "main".to_owned(),
        message: "Import what carries software".to_owned(),
        author: Author::default(),
        statements,
        ..Default::default()
    })?;
    Ok(())
}

fn installation(name: &str, number: usize, position: &str) -> [Statement; 5] {
    let from = Literal::new_typed_literal("2024-01-01T00:00:00Z", xsd::DATE_TIME);
    [
        statement(name, rdf::TYPE, tl::INSTALLATION.into_owned().into()),
        statement(name, tl::COMPONENT, iri("revision/software").into()),
        statement(name, tl::PARENT, unit(number).into()),
        statement(name, tl::POSITION, Literal::from(position).into()),
        statement(name, tl::FROM, from.into()),
    ]
}

fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}{local}"))
}

fn statement(subject: &str, predicate: NamedNodeRef<'_>, object: Term) -> Statement {
    Statement::new(iri(subject), predicate.into_owned(), object)
}
