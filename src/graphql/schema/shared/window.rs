//! The arguments of a window of time.

use crate::graphql::engine::types::InputField;

/// Returns the argument for a stretch of time.
pub(crate) fn window() -> InputField {
    InputField::new("window", "WindowInput!", "")
}

/// Returns the argument for a stretch of time that may be left out.
pub(in crate::graphql::schema) fn optional_window() -> InputField {
    InputField::new("window", "WindowInput", "")
}
