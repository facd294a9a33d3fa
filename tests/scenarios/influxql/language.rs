//! What InfluxDB 1.6.7 answers is answered alike.
//!
//! Argued differences, which no query here meets: numbers that are sums may differ in the last bits, as they are exact here; every field is a
//! float, as integers and booleans are stored as numbers; a row limit never cuts an answer short (InfluxDB's `partial`), but refuses it; a time in
//! an OR is refused, where InfluxDB takes it for an AND; `SHOW … WHERE time` is exact, where InfluxDB looks at shards of a week; samples of several
//! series at one instant are in the order of their tags, where InfluxDB's order varies from instant to instant, and so of several values that are
//! equally frequent `mode` may choose another one, of several equal ones `percentile` another time, and of several last ones at one instant `last` takes
//! the greatest with and without buckets; `last` with an offset of buckets, without a start and with a LIMIT, has rows of the year 1677 there.

use super::oracle::{compare, compare_texts};
use std::fmt::Write as _;

/// Lines of three measurements: series with and without tags, several fields, gaps, equal values, and several samples at one instant.
pub(super) fn lines() -> String {
    let mut lines = String::new();
    let mut state = 7u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let pumps = [("P-1", "a"), ("P-2", "b"), ("P-3", ""), ("P-4", "a"), ("P 5", "c,=d")];
    for (offset, (twin, host)) in pumps.into_iter().enumerate() {
        let escaped = |text: &str| text.replace(' ', "\\ ").replace(',', "\\,").replace('=', "\\=");
        let host = if host.is_empty() { String::new() } else { format!(",host={}", escaped(host)) };
        let mut at = 1_704_067_200 + offset as i64;
        for _ in 0..40 {
            at += 15 * (1 + draw(12)) as i64;
            let temp = draw(160) as f64 / 4.0 - 8.0;
            let load = if draw(3) > 0 { format!(",load={}", draw(16)) } else { String::new() };
            writeln!(lines, "pump{host},twin={} temp={temp}{load} {at}000000000", escaped(twin))
                .expect("text");
        }
    }
    for step in 0..20i64 {
        let at = 1_704_067_200 + step * 300;
        writeln!(lines, "fan,host=a,twin=F-1 speed={},temp={} {at}000000000", 3 + step % 4, step)
            .expect("text");
    }
    // Several samples at one instant, of which functions do not tell the order.
    for (twin, value) in [("T-1", 5.0), ("T-2", 7.5), ("T-3", 6.0)] {
        for step in 0..4 {
            let at = 1_704_067_200 + step * 60;
            writeln!(lines, "tied,twin={twin} value={} {at}000000000", value * (step - 2) as f64)
                .expect("text");
        }
    }
    lines.push_str("rare,twin=R-1 once=1.5 1704070000500000000\n");
    lines
}

const RANGE: &str = "time >= 1704067200000ms and time <= 1704071100000ms";

fn owned(queries: &[&str]) -> Vec<String> {
    queries.iter().map(|query| (*query).to_owned()).collect()
}

