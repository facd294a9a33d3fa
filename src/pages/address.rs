//! Addresses of pages. Each names its version and watermark, so that it shows the same to whoever opens it; what an address leaves open is
//! looked up, and the browser is sent to the full one.

use super::answer::Connection;
use super::answer::margin::{Property, Reading};
use super::answer::record::{Commit, Reference};
use super::page::Page;
use super::text::time::{DAY, instant, short};
use crate::app::Mount;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is encoded in a value of an address; the others may be there (RFC 3986, 3.4), so that names stay readable.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'+')
    .add(b'<')
    .add(b'=')
    .add(b'>');

/// How far a window reaches back where the address states nothing.
const WINDOW: &str = "P24M";

/// What a design revision is not observed by, or not compared with.
pub(in crate::pages) const NONE: &str = "none";

/// The longest value of a parameter.
const VALUE_MAX: usize = 2_000;

/// The address of a page, as it was asked for.
#[derive(Clone, Debug)]
pub struct Address {
    pub(in crate::pages) page: Page,
    pub(in crate::pages) place: Place,
    values: BTreeMap<String, String>,
}

/// Why there is no such page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no page with this path.
    #[error("there is no page {0}")]
    Absent(String),
    /// A parameter has no value that can be used.
    #[error("{0}")]
    Parameter(String),
}

/// Where a page looks; empty where the address leaves it open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) struct Place {
    /// Where the paths of the thread begin.
    pub(in crate::pages) mount: Mount,
    /// The version.
    pub(in crate::pages) at: String,
    /// The watermark of telemetry.
    pub(in crate::pages) as_known_at: String,
    /// The window of time: dates, or instants of RFC 3339.
    pub(in crate::pages) from: String,
    pub(in crate::pages) to: String,
    /// The version that limits are compared with.
    pub(in crate::pages) then: String,
}

impl Address {
    /// Reads a path below `/pages/` of a thread, and its parameters.
    pub fn read(mount: &Mount, path: &str, parameters: Vec<(String, String)>) -> Result<Self, Refused> {
        let page = Page::ALL.into_iter().find(|page| page.path() == path);
        let page = page.ok_or_else(|| Refused::Absent(format!("/pages/{path:.80}")))?;
        let mut values = BTreeMap::new();
        for (name, value) in parameters {
            if value.len() > VALUE_MAX {
                return Err(Refused::Parameter(format!("{name:.40} is longer than {VALUE_MAX} bytes")));
            }
            // A form sends its empty fields too.
            let value = value.trim();
            if !value.is_empty() && values.insert(name.clone(), value.to_owned()).is_some() {
                return Err(Refused::Parameter(format!("{name:.40} is there twice")));
            }
        }
        let mut take = |name: &str| values.remove(name).unwrap_or_default();
        let place = Place {
            mount: mount.clone(),
            at: take("at"),
            as_known_at: take("asKnownAt"),
            from: take("from"),
            to: take("to"),
            then: take("then"),
        };
        for (name, text) in [("from", &place.from), ("to", &place.to)] {
            if !text.is_empty() && instant(text).is_none() {
                return Err(Refused::Parameter(format!(
                    "{name} is a date such as 2026-01-01 or an instant such as 2026-01-01T00:00:00Z, not {text:.40}"
                )));
            }
        }
        if let (Some(from), Some(to)) = (instant(&place.from), instant(&place.to))
            && Interval::new(from, to).is_err()
        {
            return Err(Refused::Parameter(format!("the window ends at {} before it begins", place.to)));
        }
        if let Some(limit) =
            values.get("limit").filter(|limit| !limit.parse::<f64>().is_ok_and(f64::is_finite))
        {
            return Err(Refused::Parameter(format!("limit is a number such as 80.5, not {limit:.40}")));
        }
        if page.is_of_record() && !values.contains_key("id") {
            return Err(Refused::Parameter(format!("/pages/{path} needs id, the name of a record")));
        }
        Ok(Self { page, place, values })
    }

    /// Returns whether the address names all that decides what is shown.
    pub fn is_full(&self) -> bool {
        let Place { at, as_known_at, from, to, .. } = &self.place;
        let is_chosen = match self.page {
            Page::Design => ["property", "against"].iter().all(|name| !self.value(name).is_empty()),
            Page::Edit => self.id().is_empty() || !self.value("class").is_empty(),
            _ => true,
        };
        is_chosen && [at, as_known_at, from, to].into_iter().all(|text| !text.is_empty())
    }

    /// Returns the record that the page is about; empty where it is about none.
    pub(in crate::pages) fn id(&self) -> &str {
        self.value("id")
    }

    /// Returns the branch whose versions are listed.
    pub(in crate::pages) fn branch(&self) -> &str {
        self.values.get("branch").map_or("main", String::as_str)
    }

    /// Returns the branch that takes a merge.
    pub(in crate::pages) fn merge_target(&self) -> &str {
        self.values.get("into").map_or("main", String::as_str)
    }

