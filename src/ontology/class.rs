//! Classes and their fields, as the shapes declare them.

use crate::model::use_case::UseCase;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

/// A class of resources or fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The class's IRI.
    pub iri: NamedNode,
    /// Its name, such as `DesignRevision`; unique.
    pub name: String,
    /// Its name for many, in lower camel case, such as `designRevisions`; unique.
    pub plural: String,
    /// What it is, for a person.
    pub comment: String,
    /// Whether it only gathers what its subclasses share, and has no instances of its own.
    pub is_abstract: bool,
    /// Whether its instances live inside their owner's document.
    pub fragment: bool,
    /// Whether field usage can be asked of its instances.
    pub fielded: bool,
    /// All its superclasses, nearest first.
    pub ancestors: Vec<NamedNode>,
    /// All its subclasses at any depth, in name order.
    pub descendants: Vec<NamedNode>,
    /// Its own and its inherited fields, in name order.
    pub fields: Vec<Field>,
    /// The fields by which it finds what links to it, in name order.
    pub inverses: Vec<Inverse>,
    /// The use cases that alone make and change its instances; `None`: everybody does.
    pub reserved: Option<Reserved>,
    /// Why it should no longer be used; `None` where it may.
    pub deprecated: Option<String>,
}

/// What is reserved to use cases: nothing else writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The use cases that write it, in their order.
    pub to: Vec<UseCase>,
    /// The value that a new record may have from anybody.
    pub initial: Option<Term>,
}

impl Reserved {
    /// Takes in what another declaration reserves: only what both allow is allowed.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.to.retain(|use_case| other.to.contains(use_case));
        self.initial = self.initial.filter(|initial| other.initial.as_ref() == Some(initial));
        self
    }

    /// Returns whether a use case writes it.
    pub fn allows(&self, use_case: UseCase) -> bool {
        self.to.contains(&use_case)
    }

    /// Names the use cases for a sentence, such as `only openReview or signReview writes`.
    pub fn writers(&self) -> String {
        format!("{} writes", self.named())
    }

    /// Names the use cases for a sentence, such as `only openReview makes`.
    pub fn makers(&self) -> String {
        format!("{} makes", self.named())
    }

    fn named(&self) -> String {
        let name = |use_case: &UseCase| match use_case {
            UseCase::Import => "an import of the source that brought the record",
            own => own.name(),
        };
        let names: Vec<&str> = self.to.iter().map(name).collect();
        match names.split_last() {
            None => "nobody".to_owned(),
            Some((last, [])) => format!("only {last}"),
            Some((last, others)) => format!("only {} or {last}", others.join(", ")),
        }
    }
}

/// Puts the indefinite article before a name, by its sound: `a Unit`, `an Action`.
pub fn with_article(name: &str) -> String {
    let lower = name.to_lowercase();
    let begins = |starts: &[&str]| starts.iter().any(|start| lower.starts_with(start));
    // Written with a vowel and spoken with a consonant, and the other way round.
    let is_consonant = begins(&["uni", "use", "usa", "usu", "uti", "uto", "ubi", "eu", "one", "once"]);
    let is_vowel = begins(&["hour", "honest", "honour", "honor", "heir"]);
    let vowel = is_vowel || (begins(&["a", "e", "i", "o", "u"]) && !is_consonant);
    format!("{} {name}", if vowel { "an" } else { "a" })
}

impl Class {
    /// Returns the field of this name, or else the one whose property the last part of its IRI names so: a table may say
    /// `constraint` where the field is called `constraints`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let named = self.fields.iter().find(|field| field.name == name);
        named.or_else(|| self.fields.iter().find(|field| field.is_named(name)))
    }

    /// Returns the field that holds this predicate's values.
    pub fn field_of(&self, predicate: NamedNodeRef<'_>) -> Option<&Field> {
        self.fields.iter().find(|field| field.predicate.as_ref() == predicate)
    }

    /// Returns whether it is a class or below it.
    pub fn is_below(&self, class: NamedNodeRef<'_>) -> bool {
        self.iri.as_ref() == class || self.ancestors.iter().any(|above| above.as_ref() == class)
    }

    /// Returns whether use cases alone write some or all of its instances.
    pub fn has_reserved(&self) -> bool {
        self.reserved.is_some() || self.fields.iter().any(|field| field.reserved.is_some())
    }

    /// Returns what keeps a client from making an instance: a field that there must be, and that is not the client's to write.
    pub fn made_by(&self) -> Option<&Reserved> {
        let mut needed =
            self.fields.iter().filter(|field| field.min > 0).filter_map(|field| field.reserved.as_ref());
        self.reserved.as_ref().or_else(|| needed.find(|reserved| reserved.initial.is_none()))
    }

    /// Returns the inverse field of this name.
    pub fn inverse(&self, name: &str) -> Option<&Inverse> {
        self.inverses.iter().find(|inverse| inverse.name == name)
    }
}

