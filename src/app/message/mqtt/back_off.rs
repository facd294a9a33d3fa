//! How long a client waits after failures.

use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// How long after the first failure it is tried again; twice as long after each further one.
const FIRST: Duration = Duration::from_secs(1);
/// It is never longer than this.
const MOST: Duration = Duration::from_secs(60);
/// A connection that lasted so long was a good one: the next failure is a first one again.
const STEADY: Duration = Duration::from_secs(60);

/// Returns how many failures in a row there were before the end of a connection that lasted so long: one that a broker accepts and ends at
/// once is a failure too.
pub(super) fn failures_after(failures: u32, lasted: Duration) -> u32 {
    if lasted >= STEADY { 0 } else { failures }
}

/// Returns how long to wait after so many failures. It differs from broker to broker by up to a quarter; for one it is the same in every run.
pub(super) fn back_off(name: &str, failures: u32) -> Duration {
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(MOST);
    let digest = Sha256::digest(format!("{name}\n{failures}\n"));
    doubled - doubled / 4 * u32::from(digest[0]) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_twice_as_long_up_to_a_minute() {
        let check = |failures: u32, seconds: u64| {
            let (wait, most) = (back_off("plant", failures), Duration::from_secs(seconds));
            assert!(wait <= most && wait >= most / 4 * 3, "{failures}: {wait:?}");
        };
        check(1, 1);
        check(3, 4);
        check(9, 60);
        check(u32::MAX, 60);
        assert_eq!(failures_after(5, Duration::from_millis(10)), 5, "accepted and closed at once");
        assert_eq!(failures_after(5, STEADY), 0);
    }
}
