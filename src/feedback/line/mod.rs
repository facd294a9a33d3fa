//! The quality of the line: what was measured on units and lots, against control limits, tolerances and the field.

pub(super) mod characteristic;
pub(super) mod contrast;
pub(super) mod deviation;
pub(super) mod measured;
