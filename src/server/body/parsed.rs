//! The memory that the values of GraphQL requests take: many times their bytes, where these are mostly brackets and commas. It is taken
//! before a request is read as JSON; where others have it, the request waits.

use crate::app::ServerSettings;
use crate::graphql::{Caller, ParsedBytes, Permit, Queue};
use std::time::Duration;

/// What takes no more is not counted.
const FREE_BYTES: usize = 256 << 10;
/// The memory is given in units of so many bytes.
const UNIT_BYTES: usize = 64 << 10;
/// A request is weighed in pieces of so many bytes, between which others are served.
const PIECE_BYTES: usize = 256 << 10;
/// How many requests may wait for it; they have their bodies in memory.
const WAITING_MAX: usize = 256;

/// The memory for the values of all requests.
#[derive(Clone, Debug)]
pub(in crate::server) struct Parsed {
    units: Queue,
    bytes_max: usize,
    patience: Duration,
}

/// Why a request gets no memory.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::server) enum Lacking {
    /// It needs more than there is.
    TooMuch(String),
    /// Others have it.
    Later(String),
}

impl Parsed {
    pub(in crate::server) fn new(settings: &ServerSettings) -> Self {
        let bytes_max = settings.parsed_bytes_max;
        let units = Queue::new((bytes_max / UNIT_BYTES).max(1), WAITING_MAX);
        Self { units, bytes_max, patience: settings.time_max }
    }

    /// Waits for the memory that a request needs; `None` where that is little.
    pub(in crate::server) async fn take(
        &self,
        json: &[u8],
        caller: Caller,
    ) -> Result<Option<Permit>, Lacking> {
        let mut bytes = ParsedBytes::default();
        for (number, piece) in json.chunks(PIECE_BYTES).enumerate() {
            // Between pieces alone: most requests have one, and would be scheduled twice.
            if number > 0 {
                tokio::task::yield_now().await;
            }
            bytes.add(piece);
        }
        let Some(units) = self.units_of(bytes.total())? else { return Ok(None) };
        match tokio::time::timeout(self.patience, self.units.take_many(caller, units)).await {
            Ok(Ok(place)) => Ok(Some(place)),
            _ => Err(self.later()),
        }
    }

    /// Takes the memory that a request needs where it is free.
    pub(in crate::server) fn try_take(&self, json: &[u8]) -> Result<Option<Permit>, Lacking> {
        let mut bytes = ParsedBytes::default();
        bytes.add(json);
        let Some(units) = self.units_of(bytes.total())? else { return Ok(None) };
        self.units.try_take_many(units).map(Some).ok_or_else(|| self.later())
    }

    fn units_of(&self, bytes: usize) -> Result<Option<usize>, Lacking> {
        let max = self.bytes_max;
        if bytes > max {
            let megabytes = |bytes: usize| bytes / 1_000_000;
            return Err(Lacking::TooMuch(format!(
                "the values of this request would take about {} MB in memory, {} MB is all that they may (parsedMegabytes under [server] in throughline.toml): send them in parts",
                megabytes(bytes),
                megabytes(max)
            )));
        }
        Ok((bytes > FREE_BYTES).then(|| bytes.div_ceil(UNIT_BYTES)))
    }

    fn later(&self) -> Lacking {
        let megabytes = self.bytes_max / 1_000_000;
        Lacking::Later(format!(
            "the values of other requests take the {megabytes} MB that there are (parsedMegabytes under [server] in throughline.toml): try again later, or send less at once"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[tokio::test]
    async fn values_take_memory_before_they_are_read() {
        let parsed =
            Parsed::new(&ServerSettings { parsed_bytes_max: 2_000_000, ..ServerSettings::default() });
        let caller = Caller::of(Ipv4Addr::LOCALHOST.into());
        let objects = |count: usize| format!("[{}]", vec![r#"{"a\"b":1}"#; count].join(",")).into_bytes();
        let text = format!("\"{}\"", "{[,".repeat(10_000)).into_bytes();
        assert!(parsed.take(&text, caller).await.expect("little").is_none(), "brackets in a text are text");
        assert!(
            matches!(parsed.try_take(&objects(3_000)), Err(Lacking::TooMuch(text)) if text.contains("2 MB in memory, 2 MB"))
        );
        let first = parsed.take(&objects(1_500), caller).await.expect("room");
        assert!(first.is_some());
        assert!(matches!(parsed.try_take(&objects(1_500)), Err(Lacking::Later(_))));
        let waiting = tokio::spawn({
            let (parsed, objects) = (parsed.clone(), objects(1_500));
            async move { parsed.take(&objects, caller).await.is_ok_and(|place| place.is_some()) }
        });
        while parsed.units.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(parsed.try_take(&objects(10)).expect("little").is_none());
        drop(first);
        assert!(waiting.await.expect("no panic"));
    }
}
