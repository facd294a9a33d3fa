//! Installations of one dirty source, cut where they overlap, so that a unit sits in one place at a time and a position
//! holds no more than its design allows.
//!
//! Of two stays that claim the same time the one that begins later is believed, as the newer record; of two that begin
//! together the one that ends first, and of two alike the one whose name comes first. The other one loses the time they
//! share and keeps the rest, before and after. Only what is certain is cut: a stay whose start is unknown overlaps
//! nothing for certain. Nothing is lost silently: each [`Cut`] records what was claimed, what was lost to whom, and what is left.

use super::stay::{Stay, declared, is_unit};
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use crate::ontology::violation::{HOLDS, ONE_PLACE};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// An installation that lost time to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The installation.
    pub installation: NamedNode,
    /// What is installed.
    pub component: NamedNode,
    /// The unit it is installed in.
    pub parent: NamedNode,
    /// The place.
    pub position: Option<String>,
    /// The time that the source claims.
    pub claimed: Interval,
    /// What was cut out, in time order.
    pub lost: Vec<Loss>,
    /// What is left, in time order: the first piece bears the installation's name, each other one that of a fragment of it.
    pub kept: Vec<(NamedNode, Interval)>,
}

/// A time that one installation lost to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// When.
    pub within: Interval,
    /// The installation that is believed.
    pub to: NamedNode,
    /// The rule that both together would break.
    pub rule: String,
}

impl Ontology {
    /// Cuts the installations that a source describes so that they do not overlap each other; those of others in `data`,
    /// which holds the source's statements too, are left alone. Returns all statements as they are then, and every cut.
    pub fn cut_overlaps<D: Data>(
        &self,
        data: &D,
        statements: &[Statement],
    ) -> Result<(Vec<Statement>, Vec<Cut>), Error> {
        let described = self.installations(statements);
        let mut stays: Vec<(Stay, Interval)> = Vec::new();
        for (node, about) in &described {
            let stay = Stay::read((*node).clone(), about);
            stays.extend(stay.and_then(|stay| stay.certain.map(|certain| (stay, certain))));
        }
        stays.sort_by(|(a, in_a), (b, in_b)| {
            let rank = |within: &Interval| (Reverse(within.from()), within.to());
            rank(in_a).cmp(&rank(in_b)).then_with(|| a.node.as_str().cmp(b.node.as_str()))
        });
        let mut board = Board::new(Reader::new(data));
        let mut cuts = Vec::new();
        for (stay, certain) in &stays {
            cuts.extend(board.seat(stay, *certain)?);
        }
        cuts.sort_by(|a, b| a.installation.as_str().cmp(b.installation.as_str()));
        Ok((rewritten(statements, &described, &cuts), cuts))
    }

    /// Returns the statements about each installation.
    fn installations<'a>(&self, statements: &'a [Statement]) -> BTreeMap<&'a NamedNode, Vec<Statement>> {
        let mut described: BTreeMap<&NamedNode, Vec<Statement>> = BTreeMap::new();
        for statement in statements {
            if self.is_installation(std::slice::from_ref(statement)) {
                described.entry(&statement.subject).or_default();
            }
        }
        for statement in statements {
            if let Some(about) = described.get_mut(&statement.subject) {
                about.push(statement.clone());
            }
        }
        described
    }

    /// Returns whether a resource is an installation, by all that is stated about it.
    pub(super) fn is_installation(&self, about: &[Statement]) -> bool {
        reader::types(about).any(|class| {
            let ancestors = self.class(class.as_ref()).map_or(&[][..], |class| &class.ancestors);
            class.as_ref() == tl::INSTALLATION
                || ancestors.iter().any(|above| above.as_ref() == tl::INSTALLATION)
        })
    }
}

/// A time in which a stay is believed.
type Piece<'a> = (Interval, &'a Stay);

/// The stays that are believed so far.
struct Board<'a, D> {
    data: Reader<'a, D>,
    by_unit: HashMap<&'a NamedNode, Vec<Piece<'a>>>,
    by_place: HashMap<(&'a NamedNode, &'a str), Vec<Piece<'a>>>,
    units: HashMap<&'a NamedNode, bool>,
    capacities: HashMap<&'a NamedNode, HashMap<String, f64>>,
}