#[test]
fn what_there_is() {
    // The service has a measurement more, throughline_events, which is last but one by its name.
    let queries = owned(&[
        "SHOW DATABASES",
        "SHOW RETENTION POLICIES ON \"throughline\"",
        "SHOW RETENTION POLICIES",
        "SHOW MEASUREMENTS WITH MEASUREMENT =~ /^[^_]*$/",
        "SHOW measurements LIMIT 1 OFFSET 1",
        "SHOW MEASUREMENTS WITH MEASUREMENT =~ /(?i)PU/ LIMIT 100",
        "SHOW MEASUREMENTS WITH MEASUREMENT = \"fan\"",
        "SHOW MEASUREMENTS WHERE \"host\" = 'b'",
        "SHOW TAG KEYS",
        "SHOW TAG KEYS FROM \"pump\" LIMIT 1",
        "SHOW TAG KEYS FROM \"rare\"",
        "SHOW TAG KEYS FROM \"autogen\".\"pump\"",
        "SHOW TAG KEYS FROM \"throughline\".\"autogen\".\"pump\"",
        "SHOW TAG KEYS FROM \"throughline\"..\"pump\"",
        "SHOW TAG KEYS FROM nosuch",
        "SHOW TAG KEYS FROM /pu/ WHERE \"host\"::tag = 'a'",
        "SHOW TAG VALUES WITH KEY = \"host\"",
        "SHOW TAG VALUES FROM \"pump\" WITH KEY = \"host\" WHERE \"twin\" =~ /^P-[12]$/",
        "SHOW TAG VALUES FROM \"pump\" WITH KEY IN (\"host\", \"twin\") LIMIT 3 OFFSET 1",
        "SHOW TAG VALUES WITH KEY =~ /.*/ WHERE \"host\" != 'a'",
        "SHOW TAG VALUES FROM \"pump\" WITH KEY = \"nosuch\"",
        "SHOW FIELD KEYS",
        "SHOW FIELD KEYS FROM \"pump\" LIMIT 1",
        "SHOW SERIES",
        "SHOW SERIES FROM \"pump\" LIMIT 2",
        "SHOW SERIES CARDINALITY",
        "SHOW SERIES EXACT CARDINALITY",
    ]);
    compare(&lines(), &queries, &[]);
}

#[test]
fn functions_in_buckets() {
    let mut queries = Vec::new();
    let functions = ["count", "sum", "mean", "min", "max", "first", "last", "spread", "stddev", "median"];
    let functions: Vec<String> = functions.iter().map(|name| format!("{name}(temp)")).collect();
    let functions =
        functions.iter().map(String::as_str).chain(["percentile(temp, 95)", "mean(load)", "mean(once)"]);
    for function in functions {
        for fill in ["", " fill(null)", " fill(none)", " fill(previous)", " fill(linear)", " fill(7)"] {
            for (group, order) in [
                ("", ""),
                (", twin", " ORDER BY time DESC"),
                (", \"host\"::tag", ""),
                (", *", " LIMIT 3 OFFSET 2"),
            ] {
                queries.push(format!(
                    "SELECT {function} FROM pump WHERE {RANGE} GROUP BY time(5m){group}{fill}{order}"
                ));
            }
        }
    }
    for function in ["first", "last", "min", "max", "count", "median"] {
        if function != "last" {
            queries.push(format!("SELECT {function}(value) FROM tied"));
        }
        queries
            .push(format!("SELECT {function}(value) FROM tied WHERE {RANGE} GROUP BY time(2m) fill(none)"));
    }
    queries.push(format!("SELECT mode(temp) FROM pump WHERE {RANGE} GROUP BY time(5m), twin"));
    compare(&lines(), &queries, &[("epoch", "ms")]);
}

#[test]
fn functions_along_buckets_and_samples() {
    let mut queries = Vec::new();
    let along = [
        "derivative(X)",
        "derivative(X, 1m)",
        "non_negative_derivative(X, 10s)",
        "difference(X)",
        "non_negative_difference(X)",
        "moving_average(X, 2)",
        "moving_average(X, 5)",
        "cumulative_sum(X)",
        "elapsed(X, 1s)",
    ];
    for function in along {
        for (inner, group) in [("mean(temp)", "time(3m)"), ("max(load)", "time(2m), twin"), ("temp", "twin")]
        {
            for fill in ["", " fill(none)", " fill(previous)", " fill(0)", " fill(linear)"] {
                let function = function.replace('X', inner);
                queries.push(format!("SELECT {function} FROM pump WHERE {RANGE} GROUP BY {group}{fill}"));
            }
            let function = function.replace('X', inner);
            queries.push(format!(
                "SELECT {function} FROM pump WHERE {RANGE} GROUP BY {group} ORDER BY time DESC"
            ));
        }
    }
    compare(&lines(), &queries, &[]);
}

