//! Forms: what a browser sends to the service when somebody decides, asks for something, or brings data. Plain HTML, complete without scripts.

use super::note::Note;
use super::sent::Sent;
use crate::app::access::Operation;
use crate::pages::action::Action;
use askama::Template;

/// A form of a page.
#[derive(Clone, Debug, Template)]
#[template(path = "form.html")]
pub(in crate::pages) struct Form {
    /// The name of the form on its page.
    id: String,
    purpose: Purpose,
    legend: String,
    notes: Vec<String>,
    fields: Vec<Field>,
    hidden: Vec<(String, String)>,
    /// The buttons: value of `decision`, and text.
    buttons: Vec<(String, String)>,
    /// The address that the form leads to.
    href: String,
    /// Why whoever looks at the page may not send it.
    denied: String,
    /// Why it was not done.
    problems: Vec<Note>,
}

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Purpose {
    /// It shows a page.
    Show,
    /// It asks the service to do something.
    Do(Action),
    /// It brings a file.
    Bring(Operation),
}

/// A field to fill in.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Field {
    name: String,
    label: String,
    hint: String,
    value: String,
    required: bool,
    control: Control,
}

/// How a field is filled in.
#[derive(Clone, Debug, PartialEq)]
enum Control {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// A number.
    Number,
    /// A number between two others, which a slider sets where scripts run: what the form shows then follows it.
    Slider { low: f64, high: f64, step: f64 },
    /// One of these values: value and text.
    Choice(Vec<(String, String)>),
    /// One of these values, all of them in view.
    Sides(Vec<(String, String)>),
    /// One of these values, or another one.
    Proposed(Vec<String>),
    /// Yes or no.
    Check,
    /// A file of one of these endings.
    File(&'static str),
}

impl Form {
    /// Begins a form that asks the service to do something.
    pub(in crate::pages) fn of(action: Action, legend: impl Into<String>) -> Self {
        Self::new(Purpose::Do(action), action.as_str(), legend)
    }

    /// Begins a form that shows a page.
    pub(in crate::pages) fn show(id: &str, legend: impl Into<String>, href: String) -> Self {
        Self { href, ..Self::new(Purpose::Show, id, legend) }
    }

    /// Begins a form that brings a file.
    pub(in crate::pages) fn bring(
        id: &str,
        legend: impl Into<String>,
        operation: Operation,
        href: String,
    ) -> Self {
        Self { href, ..Self::new(Purpose::Bring(operation), id, legend) }
    }

    fn new(purpose: Purpose, id: &str, legend: impl Into<String>) -> Self {
        Self {
            id: id.to_owned(),
            purpose,
            legend: legend.into(),
            notes: Vec::new(),
            fields: Vec::new(),
            hidden: Vec::new(),
            buttons: Vec::new(),
            href: String::new(),
            denied: String::new(),
            problems: Vec::new(),
        }
    }

    /// Gives the form a name of its own, where a page has several that do the same.
    #[must_use]
    pub(in crate::pages) fn called(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// Explains something.
    #[must_use]
    pub(in crate::pages) fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a value that is not filled in.
    #[must_use]
    pub(in crate::pages) fn keep(mut self, name: &str, value: impl Into<String>) -> Self {
        self.hidden.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a field.
    #[must_use]
    pub(in crate::pages) fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a button: value of `decision`, and text.
    #[must_use]
    pub(in crate::pages) fn button(mut self, value: &str, text: &str) -> Self {
        self.buttons.push((value.to_owned(), text.to_owned()));
        self
    }

    /// Returns what the form asks the service to do.
    pub(in crate::pages) fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Sets the address that it leads to, where it has none of its own.
    pub(in crate::pages) fn lead_to(&mut self, href: &str) {
        if self.href.is_empty() {
            href.clone_into(&mut self.href);
        }
    }

    /// States why it cannot be sent.
    pub(in crate::pages) fn deny(&mut self, reason: String) {
        self.denied = reason;
    }

    /// Puts fields before the others.
    pub(in crate::pages) fn begin_with(&mut self, fields: impl IntoIterator<Item = Field>) {
        self.fields.splice(0..0, fields);
    }

    /// Shows what was sent before, and why it was not done.
    pub(in crate::pages) fn fill(&mut self, sent: &Sent) {
        if sent.form() != self.id {
            return;
        }
        for field in &mut self.fields {
            if let Some(value) = sent.given(&field.name) {
                value.clone_into(&mut field.value);
            }
        }
        self.problems.clone_from(&sent.problems);
    }

    fn method(&self) -> &'static str {
        if self.purpose == Purpose::Show { "get" } else { "post" }
    }

    fn is_of_files(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.control, Control::File(_)))
    }

