//! Forms: what is sent to the service when somebody decides.

use askama::Template;

/// A form that posts to a page of this service.
#[derive(Clone, Debug, Template)]
#[template(path = "form.html")]
pub(in crate::pages) struct Form {
    /// Where it posts to.
    pub(in crate::pages) action: String,
    /// What it is about.
    pub(in crate::pages) legend: String,
    /// Fields that nobody sees.
    pub(in crate::pages) hidden: Vec<(&'static str, String)>,
    /// Fields to fill in.
    pub(in crate::pages) fields: Vec<Field>,
    /// The buttons: value of `decision`, and text.
    pub(in crate::pages) buttons: Vec<(&'static str, &'static str)>,
}

/// A field to fill in.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Field {
    /// The name of its value.
    pub(in crate::pages) name: &'static str,
    /// What it is for.
    pub(in crate::pages) label: &'static str,
    /// Whether it must be filled in.
    pub(in crate::pages) required: bool,
    /// Whether it has several lines.
    pub(in crate::pages) long: bool,
}
