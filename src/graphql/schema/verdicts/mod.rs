//! Verdicts on requirements: margins, comparisons, evidence and what follows from them.

pub(crate) mod comparison;
pub(crate) mod decision;
pub(crate) mod effectiveness;
pub(crate) mod evidence;
pub(crate) mod exposure;
pub(crate) mod filing;
pub(crate) mod life_comparison;
pub(crate) mod margin;
pub(crate) mod margin_change;
pub(crate) mod monitor;
pub(crate) mod review;
