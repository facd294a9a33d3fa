//! Four real turbines over two years, against figures computed straight from the file.
//!
//! Data: ENGIE, La Haute Borne, 2014 and 2015, Etalab Open Licence 2.0. Skipped where the file is absent (`THROUGHLINE_DATA`).

use super::counted::{self, Counted};
use super::program::real_data;
use super::world::{World, request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

const COLUMNS: [&str; 7] = ["Ba_avg", "P_avg", "Ws_avg", "Va_avg", "Ot_avg", "Ya_avg", "Wa_avg"];
const TURBINES: [&str; 4] = ["R80711", "R80721", "R80736", "R80790"];

/// The four turbines as twins of one design revision, with the requirements that an operator would write.
const FARM: &str = r#"
@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix quantitykind: <http://qudt.org/vocab/quantitykind/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<power> a tl:Property ; dcterms:title "active power" ; tl:quantityKind quantitykind:Power .
<wind> a tl:Property ; dcterms:title "wind speed" ; tl:quantityKind quantitykind:Speed .
<vane> a tl:Property ; dcterms:title "yaw misalignment" ; tl:quantityKind quantitykind:Angle .
<outdoor> a tl:Property ; dcterms:title "outdoor temperature" ; tl:quantityKind quantitykind:Temperature .
<REQ-P> a tl:Requirement ; dcterms:identifier "REQ-P" ; dcterms:title "Never above rated power + 5 %" ; tl:constraint <REQ-P#max> .
<REQ-P#max> a tl:Constraint ; tl:property <power> ; tl:statistic "MAX" ; tl:comparator "LE" ; tl:limit 2152.5 ;
    tl:unit unit:KiloW ; tl:scope "EACH_UNIT" ; tl:kind "LIMIT" .
<REQ-V> a tl:Requirement ; dcterms:identifier "REQ-V" ; dcterms:title "Face the wind" ; tl:constraint <REQ-V#p95> .
<REQ-V#p95> a tl:Constraint ; tl:property <vane> ; tl:transform "ABS" ; tl:statistic "P95" ; tl:comparator "LE" ; tl:limit 25.0 ;
    tl:unit unit:DEG ; tl:scope "EACH_UNIT" ; tl:kind "LIMIT" .
<pitch> a tl:Property ; dcterms:title "pitch angle" ; tl:quantityKind quantitykind:Angle .
<nacelle> a tl:Property ; dcterms:title "nacelle direction" ; tl:quantityKind tl:Direction .
<winddir> a tl:Property ; dcterms:title "wind direction" ; tl:quantityKind tl:Direction .
<REQ-W> a tl:Requirement ; dcterms:identifier "REQ-W" ; dcterms:title "Face the wind at work" ; tl:constraint <REQ-W#p95> .
<REQ-W#p95> a tl:Constraint ; tl:property <vane> ; tl:transform "ABS" ; tl:statistic "P95" ; tl:comparator "LE" ; tl:limit 8.0 ;
    tl:unit unit:DEG ; tl:scope "EACH_UNIT" ; tl:kind "LIMIT" ; tl:condition <REQ-W#p95.power> .
<REQ-W#p95.power> a tl:Condition ; tl:property <power> ; tl:comparator "GT" ; tl:limit 1000 ; tl:unit unit:KiloW .
<mm82> a tl:Part ; dcterms:identifier "MM82" ; dcterms:title "Senvion MM82" .
<mm82/2008> a tl:DesignRevision ; tl:revisionOf <mm82> ; tl:revision "2008" ; tl:satisfies <REQ-P> , <REQ-V> , <REQ-W> ;
    tl:signal <mm82/2008#P> , <mm82/2008#W> , <mm82/2008#V> , <mm82/2008#O> , <mm82/2008#B> , <mm82/2008#Y> , <mm82/2008#D> .
<mm82/2008#P> a tl:Signal ; tl:name "P_avg" ; tl:property <power> ; tl:unit unit:KiloW ; tl:expectedPeriod "PT10M"^^xsd:duration .
<mm82/2008#W> a tl:Signal ; tl:name "Ws_avg" ; tl:property <wind> ; tl:unit unit:M-PER-SEC ; tl:expectedPeriod "PT10M"^^xsd:duration .
<mm82/2008#V> a tl:Signal ; tl:name "Va_avg" ; tl:property <vane> ; tl:unit unit:DEG ; tl:expectedPeriod "PT10M"^^xsd:duration .
<mm82/2008#O> a tl:Signal ; tl:name "Ot_avg" ; tl:property <outdoor> ; tl:unit unit:DEG_C ; tl:expectedPeriod "PT10M"^^xsd:duration .
<mm82/2008#B> a tl:Signal ; tl:name "Ba_avg" ; tl:property <pitch> ; tl:unit unit:DEG ; tl:expectedPeriod "PT10M"^^xsd:duration .
<mm82/2008#Y> a tl:Signal ; tl:name "Ya_avg" ; tl:property <nacelle> ; tl:unit unit:DEG ; tl:expectedPeriod "PT10M"^^xsd:duration .
<mm82/2008#D> a tl:Signal ; tl:name "Wa_avg" ; tl:property <winddir> ; tl:unit unit:DEG ; tl:expectedPeriod "PT10M"^^xsd:duration .
<order/1> a tl:Build ; dcterms:identifier "ORDER-1" ; tl:realizes <mm82/2008> .
"#;

/// The signals that are compared: property, column.
const COMPARED: [(&str, &str); 4] =
    [("power", "P_avg"), ("wind", "Ws_avg"), ("vane", "Va_avg"), ("outdoor", "Ot_avg")];

/// The others, and whether their values wrap around.
const OTHERS: [(&str, &str, bool); 3] =
    [("pitch", "Ba_avg", false), ("nacelle", "Ya_avg", true), ("winddir", "Wa_avg", true)];

/// The content of the file: turbine, column, instant in ns → value, where the last row wins; and how often that mattered.
#[derive(Default)]
struct Truth {
    values: BTreeMap<(String, usize), BTreeMap<i64, f64>>,
    overwritten: BTreeMap<usize, u64>,
    /// The (turbine, instant) pairs that are in the file more than once.
    repeated: usize,
    lines: Vec<String>,
}

fn truth(path: &Path) -> Truth {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the file");
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("text");
    let mut rows = text.lines();
    let header: Vec<&str> = rows.next().expect("a header").split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let (twin, time, columns) = (at("Wind_turbine_name"), at("Date_time"), COLUMNS.map(at));
    let mut truth = Truth::default();
    let mut seen = std::collections::BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        let instant: throughline::model::time::instant::Instant = cells[time].parse().expect("an instant");
        truth.repeated += usize::from(!seen.insert((cells[twin].to_owned(), instant.nanos())));
        let mut fields = String::new();
        for (index, column) in columns.iter().enumerate() {
            // An empty cell is a gap, not a zero.
            let Ok(value) = cells[*column].parse::<f64>() else { continue };
            let _ = write!(
                fields,
                "{}{}={}",
                if fields.is_empty() { "" } else { "," },
                COLUMNS[index],
                cells[*column]
            );
            let series = truth.values.entry((cells[twin].to_owned(), index)).or_default();
            if series.insert(instant.nanos(), value).is_some() {
                *truth.overwritten.entry(index).or_default() += 1;
            }
        }
        if !fields.is_empty() {
            truth.lines.push(format!("scada,twin={} {fields} {}", cells[twin], instant.seconds()));
        }
    }
    truth
}

