//! What the enumerations of the shipped ontology and their values mean. An ontology of a user's own may add enumerations, whose
//! values mean what they are called.

/// An enumeration, what it is about, and its values with what they mean.
type Meaning = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Describes an enumeration.
pub(super) fn of_enumeration(name: &str) -> String {
    let known = MEANINGS.iter().find(|(known, ..)| *known == name);
    known.map_or_else(|| format!("The values of {name}."), |(_, comment, _)| (*comment).to_owned())
}

/// Describes a value of an enumeration; empty where nothing is known of it.
pub(super) fn of_value(name: &str, value: &str) -> &'static str {
    let values = MEANINGS.iter().find(|(known, ..)| *known == name).map_or(&[][..], |(.., values)| values);
    values.iter().find(|(known, _)| *known == value).map_or("", |(_, comment)| comment)
}

const MEANINGS: &[Meaning] = &[
    (
        "BelowKnee",
        "How a Wöhler line goes on below its knee point.",
        &[
            ("ENDURED", "Cycles below the knee do no damage."),
            ("ELEMENTARY", "The line goes on with the same slope."),
            ("HAIBACH", "The line goes on with the slope 2k - 1, after Haibach."),
        ],
    ),
    (
        "BranchRuleAct",
        "What a branch rule asks a second person for.",
        &[
            ("MERGE", "A merge into the branch."),
            ("DECISION", "A decision on a finding or a change request."),
            ("SIGNATURE", "The signature of a design review."),
        ],
    ),
    (
        "ChangeRequestState",
        "How far a change request is.",
        &[
            ("OPEN", "Nobody has decided on it."),
            ("APPROVED", "The change is to be made."),
            ("REJECTED", "The change is not made."),
            ("IMPLEMENTED", "A design revision makes the change."),
            ("VERIFIED", "The change is shown to cure what was found."),
        ],
    ),
    (
        "Comparator",
        "How an observed value is compared with a limit.",
        &[
            ("LE", "At most the limit."),
            ("LT", "Below the limit."),
            ("GE", "At least the limit."),
            ("GT", "Above the limit."),
            ("BETWEEN", "From the limit to the upper limit, both included."),
        ],
    ),
    (
        "ConstraintKind",
        "What a constraint is.",
        &[
            ("LIMIT", "A limit to keep."),
            ("ASSUMPTION", "An assumption that the design was made under."),
            ("OBJECTIVE", "An objective to strive for."),
        ],
    ),
    (
        "ConstraintScope",
        "Whom a constraint applies to.",
        &[("EACH_UNIT", "Each unit by itself."), ("FLEET", "All units together.")],
    ),
    (
        "DesignReviewState",
        "How far a design review is.",
        &[
            ("OPEN", "It is not signed."),
            ("APPROVED", "It is signed, and the designs are approved."),
            ("REJECTED", "It is signed, and the designs are rejected."),
        ],
    ),
    (
        "DesignStatus",
        "The maturity of a design record.",
        &[
            ("DRAFT", "It is being written."),
            ("APPROVED", "It is approved and may still change."),
            ("RELEASED", "It is released: its content no longer changes."),
            ("OBSOLETE", "It is no longer used."),
        ],
    ),
    (
        "FieldEventKind",
        "What happened in the field.",
        &[
            ("FAILURE", "The unit failed."),
            ("MAINTENANCE", "The unit was maintained."),
            ("INSPECTION", "The unit was inspected."),
        ],
    ),
    (
        "FieldEventState",
        "How certain a field event is.",
        &[
            ("REPORTED", "It is only reported."),
            ("CONFIRMED", "It is confirmed."),
            ("NO_FAULT_FOUND", "An examination found no fault."),
        ],
    ),
    (
        "FindingState",
        "How far a finding is.",
        &[
            ("OPEN", "Nobody has decided on it."),
            ("ACCEPTED", "It is accepted, and a change request was opened."),
            ("DISMISSED", "It is dismissed, until worse evidence is recorded."),
        ],
    ),
    (
        "LifeClock",
        "What the age of a unit is measured by.",
        &[
            ("SERVICE", "Hours in service."),
            ("CALENDAR", "Hours since the first in service."),
            ("COUNTER", "The property of the constraint as a counter, such as kilometres or cycles."),
        ],
    ),
    (
        "MarginVerdict",
        "What the field shows about a limit.",
        &[
            ("CONFORMS", "The limit is kept."),
            ("VIOLATES", "The limit is broken."),
            ("UNKNOWN", "Too little was observed to conclude anything."),
        ],
    ),
    (
        "SignalKind",
        "What the samples of a signal are.",
        &[
            ("GAUGE", "Readings of a quantity."),
            ("COUNTER", "A running total."),
            ("STATE", "Numbered states."),
        ],
    ),
    (
        "Statistic",
        "A number that stands for many samples or lives.",
        &[
            ("MIN", "The smallest value."),
            ("MAX", "The greatest value."),
            ("MEAN", "The mean over time."),
            ("P01", "The 1st percentile."),
            ("P05", "The 5th percentile."),
            ("P50", "The median."),
            ("P95", "The 95th percentile."),
            ("P99", "The 99th percentile."),
            ("B01", "The age at which 1 % of the units have failed."),
            ("B05", "The age at which 5 % of the units have failed."),
            ("B10", "The age at which 10 % of the units have failed."),
            ("B50", "The age at which half of the units have failed."),
            ("RELIABILITY", "The share of units that survive to an age."),
        ],
    ),
    (
        "Transform",
        "What is done to each value before anything else.",
        &[("NONE", "Nothing."), ("ABS", "The sign is dropped.")],
    ),
    (
        "TwinLevel",
        "What a twin represents.",
        &[
            ("COMPONENT", "A component within an asset."),
            ("ASSET", "An asset, such as a machine."),
            ("SYSTEM", "A system of several assets."),
            ("PROCESS", "A process that assets take part in."),
        ],
    ),
    (
        "Verdict",
        "The outcome of a test, simulation or measurement.",
        &[
            ("PASS", "The requirement is met."),
            ("FAIL", "The requirement is not met."),
            ("INCONCLUSIVE", "It shows neither."),
        ],
    ),
    (
        "VerificationMethod",
        "How a requirement is verified.",
        &[
            ("ANALYSIS", "By calculation or simulation."),
            ("DEMONSTRATION", "By showing it in operation."),
            ("INSPECTION", "By examining the product or its documents."),
            ("TEST", "By measuring it under defined conditions."),
            ("FIELD", "By what units in service show."),
        ],
    ),
];
