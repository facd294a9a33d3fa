//! What messages to and from other services are made of: addresses, requests, signatures, templates and rules. Pure, but for `http` and `tls`.

pub(crate) mod http;
pub(in crate::app) mod mapping;
pub(in crate::app) mod network;
pub(in crate::app) mod signature;
pub(in crate::app) mod template;
pub(crate) mod tls;
