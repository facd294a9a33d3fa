use super::*;

fn derived(mapping: &str, attributes: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let ontology = Ontology::shipped().expect("the ontology");
    let mapping = FieldMapping::parse(mapping, "m.toml").expect("a mapping");
    let mut attributed = Attributed::default();
    attributes.iter().for_each(|(name, text)| attributed.add(name, text));
    let world = World { ontology: &ontology, base: "https://x.example/" };
    let class = ontology.class_named("Requirement").expect("a class");
    let subject = NamedNode::new_unchecked("https://x.example/r");
    let (derived, gaps) = mapping.derive(&subject, class, &attributed, world);
    let shown = |derived: &Derived| match &derived.statement.object {
        Term::Literal(literal) => format!("{}={}", derived.field, literal.value()),
        other => format!("{}={other}", derived.field),
    };
    (derived.iter().map(shown).collect(), gaps)
}

#[test]
fn attributes_become_fields_by_usual_names_and_by_the_users() {
    let check = |mapping: &str, attributes: &[(&str, &str)], expect: &[&str], gap: &str| {
        let (got, gaps) = derived(mapping, attributes);
        assert_eq!(got, expect, "{mapping}");
        assert!(
            if gap.is_empty() { gaps.is_empty() } else { gaps.iter().any(|own| own.contains(gap)) },
            "{gaps:?}"
        );
    };
    check(
        "",
        &[
            ("ReqIF.ChapterName", " "),
            ("reqif.name", "A\n b"),
            ("ReqIF.Text", "x\ny "),
            ("STATUS", "approved"),
        ],
        &["description=x\ny", "status=APPROVED", "title=A b"],
        "",
    );
    check(
        "",
        &[("Status", "In work")],
        &[],
        "attribute \"Status\" gives no status: \"In work\" is no DesignStatus",
    );
    let states = "[fields]\nstatus = { attribute = \"State\", values = { \"In work\" = \"DRAFT\" }, value = \"OBSOLETE\" }";
    check(states, &[("state", "In work")], &["status=DRAFT"], "");
    check(states, &[], &["status=OBSOLETE"], "");
    check("[fields]\nlength = \"L\"", &[], &[], "Requirement has no field length");
    let limit = "[constraint]\nlimit = \"Limit\"\nunit = { attribute = \"Unit\", value = \"°C\" }\ncomparator = { value = \"LE\" }";
    check(
        limit,
        &[("Limit", "85.0")],
        &[
            "constraint=<https://x.example/r#constraint>",
            "constraint=<https://w3id.org/throughline#Constraint>",
            "constraint.comparator=LE",
            "constraint.limit=85",
            "constraint.unit=<http://qudt.org/vocab/unit/DEG_C>",
        ],
        "",
    );
    check(limit, &[("Limit", "high")], &[], "the limit is left out");
}

#[test]
fn a_mapping_with_an_unknown_table_is_refused_with_its_line() {
    let error = FieldMapping::parse("prefix = \"A\"\n[field]\n", "m.toml").expect_err("an error");
    assert!(error.starts_with("m.toml:2: unknown field `field`"), "{error}");
}
