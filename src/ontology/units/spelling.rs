//! The texts that name units: symbols and codes in any spelling of Unicode, and products of them in any order.
//!
//! Letters keep their case, as in the Unified Code for Units of Measure: mW is not MW. A text that two units share names neither.

use super::Unit;
use icu_normalizer::ComposingNormalizerBorrowed;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// Every text that names a unit.
#[derive(Clone, Debug, Default)]
pub(in crate::ontology) struct Spellings {
    /// Names and IRIs, which never have two meanings.
    names: HashMap<String, usize>,
    /// Folded symbols and codes; `None` for what several units share.
    texts: HashMap<String, Option<usize>>,
    /// Products, made when one is first asked for.
    products: OnceLock<HashMap<Product, Option<usize>>>,
}

/// Units with their exponents.
type Product = BTreeMap<usize, i32>;

/// The namespaces of the shipped units.
const SHIPPED: [&str; 2] = ["http://qudt.org/vocab/unit/", "https://w3id.org/throughline#"];

/// The prefixes of the SI, folded, with their names.
pub(in crate::ontology) const PREFIXES: [(&str, &str); 24] = [
    ("q", "quecto"),
    ("r", "ronto"),
    ("y", "yocto"),
    ("z", "zepto"),
    ("a", "atto"),
    ("f", "femto"),
    ("p", "pico"),
    ("n", "nano"),
    ("u", "micro"),
    ("m", "milli"),
    ("c", "centi"),
    ("d", "deci"),
    ("da", "deca"),
    ("h", "hecto"),
    ("k", "kilo"),
    ("M", "mega"),
    ("G", "giga"),
    ("T", "tera"),
    ("P", "peta"),
    ("E", "exa"),
    ("Z", "zetta"),
    ("Y", "yotta"),
    ("R", "ronna"),
    ("Q", "quetta"),
];

/// How deep units are made of units.
const DEPTH_MAX: u8 = 4;

impl Spellings {
    pub(in crate::ontology) fn new(units: &[Unit]) -> Self {
        let mut spellings = Self::default();
        for (index, unit) in units.iter().enumerate() {
            for text in [&unit.name, unit.iri.as_str()] {
                spellings.names.insert(text.to_owned(), index);
            }
            for text in unit.texts() {
                share(&mut spellings.texts, fold(text), index, units);
            }
        }
        spellings
    }

    /// Returns the unit that a text names.
    pub(in crate::ontology) fn find(&self, units: &[Unit], text: &str) -> Option<usize> {
        let text = text.trim();
        let named = text.strip_prefix("unit:").or_else(|| text.strip_prefix("tl:"));
        if let Some(index) = self.names.get(named.unwrap_or(text)) {
            // `G` is the name of standard gravity and the code of the gauss: alone it is neither.
            let other =
                self.texts.get(&fold(text)).filter(|other| named.is_none() && **other != Some(*index));
            return if other.is_some() { None } else { Some(*index) };
        }
        if let Some(found) = self.texts.get(&fold(text)) {
            return *found;
        }
        let products = self.products.get_or_init(|| self.products(units));
        self.product(units, text, DEPTH_MAX).and_then(|product| products.get(&product).copied().flatten())
    }

    /// Returns whether units of several names have a text.
    pub(in crate::ontology) fn is_shared(&self, text: &str) -> bool {
        match (self.texts.get(&fold(text)), self.names.get(text.trim())) {
            (Some(None), _) => true,
            (Some(Some(text)), Some(name)) => text != name,
            _ => false,
        }
    }

    /// Returns the units that share a text; where none has it, the first of these that there are: units of which it is a hidden label,
    /// units that it names but for the case of its letters, for a sign of degrees or per cent, and units of this label.
    pub(in crate::ontology) fn alike(&self, units: &[Unit], text: &str) -> Vec<usize> {
        let folded = fold(text);
        let (lower, plain) = (folded.to_lowercase(), plain(text));
        let named = |unit: &Unit, same: &dyn Fn(&str) -> bool| {
            unit.texts().chain([unit.name.as_str()]).any(|text| same(&fold(text)))
        };
        let hidden = |unit: &Unit| unit.hidden_labels.iter().any(|label| fold(label).to_lowercase() == lower);
        let without_sign = |own: &str| own.strip_prefix(['°', '%']).is_some_and(|own| own.trim() == folded);
        let tests: [&dyn Fn(&Unit) -> bool; 5] = [
            &|unit| named(unit, &|own| own == folded),
            &hidden,
            &|unit| named(unit, &|own| own.to_lowercase() == lower),
            &|unit| named(unit, &without_sign),
            &|unit| self::plain(&unit.label) == plain,
        ];
        let alike = |test: &&dyn Fn(&Unit) -> bool| -> Vec<usize> {
            units.iter().enumerate().filter(|(_, unit)| test(unit)).map(|(index, _)| index).collect()
        };
        tests.iter().map(alike).find(|alike| !alike.is_empty()).unwrap_or_default()
    }

