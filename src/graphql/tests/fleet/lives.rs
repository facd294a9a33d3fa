//! Lives over GraphQL.

use crate::graphql::tests::Bench;
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};

const WINDOW: &str = "{from: \"2025-01-01T00:00:00Z\", to: \"2025-03-01T00:00:00Z\"}";

/// Eight units of revision A, of which six fail after 5, 10 … 30 days, and eight of B, of which none does.
fn fans() -> Bench {
    let bench = Bench::new();
    let revision = |name: &str| json!({ "putDesignRevision": { "id": format!("fan/{name}"), "revisionOf": "part/FAN", "revision": name, "status": "DRAFT" } });
    let lot = |name: &str| json!({ "putBuild": { "id": format!("lot/{name}"), "identifier": name, "realizes": format!("fan/{name}") } });
    let mut changes = vec![json!({ "putPart": { "id": "part/FAN", "identifier": "FAN" } })];
    changes.extend(["A", "B"].into_iter().flat_map(|name| [revision(name), lot(name)]));
    for (name, number) in ["A", "B"].into_iter().flat_map(|name| (1..=8).map(move |number| (name, number))) {
        let serial = format!("{name}-{number}");
        let site = if number % 2 == 0 { "north" } else { "south" };
        changes.push(json!({ "putTwinInstance": { "id": format!("twin/{serial}"), "identifier": serial, "part": "part/FAN",
            "builtBy": format!("lot/{name}"), "site": site, "commissionedAt": "2025-01-01T00:00:00Z" } }));
        if name == "A" && number <= 6 {
            changes.push(json!({ "putFieldEvent": { "id": format!("event/{number}"), "twin": format!("twin/{serial}"), "kind": "FAILURE",
                "at": format!("2025-01-{:02}T00:00:00Z", 1 + 5 * number) } }));
        }
    }
    bench.commit(&Json::Array(changes));
    bench
}

fn lifetime(bench: &Bench, item: &str, arguments: &str, fields: &str) -> Json {
    let query = format!(
        "{{ thread {{ designRevision(id: \"{item}\") {{ lifetime(window: {WINDOW}{arguments}) {{ {fields} }} }} }} }}"
    );
    bench.data(&query)["thread"]["designRevision"]["lifetime"].clone()
}