    fn is_refused(&self) -> bool {
        !self.problems.is_empty()
    }
}

impl Field {
    /// Asks for one line.
    pub(in crate::pages) fn line(name: &str, label: &str) -> Self {
        Self::new(name, label, Control::Line)
    }

    /// Asks for several lines.
    pub(in crate::pages) fn lines(name: &str, label: &str) -> Self {
        Self::new(name, label, Control::Lines)
    }

    /// Asks for a number.
    pub(in crate::pages) fn number(name: &str, label: &str) -> Self {
        Self::new(name, label, Control::Number)
    }

    /// Asks for a number, with a slider from about `low` to about `high` beside it: its steps are powers of ten, of which there are 100 to
    /// 1,000, and it begins at a whole one.
    pub(in crate::pages) fn slider(name: &str, label: &str, low: f64, high: f64) -> Self {
        let exponent = ((high - low) / 100.0).log10().floor();
        let exponent = if exponent.is_finite() { exponent } else { 0.0 };
        let (step, steps) = (10_f64.powf(exponent), 10_f64.powf(-exponent));
        let whole = |value: f64| if exponent < 0.0 { value / steps } else { value * step };
        let (low, high) = (whole((low * steps).floor()), whole((high * steps).ceil()));
        Self::new(name, label, Control::Slider { low, high, step })
    }

    /// Asks for one of some values.
    pub(in crate::pages) fn choice(
        name: &str,
        label: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self::new(name, label, Control::Choice(options.into_iter().collect()))
    }

    /// Asks for one of some values, all of them in view.
    pub(in crate::pages) fn sides(
        name: &str,
        label: &str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self::new(name, label, Control::Sides(options.into_iter().collect()))
    }

    /// Asks for one line, and proposes some.
    pub(in crate::pages) fn proposed(
        name: &str,
        label: &str,
        options: impl IntoIterator<Item = String>,
    ) -> Self {
        Self::new(name, label, Control::Proposed(options.into_iter().collect()))
    }

    /// Asks for yes or no.
    pub(in crate::pages) fn check(name: &str, label: &str) -> Self {
        Self::new(name, label, Control::Check)
    }

    /// Asks for a file.
    pub(in crate::pages) fn file(name: &str, label: &str, accept: &'static str) -> Self {
        Self::new(name, label, Control::File(accept))
    }

    fn new(name: &str, label: &str, control: Control) -> Self {
        let (name, label) = (name.to_owned(), label.to_owned());
        Self { name, label, hint: String::new(), value: String::new(), required: false, control }
    }

    /// States that it must be filled in.
    #[must_use]
    pub(in crate::pages) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Explains it.
    #[must_use]
    pub(in crate::pages) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Sets what it has at first.
    #[must_use]
    pub(in crate::pages) fn with(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    fn is_person(&self) -> bool {
        matches!(self.name.as_str(), "authorName" | "authorEmail")
    }

    fn autocomplete(&self) -> &'static str {
        match self.name.as_str() {
            "authorName" => "name",
            "authorEmail" => "email",
            _ => "off",
        }
    }

    fn list(&self, form: &str) -> String {
        format!("{form}-{}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_has_whole_steps() {
        let check = |low: f64, high: f64, expect: (f64, f64, f64)| {
            let Control::Slider { low, high, step } = Field::slider("limit", "Limit", low, high).control
            else {
                unreachable!()
            };
            assert_eq!((low, high, step), expect);
        };
        check(63.75, 106.25, (63.7, 106.3, 0.1));
        check(-1.0, 1.0, (-1.0, 1.0, 0.01));
        check(7_500.0, 12_500.0, (7_500.0, 12_500.0, 10.0));
        check(0.000_75, 0.001_25, (0.000_75, 0.001_25, 0.000_001));
        check(5.0, 5.0, (5.0, 5.0, 1.0));
    }
}
