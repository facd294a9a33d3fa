//! What the service asks of the issuers that users log in at: their keys, and who has signed in.

mod asking;
mod keys;
mod login;

pub(in crate::server) use keys::Keys;
pub(in crate::server) use login::{Failed, Login};
