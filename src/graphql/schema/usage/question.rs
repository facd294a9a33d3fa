//! The arguments of `fieldUsage`, read into the question that the twins understand.

use crate::graph::{PageQuery, Snapshot};
use crate::graphql::engine::types::arguments::{missing, text, wrong};
use crate::graphql::engine::types::build::{enumeration, input};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call};
use crate::graphql::error::Error;
use crate::graphql::schema::records::filter;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::unit::read_unit;
use crate::model::number::quantity::Transform;
use crate::ontology::terms::tl;
use crate::telemetry::Comparator;
use crate::twins::{Changes, Condition, GroupBy, Question, TwinFilter, Weight};
use async_graphql::{Name, Value as Input};
use oxigraph::model::NamedNode;

/// What no twin is called: a list of it lets nothing pass, where an empty list would let all.
const NOBODY: &str = "urn:throughline:nobody";

/// The fields that lead from an answer to its parts; what is asked of units elsewhere in it are questions of their own.
const PARTS: [&str; 4] = ["buckets", "groups", "usage", "worstUnits"];
/// The fields of an answer that count what is above a limit.
const LIMITED: [&str; 3] = ["timeBeyond", "worstUnits", "hoursBeyond"];

pub(crate) fn types() -> Vec<Definition> {
    vec![
        input(
            "WindowInput",
            "A stretch of time, its end not included.",
            vec![
                InputField::new("from", "DateTime!", "Its first instant."),
                InputField::new("to", "DateTime!", "The first instant after it."),
            ],
        ),
        enumeration(
            "GroupBy",
            "What an answer can be grouped by.",
            &[
                ("UNIT", "Each unit by itself."),
                ("LOT", "The lot or order that made the unit."),
                ("SITE", "The site of the asset."),
                ("REVISION", "The design revision that the unit had at the time."),
                ("MONTH", "The calendar month, in the zone of the question."),
                ("POSITION", "The place in the asset, or as many steps of its path as `positionDepth`."),
            ],
        ),
        enumeration(
            "Weight",
            "What a sample counts for.",
            &[
                ("TIME", "The time that it covers."),
                ("SAMPLE", "One."),
                ("UNIT", "Its time as a share of its unit's: every unit counts once."),
            ],
        ),
    ]
}

/// Where buckets begin, for the description of an argument.
macro_rules! buckets {
    () => {
        "Days and months begin at midnight in the zone: whole weeks (P1W, P7D, P2W) on a Monday, counted from 1970-01-05, other \
         numbers of days counted from 1970-01-01, months from January 1970. Hours and below are counted from 1970-01-01T00:00:00Z."
    };
}
pub(in crate::graphql::schema) use buckets;

/// Returns the arguments of `fieldUsage`.
pub(crate) fn arguments() -> Vec<InputField> {
    let [group, depth] = group_arguments();
    let mut arguments = vec![
        InputField::new("property", "ID!", "What is observed."),
        crate::graphql::schema::shared::window::window(),
        among_argument(),
        InputField::new(
            "bucket",
            "Duration",
            concat!("The answer is also given for buckets of this length. ", buckets!()),
        ),
        InputField::new("zone", "String!", "The time zone in which days and months begin.").default("UTC"),
        group,
        depth,
        InputField::new("unit", "ID", "The unit of the answer; that of the first signal where absent."),
    ];
    arguments.extend(reading());
    arguments
}

/// Returns the argument that selects which units count.
pub(in crate::graphql::schema) fn among_argument() -> InputField {
    let comment = "Only these units count: the unit itself or one of those that it sits in passes.";
    InputField::new("among", "TwinInstanceFilter", comment).refusing_null()
}

/// Returns the arguments that select how samples are read.
pub(in crate::graphql::schema) fn reading() -> Vec<InputField> {
    let word = |name: &str| Input::Enum(Name::new(name));
    vec![
        InputField::new("while", "[ConditionInput!]", "Only samples while all of these hold count."),
        InputField::new("transform", "Transform!", "What is done to each value first.").default(word("NONE")),
        InputField::new("weight", "Weight!", "What each sample counts for.").default(word("TIME")),
    ]
}

