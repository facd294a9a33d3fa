//! Rule *ends after it starts*: a property declared `tl:after` another has the later instant.

use crate::ontology::rules::{Subject, reader};
use crate::ontology::schema::Ontology;
use crate::ontology::violation::Violation;

const RULE: &str = "ends after it starts";

pub(in crate::ontology::rules) fn check(
    ontology: &Ontology,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) {
    for (end, start) in ontology.after() {
        let Some(value) = subject.value(end.as_ref()) else { continue };
        let Some(ends) = reader::instant(subject.about, end.as_ref()) else { continue };
        let Some(starts) = reader::instant(subject.about, start.as_ref()) else { continue };
        if ends <= starts {
            let (end, start) = (ontology.field_name(end), ontology.field_name(start));
            let message = format!("{end} {ends} does not come after {start} {starts}");
            found.push(subject.violation(RULE, Some(end), Some(value.clone()), message));
        }
    }
}
