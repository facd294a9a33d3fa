//! What the shipped shapes and rules report about data: one table a subject.

use super::testing::{check, data, iri, shipped, violations};

const PUMP: &str = "
    :temp a tl:Property ; dcterms:title \"bearing temperature\" ; tl:quantityKind quantitykind:Temperature .
    :P-1 a tl:Part ; dcterms:identifier \"P-1\" .
    :R-1 a tl:Requirement ; dcterms:identifier \"REQ-12\" ; dcterms:title \"cool\" ; tl:status \"APPROVED\" ;
        tl:constraint <https://example.org/R-1#limit> .
    <https://example.org/R-1#limit> a tl:Constraint ; tl:property :temp ; tl:statistic \"P95\" ; tl:comparator \"LE\" ;
        tl:limit 85 ; tl:unit unit:DEG_C ; tl:window \"P1D\"^^xsd:duration .
    :P-1-C a tl:DesignRevision ; tl:revisionOf :P-1 ; tl:revision \"C\" ; tl:satisfies :R-1 ;
        tl:signal <https://example.org/P-1-C#t> .
    <https://example.org/P-1-C#t> a tl:Signal ; tl:name \"temp\" ; tl:property :temp ; tl:unit unit:DEG_F ;
        tl:expectedPeriod \"PT10M\"^^xsd:duration .
    :T-1 a tl:TwinInstance ; dcterms:identifier \"S-1\" ; tl:part :P-1 ; tl:timeZone \"Europe/Paris\" .
";

#[test]
fn good_data_breaks_nothing() {
    check(PUMP, &[]);
}
fn check_beside_pump(turtle: &str, expect: &[&str]) {
    check(&format!("{PUMP}{turtle}"), expect);
}

const CONSTRAINT: &str = ":X a tl:Constraint ; tl:property :temp ; tl:statistic \"P95\" ;";

fn check_constraint(rest: &str, expect: &[&str]) {
    check_beside_pump(&format!("{CONSTRAINT} {rest} ."), expect);
}

#[test]
fn cardinalities_links_and_enumerations() {
    check_beside_pump(
        ":X a tl:Requirement .",
        &["X identifier: identifier is missing [RequirementShape: MinCount]"],
    );
    check_beside_pump(
        ":X a tl:Requirement ; dcterms:identifier \"X\", \"Y\" ; tl:status \"DONE\" ; tl:derivedFrom :P-1, :nowhere .",
        &[
            "X derivedFrom: <P-1> is a Part, not a Requirement [RequirementShape: Class]",
            "X derivedFrom: <nowhere> does not exist [RequirementShape: Class]",
            "X identifier: identifier has more than one value: \"X\", \"Y\" [RequirementShape: MaxCount]",
            "X status: \"DONE\" is none of \"DRAFT\", \"APPROVED\", \"RELEASED\", \"OBSOLETE\" [RequirementShape: In]",
        ],
    );
    check_beside_pump(
        ":X a tl:Installation ; tl:component :R-1 ; tl:parent :T-1 .",
        &[
            "X component: an installation has exactly one component: a TwinInstance, a Build or a DesignRevision [InstallationShape: Or]",
        ],
    );
    check_beside_pump(
        ":X a tl:Installation ; tl:component :nowhere ; tl:parent :nobody .",
        &[
            "X component: <nowhere> does not exist; an installation has exactly one component: a TwinInstance, a Build or a DesignRevision [InstallationShape: Or]",
            "X parent: <nobody> does not exist [InstallationShape: Class]",
        ],
    );
    check_beside_pump(
        ":X a tl:ChangeRequest ; dcterms:identifier \"X\" ; dcterms:title \"x\" ; tl:state \"OPEN\" ; tl:affects :R-1, :nowhere .",
        &[
            "X affects: <nowhere> does not exist; a change request affects a Requirement, Part or DesignRevision [ChangeRequestShape: Or]",
        ],
    );
    check_beside_pump(
        ":X a tl:Installation ; tl:component :T-1, :P-1-C ; tl:parent :T-2 . :T-2 a tl:TwinInstance ; dcterms:identifier \"S-2\" .",
        &[
            "X component: an installation has exactly one component: a TwinInstance, a Build or a DesignRevision [InstallationShape: MaxCount]",
        ],
    );
    check_beside_pump(
        ":X a tl:Signal ; tl:name \"\" ; tl:property :temp .",
        &[
            "X -: a signal needs a unit unless its kind is STATE [SignalShape: Or]",
            "X name: a text is a literal that is not empty [SignalShape: Node]",
        ],
    );
}

