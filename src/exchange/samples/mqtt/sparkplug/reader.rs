//! The samples of a message whose metrics a birth has declared.

use super::address::Address;
use super::message::{self, Metric, Payload};
use super::node::{Metrics, is_value};
use super::unit::{captures, twin};
use crate::exchange::samples::mqtt::route::{Reason, Refusal, Route, Sample};

/// What the metrics of a message are read with.
pub(super) struct Reader<'a> {
    pub(super) route: &'a Route,
    pub(super) address: &'a Address<'a>,
    pub(super) payload: &'a Payload,
}

impl Reader<'_> {
    /// Hands each sample, and whatever is none, to `take`; returns whether the birth has declared all metrics.
    pub(super) fn samples(&self, declared: &Metrics, take: &mut dyn FnMut(Result<Sample, Refusal>)) -> bool {
        let mut is_complete = true;
        for metric in &self.payload.metrics {
            match declared.find(metric) {
                Some(found) if is_value(&found.name) => {
                    if let Some(read) = self.sample(metric, &found.name, found.datatype) {
                        take(read);
                    }
                }
                Some(_) => {}
                None => {
                    is_complete = false;
                    let name = metric.name.clone().unwrap_or_else(|| format!("alias {:?}", metric.alias));
                    take(Err(Refusal::new(Reason::Undeclared, format!("{name} is not part of the birth"))));
                }
            }
        }
        is_complete
    }

    /// Refuses all metrics, as no birth states what they are.
    pub(super) fn refuse(&self, take: &mut dyn FnMut(Result<Sample, Refusal>)) {
        let name = self.address.device.unwrap_or(self.address.node);
        let detail = format!("{name} has no birth that is followed by all messages since; it is asked for");
        for _ in &self.payload.metrics {
            take(Err(Refusal::new(Reason::Undeclared, detail.clone())));
        }
    }

    /// Returns the sample of a metric; `None` where it has no value.
    fn sample(&self, metric: &Metric, name: &str, datatype: u32) -> Option<Result<Sample, Refusal>> {
        let value = match metric.number(datatype)? {
            Ok(value) => value,
            Err(reason) => return Some(Err(Refusal::new(Reason::Value, format!("{name}: {reason}")))),
        };
        let at = match metric.timestamp.or(self.payload.timestamp).map(message::instant).transpose() {
            Ok(at) => at,
            Err(reason) => return Some(Err(Refusal::new(Reason::Time, format!("{name}: {reason}")))),
        };
        if at.is_none() && metric.is_historical == Some(true) {
            let detail = format!("{name}: a value of the past states its time");
            return Some(Err(Refusal::new(Reason::Time, detail)));
        }
        let captures = captures(self.address, self.address.device);
        let twin = twin(self.route, &captures);
        let field = self.route.field_of(&captures, name);
        Some(Ok(self.route.sample(&captures, twin, field, at, value)))
    }
}
