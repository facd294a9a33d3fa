//! SVG put together from numbers and escaped text.

use crate::pages::text::escape::escape;
use std::fmt;

/// An image as SVG, safe to be put into a page as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) struct Svg(String);

impl fmt::Display for Svg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An image that is being drawn.
#[derive(Debug)]
pub(super) struct Drawing {
    width: f64,
    height: f64,
    class: &'static str,
    label: String,
    parts: String,
}

impl Drawing {
    /// Begins an image; the label is for those who do not see it.
    pub(super) fn new(class: &'static str, width: f64, height: f64, label: &str) -> Self {
        Self { width, height, class, label: escape(label), parts: String::new() }
    }

    /// Draws a line.
    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(px);
        self.parts += &format!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
    }

    /// Draws a rectangle; the title is shown beside a pointer.
    pub(super) fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64), title: &str) {
        let [x, y, width, height] = [corner.0, corner.1, size.0.max(0.0), size.1.max(0.0)].map(px);
        self.parts +=
            &format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        self.parts += &match title {
            "" => "/>".to_owned(),
            title => format!("><title>{}</title></rect>", escape(title)),
        };
    }

    /// Draws a path whose commands are given.
    pub(super) fn path(&mut self, class: &str, commands: &str) {
        if !commands.is_empty() {
            self.parts += &format!("<path class=\"{class}\" d=\"{commands}\"/>");
        }
    }

    /// Writes text; the class decides its anchor.
    pub(super) fn text(&mut self, class: &str, at: (f64, f64), text: &str) {
        let (x, y) = (px(at.0), px(at.1));
        self.parts += &format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escape(text));
    }

    /// Returns the image.
    pub(super) fn finish(self) -> Svg {
        let Self { width, height, class, label, parts } = self;
        let (width, height) = (px(width), px(height));
        Svg(format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">{parts}</svg>"
        ))
    }
}

/// Writes a place in pixels, to a tenth.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}