impl<'a, D: Data> Board<'a, D> {
    fn new(data: Reader<'a, D>) -> Self {
        Self {
            data,
            by_unit: HashMap::new(),
            by_place: HashMap::new(),
            units: HashMap::new(),
            capacities: HashMap::new(),
        }
    }

    /// Believes what earlier stays leave of this one; returns what it loses to them.
    fn seat(&mut self, stay: &'a Stay, certain: Interval) -> Result<Option<Cut>, Error> {
        let (Some(component), Some(parent)) = (&stay.component, &stay.parent) else { return Ok(None) };
        let place = stay.position.as_deref().map(|position| (parent, position));
        let is_unit = self.is_unit(component)?;
        let mut lost = if is_unit { self.elsewhere(component, certain) } else { Vec::new() };
        if let Some(place) = place {
            lost.extend(self.no_room(place, stay, certain)?);
        }
        lost.sort_by_key(|loss| loss.within);
        let taken: Vec<Interval> = lost.iter().map(|loss| loss.within).collect();
        let left = certain.without(&taken);
        for within in &left {
            // A lot or a software revision may sit in a whole fleet, and is never looked for.
            if is_unit {
                self.by_unit.entry(component).or_default().push((*within, stay));
            }
            if let Some(place) = place {
                self.by_place.entry(place).or_default().push((*within, stay));
            }
        }
        let named = |(at, within): (usize, &Interval)| (piece_name(&stay.node, at, within.from()), *within);
        Ok((!lost.is_empty()).then(|| Cut {
            installation: stay.node.clone(),
            component: component.clone(),
            parent: parent.clone(),
            position: stay.position.clone(),
            claimed: certain,
            lost,
            kept: left.iter().enumerate().map(named).collect(),
        }))
    }

    /// Returns when a unit is believed to sit elsewhere.
    fn elsewhere(&self, component: &NamedNode, certain: Interval) -> Vec<Loss> {
        let pieces = self.by_unit.get(component).map_or(&[][..], Vec::as_slice);
        shared(pieces, certain).into_iter().map(|(within, to)| loss(within, to, ONE_PLACE)).collect()
    }

    /// Returns when a place has no room left.
    fn no_room(
        &mut self,
        place: (&'a NamedNode, &'a str),
        stay: &Stay,
        certain: Interval,
    ) -> Result<Vec<Loss>, Error> {
        let shared = self.by_place.get(&place).map(|pieces| shared(pieces, certain)).unwrap_or_default();
        if shared.is_empty() {
            return Ok(Vec::new());
        }
        let capacity = self.capacity(place)?;
        let edges: BTreeSet<Instant> =
            shared.iter().flat_map(|(within, _)| [within.from(), within.to()]).collect();
        let edges: Vec<Instant> = edges.into_iter().collect();
        let mut lost: Vec<Loss> = Vec::new();
        for pair in edges.windows(2) {
            let Ok(within) = Interval::new(pair[0], pair[1]) else { continue };
            let mut there = shared.iter().filter(|(other, _)| other.contains(within.from()));
            let occupied: f64 = there.clone().map(|(_, other)| other.quantity).sum();
            // What is too much by itself overlaps nobody, and stays a violation.
            if occupied + stay.quantity > capacity && stay.quantity <= capacity {
                lost.extend(there.next_back().map(|(_, to)| loss(within, to, HOLDS)));
            }
        }
        Ok(joined(lost))
    }

    fn is_unit(&mut self, component: &'a NamedNode) -> Result<bool, Error> {
        if let Some(known) = self.units.get(component) {
            return Ok(*known);
        }
        let known = is_unit(&self.data, component)?;
        self.units.insert(component, known);
        Ok(known)
    }

    fn capacity(&mut self, (parent, position): (&'a NamedNode, &'a str)) -> Result<f64, Error> {
        if !self.capacities.contains_key(parent) {
            self.capacities.insert(parent, declared(&self.data, parent)?);
        }
        Ok(self.capacities.get(parent).and_then(|all| all.get(position)).copied().unwrap_or(1.0))
    }
}

/// Returns what pieces share with a span, in time order.
fn shared<'a>(pieces: &[Piece<'a>], span: Interval) -> Vec<Piece<'a>> {
    let shared = pieces.iter().filter_map(|(within, stay)| Some((within.intersect(span)?, *stay)));
    let mut shared: Vec<Piece<'a>> = shared.collect();
    shared.sort_by(|a, b| (a.0, a.1.node.as_str()).cmp(&(b.0, b.1.node.as_str())));
    shared
}