#[test]
fn limits_need_units_that_fit() {
    const NEEDS: &str =
        "a limit needs a unit, and one that the ontology knows (unit:UNITLESS for a bare number)";
    check_constraint(
        "tl:comparator \"LE\" ; tl:limit 85",
        &[&format!("X unit: {NEEDS} [ConstraintShape: MinCount]")],
    );
    check_constraint(
        "tl:comparator \"LE\" ; tl:limit 85 ; tl:unit unit:NOPE",
        &[&format!(
            "X unit: <http://qudt.org/vocab/unit/NOPE> does not exist; {NEEDS} [ConstraintShape: Class]"
        )],
    );
    let meant = "did you mean unit:KiloPA?";
    check_constraint(
        "tl:comparator \"LE\" ; tl:limit 85 ; tl:unit unit:KiloPa",
        &[&format!(
            "X unit: <http://qudt.org/vocab/unit/KiloPa> does not exist; {NEEDS}; {meant} [ConstraintShape: Class]"
        )],
    );
    check_constraint(
        "tl:comparator \"LE\" ; tl:limit 85 ; tl:unit unit:KiloPA",
        &["X unit: kPa measures pressure, but the property is of the kind temperature [unit fits]"],
    );
    check_constraint(
        "tl:comparator \"LE\" ; tl:limit \"hot\" ; tl:unit unit:K ; tl:window \"P1D\"",
        &[
            "X limit: a number is written as 80, 80.5 or 8.05e1 [ConstraintShape: Node]",
            "X window: \"P1D\" is a plain text here: write \"P1D\"^^xsd:duration (a period is an ISO 8601 duration such as PT10M, PT1H, P1D or P1M) [ConstraintShape: Node]",
        ],
    );
    for (limit, found) in [
        ("\"85\"", "is a plain text here"),
        ("\"85\"^^xsd:unsignedInt", "has the datatype xsd:unsignedInt here"),
        ("\"85\"^^xsd:long", "has the datatype xsd:long here"),
    ] {
        check_constraint(
            &format!("tl:comparator \"LE\" ; tl:limit {limit} ; tl:unit unit:K"),
            &[&format!(
                "X limit: \"85\" {found}: write \"85\"^^xsd:decimal (a number is written as 80, 80.5 or 8.05e1) [ConstraintShape: Node]"
            )],
        );
    }
    check_constraint(
        "tl:comparator \"LE\" ; tl:limit \"NaN\"^^xsd:double ; tl:unit unit:K ; tl:window \"PT1\"^^xsd:duration",
        &[
            "X limit: \"NaN\" is not a finite number [well-formed values]",
            "X window: \"PT1\" is not a duration such as PT10M, PT1H, P1D or P1M [well-formed values]",
        ],
    );
    check_constraint(
        "tl:comparator \"LE\" ; tl:limit 85 ; tl:unit unit:K ; tl:window \"PT0S\"^^xsd:duration",
        &["X window: \"PT0S\" is not longer than zero, as PT10M, PT1H, P1D and P1M are [well-formed values]"],
    );
    check_beside_pump(
        ":X a tl:Signal ; tl:name \"x\" ; tl:property :temp ; tl:unit unit:K ; tl:expectedPeriod \"P0D\"^^xsd:duration .",
        &[
            "X expectedPeriod: \"P0D\" is not longer than zero, as PT10M, PT1H, P1D and P1M are [well-formed values]",
        ],
    );
    check_beside_pump(
        ":wind a tl:Property ; dcterms:title \"wind\" ; tl:quantityKind tl:Direction .
         :X a tl:Constraint ; tl:property :wind ; tl:statistic \"P95\" ; tl:comparator \"LE\" ; tl:limit 85 ; tl:unit unit:DEG .",
        &["X statistic: P95 has no meaning for a circular quantity [unit fits]"],
    );
}