#[test]
fn columns_groups_and_conditions() {
    let mut queries = owned(&[
        "SELECT mean(temp) FROM pump",
        "SELECT max(temp) FROM pump",
        "SELECT min(temp) FROM pump GROUP BY twin",
        "SELECT first(temp) FROM pump",
        "SELECT last(temp) FROM pump GROUP BY host",
        "SELECT last(load) FROM pump ORDER BY time DESC",
        "SELECT max(temp) * 2 FROM pump",
        "SELECT max(temp), min(temp) FROM pump",
        "SELECT percentile(temp, 90), count(temp) FROM pump GROUP BY twin",
        "SELECT stddev(once) FROM rare",
        "SELECT median(temp), stddev(load), spread(temp), count(load) FROM pump GROUP BY twin",
        "SELECT mean(temp), mean(temp), mean(load) AS mean_1 FROM pump",
        "SELECT mean(*) FROM pump",
        "SELECT mean(/te|lo/) FROM pump GROUP BY host",
        "SELECT last(*) FROM /fan|pump|rare/",
        "SELECT mean(speed), mean(temp) FROM /fan|pump/",
        "SELECT mean(temp) FROM pump, fan",
        "SELECT mean(temp) / mean(load), -mean(temp), mean(temp) / 0 AS z FROM pump GROUP BY twin",
        "SELECT mean(nosuch) FROM pump",
        "SELECT nosuch FROM pump",
        "SELECT host FROM pump",
        "SELECT mean(temp) FROM nosuch",
        "SELECT mean(temp) FROM pump WHERE host = ''",
        "SELECT mean(temp) FROM pump WHERE host != 'a' GROUP BY twin",
        "SELECT mean(temp) FROM pump WHERE host =~ /^(a|b)$/ AND twin !~ /4/",
        "SELECT mean(temp) FROM pump WHERE (twin = 'P-1' OR host = 'b') GROUP BY twin",
        "SELECT mean(temp) FROM pump WHERE nosuch = ''",
        "SELECT mean(temp) FROM pump WHERE nosuch != 'a'",
        "SELECT mean(temp) FROM pump WHERE load > 5",
        "SELECT count(temp) FROM pump WHERE (twin = 'P-1' OR temp > 20) GROUP BY twin",
        "SELECT mean(temp) FROM pump WHERE temp > 10 AND load <= 12 GROUP BY host",
        "SELECT mean(temp) FROM pump GROUP BY /ho/",
        "SELECT mean(temp) FROM pump GROUP BY host, twin SLIMIT 2 SOFFSET 1",
        "SELECT mean(temp) FROM pump GROUP BY nosuch",
        "SELECT temp, load FROM pump",
        "SELECT load, host FROM pump WHERE temp > 15",
        "SELECT * FROM pump LIMIT 7 OFFSET 3",
        "SELECT * FROM /fan|pump|rare/ LIMIT 2",
        "SELECT mean(temp) FROM pump GROUP BY host, twin SLIMIT 1 SOFFSET 4",
        "SELECT temp FROM pump GROUP BY host, twin ORDER BY time DESC LIMIT 1 SLIMIT 2",
        "SELECT * FROM pump GROUP BY host LIMIT 2",
        "SELECT temp FROM pump GROUP BY * ORDER BY time DESC LIMIT 3",
        "SELECT temp, load FROM pump ORDER BY time DESC LIMIT 5 OFFSET 2",
        "SELECT temp + load, temp * 2 AS double FROM pump WHERE twin = 'P-1'",
        "SELECT temp::field, host::tag FROM pump LIMIT 4",
        "SELECT temp FROM pump WHERE time = '2024-01-01T00:05:00Z'",
        "SELECT temp FROM pump WHERE time >= '2024-01-01 00:20:00' AND time < '2024-01-01T00:30:00+00:00'",
        "SELECT temp FROM pump WHERE time > 1704067200s + 5m AND time <= 1704067900000000000",
        "SELECT temp FROM pump WHERE time > 1704067900s AND time < 1704067200s",
        "SELECT mean(temp) FROM pump WHERE time > '2024-01-01T00:00:30Z'",
        "SELECT mean(temp) FROM pump WHERE time >= '2024-01-01' AND time < '2024-01-03' GROUP BY time(1d) tz('Europe/Berlin')",
        "SELECT mean(temp) FROM pump WHERE time >= '2024-01-01' AND time < '2024-01-02' GROUP BY time(6h, 1h) tz('America/New_York')",
        "SELECT temp FROM pump LIMIT 2 tz('Asia/Kolkata')",
        "SELECT time, temp FROM pump LIMIT 2",
        "SELECT temp FROM pump WHERE \"host\" = 5",
    ]);
    // Every field is a number: compared with a text it is nothing. One that another measurement of the statement has is a field too.
    let texts = [
        "temp != 'x'",
        "temp = ''",
        "temp !~ /x/",
        "temp =~ /.*/",
        "'x' != load",
        "temp::tag != 'x'",
        "temp::float != 'x'",
        "temp != 'x' OR host = 'a'",
        "temp !~ /x/ OR temp > 20",
        "(load != 'x' AND host = 'a') OR twin =~ /2/",
        "speed != 'x'",
        "speed != 'x' OR host = 'a'",
    ];
    for text in texts {
        queries.push(format!("SELECT temp FROM pump WHERE {text}"));
        queries.push(format!("SELECT count(temp) FROM pump WHERE {text} GROUP BY twin"));
        queries.push(format!("SELECT temp FROM pump, fan WHERE {text}"));
    }
    let buckets =
        ["time(2m)", "time(2m, 30s)", "time(2m, -30s)", "time(1w)", "time(7m), host", "time(45s), twin"];
    for every in buckets {
        queries.push(format!(
            "SELECT mean(temp), max(load) AS m FROM pump WHERE {RANGE} GROUP BY {every} fill(previous)"
        ));
        queries.push(format!(
            "SELECT mean(temp) / mean(load), count(temp) + 1 FROM pump WHERE {RANGE} GROUP BY {every} fill(0)"
        ));
        queries.push(format!("SELECT (mean(temp) + max(temp)) / 2 FROM pump WHERE {RANGE} GROUP BY {every}"));
        queries.push(format!("SELECT count(load) FROM pump WHERE {RANGE} AND temp > 10 GROUP BY {every}"));
        queries.push(format!("SELECT last(temp) FROM pump WHERE {RANGE} GROUP BY {every} LIMIT 4"));
        queries.push(format!(
            "SELECT mean(temp) FROM pump WHERE time <= 1704071100000ms GROUP BY {every} ORDER BY time DESC"
        ));
    }
    compare(&lines(), &queries, &[]);
}

