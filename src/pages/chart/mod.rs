//! Charts as SVG: text in, text out, the same bytes for the same numbers. Colours and fonts come from the style sheet of the pages.

pub(in crate::pages) mod bar;
pub(in crate::pages) mod histogram;
pub(in crate::pages) mod interval;
mod scale;
pub(in crate::pages) mod strip;
mod svg;
pub(in crate::pages) mod telemetry;
#[cfg(test)]
mod tests;
pub(in crate::pages) mod time_bar;

pub(in crate::pages) use svg::Svg;