#[test]
fn between_has_two_limits_in_order() {
    check_constraint("tl:comparator \"BETWEEN\" ; tl:limit 5 ; tl:upperLimit 10.5 ; tl:unit unit:K", &[]);
    check_constraint(
        "tl:comparator \"BETWEEN\" ; tl:limit 85 ; tl:unit unit:K",
        &["X -: BETWEEN needs an upperLimit, and no other comparator has one [ConstraintShape: Node]"],
    );
    check_constraint(
        "tl:comparator \"LT\" ; tl:limit 5 ; tl:upperLimit 10 ; tl:unit unit:K",
        &["X -: BETWEEN needs an upperLimit, and no other comparator has one [ConstraintShape: Node]"],
    );
    for wrong in ["le", "<=", "Between", ""] {
        check_constraint(
            &format!("tl:comparator \"{wrong}\" ; tl:limit 85 ; tl:unit unit:K"),
            &[&format!(
                "X comparator: \"{wrong}\" is none of \"LE\", \"LT\", \"GE\", \"GT\", \"BETWEEN\" [ConstraintShape: In]"
            )],
        );
    }
    check_constraint(
        "tl:comparator \"BETWEEN\" ; tl:limit 85 ; tl:upperLimit 10 ; tl:unit unit:K",
        &["X limit: the limit must lie below the upperLimit [ConstraintShape: LessThan]"],
    );
}

#[test]
fn instants_have_offsets_and_intervals_an_order() {
    const NEEDS: &str = "an instant has a date, a time and an offset, as in 2024-05-01T08:00:00Z or 2024-05-01T08:00:00+02:00";
    let twin = |rest: &str| format!(":X a tl:TwinInstance ; dcterms:identifier \"X\" ; {rest} .");
    check(
        &twin(
            "tl:commissionedAt \"2024-05-01T08:00:00\"^^xsd:dateTime ; tl:retiredAt \"soon\" ; tl:timeZone \"Mars\"",
        ),
        &[
            &format!("X commissionedAt: {NEEDS} [TwinInstanceShape: Node]"),
            &format!("X retiredAt: {NEEDS} [TwinInstanceShape: Node]"),
            "X timeZone: \"Mars\" is not a time zone such as UTC or Europe/Paris [well-formed values]",
        ],
    );
    check(
        &twin("tl:commissionedAt \"2024-02-30T08:00:00Z\"^^xsd:dateTime"),
        &[&format!("X commissionedAt: {NEEDS} [TwinInstanceShape: Node]")],
    );
    check(
        &twin("tl:commissionedAt \"2024-05-01T08:00:00Z\" ; tl:retiredAt \"2024-05-02T08:00:00\""),
        &[
            &format!(
                "X commissionedAt: \"2024-05-01T08:00:00Z\" is a plain text here: write \"2024-05-01T08:00:00Z\"^^xsd:dateTime ({NEEDS}) [TwinInstanceShape: Node]"
            ),
            &format!("X retiredAt: {NEEDS} [TwinInstanceShape: Node]"),
        ],
    );
    check(
        &twin(
            "tl:commissionedAt \"2024-05-01T08:00:00+02:00\"^^xsd:dateTime ; tl:retiredAt \"2024-05-01T06:00:00Z\"^^xsd:dateTime",
        ),
        &[
            "X retiredAt: retiredAt 2024-05-01T06:00:00Z does not come after commissionedAt 2024-05-01T06:00:00Z [ends after it starts]",
        ],
    );
}

#[test]
fn a_key_that_a_change_takes_is_reported_for_both() {
    let both = format!("{PUMP} :R-2 a tl:Requirement ; dcterms:identifier \"REQ-13\" .");
    let found = |before: &str, after: &str| {
        let (before, after) = (data(before), data(after));
        let focus = [iri("R-1"), iri("R-2")];
        let found = shipped().validate_change(&before, &after, &focus).expect("a validation");
        found.into_iter().map(|violation| violation.resource).collect::<Vec<_>>()
    };
    let taken = both.replace("REQ-13", "REQ-12");
    assert_eq!(found(&both, &taken), [iri("R-1"), iri("R-2")]);
    assert_eq!(found(PUMP, &taken), [iri("R-1"), iri("R-2")]);
    // A class has keys too: what becomes a requirement takes one.
    assert_eq!(
        found(&taken.replace(":R-2 a tl:Requirement", ":R-2 a tl:TestCase"), &taken),
        [iri("R-1"), iri("R-2")]
    );
    // A key that was taken before the change is not reported.
    assert!(found(&taken, &format!("{taken} :R-2 dcterms:title \"t\" .")).is_empty());
}

