//! The GPU records of the Titan supercomputer, 2013 to 2019, against figures computed straight from the file: which serial
//! sat where, and how often serials failed by cage. 30,207 serials in 18,687 slots; 14 of their
//! stays overlap with others.
//!
//! Data: G. Ostrouchov et al., *GPU Lifetimes on Titan Supercomputer*, SC20. Skipped where the file is absent (`THROUGHLINE_DATA`). Without
//! optimisation only some cabinets are imported, with all that ever sat in them.

use super::program::real_data;
use super::world::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use throughline::app::{App, ImportOptions, SourceFile, SourceFormat};
use throughline::exchange::table::Mapping;
use throughline::graph::Imported;
use throughline::model::time::instant::Instant;
use throughline::model::time::period::{Shown, Zone};
use throughline::statistics::distribution::poisson;

const MAPPING: &str = include_str!("../../fixtures/field/titan.toml");
const PARTS: &str = include_str!("../../fixtures/field/titan.ttl");
const WINDOW: &str = r#"window: { from: "2013-01-01T00:00:00Z", to: "2020-01-01T00:00:00Z" }"#;
const WINDOW_FROM: i64 = 1_356_998_400;

/// A span of seconds.
type Span = (i64, i64);

/// One row of the file, or two of one stay.
#[derive(Clone, Debug)]
struct Stay {
    serial: String,
    location: String,
    insert: Option<i64>,
    remove: i64,
    /// As the file writes it.
    end: String,
}

/// The content of the file, worked out without the program: the later of two stays that overlap is believed.
#[derive(Default)]
struct Truth {
    /// Serial, slot, when.
    certain: Vec<(String, String, Span)>,
    unknown: Vec<(String, String, Span)>,
    /// Serial, instant, event: one for each row that has one, in order.
    events: Vec<(String, i64, String)>,
    cuts: usize,
}

fn text() -> Option<String> {
    let file = std::fs::File::open(real_data("titan_gpu/gc_full.csv.gz")?).expect("the file");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("text");
    Some(text)
}

/// Keeps all rows of each serial that ever sat in some cabinets, among them those with overlaps.
fn some_cabinets(text: &str) -> String {
    let cells = |row: &str| -> [String; 2] {
        let mut cells = row.split(',');
        std::array::from_fn(|_| cells.next().expect("a cell").to_owned())
    };
    let is_kept =
        |location: &str| ["c10-1c", "c10-5c", "c13-4c"].iter().any(|cabinet| location.starts_with(cabinet));
    let rows = || text.lines().skip(1);
    let serials: BTreeSet<String> =
        rows().map(cells).filter(|[_, location]| is_kept(location)).map(|[serial, _]| serial).collect();
    let kept = rows().filter(|row| serials.contains(&cells(row)[0]));
    std::iter::once(text.lines().next().expect("a header"))
        .chain(kept)
        .map(|row| format!("{row}\n"))
        .collect()
}

fn truth(text: &str) -> Truth {
    let zone: Zone = "America/New_York".parse().expect("a zone");
    let seconds = |text: &str| match zone.shown(text).expect("an instant") {
        Shown::Once(at) | Shown::Twice(_, at) => at.seconds(),
    };
    let mut truth = Truth::default();
    let mut stays: BTreeMap<(String, String, String), Stay> = BTreeMap::new();
    for row in text.lines().skip(1) {
        let [serial, location, insert, end, duration, _, event] =
            <[&str; 7]>::try_from(row.split(',').collect::<Vec<_>>()).expect("seven cells");
        let own = |text: &str| text.to_owned();
        let (insert, remove) = ((!insert.is_empty()).then(|| seconds(insert)), seconds(end));
        if let Some(insert) = insert {
            let off = duration.parse::<i64>().expect("a duration") - (remove - insert);
            assert_eq!(off, 0, "the zone of the file, and the later one of a time shown twice: {row}");
        }
        let stay = Stay { serial: own(serial), location: own(location), insert, remove, end: own(end) };
        let kept = stays.entry((own(serial), own(location), own(end))).or_insert(stay);
        kept.insert = kept.insert.or(insert);
        if !event.is_empty() {
            truth.events.push((own(serial), remove, own(event)));
        }
    }
    truth.events.sort();
    truth.believe(stays.into_values().collect());
    truth
}

