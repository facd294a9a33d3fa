//! Rules on what is signed, released or written by the service alone.

pub(super) mod confirmation;
pub(super) mod evidence;
pub(super) mod frozen;
pub(super) mod grounds;
pub(super) mod reserved;
pub(super) mod review;