#[test]
fn each_of_many_with_one_key_names_a_few_others() {
    let many: Vec<String> = (0..100)
        .map(|at| format!(":R-{at} a tl:Requirement ; dcterms:identifier \"ALIKE\" ; dcterms:title \"t\" ."))
        .collect();
    let found = violations(shipped(), None, &data(&many.join(" ")));
    let of_keys: Vec<_> = found.iter().filter(|text| text.ends_with("[unique key]")).collect();
    let named: std::collections::HashSet<_> =
        of_keys.iter().filter_map(|text| text.split(' ').next()).collect();
    assert_eq!((named.len(), of_keys.len()), (100, 300));
}

#[test]
fn keys_are_compared_by_value() {
    let two = |one: &str, other: &str| {
        format!(
            ":a a tl:Requirement ; dcterms:identifier \"{one}\" . :b a tl:Requirement ; dcterms:identifier \"{other}\" ."
        )
    };
    let check_collision = |one: &str, other: &str| {
        check(
            &two(one, other),
            &[
                &format!("a identifier: identifier \"{one}\" is already that of <b> [unique key]"),
                &format!("b identifier: identifier \"{other}\" is already that of <a> [unique key]"),
            ],
        );
    };
    check_collision("5 \u{b5}m", "5 \u{3bc}m");
    check_collision("Gda\u{144}sk", "Gdan\u{301}sk");
    check_collision("10 k\u{2126}", "10 k\u{3a9}");
    check_collision("T \u{2103}", "T \u{b0}C");
    check(&two("R-1", "r-1"), &[]);
}

#[test]
fn keys_are_unique() {
    check_beside_pump(
        ":X a tl:Requirement ; dcterms:identifier \"REQ-12\" .",
        &[
            "R-1 identifier: identifier \"REQ-12\" is already that of <X> [unique key]",
            "X identifier: identifier \"REQ-12\" is already that of <R-1> [unique key]",
        ],
    );
    check_beside_pump(
        ":X a tl:DesignRevision ; tl:revisionOf :P-1 ; tl:revision \"C\" .",
        &[
            "P-1-C revision: revisionOf <P-1> with revision \"C\" is already that of <X> [unique key]",
            "X revision: revisionOf <P-1> with revision \"C\" is already that of <P-1-C> [unique key]",
        ],
    );
    let twin = |part| {
        format!(
            ":X a tl:TwinInstance ; dcterms:identifier \"S-1\" ; tl:part {part} . :P-2 a tl:Part ; dcterms:identifier \"P-2\" ."
        )
    };
    check_beside_pump(&twin(":P-2"), &[]);
    check_beside_pump(
        &twin(":P-1"),
        &[
            "T-1 identifier: identifier \"S-1\" with part <P-1> is already that of <X> [unique key]",
            "X identifier: identifier \"S-1\" with part <P-1> is already that of <T-1> [unique key]",
        ],
    );
}

#[test]
fn terms_of_our_namespace_are_known() {
    check(
        ":X a tl:TwinInstanze ; tl:identifier \"S-2\" .",
        &[
            "X tl:identifier: tl:identifier is not a property of the ontology; did you mean adms:identifier or dcterms:identifier? [known terms]",
            "X type: tl:TwinInstanze is not a class of the ontology; did you mean tl:TwinInstance? [known terms]",
        ],
    );
    check(
        ":X a tl:Instalation . :Y a tl:Pump ; tl:zzz 1 .",
        &[
            "X type: tl:Instalation is not a class of the ontology; did you mean tl:Installation? [known terms]",
            "Y tl:zzz: tl:zzz is not a property of the ontology [known terms]",
            "Y type: tl:Pump is not a class of the ontology [known terms]",
        ],
    );
    check(
        ":X a tl:Part ; dcterms:identifier \"X\" ; tl:titel \"a pump\" ; tl:revisionof :X .",
        &[
            "X tl:revisionof: tl:revisionof is not a property of the ontology; did you mean tl:revisionOf? [known terms]",
            "X tl:titel: tl:titel is not a property of the ontology; did you mean dcterms:title? [known terms]",
        ],
    );
    check(
        ":X a tl:Part ; dcterms:identifier \"S-2\" ; tl:limit 3 ; skos:note \"kept\" .",
        &["X tl:limit: Part has no tl:limit [known terms]"],
    );
    check(
        ":X a tl:Verification .",
        &[
            "X type: Verification has no instances of its own; use one of SimulationRun, TestCase, TestResult [known terms]",
        ],
    );
    check(":X a skos:Concept ; skos:notation 5 .", &[]);
}

