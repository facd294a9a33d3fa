//! The shape of a class, as the schema of the thread has it: which fields a record can have, of which type.

use serde::Deserialize;

/// A type with fields that can be given.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Input {
    #[serde(default)]
    pub(in crate::pages) input_fields: Vec<Field>,
}

/// A field that can be given.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Field {
    pub(in crate::pages) name: String,
    pub(in crate::pages) description: Option<String>,
    #[serde(rename = "type")]
    kind: Type,
}

/// A type, around which there may be lists and the mark that null is not allowed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Type {
    kind: Option<String>,
    name: Option<String>,
    enum_values: Option<Vec<Value>>,
    input_fields: Option<Vec<Field>>,
    of_type: Option<Box<Self>>,
}

/// A value of an enumeration.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct Value {
    pub(in crate::pages) name: String,
    pub(in crate::pages) description: Option<String>,
}

impl Field {
    /// Returns the innermost type.
    fn innermost(&self) -> &Type {
        let mut of = &self.kind;
        while let Some(inner) = &of.of_type {
            of = inner;
        }
        of
    }

    /// Returns the name of the type of one value.
    pub(in crate::pages) fn type_name(&self) -> &str {
        self.innermost().name.as_deref().unwrap_or_default()
    }

    /// Returns whether the value is one cell of a table: no part of the record, and one alone.
    pub(in crate::pages) fn is_plain(&self) -> bool {
        self.innermost().kind.as_deref() != Some("INPUT_OBJECT")
    }

    /// Returns whether there may be several values.
    pub(in crate::pages) fn is_list(&self) -> bool {
        let mut of = Some(&self.kind);
        while let Some(kind) = of {
            if kind.kind.as_deref() == Some("LIST") {
                return true;
            }
            of = kind.of_type.as_deref();
        }
        false
    }

    /// Returns the values that there are, where the type lists them.
    pub(in crate::pages) fn values(&self) -> &[Value] {
        self.innermost().enum_values.as_deref().unwrap_or_default()
    }

    /// Returns the fields of a part of the record; none where the value is no part.
    pub(in crate::pages) fn parts(&self) -> &[Self] {
        let mut of = Some(&self.kind);
        while let Some(kind) = of {
            if let Some(fields) = &kind.input_fields {
                return fields;
            }
            of = kind.of_type.as_deref();
        }
        &[]
    }
}
