//! Actions: work on units and lots that findings and persons ask for, from the proposal to the proof that it helped.
//!
//! | move | from | to |
//! |---|---|---|
//! | APPROVE | PROPOSED | APPROVED |
//! | REJECT | PROPOSED, APPROVED | REJECTED |
//! | ORDER | APPROVED | ORDERED |
//! | ACKNOWLEDGE | ORDERED | ACKNOWLEDGED |
//! | DECLINE | ORDERED, ACKNOWLEDGED | REJECTED |
//! | COMPLETE | ORDERED, ACKNOWLEDGED | DONE |
//! | VERIFY | DONE | VERIFIED |
//! | EXPIRE | PROPOSED, APPROVED, ORDERED | EXPIRED |
//!
//! Each move is a step of the record: who made it, when, why and by which policy.

pub(in crate::feedback) mod completion;
pub(in crate::feedback) mod policy;
pub(in crate::feedback) mod proposal;
pub(in crate::feedback) mod state;
pub(in crate::feedback) mod step;
pub(in crate::feedback) mod verification;