/// Count, mean, min, max, nearest-rank P95, and the range from P01 to P99.
fn figures(values: Vec<f64>) -> (u64, f64, f64, f64, f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let (min, max) =
        values.iter().fold((f64::MAX, f64::MIN), |(min, max), value| (min.min(*value), max.max(*value)));
    let (count, counted) = (values.len() as u64, Counted::of(values));
    (count, mean, min, max, counted.ranked(950), counted.range())
}

fn compare(what: &str, got: &Value, values: Vec<f64>) {
    let (count, mean, min, max, ..) = figures(values.clone());
    let number = |name: &str| got[name].as_f64().unwrap_or_else(|| panic!("{what}: no {name} in {got}"));
    assert_eq!(got["sampleCount"], json!(count.to_string()), "{what}: count");
    assert!(
        (number("mean") - mean).abs() <= 1e-9 * mean.abs().max(1e-3),
        "{what}: mean {} is not {mean}",
        number("mean")
    );
    assert_eq!((number("min"), number("max")), (min, max), "{what}: min and max");
    let counted = Counted::of(values);
    counted.check_percentiles(what, got);
    counted.check_bars(what, got, 1.0 / 6.0);
}

fn month(nanos: i64) -> String {
    throughline::model::time::instant::Instant::from_nanos(nanos).to_string()[..7].to_owned()
}

