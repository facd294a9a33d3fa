//! The verdict of a testcase of JUnit XML: by the elements in it, and by the attributes `status` and `result` of those programs that state
//! there what others state by an element.

use crate::exchange::reading::Gaps;
use crate::exchange::xml::Element;

/// The characters of a message that are kept.
const MESSAGE_MAX: usize = 4000;
/// Elements of a testcase that state nothing of its verdict.
const BESIDE: [&str; 3] = ["properties", "system-out", "system-err"];
/// The words of a test that ran without a fault, in lower case.
const PASSED: [&str; 10] = [
    "run",
    "completed",
    "complete",
    "executed",
    "pass",
    "passed",
    "success",
    "successful",
    "succeeded",
    "ok",
];
/// The words of a test that did not run to a verdict.
const NOT_RUN: [&str; 14] = [
    "notrun",
    "notexecuted",
    "suppressed",
    "skip",
    "skipped",
    "disabled",
    "ignore",
    "ignored",
    "pending",
    "inconclusive",
    "blocked",
    "filtered",
    "none",
    "unknown",
];
/// The words of a test that failed or could not end.
const FAILED: [&str; 12] = [
    "fail", "failed", "failure", "error", "errored", "errors", "broken", "crash", "crashed", "timeout",
    "timedout", "aborted",
];

/// A verdict; of two that a testcase states the later here counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It ran without a fault.
    Pass,
    /// It did not run, or nobody can know.
    Inconclusive,
    /// It failed.
    Fail,
}

impl Outcome {
    /// Returns the verdict's name in the ontology.
    pub(super) fn verdict(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Fail => "FAIL",
        }
    }

    /// Reads a word such as `notrun`, `Not Run` or `FAILED`; `None` where it is not known.
    fn of_word(word: &str) -> Option<Self> {
        let word: String = word.chars().filter(|char| !" _-".contains(*char)).collect();
        let word = word.to_lowercase();
        let lists = [(&PASSED[..], Self::Pass), (&NOT_RUN, Self::Inconclusive), (&FAILED, Self::Fail)];
        lists.into_iter().find(|(words, _)| words.contains(&word.as_str())).map(|(_, own)| own)
    }
}

/// Returns the verdict of a testcase and the message with it; what cannot be read is noted.
pub(super) fn outcome(case: &Element, gaps: &mut Gaps) -> (Outcome, String) {
    let (mut worst, mut message) = (Outcome::Pass, String::new());
    for child in case.elements().filter(|child| !BESIDE.contains(&child.name.as_str())) {
        match Outcome::of_word(&child.name) {
            Some(own) if own > worst => (worst, message) = (own, text(child)),
            Some(_) => {}
            None => gaps.add(child.line, format!("<{}> of a testcase is not read", child.name)),
        }
    }
    for name in ["status", "result"] {
        let Some(word) = case.attribute(name).filter(|word| !word.trim().is_empty()) else { continue };
        let own = Outcome::of_word(word).unwrap_or_else(|| {
            gaps.add(
                case.line,
                format!("{name}=\"{word}\" of a testcase is not known, so its result is not PASS"),
            );
            Outcome::Inconclusive
        });
        if own > worst {
            (worst, message) = (own, format!("{name}: {word}").chars().take(MESSAGE_MAX).collect());
        }
    }
    (worst, message)
}

fn text(element: &Element) -> String {
    let text = element.text();
    let parts = [element.attribute("message").unwrap_or_default(), text.trim()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n").chars().take(MESSAGE_MAX).collect()
}

/// The testcases of a suite that failed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Failed {
    /// Those of the suite itself.
    pub(super) own: u64,
    /// Those of the suites in it.
    pub(super) within: u64,
}

/// Notes a suite that states another number of failures and errors than its testcases have. A suite counts those of the suites in it, or
/// its own alone.
pub(super) fn compare(suite: &Element, failed: Failed, gaps: &mut Gaps) {
    let count = |name| suite.attribute(name).and_then(|text| text.trim().parse::<u64>().ok());
    let (failures, errors) = (count("failures"), count("errors"));
    if failures.is_none() && errors.is_none() {
        return;
    }
    let stated = failures.unwrap_or(0).saturating_add(errors.unwrap_or(0));
    let (read, has_own) = (failed.own + failed.within, suite.child("testcase").is_some());
    if stated == read || (has_own && stated == failed.own) {
        return;
    }
    let name =
        suite.attribute("name").map_or_else(|| "a suite".to_owned(), |name| format!("the suite \"{name}\""));
    gaps.add(
        suite.line,
        format!("{name} states {stated} failures and errors, and {read} of its testcases are read as FAIL; compare it with the report of the program that wrote the file"),
    );
}
