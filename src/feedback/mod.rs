//! From usage back to the design record: margins, evidence.
