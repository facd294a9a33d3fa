//! What use cases come to, written for tools and for persons alike: names in the short form of the thread, values without datatypes. The
//! command line prints it, the service answers with it, and so both say the same whether a thread is open here or served elsewhere.

pub mod change;
pub mod conflict;
pub mod fleet;
pub mod log;
pub mod merge;
pub mod ontology;
pub mod page;
pub mod refusal;
pub mod resource;
pub mod search;
pub mod suspect;
pub mod transfer;
pub mod words;
