//! What is monitored, and how often: `[monitors]` in `throughline.toml`.
//!
//! ```toml
//! [monitors]
//! every = "PT6H"                # how often the service runs the monitors; P1D where absent
//! branch = "main"               # the version that is read, and the branch that takes what is found; main where absent
//!
//! [[monitors.monitor]]
//! name = "bearings"             # one of its own
//! items = ["bearing/B", "bearing/C"]   # Parts, DesignRevisions, Builds, TwinInstances; every RELEASED DesignRevision where absent
//! requirements = ["REQ-12"]     # all that the designs satisfy where absent
//! window = "P90D"               # how far back from the last midnight in UTC; a length in hours: from the last full hour
//! ```

use crate::app::error::Error;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use serde::Deserialize;
use std::collections::BTreeSet;

const HOUR_NS: i64 = 3_600_000_000_000;
const DAY_NS: i64 = 24 * HOUR_NS;
/// The service does not run monitors more often.
const EVERY_MIN_NS: i64 = 1_000_000_000;

/// The monitors of a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitors {
    /// How often the service runs them.
    pub every: Period,
    /// The version that is read, and the branch that takes what is found.
    pub branch: String,
    /// Each of them, in the order of the file.
    pub monitors: Vec<Monitor>,
    every_ns: i64,
}

/// Designs, and the requirements that their field life is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// Its name.
    pub name: String,
    /// The Parts, DesignRevisions, Builds or TwinInstances, as written; `None`: every DesignRevision that is RELEASED.
    pub items: Option<Vec<String>>,
    /// The requirements, as written; `None`: all that the designs satisfy.
    pub requirements: Option<Vec<String>>,
    /// How far it looks back.
    pub length: Period,
    length_ns: i64,
}

impl Default for Monitors {
    /// None, once a day.
    fn default() -> Self {
        let (every, every_ns) = (Period::from_days(1), DAY_NS);
        Self { every, branch: "main".to_owned(), monitors: Vec::new(), every_ns }
    }
}

impl Monitors {
    /// Takes the default for what is not written; a refusal comes with the tables and numbers of entries above the key that it is about.
    pub(super) fn of(written: Written) -> Result<Self, (Vec<String>, String)> {
        let default = Self::default();
        let (every, every_ns) = match &written.every {
            Some(every) => length("every", every, EVERY_MIN_NS).map_err(|reason| (Vec::new(), reason))?,
            None => (default.every, default.every_ns),
        };
        let monitor = |(number, written): (usize, WrittenMonitor)| {
            let above = || vec!["monitor".to_owned(), number.to_string()];
            Monitor::of(written).map_err(|reason| (above(), reason))
        };
        let monitors = written.monitor.into_iter().enumerate().map(monitor).collect::<Result<Vec<_>, _>>()?;
        let mut names = BTreeSet::new();
        match monitors.iter().find(|monitor| !names.insert(&monitor.name)) {
            Some(twice) => {
                let reason = format!("monitor: two monitors are called \"{}\"", twice.name);
                Err((Vec::new(), reason))
            }
            None => Ok(Self { every, branch: written.branch.unwrap_or(default.branch), monitors, every_ns }),
        }
    }

    /// Returns the monitors of these names, in the order of the file; all where none is named.
    pub fn named(&self, names: Option<&[String]>) -> Result<Vec<&Monitor>, Error> {
        let Some(names) = names else { return Ok(self.monitors.iter().collect()) };
        if let Some(unknown) = names.iter().find(|name| self.monitors.iter().all(|own| own.name != **name)) {
            return Err(Error::NoMonitor(unknown.clone()));
        }
        Ok(self.monitors.iter().filter(|monitor| names.contains(&monitor.name)).collect())
    }

    /// Returns how many nanoseconds after `now` the next run is due: runs fall on multiples of their distance since 1970, so
    /// that daily ones fall on midnight in UTC.
    pub fn due_in(&self, now: Instant) -> i64 {
        self.every_ns - now.nanos().rem_euclid(self.every_ns)
    }
}

impl Monitor {
    fn of(written: WrittenMonitor) -> Result<Self, String> {
        let WrittenMonitor { name, items, requirements, window } = written;
        if name.trim().is_empty() {
            return Err("name: a monitor has a name".to_owned());
        }
        let (length, length_ns) = length("window", &window, HOUR_NS)?;
        if length_ns % HOUR_NS != 0 {
            return Err(format!("window = \"{window}\": give whole hours or days"));
        }
        Ok(Self { name, items, requirements, length, length_ns })
    }

