//! QIF results: a measurement for each characteristic of each unit, with the verdict that its limits give.

use crate::exchange::fields::single_line;
use crate::exchange::reading::{Context, Gaps};
use crate::exchange::table::derived::template::{escape, expand};
use crate::exchange::xml::{Element, parse};
use crate::model::number::numeral::Numeral;
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::model::visible;
use crate::ontology::terms::{dcterms, rdf, tl, unit};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Reads the results of a file.
pub(in crate::exchange) fn read(
    bytes: &[u8],
    context: Context<'_>,
    gaps: &mut Gaps,
) -> Result<Vec<Statement>, String> {
    let root = parse(bytes).map_err(|error| format!("line {}: {}", error.line, error.message))?;
    if root.name != "QIFDocument" {
        return Err(format!("the file begins with <{}>, and QIF with <QIFDocument>", root.name));
    }
    let mut index = Index::default();
    index.add(&root);
    let mut reader = Reader {
        context,
        gaps,
        index,
        statements: Vec::new(),
        names: BTreeSet::new(),
        units: BTreeMap::new(),
    };
    reader.units(&root);
    let part = reader.part(&root)?;
    let sets: Vec<&Element> = descendants(&root, "MeasurementResults");
    if sets.is_empty() {
        reader.gaps.add(root.line, "the file has no measurement results");
    }
    for (number, results) in sets.into_iter().enumerate() {
        reader.results(results, number + 1, &part)?;
    }
    Ok(reader.statements)
}

/// Elements by their id.
#[derive(Default)]
struct Index<'e>(BTreeMap<&'e str, &'e Element>);

impl<'e> Index<'e> {
    fn add(&mut self, element: &'e Element) {
        if let Some(id) = element.attribute("id") {
            self.0.entry(id).or_insert(element);
        }
        element.elements().for_each(|child| self.add(child));
    }

    /// Follows references by the names of the elements that hold them.
    fn follow(&self, element: &Element, names: &[&str]) -> Option<&'e Element> {
        let mut at: Option<&'e Element> = None;
        for name in names {
            let from = at.unwrap_or(element);
            let id = from.child(name)?.text().trim().to_owned();
            at = self.0.get(id.as_str()).copied();
            at?;
        }
        at
    }
}

fn descendants<'e>(element: &'e Element, name: &str) -> Vec<&'e Element> {
    let mut found = Vec::new();
    for child in element.elements() {
        if child.name == name {
            found.push(child);
        } else {
            found.extend(descendants(child, name));
        }
    }
    found
}

fn text(element: &Element, name: &str) -> Option<String> {
    element.child(name).map(|child| single_line(&child.text())).filter(|text| !text.is_empty())
}

/// The limits of a characteristic, as the file writes them.
#[derive(Debug, Default)]
struct Limits {
    nominal: Option<String>,
    lower: Option<String>,
    upper: Option<String>,
}

struct Reader<'a, 'g, 'e> {
    context: Context<'a>,
    gaps: &'g mut Gaps,
    index: Index<'e>,
    statements: Vec<Statement>,
    names: BTreeSet<String>,
    /// The unit of lengths and of angles.
    units: BTreeMap<&'static str, NamedNode>,
}

