//! The vocabulary in which the graph keeps what of ReqIF has no place in the ontology.

use oxigraph::model::NamedNodeRef;

macro_rules! terms {
    ($($(#[$doc:meta])* $name:ident $local:literal)*) => {
        $(
            $(#[$doc])*
            pub(in crate::exchange) const $name: NamedNodeRef<'static> =
                NamedNodeRef::new_unchecked(concat!("https://w3id.org/throughline/reqif#", $local));
        )*
    };
}

terms! {
    /// The class of documents: what one ReqIF file exchanges.
    DOCUMENT_CLASS "Document"
    DATATYPE_CLASS "DatatypeDefinition"
    ENUM_VALUE_CLASS "EnumValue"
    TYPE_CLASS "SpecType"
    ATTRIBUTE_CLASS "AttributeDefinition"
    OBJECT_CLASS "SpecObject"
    RELATION_CLASS "SpecRelation"
    SPECIFICATION_CLASS "Specification"
    GROUP_CLASS "RelationGroup"
    PLACE_CLASS "SpecHierarchy"
    ATTACHMENT_CLASS "Attachment"

    /// The document that something belongs to; from a specification and a type as from an object.
    DOCUMENT "document"
    /// The IDENTIFIER of an element.
    IDENTIFIER "identifier"
    /// The type of an object, a relation or a specification.
    TYPE "type"
    /// The attributes of an object's element.
    ELEMENT "element"
    /// The source of a relation.
    SOURCE "source"
    /// The target of a relation.
    TARGET "target"
    /// The predicate of the link that a relation is.
    LINK "link"
    /// Where an object is in a specification.
    PLACE "place"
    /// The specification of a place.
    SPECIFICATION "specification"
    /// The place above a place.
    PARENT "parent"
    /// The number of an element among its siblings.
    ORDER "order"
    /// The header without what names the single file.
    HEADER "header"
    /// What tools added to the file.
    TOOL_EXTENSIONS "toolExtensions"
    /// An element that ReqIF does not define where it is.
    KEPT "kept"
    /// The mapping by which the document was imported.
    MAPPING "mapping"
    /// The path of a file in the archive.
    PATH "path"
    /// The bytes of an attachment.
    CONTENT "content"
    /// The datatype of literals that are elements of ReqIF, without the declaration of its namespace.
    XML "xml"
}
