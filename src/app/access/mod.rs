//! Who may do what: principals and their roles, how a request proves who sends it, and the log of what was done.
//!
//! Nothing here knows HTTP: the server hands over what a request carries, the session asks before each use case.

pub(super) mod audit;
mod entry;
mod error;
mod file_stamp;
pub(super) mod gate;
mod jwt;
mod operation;
mod operation_counts;
mod principal;
pub(super) mod settings;
mod token;
mod token_file;
mod token_id;

pub use audit::{Audit, Verified};
pub use entry::{Entry, Event, Outcome};
pub use error::{Denied, Error, Forbidden};
pub use gate::{Access, Credentials, Look};
pub use jwt::login::settings::{CALLBACK, OidcSettings};
pub use jwt::login::{SignIn, is_session};
pub use jwt::settings::{JwtSettings, KeyFetch, KeySource, check_url};
pub use operation::{Operation, Role, UnknownRole};
pub use operation_counts::OperationCounts;
pub use principal::{Origin, Principal, SessionId, TwinScope};
pub use settings::{AccessSettings, ProxySettings};
pub use token::{RANDOM_BYTES, Token};
pub use token_file::{NewToken, Tokens};
pub use token_id::TokenId;