#[test]
fn lives_are_asked_of_a_revision() {
    let bench = fans();
    let found = lifetime(&bench, "fan/A", ", groupBy: [SITE]", "unitCount failureCount aliveCount exposure until confidence median shortfall
        unit { symbol } curve(first: 2) { totalCount nodes { age atRisk failed survival low high } }
        plotPoints(first: 1) { nodes { age failed } } failureShares { totalCount }
        distribution { family assumed shape { estimate low high } scale { estimate } b10 { estimate low high }
          quantile(share: 0.1) { estimate } reliability(age: 240) { estimate low high } logLikelihood aic fitTest { p }
          unitsToShow(reliability: 0.9, tested: 2) }
        forecast(until: \"2025-03-31T00:00:00Z\") { units expected low high sites { site units expected low high } }
        stays(first: 1) { totalCount nodes { member { item { iri } } entry exit end count event { iri } alive from to failedAfter failureMode { iri } } }
        account { unknownStays: unknownStayCount unknownFailures: unknownFailureCount unknownAges: unknownAgeCount uncountedStays: uncountedStayCount failuresAtStart: startFailureCount laterStays: laterStayCount outsideFailures: outsideFailureCount otherModes: otherModeCount }
        groups { key keys lifetime { unitCount failureCount shortfall } } recurrence { failureCount } csv");
    let figures = ["unitCount", "failureCount", "aliveCount", "median", "shortfall", "unit", "recurrence"];
    assert_eq!(
        figures.map(|name| found[name].clone()),
        [json!(8), json!(6.0), json!(2.0), json!(480.0), Json::Null, Json::Null, Json::Null]
    );
    let first = &found["curve"]["nodes"][0];
    assert_eq!(
        (&first["age"], &first["atRisk"], &first["survival"]),
        (&json!(120.0), &json!(8.0), &json!(0.875))
    );
    assert_eq!(found["plotPoints"]["nodes"][0], json!({ "age": 120.0, "failed": 0.0625 }));
    let distribution = &found["distribution"];
    let (estimate, low) = (&distribution["b10"]["estimate"], &distribution["b10"]["low"]);
    assert_eq!(*estimate, distribution["quantile"]["estimate"]);
    assert!(low.as_f64() < estimate.as_f64() && distribution["assumed"] == json!(false), "{distribution}");
    assert!(distribution["unitsToShow"].as_f64().is_some_and(|units| units < 22.0), "{distribution}");
    let forecast = &found["forecast"];
    assert_eq!((&forecast["units"], forecast["sites"].as_array().map(Vec::len)), (&json!(2.0), Some(2)));
    let stay = &found["stays"]["nodes"][0];
    assert_eq!(
        (&stay["end"], &stay["exit"], &stay["event"]),
        (&json!("FAILED"), &json!(120.0), &json!({ "iri": "event/1" }))
    );
    let groups = &found["groups"];
    assert_eq!(groups[0]["key"], json!("north"));
    let shortfall = groups[0]["lifetime"]["shortfall"].as_str().expect("a reason");
    assert!(shortfall.starts_with("3 of the units failed, 5 are enough"), "{shortfall}");
    let csv = found["csv"].as_str().expect("a table");
    assert!(
        csv.starts_with(
            "item,unit,asset,position,site,revision,lot,from,to,entry,exit,failedAfter,end,count,event"
        ),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 9);
}

#[test]
fn few_failures_need_an_assumed_shape() {
    let bench = fans();
    let none = lifetime(
        &bench,
        "fan/B",
        "",
        "shortfall distribution { family } forecast(until: \"2025-03-31T00:00:00Z\") { units }",
    );
    assert!(
        none["shortfall"].as_str().expect("a reason").starts_with("0 of the units failed, 5 are enough"),
        "{none}"
    );
    assert_eq!((&none["distribution"], &none["forecast"]), (&Json::Null, &Json::Null));
    let assumed = lifetime(
        &bench,
        "fan/B",
        ", shape: 2",
        "shortfall distribution { assumed shape { low high } scale { estimate low high } b10 { low } }",
    );
    assert_eq!(assumed["distribution"]["scale"]["estimate"], Json::Null);
    assert!(assumed["distribution"]["b10"]["low"].as_f64().is_some_and(|hours| hours > 400.0), "{assumed}");
}

#[test]
fn a_unit_that_is_repaired_fails_again() {
    let bench = fans();
    bench.commit(&json!([{ "putFieldEvent": { "id": "event/again", "twin": "twin/A-1", "kind": "FAILURE", "at": "2025-02-10T00:00:00Z" } }]));
    let fields = "failureCount recurrence { failureCount rate { estimate low high } powerLaw { growth { estimate } rate } trend { statistic p }
        meanCumulative(first: 1) { totalCount nodes { age atRisk failed mean low high } } }";
    let found = lifetime(&bench, "fan/A", ", repair: AS_BEFORE", fields);
    assert_eq!(found["recurrence"]["failureCount"], json!(7));
    assert_eq!(found["recurrence"]["meanCumulative"]["nodes"][0]["mean"], json!(0.125));
    let anew = lifetime(
        &bench,
        "fan/A",
        ", repair: AS_NEW",
        "failureCount recurrence { failureCount } account { laterStays: laterStayCount }",
    );
    assert_eq!((&anew["failureCount"], &anew["recurrence"]), (&json!(7.0), &Json::Null));
}

#[test]
fn lives_of_cohorts_are_compared() {
    let bench = fans();
    let query = format!(
        "{{ thread {{ compareLife(window: {WINDOW}, left: {{item: \"fan/A\"}}, right: {{item: \"fan/B\"}}) {{
        verdict shortfall ratio {{ estimate low high }} shape {{ estimate }} logRank {{ statistic freedom p }}
        left {{ failureCount }} right {{ failureCount unitCount }} }} }} }}"
    );
    let found = bench.data(&query)["thread"]["compareLife"].clone();
    assert_eq!((&found["verdict"], &found["ratio"]["high"]), (&json!("LONGER"), &Json::Null));
    assert!(found["ratio"]["low"].as_f64().is_some_and(|low| low > 1.0), "{found}");
    assert_eq!(found["right"], json!({ "failureCount": 0.0, "unitCount": 8 }));
}

