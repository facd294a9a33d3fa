//! How far back unpinned watermarks answer.
//!
//! Compaction drops arrivals that a later one of their instant replaced, where no readable watermark distinguishes the two. A watermark
//! stays readable for a while after it was handed out, which marks (an instant, and the position reached by then) turn into
//! a position; one below the floor is refused unless it is pinned. The floor rises only when something was dropped.

use super::bytes::{Reader, Short};

/// What old watermarks still answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct Horizon {
    /// Watermarks before this position answer only what is pinned.
    pub(in crate::telemetry) floor: u64,
    /// At each instant this position had been reached; both grow.
    marks: Vec<(i64, u64)>,
}

/// How many marks are kept for the time that watermarks stay readable.
const MARKS: i64 = 64;

impl Horizon {
    /// Remembers that a position was reached now; `readable` is how many nanoseconds watermarks stay readable.
    pub(in crate::telemetry) fn mark(&mut self, now: i64, position: u64, readable: i64) {
        // A clock that ran fast left marks that would last until that time comes.
        self.marks.retain(|(at, _)| *at <= now);
        let apart = readable / MARKS;
        let far = self.marks.last().is_none_or(|(at, _)| now.saturating_sub(*at) >= apart);
        if far && self.marks.last().is_none_or(|last| last.0 <= now && last.1 <= position) {
            self.marks.push((now, position));
        }
        let old = self.marks.iter().take_while(|(at, _)| *at <= now.saturating_sub(readable)).count();
        self.marks.drain(..old.saturating_sub(1));
    }

    /// Returns the position that no readable watermark lies before.
    pub(in crate::telemetry) fn readable_from(&self, now: i64, readable: i64) -> u64 {
        let old = self.marks.iter().take_while(|(at, _)| *at <= now.saturating_sub(readable));
        old.last().map_or(0, |(_, position)| *position).max(self.floor)
    }

    /// Returns the last instant that was remembered.
    pub(in crate::telemetry) fn last(&self) -> Option<i64> {
        self.marks.last().map(|(at, _)| *at)
    }

    /// Appends the horizon as bytes.
    pub(in crate::telemetry) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.floor.to_le_bytes());
        bytes.extend((self.marks.len() as u32).to_le_bytes());
        for (at, position) in &self.marks {
            bytes.extend(at.to_le_bytes());
            bytes.extend(position.to_le_bytes());
        }
    }

    /// Reads a horizon.
    pub(in crate::telemetry) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        let floor = reader.u64()?;
        let marks = (0..reader.u32()?).map(|_| Ok((reader.u64()? as i64, reader.u64()?)));
        Ok(Self { floor, marks: marks.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watermark_stays_readable_for_its_time() {
        let mut horizon = Horizon::default();
        let check = |horizon: &Horizon, now: i64, expect: u64| {
            assert_eq!(horizon.readable_from(now, 640), expect, "{now}");
        };
        for now in 0..100 {
            horizon.mark(now * 5, now as u64 + 1, 640);
        }
        check(&horizon, 500, 0);
        check(&horizon, 640, 1);
        check(&horizon, 655, 3);
        check(&horizon, 10_000, 99);
        horizon.mark(10_000, 300, 640);
        check(&horizon, 10_000, 99);
        assert_eq!(horizon.marks.len(), 2);
        horizon.floor = 200;
        check(&horizon, 10_000, 200);
        // Marks that a fast clock left are dropped.
        horizon.mark(99_000, 300, 640);
        horizon.mark(10_000, 300, 640);
        assert_eq!(horizon.last(), Some(10_000));
        // With no time at all, every watermark but the newest is given up.
        horizon.mark(10_001, 301, 0);
        assert_eq!(horizon.readable_from(10_001, 0), 301);
    }
}