/// Returns the argument that selects where units count.
pub(crate) fn position_argument() -> InputField {
    InputField::new("position", "String", "Only the time at this place in the asset or below it counts.")
}

/// Returns the arguments that [`group_by`] reads.
pub(crate) fn group_arguments() -> [InputField; 2] {
    [
        InputField::new(
            "groupBy",
            "[GroupBy!]",
            "What the answer is also grouped by, each at most once; several make one key.",
        ),
        InputField::new(
            "positionDepth",
            "Int",
            "How many steps of the position make a group, from the asset down; all where absent.",
        ),
    ]
}

/// Reads what an answer is grouped by, and how many steps of a position make a group.
pub(crate) fn group_by(given: &Arguments) -> Result<(Vec<GroupBy>, Option<usize>), Error> {
    let named = given.texts("groupBy")?.unwrap_or_default();
    let depth = given.integer("positionDepth")?;
    let depth = depth.map(|depth| match usize::try_from(depth) {
        Ok(depth) if depth > 0 => Ok(depth),
        _ => Err(Error::bad_input("\"positionDepth\" is how many steps make a group: 1 or more")),
    });
    if let Some((_, twice)) = named.iter().enumerate().find(|(place, name)| named[..*place].contains(name)) {
        return Err(Error::bad_input(format!("\"groupBy\" names {twice} twice")));
    }
    Ok((named.iter().map(|name| group(name)).collect::<Result<_, _>>()?, depth.transpose()?))
}

/// Reads the question that is asked of an item.
pub(crate) fn read(node: &Node, call: &Call<'_>) -> Result<Question, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let property = find_iri(snapshot, &given.needed_text("property")?)?;
    let window = given.window("window")?.ok_or_else(|| missing("window"))?;
    let mut question = Question::new(node.iri.clone(), property, window);
    question.bucket = given.period("bucket")?;
    question.zone = given.needed_text("zone")?.parse()?;
    (question.group_by, question.position_depth) = group_by(given)?;
    question.unit = unit(snapshot, given)?;
    question.transform = transform(given)?;
    question.weight = weight(given)?;
    question.conditions = conditions(snapshot, given)?;
    question.among = among(snapshot, given)?;
    // What is asked of the answer decides how it is counted: limits exactly, quantiles only where they are needed.
    let below = call.below.through(&PARTS);
    let limits = LIMITED.iter().flat_map(|field| below.given(field, "limit"));
    for limit in limits.filter(|limit| *limit != Input::Null) {
        let Input::Number(limit) = limit else { return Err(wrong("limit", "a number")) };
        let limit = Comparator::Le(limit.as_f64().ok_or_else(|| wrong("limit", "a number"))?);
        if !question.limits.contains(&limit) {
            question.limits.push(limit);
        }
    }
    question.changes = Changes {
        counters: below.asks(&["increase", "rate", "resetCount"]),
        states: below.asks(&["timeInState", "transitionCount"]),
    };
    question.quantiles = below.asks(&["percentile", "histogram", "resolution"]);
    Ok(question)
}

fn group(name: &str) -> Result<GroupBy, Error> {
    Ok(match name {
        "UNIT" => GroupBy::Unit,
        "LOT" => GroupBy::Lot,
        "SITE" => GroupBy::Site,
        "REVISION" => GroupBy::Revision,
        "MONTH" => GroupBy::Month,
        "POSITION" => GroupBy::Position,
        _ => return Err(wrong("groupBy", "a GroupBy")),
    })
}

/// Reads the unit of an answer.
pub(in crate::graphql::schema) fn unit(
    snapshot: &Snapshot,
    given: &Arguments,
) -> Result<Option<NamedNode>, Error> {
    given.text("unit")?.map(|unit| read_unit(snapshot, &unit)).transpose()
}

/// Reads what is done to each value first.
pub(in crate::graphql::schema) fn transform(given: &Arguments) -> Result<Transform, Error> {
    let is_absolute = given.text("transform")?.as_deref() == Some("ABS");
    Ok(if is_absolute { Transform::Abs } else { Transform::None })
}

