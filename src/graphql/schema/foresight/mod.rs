//! What comes: trends to a limit and forecasts, the life that is left, the quality of the line, models against the field.

pub(crate) mod contrast;
pub(crate) mod deviation;
pub(crate) mod forecast;
pub(crate) mod line;
pub(crate) mod process;
pub(crate) mod remaining;
pub(crate) mod residual;
pub(crate) mod trend;

use crate::graphql::engine::types::Definition;

/// Returns the types that no class has as a field.
pub(crate) fn types() -> Vec<Definition> {
    forecast::types()
}
