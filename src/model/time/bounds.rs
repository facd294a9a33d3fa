//! When something certainly lasted and when it may have, as far as its start and its end are known.

use super::instant::Instant;
use super::interval::Interval;

/// What is known of a start and an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The first instant; `None`: not known.
    pub from: Option<Instant>,
    /// The first instant after; `None`: it still lasts, or where there is a latest end, not known.
    pub to: Option<Instant>,
    /// The first instant that is possible.
    pub from_earliest: Option<Instant>,
    /// The first instant after that is possible.
    pub to_latest: Option<Instant>,
}

impl Bounds {
    /// Returns when it certainly lasted.
    pub fn certain(self) -> Option<Interval> {
        let to = match (self.to, self.to_latest) {
            (None, Some(_)) => return None,
            (to, _) => to.unwrap_or(Instant::MAX),
        };
        Interval::new(self.from?, to).ok()
    }

    /// Returns when it may have lasted, the certain time included; `None` where no instant is left.
    pub fn possible(self) -> Option<Interval> {
        let from = self.from.into_iter().chain(self.from_earliest).min();
        let to = self.to.into_iter().chain(self.to_latest).max();
        Interval::new(from.unwrap_or(Instant::MIN), to.unwrap_or(Instant::MAX)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks bounds written `from to earliest latest`, of which `-` is not known, against spans written `from..to`.
    fn check(bounds: &str, certain: &str, possible: &str) {
        let read = |word: &str| word.parse().ok().map(Instant::from_nanos);
        let words: Vec<_> = bounds.split(' ').map(read).collect();
        let [from, to, from_earliest, to_latest] = words[..] else { panic!("four bounds: {bounds}") };
        let bounds = Bounds { from, to, from_earliest, to_latest };
        let edge = |at: Instant| match at {
            Instant::MIN | Instant::MAX => String::new(),
            at => at.nanos().to_string(),
        };
        let shown = |span: Option<Interval>| {
            span.map_or("-".to_owned(), |span| format!("{}..{}", edge(span.from()), edge(span.to())))
        };
        assert_eq!(
            (shown(bounds.certain()).as_str(), shown(bounds.possible()).as_str()),
            (certain, possible)
        );
    }

    #[test]
    fn what_is_not_known_is_possible() {
        check("3 5 - -", "3..5", "3..5");
        check("3 - - -", "3..", "3..");
        check("- 5 - -", "-", "..5");
        check("- - - -", "-", "..");
        check("3 5 2 6", "3..5", "2..6");
        check("- 5 2 -", "-", "2..5");
        check("3 - - 6", "-", "3..6");
        check("5 3 - -", "-", "-");
        // A bound within the known time takes nothing from it.
        check("3 8 4 7", "3..8", "3..8");
    }
}