#[test]
fn nothing_contains_or_follows_from_itself() {
    check(
        ":X a tl:Requirement ; dcterms:identifier \"A\" ; tl:derivedFrom :Y . :Y a tl:Requirement ; dcterms:identifier \"B\" ; tl:derivedFrom :X .
         :Z a tl:Requirement ; dcterms:identifier \"C\" ; tl:derivedFrom :Y .",
        &[
            "X derivedFrom: leads back to itself along derivedFrom [no cycle]",
            "Y derivedFrom: leads back to itself along derivedFrom [no cycle]",
        ],
    );
    let usage = |status: &str| {
        format!(
            ":P a tl:Part ; dcterms:identifier \"P\" . :Q a tl:Part ; dcterms:identifier \"Q\" .
             :P-A a tl:DesignRevision ; tl:revisionOf :P ; tl:revision \"A\" ; tl:usage :U . :U a tl:PartUsage ; tl:child :Q .
             :Q-A a tl:DesignRevision ; tl:revisionOf :Q ; tl:revision \"A\" ; tl:usage :V ; tl:status \"{status}\" .
             :V a tl:PartUsage ; tl:child :P-A ."
        )
    };
    check(&usage("OBSOLETE"), &[]);
    check(
        &usage("DRAFT"),
        &[
            "U child: <P-A> would contain itself [no part contains itself]",
            "V child: <Q-A> would contain itself [no part contains itself]",
        ],
    );
}

const FLEET: &str = "
    :P a tl:Part ; dcterms:identifier \"P\" .
    :P-A a tl:DesignRevision ; tl:revisionOf :P ; tl:revision \"A\" ; tl:usage :U .
    :U a tl:PartUsage ; tl:child :P-A2 ; tl:position \"pair\" ; tl:quantity 2 .
    :P-A2 a tl:DesignRevision ; tl:revisionOf :P2 ; tl:revision \"A\" . :P2 a tl:Part ; dcterms:identifier \"P2\" .
    :L a tl:Build ; dcterms:identifier \"L\" ; tl:realizes :P-A .
    :A a tl:TwinInstance ; dcterms:identifier \"A\" ; tl:builtBy :L . :B a tl:TwinInstance ; dcterms:identifier \"B\" .
    :X a tl:TwinInstance ; dcterms:identifier \"X\" . :Y a tl:TwinInstance ; dcterms:identifier \"Y\" .
    :Z a tl:TwinInstance ; dcterms:identifier \"Z\" .
";

/// Installations as (name, component, parent, position, from day, to day).
fn check_swaps(swaps: &[(&str, &str, &str, &str, &str, &str)], expect: &[&str]) {
    let mut turtle = FLEET.to_owned();
    for (name, component, parent, position, from, to) in swaps {
        turtle += &format!(
            ":{name} a tl:Installation ; tl:component :{component} ; tl:parent :{parent} ; tl:position \"{position}\" .\n"
        );
        for (field, day) in [("from", from), ("to", to)].into_iter().filter(|(_, day)| !day.is_empty()) {
            turtle += &format!(":{name} tl:{field} \"2024-05-{day}T00:00:00Z\"^^xsd:dateTime .\n");
        }
    }
    check(&turtle, expect);
}

#[test]
fn installations_do_not_overlap() {
    check_swaps(&[("I", "X", "A", "one", "01", "05"), ("J", "X", "B", "one", "05", "")], &[]);
    check_swaps(
        &[("I", "X", "A", "one", "01", ""), ("J", "X", "B", "one", "05", "")],
        &["J component: <X> also sits in <A> (<I>) in [2024-05-05T00:00:00Z, …) [one place at a time]"],
    );
    check_swaps(
        &[("I", "X", "A", "one", "01", "07"), ("J", "Y", "A", "one", "05", "09")],
        &[
            "J position: position one of <A> holds 1, but with <I> it would hold more in [2024-05-05T00:00:00Z, 2024-05-07T00:00:00Z) [position holds so many]",
        ],
    );
    check_swaps(&[("I", "X", "A", "pair", "01", ""), ("J", "Y", "A", "pair", "05", "")], &[]);
    check_swaps(
        &[
            ("I", "X", "A", "pair", "01", ""),
            ("J", "Y", "A", "pair", "05", ""),
            ("K", "Z", "A", "pair", "06", "08"),
        ],
        &[
            "K position: position pair of <A> holds 2, but with <J> it would hold more in [2024-05-06T00:00:00Z, 2024-05-08T00:00:00Z) [position holds so many]",
        ],
    );
    check_swaps(&[("I", "X", "A", "one", "", "07"), ("J", "Y", "A", "one", "05", "09")], &[]);
    check_swaps(
        &[("I", "A", "B", "one", "01", "07"), ("J", "B", "A", "one", "05", "09")],
        &[
            "I parent: <A> would sit inside itself [not inside itself]",
            "J parent: <B> would sit inside itself [not inside itself]",
        ],
    );
    check_swaps(&[("I", "A", "B", "one", "01", "05"), ("J", "B", "A", "one", "05", "09")], &[]);
}