    /// Returns units that begin with a text as with a prefix: µm and µA for µ.
    pub(super) fn prefixed(&self, units: &[Unit], text: &str) -> Vec<usize> {
        let Some((prefix, _)) = PREFIXES.iter().find(|(prefix, _)| *prefix == fold(text)) else {
            return Vec::new();
        };
        let is_prefixed = |unit: &Unit| {
            let symbol = fold(&unit.symbol);
            symbol.strip_prefix(prefix).is_some_and(|rest| matches!(self.texts.get(rest), Some(Some(_))))
        };
        units.iter().enumerate().filter(|(_, unit)| is_prefixed(unit)).map(|(index, _)| index).collect()
    }

    fn products(&self, units: &[Unit]) -> HashMap<Product, Option<usize>> {
        let mut products = HashMap::new();
        for (index, unit) in units.iter().enumerate() {
            for text in unit.texts() {
                if let Some(product) =
                    self.product(units, text, DEPTH_MAX).filter(|product| !product.is_empty())
                {
                    share(&mut products, product, index, units);
                }
            }
        }
        products
    }

    /// Reads a text as a product of units; `None` where it names what is none.
    fn product(&self, units: &[Unit], text: &str, depth: u8) -> Option<Product> {
        let mut product = Product::new();
        for (base, exponent) in factors(&fold(text))? {
            let index = (*self.texts.get(&base)?)?;
            for (index, own) in self.parts(units, index, depth) {
                *product.entry(index).or_default() += own * exponent;
            }
        }
        product.retain(|_, exponent| *exponent != 0);
        Some(product)
    }

    /// Returns what a unit is the product of: perhaps itself alone.
    fn parts(&self, units: &[Unit], index: usize, depth: u8) -> Product {
        let itself = || Product::from([(index, 1)]);
        let Some(depth) = depth.checked_sub(1) else { return itself() };
        let is_made = |text: &&str| {
            factors(&fold(text))
                .is_some_and(|factors| factors.len() > 1 || factors.iter().any(|factor| factor.1 != 1))
        };
        let mut texts = units[index].texts().filter(is_made);
        texts.find_map(|text| self.product(units, text, depth)).unwrap_or_else(itself)
    }
}

/// Notes that a text or product names a unit; what two units name that differ names neither.
fn share<K: std::hash::Hash + Eq>(
    names: &mut HashMap<K, Option<usize>>,
    key: K,
    index: usize,
    units: &[Unit],
) {
    let merge = |found: &mut Option<usize>| *found = found.and_then(|known| either(known, index, units));
    names.entry(key).and_modify(merge).or_insert(Some(index));
}

/// Returns one of two units that are alike in all but their names: one that is not of the shipped files, where there is one.
fn either(known: usize, index: usize, units: &[Unit]) -> Option<usize> {
    let (one, other) = (&units[known], &units[index]);
    let is_same = one.multiplier.is_some()
        && (&one.multiplier, &one.offset) == (&other.multiplier, &other.offset)
        && one.quantity_kinds.iter().any(|kind| other.quantity_kinds.contains(kind));
    let is_own = |unit: &Unit| !SHIPPED.iter().any(|namespace| unit.iri.as_str().starts_with(namespace));
    if known == index {
        Some(known)
    } else {
        is_same.then_some(if is_own(other) && !is_own(one) { index } else { known })
    }
}

/// Folds the spellings of one text into one: compatible signs of Unicode, signs of multiplication, exponents, blanks.
pub(in crate::ontology) fn fold(text: &str) -> String {
    let text = text.trim().replace(['º', '˚'], "°").replace("**", "^");
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(&text);
    let mut folded = String::with_capacity(text.len());
    for sign in text.chars() {
        let sign = match sign {
            '^' => continue,
            'μ' => 'u',
            '·' | '⋅' | '∙' | '•' | '×' | '*' => '.',
            '⁄' | '∕' | '÷' => '/',
            '−' | '–' | '‐' | '‑' => '-',
            sign if sign.is_whitespace() => ' ',
            sign => sign,
        };
        if matches!(sign, '.' | '/') && folded.ends_with(' ') {
            folded.pop();
        }
        // `N · m`, `l / min` and `20 ° C` are written with blanks too.
        if sign != ' ' || !folded.ends_with([' ', '.', '/', '°']) {
            folded.push(sign);
        }
    }
    folded
}

/// Folds the ways to write a label into one: case, hyphens, plurals, and the endings of metre and litre.
fn plain(label: &str) -> String {
    let label = label.to_lowercase().replace("meter", "metre").replace("liter", "litre").replace('-', " ");
    let words: Vec<&str> = label.split_whitespace().map(|word| word.trim_end_matches('s')).collect();
    words.join(" ")
}