impl Reader<'_, '_, '_> {
    fn state(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.statements.push(Statement::new(subject.clone(), predicate.into_owned(), object));
    }

    fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        if !text.is_empty() {
            self.state(subject, predicate, Literal::new_simple_literal(text));
        }
    }

    /// Reads a number, exactly as it is written but for its canonical form.
    fn number(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        if let Some(plain) = Numeral::parse(text).and_then(|own| own.plain()) {
            let datatype = if plain.contains('.') { xsd::DECIMAL } else { xsd::INTEGER };
            self.state(subject, predicate, Literal::new_typed_literal(plain, datatype));
        }
    }

    fn units(&mut self, root: &Element) {
        for (kind, name) in [("length", "LinearUnit"), ("angle", "AngularUnit")] {
            let stated = descendants(root, "PrimaryUnits")
                .first()
                .and_then(|units| units.child(name))
                .and_then(|own| text(own, "UnitName").or_else(|| text(own, "SIUnitName")));
            let Some(stated) = stated.or_else(|| self.context.mapping.unit(kind).map(str::to_owned)) else {
                continue;
            };
            match self.context.ontology.units().find(&stated) {
                Some(found) => _ = self.units.insert(kind, found.iri.clone()),
                None => self.gaps.add(root.line, format!("\"{stated}\" is no unit that the ontology knows")),
            }
        }
        if !self.units.contains_key("length") {
            self.gaps.add(root.line, "the file states no unit of length, so its values are bare numbers; [units] length = \"mm\" of a mapping states it");
        }
    }

    fn part(&mut self, root: &Element) -> Result<NamedNode, String> {
        let product = root.child("Product");
        let part = product.and_then(|product| product.children("PartSet").next());
        let header = part.and_then(|part| part.child("Header"));
        let name = header.and_then(|header| text(header, "Name"));
        let number = part.and_then(|part| text(part, "ModelNumber")).or_else(|| name.clone());
        let number = number.unwrap_or_else(|| {
            self.gaps.add(root.line, "the file names no part");
            format!("QIF {}", self.context.source)
        });
        let iri = expand(self.context.base, &format!("part/{}", escape(&number)))?;
        self.state(&iri, rdf::TYPE, tl::PART_CLASS.into_owned());
        self.text(&iri, dcterms::IDENTIFIER, &format!("{}{number}", self.context.mapping.prefix()));
        self.text(&iri, dcterms::TITLE, &name.unwrap_or_default());
        Ok(iri)
    }

    fn results(&mut self, results: &Element, number: usize, part: &NamedNode) -> Result<(), String> {
        let component = results.children("ActualComponentIds").next().map(|id| id.text().trim().to_owned());
        let component = component.and_then(|id| self.index.0.get(id.as_str()).copied());
        let serial = component.and_then(|own| text(own, "SerialNumber"));
        let serial = serial.filter(|serial| visible::fault(serial).is_none()).unwrap_or_else(|| {
            self.gaps.add(
                results.line,
                "results name no serial number; the unit is called by the number of the results",
            );
            format!("results {number}")
        });
        let name = part.as_str().rsplit('/').next().unwrap_or_default();
        let unit = expand(self.context.base, &format!("unit/{name}/{}", escape(&serial)))?;
        self.state(&unit, rdf::TYPE, tl::TWIN_INSTANCE.into_owned());
        self.text(&unit, dcterms::IDENTIFIER, &serial);
        self.state(&unit, tl::PART, part.clone());
        let at = descendants(results, "InspectionEnd")
            .first()
            .or(descendants(results, "InspectionStart").first())
            .map(|own| own.text());
        let at = at.and_then(|text| text.trim().parse::<Instant>().ok());
        for actual in descendants(results, "CharacteristicActuals").into_iter().flat_map(Element::elements) {
            self.actual(actual, &unit, &serial, at)?;
        }
        Ok(())
    }

    fn actual(
        &mut self,
        actual: &Element,
        unit_iri: &NamedNode,
        serial: &str,
        at: Option<Instant>,
    ) -> Result<(), String> {
        let item = self.index.follow(actual, &["CharacteristicItemId"]);
        let nominal = item.and_then(|item| self.index.follow(item, &["CharacteristicNominalId"]));
        let definition = nominal.and_then(|own| self.index.follow(own, &["CharacteristicDefinitionId"]));
        let name = [item, nominal, definition]
            .into_iter()
            .flatten()
            .find_map(|own| text(own, "Name").or_else(|| text(own, "CharacteristicDesignator")));
        let name =
            name.unwrap_or_else(|| format!("{} {}", actual.name, actual.attribute("id").unwrap_or_default()));
        if definition.is_none() {
            self.gaps.add(
                actual.line,
                format!("the characteristic \"{name}\" has no definition in the file, so no limits"),
            );
        }
        let limits = self.limits(nominal, definition);
        let mut own = format!("{}/{}/{}", escape(self.context.source), escape(serial), escape(&name));
        let mut number = 2;
        while !self.names.insert(own.clone()) {
            own = format!("{}/{}/{}~{number}", escape(self.context.source), escape(serial), escape(&name));
            number += 1;
        }
        let iri = expand(self.context.base, &format!("qif/{own}"))?;
        self.state(&iri, rdf::TYPE, tl::MEASUREMENT.into_owned());
        self.state(&iri, tl::OF, unit_iri.clone());
        match visible::fault(&name) {
            None => self.text(&iri, tl::CHARACTERISTIC, &name),
            Some(fault) => {
                self.gaps.add(actual.line, format!("the characteristic \"{}\" {fault}", name.escape_debug()));
            }
        }
        if let Some(at) = at {
            self.state(&iri, tl::AT, Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME));
        }
        for (predicate, value) in
            [(tl::NOMINAL, &limits.nominal), (tl::LOWER, &limits.lower), (tl::UPPER, &limits.upper)]
        {
            if let Some(value) = value {
                self.number(&iri, predicate, value);
            }
        }
        let value = text(actual, "Value");
        let is_number = value.as_ref().is_some_and(|value| Numeral::parse(value).is_some());
        if let Some(value) = value.as_ref().filter(|_| is_number) {
            let kind = if actual.name.starts_with("Angle") || actual.name.contains("Angular") {
                "angle"
            } else {
                "length"
            };
            let of = self.units.get(kind).cloned().unwrap_or_else(|| unit::UNITLESS.into_owned());
            self.number(&iri, tl::MEASURED, value);
            self.state(&iri, tl::UNIT, of);
        } else if let Some(value) = &value {
            self.gaps.add(actual.line, format!("the value \"{value}\" of \"{name}\" is no number"));
        }
        let stated = actual.child("Status").and_then(|status| text(status, "CharacteristicStatusEnum"));
        let verdict = self.verdict(
            value.filter(|_| is_number).as_deref(),
            &limits,
            stated.as_deref(),
            &name,
            serial,
            actual.line,
        );
        self.text(&iri, tl::VERDICT, verdict);
        Ok(())
    }

    /// Decides by the limits; what the file states otherwise is reported.
    fn verdict(
        &mut self,
        value: Option<&str>,
        limits: &Limits,
        stated: Option<&str>,
        name: &str,
        serial: &str,
        line: usize,
    ) -> &'static str {
        let stated_verdict = match stated {
            Some("PASS") => "PASS",
            Some("FAIL") => "FAIL",
            _ => "INCONCLUSIVE",
        };
        let (Some(value), true) = (value, limits.lower.is_some() || limits.upper.is_some()) else {
            return stated_verdict;
        };
        let is_within = |bound: &Option<String>, wrong: Ordering| {
            bound.as_ref().is_none_or(|bound| compare(value, bound) != wrong)
        };
        let computed =
            if is_within(&limits.lower, Ordering::Less) && is_within(&limits.upper, Ordering::Greater) {
                "PASS"
            } else {
                "FAIL"
            };
        if stated.is_some() && stated_verdict != computed {
            let bound = |bound: &Option<String>| bound.clone().unwrap_or_else(|| "…".to_owned());
            let (stated, lower, upper) =
                (stated.unwrap_or_default(), bound(&limits.lower), bound(&limits.upper));
            let message = format!(
                "{name} of {serial} is stated to be {stated}, and {value} is {computed} by its limits {lower} to {upper}; the limits decide"
            );
            self.gaps.add(line, message);
        }
        computed
    }

    fn limits(&mut self, nominal: Option<&Element>, definition: Option<&Element>) -> Limits {
        let mut limits =
            Limits { nominal: nominal.and_then(|own| text(own, "TargetValue")), ..Limits::default() };
        let Some(definition) = definition else { return limits };
        if let Some(zone) = text(definition, "ToleranceValue") {
            // A geometric tolerance is the width of a zone.
            limits.lower = Some("0".to_owned());
            limits.upper = Some(zone);
            return limits;
        }
        let Some(tolerance) = definition.child("Tolerance") else { return limits };
        let is_limit = text(tolerance, "DefinedAsLimit").is_some_and(|own| own == "true" || own == "1");
        for (name, bound) in [("MinValue", 0), ("MaxValue", 1)] {
            let Some(stated) = text(tolerance, name) else { continue };
            let value = match (is_limit, &limits.nominal) {
                (true, _) => Some(stated),
                (false, Some(nominal)) => sum(nominal, &stated),
                (false, None) => {
                    self.gaps.add(
                        tolerance.line,
                        "a tolerance is a deviation from a nominal value that is not there",
                    );
                    None
                }
            };
            if bound == 0 { limits.lower = value } else { limits.upper = value }
        }
        limits
    }
}

/// Compares two numbers by their values.
fn compare(a: &str, b: &str) -> Ordering {
    let key = |text: &str| {
        let mut key = Vec::new();
        if let Some(numeral) = Numeral::parse(text) {
            numeral.write_key(&mut key);
        }
        key
    };
    key(a).cmp(&key(b))
}

/// Adds two decimals exactly.
fn sum(a: &str, b: &str) -> Option<String> {
    use oxsdatatypes::Decimal;
    let decimal = |text: &str| {
        Numeral::parse(text).and_then(|own| own.plain()).and_then(|text| text.parse::<Decimal>().ok())
    };
    decimal(a)?.checked_add(decimal(b)?).map(|sum| sum.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_and_added_exactly() {
        let check = |a: &str, b: &str, order: Ordering, total: &str| {
            assert_eq!((compare(a, b), sum(a, b).as_deref()), (order, Some(total)), "{a} {b}");
        };
        check("0.10", "0.1", Ordering::Equal, "0.2");
        check("3.8", "3.80000000001", Ordering::Less, "7.60000000001");
        check("-1", "1e-2", Ordering::Less, "-0.99");
        check("10", "9", Ordering::Greater, "19");
    }
}