#[test]
fn what_may_have_been_so_is_not_inside_itself() {
    let swaps = |earliest: &str| {
        format!(
            "{FLEET} :I a tl:Installation ; tl:component :A ; tl:parent :B ; tl:from \"2024-05-05T00:00:00Z\"^^xsd:dateTime ;
                 tl:fromEarliest \"2024-05-{earliest}T00:00:00Z\"^^xsd:dateTime .
             :J a tl:Installation ; tl:component :B ; tl:parent :A ; tl:from \"2024-05-01T00:00:00Z\"^^xsd:dateTime ;
                 tl:to \"2024-05-03T00:00:00Z\"^^xsd:dateTime ."
        )
    };
    check(&swaps("03"), &[]);
    check(
        &swaps("02"),
        &[
            "I parent: <A> would sit inside itself [not inside itself]",
            "J parent: <B> would sit inside itself [not inside itself]",
        ],
    );
}

#[test]
fn an_unknown_end_overlaps_nothing_for_certain() {
    let swaps = |bound: &str| {
        format!(
            "{FLEET} :I a tl:Installation ; tl:component :X ; tl:parent :A ; tl:position \"one\" {bound} ;
                 tl:from \"2024-05-01T00:00:00Z\"^^xsd:dateTime .
             :J a tl:Installation ; tl:component :Y ; tl:parent :A ; tl:position \"one\" ;
                 tl:from \"2024-05-05T00:00:00Z\"^^xsd:dateTime ."
        )
    };
    check(&swaps("; tl:toLatest \"2024-05-07T00:00:00Z\"^^xsd:dateTime"), &[]);
    assert_eq!(violations(shipped(), None, &data(&swaps(""))).len(), 1);
}

#[test]
fn released_content_is_frozen() {
    let design = |status: &str, quantity: u8, title: &str, links: &str| {
        format!(
            "{PUMP} :D a tl:DesignRevision ; tl:revisionOf :P-1 ; tl:revision \"D\" ; tl:status \"{status}\" ; dcterms:title \"{title}\" ;
             tl:usage <https://example.org/D#u> {links} . :P-2 a tl:Part ; dcterms:identifier \"P-2\" .
             <https://example.org/D#u> a tl:PartUsage ; tl:child :P-2 ; tl:quantity {quantity} ."
        )
    };
    let check = |before: &str, after: &str, expect: &[&str]| {
        assert_eq!(violations(shipped(), Some(&data(before)), &data(after)), expect);
    };
    const STAYS: &str = "the design revision is RELEASED or OBSOLETE and its content is frozen: put the change into a new revision; an import that releases one must bring its usages, signals and constraints with it [released content is frozen]";
    let released = design("RELEASED", 1, "d", "");
    check(&design("DRAFT", 1, "d", ""), &design("RELEASED", 2, "e", ""), &[]);
    check(&released, &design("RELEASED", 1, "d", "; tl:satisfies :R-1 ; tl:supersedes :P-1-C"), &[]);
    check(&released, &design("OBSOLETE", 1, "d", ""), &[]);
    check(&released, &design("RELEASED", 2, "d", ""), &[&format!("D#u quantity: {STAYS}")]);
    check(
        &released,
        &design("DRAFT", 1, "e", ""),
        &[&format!("D status: {STAYS}"), &format!("D title: {STAYS}")],
    );
    check(
        &released,
        &format!(
            "{} <https://example.org/D#v> a tl:PartUsage ; tl:child :P-2 .",
            design("RELEASED", 1, "d", ", <https://example.org/D#v>")
        ),
        &[&format!("D usage: {STAYS}")],
    );
    // What was RELEASED once stays as it was, also as OBSOLETE, and never becomes a draft again.
    let obsolete = design("OBSOLETE", 1, "d", "");
    check(&obsolete, &design("OBSOLETE", 1, "d", "; tl:satisfies :R-1"), &[]);
    check(&obsolete, &released, &[]);
    check(&obsolete, &design("OBSOLETE", 2, "d", ""), &[&format!("D#u quantity: {STAYS}")]);
    check(&obsolete, &design("OBSOLETE", 1, "e", ""), &[&format!("D title: {STAYS}")]);
    for status in ["DRAFT", "APPROVED"] {
        check(&obsolete, &design(status, 1, "d", ""), &[&format!("D status: {STAYS}")]);
    }
    let known = "; adms:identifier <https://example.org/D#sap> . <https://example.org/D#sap> a adms:Identifier ; skos:notation \"4711\"";
    check(&released, &design("RELEASED", 1, "d", known), &[]);
    let removed: Vec<String> = ["revision", "revisionOf", "status", "title", "type", "usage"]
        .map(|path| format!("D {path}: {STAYS}"))
        .into();
    let removed: Vec<&str> = removed.iter().map(String::as_str).collect();
    let rest: Vec<String> = violations(shipped(), Some(&data(&released)), &data(PUMP));
    assert_eq!(rest.iter().filter(|line| line.starts_with("D ")).collect::<Vec<_>>(), removed);
}

