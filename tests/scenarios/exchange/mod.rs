//! Files of other tools: what they bring, what comes back, and what is refused.

mod oslc;
mod pull;
mod reqif;
mod story;
mod structure;