    /// Returns whether the address names neither a version nor a watermark.
    pub fn is_open(&self) -> bool {
        self.place.at.is_empty() && self.place.as_known_at.is_empty()
    }

    /// Returns the address at the newest commit of main and the newest watermark, by the answer to [`Self::framing`].
    pub fn at_head(mut self, frame: &serde_json::Value) -> Self {
        let head = &frame["data"]["head"];
        let commit = head["commit"]["id"].as_str().and_then(|id| id.get(..12));
        if let (Some(commit), Some(watermark)) = (commit, head["watermark"].as_str()) {
            commit.clone_into(&mut self.place.at);
            watermark.clone_into(&mut self.place.as_known_at);
        }
        self
    }

    /// Returns the version.
    pub fn version(&self) -> &str {
        &self.place.at
    }

    /// Returns the address with another value of a parameter.
    pub fn with(&self, name: &str, value: &str) -> String {
        let own = self.values().into_iter().filter(|(own, _)| *own != name);
        let own: Vec<_> = own.chain([(name, value)]).collect();
        self.place.href(self.page, &own)
    }

    /// Returns the address that shows how far the import of a file is.
    pub fn of_job(&self, job: &str, branch: &str) -> String {
        self.place.href(Page::Bring, &[("job", job), ("branch", branch)])
    }

    /// Returns a parameter; empty where it is absent.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Returns the address with what it leaves open taken from an answer.
    pub(in crate::pages) fn located(&self, located: &Located) -> String {
        let thread = &located.thread;
        let mut place = self.place.clone();
        let fill = |text: &mut String, value: &str| {
            if text.is_empty() {
                value.clone_into(text);
            }
        };
        fill(&mut place.at, thread.commit.short());
        fill(&mut place.as_known_at, &thread.watermark);
        fill(&mut place.to, &thread.end());
        let from = instant(&place.to).and_then(|to| WINDOW.parse::<Period>().ok()?.before(to).ok());
        fill(&mut place.from, &from.map(short).unwrap_or_default());
        let mut values = self.values.clone();
        if self.page == Page::Design {
            let (property, against) = thread.chosen();
            values.entry("property".to_owned()).or_insert(property);
            values.entry("against".to_owned()).or_insert(against);
        }
        if let (Page::Edit, Some(record)) = (self.page, &thread.resource) {
            // A class that others are below is shown by what is of it alone.
            let class = record.class.strip_prefix("Plain").unwrap_or(&record.class);
            values.entry("class".to_owned()).or_insert_with(|| class.to_owned());
        }
        let values: Vec<(&str, &str)> =
            values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        place.href(self.page, &values)
    }

    /// Returns the address at another place.
    pub(in crate::pages) fn at(&self, place: &Place, more: &[(&str, &str)]) -> String {
        let own = self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let own: Vec<_> = own.filter(|(name, _)| *name != "csv").chain(more.iter().copied()).collect();
        place.href(self.page, &own)
    }

    /// Returns the values beside the place, for forms that change the place.
    pub(in crate::pages) fn values(&self) -> Vec<(&str, &str)> {
        let own = self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        own.filter(|(name, _)| *name != "csv").collect()
    }
}

impl Place {
    /// Returns the address of a page at this place.
    pub(in crate::pages) fn href(&self, page: Page, values: &[(&str, &str)]) -> String {
        let place = self.values();
        let pairs: Vec<String> = values
            .iter()
            .chain(&place)
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        format!("{}?{}", self.path(page), pairs.join("&"))
    }

    /// Returns the address of a page without parameters, for forms that state them.
    pub(in crate::pages) fn path(&self, page: Page) -> String {
        format!("{}/pages/{}", self.mount, page.path())
    }

    /// Returns the parameters of the place.
    pub(in crate::pages) fn values(&self) -> [(&'static str, &str); 5] {
        [
            ("at", &self.at),
            ("asKnownAt", &self.as_known_at),
            ("from", &self.from),
            ("to", &self.to),
            ("then", &self.then),
        ]
    }

    /// Returns the address of a record's page.
    pub(in crate::pages) fn of(&self, page: Page, iri: &str) -> String {
        self.href(page, &[("id", iri)])
    }

    /// Returns the address of what is referred to.
    pub(in crate::pages) fn to_record(&self, reference: &Reference) -> String {
        self.of(reference.page(), &reference.iri)
    }

    /// Returns the window as instants.
    pub(in crate::pages) fn window(&self) -> (Instant, Instant) {
        let read = |text: &str| instant(text).unwrap_or(Instant::from_seconds(0));
        (read(&self.from), read(&self.to))
    }

    /// Returns the length of buckets that a chart of the window has room for.
    pub(in crate::pages) fn bucket(&self) -> &'static str {
        let (from, to) = self.window();
        match (to.seconds() - from.seconds()) / DAY {
            ..=4 => "PT1H",
            5..=120 => "P1D",
            121..=1100 => "P7D",
            1101..=5000 => "P1M",
            _ => "P1Y",
        }
    }
}

