//! What the field shows, as reports: the exposure of changes, reviews, series.

pub mod exposure;
pub mod review;
pub mod series;
