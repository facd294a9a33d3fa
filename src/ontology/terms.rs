//! The terms that the program itself uses, by name. A test checks that the files define each.

use oxigraph::model::NamedNodeRef;

macro_rules! vocabulary {
    ($(#[$doc:meta])* $module:ident $namespace:literal: $($name:ident $local:literal)*) => {
        $(#[$doc])*
        pub mod $module {
            use oxigraph::model::NamedNodeRef;
            /// The namespace's IRI.
            pub const NAMESPACE: &str = $namespace;
            $(
                #[doc = concat!("`", stringify!($module), ":", $local, "`")]
                pub const $name: NamedNodeRef<'static> =
                    NamedNodeRef::new_unchecked(concat!($namespace, $local));
            )*
            /// Every term of this list.
            pub const ALL: &[NamedNodeRef<'static>] = &[$($name),*];
        }
    };
}

/// Writes an IRI with the prefix by which Turtle files usually have its namespace, such as `tl:Part`.
pub(crate) fn prefixed(iri: NamedNodeRef<'_>) -> String {
    let namespaces = [
        ("tl", tl::NAMESPACE),
        ("dcterms", dcterms::NAMESPACE),
        ("adms", adms::NAMESPACE),
        ("skos", skos::NAMESPACE),
        ("prov", prov::NAMESPACE),
        ("qudt", qudt::NAMESPACE),
        ("unit", unit::NAMESPACE),
        ("quantitykind", quantitykind::NAMESPACE),
        ("rdf", rdf::NAMESPACE),
        ("rdfs", rdfs::NAMESPACE),
        ("xsd", xsd::NAMESPACE),
    ];
    let written = namespaces.iter().find_map(|(prefix, namespace)| {
        iri.as_str().strip_prefix(namespace).map(|local| format!("{prefix}:{local}"))
    });
    written.unwrap_or_else(|| iri.to_string())
}

vocabulary! {
    /// Throughline's own terms.
    tl "https://w3id.org/throughline#":
    RESOURCE "Resource" REQUIREMENT "Requirement" CONSTRAINT_CLASS "Constraint" CONDITION_CLASS "Condition"
    PROPERTY_CLASS "Property" PART_CLASS "Part" DESIGN_REVISION "DesignRevision" PART_USAGE "PartUsage"
    EFFECTIVITY_CLASS "Effectivity" SIGNAL_CLASS "Signal" ARTEFACT_CLASS "Artefact" BUILD "Build"
    MEASUREMENT "Measurement" TWIN_INSTANCE "TwinInstance" INSTALLATION "Installation"
    MODIFICATION "Modification" FIELD_EVENT "FieldEvent" FAILURE_MODE_CLASS "FailureMode"
    VERIFICATION "Verification" TEST_CASE_CLASS "TestCase" TEST_RESULT "TestResult"
    SIMULATION_RUN "SimulationRun" FEEDBACK_RECORD "FeedbackRecord" FIELD_EVIDENCE "FieldEvidence"
    UNIT_RESULT_CLASS "UnitResult" FINDING_CLASS "Finding" CHANGE_REQUEST "ChangeRequest"
    DESIGN_REVIEW "DesignReview" FORECAST_CLASS "Forecast" DEVIATION_CLASS "Deviation" LINK_CONFIRMATION "LinkConfirmation"

    STATUS "status" CONSTRAINT "constraint" DERIVED_FROM "derivedFrom" ORDER "order"
    VERIFICATION_METHOD "verificationMethod" INTEGRITY_LEVEL "integrityLevel" PROPERTY "property"
    MODEL_CLASS "Model" MODEL_INPUT "ModelVariable" MODEL "model" INPUT "input" FORM "form" EXPRESSION "expression" TABLE "table"
    LOAD_SPECTRUM "loadSpectrum" LOAD_LEVEL "loadLevel" RANGE "range" HOURS "hours" SPECTRUM "spectrum"
    WOEHLER_LINE "woehlerLine" KNEE "knee" CYCLES "cycles" SLOPE "slope" BELOW_KNEE "belowKnee"
    DEVIATION "deviation" MEASUREMENT_FIELD "measurement" RULE "rule" STATION "station"
    FORECAST "forecast" MADE_AT "madeAt" EXPECTED_AT "expectedAt" EARLIEST_AT "earliestAt" LATEST_AT "latestAt"
    EXPIRES_AT "expiresAt" SLOPE_PER_DAY "slopePerDay" POINT_COUNT "pointCount" BUCKET "bucket"
    OUTCOME "outcome" CROSSED_AT "crossedAt" SETTLED_AT "settledAt"
    CLOCK "clock" SHAPE "shape" CONFIDENCE "confidence" AGE "age" AGE_UNIT "ageUnit"
    TRANSFORM "transform" STATISTIC "statistic" COMPARATOR "comparator" LIMIT "limit"
    UPPER_LIMIT "upperLimit" UNIT "unit" WINDOW "window" SCOPE "scope" KIND "kind" CONDITION "condition"
    QUANTITY_KIND "quantityKind" REVISION_OF "revisionOf" REVISION "revision" RELEASED_AT "releasedAt"
    SUPERSEDES "supersedes" SATISFIES "satisfies" ANSWERS "answers" USAGE "usage" SIGNAL "signal"
    ARTEFACT "artefact" REPOSITORY "repository" COMMIT "commit" PATH "path" CHILD "child"
    QUANTITY "quantity" POSITION "position" EFFECTIVITY "effectivity" LOT "lot" UNIT_FROM "unitFrom"
    UNIT_TO "unitTo" OPTION "option" FROM "from" TO "to" NAME "name" SOURCE "source"
    EXPECTED_PERIOD "expectedPeriod" VALID_FROM "validFrom" VALID_TO "validTo" PLAUSIBLE_MIN "plausibleMin" PLAUSIBLE_MAX "plausibleMax" REALIZES "realizes"
    BUILT_AT "builtAt" SITE "site" CONSUMED "consumed" PERFORMED_ON "performedOn" OF "of"
    CHARACTERISTIC "characteristic" NOMINAL "nominal" LOWER "lower" UPPER "upper" MEASURED "measured"
    VERDICT "verdict" AT "at" PART "part" LEVEL "level" BUILT_BY "builtBy" UNIT_NUMBER "unitNumber"
    COMMISSIONED_AT "commissionedAt" RETIRED_AT "retiredAt" TIME_ZONE "timeZone" COMPONENT "component"
    PARENT "parent" FROM_EARLIEST "fromEarliest" TO_LATEST "toLatest" REMOVAL_REASON "removalReason"
    PER "per" ON "on" FAILURE_MODE "failureMode" STATE "state" NOTE "note" VERIFIES "verifies"
    TEST_CASE "testCase" VALUE "value" UNCERTAINTY "uncertainty" REQUIREMENT_FIELD "requirement"
    DESIGN "design" OBSERVED "observed" PREDICTED "predicted" DISTANCE "distance"
    DISTANCE_PERCENT "distancePercent" CONFORMING_UNITS "conformingUnits"
    CONFORMING_HOURS "conformingHours" VIOLATOR "violator" OBSERVED_HOURS "observedHours"
    MISSING_HOURS "missingHours" UNDECIDED_HOURS "undecidedHours" UNKNOWN_CONFIGURATION_HOURS "unknownConfigurationHours"
    IMPLAUSIBLE_HOURS "implausibleHours" IMPLAUSIBLE_SAMPLES "implausibleSamples"
    WATERMARK "watermark" QUERY "query" ONTOLOGY_DIGEST "ontologyDigest" ALGORITHM "algorithm"
    RESULT_DIGEST "resultDigest" OUTCOME_DIGEST "outcomeDigest" UNIT_RESULT "unitResult" TWIN "twin" EVIDENCE "evidence"
    DECIDED_AT "decidedAt" DECIDED_BY "decidedBy" REASON "reason" FINDING "finding" AFFECTS "affects"
    PIN "pin" HOURS_MIN "hoursMin" SHARE_MIN "shareMin" UNIT_SHARE_MIN "unitShareMin" UNITS_MIN "unitsMin"
    OPENED_AT "openedAt" HELD_AT "heldAt" PARTICIPANT "participant" CONFIRMATION "confirmation"
    AGENT "Agent" OWNER "owner" BRANCH_RULE "BranchRule" BRANCH "branch" MOVER "mover" OTHER_PERSON "otherPerson"
    ACTION "Action" ACTION_STEP "ActionStep" ACTION_POLICY "ActionPolicy" DATA_FINDING "DataFinding" TARGET "target" DUE_AT "dueAt" STEP "step"
    POLICY "policy" REFERENCE "reference" REPLACEMENT "replacement" RESULT "result" AUTONOMY "autonomy"
    DUE_WITHIN "dueWithin" GRANT_DIGEST "grantDigest" UNITS_LIMIT "unitsMax"

    PLURAL "plural" GRAPH_NAME "graphName" ABSTRACT "abstract" FRAGMENT "fragment" FIELDED "fielded"
    INVERSE_FIELD "inverseField" ENUMERATION "enumeration" SIGNIFICANT "significant" CIRCULAR "circular"
    ACYCLIC "acyclic" EXACT_MULTIPLIER "exactMultiplier" AFTER "after" UPWARD "upward" WRITTEN_BY "writtenBy"

    DIRECTION "Direction" STATE_KIND "State"
}

vocabulary! {
    /// Dublin Core terms.
    dcterms "http://purl.org/dc/terms/":
    IDENTIFIER "identifier" TITLE "title" DESCRIPTION "description" IS_PART_OF "isPartOf"
    IS_REPLACED_BY "isReplacedBy"
}

vocabulary! {
    /// The Asset Description Metadata Schema: identifiers of other systems.
    adms "http://www.w3.org/ns/adms#":
    IDENTIFIER "identifier" IDENTIFIER_CLASS "Identifier" SCHEMA_AGENCY "schemaAgency"
}

vocabulary! {
    /// SKOS.
    skos "http://www.w3.org/2004/02/skos/core#":
    NOTATION "notation" BROADER "broader" HIDDEN_LABEL "hiddenLabel"
}

vocabulary! {
    /// PROV-O.
    prov "http://www.w3.org/ns/prov#":
    ENTITY "Entity" GENERATED_AT_TIME "generatedAtTime" WAS_ATTRIBUTED_TO "wasAttributedTo"
    WAS_GENERATED_BY "wasGeneratedBy" WAS_DERIVED_FROM "wasDerivedFrom"
}

vocabulary! {
    /// The QUDT schema.
    qudt "http://qudt.org/schema/qudt/":
    UNIT "Unit" QUANTITY_KIND "QuantityKind" HAS_QUANTITY_KIND "hasQuantityKind"
    CONVERSION_MULTIPLIER "conversionMultiplier" CONVERSION_OFFSET "conversionOffset" SYMBOL "symbol"
    UCUM_CODE "ucumCode" ALT_SYMBOL "altSymbol"
}

vocabulary! {
    /// The QUDT units that the program names itself.
    unit "http://qudt.org/vocab/unit/":
    UNITLESS "UNITLESS" PERCENT "PERCENT" DEG_C "DEG_C" KELVIN "K" HOUR "HR" SECOND "SEC"
}

vocabulary! {
    /// The QUDT quantity kinds that the program names itself.
    quantitykind "http://qudt.org/vocab/quantitykind/":
    DIMENSIONLESS "Dimensionless" TEMPERATURE "Temperature" TEMPERATURE_DIFFERENCE "TemperatureDifference"
}

vocabulary! {
    /// RDF.
    rdf "http://www.w3.org/1999/02/22-rdf-syntax-ns#":
    TYPE "type" SUBJECT "subject" PREDICATE "predicate" OBJECT "object" FIRST "first" REST "rest" NIL "nil" LANG_STRING "langString"
}

vocabulary! {
    /// RDF Schema.
    rdfs "http://www.w3.org/2000/01/rdf-schema#":
    LABEL "label" COMMENT "comment" SUB_CLASS_OF "subClassOf" CLASS "Class"
}

vocabulary! {
    /// OWL.
    owl "http://www.w3.org/2002/07/owl#":
    CLASS "Class" OBJECT_PROPERTY "ObjectProperty" DATATYPE_PROPERTY "DatatypeProperty" HAS_KEY "hasKey"
    DEPRECATED "deprecated"
}

vocabulary! {
    /// SHACL.
    sh "http://www.w3.org/ns/shacl#":
    NODE_SHAPE "NodeShape" PROPERTY_SHAPE "PropertyShape" TARGET_CLASS "targetClass" PROPERTY "property"
    PATH "path" DATATYPE "datatype" NODE_KIND "nodeKind" CLASS "class" NODE "node" OR "or" AND "and" IN "in"
    XONE "xone" NOT "not" QUALIFIED_VALUE_SHAPE "qualifiedValueShape"
    MIN_COUNT "minCount" MAX_COUNT "maxCount" NAME "name" DESCRIPTION "description" DEFAULT_VALUE "defaultValue" IRI "IRI"
    LITERAL "Literal" MESSAGE "message" DEACTIVATED "deactivated" SPARQL "sparql"
}

vocabulary! {
    /// XML Schema datatypes.
    xsd "http://www.w3.org/2001/XMLSchema#":
    STRING "string" BOOLEAN "boolean" INTEGER "integer" DECIMAL "decimal" DOUBLE "double" FLOAT "float"
    DATE_TIME "dateTime" DATE_TIME_STAMP "dateTimeStamp" DATE "date" DURATION "duration" ANY_URI "anyURI"
    INT "int" LONG "long" NON_NEGATIVE_INTEGER "nonNegativeInteger" POSITIVE_INTEGER "positiveInteger"
}

#[cfg(test)]
mod tests {
    use crate::ontology::schema::Ontology;
    use oxigraph::io::{RdfFormat, RdfParser};
    use std::collections::BTreeSet;

    #[test]
    fn the_files_define_every_term_that_the_program_uses() {
        let mut defined = BTreeSet::new();
        for (_, text) in Ontology::shipped_files() {
            for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(text) {
                defined.insert(quad.expect("shipped files parse").subject.to_string());
            }
        }
        let lists = [
            super::tl::ALL,
            super::dcterms::ALL,
            super::adms::ALL,
            super::skos::ALL,
            super::prov::ALL,
            super::unit::ALL,
            super::quantitykind::ALL,
        ];
        let missing: Vec<_> = lists
            .into_iter()
            .flatten()
            .filter(|term| ![super::skos::BROADER, super::skos::HIDDEN_LABEL].contains(term))
            .filter(|term| !defined.contains(&term.to_string()))
            .collect();
        assert!(missing.is_empty(), "no file defines {missing:?}");
    }
}
