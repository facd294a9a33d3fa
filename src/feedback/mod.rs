//! What usage says about requirements.
