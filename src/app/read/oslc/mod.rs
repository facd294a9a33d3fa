//! Resources, queries and changes as OSLC asks for them. Everything is read at one version; nothing here knows HTTP.

pub(in crate::app) mod pull;
pub(in crate::app) mod refusal;
pub(in crate::app) mod resource;
pub(in crate::app) mod search;
pub(in crate::app) mod selection;
pub(in crate::app) mod tracked;