/// Cuts others out of a span.
fn without(span: Span, mut others: Vec<Span>) -> Vec<Span> {
    others.sort_unstable();
    let (mut rest, mut from) = (Vec::new(), span.0);
    for (start, end) in others {
        if from < start.min(span.1) {
            rest.push((from, start.min(span.1)));
        }
        from = from.max(end);
    }
    if from < span.1 {
        rest.push((from, span.1));
    }
    rest
}

impl Truth {
    fn believe(&mut self, stays: Vec<Stay>) {
        let (mut known, unknown): (Vec<Stay>, Vec<Stay>) =
            stays.into_iter().partition(|stay| stay.insert.is_some());
        known.sort_by_key(|stay| {
            (
                std::cmp::Reverse(stay.insert),
                stay.remove,
                stay.serial.clone(),
                stay.location.clone(),
                stay.end.clone(),
            )
        });
        let (mut by_serial, mut by_slot) =
            (BTreeMap::<String, Vec<Span>>::new(), BTreeMap::<String, Vec<Span>>::new());
        for Stay { serial, location, insert, remove, .. } in known {
            let (of_serial, of_slot) =
                (by_serial.entry(serial.clone()).or_default(), by_slot.entry(location.clone()).or_default());
            let span = (insert.expect("it is known"), remove);
            let left = without(span, of_serial.iter().chain(of_slot.iter()).copied().collect());
            self.cuts += usize::from(left != [span]);
            of_serial.extend(&left);
            of_slot.extend(&left);
            self.certain.extend(left.into_iter().map(|span| (serial.clone(), location.clone(), span)));
        }
        for Stay { serial, location, remove, .. } in unknown {
            let taken = [by_serial.get(&serial), by_slot.get(&location)];
            let taken = taken.into_iter().flatten().flatten().copied().collect();
            let left = without((WINDOW_FROM, remove), taken);
            self.unknown.extend(left.into_iter().map(|span| (serial.clone(), location.clone(), span)));
        }
    }

    /// Returns the hours in which serials may have sat in some slots; what several rows claim counts once.
    fn unknown_hours(&self, lies: &dyn Fn(&str) -> bool) -> f64 {
        let mut by_serial: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
        for (serial, _, span) in self.unknown.iter().filter(|(_, location, _)| lies(location)) {
            by_serial.entry(serial).or_default().push(*span);
        }
        let all = (i64::MIN / 2, i64::MAX / 2);
        let covered = by_serial.into_values().flat_map(|spans| without(all, without(all, spans)));
        covered.map(|(from, to)| to - from).sum::<i64>() as f64 / 3600.0
    }

    /// Returns where a serial failed: whether that is certain, and the slot.
    fn failed(&self, serial: &str, at: i64) -> Option<(bool, &str)> {
        let find = |stays: &'_ [(String, String, Span)], lies: &dyn Fn(Span) -> bool| -> Option<usize> {
            stays.iter().position(|(own, _, span)| own == serial && lies(*span))
        };
        let (ended, begun) = (|span: Span| span.0 < at && at <= span.1, |span: Span| span.0 == at);
        let certain = |place: usize| (true, self.certain[place].1.as_str());
        let unknown = |place: usize| (false, self.unknown[place].1.as_str());
        find(&self.certain, &ended)
            .map(certain)
            .or_else(|| find(&self.unknown, &ended).map(unknown))
            .or_else(|| find(&self.certain, &begun).map(certain))
    }
}

fn cage(location: &str) -> &str {
    let end = location.find('s').expect("a blade");
    &location[end - 2..end]
}

fn import(app: &App, text: &str, accept_dirty: bool) -> Result<Imported, String> {
    let mapping = Mapping::parse(MAPPING, "titan.toml").expect("a mapping");
    let file = SourceFile {
        name: "gc_full.csv".to_owned(),
        bytes: text.as_bytes().to_vec(),
        reading: SourceFormat::Table(Box::new(mapping)),
    };
    let (source, into) = ("titan".to_owned(), "main".to_owned());
    let options = ImportOptions { source, into, accept_dirty, ..ImportOptions::default() };
    let (statements, _) = app.read_sources(vec![file], &options).map_err(|error| error.to_string())?;
    app.import(statements, options).map_err(|error| error.to_string())
}