#[test]
fn what_has_no_meaning_is_refused() {
    let bench = fans();
    let check = |arguments: &str, fields: &str, expect: &str| {
        let query = format!(
            "{{ thread {{ designRevision(id: \"fan/A\") {{ lifetime(window: {WINDOW}{arguments}) {{ {fields} }} }} }} }}"
        );
        let error = bench.error(&query, "BAD_INPUT").to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(", groupBy: [MONTH]", "unitCount", "lives are not grouped by MONTH");
    check(", confidence: 1", "unitCount", "a number between 0 and 1");
    check(", shape: -1", "unitCount", "a number above 0");
    check(", shape: 2, family: LOGNORMAL", "unitCount", "is that of a WEIBULL distribution");
    check(", clockUnit: \"HR\"", "unitCount", "is absent");
    check("", "distribution { quantile(share: 1) { low } }", "a number between 0 and 1");
    check("", "forecast(until: \"2025-01-01T00:00:00Z\") { units }", "must lie after");
}

/// Two presses of one revision with a Wöhler line: one is loaded to 100 kN again and again, the other to 40.
#[test]
fn duty_is_counted_in_cycles() {
    let bench = Bench::new();
    let signal =
        json!({ "name": "force", "property": "property/force", "unit": "KiloN", "expectedPeriod": "PT1H" });
    let line = json!({ "property": "property/force", "unit": "N", "knee": 50000, "cycles": 1000, "slope": 3, "belowKnee": "ENDURED" });
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/force", "title": "Force", "quantityKind": "Force" } }),
        json!({ "putPart": { "id": "part/PRESS", "identifier": "PRESS" } }),
        json!({ "putDesignRevision": { "id": "press/A", "revisionOf": "part/PRESS", "revision": "A", "status": "DRAFT",
            "signals": [signal], "woehlerLines": [line] } }),
        json!({ "putBuild": { "id": "lot/A", "identifier": "LOT", "realizes": "press/A" } }),
    ];
    let mut lines = String::new();
    for (serial, most) in [("P-1", 100), ("P-2", 40)] {
        changes.push(json!({ "putTwinInstance": { "id": format!("twin/{serial}"), "identifier": serial, "part": "part/PRESS",
            "builtBy": "lot/A", "commissionedAt": "2025-01-01T00:00:00Z" } }));
        for hour in 0..21 {
            let force = if hour % 2 == 0 { 0 } else { most };
            lines.push_str(&format!(
                "press,twin={serial} force={force} {}\n",
                1_735_689_600_i64 + hour * 3600
            ));
        }
    }
    changes.push(json!({ "putTwinInstance": { "id": "twin/P-3", "identifier": "P-3", "part": "part/PRESS", "builtBy": "lot/A",
        "commissionedAt": "2025-01-01T00:00:00Z" } }));
    bench.commit(&Json::Array(changes));
    bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    let ask = |arguments: &str, fields: &str| {
        let query = format!(
            "{{ thread {{ designRevision(id: \"press/A\") {{ duty(property: \"property/force\", window: {WINDOW}, {arguments}) {{ {fields} }} }} }} }}"
        );
        bench.data(&query)["thread"]["designRevision"]["duty"].clone()
    };
    let found = ask(
        "unit: \"KiloN\", rangeWidth: 10, levels: [50, 20]",
        "unit { symbol } unitCount silentUnitCount cycleCount maxRange shareBeyond(range: 50) bins { nodes { rangeAbove rangeUpTo meanFrom count } }
        units { nodes { serial sampleCount implausibleSampleCount damage cycleCount maxRange crossings { level count } } }",
    );
    let units = json!([
        { "serial": "P-1", "sampleCount": "21", "implausibleSampleCount": "0", "damage": 0.08, "cycleCount": 10.0, "maxRange": 100.0,
            "crossings": [{ "level": 20.0, "count": "10" }, { "level": 50.0, "count": "10" }] },
        { "serial": "P-2", "sampleCount": "21", "implausibleSampleCount": "0", "damage": 0.0, "cycleCount": 10.0, "maxRange": 40.0,
            "crossings": [{ "level": 20.0, "count": "10" }, { "level": 50.0, "count": "0" }] },
    ]);
    let near = |found: &Json, expect: f64| found.as_f64().is_some_and(|found| (found - expect).abs() < 1e-12);
    assert!(near(&found["units"]["nodes"][0]["damage"], 0.08), "{found}");
    let mut rounded = found["units"]["nodes"].clone();
    rounded[0]["damage"] = json!(0.08);
    assert_eq!(rounded, units);
    assert_eq!(
        found["bins"]["nodes"],
        json!([{ "rangeAbove": 30.0, "rangeUpTo": 40.0, "meanFrom": null, "count": 10.0 },
            { "rangeAbove": 90.0, "rangeUpTo": 100.0, "meanFrom": null, "count": 10.0 }])
    );
    assert_eq!(
        (&found["unitCount"], &found["silentUnitCount"], &found["shareBeyond"]),
        (&json!(2), &json!(1), &json!(0.5))
    );
    // Without a unit of its own the answer is in that of the line.
    assert_eq!(ask("rangeWidth: 1000", "maxRange")["maxRange"], json!(100_000.0));
    let query = format!(
        "{{ thread {{ designRevision(id: \"press/A\") {{ duty(property: \"property/force\", window: {WINDOW}, rangeWidth: 0) {{ unitCount }} }} }} }}"
    );
    assert!(bench.error(&query, "BAD_INPUT").to_string().contains("a number above 0"));
}

