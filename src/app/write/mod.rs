//! Use cases that change the thread or its telemetry.

pub(super) mod act;
pub(super) mod clear;
pub(super) mod decide;
pub(super) mod deviation;
pub(super) mod evidence;
pub(super) mod forecast;
pub(super) mod import;
pub(super) mod ingest;
pub(super) mod layout;
pub(super) mod oslc;
pub(super) mod resolution;
pub(super) mod retry;
pub(super) mod review;