/// Encodes a name or value of an address.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// What an address leaves open, as the answer has it.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Located {
    thread: LocatedThread,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LocatedThread {
    commit: Commit,
    watermark: String,
    twin_instances: Connection<Reporting>,
    design_revision: Option<LocatedDesign>,
    #[serde(default)]
    resource: Option<LocatedRecord>,
}

#[derive(Debug, Deserialize)]
struct LocatedRecord {
    class: String,
}

#[derive(Debug, Deserialize)]
struct LocatedDesign {
    supersedes: Connection<Reference>,
    satisfies: Connection<LocatedRequirement>,
    signals: Vec<Observing>,
}

#[derive(Debug, Deserialize)]
struct LocatedRequirement {
    constraints: Vec<Observing>,
}

#[derive(Debug, Deserialize)]
struct Observing {
    property: Option<Property>,
}

#[derive(Debug, Deserialize)]
struct Reporting {
    latest: Option<Vec<Reading>>,
}

impl LocatedThread {
    /// Returns the property that a design is shown by, and the revision that it is compared with.
    fn chosen(&self) -> (String, String) {
        let design = self.design_revision.as_ref();
        let limited =
            design.into_iter().flat_map(|of| of.satisfies.nodes.iter().flat_map(|of| &of.constraints));
        let own = design.into_iter().flat_map(|of| &of.signals);
        let property = limited.chain(own).find_map(|of| of.property.as_ref()).map(|of| of.iri.clone());
        let against = design.and_then(|of| of.supersedes.nodes.first()).map(|of| of.iri.clone());
        (property.unwrap_or_else(|| NONE.to_owned()), against.unwrap_or_else(|| NONE.to_owned()))
    }

    /// Returns the midnight after the latest reading; where there is none, that after the commit.
    fn end(&self) -> String {
        let units = self.twin_instances.nodes.iter();
        let readings = units.flat_map(|unit| unit.latest.iter().flatten());
        let latest = readings.filter_map(|reading| reading.at.parse::<Instant>().ok()).max();
        let latest = latest.or_else(|| self.commit.time.parse().ok()).unwrap_or(Instant::from_seconds(0));
        short(Instant::from_seconds((latest.seconds().div_euclid(DAY) + 1) * DAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, values: &[(&str, &str)]) -> Result<Address, Refused> {
        Address::read(
            &Mount::default(),
            path,
            values.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        )
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        let check = |path: &str, values: &[(&str, &str)], part: &str| {
            let refused = read(path, values).expect_err(part).to_string();
            assert!(refused.contains(part), "{refused}");
        };
        check("nothing", &[], "there is no page /pages/nothing");
        check("unit", &[], "needs id");
        check("", &[("from", "soon")], "from is a date such as 2026-01-01");
        check("", &[("from", "2026-01-02"), ("to", "2026-01-02")], "before it begins");
        check("", &[("at", "a"), ("at", "b")], "at is there twice");
        check("", &[("at", &"x".repeat(2_001))], "longer than");
    }

    #[test]
    fn an_address_keeps_its_place_and_encodes_its_values() {
        let values = [
            ("id", "a&b=\"<c>'+/1"),
            ("at", "main"),
            ("asKnownAt", "x-1"),
            ("from", "2024-01-01"),
            ("to", "2026-01-01"),
        ];
        let address = read("unit", &values).expect("an address");
        assert!(address.is_full());
        let expect =
            "/pages/unit?id=a%26b%3D%22%3Cc%3E%27%2B/1&at=main&asKnownAt=x-1&from=2024-01-01&to=2026-01-01";
        assert_eq!(address.at(&address.place, &[]), expect);
        assert_eq!(address.place.bucket(), "P7D");
    }

    #[test]
    fn what_is_open_comes_from_the_newest() {
        let address =
            read("requirement", &[("id", "REQ-1"), ("at", ""), ("then", "PDR")]).expect("an address");
        assert!(!address.is_full());
        let check = |latest: &str, end: &str| {
            let located = serde_json::from_value(serde_json::json!({ "thread": {
                "commit": { "id": "0123456789abcdef", "time": "2026-03-04T05:06:07Z" }, "watermark": "w-1",
                "twinInstances": { "nodes": [{ "latest": [] }, { "latest": serde_json::from_str::<serde_json::Value>(latest).expect("JSON") }] },
            } }));
            let href = address.located(&located.expect("an answer"));
            assert!(
                href.ends_with(&format!("id=REQ-1&at=0123456789ab&asKnownAt=w-1&{end}&then=PDR")),
                "{href}"
            );
        };
        check("[]", "from=2024-03-05&to=2026-03-05");
        check(
            r#"[{"at": "2025-12-31T18:00:00Z"}, {"at": "2025-11-30T18:00:00Z"}]"#,
            "from=2024-01-01&to=2026-01-01",
        );
        check(r#"[{"at": "2025-12-31T00:00:00Z"}]"#, "from=2024-01-01&to=2026-01-01");
    }
}
