//! What messages to and from other services are made of: addresses, requests, signatures, templates and rules. Pure, but for `http`, `mqtt` and `tls`,
//! which are the only asynchronous code below `graphql`.

pub(crate) mod http;
pub(in crate::app) mod mapping;
pub(in crate::app) mod mqtt;
pub(in crate::app) mod network;
pub(in crate::app) mod signature;
pub(in crate::app) mod template;
pub(crate) mod tls;