#[test]
fn answers_agree_with_the_file() {
    let Some(text) = text() else { return };
    check_page(&text);
    let text = if cfg!(debug_assertions) { some_cabinets(&text) } else { text };
    let truth = truth(&text);
    let world = World::new();
    world.import("parts", PARTS).expect("the parts");
    let refused = import(&world.app, &text, false).expect_err("overlaps");
    assert!(
        refused.contains("one place at a time") && refused.contains("position holds so many"),
        "{refused}"
    );
    let imported = import(&world.app, &text, true).expect("an import");
    assert_eq!(imported.cuts.len(), truth.cuts, "{:?}", imported.cuts);
    assert!(truth.cuts > 0);
    rates_by_cage(&world, &truth);
    who_sat_where(&world, &truth);
    who_moved(&world, &truth);
    where_each_failed(&world, &truth);
}

fn rates_by_cage(world: &World, truth: &Truth) {
    let answer = world.data(
        &format!("{{ thread {{ part(id: \"part/gpu\") {{ failureRate({WINDOW}, groupBy: [POSITION], positionDepth: 1) {{
            ...figures outsideCount groups {{ key failureRate {{ ...figures }} }} }} }} }} }}
            fragment figures on FailureRate {{ eventCount hours unknownEventCount unknownHours unitCount rate lower upper }}"),
        json!({}),
    );
    let rate = &answer["thread"]["part"]["failureRate"];
    let failed: Vec<Option<(bool, &str)>> =
        truth.events.iter().map(|(serial, at, _)| truth.failed(serial, *at)).collect();
    assert_eq!(rate["outsideCount"], failed.iter().filter(|found| found.is_none()).count());
    let check = |figures: &Value, lies: &dyn Fn(&str) -> bool| {
        let hours = |stays: &[(String, String, Span)]| {
            let spans = stays.iter().filter(|(_, location, _)| lies(location));
            spans.map(|(_, _, (from, to))| to - from).sum::<i64>() as f64 / 3600.0
        };
        let events = |certain: bool| {
            failed.iter().flatten().filter(|(known, location)| *known == certain && lies(location)).count()
        };
        let near = |name: &str, expect: f64| {
            let found = figures[name].as_f64().unwrap_or_else(|| panic!("{name}: {figures}"));
            assert!(
                (found - expect).abs() <= 1e-9 * expect.abs().max(1.0),
                "{name}: {found} is not {expect}"
            );
        };
        let certain = hours(&truth.certain);
        near("hours", certain);
        near("rate", events(true) as f64 / certain * 1e6);
        assert_eq!(
            (&figures["eventCount"], &figures["unknownEventCount"]),
            (&json!(events(true)), &json!(events(false)))
        );
        let units: BTreeSet<&str> = truth
            .certain
            .iter()
            .filter(|(_, location, _)| lies(location))
            .map(|(serial, ..)| serial.as_str())
            .collect();
        assert_eq!(figures["unitCount"], units.len());
        let number = |name: &str| figures[name].as_f64().expect("a number");
        assert!(number("lower") <= number("rate") && number("rate") <= number("upper"), "{figures}");
        near("unknownHours", truth.unknown_hours(lies));
    };
    check(rate, &|_| true);
    let groups = rate["groups"].as_array().expect("groups");
    assert_eq!(groups.iter().map(|group| &group["key"]).collect::<Vec<_>>(), ["c0", "c1", "c2"]);
    for group in groups {
        let key = group["key"].as_str().expect("a key");
        check(&group["failureRate"], &|location| cage(location) == key);
    }
}

