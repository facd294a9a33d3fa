//! What the service counts for whoever watches it, in the formats of Prometheus. Labels have few values each: routes as they are declared,
//! never paths as they are sent.

mod process;
mod readings;

use crate::app::Figures;
use crate::graphql::About;
use axum::http::Method;
use prometheus_client::encoding::{EncodeLabelSet, prometheus_text, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

pub(super) use readings::Service;

/// What the names of the service's own metrics begin with; those of the process have the names that Prometheus gives them.
const PREFIX: &str = "throughline";

/// Counts of requests, shared by all that count them.
#[derive(Clone, Debug)]
pub(super) struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    requests: Family<Request, Counter>,
    request_seconds: Family<Route, Histogram>,
    answered: RwLock<HashMap<String, Vec<Answered>>>,
    in_flight: Gauge,
    operations: Family<GraphqlOperation, Counter>,
    operation_seconds: Family<Kind, Histogram>,
    limited: Family<Limited, Counter>,
    unauthenticated: Counter,
}

/// What counts the answers of a route to a method with a status: found by the name of the route, without making labels of it.
#[derive(Debug)]
struct Answered {
    method: &'static str,
    status: u16,
    count: Counter,
    seconds: Histogram,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct GraphqlOperation {
    r#type: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    r#type: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Limited {
    limit: &'static str,
}

/// The route of a request that none of the declared ones takes.
pub(super) const NO_ROUTE: &str = "none";

impl Answered {
    fn count(&self, took: Duration) {
        self.count.inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

/// A request under way, until it is dropped.
pub(super) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// From 1 ms to 33 s.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 16))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let requests = Family::default();
        let request_seconds = Family::new_with_constructor(seconds as fn() -> Histogram);
        let (in_flight, unauthenticated) = (Gauge::default(), Counter::default());
        let operations = Family::default();
        let operation_seconds = Family::new_with_constructor(seconds as fn() -> Histogram);
        registry.register("http_requests", "Requests by route, method and status", requests.clone());
        let about = "Time from the head of a request to that of its answer";
        registry.register("http_request_duration_seconds", about, request_seconds.clone());
        registry.register("http_requests_in_flight", "Requests that are being answered", in_flight.clone());
        let about = "GraphQL operations over HTTP and WebSocket, by type and outcome";
        registry.register("graphql_operations", about, operations.clone());
        let about = "Time of GraphQL operations, with what they wait; of a subscription until its first event is awaited";
        registry.register("graphql_operation_duration_seconds", about, operation_seconds.clone());
        let limited = Family::<Limited, Counter>::default();
        let about = "Requests refused by a limit of their principal";
        registry.register("http_limited_requests", about, limited.clone());
        for limit in ["requests", "bytes"] {
            drop(limited.get_or_create(&Limited { limit }));
        }
        registry.register(
            "http_unauthenticated_requests",
            "Requests of nobody who is let in",
            unauthenticated.clone(),
        );
        Self(Arc::new(Inner {
            registry,
            requests,
            request_seconds,
            answered: RwLock::default(),
            in_flight,
            operations,
            operation_seconds,
            limited,
            unauthenticated,
        }))
    }
}

impl Metrics {
    /// Notes that a request is under way, until the returned value is dropped.
    pub(super) fn begin(&self) -> InFlight {
        self.0.in_flight.inc();
        InFlight(self.0.in_flight.clone())
    }

    /// Counts a request that was answered.
    pub(super) fn answered(&self, route: &str, method: &Method, status: u16, took: Duration) {
        let method = method_name(method);
        {
            let routes = self.0.answered.read().unwrap_or_else(PoisonError::into_inner);
            let answered = routes.get(route).into_iter().flatten();
            if let Some(known) = answered.into_iter().find(|of| of.method == method && of.status == status) {
                return known.count(took);
            }
        }
        let answered = self.of_route(route, method, status);
        answered.count(took);
        let mut routes = self.0.answered.write().unwrap_or_else(PoisonError::into_inner);
        routes.entry(route.to_owned()).or_default().push(answered);
    }

    fn of_route(&self, route: &str, method: &'static str, status: u16) -> Answered {
        let labels = Request { route: route.to_owned(), method, status };
        let count = self.0.requests.get_or_create(&labels).clone();
        let labels = Route { route: route.to_owned(), method };
        let seconds = self.0.request_seconds.get_or_create(&labels).clone();
        Answered { method, status, count, seconds }
    }

    /// Counts a GraphQL operation.
    pub(super) fn operated(&self, about: &About, took: Duration) {
        let kind = about.kind.unwrap_or("none");
        let outcome = if about.failed { "errors" } else { "ok" };
        self.0.operations.get_or_create(&GraphqlOperation { r#type: kind, outcome }).inc();
        self.0.operation_seconds.get_or_create(&Kind { r#type: kind }).observe(took.as_secs_f64());
    }

    /// Counts a request that a limit of its principal refused.
    pub(super) fn limited(&self, limit: &'static str) {
        self.0.limited.get_or_create(&Limited { limit }).inc();
    }

    /// Counts a request of nobody.
    pub(super) fn unauthenticated(&self) {
        self.0.unauthenticated.inc();
    }

    /// Writes all metrics, with what the stores and the service are at now; with the media type.
    pub(super) fn text(
        &self,
        figures: &Figures,
        service: &Service,
        is_open_metrics: bool,
    ) -> Result<(&'static str, String), fmt::Error> {
        let (own, process) = readings::registries(figures, service);
        let mut written = String::new();
        let registries = [&self.0.registry, &own, &process];
        if is_open_metrics {
            registries.iter().try_for_each(|registry| text::encode_registry(&mut written, registry))?;
            text::encode_eof(&mut written)?;
            return Ok((OPEN_METRICS, written));
        }
        registries.iter().try_for_each(|registry| prometheus_text::encode(&mut written, registry))?;
        Ok((prometheus_text::CONTENT_TYPE, written))
    }
}

/// The media type of OpenMetrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns the name of a method that the service knows; others are one.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
