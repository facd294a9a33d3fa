//! Foreign bytes to changes and back.