fn who_sat_where(world: &World, truth: &Truth) {
    let slots: BTreeSet<&str> = truth.certain.iter().map(|(_, location, _)| location.as_str()).collect();
    for slot in slots.iter().step_by(slots.len().div_ceil(12)) {
        for at in ["2014-06-01T00:00:00Z", "2015-04-01T00:00:00Z", "2018-01-01T00:00:00Z"] {
            let answer = world.data(
                "query($slot: ID!, $at: DateTime!) { thread { twinInstance(id: $slot) { configuration(at: $at) { nodes {
                    path certainty item { ... on TwinInstance { identifier } } } } } } }",
                json!({ "slot": format!("slot/{slot}"), "at": at }),
            );
            let seconds = at.parse::<Instant>().expect("an instant").seconds();
            let sat = truth
                .certain
                .iter()
                .filter(|(_, location, span)| location == slot && span.0 <= seconds && seconds < span.1);
            let sat: Vec<Value> = sat
                .map(|(serial, ..)| json!({ "path": "gpu", "certainty": "CERTAIN", "item": { "identifier": serial } }))
                .collect();
            let found = answer["thread"]["twinInstance"]["configuration"]["nodes"]
                .as_array()
                .expect("a list")
                .clone();
            let certain: Vec<Value> =
                found.into_iter().filter(|item| item["certainty"] == "CERTAIN").collect();
            assert_eq!(certain, sat, "{slot} at {at}");
        }
    }
}

fn who_moved(world: &World, truth: &Truth) {
    let mut slots: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (serial, location, _) in truth.certain.iter().chain(&truth.unknown) {
        slots.entry(serial).or_default().insert(location);
    }
    let moved: Vec<_> = slots.iter().filter(|(_, slots)| slots.len() > 1).collect();
    let answer = world.data(
        &format!("{{ thread {{ part(id: \"part/gpu\") {{ population({WINDOW}) {{ items(placesMin: 2, first: 20) {{ totalCount nodes {{
            placeCount item {{ ... on TwinInstance {{ identifier }} }} members {{ nodes {{ asset {{ ... on TwinInstance {{ identifier }} }} path }} }} }} }} }} }} }} }}"),
        json!({}),
    );
    let items = &answer["thread"]["part"]["population"]["items"];
    assert_eq!(items["totalCount"], moved.len());
    for (node, (serial, slots)) in items["nodes"].as_array().expect("items").iter().zip(&moved) {
        assert_eq!(node["item"]["identifier"], **serial);
        assert_eq!(node["placeCount"], slots.len(), "{serial}");
        let lived: BTreeSet<String> =
            node["members"]["nodes"].as_array().expect("members").iter().map(slot_of).collect();
        assert_eq!(lived, slots.iter().map(ToString::to_string).collect(), "{serial}");
    }

    let wanted = "c10-1c1";
    let answer = world.data(
        &format!("{{ thread {{ part(id: \"part/gpu\") {{ population({WINDOW}, among: {{ identifier: {{ eq: \"{wanted}\" }} }}) {{
            items(first: 1000) {{ nodes {{ item {{ ... on TwinInstance {{ identifier }} }} }} }} }} }} }} }}"),
        json!({}),
    );
    let nodes = answer["thread"]["part"]["population"]["items"]["nodes"].as_array().expect("items");
    let sat: Vec<&str> =
        nodes.iter().map(|node| node["item"]["identifier"].as_str().expect("a serial")).collect();
    let ever = slots.iter().filter(|(_, slots)| slots.iter().any(|slot| slot.starts_with(wanted)));
    assert_eq!(sat, ever.map(|(serial, _)| *serial).collect::<Vec<_>>(), "serials that ever sat in {wanted}");
}

/// Puts the name of a slot together from the cabinet and the path in it.
fn slot_of(member: &Value) -> String {
    let path = member["path"].as_str().expect("a path").strip_suffix("/gpu").expect("a slot");
    format!("{}{}", member["asset"]["identifier"].as_str().expect("a cabinet"), path.replace('/', ""))
}

/// How many failures are asked for at once.
const PAGE: usize = if cfg!(debug_assertions) { 100 } else { 1000 };