#[test]
fn a_changed_quantity_kind_reaches_the_constraints() {
    let before = data(PUMP);
    let after = data(&PUMP.replace("quantitykind:Temperature", "quantitykind:Pressure"));
    let focus = shipped().focus(&before, &after, &[iri("temp")]).expect("a focus");
    assert_eq!(focus, [iri("P-1-C#t"), iri("R-1#limit"), iri("temp")]);
    let found = shipped().validate(Some(&before), &after, &focus).expect("a validation");
    assert_eq!(found.len(), 2, "{found:?}");
    // What no shape reads of it concerns nobody else.
    let described = data(&format!("{PUMP} :temp dcterms:description \"d\" ."));
    assert_eq!(shipped().focus(&before, &described, &[iri("temp")]).expect("a focus"), [iri("temp")]);
}

#[test]
fn what_is_retired_is_missed_by_what_links_to_it() {
    let before = data(PUMP);
    let after = data(&PUMP.replace(":P-1 a tl:Part ; dcterms:identifier \"P-1\" .", ""));
    let focus = shipped().focus(&before, &after, &[iri("P-1")]).expect("a focus");
    assert_eq!(focus, [iri("P-1"), iri("P-1-C"), iri("T-1")]);
    assert_eq!(
        violations(shipped(), None, &after),
        [
            "P-1-C revisionOf: <P-1> does not exist [DesignRevisionShape: Class]",
            "T-1 part: <P-1> does not exist [TwinInstanceShape: Class]",
        ]
    );
}

#[test]
fn names_are_seen_as_they_are() {
    let hidden = "which nobody sees: leave it out";
    check_beside_pump(
        ":X a tl:Requirement ; dcterms:identifier \"REQ-12 \" ; dcterms:title \"free \" .
         :X-A a tl:DesignRevision ; tl:revisionOf :P-1 ; tl:revision \"A\u{200B}\" .",
        &[
            &format!("X identifier: ends with a space, {hidden} [visible names]"),
            &format!("X-A revision: has an invisible character (U+200B) in it, {hidden} [visible names]"),
        ],
    );
    check_beside_pump(
        "<https://example.org/P-1-C#t> tl:source \"m\\t\" . <https://example.org/P\u{ad}> a tl:Part ; dcterms:identifier \"1.0\" .",
        &[
            &format!("P-1-C#t source: has a control character (U+0009) in it, {hidden} [visible names]"),
            &format!(
                "P\u{ad} -: its name has an invisible character (U+00AD) in it, {hidden} [visible names]"
            ),
        ],
    );
    // What was there before stays.
    let was = data(":Q a tl:Part ; dcterms:identifier \"Q \" .");
    let after = data(":Q a tl:Part ; dcterms:identifier \"Q \" ; dcterms:title \"now with a title\" .");
    assert!(violations(shipped(), Some(&was), &after).is_empty());
}
