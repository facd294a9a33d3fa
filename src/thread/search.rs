//! Search: the resources whose names and descriptions hold all the words of a text.
//!
//! A word is a run of letters and digits. It is met where a word begins with it, whatever its case, accents and width: texts are
//! compared by their compatibility decomposition without combining marks (Unicode Standard Annex 15, NFKD), in lower case.
//!
//! Every distinct text of the searched properties is read once at the version, so the cost follows how many they are, and
//! neither the length of the history nor the other statements.

use crate::graph::{Error, Snapshot};
use crate::model::statement::root;
use crate::ontology::terms::{dcterms, rdfs, skos};
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use oxigraph::model::{NamedNode, NamedNodeRef};
use std::collections::BTreeMap;

/// How many words a search may have: one bit each.
const WORDS_MAX: usize = u32::BITS as usize;

/// What is searched.
const SEARCHED: [(NamedNodeRef<'static>, Searched); 5] = [
    (dcterms::IDENTIFIER, Searched::Identifier),
    (skos::NOTATION, Searched::Identifier),
    (dcterms::TITLE, Searched::Title),
    (rdfs::LABEL, Searched::Title),
    (dcterms::DESCRIPTION, Searched::Description),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Searched {
    Identifier,
    Title,
    Description,
}

/// Where a resource has the words, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchPlace {
    /// One of its identifiers is the text.
    Identifier,
    /// One of its identifiers begins with the text.
    IdentifierPrefix,
    /// Its identifiers, titles and labels have all words.
    Title,
    /// Its descriptions have some of them.
    Description,
}

impl SearchPlace {
    /// Every place, the best first.
    pub const ALL: [Self; 4] = [Self::Identifier, Self::IdentifierPrefix, Self::Title, Self::Description];

    /// Returns the name as GraphQL writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identifier => "IDENTIFIER",
            Self::IdentifierPrefix => "IDENTIFIER_PREFIX",
            Self::Title => "TITLE",
            Self::Description => "DESCRIPTION",
        }
    }
}

/// A resource that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where it has the words.
    pub place: SearchPlace,
    /// The resource, also where one of its fragments has them.
    pub resource: NamedNode,
}

/// The text cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsearchable {
    /// There is no word in it.
    #[error("\"{0}\" has no letter and no digit to search for")]
    NoWord(String),
    /// There are too many.
    #[error("a search may have {WORDS_MAX} words, this one has {0}")]
    TooManyWords(usize),
}

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Search {
    /// The whole text, folded.
    text: String,
    words: Vec<String>,
}

/// Which words a text has, by bits, and what it is of the whole search where it is an identifier.
#[derive(Clone, Copy, Debug)]
struct Met {
    words: u32,
    place: Option<SearchPlace>,
}

/// What was met of a resource in all its texts.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    words: u32,
    /// Those outside of descriptions.
    in_names: u32,
    place: Option<SearchPlace>,
}

impl Search {
    /// Reads what to search for.
    pub fn new(text: &str) -> Result<Self, Unsearchable> {
        let folded = folded(text.trim());
        let words: Vec<String> = words(&folded).map(str::to_owned).collect();
        match words.len() {
            0 => Err(Unsearchable::NoWord(text.to_owned())),
            1..=WORDS_MAX => Ok(Self { text: folded, words }),
            count => Err(Unsearchable::TooManyWords(count)),
        }
    }

    /// Returns the resources that have all words at a version: the best places first, in IRI order within each.
    pub fn hits(&self, snapshot: &Snapshot) -> Result<Vec<Hit>, Error> {
        let mut found: BTreeMap<String, Found> = BTreeMap::new();
        for (predicate, part) in SEARCHED {
            for (subject, met) in snapshot.texts_where(predicate, |text| self.meet(part, text))? {
                found.entry(root(&subject).into_string()).or_default().add(part, met);
            }
        }
        let place_of = |found: &Found| found.place_of(self.all());
        let mut hits: Vec<Hit> = found
            .into_iter()
            .filter_map(|(iri, found)| {
                Some(Hit { place: place_of(&found)?, resource: NamedNode::new_unchecked(iri) })
            })
            .collect();
        hits.sort_by_key(|hit| hit.place);
        Ok(hits)
    }

