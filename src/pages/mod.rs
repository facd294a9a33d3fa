//! The pages for browsers: each is one committed GraphQL document, run by the service as any request is, and its answer as HTML, SVG and CSV.
//! Pure: an address gives a request, an address and an answer give a page. Nothing here asks the thread, reads a clock or knows HTTP.

mod action;
mod address;
mod answer;
mod assets;
mod chart;
mod content;
mod documents;
mod frame;
mod notice;
mod page;
mod text;
mod view;

pub use address::{Address, Refused, encode as encoded};
pub use assets::{Asset, asset};
pub use content::mapping::mapping;
pub use content::sent::Sent;
pub use documents::actions::{Outcome, new_branch, refusal};
pub use frame::{Visitor, has_branch};
pub use notice::{continued, login, refused};

/// A page as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub media_type: &'static str,
    /// The text.
    pub body: String,
    /// The name under which a browser stores it, where it is a file.
    pub file: Option<String>,
}

impl Rendered {
    fn html(status: u16, body: String) -> Self {
        Self { status, media_type: "text/html; charset=utf-8", body, file: None }
    }

    fn csv(name: &str, body: String) -> Self {
        let file = Some(format!("{name}.csv"));
        Self { status: 200, media_type: "text/csv; charset=utf-8; header=present", body, file }
    }
}
