//! What a commit is asked to do, independent of how the graph is stored.

use super::Statement;
use oxigraph::model::{NamedNode, Term};

/// One edit. Several edits of one commit apply in order; the commit as a whole is validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Replaces all statements about a resource and its fragments.
    Replace {
        /// The resource.
        resource: NamedNode,
        /// The new statements; each subject is the resource or one of its fragments.
        statements: Vec<Statement>,
    },
    /// Sets the values of one property of one subject; no values removes the property.
    Set {
        /// The resource or fragment.
        subject: NamedNode,
        /// The property.
        predicate: NamedNode,
        /// All its values from now on.
        values: Vec<Term>,
    },
    /// Adds one statement; one that is there already stays.
    Add(Statement),
    /// Removes one statement; one that is not there is no error.
    Remove(Statement),
    /// Removes a resource with its fragments; refused while other resources link to it.
    Retire(NamedNode),
}
