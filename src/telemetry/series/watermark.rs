//! Names of what the store knew at some time.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The store and how many batches had arrived in it. A query at a watermark sees exactly those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Watermark {
    pub(in crate::telemetry) store: Uuid,
    pub(in crate::telemetry) position: u64,
}

/// The text is no watermark.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a watermark")]
pub struct Malformed(String);

impl fmt::Display for Watermark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.store.simple(), self.position)
    }
}

impl FromStr for Watermark {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed(text.to_owned());
        let (store, position) = text.split_once('-').ok_or_else(malformed)?;
        let watermark = Self {
            store: Uuid::try_parse(store).map_err(|_| malformed())?,
            position: position.parse().map_err(|_| malformed())?,
        };
        // One watermark has one text.
        if watermark.to_string() == text { Ok(watermark) } else { Err(malformed()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let check = |text: &str, reads: bool| {
            let got = text.parse::<Watermark>().map(|watermark| watermark.to_string());
            assert_eq!(got == Ok(text.to_owned()), reads, "{text}: {got:?}");
        };
        check("0192f0c1a2b37c4d8e5f60718293a4b5-17", true);
        check("0192f0c1-a2b3-7c4d-8e5f-60718293a4b5-17", false);
        check("0192f0c1a2b37c4d8e5f60718293a4b5-017", false);
        check("0192f0c1a2b37c4d8e5f60718293a4b5", false);
    }
}