/// Three pumps of which one grows hotter by a degree a day, one does not, and one came in two days ago.
#[test]
fn a_trend_reaches_a_limit() {
    let bench = Bench::new();
    let signal = json!({ "name": "temp", "property": "property/temperature", "unit": "DEG_C", "expectedPeriod": "PT6H" });
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/temperature", "title": "Temperature", "quantityKind": "Temperature" } }),
        json!({ "putPart": { "id": "part/PUMP", "identifier": "PUMP" } }),
        json!({ "putDesignRevision": { "id": "pump/A", "revisionOf": "part/PUMP", "revision": "A", "status": "DRAFT", "signals": [signal] } }),
        json!({ "putBuild": { "id": "lot/A", "identifier": "LOT", "realizes": "pump/A" } }),
    ];
    let mut lines = String::new();
    for (serial, slope, first) in [("W-1", 1.0, 0), ("W-2", 0.0, 0), ("W-3", 1.0, 28)] {
        let day = format!("2025-01-{:02}T00:00:00Z", first + 1);
        changes.push(json!({ "putTwinInstance": { "id": format!("twin/{serial}"), "identifier": serial, "part": "part/PUMP",
            "builtBy": "lot/A", "commissionedAt": day } }));
        for quarter in 4 * first..120 {
            let heat = 40.0 + slope * f64::from(quarter) / 4.0;
            lines.push_str(&format!(
                "pump,twin={serial} temp={heat} {}\n",
                1_735_689_600_i64 + i64::from(quarter) * 21_600
            ));
        }
    }
    bench.commit(&Json::Array(changes));
    bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    let window = "{from: \"2025-01-01T00:00:00Z\", to: \"2025-01-31T00:00:00Z\"}";
    let query = format!("{{ thread {{ designRevision(id: \"pump/A\") {{ trendToLimit(property: \"property/temperature\", window: {window}, limit: 80) {{
        unit {{ symbol }} unitCount reachingCount(by: \"2025-03-01T00:00:00Z\")
        units {{ nodes {{ serial from pointCount last slopePerDay slopeLow slopeHigh reaches earliest latest reachingShare shortfall }} }} }} }} }} }}");
    let found = bench.data(&query)["thread"]["designRevision"]["trendToLimit"].clone();
    assert_eq!(
        (&found["unitCount"], &found["reachingCount"], &found["unit"]["symbol"]),
        (&json!(3), &json!(1), &json!("°C"))
    );
    let nodes = &found["units"]["nodes"];
    let [hot, steady, new] = [&nodes[0], &nodes[1], &nodes[2]];
    assert_eq!(
        (&hot["serial"], &hot["pointCount"], &hot["shortfall"]),
        (&json!("W-1"), &json!(30), &Json::Null)
    );
    assert!(hot["slopePerDay"].as_f64().is_some_and(|slope| (slope - 1.0).abs() < 1e-9), "{hot}");
    // The mean of a day is that of its middle but an eighth of a day; 80 degrees are reached forty days after the first.
    assert!(hot["reaches"].as_str().is_some_and(|at| at.starts_with("2025-02-10")), "{hot}");
    assert_eq!(
        (&steady["reaches"], &steady["latest"], &steady["slopePerDay"]),
        (&Json::Null, &Json::Null, &json!(0.0))
    );
    let reason = new["shortfall"].as_str().expect("a reason");
    assert!(
        reason.starts_with("2 buckets of the present stay were observed enough, 8 are enough"),
        "{reason}"
    );
    let refused = query.replace("limit: 80", "limit: 80, statistic: B10");
    assert!(bench.error(&refused, "BAD_INPUT").to_string().contains("a statistic of lives"));
}

