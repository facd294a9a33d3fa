//! A limit in another unit than the signal's is kept or broken exactly as decimal arithmetic decides.

use super::world::{PUMP, World, post_graphql, request};
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use throughline::ontology::Ontology;
use throughline::telemetry::Precision;

/// A constraint on a signal of its own that always sends one value.
struct Case {
    value: &'static str,
    unit: &'static str,
    kind: &'static str,
    statistic: &'static str,
    comparator: &'static str,
    limit: &'static str,
    limit_unit: &'static str,
    more: &'static str,
    verdict: &'static str,
}

fn case(
    (value, unit): (&'static str, &'static str),
    (statistic, comparator): (&'static str, &'static str),
    (limit, limit_unit): (&'static str, &'static str),
    verdict: &'static str,
) -> Case {
    let kind = match unit {
        "DEG_F" | "DEG_R" | "DEG_C" | "K" => "Temperature",
        "PERCENT" => "RelativeHumidity",
        "MilliM" => "Length",
        "REV-PER-MIN" => "AngularVelocity",
        _ => "Pressure",
    };
    Case { value, unit, kind, statistic, comparator, limit, limit_unit, more: "", verdict }
}

const PREFIXES: &str = "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
    @prefix unit: <http://qudt.org/vocab/unit/> . @prefix quantitykind: <http://qudt.org/vocab/quantitykind/> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <part/tank> a tl:Part ; dcterms:identifier \"TANK\" .
    <lot/1> a tl:Build ; dcterms:identifier \"1\" ; tl:realizes <tank/A> .
    <unit/T-1> a tl:TwinInstance ; dcterms:identifier \"T-1\" ; tl:part <part/tank> ; tl:builtBy <lot/1> ;
        tl:commissionedAt \"2023-01-01T00:00:00Z\"^^xsd:dateTime .
    <tank/A> a tl:DesignRevision ; tl:revisionOf <part/tank> ; tl:revision \"A\" .\n";

/// Imports a constraint for each case, sends two samples an hour apart, and returns the margins in the order of the cases.
fn margins(cases: &[Case]) -> Vec<Value> {
    let world = World::new();
    let (mut turtle, mut fields) = (PREFIXES.to_owned(), Vec::new());
    for (index, case) in cases.iter().enumerate() {
        let Case { value, unit, kind, statistic, comparator, limit, limit_unit, more, .. } = case;
        writeln!(
            turtle,
            "<p{index}> a tl:Property ; dcterms:title \"p{index}\" ; tl:quantityKind quantitykind:{kind} .
            <tank/A> tl:signal <tank/A#s{index}> ; tl:satisfies <R{index}> .
            <tank/A#s{index}> a tl:Signal ; tl:name \"s{index}\" ; tl:property <p{index}> ; tl:unit unit:{unit} ;
                tl:expectedPeriod \"PT1H\"^^xsd:duration .
            <R{index}> a tl:Requirement ; dcterms:identifier \"R{index}\" ; tl:constraint <R{index}#c> .
            <R{index}#c> a tl:Constraint ; tl:property <p{index}> ; tl:statistic \"{statistic}\" ;
                tl:comparator \"{comparator}\" ; tl:limit {limit} ; tl:unit unit:{limit_unit} ; tl:kind \"LIMIT\" {more} ."
        )
        .expect("a text");
        fields.push(format!("s{index}={value}"));
    }
    world.import("tank", &turtle).expect("an import");
    for hour in 0..2 {
        let line = format!("m,twin=T-1 {} {}", fields.join(","), 1_704_067_200 + hour * 3600);
        let done = world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
        assert!(done.rejected.is_empty(), "{:?}", done.rejected);
    }
    let query = r#"{ thread { twinInstance(id: "unit/T-1") { margins(window: { from: "2024-01-01T00:00:00Z", to: "2024-01-01T02:00:00Z" }) {
        requirement { identifier } verdict observed distance conformingHours } } } }"#;
    let answer = world.data(query, json!({}));
    let margins = answer["thread"]["twinInstance"]["margins"].as_array().expect("margins");
    let of = |index: usize| {
        let found = margins.iter().find(|margin| margin["requirement"]["identifier"] == format!("R{index}"));
        found.unwrap_or_else(|| panic!("no margin of R{index}")).clone()
    };
    (0..cases.len()).map(of).collect()
}