/// Reads what each sample counts for.
pub(in crate::graphql::schema) fn weight(given: &Arguments) -> Result<Weight, Error> {
    Ok(match given.needed_text("weight")?.as_str() {
        "TIME" => Weight::Time,
        "SAMPLE" => Weight::Sample,
        "UNIT" => Weight::Unit,
        _ => return Err(wrong("weight", "a Weight")),
    })
}

/// Reads what must hold while a sample counts.
pub(in crate::graphql::schema) fn conditions(
    snapshot: &Snapshot,
    given: &Arguments,
) -> Result<Vec<Condition>, Error> {
    given.objects("while")?.iter().map(|of| condition(snapshot, of)).collect()
}

fn condition(snapshot: &Snapshot, given: &Arguments) -> Result<Condition, Error> {
    let limit = given.number("limit")?.ok_or_else(|| missing("limit"))?;
    let upper = given.number("upperLimit")?;
    let comparator = given.needed_text("comparator")?;
    let comparator = match (comparator.as_str(), upper) {
        ("LE", None) => Comparator::Le(limit),
        ("LT", None) => Comparator::Lt(limit),
        ("GE", None) => Comparator::Ge(limit),
        ("GT", None) => Comparator::Gt(limit),
        ("BETWEEN", Some(upper)) if limit < upper => Comparator::Between(limit, upper),
        ("BETWEEN", Some(_)) => return Err(Error::bad_input("the limit must lie below the upperLimit")),
        _ => return Err(Error::bad_input("BETWEEN needs an upperLimit, and no other comparator has one")),
    };
    // A limit without a unit would mean whatever the sensor happens to send.
    let unit = given.text("unit")?.ok_or_else(|| Error::bad_input("a limit needs a unit"))?;
    Ok(Condition {
        property: find_iri(snapshot, &given.needed_text("property")?)?,
        comparator,
        unit: Some(read_unit(snapshot, &unit)?),
    })
}

/// Reads which units count. Site and lot are asked each where they are known, the site of the asset and the lot of the
/// unit; all else is asked of the unit or what it sits in.
pub(in crate::graphql::schema) fn among(snapshot: &Snapshot, given: &Arguments) -> Result<TwinFilter, Error> {
    let mut filter = TwinFilter::default();
    let Some(given) = given.object("among")? else { return Ok(filter) };
    let given = &given;
    let mut rest = given.clone();
    if let Some(sites) = listed(given, "site")? {
        rest.0.shift_remove("site");
        filter.sites = sites;
    }
    if let Some(lots) = listed(given, "builtBy")? {
        rest.0.shift_remove("builtBy");
        let lots = lots.iter().map(|lot| Ok(find_iri(snapshot, lot)?.into_string()));
        filter.lots = lots.collect::<Result<_, Error>>()?;
    }
    if !rest.0.is_empty() {
        filter.serials = passing(snapshot, &rest)?;
    }
    Ok(filter)
}

/// Returns the values of a field that may only be one of some: `eq`, or `in` with at least one.
fn listed(given: &Arguments, field: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(tests) = given.object(field)? else { return Ok(None) };
    let mut tests = tests.0.iter();
    let (Some((name, value)), None) = (tests.next(), tests.next()) else { return Ok(None) };
    let values = match (name.as_str(), value) {
        ("eq", value) => text(value).map(|value| vec![value]),
        ("in", Input::List(values)) => values.iter().map(text).collect(),
        _ => None,
    };
    Ok(values.filter(|values| !values.is_empty()))
}

fn passing(snapshot: &Snapshot, given: &Arguments) -> Result<Vec<String>, Error> {
    let class = snapshot.ontology().class(tl::TWIN_INSTANCE);
    let class = class.ok_or_else(|| Error::broken("an ontology without TwinInstance"))?;
    let query = PageQuery {
        class: class.iri.clone(),
        filter: Some(filter::read(snapshot, class, given)?),
        order: Vec::new(),
        after: None,
        before: None,
        limit: usize::MAX,
        from_end: false,
        total: false,
    };
    let passing = snapshot.page(&query)?.items.into_iter().map(|(iri, _)| iri.into_string());
    let mut passing: Vec<String> = passing.collect();
    if passing.is_empty() {
        passing.push(NOBODY.to_owned());
    }
    Ok(passing)
}