/// The B10 of revision A is far below the limit, its reliability at two days above it; that of B is not known.
fn limited() -> Bench {
    let bench = fans();
    let b10 = json!({ "id": "req/LIFE#b10", "property": "property/life", "statistic": "B10", "comparator": "GE", "limit": 60, "unit": "DAY" });
    let share = json!({ "id": "req/LIFE#share", "property": "property/life", "statistic": "RELIABILITY", "comparator": "GE", "limit": 20, "unit": "PERCENT",
        "age": 48, "ageUnit": "HR", "confidence": 0.9 });
    bench.commit(&json!([
        { "putProperty": { "id": "property/life", "title": "Life", "quantityKind": "Time" } },
        { "putRequirement": { "id": "req/LIFE", "identifier": "LIFE", "title": "Live long", "status": "APPROVED", "constraints": [b10, share] } },
        { "link": { "from": "fan/A", "property": "satisfies", "to": "req/LIFE" } },
        { "link": { "from": "fan/B", "property": "satisfies", "to": "req/LIFE" } },
    ]));
    bench
}

#[test]
fn a_life_that_is_too_short_is_a_finding() {
    let bench = limited();
    let record = |item: &str, to: &str| {
        bench.tick();
        bench.data(&format!(
            "mutation {{ recordEvidence(input: {{ branch: \"main\", item: \"{item}\", window: {{from: \"2025-01-01T00:00:00Z\", to: \"{to}\"}} }}) {{
            filings {{ outcome finding {{ iri title state evidence {{ totalCount }} }} }} evidence {{ verdict statistic observed distance observedHours constraint {{ iri }} }} }} }}"
        ))["recordEvidence"].clone()
    };
    let first = record("fan/A", "2025-03-01T00:00:00Z");
    let evidence = first["evidence"].as_array().expect("records");
    let of = |constraint: &str| {
        evidence.iter().find(|of| of["constraint"]["iri"] == constraint).expect("a record").clone()
    };
    let (b10, share) = (of("req/LIFE#b10"), of("req/LIFE#share"));
    assert_eq!((&b10["verdict"], &share["verdict"]), (&json!("VIOLATES"), &json!("CONFORMS")), "{first}");
    assert_eq!((&b10["statistic"], &share["statistic"]), (&json!("B10"), &json!("RELIABILITY")));
    // Five, ten … thirty days, and two that live for all of the 59 days.
    assert_eq!(b10["observedHours"], json!(24.0 * (5.0 + 10.0 + 15.0 + 20.0 + 25.0 + 30.0 + 2.0 * 59.0)));
    let (observed, distance) =
        (b10["observed"].as_f64().expect("days"), b10["distance"].as_f64().expect("days"));
    assert!(
        observed < 20.0 && distance < 0.0 && distance > observed - 60.0,
        "the limit that decides is the upper one: {b10}"
    );
    let filing = &first["filings"][0];
    assert_eq!(
        (first["filings"].as_array().map(Vec::len), &filing["outcome"], &filing["finding"]["state"]),
        (Some(1), &json!("OPENED"), &json!("OPEN"))
    );
    let title = filing["finding"]["title"].as_str().expect("a title");
    assert_eq!(title, "fan/A breaks LIFE: B10 of Life ≥ 60 d");
    let again = record("fan/A", "2025-03-01T00:00:00Z");
    assert_eq!(
        (&again["filings"][0]["outcome"], &again["filings"][0]["finding"]["iri"]),
        (&json!("REPEATED"), &filing["finding"]["iri"])
    );
    let later = record("fan/A", "2025-06-01T00:00:00Z");
    assert_eq!(
        (&later["filings"][0]["outcome"], &later["filings"][0]["finding"]["iri"]),
        (&json!("ADDED"), &filing["finding"]["iri"])
    );
    let unknown = record("fan/B", "2025-03-01T00:00:00Z");
    assert_eq!(
        (&unknown["filings"], &unknown["evidence"][0]["verdict"]),
        (&json!([]), &json!("UNKNOWN")),
        "{unknown}"
    );
}

