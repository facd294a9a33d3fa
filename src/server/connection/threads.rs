//! The threads of a service: which of them a request is for, by the begin of its path.

use crate::app::Mount;
use axum::Router;
use axum::http::Uri;
use std::sync::Arc;

/// The routes of all threads.
#[derive(Clone)]
pub(in crate::server) struct Threads {
    first: Router,
    further: Arc<[(Mount, Router)]>,
}

impl Threads {
    /// Takes the routes of the first thread, and those of further ones with where each begins.
    pub(in crate::server) fn new(first: Router, further: Vec<(Mount, Router)>) -> Self {
        Self { first, further: further.into() }
    }

    /// Takes the routes of a thread that a connection is for alone.
    pub(in crate::server) fn alone(router: Router) -> Self {
        Self::new(router, Vec::new())
    }

    /// Returns the routes of the thread that a request is for, and leaves in its address the path inside that thread. What is of no further
    /// thread is of the first.
    pub(in crate::server) fn enter(&self, uri: &mut Uri) -> Router {
        let path = uri.path();
        let found =
            self.further.iter().find_map(|(mount, router)| Some((within(uri, mount.inside(path)?)?, router)));
        match found {
            Some((inside, router)) => {
                *uri = inside;
                router.clone()
            }
            None => self.first.clone(),
        }
    }
}

/// Returns an address with another path.
fn within(uri: &Uri, path: &str) -> Option<Uri> {
    let slash = if path.starts_with('/') { "" } else { "/" };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{slash}{path}{query}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_inside_a_thread_keeps_its_query_and_host() {
        let check = |uri: &str, path: &str, expect: &str| {
            let uri: Uri = uri.parse().expect("an address");
            assert_eq!(within(&uri, path).map(|uri| uri.to_string()).as_deref(), Some(expect), "{uri}");
        };
        check("/t/press/pages/?at=main", "/pages/", "/pages/?at=main");
        check("/t/press?x=%2F", "", "/?x=%2F");
        check("/t/press/a%20b", "/a%20b", "/a%20b");
        check("/t/press//graphql", "//graphql", "//graphql");
        check("http://plant.example:80/t/press/graphql", "/graphql", "http://plant.example:80/graphql");
    }
}