fn loss(within: Interval, to: &Stay, rule: &str) -> Loss {
    Loss { within, to: to.node.clone(), rule: rule.to_owned() }
}

/// Puts together what follows each other and went to the same stay.
fn joined(lost: Vec<Loss>) -> Vec<Loss> {
    let mut all: Vec<Loss> = Vec::new();
    for next in lost {
        match all.last_mut() {
            Some(last) if last.to == next.to && last.within.to() == next.within.from() => {
                last.within = Interval::new(last.within.from(), next.within.to()).unwrap_or(last.within);
            }
            _ => all.push(next),
        }
    }
    all
}

/// Names a piece of an installation: as a fragment, so that the source's next word on the installation replaces it too.
fn piece_name(installation: &NamedNode, at: usize, from: Instant) -> NamedNode {
    if at == 0 {
        return installation.clone();
    }
    let joint = if installation.as_str().contains('#') { '.' } else { '#' };
    NamedNode::new_unchecked(format!("{}{joint}from-{from}", installation.as_str()))
}

/// Returns the statements after the cuts.
fn rewritten(
    statements: &[Statement],
    described: &BTreeMap<&NamedNode, Vec<Statement>>,
    cuts: &[Cut],
) -> Vec<Statement> {
    let cut: HashMap<&NamedNode, &Cut> = cuts.iter().map(|cut| (&cut.installation, cut)).collect();
    let mut rest: Vec<Statement> =
        statements.iter().filter(|statement| !cut.contains_key(&statement.subject)).cloned().collect();
    for cut in cuts {
        for (name, within) in &cut.kept {
            rest.extend(piece(&described[&cut.installation], cut.claimed, name, *within));
        }
    }
    rest
}