    /// Returns the window that it looks at now: the same for every run of a day, or of an hour where its length is no number
    /// of days.
    pub fn window(&self, now: Instant) -> Result<Interval, Error> {
        let step = if self.length_ns % DAY_NS == 0 { DAY_NS } else { HOUR_NS };
        let to = Instant::from_nanos(now.nanos().div_euclid(step) * step);
        Ok(Interval::new(to.plus_nanos(-self.length_ns), to)?)
    }
}

/// The file as written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    every: Option<String>,
    branch: Option<String>,
    #[serde(default)]
    monitor: Vec<WrittenMonitor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMonitor {
    name: String,
    items: Option<Vec<String>>,
    requirements: Option<Vec<String>>,
    window: String,
}

fn length(name: &str, text: &str, least: i64) -> Result<(Period, i64), String> {
    let period: Period = text.parse().map_err(|error| format!("{name} = \"{text}\": {error}"))?;
    match period.exact_nanos() {
        None => {
            Err(format!("{name} = \"{text}\": a month has no fixed length, give days or hours (P90D, PT12H)"))
        }
        Some(nanos) if nanos < least => Err(format!("{name} = \"{text}\" is too short")),
        Some(nanos) => Ok((period, nanos)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Monitors, String> {
        let written = toml::from_str(text).map_err(|error| error.to_string())?;
        Monitors::of(written).map_err(|(above, reason)| format!("{}: {reason}", above.join(".")))
    }

    #[test]
    fn monitors_are_read_or_refused_with_a_reason() {
        let check = |text: &str, expect: Result<usize, &str>| match (parse(text), expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got.monitors.len(), expect, "{text}"),
            (Err(got), Err(expect)) => assert!(got.contains(expect), "{text}: {got}"),
            (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
        };
        let one = "[[monitor]]\nname = 'hot'\nwindow = 'P90D'\n";
        check("", Ok(0));
        check(one, Ok(1));
        check(
            &format!("every = 'PT1H'\nbranch = 'field'\n{one}items = ['pump/A']\nrequirements = ['REQ-1']"),
            Ok(1),
        );
        check(&format!("{one}{one}"), Err("two monitors are called \"hot\""));
        check("[[monitor]]\nname = 'hot'\nwindow = 'P3M'", Err("a month has no fixed length"));
        check("[[monitor]]\nname = 'hot'\nwindow = 'PT90M'", Err("give whole hours or days"));
        check("[[monitor]]\nname = 'hot'\nwindow = 'PT0S'", Err("window = \"PT0S\" is too short"));
        check("[[monitor]]\nname = ' '\nwindow = 'P1D'", Err("a monitor has a name"));
        check("every = 'P1D'\n\n[[monitor]]\nname = 'hot'\nwindow = 'P3M'", Err("monitor.0: window"));
        check("[[monitor]]\nname = 'hot'", Err("window"));
        check("every = 'often'", Err("every = \"often\""));
        check("often = 3", Err("unknown field"));
    }

    #[test]
    fn windows_and_runs_fall_on_whole_days_and_hours() {
        let at = |text: &str| text.parse::<Instant>().expect("a test instant");
        let check = |length: &str, now: &str, from: &str, to: &str| {
            let text = format!("[[monitor]]\nname = 'm'\nwindow = '{length}'");
            let monitors = parse(&text).expect("monitors");
            let window = monitors.monitors[0].window(at(now)).expect("a window");
            assert_eq!((window.from(), window.to()), (at(from), at(to)), "{length} {now}");
        };
        check("P2D", "2026-01-10T23:59:59Z", "2026-01-08T00:00:00Z", "2026-01-10T00:00:00Z");
        check("PT48H", "2026-01-10T00:00:00Z", "2026-01-08T00:00:00Z", "2026-01-10T00:00:00Z");
        check("PT6H", "2026-01-10T07:30:00Z", "2026-01-10T01:00:00Z", "2026-01-10T07:00:00Z");
        let due = |every: &str, now: &str| {
            parse(&format!("every = '{every}'")).expect("monitors").due_in(at(now)) / 1_000_000_000
        };
        assert_eq!(due("P1D", "2026-01-10T23:00:00Z"), 3600);
        assert_eq!(due("PT1H", "2026-01-10T23:00:00Z"), 3600);
        assert_eq!(due("PT15M", "2026-01-10T23:14:59Z"), 1);
    }
}
