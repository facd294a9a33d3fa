//! JUnit XML: a testcase is a test case and its latest result.
//!
//! What it verifies is written in a property `verifies` (`requirement`, `requirements` and `satisfies` are read as well) of the
//! testcase or of its suite, and in its name: `limit [REQ-12]`, `test_REQ_12_limit`.

use super::outcome::{Failed, Outcome, compare, outcome};
use super::records::Records;
use crate::exchange::fields::single_line;
use crate::exchange::reading::{Context, Gaps};
use crate::exchange::xml::{Element, Node, parse, self_contained};
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{dcterms, rdf, tl};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const PROPERTIES: [&str; 4] = ["verifies", "requirement", "requirements", "satisfies"];
/// The seconds that a test ran, as the file writes them.
const TIME: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("https://w3id.org/throughline/junit#time");
/// The class of a test, as the file writes it.
const CLASS_NAME: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("https://w3id.org/throughline/junit#classname");

/// Reads a report.
pub(in crate::exchange) fn read(
    bytes: &[u8],
    context: Context<'_>,
    gaps: &mut Gaps,
) -> Result<Vec<Statement>, String> {
    let root = parse(bytes).map_err(|error| format!("line {}: {}", error.line, error.message))?;
    if !matches!(root.name.as_str(), "testsuites" | "testsuite") {
        return Err(other_format(&root.name));
    }
    let records = Records::new(context.base, "junit", context.source);
    let mut reader = Reader { records, context, gaps, names: BTreeSet::new() };
    reader.suite(&root, &Suite::default())?;
    if reader.names.is_empty() {
        reader.gaps.add(root.line, "the report has no testcase");
    }
    Ok(reader.records.statements)
}

/// Describes a file that is no JUnit XML.
fn other_format(root: &str) -> String {
    const DOTNET: &str = "write JUnit XML in its place, as `dotnet test --logger junit` does with the package JunitXml.TestLogger";
    let format = match root {
        "test-run" | "test-results" => "NUnit",
        "assemblies" | "assembly" => "xUnit.net",
        "TestRun" => "Visual Studio (.trx)",
        _ => return format!("the file begins with <{root}>, and JUnit with <testsuites> or <testsuite>"),
    };
    format!("the file begins with <{root}>, so it has results of {format}, which are not read: {DOTNET}")
}

/// What testcases have of the suites around them.
#[derive(Clone, Default)]
struct Suite {
    at: Option<String>,
    verifies: Vec<String>,
}

struct Reader<'a, 'g> {
    records: Records<'a>,
    context: Context<'a>,
    gaps: &'g mut Gaps,
    names: BTreeSet<String>,
}

impl Reader<'_, '_> {
    /// Reads a suite; returns how many of the testcases in it failed.
    fn suite(&mut self, element: &Element, around: &Suite) -> Result<u64, String> {
        let (mut own, mut failed) = (around.clone(), Failed::default());
        if let Some(at) = element.attribute("timestamp") {
            own.at = self.instant(at, element.line);
        }
        own.verifies.extend(stated(element));
        for child in element.elements() {
            match child.name.as_str() {
                "testsuite" => failed.within += self.suite(child, &own)?,
                "testcase" => failed.own += u64::from(self.case(child, &own)? == Outcome::Fail),
                "properties" | "system-out" | "system-err" => {}
                other => self.gaps.add(child.line, format!("<{other}> of a suite is not read")),
            }
        }
        compare(element, failed, self.gaps);
        Ok(failed.own + failed.within)
    }

    /// Reads a time; one without an offset is when nobody knows.
    fn instant(&mut self, text: &str, line: usize) -> Option<String> {
        match text.trim().parse::<Instant>() {
            Ok(instant) => Some(instant.to_string()),
            Err(_) => {
                self.gaps.add(
                    line,
                    format!(
                        "the timestamp \"{text}\" is no instant with an offset, so the results have no time"
                    ),
                );
                None
            }
        }
    }