/// Returns the statements about one piece: what belongs to an end stays with the piece that has this end.
fn piece(about: &[Statement], claimed: Interval, name: &NamedNode, within: Interval) -> Vec<Statement> {
    let (first, last) = (within.from() == claimed.from(), within.to() == claimed.to());
    let stays = |predicate: NamedNodeRef<'_>| match predicate {
        tl::FROM | tl::FROM_EARLIEST => first,
        tl::TO | tl::TO_LATEST | tl::REMOVAL_REASON => last,
        _ => true,
    };
    let kept = about.iter().filter(|statement| stays(statement.predicate.as_ref()));
    let mut piece: Vec<Statement> =
        kept.map(|statement| Statement { subject: name.clone(), ..statement.clone() }).collect();
    let instant = |at: Instant| Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME);
    if !first {
        piece.push(Statement::new(name.clone(), tl::FROM, instant(within.from())));
    }
    if !last {
        piece.push(Statement::new(name.clone(), tl::TO, instant(within.to())));
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ontology::data::Statements;
    use crate::ontology::tests::testing::{data, fans, installation, shipped, violations};

    /// Cuts what the lines describe, checks that no rule is broken then, and compares the cuts.
    fn check(lines: &[&str], expect: &[&str]) {
        let all = data(&fans(lines));
        let mut statements: Vec<Statement> =
            all.subjects().flat_map(|s| all.matching(Some(s), None, None).expect("data")).collect();
        statements.sort();
        let (after, cuts) = shipped().cut_overlaps(&all, &statements).expect("a cut");
        let day = |at: Instant| {
            if at == Instant::MAX { "…".to_owned() } else { at.to_string()[8..10].to_owned() }
        };
        let span = |within: &Interval| format!("{}-{}", day(within.from()), day(within.to()));
        let short = |iri: &NamedNode| iri.as_str().replace("https://example.org/", "");
        let found = cuts.iter().map(|cut| {
            let lost = cut
                .lost
                .iter()
                .map(|loss| format!("{} to {} ({})", span(&loss.within), short(&loss.to), loss.rule));
            let kept = cut.kept.iter().map(|(name, within)| format!("{} {}", short(name), span(within)));
            format!(
                "{} {} lost {} kept {}",
                short(&cut.installation),
                span(&cut.claimed),
                lost.collect::<Vec<_>>().join(", "),
                kept.collect::<Vec<_>>().join(", ")
            )
        });
        assert_eq!(found.collect::<Vec<_>>(), expect, "{lines:?}");
        let after: Statements = after.into_iter().collect();
        assert_eq!(violations(shipped(), None, &after), [""; 0], "{lines:?}");
    }

    #[test]
    fn the_stay_that_begins_later_is_believed() {
        check(&["i1 a u bay 01 10", "i2 b u bay 10 20", "i3 a u rack 10 20"], &[]);
        check(
            &["i1 a u bay 01 10", "i2 b u bay 08 20"],
            &["i1 01-10 lost 08-10 to i2 (position holds so many) kept i1 01-08"],
        );
        check(
            &["i1 a u bay 01 -", "i2 b u bay 05 08", "i3 c u bay 08 09"],
            &[
                "i1 01-… lost 05-08 to i2 (position holds so many), 08-09 to i3 (position holds so many) kept i1 01-05, i1#from-2024-01-09T00:00:00Z 09-…",
            ],
        );
        check(
            &["i1 a u bay 01 10", "i2 a v bay 05 20"],
            &["i1 01-10 lost 05-10 to i2 (one place at a time) kept i1 01-05"],
        );
    }

    #[test]
    fn of_stays_that_begin_together_the_shorter_one_is_believed_then_the_first_name() {
        check(
            &["i1 a u bay 01 10", "i2 b u bay 01 04"],
            &["i1 01-10 lost 01-04 to i2 (position holds so many) kept i1 04-10"],
        );
        check(
            &["i2 a u bay 01 04", "i1 b u bay 01 04"],
            &["i2 01-04 lost 01-04 to i1 (position holds so many) kept "],
        );
    }

    #[test]
    fn a_place_is_cut_where_it_has_no_room_left() {
        check(&["i1 a u fan 01 10", "i2 b u fan 02 05"], &[]);
        check(
            &["i1 a u fan 01 10", "i2 b u fan 02 05", "i3 c u fan 04 08"],
            &[
                "i1 01-10 lost 04-05 to i3 (position holds so many) kept i1 01-04, i1#from-2024-01-05T00:00:00Z 05-10",
            ],
        );
    }

    /// How many pieces are kept to be compared with: none of what sits in a whole fleet.
    #[test]
    fn what_is_no_unit_is_not_compared_with_itself() {
        let statements = data(&format!("{} :soft a tl:DesignRevision .", fans(&[])));
        let mut board = Board::new(Reader::new(&statements));
        let stays: Vec<Stay> = (0..50)
            .map(|number| {
                let about = data(&format!(
                    ":i a tl:Installation ; tl:component {} ; tl:parent :u{number} ; tl:position \"cpu\" ;
                    tl:from \"2026-01-01T00:00:00Z\"^^xsd:dateTime .",
                    if number % 2 == 0 { ":soft" } else { ":a" }
                ));
                let node = NamedNode::new_unchecked("https://example.org/i");
                let about = about.about(&node).expect("statements").into_owned();
                Stay::read(NamedNode::new_unchecked(format!("https://example.org/i{number}")), &about)
                    .expect("a stay")
            })
            .collect();
        for stay in &stays {
            board.seat(stay, stay.certain.expect("a certain time")).expect("a seat");
        }
        let kept: Vec<(&str, usize)> =
            board.by_unit.iter().map(|(unit, pieces)| (unit.as_str(), pieces.len())).collect();
        assert_eq!(kept, [("https://example.org/a", 1)]);
    }

    #[test]
    fn what_is_not_certain_is_not_cut() {
        check(&["i1 a u bay - 10", "i2 b u bay 05 08"], &[]);
    }

    #[test]
    fn what_belongs_to_an_end_stays_with_it() {
        let all = data(&format!(
            "{}{}:a a tl:TwinInstance . :b a tl:TwinInstance .",
            installation("i1 a u bay 01 10"),
            installation("i2 b u bay 05 08")
        ));
        let statements: Vec<Statement> =
            all.subjects().flat_map(|s| all.matching(Some(s), None, None).expect("data")).collect();
        let (after, _) = shipped().cut_overlaps(&all, &statements).expect("a cut");
        let reasons = after.iter().filter(|statement| statement.predicate.as_ref() == tl::REMOVAL_REASON);
        let mut reasons: Vec<&str> = reasons.map(|statement| statement.subject.as_str()).collect();
        reasons.sort_unstable();
        assert_eq!(reasons, ["https://example.org/i1#from-2024-01-08T00:00:00Z", "https://example.org/i2"]);
    }
}