#[test]
fn a_review_of_lives_replays_what_was_known() {
    let bench = limited();
    bench.tick();
    let opened = bench.data(&format!(
        "mutation {{ openReview(input: {{ title: \"Long enough?\", designs: [\"fan/B\"], window: {WINDOW} }}) {{ review {{ iri reproduced margins {{ verdict refusal constraint {{ iri }} }} }} }} }}"
    ));
    let review = &opened["openReview"]["review"];
    let margins = review["margins"].as_array().expect("margins");
    assert_eq!((margins.len(), &review["reproduced"]), (2, &json!(true)), "{opened}");
    for margin in margins {
        assert_eq!(margin["verdict"], "UNKNOWN", "{margin}");
        assert!(
            margin["refusal"]
                .as_str()
                .is_some_and(|text| text.starts_with("0 of the units failed, 5 are enough")),
            "{margin}"
        );
    }
    // Six units of B turn out to have failed within days.
    let failure = |number: u32| {
        json!({ "putFieldEvent": { "id": format!("event/b{number}"), "twin": format!("twin/B-{number}"), "kind": "FAILURE",
        "at": format!("2025-01-0{}T00:00:00Z", 1 + number) } })
    };
    bench.commit(&Json::Array((1..=6).map(failure).collect()));
    let iri = review["iri"].as_str().expect("a name");
    let query = format!(
        "{{ thread {{ designReview(id: \"{iri}\") {{ reproduced margins {{ verdict }} since {{ margins {{ otherVerdict constraint: then {{ constraint {{ iri }} }} then {{ verdict }} now {{ verdict observed }} }} }} }} }} }}"
    );
    let review = bench.data(&query)["thread"]["designReview"].clone();
    assert_eq!(
        (&review["reproduced"], &review["margins"]),
        (&json!(true), &json!([{ "verdict": "UNKNOWN" }, { "verdict": "UNKNOWN" }])),
        "{review}"
    );
    let since = review["since"]["margins"].as_array().expect("margins");
    let b10 =
        since.iter().find(|of| of["constraint"]["constraint"]["iri"] == "req/LIFE#b10").expect("a margin");
    assert_eq!(
        (&b10["then"]["verdict"], &b10["now"]["verdict"], &b10["otherVerdict"]),
        (&json!("UNKNOWN"), &json!("VIOLATES"), &json!(true)),
        "{review}"
    );
    assert!(b10["now"]["observed"].as_f64().is_some_and(|days| days < 5.0), "{review}");
}