/// Cuts a folded text into bases and exponents: `kg.m/s2`, `kg m s-2`, `N-m`, `W/(m2.K)`.
pub(in crate::ontology) fn factors(text: &str) -> Option<Vec<(String, i32)>> {
    if text.ends_with(['.', '/', '-', ' ']) {
        return None;
    }
    let mut factors = Vec::new();
    let mut below = false;
    let mut rest = text;
    while !rest.is_empty() {
        let begin = rest.chars().next()?;
        if matches!(begin, '.' | ' ' | '/' | '-') {
            below = begin == '/';
            rest = &rest[1..];
            continue;
        }
        let sign = if below { -1 } else { 1 };
        below = false;
        if begin == '(' {
            let inner = rest[1..].split_once(')')?;
            factors
                .extend(self::factors(inner.0)?.into_iter().map(|(base, exponent)| (base, exponent * sign)));
            rest = inner.1;
            continue;
        }
        let end = end_of_factor(rest);
        let (base, exponent) = exponent(&rest[..end])?;
        if base != "1" {
            factors.push((base.to_owned(), exponent * sign));
        }
        rest = &rest[end..];
    }
    Some(factors)
}

/// Returns where the first factor of a text ends; what is in brackets belongs to it.
fn end_of_factor(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut signs = text.char_indices().peekable();
    while let Some((at, sign)) = signs.next() {
        let next = signs.peek().map(|(_, sign)| *sign);
        match sign {
            '[' | '{' | '(' => depth += 1,
            ']' | '}' | ')' => depth = depth.saturating_sub(1),
            '.' | ' ' | '/' if depth == 0 => return at,
            // In `N-m` a sign of multiplication, in `s-1` the sign of the exponent.
            '-' if depth == 0 && next.is_some_and(|next| !next.is_ascii_digit()) => return at,
            _ => {}
        }
    }
    text.len()
}

/// Parts the exponent from a base; there is none where it has more than one digit.
fn exponent(factor: &str) -> Option<(&str, i32)> {
    let base = factor.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let digits = &factor[base.len()..];
    if digits.is_empty() || base.is_empty() {
        return Some((factor, 1));
    }
    let (base, sign) = match base.strip_suffix(['-', '+']) {
        Some(rest) if base.ends_with('-') => (rest, -1),
        Some(rest) => (rest, 1),
        None => (base, 1),
    };
    let exponent: i32 = digits.parse().ok().filter(|exponent| (1..=9).contains(exponent))?;
    Some((base, exponent * sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_text_fold_into_one() {
        let check = |texts: &[&str], expect: &str| {
            for text in texts {
                assert_eq!(fold(text), expect, "{text}");
            }
        };
        check(&["µA", "μA", "uA", " uA "], "uA");
        check(&["℃", "°C", "ºC", "˚C"], "°C");
        check(&["kΩ", "kΩ"], "kΩ");
        check(&["m²", "m2", "m^2", "m**2", "㎡"], "m2");
        check(&["s⁻¹", "s-1", "s^-1", "s−1"], "s-1");
        check(&["N·m", "N⋅m", "N*m", "N.m", "N × m", "N · m"], "N.m");
        check(&["l / min", "l/min", "ℓ/min", "l\u{a0}/\u{2009}min"], "l/min");
        check(&["％"], "%");
        check(&["deg  C"], "deg C");
    }

    #[test]
    fn labels_are_compared_without_case_and_plural() {
        let check = |texts: &[&str], expect: &str| {
            for text in texts {
                assert_eq!(plain(text), expect, "{text}");
            }
        };
        check(&["metre per second", "meters per second", "Meter per Second"], "metre per second");
        check(&["pound-force", "pounds force"], "pound force");
        check(&[" degree  Celsius", "degrees celsius"], "degree celsiu");
    }

    #[test]
    fn products_are_cut_into_factors() {
        let check = |text: &str, expect: &[(&str, i32)]| {
            let found = factors(text).unwrap_or_default();
            let found: Vec<(&str, i32)> =
                found.iter().map(|(base, exponent)| (base.as_str(), *exponent)).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("kg.m/s2", &[("kg", 1), ("m", 1), ("s", -2)]);
        check("kg m s-2", &[("kg", 1), ("m", 1), ("s", -2)]);
        check("W/(m2.K)", &[("W", 1), ("m", -2), ("K", -1)]);
        check("kJ/kg/K", &[("kJ", 1), ("kg", -1), ("K", -1)]);
        check("1/min", &[("min", -1)]);
        check("/min", &[("min", -1)]);
        check("N-m", &[("N", 1), ("m", 1)]);
        check("[lbf_av].[ft_i]", &[("[lbf_av]", 1), ("[ft_i]", 1)]);
        check("dB(A)", &[("dB(A)", 1)]);
        check("[in_i'H2O]", &[("[in_i'H2O]", 1)]);
        check("m10", &[]);
        check("N/", &[]);
    }
}