#[test]
fn figures_agree_with_the_file() {
    let Some(path) = real_data("la_haute_borne/scada-2014-2015.csv.gz") else { return };
    let truth = truth(&path);
    assert_eq!(truth.repeated, 48, "the file's repeated pairs");
    let world = World::new();
    let mut farm = FARM.to_owned();
    for turbine in TURBINES {
        let _ = writeln!(
            farm,
            "<turbine/{turbine}> a tl:TwinInstance ; dcterms:identifier \"{turbine}\" ; tl:part <mm82> ; tl:builtBy <order/1> ;
             tl:level \"ASSET\" ; tl:commissionedAt \"2009-01-01T00:00:00Z\"^^xsd:dateTime ."
        );
    }
    world.import("farm", &farm).expect("an import");
    // Two thirds are compressed before the rest comes; compressing that too changes no answer.
    let batches: Vec<_> = truth.lines.chunks(20_000).collect();
    world.served(|address| {
        for (index, lines) in batches.iter().enumerate() {
            let answer =
                request(address, "POST", "/api/v2/write?precision=s", &[], lines.join("\n").as_bytes());
            assert_eq!(answer.status, 204, "{}", answer.body);
            if index == batches.len() * 2 / 3 {
                world.app.seal().expect("sealed");
            }
        }
    });
    let partly_sealed = COMPARED.map(|(property, _)| usage_by_turbine(&world, property));
    world.app.seal().expect("sealed");
    for ((property, column), before) in COMPARED.into_iter().zip(partly_sealed) {
        assert_eq!(usage_by_turbine(&world, property), before, "{property}");
        check_property(&world, &truth, property, column);
    }
    for (property, column, is_direction) in OTHERS {
        check_extremes(&world, &truth, property, column, is_direction);
    }
    check_misalignment(&world, &truth);
    check_page(&truth);
    check_margins(&world, &truth);
    check_margins_by_year(&world, &truth);
}

/// Returns the question after a property's figures: whole, by groups and by buckets.
fn usage(weight: &str) -> String {
    let fields = counted::fields();
    format!(
        r#"query($property: ID!, $groupBy: [GroupBy!], $bucket: Duration, $from: DateTime!, $to: DateTime!) {{
    thread {{ designRevision(id: "mm82/2008") {{
        fieldUsage(property: $property, window: {{ from: $from, to: $to }},
            weight: {weight}, groupBy: $groupBy, bucket: $bucket) {{
            ...figures hours unitCount account {{ overwritten: overwrittenCount missingHours unknownConfigurationHours }}
            groups {{ key usage {{ ...figures }} }}
            buckets {{ from usage {{ ...figures }} }} }} }} }} }}
fragment figures on FieldUsage {{ sampleCount mean min max {fields} }}"#
    )
}

