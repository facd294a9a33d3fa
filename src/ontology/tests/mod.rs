//! What the shipped ontology accepts and refuses.

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
pub(super) mod units;
#[cfg(test)]
pub(super) mod user_file;
#[cfg(test)]
pub(super) mod validation;
