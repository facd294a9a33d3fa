//! The pages of records, one file for each kind.

pub(super) mod decision;
pub(super) mod design;
pub(super) mod lot;
pub(super) mod record;
pub(super) mod requirement;
pub(super) mod review;
pub(super) mod unit;