/// Returns the usage of a property for both years, by month and by turbine and month.
fn usage_by_turbine(world: &World, property: &str) -> Value {
    let [from, to] = [2014, 2016].map(|year| format!("{year}-01-01T00:00:00Z"));
    let variables = json!({ "property": property, "groupBy": ["UNIT", "MONTH"], "bucket": "P1M", "from": from, "to": to });
    world.data(&usage("SAMPLE"), variables)
}

fn check_property(world: &World, truth: &Truth, property: &str, column: &str) {
    let index = COLUMNS.iter().position(|name| *name == column).expect("a column");
    let ask = |weight: &str, group_by: Value, bucket: Value, years: [i32; 2]| {
        let [from, to] = years.map(|year| format!("{year}-01-01T00:00:00Z"));
        let variables =
            json!({ "property": property, "groupBy": group_by, "bucket": bucket, "from": from, "to": to });
        world.data(&usage(weight), variables)["thread"]["designRevision"]["fieldUsage"].clone()
    };
    let series = |turbine: &str| &truth.values[&(turbine.to_owned(), index)];

    let fleet = ask("SAMPLE", json!(["UNIT", "MONTH"]), json!("P1Y"), [2014, 2016]);
    let all = TURBINES.iter().flat_map(|turbine| series(turbine).values().copied()).collect();
    compare(&format!("{property}, fleet"), &fleet, all);
    assert_eq!(fleet["unitCount"], 4);
    check_by_unit(property, &ask("UNIT", json!([]), json!("P1Y"), [2014, 2016]), TURBINES.map(series));
    let overwritten = truth.overwritten.get(&index).copied().unwrap_or(0);
    assert_eq!(fleet["account"]["overwritten"], json!(overwritten.to_string()), "{property}: overwritten");
    assert_eq!(fleet["account"]["unknownConfigurationHours"], json!(0.0));

    let mut by_month: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for turbine in TURBINES {
        for (at, value) in series(turbine) {
            by_month.entry(format!("turbine/{turbine} · {}", month(*at))).or_default().push(*value);
        }
    }
    let groups = fleet["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), by_month.len(), "{property}: turbines × months");
    for group in groups {
        let key = group["key"].as_str().expect("a key");
        compare(
            &format!("{property}, {key}"),
            &group["usage"],
            by_month.get(key).unwrap_or_else(|| panic!("{key}")).clone(),
        );
    }
    for bucket in fleet["buckets"].as_array().expect("buckets") {
        let year = bucket["from"].as_str().expect("an instant")[..4].to_owned();
        let of_year = |(at, value): (&i64, &f64)| (month(*at)[..4] == year).then_some(*value);
        let values = TURBINES.iter().flat_map(|turbine| series(turbine).iter().filter_map(of_year)).collect();
        compare(&format!("{property}, {year}"), &bucket["usage"], values);
    }
    // Each turbine by year, and the fleet by month.
    for year in [2014, 2015] {
        let usage = ask("SAMPLE", json!(["UNIT"]), json!("P1M"), [year, year + 1]);
        let of = |turbine: &str, time: &str| -> Vec<f64> {
            let prefix = format!("turbine/{turbine} · {time}");
            by_month
                .range(prefix.clone()..)
                .take_while(|(key, _)| key.starts_with(&prefix))
                .flat_map(|(_, v)| v.clone())
                .collect()
        };
        let groups = usage["groups"].as_array().expect("groups");
        assert_eq!(groups.len(), 4, "{property}, {year}: turbines");
        for group in groups {
            let turbine = group["key"].as_str().and_then(|key| key.strip_prefix("turbine/")).expect("a key");
            let values = of(turbine, &year.to_string());
            compare(&format!("{property}, {turbine}, {year}"), &group["usage"], values);
        }
        let buckets = usage["buckets"].as_array().expect("buckets");
        assert_eq!(buckets.len(), 12, "{property}, {year}: months");
        for bucket in buckets {
            let month = &bucket["from"].as_str().expect("an instant")[..7];
            let values = TURBINES.iter().flat_map(|turbine| of(turbine, month)).collect();
            compare(&format!("{property}, fleet, {month}"), &bucket["usage"], values);
        }
    }
}

/// Each turbine counts once: in both years, and in each.
fn check_by_unit(property: &str, usage: &Value, turbines: [&BTreeMap<i64, f64>; 4]) {
    let of = |time: &str| {
        let values = |series: &BTreeMap<i64, f64>| {
            let counts = series.iter().filter(|(at, _)| month(**at).starts_with(time));
            Counted::of(counts.map(|(_, value)| *value).collect())
        };
        turbines.map(values)
    };
    counted::check_percentiles_by_unit(&format!("{property}, each turbine once"), usage, &of(""));
    let buckets = usage["buckets"].as_array().expect("buckets");
    assert_eq!(buckets.len(), 2, "{property}: years");
    for bucket in buckets {
        let year = &bucket["from"].as_str().expect("an instant")[..4];
        let what = format!("{property}, each turbine once, {year}");
        counted::check_percentiles_by_unit(&what, &bucket["usage"], &of(year));
    }
}

/// A direction has its extremes and its samples, but neither mean nor percentile.
fn check_extremes(world: &World, truth: &Truth, property: &str, column: &str, is_direction: bool) {
    let index = COLUMNS.iter().position(|name| *name == column).expect("a column");
    let ask = |figures: &str| {
        format!(
            "{{ thread {{ designRevision(id: \"mm82/2008\") {{ fieldUsage(property: \"{property}\",
                window: {{ from: \"2014-01-01T00:00:00Z\", to: \"2016-01-01T00:00:00Z\" }}) {{ {figures} }} }} }} }}"
        )
    };
    let answer = world.data(&ask("sampleCount min max"), json!({}));
    let all: Vec<f64> = TURBINES
        .iter()
        .flat_map(|turbine| truth.values[&((*turbine).to_owned(), index)].values().copied())
        .collect();
    let (min, max) =
        (all.iter().copied().fold(f64::MAX, f64::min), all.iter().copied().fold(f64::MIN, f64::max));
    let usage = &answer["thread"]["designRevision"]["fieldUsage"];
    assert_eq!(*usage, json!({ "sampleCount": all.len().to_string(), "min": min, "max": max }), "{property}");
    for figure in ["mean", "percentile(p: 0.95)"].into_iter().filter(|_| is_direction) {
        let (code, message) = world.refusal(&ask(figure), json!({}));
        assert!(code == "BAD_INPUT" && message.contains("its values wrap around"), "{code}: {message}");
    }
}

/// Returns the sizes of the misalignment of a turbine in some years: all of them, or those while it gave more than 1,000 kW.
fn misalignment(truth: &Truth, turbine: &str, years: std::ops::Range<i32>, at_work: bool) -> Vec<f64> {
    let power = &truth.values[&(turbine.to_owned(), 1)];
    let years: Vec<String> = years.map(|year| year.to_string()).collect();
    let counts = |at: &i64| {
        years.contains(&month(*at)[..4].to_owned())
            && (!at_work || power.get(at).is_some_and(|power| *power > 1000.0))
    };
    let vane = truth.values[&(turbine.to_owned(), 3)].iter();
    vane.filter(|(at, _)| counts(at)).map(|(_, value)| value.abs()).collect()
}

const MISALIGNMENT: &str = r#"
query($from: DateTime!, $to: DateTime!, $while: [ConditionInput!]) { thread { designRevision(id: "mm82/2008") {
    fieldUsage(property: "vane", window: { from: $from, to: $to }, transform: ABS, groupBy: [UNIT], while: $while) {
        groups { key usage { hours timeBeyond(limit: 8) max sampleCount FIELDS } } } } } }"#;

/// The misalignment of each turbine in each year, with and without the condition on power: its samples and the time beyond
/// 8° exactly, percentiles and bars to the resolution.
fn check_misalignment(world: &World, truth: &Truth) {
    let at_work = json!([{ "property": "power", "comparator": "GT", "limit": 1000, "unit": "KiloW" }]);
    for (conditions, at_work) in [(json!([]), false), (at_work, true)] {
        for year in [2014, 2015] {
            let [from, to] = [year, year + 1].map(|year| format!("{year}-01-01T00:00:00Z"));
            let question = MISALIGNMENT.replace("FIELDS", &counted::fields());
            let answer = world.data(&question, json!({ "from": from, "to": to, "while": conditions }));
            let groups = answer["thread"]["designRevision"]["fieldUsage"]["groups"]
                .as_array()
                .expect("groups")
                .clone();
            assert_eq!(groups.len(), 4);
            for group in groups {
                let turbine =
                    group["key"].as_str().and_then(|key| key.strip_prefix("turbine/")).expect("a key");
                let values = misalignment(truth, turbine, year..year + 1, at_work);
                let beyond = values.iter().filter(|value| **value > 8.0).count() as f64 / 6.0;
                let (count, _, _, max, ..) = figures(values.clone());
                let usage = &group["usage"];
                let number = |name: &str| usage[name].as_f64().unwrap_or_else(|| panic!("{name}: {usage}"));
                let what = format!("{turbine}, {year}, at work: {at_work}");
                assert_eq!(
                    (&usage["sampleCount"], number("max")),
                    (&json!(count.to_string()), max),
                    "{what}"
                );
                // A sample counts for ten minutes, whether or not the one after it is missing.
                let check = |name: &str, hours: f64| {
                    let found = number(name);
                    assert!((found - hours).abs() <= 1e-6, "{what}: {name} {found} is not {hours}");
                };
                check("hours", count as f64 / 6.0);
                check("timeBeyond", beyond);
                let counted = Counted::of(values);
                counted.check_percentiles(&what, usage);
                counted.check_bars(&what, usage, 1.0 / 6.0);
            }
        }
    }
}

fn serials(margin: &Value) -> Vec<&str> {
    let violators = margin["violators"]["nodes"].as_array().expect("violators");
    violators.iter().map(|unit| unit["serial"].as_str().expect("a serial")).collect()
}

fn check_margins(world: &World, truth: &Truth) {
    let answer = world.data(
        r#"{ thread { designRevision(id: "mm82/2008") { margins(window: { from: "2014-01-01T00:00:00Z", to: "2016-01-01T00:00:00Z" }) {
            requirement { identifier } verdict observed conformingUnits violators { nodes { serial } } } } } }"#,
        json!({}),
    );
    let margins = answer["thread"]["designRevision"]["margins"].as_array().expect("margins").clone();
    let margin = |identifier: &str| {
        margins
            .iter()
            .find(|margin| margin["requirement"]["identifier"] == identifier)
            .expect("a margin")
            .clone()
    };
    let highest =
        |turbine: &&str| truth.values[&((*turbine).to_owned(), 1)].values().copied().fold(f64::MIN, f64::max);
    let above: Vec<&str> = TURBINES.into_iter().filter(|turbine| highest(turbine) > 2152.5).collect();
    let power = margin("REQ-P");
    assert_eq!(serials(&power), above, "{power}");
    assert_eq!(power["verdict"], if above.is_empty() { "CONFORMS" } else { "VIOLATES" });
    let misaligned = |turbine: &&str| {
        let values = truth.values[&((*turbine).to_owned(), 3)].values().map(|value| value.abs()).collect();
        figures(values).4 > 25.0
    };
    let beyond: Vec<&str> = TURBINES.into_iter().filter(misaligned).collect();
    let vane = margin("REQ-V");
    assert_eq!(serials(&vane), beyond, "{vane}");
    assert_eq!(vane["conformingUnits"], json!((4 - beyond.len()) as f64 / 4.0));
    // Three turbines lie within 1.4 % above the limit, one 2.4 % below: the verdict is exact, where a sketch could not decide.
    let p95 = |turbine: &str| figures(misalignment(truth, turbine, 2014..2016, true)).4;
    let beyond: Vec<&str> = TURBINES.into_iter().filter(|turbine| p95(turbine) > 8.0).collect();
    assert_eq!(beyond, ["R80711", "R80721", "R80790"]);
    let at_work = margin("REQ-W");
    let mut found = serials(&at_work);
    found.sort_unstable();
    assert_eq!((found, &at_work["verdict"]), (beyond, &json!("VIOLATES")), "{at_work}");
    let (.., worst, range) = figures(misalignment(truth, "R80711", 2014..2016, true));
    let observed = at_work["observed"].as_f64().expect("a number");
    assert!((observed - worst).abs() < 0.001 * range, "{observed} is not {worst}");
}

