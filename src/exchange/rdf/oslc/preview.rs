//! The compact representation of a resource: what another tool shows where a link points here.

use super::vocabulary::{CORE, DCTERMS};
use crate::exchange::xml::escape_attribute as escape;

/// What is shown of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compact {
    /// The address of the resource.
    pub address: String,
    /// Its title.
    pub title: String,
    /// Its identifier.
    pub short_title: String,
    /// The address of the small page, and of the large one.
    pub previews: [String; 2],
}

/// The sizes of the two pages.
const SIZES: [(&str, &str, &str); 2] = [("smallPreview", "45em", "10em"), ("largePreview", "45em", "30em")];

impl Compact {
    /// Writes it as JSON, in the form of OSLC Core 3.0, part 3.
    pub fn json(&self) -> String {
        let previews = SIZES.into_iter().zip(&self.previews).map(|((name, width, height), page)| {
            (name, serde_json::json!({ "document": page, "hintWidth": width, "hintHeight": height }))
        });
        let mut compact = serde_json::json!({ "title": self.title, "shortTitle": self.short_title });
        for (name, preview) in previews {
            compact[name] = preview;
        }
        compact.to_string()
    }

    /// Writes it as `application/x-oslc-compact+xml`.
    pub fn xml(&self) -> String {
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF xmlns:rdf=\"{}\" xmlns:dcterms=\"{DCTERMS}\" xmlns:oslc=\"{CORE}\">\n  \
             <oslc:Compact rdf:about=\"{}\">\n    <dcterms:title>{}</dcterms:title>\n    <oslc:shortTitle>{}</oslc:shortTitle>\n",
            super::vocabulary::RDF,
            escape(&self.address),
            escape(&self.title),
            escape(&self.short_title)
        );
        for ((name, width, height), page) in SIZES.into_iter().zip(&self.previews) {
            let page = escape(page);
            text.push_str(&format!(
                "    <oslc:{name}>\n      <oslc:Preview>\n        <oslc:document rdf:resource=\"{page}\"/>\n        \
                 <oslc:hintWidth>{width}</oslc:hintWidth>\n        <oslc:hintHeight>{height}</oslc:hintHeight>\n      \
                 </oslc:Preview>\n    </oslc:{name}>\n"
            ));
        }
        text + "  </oslc:Compact>\n</rdf:RDF>\n"
    }
}