/// Prints for each limit how many verdicts there are by comparator.
fn print_table(cases: &[Case], margins: &[Value]) {
    let mut rows: BTreeMap<(String, &str), BTreeMap<String, usize>> = BTreeMap::new();
    for (case, margin) in cases.iter().zip(margins) {
        let Case { value, unit, comparator, limit, limit_unit, .. } = case;
        let row =
            rows.entry((format!("{value} {unit}, limit {limit} {limit_unit}"), *comparator)).or_default();
        *row.entry(margin["verdict"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    for ((what, comparator), verdicts) in rows {
        let verdicts: Vec<_> = verdicts.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        eprintln!("{what:48} {comparator}  {}", verdicts.join(", "));
    }
}

#[test]
fn a_limit_that_is_met_exactly_is_kept_in_every_unit() {
    const SCOPES: [&str; 4] = [
        "; tl:scope \"EACH_UNIT\"",
        "; tl:scope \"FLEET\"",
        "; tl:window \"PT1H\"^^xsd:duration",
        "; tl:scope \"FLEET\" ; tl:window \"PT1H\"^^xsd:duration",
    ];
    let met = [
        (("185", "DEG_F"), ("85", "DEG_C")),
        (("518.67", "DEG_R"), ("15", "DEG_C")),
        (("85", "DEG_C"), ("185", "DEG_F")),
        (("32", "DEG_F"), ("0", "DEG_C")),
        (("70", "PERCENT"), ("0.7", "UNITLESS")),
        (("35.3", "KiloPA"), ("0.353", "BAR")),
        (("1013", "MilliBAR"), ("1.013", "BAR")),
        (("700", "MilliM"), ("0.7", "M")),
        (("900", "REV-PER-MIN"), ("5400", "DEG-PER-SEC")),
    ];
    let mut cases = Vec::new();
    for (value, limit) in met {
        for statistic in ["MIN", "MAX", "MEAN", "P01", "P50", "P99"] {
            for more in SCOPES {
                for (comparator, verdict) in
                    [("LE", "CONFORMS"), ("GE", "CONFORMS"), ("LT", "VIOLATES"), ("GT", "VIOLATES")]
                {
                    cases.push(Case { more, ..case(value, (statistic, comparator), limit, verdict) });
                }
            }
        }
    }
    let margins = margins(&cases);
    print_table(&cases, &margins);
    for (case, margin) in cases.iter().zip(margins) {
        let Case { value, unit, statistic, comparator, limit, limit_unit, more, .. } = case;
        let name = format!("{statistic} of {value} {unit} {comparator} {limit} {limit_unit}{more}");
        assert_eq!(margin["verdict"], case.verdict, "{name}: {margin}");
        let limit: f64 = limit.parse().expect("a number");
        assert_eq!(
            (margin["observed"].as_f64(), margin["distance"].as_f64()),
            (Some(limit), Some(0.0)),
            "{name}"
        );
        let hours = if case.verdict == "CONFORMS" { 1.0 } else { 0.0 };
        assert_eq!(margin["conformingHours"].as_f64(), Some(hours), "{name}");
    }
}

#[test]
fn a_limit_of_more_digits_than_a_double_is_compared_with_all_of_them() {
    const VERDICTS: [&str; 2] = ["VIOLATES", "CONFORMS"];
    let mut cases = Vec::new();
    for value in [("85", "DEG_C"), ("185", "DEG_F")] {
        for statistic in ["MIN", "MAX", "P50"] {
            for (limit, is_above) in [("85.00000000000000001", true), ("84.99999999999999999", false)] {
                for (comparator, keeps) in
                    [("LE", is_above), ("LT", is_above), ("GE", !is_above), ("GT", !is_above)]
                {
                    let verdict = VERDICTS[usize::from(keeps)];
                    cases.push(case(value, (statistic, comparator), (limit, "DEG_C"), verdict));
                }
            }
        }
    }
    for (case, margin) in cases.iter().zip(margins(&cases)) {
        let Case { value, unit, statistic, comparator, limit, .. } = case;
        assert_eq!(
            margin["verdict"], case.verdict,
            "{statistic} of {value} {unit} {comparator} {limit}: {margin}"
        );
    }
}

#[test]
fn numbers_that_no_double_holds_are_answered_with_all_their_digits() {
    const NUMBERS: [&str; 4] = [
        "9007199254740993",
        "18446744073709551617",
        "85.00000000000000001",
        "0.1000000000000000055511151231257828",
    ];
    let world = World::new();
    let mut turtle = format!("{PUMP}\n");
    for (at, number) in NUMBERS.iter().enumerate() {
        turtle += &format!(
            "<REQ-N{at}> a tl:Requirement ; dcterms:identifier \"N{at}\" ; dcterms:title \"N\" ; tl:constraint <REQ-N{at}#limit> .
             <REQ-N{at}#limit> a tl:Constraint ; tl:property <temperature> ; tl:statistic \"MAX\" ; tl:comparator \"LT\" ; tl:limit {number} ;
                 tl:unit unit:DEG_C ; tl:scope \"EACH_UNIT\" ; tl:kind \"LIMIT\" .
             <pump/A> tl:satisfies <REQ-N{at}> .
             <measurement/{at}> a tl:Measurement ; tl:of <unit/P-1> ; tl:characteristic \"bore\" ; tl:measured {number} ; tl:upper {number} ;
                 tl:unit unit:MilliM .\n"
        );
    }
    world.import("plm", &turtle).expect("an import");
    let query = r#"{ thread {
        requirements(first: 9, filter: { title: { eq: "N" } }) { nodes { constraints { limit } } }
        measurements(first: 9) { nodes { measured upper } }
        designRevision(id: "pump/A") { margins(window: { from: "2024-01-01T00:00:00Z", to: "2024-02-01T00:00:00Z" }) { limit } } } }"#;
    let csv = world.served(|address| {
        let answer = post_graphql(address, query, &json!({}));
        for number in NUMBERS {
            assert_eq!(
                answer.body.matches(&format!("\"limit\":{number}")).count(),
                2,
                "{number}: {}",
                answer.body
            );
            for field in ["measured", "upper"] {
                assert!(answer.body.contains(&format!("\"{field}\":{number}")), "{number}: {}", answer.body);
            }
        }
        answer.json()["data"].clone()
    });
    // Read as JSON and written as a table, all digits are there yet.
    let table =
        throughline::exchange::answer_table::write(&csv, Some("thread.measurements.nodes")).expect("a table");
    let table = String::from_utf8(table.csv).expect("UTF-8");
    for number in NUMBERS {
        assert!(table.contains(&format!("{number},{number}")), "{table}");
    }
    let sparql = world.served(|address| {
        let query = "SELECT ?limit WHERE { ?c <https://w3id.org/throughline#limit> ?limit }";
        request(
            address,
            "POST",
            "/sparql",
            &[("content-type", "application/sparql-query"), ("accept", "application/sparql-results+json")],
            query.as_bytes(),
        )
        .body
    });
    for number in NUMBERS {
        assert!(sparql.contains(&format!("\"{number}\"")), "{number}: {sparql}");
    }
}

/// Units in which a whole number of the first is a decimal that ends: by their symbols, what a whole number is multiplied by,
/// what is added, and how many decimals the result has.
type Scale = (&'static str, i64, i64, usize);

const TEMPERATURES: [Scale; 4] =
    [("°C", 1, 0, 0), ("K", 100, 27_315, 2), ("°F", 18, 320, 1), ("°R", 180, 49_167, 2)];
const MILLIMETRES: [Scale; 5] =
    [("mm", 1, 0, 0), ("cm", 1, 0, 1), ("m", 1, 0, 3), ("km", 1, 0, 6), ("µm", 1000, 0, 0)];
const INCHES: [Scale; 4] = [("in", 1, 0, 0), ("mm", 254, 0, 1), ("m", 254, 0, 4), ("cm", 254, 0, 2)];
const YARDS: [Scale; 5] =
    [("yd", 1, 0, 0), ("ft", 3, 0, 0), ("in", 36, 0, 0), ("mm", 9144, 0, 1), ("m", 9144, 0, 4)];

/// Writes a whole number in a unit, in decimal arithmetic of its own.
fn written((_, factor, constant, places): Scale, whole: i64) -> String {
    let digits = whole * factor + constant;
    let (sign, digits) = (if digits < 0 { "-" } else { "" }, digits.unsigned_abs().to_string());
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, decimals) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{decimals}")
}

/// Prints, for each pair of units, how many values meet a limit exactly and are judged so, and how many plain doubles get wrong.
#[test]
fn every_whole_degree_and_length_meets_its_limit_in_every_unit() {
    let ontology = Ontology::shipped().expect("the shipped ontology");
    let units = ontology.units();
    let mut table =
        format!("{:>6} {:>6} {:>7} {:>6} {:>16}\n", "value", "limit", "limits", "wrong", "wrong by doubles");
    let groups: [(&[Scale], std::ops::RangeInclusive<i64>); 4] =
        [(&TEMPERATURES, -273..=2000), (&MILLIMETRES, 0..=3000), (&INCHES, 0..=1000), (&YARDS, 0..=1000)];
    let (mut wrong_in_all, mut wrong_by_doubles) = (0, 0);
    for (scales, range) in groups {
        for (of, to) in scales.iter().flat_map(|of| scales.iter().map(move |to| (*of, *to))) {
            let iri = |(symbol, ..): Scale| units.find(symbol).expect(symbol).iri.clone();
            let conversion = units.conversion(iri(of).as_ref(), iri(to).as_ref()).expect("a conversion");
            let (mut wrong, mut doubles) = (0, 0);
            for whole in range.clone() {
                let number = |scale| written(scale, whole).parse::<f64>().expect("a number");
                let (value, limit) = (number(of), number(to));
                let orders =
                    [value.next_down(), value, value.next_up()].map(|value| conversion.compare(value, limit));
                wrong += usize::from(orders != [Ordering::Less, Ordering::Equal, Ordering::Greater]);
                doubles += usize::from(value * conversion.scale + conversion.offset != limit);
            }
            let limits = range.clone().count();
            writeln!(table, "{:>6} {:>6} {limits:>7} {wrong:>6} {doubles:>16}", of.0, to.0).expect("a text");
            wrong_in_all += wrong;
            wrong_by_doubles += doubles;
        }
    }
    println!("{table}");
    assert_eq!(wrong_in_all, 0, "{table}");
    assert!(wrong_by_doubles > 1000, "plain doubles would do: {table}");
}