fn where_each_failed(world: &World, truth: &Truth) {
    let (mut answered, mut named) = (Vec::new(), BTreeSet::new());
    let mut after = Value::Null;
    loop {
        let answer = world.data(
            &format!("query ($after: String) {{ thread {{ part(id: \"part/gpu\") {{ failureRate({WINDOW}) {{ failures(first: {PAGE}, after: $after) {{
                pageInfo {{ hasNextPage endCursor }} nodes {{ at counted
                event {{ ... on FieldEvent {{ iri failureMode {{ identifier }} twin {{ identifier }} }} }}
                member {{ path asset {{ ... on TwinInstance {{ identifier }} }} }} }} }} }} }} }} }}"),
            json!({ "after": after }),
        );
        let page = &answer["thread"]["part"]["failureRate"]["failures"];
        for failure in page["nodes"].as_array().expect("failures") {
            let of = |value: &Value| value.as_str().expect("a text").to_owned();
            let at = of(&failure["at"]).parse::<Instant>().expect("an instant").seconds();
            let twin = &failure["event"]["twin"]["identifier"];
            let event = (of(twin), at, of(&failure["event"]["failureMode"]["identifier"]));
            let expect = truth.failed(&event.0, at);
            let found = (!failure["member"].is_null())
                .then(|| (failure["counted"] == "CERTAIN", slot_of(&failure["member"])));
            assert_eq!(found.as_ref().map(|(certain, slot)| (*certain, slot.as_str())), expect, "{failure}");
            assert!(named.insert(of(&failure["event"]["iri"])), "{failure} is there twice");
            answered.push(event);
        }
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert!(answered.len() > PAGE);
    answered.sort();
    assert_eq!(answered, truth.events);
}

/// The figures of docs/field-data.md are those of the whole file.
fn check_page(text: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/field-data.md");
    // Paragraphs are read as one line.
    let page = std::fs::read_to_string(page).expect("the page").replace('\n', " ");
    let check = |sentence: String| assert!(page.contains(&sentence), "missing on the page: {sentence}");
    let truth = truth(text);
    let rows = || text.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
    let count = |column: usize| rows().map(|row| row[column]).collect::<BTreeSet<_>>().len();
    check(format!(
        "{} rows, each a stay of a serial in a slot, of {} serials in {} slots",
        thousands(rows().count()),
        thousands(count(0)),
        thousands(count(1))
    ));
    check(format!("{} rows have no start", thousands(rows().filter(|row| row[2].is_empty()).count())));
    check(format!("{} installations were cut", truth.cuts));

    let failed: Vec<_> = truth.events.iter().map(|(serial, at, _)| truth.failed(serial, *at)).collect();
    check(format!("{} more failures are counted", failed.iter().filter(|found| found.is_none()).count()));
    for (name, cages) in [("all", ""), ("`c0`", "c0"), ("`c1`", "c1"), ("`c2`", "c2")] {
        let lies = |location: &str| cages.is_empty() || cage(location) == cages;
        let of = |certain: bool| {
            failed.iter().flatten().filter(|(known, location)| *known == certain && lies(location)).count()
        };
        let spans = truth.certain.iter().filter(|(_, location, _)| lies(location));
        let hours = spans.map(|(_, _, (from, to))| to - from).sum::<i64>() as f64 / 3600.0;
        let million = hours / 1e6;
        let (lower, upper) = poisson::limits(of(true) as u64, 0.95);
        check(format!(
            "| {name} | {} | {} | {:.3} | {:.3} … {:.3} | {} in {} |",
            thousands(of(true)),
            thousands(hours.round() as usize),
            of(true) as f64 / million,
            lower / million,
            upper / million,
            of(false),
            thousands(truth.unknown_hours(&lies).round() as usize)
        ));
    }

    let mut slots: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (serial, location, _) in truth.certain.iter().chain(&truth.unknown) {
        slots.entry(serial).or_default().insert(location);
    }
    let moved = slots.values().filter(|slots| slots.len() > 1).count();
    let caged = slots.values().filter(|slots| slots.iter().any(|slot| slot.starts_with("c10-1c1"))).count();
    check(format!(
        "{} serials were in more than one slot, {caged} ever sat in the cage `c10-1c1`",
        thousands(moved)
    ));
}

/// Writes a number as the page does: 1,234,567.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let grouped: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits")).collect();
    grouped.join(",")
}