/// The margin of each turbine in each year, with and without the condition on power: the verdict exactly, P95 to 0.1 % of the range.
fn check_margins_by_year(world: &World, truth: &Truth) {
    for year in [2014, 2015] {
        let [from, to] = [year, year + 1].map(|year| format!("{year}-01-01T00:00:00Z"));
        let answer = world.data(
            &format!("{{ thread {{ designRevision(id: \"mm82/2008\") {{ margins(window: {{ from: \"{from}\", to: \"{to}\" }}) {{
                requirement {{ identifier }} unit {{ symbol }} units {{ nodes {{ serial verdict observed distance sampleCount }} }} }} }} }} }}"),
            json!({}),
        );
        let margins = answer["thread"]["designRevision"]["margins"].as_array().expect("margins");
        for (identifier, at_work, limit) in [("REQ-V", false, 25.0), ("REQ-W", true, 8.0)] {
            let margin = margins.iter().find(|margin| margin["requirement"]["identifier"] == identifier);
            let margin = margin.expect("a margin");
            let units = margin["units"]["nodes"].as_array().expect("units");
            assert_eq!((units.len(), &margin["unit"]["symbol"]), (4, &json!("°")));
            for unit in units {
                let turbine = unit["serial"].as_str().expect("a serial");
                let (count, _, _, _, p95, range) =
                    figures(misalignment(truth, turbine, year..year + 1, at_work));
                let what = format!("{identifier}, {turbine}, {year}: {unit}, not {p95}");
                let number = |name: &str| unit[name].as_f64().expect("a number");
                assert!((number("observed") - p95).abs() < 0.001 * range, "{what}");
                assert!((limit - number("observed") - number("distance")).abs() < 1e-9, "{what}");
                assert_eq!(unit["verdict"], if p95 > limit { "VIOLATES" } else { "CONFORMS" }, "{what}");
                assert_eq!(unit["sampleCount"], count.to_string(), "{what}");
            }
        }
    }
}

/// The figures of docs/field-data.md are those of the file.
fn check_page(truth: &Truth) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/field-data.md");
    let page = std::fs::read_to_string(page).expect("the page").replace('\n', " ");
    let p95 = |turbine: &str, years, at_work| figures(misalignment(truth, turbine, years, at_work)).4;
    for turbine in TURBINES {
        let of = |year: i32, at_work| format!("{:.2}°", p95(turbine, year..year + 1, at_work));
        let row = [of(2014, false), of(2015, false), of(2014, true), of(2015, true)].join(" | ");
        assert!(page.contains(&format!("| {turbine} | {row} |")), "| {turbine} | {row} |");
        let both = format!("{turbine} ({:.2}°)", p95(turbine, 2014..2016, true));
        assert!(page.contains(&both), "{both}");
    }
}
