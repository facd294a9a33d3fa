//! The versioned graph.
