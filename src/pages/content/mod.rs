//! What pages are made of: sections with facts, tables, figures, notes and forms. The templates give them their HTML, and tables are CSV as well.

pub(in crate::pages) mod cell;
pub(in crate::pages) mod form;
pub(in crate::pages) mod mapping;
pub(in crate::pages) mod note;
pub(in crate::pages) mod section;
pub(in crate::pages) mod sent;
pub(in crate::pages) mod table;
