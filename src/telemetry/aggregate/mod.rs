//! What is counted of samples, exactly and in any order.

pub(super) mod beyond;
pub(super) mod bin_codec;
pub(super) mod bin_times;
pub(super) mod bins;
pub(super) mod exact;
pub(super) mod grid;
pub(super) mod mapping;
pub(super) mod old_bins;
pub(super) mod sketch;
pub(super) mod slot;
pub(super) mod weights;