    fn case(&mut self, element: &Element, suite: &Suite) -> Result<Outcome, String> {
        let (outcome, message) = outcome(element, self.gaps);
        let name = element.attribute("name").map(single_line).unwrap_or_default();
        let class = element.attribute("classname").map(single_line).unwrap_or_default();
        let full = [class.as_str(), name.as_str()]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(".");
        if full.is_empty() {
            self.gaps.add(element.line, "a testcase has no name, and is left out");
            return Ok(outcome);
        }
        let (mut own, mut number) = (full.clone(), 2);
        while !self.names.insert(own.clone()) {
            own = format!("{full}~{number}");
            number += 1;
        }
        if own != full {
            self.gaps.add(
                element.line,
                format!("the testcase \"{full}\" is there twice; the second is kept as {own}"),
            );
        }
        let case = self.records.named(&format!("case:{own}"))?;
        let result = self.records.named(&format!("result:{own}"))?;
        self.records.state(&case, rdf::TYPE, tl::TEST_CASE_CLASS.into_owned());
        self.records.text(&case, dcterms::TITLE, &full);
        self.records.text(&case, CLASS_NAME, &class);
        self.records.state(&result, rdf::TYPE, tl::TEST_RESULT.into_owned());
        self.records.text(&result, dcterms::TITLE, &full);
        self.records.state(&result, tl::TEST_CASE, case.clone());
        self.records.text(&result, tl::VERDICT, outcome.verdict());
        self.records.text(&result, dcterms::DESCRIPTION, &message);
        self.records.text(&result, TIME, element.attribute("time").unwrap_or_default());
        let at = match element.attribute("timestamp") {
            Some(at) => self.instant(at, element.line),
            None => suite.at.clone(),
        };
        if let Some(at) = at {
            self.records.state(&result, tl::AT, Literal::new_typed_literal(at, xsd::DATE_TIME));
        }
        for requirement in self.verified(element, &name, suite) {
            self.records.state(&case, tl::VERIFIES, requirement.clone());
            self.records.state(&result, tl::VERIFIES, requirement);
        }
        Ok(outcome)
    }

    /// Finds the requirements that a testcase names.
    fn verified(&mut self, element: &Element, name: &str, suite: &Suite) -> BTreeSet<NamedNode> {
        let mut found = BTreeSet::new();
        let own = stated(element);
        for identifier in if own.is_empty() { &suite.verifies } else { &own } {
            match (self.context.find)(identifier) {
                Some(requirement) => _ = found.insert(requirement),
                None => self.gaps.add(
                    element.line,
                    format!("no requirement has the identifier \"{identifier}\" that a test verifies"),
                ),
            }
        }
        if found.is_empty() && own.is_empty() {
            found.extend(candidates(name).iter().filter_map(|identifier| (self.context.find)(identifier)));
        }
        found
    }
}

/// Returns the identifiers that the properties of an element state.
fn stated(element: &Element) -> Vec<String> {
    let mut identifiers = Vec::new();
    for property in element.children("properties") {
        let name = property.attribute("name").unwrap_or_default().to_lowercase();
        if PROPERTIES.contains(&name.as_str()) {
            let text = property.attribute("value").map_or_else(|| property.text(), str::to_owned);
            let split = text.split([',', ';', '\n']).map(str::trim).filter(|own| !own.is_empty());
            identifiers.extend(split.map(str::to_owned));
        }
    }
    identifiers
}

/// Returns what in a test's name may be an identifier: words with a digit, and words joined by `_` with `-` in its place.
fn candidates(name: &str) -> Vec<String> {
    const WORDS_MAX: usize = 5;
    let mut found = Vec::new();
    let is_part = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.');
    for word in name.split(|char| !is_part(char)).filter(|word| !word.is_empty()) {
        let parts: Vec<&str> = word.split('_').collect();
        for begin in 0..parts.len() {
            for end in begin + 1..=parts.len().min(begin + WORDS_MAX) {
                for joined in [parts[begin..end].join("-"), parts[begin..end].join("_")] {
                    if joined.contains(|char: char| char.is_ascii_digit()) && !found.contains(&joined) {
                        found.push(joined);
                    }
                }
            }
        }
    }
    found
}

