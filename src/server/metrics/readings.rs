//! What is read when somebody asks: figures of the stores, of the service and of the process, which nobody keeps meanwhile.

use super::{PREFIX, process};
use crate::app::access::Outcome;
use crate::app::{BrokerStatus, Figures, LinkState};
use crate::model::sync::cache::CacheUse;
use crate::model::sync::counter::Synced;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::fmt;

/// What the service is at: free places, those who wait, and what is open.
#[derive(Clone, Debug, Default)]
pub(in crate::server) struct Service {
    /// Free places by what they are for.
    pub(in crate::server) permits: Vec<(&'static str, usize)>,
    /// How many wait, by what for.
    pub(in crate::server) waiting: Vec<(&'static str, usize)>,
    pub(in crate::server) connections: usize,
    pub(in crate::server) sockets: usize,
    pub(in crate::server) socket_operations: usize,
    /// Bytes of bodies that are received, and of answers that are not read.
    pub(in crate::server) body_bytes: Vec<(&'static str, usize)>,
}

/// One metric, as it is read.
#[derive(Debug)]
struct Reading {
    name: &'static str,
    about: &'static str,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Counter(Vec<(Labels, f64)>),
    Gauge(Vec<(Labels, f64)>),
    Histogram(f64, Vec<(f64, u64)>),
}

type Labels = Vec<(&'static str, String)>;

#[derive(Debug)]
struct Readings(Vec<Reading>);

impl Collector for Readings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for Reading { name, about, values } in &self.0 {
            let kind = match values {
                Values::Counter(_) => MetricType::Counter,
                Values::Gauge(_) => MetricType::Gauge,
                Values::Histogram(..) => MetricType::Histogram,
            };
            let mut metric = encoder.encode_descriptor(name, about, None, kind)?;
            match values {
                Values::Histogram(sum, buckets) => {
                    let count = buckets.iter().map(|(_, count)| count).sum();
                    metric.encode_histogram::<Labels>(*sum, count, buckets, None)?;
                }
                Values::Counter(values) => each(&mut metric, values, |metric, value| {
                    metric.encode_counter::<Labels, f64, f64>(&value, None)
                })?,
                Values::Gauge(values) => {
                    each(&mut metric, values, |metric, value| metric.encode_gauge(&value))?;
                }
            }
        }
        Ok(())
    }
}

fn each(
    metric: &mut MetricEncoder<'_>,
    values: &[(Labels, f64)],
    encode: impl Fn(&mut MetricEncoder<'_>, f64) -> Result<(), fmt::Error>,
) -> Result<(), fmt::Error> {
    for (labels, value) in values {
        if labels.is_empty() {
            encode(metric, *value)?;
        } else {
            encode(&mut metric.encode_family(labels)?, *value)?;
        }
    }
    Ok(())
}

fn counter(name: &'static str, about: &'static str, value: impl Number) -> Reading {
    Reading { name, about, values: Values::Counter(vec![(Vec::new(), value.number())]) }
}

fn gauge(name: &'static str, about: &'static str, value: impl Number) -> Reading {
    Reading { name, about, values: Values::Gauge(vec![(Vec::new(), value.number())]) }
}

fn of<T: ToString, N: Number>(
    label: &'static str,
    values: impl IntoIterator<Item = (T, N)>,
) -> Vec<(Labels, f64)> {
    values.into_iter().map(|(name, value)| (vec![(label, name.to_string())], value.number())).collect()
}

/// A count as Prometheus has all numbers.
trait Number {
    fn number(self) -> f64;
}

impl Number for u64 {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for usize {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Number for f64 {
    fn number(self) -> f64 {
        self
    }
}

/// Makes the registries of the service's own figures, and of those of the process.
pub(super) fn registries(figures: &Figures, service: &Service) -> (Registry, Registry) {
    let mut own = Registry::with_prefix(PREFIX);
    let all = [
        graph(figures),
        telemetry(figures),
        access(figures),
        outbox(figures),
        brokers(figures),
        places(service),
    ];
    own.register_collector(Box::new(Readings(all.into_iter().flatten().collect())));
    let mut process = Registry::default();
    process.register_collector(Box::new(Readings(of_process())));
    (own, process)
}

fn graph(figures: &Figures) -> Vec<Reading> {
    let graph = &figures.graph;
    let caches = [("versions", graph.versions), ("telemetry_blocks", figures.telemetry.blocks)];
    let cache =
        |of_use: fn(&CacheUse) -> u64| of("cache", caches.iter().map(|(name, cache)| (*name, of_use(cache))));
    let (sum, sizes) = &graph.groups;
    vec![
        gauge("thread_commits", "Commits that branches, tags and kept versions reach", graph.commits),
        Reading {
            name: "commit_group_size",
            about: "Commits that were written to the disk together",
            values: Values::Histogram(*sum as f64, sizes.clone()),
        },
        gauge("commits_waiting", "Commits that wait to be written", graph.waiting),
        gauge(
            "index_unsynced_updates",
            "Updates of the index that are not synced to its file: its lag after a kill",
            graph.index_unsynced,
        ),
        Reading {
            name: "file_syncs",
            about: "Syncs of files to the disk, by what they belong to",
            values: Values::Counter(of("store", Synced::ALL.map(|synced| (synced.as_str(), synced.count())))),
        },
        Reading {
            name: "cache_bytes",
            about: "Memory that a cache takes, about",
            values: Values::Gauge(cache(|cache| cache.bytes)),
        },
        Reading {
            name: "cache_hits",
            about: "Reads that a cache answered",
            values: Values::Counter(cache(|cache| cache.hits)),
        },
        Reading {
            name: "cache_misses",
            about: "Reads that a cache could not answer",
            values: Values::Counter(cache(|cache| cache.misses)),
        },
    ]
}

fn telemetry(figures: &Figures) -> Vec<Reading> {
    let telemetry = &figures.telemetry;
    vec![
        counter("ingest_samples", "Samples that were stored", telemetry.samples),
        counter("ingest_bytes", "Bytes of line protocol that were read, unpacked", telemetry.bytes),
        counter("ingest_refused_lines", "Lines and samples that were refused", telemetry.refused),
        gauge("telemetry_series", "Series that are not deleted", telemetry.series),
        gauge(
            "telemetry_unsealed_samples",
            "Samples that are in the log and in memory alone",
            telemetry.unsealed,
        ),
        gauge("telemetry_parts", "Parts", telemetry.parts),
        gauge(
            "telemetry_damaged_parts",
            "Parts that were missing or damaged at the start: throughline fsck",
            telemetry.damaged_parts,
        ),
    ]
}

fn access(figures: &Figures) -> Vec<Reading> {
    let outcome = |outcome: Outcome| match outcome {
        Outcome::Done => "done",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    };
    let operations = figures.operations.iter().map(|(operation, of, count)| {
        let labels = vec![("operation", operation.as_str().to_owned()), ("outcome", outcome(*of).to_owned())];
        (labels, count.number())
    });
    vec![
        Reading {
            name: "operations",
            about: "Operations on the thread by outcome, but reads",
            values: Values::Counter(operations.collect()),
        },
        counter("audit_entries", "Entries written to the audit log", figures.audit.0),
        counter("audit_failures", "Entries that could not be written to the audit log", figures.audit.1),
    ]
}

fn outbox(figures: &Figures) -> Vec<Reading> {
    let mut deliveries = Vec::new();
    for (target, counts, _) in &figures.outbox {
        for (outcome, count) in
            [("delivered", counts.delivered), ("failed", counts.failed), ("dead", counts.dead)]
        {
            let labels = vec![("target", target.clone()), ("outcome", outcome.to_owned())];
            deliveries.push((labels, count.number()));
        }
    }
    let dead = figures.outbox.iter().map(|(target, _, dead)| (target, *dead));
    vec![
        Reading {
            name: "outbox_deliveries",
            about: "Attempts to deliver events to a target, by what they came to",
            values: Values::Counter(deliveries),
        },
        Reading {
            name: "outbox_dead_letters",
            about: "Events that were given up and are kept for a person",
            values: Values::Gauge(of("target", dead)),
        },
    ]
}

fn brokers(figures: &Figures) -> Vec<Reading> {
    let each = |of_broker: fn(&BrokerStatus) -> u64| {
        of("broker", figures.brokers.iter().map(|broker| (&broker.name, of_broker(broker))))
    };
    let refused = figures.brokers.iter().flat_map(|broker| {
        broker.refused.iter().map(|(reason, count)| {
            let labels = vec![("broker", broker.name.clone()), ("reason", reason.name().to_lowercase())];
            (labels, count.number())
        })
    });
    vec![
        Reading {
            name: "mqtt_connected",
            about: "Whether the client of a broker is connected",
            values: Values::Gauge(each(|broker| u64::from(broker.state == LinkState::Connected))),
        },
        Reading {
            name: "mqtt_unacknowledged_messages",
            about: "Messages that arrived and are not acknowledged yet",
            values: Values::Gauge(each(|broker| broker.unacknowledged)),
        },
        Reading {
            name: "mqtt_connections",
            about: "How often the client of a broker was connected",
            values: Values::Counter(each(|broker| broker.connections)),
        },
        Reading {
            name: "mqtt_lost_sessions",
            about: "How often a broker had not kept the session, so that messages that waited there are lost",
            values: Values::Counter(each(|broker| broker.lost_sessions)),
        },
        Reading {
            name: "mqtt_messages",
            about: "Messages that arrived",
            values: Values::Counter(each(|broker| broker.messages)),
        },
        Reading {
            name: "mqtt_samples",
            about: "Samples of messages that were stored",
            values: Values::Counter(each(|broker| broker.samples)),
        },
        Reading {
            name: "mqtt_refused",
            about: "Messages and values that were no samples, by the reason",
            values: Values::Counter(refused.collect()),
        },
    ]
}

fn places(service: &Service) -> Vec<Reading> {
    vec![
        Reading {
            name: "permits_free",
            about: "Places that are free for work, by what they are for",
            values: Values::Gauge(of("permit", service.permits.iter().copied())),
        },
        Reading {
            name: "queue_length",
            about: "Requests that wait for a place, by what for",
            values: Values::Gauge(of("queue", service.waiting.iter().copied())),
        },
        gauge("http_connections", "Connections that are open", service.connections),
        gauge("websockets", "WebSockets that are open", service.sockets),
        gauge("websocket_operations", "Operations under way over WebSockets", service.socket_operations),
        Reading {
            name: "body_bytes",
            about: "Memory that bodies take: received ones, and answers that are not read yet",
            values: Values::Gauge(of("body", service.body_bytes.iter().copied())),
        },
        Reading {
            name: "build_info",
            about: "The version, in a label",
            values: Values::Gauge(vec![(vec![("version", env!("CARGO_PKG_VERSION").to_owned())], 1.0)]),
        },
    ]
}

/// Reads the figures of the process under the names that Prometheus gives them; what cannot be read is left out.
fn of_process() -> Vec<Reading> {
    let Some(process) = process::read() else { return Vec::new() };
    vec![
        counter("process_cpu_seconds", "Time of processors", process.cpu_seconds),
        gauge("process_resident_memory_bytes", "Memory in use", process.resident_bytes),
        gauge("process_virtual_memory_bytes", "Memory that is mapped", process.virtual_bytes),
        gauge("process_threads", "Threads", process.threads),
        gauge("process_open_fds", "File descriptors that are open", process.open_files),
        gauge("process_max_fds", "File descriptors that may be open", process.files_max),
        gauge("process_start_time_seconds", "When the process began, since 1970", process.started_seconds),
    ]
}
