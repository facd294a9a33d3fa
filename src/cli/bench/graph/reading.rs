//! Reads: a resource at a version, and a filtered, ordered page.

use super::Failure;
use super::plant::{quiet_unit, unit};
use crate::app::App;
use crate::cli::bench::report::{median, micros_each};
use crate::graph::read::oracle::Oracle;
use crate::graph::{Comparison, Filter, Order, PageQuery, Snapshot};
use crate::graphql::{Query, Service};
use crate::ontology::terms::{dcterms, tl};
use oxigraph::model::{Literal, NamedNode};
use std::sync::Arc;
use std::time::Instant;

pub(super) const READS: usize = 20_000;
const PAGES: usize = 9;
const PAGE_ITEMS: usize = 50;

/// Returns the microseconds that a resource of six statements takes; another one each time.
pub(super) fn resource_micros(version: &Snapshot, units: usize) -> Result<f64, Failure> {
    micros_each(READS, |n| version.statements(&quiet_unit(n, units)).map(drop))
}

/// Returns the microseconds that one resource takes, read over and over.
pub(super) fn resource_of_micros(version: &Snapshot, resource: &NamedNode) -> Result<f64, Failure> {
    micros_each(READS, |_| version.statements(resource).map(drop))
}

/// Returns how many times longer the hot resource takes than a quiet one, both read over and over.
pub(super) fn hot_ratio(version: &Snapshot) -> Result<f64, Failure> {
    let hot = micros_each(READS, |_| version.statements(&unit(0)).map(drop))?;
    let quiet = micros_each(READS, |_| version.statements(&unit(1)).map(drop))?;
    Ok(hot / quiet)
}

/// Returns the microseconds that the same resource takes in a plain store, which keeps one version.
pub(super) fn floor_micros(store: &Oracle, units: usize) -> Result<f64, Failure> {
    micros_each(READS, |n| {
        std::hint::black_box(store.about(&quiet_unit(n, units)));
        Ok::<_, std::convert::Infallible>(())
    })
}

/// Returns the microseconds that one resource takes in a plain store of all statements of a version, read over and over.
pub(super) fn floor_of_micros(version: &Snapshot, resource: &NamedNode) -> Result<f64, Failure> {
    let store = version.oracle()?;
    micros_each(READS, |_| {
        std::hint::black_box(store.about(resource));
        Ok::<_, std::convert::Infallible>(())
    })
}

/// Returns the milliseconds of a page: fifty units of one site, by serial.
pub(super) fn page_millis(version: &Snapshot) -> Result<f64, Failure> {
    let query = PageQuery {
        class: tl::TWIN_INSTANCE.into_owned(),
        filter: Some(Filter::Compare(tl::SITE.into_owned(), Comparison::Eq, Literal::from("site-07"))),
        order: vec![Order { predicate: Some(dcterms::IDENTIFIER.into_owned()), descending: false }],
        after: None,
        before: None,
        limit: PAGE_ITEMS,
        from_end: false,
        total: false,
    };
    median_millis(|| {
        let items = version.page(&query)?.items.len();
        if items == 0 { Err("an empty page".into()) } else { Ok(()) }
    })
}

/// Returns the milliseconds of the same page through GraphQL.
pub(super) fn graphql_page_millis(app: &Arc<App>) -> Result<f64, Failure> {
    let service = Service::new(Arc::clone(app))?;
    let text = format!(
        r#"{{ thread {{ twinInstances(first: {PAGE_ITEMS}, filter: {{site: {{eq: "site-07"}}}}, orderBy: [{{identifier: ASC}}]) {{
            totalCount edges {{ node {{ identifier site unitNumber }} }} }} }} }}"#
    );
    let query = Query { query: Some(text), ..Query::default() };
    median_millis(|| {
        let answer = service.run(&query);
        if answer["errors"].is_null() { Ok(()) } else { Err(answer.to_string().into()) }
    })
}

/// Returns the median milliseconds of a page, or of other work.
pub(super) fn median_millis(mut page: impl FnMut() -> Result<(), Failure>) -> Result<f64, Failure> {
    let mut millis = Vec::new();
    for _ in 0..PAGES {
        let start = Instant::now();
        page()?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(&mut millis))
}