#[test]
fn tables_and_refusals() {
    let queries = [
        "SELECT temp, load FROM pump LIMIT 5; SHOW DATABASES; SELECT mean(temp) FROM pump GROUP BY twin, host",
        "SHOW TAG VALUES WITH KEY = host",
        "SELECT temp FROM pump LIMIT -1",
        "",
    ];
    compare_texts(&lines(), &queries, &[("accept", "application/csv")]);
    let refused = [
        "",
        "SELECT mean(temp FROM pump",
        "SELECT mean(temp) FROM pump GROUP BY time(1x)",
        "SELECT temp FROM pump LIMIT -1",
        "SELECT temp FROM pump ORDER BY temp",
        "SELECT temp FROM pump tz('Nowhere')",
        "SELECT mean(temp) FROM pump fill(xx)",
        "SELECT mean(temp) FROM pump WHERE $x",
        "SELECT nosuchf(temp) FROM pump",
        "SELECT mean() FROM pump",
        "SELECT mean(temp, 2) FROM pump",
        "SELECT percentile(temp) FROM pump",
        "SELECT temp FROM pump GROUP BY time(1m)",
        "SELECT mean(temp), load FROM pump",
        "SELECT 1 FROM pump",
        "SELECT derivative(mean(temp)) FROM pump",
        "SELECT moving_average(temp, 1) FROM pump",
    ];
    compare_texts(&lines(), &refused, &[]);
}