    /// Returns which words a text has; `None` where it has none.
    fn meet(&self, part: Searched, text: &str) -> Option<Met> {
        let text = folded(text.trim());
        let begins = |word: &str| words(&text).any(|met| met.starts_with(word));
        let bits = self.words.iter().enumerate().filter(|(_, word)| begins(word)).map(|(bit, _)| 1 << bit);
        let place = match text.strip_prefix(&self.text) {
            _ if part != Searched::Identifier => None,
            Some("") => Some(SearchPlace::Identifier),
            Some(_) => Some(SearchPlace::IdentifierPrefix),
            None => None,
        };
        let words = bits.fold(0, |all: u32, bit: u32| all | bit);
        (words != 0).then_some(Met { words, place })
    }

    /// All words, by bits.
    fn all(&self) -> u32 {
        u32::MAX >> (WORDS_MAX - self.words.len())
    }
}

impl Found {
    fn add(&mut self, part: Searched, met: Met) {
        self.words |= met.words;
        if part != Searched::Description {
            self.in_names |= met.words;
        }
        self.place = self.place.into_iter().chain(met.place).min();
    }

    fn place_of(&self, all: u32) -> Option<SearchPlace> {
        match self.place {
            _ if self.words != all => None,
            Some(place) => Some(place),
            None if self.in_names == all => Some(SearchPlace::Title),
            None => Some(SearchPlace::Description),
        }
    }
}

/// Drops what search does not distinguish: case, accents, width.
fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let marks = CanonicalCombiningClassMapBorrowed::new();
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    decomposed.filter(|sign| marks.get_u8(*sign) == 0).flat_map(char::to_lowercase).collect()
}

fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_met_by_their_beginnings() {
        let check = |search: &str, text: &str, expect: bool| {
            let search = Search::new(search).expect("words");
            let met = search.meet(Searched::Title, text).map_or(0, |met| met.words);
            assert_eq!(met == search.all(), expect, "{search:?} in {text}");
        };
        check("bear", "Front bearing", true);
        check("BEARING front", "Front bearing", true);
        check("earing", "Front bearing", false);
        check("bearing rear", "Front bearing", false);
        check("kuhl", "Öl-Kühler", true);
        check("KÜHLER", "o\u{308}l-ku\u{308}hler", true);
        check("ﬁlter", "Filter 3", true);
        check("12", "REQ-12", true);
        check("２", "valve 2b", true);
        check("насос", "Насос главный", true);
    }

    #[test]
    fn an_identifier_is_met_as_a_whole_or_by_its_beginning() {
        let check = |search: &str, text: &str, expect: Option<SearchPlace>| {
            let met = Search::new(search).expect("words").meet(Searched::Identifier, text);
            assert_eq!(met.and_then(|met| met.place), expect, "{search} in {text}");
        };
        check("req-1", "REQ-1", Some(SearchPlace::Identifier));
        check(" req-1 ", "REQ-1", Some(SearchPlace::Identifier));
        check("req-1", "REQ-12", Some(SearchPlace::IdentifierPrefix));
        check("1", "REQ-1", None);
    }

    #[test]
    fn what_has_no_word_or_too_many_is_refused() {
        assert_eq!(Search::new(" -/ ").expect_err("no word"), Unsearchable::NoWord(" -/ ".to_owned()));
        let many = "a ".repeat(33);
        assert_eq!(Search::new(&many).expect_err("too many"), Unsearchable::TooManyWords(33));
        assert_eq!(Search::new(&many[2..]).expect("32 words").all(), u32::MAX);
    }
}
