//! The names that tools usually give to what the ontology has.

/// The names that tools give to attributes with a meaning of ours: those of the implementation guide of ReqIF first.
pub(super) const FIELDS: &[(&str, &[&str])] = &[
    (
        "identifier",
        &[
            "ReqIF.ForeignID",
            "UID",
            "ID",
            "Identifier",
            "Object Identifier",
            "Requirement ID",
            "Global ID",
            "Key",
            "Work Item ID",
            "Artifact ID",
        ],
    ),
    (
        "title",
        &[
            "ReqIF.ChapterName",
            "ReqIF.Name",
            "Title",
            "Heading",
            "Object Heading",
            "Name",
            "Short name",
            "Object Short Text",
            "Summary",
        ],
    ),
    (
        "description",
        &[
            "ReqIF.Text",
            "ReqIF.Description",
            "Object Text",
            "Primary Text",
            "Statement",
            "Description",
            "Text",
            "Content",
            "Requirement Text",
        ],
    ),
    ("status", &["Status", "ReqIF.Status", "State"]),
    ("verificationMethod", &["Verification method", "Verification"]),
    ("integrityLevel", &["Integrity level", "ASIL", "SIL", "DAL"]),
];

/// The names that tools give to relations with a meaning of ours.
pub(super) const RELATIONS: &[(&str, &str, bool)] = &[
    ("derivedFrom", "derivedFrom", false),
    ("derived from", "derivedFrom", false),
    ("derives from", "derivedFrom", false),
    ("derives", "derivedFrom", false),
    ("derive", "derivedFrom", false),
    ("refines", "derivedFrom", false),
    ("refine", "derivedFrom", false),
    ("decomposes", "derivedFrom", false),
    ("satisfies", "derivedFrom", false),
    ("satisfy", "derivedFrom", false),
    ("parent", "derivedFrom", false),
    ("links", "derivedFrom", false),
    ("verifies", "verifies", false),
    ("verify", "verifies", false),
    ("validates", "verifies", false),
    ("tests", "verifies", false),
    ("is verified by", "verifies", true),
    ("verified by", "verifies", true),
];

/// The names that tools give to types of objects that are no requirements.
pub(super) const TYPES: &[(&str, &str)] = &[
    ("test case", "TestCase"),
    ("testcase", "TestCase"),
    ("test", "TestCase"),
    ("verification case", "TestCase"),
];