/// Writes the test results of a version as a report: the statements are those of test cases, results and requirements.
pub fn write(statements: &[Statement]) -> String {
    let mut about: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    for statement in statements {
        about.entry(statement.subject.as_str()).or_default().push(statement);
    }
    let texts = |subject: &str, predicate: NamedNodeRef<'_>| -> Vec<String> {
        let own = about.get(subject).into_iter().flatten().filter(|own| own.predicate.as_ref() == predicate);
        let shown = own.map(|own| match &own.object {
            Term::Literal(literal) => literal.value().to_owned(),
            Term::NamedNode(iri) => iri.as_str().to_owned(),
            other => other.to_string(),
        });
        shown.collect()
    };
    let text = |subject: &str, predicate| texts(subject, predicate).into_iter().next();
    let none: Arc<str> = "".into();
    let mut suite = Element::new("testsuite", &none).with("name", "throughline");
    let mut counts = [0; 3];
    for result in
        about.keys().filter(|own| texts(own, rdf::TYPE).iter().any(|class| class == tl::TEST_RESULT.as_str()))
    {
        let case = text(result, tl::TEST_CASE);
        let title = text(result, dcterms::TITLE)
            .or_else(|| case.as_ref().and_then(|case| text(case, dcterms::TITLE)));
        let title = title.unwrap_or_else(|| (*result).to_owned());
        let class = case.as_ref().and_then(|case| text(case, CLASS_NAME)).unwrap_or_default();
        let name = title
            .strip_prefix(&format!("{class}."))
            .filter(|_| !class.is_empty())
            .unwrap_or(&title)
            .to_owned();
        let mut element = Element::new("testcase", &none).with("name", &name);
        if !class.is_empty() {
            element.set("classname", &class);
        }
        for (attribute, predicate) in [("time", TIME), ("timestamp", tl::AT)] {
            if let Some(own) = text(result, predicate) {
                element.set(attribute, &own);
            }
        }
        let verified =
            texts(result, tl::VERIFIES).into_iter().map(|own| text(&own, dcterms::IDENTIFIER).unwrap_or(own));
        let verified = verified.collect::<Vec<_>>().join(", ");
        if !verified.is_empty() {
            let property = Element::new("property", &none).with("name", "verifies").with("value", &verified);
            element = element.holding(Element::new("properties", &none).holding(property));
        }
        counts[0] += 1;
        let kind = match text(result, tl::VERDICT).as_deref() {
            Some("PASS") => None,
            Some("FAIL") => Some(("failure", 1)),
            _ => Some(("skipped", 2)),
        };
        if let Some((kind, count)) = kind {
            counts[count] += 1;
            let message = text(result, dcterms::DESCRIPTION).unwrap_or_default();
            let mut own = Element::new(kind, &none);
            if !message.is_empty() {
                own.nodes.push(Node::Text(message));
            }
            element = element.holding(own);
        }
        suite.nodes.push(Node::Element(element));
    }
    for (name, count) in [("tests", counts[0]), ("failures", counts[1]), ("skipped", counts[2])] {
        suite.set(name, &count.to_string());
    }
    let root = Element::new("testsuites", &none).holding(suite);
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", self_contained(&root))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::FieldMapping;
    use crate::ontology::Ontology;

    fn read_report(text: &str) -> (Vec<String>, Vec<String>, Vec<Statement>) {
        let ontology = Ontology::shipped().expect("the ontology");
        let find = |identifier: &str| {
            let known = ["REQ-1", "REQ-12", "SYS_4"].contains(&identifier);
            known.then(|| NamedNode::new_unchecked(format!("https://x.example/{identifier}")))
        };
        let mapping = FieldMapping::default();
        let context = Context {
            file: "r.xml",
            source: "ci",
            mapping: &mapping,
            ontology: &ontology,
            base: "https://x.example/",
            bytes_max: 1000,
            find: &find,
        };
        let mut gaps = Gaps::default();
        let statements = read(text.as_bytes(), context, &mut gaps).expect("a report");
        let shown = statements
            .iter()
            .filter(|own| [tl::VERIFIES, tl::VERDICT, tl::AT].contains(&own.predicate.as_ref()))
            .filter(|own| own.subject.as_str().contains("result"))
            .map(|own| match &own.object {
                Term::Literal(literal) => literal.value().to_owned(),
                other => other.to_string(),
            });
        let gaps = gaps.notices("r.xml").iter().map(ToString::to_string).collect();
        (shown.collect(), gaps, statements)
    }

    #[test]
    fn a_testcase_is_a_result_of_what_it_names() {
        let check = |inner: &str, expect: &[&str], gap: &str| {
            let text = format!(
                "<testsuites><testsuite timestamp='2026-01-02T03:04:05Z'>{inner}</testsuite></testsuites>"
            );
            let (shown, gaps, _) = read_report(&text);
            assert_eq!(shown[..], *expect, "{inner}");
            assert!(
                if gap.is_empty() { gaps.is_empty() } else { gaps.iter().any(|own| own.contains(gap)) },
                "{gaps:?}"
            );
        };
        let at = "2026-01-02T03:04:05Z";
        let property = "<properties><property name='verifies' value='REQ-1; REQ-9'/></properties>";
        check(
            &format!("<testcase name='a'>{property}<failure message='m'/></testcase>"),
            &["FAIL", at, "<https://x.example/REQ-1>"],
            "\"REQ-9\"",
        );
        check("<testcase name='hot [REQ-12]'/>", &["PASS", at, "<https://x.example/REQ-12>"], "");
        check(
            "<testcase name='test_REQ_12_hot'><skipped/></testcase>",
            &["INCONCLUSIVE", at, "<https://x.example/REQ-12>"],
            "",
        );
        check(
            "<testcase name='test_SYS_4'><error/></testcase>",
            &["FAIL", at, "<https://x.example/SYS_4>"],
            "",
        );
        check("<testcase name='a' timestamp='2026-01-02T03:04:05'/>", &["PASS"], "no instant with an offset");
        check("<testcase name='a'/><testcase name='a'/>", &["PASS", at, "PASS", at], "is there twice");
        check("<testcase/>", &[], "has no name");
    }

    #[test]
    fn a_test_that_did_not_run_is_no_pass() {
        let check = |attributes: &str, inner: &str, expect: &str, gap: &str| {
            let text = format!("<testsuite><testcase name='a' {attributes}>{inner}</testcase></testsuite>");
            let (shown, gaps, _) = read_report(&text);
            assert_eq!(shown, [expect], "{attributes} {inner}");
            assert!(if gap.is_empty() { gaps.is_empty() } else { gaps.concat().contains(gap) }, "{gaps:?}");
        };
        check("status='notrun' result='suppressed'", "", "INCONCLUSIVE", "");
        check("status='run' result='skipped'", "", "INCONCLUSIVE", "");
        check("status='disabled'", "", "INCONCLUSIVE", "");
        check("result='Not Run'", "", "INCONCLUSIVE", "");
        check("status='run' result='completed'", "<system-out>x</system-out>", "PASS", "");
        check("status='Passed'", "", "PASS", "");
        check("status='Failed'", "", "FAIL", "");
        check("result='error'", "<skipped/>", "FAIL", "");
        check("status='run' result='completed'", "<failure/>", "FAIL", "");
        check("", "<skipped/><failure/>", "FAIL", "");
        check("", "<Failure message='m'/>", "FAIL", "");
        check("", "<failed/>", "FAIL", "");
        check("status='weird'", "", "INCONCLUSIVE", "status=\"weird\" of a testcase is not known");
        check("", "<flakyFailure/>", "PASS", "<flakyFailure> of a testcase is not read");
    }

    #[test]
    fn a_suite_that_counts_other_failures_is_named() {
        let check = |text: &str, expect: Option<&str>| {
            let (_, gaps, _) = read_report(text);
            let expect: Vec<String> = expect
                .into_iter()
                .map(|own| {
                    format!(
                        "r.xml: line 1: {own}; compare it with the report of the program that wrote the file"
                    )
                })
                .collect();
            assert_eq!(gaps, expect, "{text}");
        };
        let case = "<testcase name='a'/>";
        let failed = "<testcase name='b'><failure/></testcase><testcase name='c'><error/></testcase>";
        check(
            &format!("<testsuite name='s' failures='1'>{case}</testsuite>"),
            Some("the suite \"s\" states 1 failures and errors, and 0 of its testcases are read as FAIL"),
        );
        check(
            &format!("<testsuite failures='0' errors='1'>{failed}</testsuite>"),
            Some("a suite states 1 failures and errors, and 2 of its testcases are read as FAIL"),
        );
        check(&format!("<testsuite failures='1' errors='1'>{case}{failed}</testsuite>"), None);
        check(&format!("<testsuite>{failed}</testsuite>"), None);
        let inner = format!("<testsuite failures='2'>{failed}</testsuite>");
        check(&format!("<testsuites failures='2'>{inner}</testsuites>"), None);
        check(&format!("<testsuite failures='0'>{case}{inner}</testsuite>"), None);
        check(
            &format!("<testsuites errors='3'>{inner}</testsuites>"),
            Some("a suite states 3 failures and errors, and 2 of its testcases are read as FAIL"),
        );
    }

    #[test]
    fn results_of_other_programs_are_refused_with_what_would_be_read() {
        assert!(other_format("test-run").contains("NUnit, which are not read: write JUnit XML"));
        assert!(other_format("assemblies").contains("xUnit.net"));
        assert_eq!(other_format("a"), "the file begins with <a>, and JUnit with <testsuites> or <testsuite>");
    }

    #[test]
    fn a_report_that_is_written_reads_back() {
        let text = "<testsuite><testcase name='a' classname='K' time='0.5' timestamp='2026-01-02T03:04:05Z'>\
            <failure>hot</failure></testcase></testsuite>";
        let (_, _, statements) = read_report(text);
        let (_, gaps, again) = read_report(&write(&statements));
        assert_eq!((gaps, again), (Vec::new(), statements));
    }
}