/// The values that a class may or must have of one predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field's name, unique in its class.
    pub name: String,
    /// The predicate of its statements.
    pub predicate: NamedNode,
    /// The kind of its values.
    pub kind: FieldKind,
    /// How many values there must be.
    pub min: u32,
    /// How many values there may be; `None`: any number.
    pub max: Option<u32>,
    /// Its description.
    pub comment: String,
    /// The name of the field by which the target finds its way back.
    pub inverse: Option<String>,
    /// Whether a change makes the links to its subject suspect.
    pub significant: bool,
    /// Which way along its links leads up; `None`: neither.
    pub upward: Option<Upward>,
    /// The use cases that alone write its values; `None`: everybody does.
    pub reserved: Option<Reserved>,
    /// Why it should no longer be used; `None` where it may.
    pub deprecated: Option<String>,
}

/// Which way along a link leads up: from what was seen in the field towards what was asked for, and who answers for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upward {
    /// From its subject to its target.
    Forward,
    /// From its target to its subject.
    Backward,
}

impl Field {
    /// Returns whether a text is the field's name or the last part of its property's IRI.
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || self.local_name() == name
    }

    /// Returns the last part of its property's IRI, by which its fragments are named.
    pub fn local_name(&self) -> &str {
        self.predicate.as_str().rsplit(['#', '/']).next().unwrap_or(&self.name)
    }

    /// Returns whether there is at most one value.
    pub fn is_single(&self) -> bool {
        self.max == Some(1)
    }
}

/// The kind of a field's values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// An instant with its offset.
    Instant,
    /// A calendar date.
    Date,
    /// An ISO 8601 duration.
    Period,
    /// An IRI that need not be a resource of the thread.
    Iri,
    /// One of the values of an enumeration, by its name.
    Enumeration(String, Vec<String>),
    /// A unit of the ontology.
    Unit,
    /// A quantity kind of the ontology.
    QuantityKind,
    /// A resource of one of these classes (or their subclasses).
    Link(Vec<NamedNode>),
    /// A fragment of this class, inside the owner's document.
    Fragment(NamedNode),
}

impl FieldKind {
    /// Returns the classes that the values are of; none for plain values.
    pub fn targets(&self) -> &[NamedNode] {
        match self {
            Self::Link(classes) => classes,
            Self::Fragment(class) => std::slice::from_ref(class),
            _ => &[],
        }
    }
}

/// A field of a target: the resources that link to it with one predicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inverse {
    /// The field's name, unique among the fields and inverse fields of its class.
    pub name: String,
    /// The class whose instances link here.
    pub class: NamedNode,
    /// The predicate they link with.
    pub predicate: NamedNode,
    /// Its description.
    pub comment: String,
}

/// The values that a field may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumeration {
    /// The enumeration's name; unique.
    pub name: String,
    /// Its values, in the order in which they are declared.
    pub values: Vec<String>,
}

/// The definition of a predicate, whatever class uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The predicate.
    pub iri: NamedNode,
    /// The name of its field.
    pub name: String,
    /// The name of its field where a class may have several values, if that is another.
    pub plural: Option<String>,
    /// Its label, for a person.
    pub label: String,
    /// Its description.
    pub comment: String,
    /// Whether a change makes the links to its subject suspect.
    pub significant: bool,
    /// Why it should no longer be used; `None` where it may.
    pub deprecated: Option<String>,
    /// Whether every class that has it allows at most one value; a merge treats two values as a conflict.
    pub single_valued: bool,
}
