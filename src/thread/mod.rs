//! Questions on one snapshot.
