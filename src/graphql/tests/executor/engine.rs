//! The executor on a schema of its own: objects that are numbers, some of whose fields fail.

use crate::app::access::Principal;
use crate::graphql::engine::document::coerce::Variables;
use crate::graphql::engine::document::prepare;
use crate::graphql::engine::run::execute::Execution;
use crate::graphql::engine::types::build::{ObjectBuilder, interface, object};
use crate::graphql::engine::types::{Definition, InputField, Type};
use crate::graphql::engine::{Call, Types, Value};
use crate::graphql::error::Error;
use crate::graphql::progress::Changes;
use crate::graphql::request::Request;
use crate::graphql::schema::shared::batch;
use crate::graphql::tests::Bench;
use crate::model::sync::cancellation::Cancellation;
use async_graphql::parser;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What the look-ups were asked for, one after another.
type Asked = Arc<Mutex<Vec<Vec<i64>>>>;

/// A schema that begins with the number 1.
struct Numbers {
    bench: Bench,
    types: Types,
    asked: Asked,
}

/// Fails for an odd number.
fn even(number: i64) -> Result<Value, Error> {
    if number % 2 == 0 { Ok(number.into()) } else { Err(Error::not_found(format!("{number} is odd"))) }
}

/// Appends the digits from 1 on.
fn digits(number: i64, call: &Call<'_>) -> Result<Vec<i64>, Error> {
    let count = call.arguments.integer("count")?.unwrap_or_default();
    Ok((1..=count).map(|digit| number * 10 + digit).collect())
}

/// Looks up twice the number: those of one thousand together, at most five of them at a time; 19 in vain.
fn twice(call: &Call<'_>, asked: &Asked) -> Result<Value, Error> {
    let twice =
        |number: &&i64| if **number == 19 { Err(Error::not_found("no 38")) } else { Ok(2 * **number) };
    let look_up = |numbers: &[&i64]| {
        asked.lock().expect("no panic").push(numbers.iter().map(|number| **number).collect());
        numbers.iter().take(5).map(twice).collect()
    };
    Ok(call.batch(|a, b| a / 1000 == b / 1000, look_up)?.into())
}

/// Looks up the number itself, which fails as a whole where one is a multiple of 5.
fn sure(call: &Call<'_>, asked: &Asked) -> Result<Value, Error> {
    let ask = |numbers: &[&i64]| {
        asked.lock().expect("no panic").push(numbers.iter().map(|number| **number).collect());
        match numbers.iter().find(|number| **number % 5 == 0) {
            Some(number) => Err(Error::not_found(format!("{number} is not sure"))),
            None => Ok(numbers.iter().map(|number| **number).collect()),
        }
    };
    Ok(call.batch(|_: &i64, _| true, |numbers| batch::each(call, numbers, &ask))?.into())
}

fn lists(builder: ObjectBuilder<i64>) -> ObjectBuilder<i64> {
    let list = |builder: ObjectBuilder<i64>, name: &str, ty: &str| {
        let count = vec![InputField::new("count", "Int!", "").default(2)];
        builder.field_with(name, ty, "", count, |number, call| Ok(Value::objects(digits(*number, call)?)))
    };
    let things = |number: i64| Value::List((1..=4).map(|digit| Value::object(10 * number + digit)).collect());
    let grid = |number: i64| {
        let rows = [
            vec![Value::object(10 * number + 1), Value::Null],
            Vec::new(),
            vec![Value::object(10 * number + 2)],
        ];
        Value::List(rows.map(Value::List).into())
    };
    let builder = [("all", "[Number!]!"), ("some", "[Number]"), ("any", "[Number!]")]
        .into_iter()
        .fold(builder, |builder, (name, ty)| list(builder, name, ty));
    builder
        .field("things", "[Thing!]!", "", move |number, _| Ok(things(*number)))
        .field("grid", "[[Number]!]", "", move |number, _| Ok(grid(*number)))
        .field("holed", "[Number!]", "", |number, _| {
            Ok(Value::List(vec![Value::object(*number), Value::Null]))
        })
        .field("texts", "[String!]", "", |_, _| Ok(Value::List(vec!["a".into(), Value::Null])))
}

fn number(name: &str, asked: &Asked) -> Definition {
    let [asked, for_sure] = [(); 2].map(|()| Arc::clone(asked));
    lists(object::<i64>(name, "").implements("Thing"))
        .field("id", "Int!", "", |number, _| Ok((*number).into()))
        .field("even", "Int", "", |number, _| even(*number))
        .field("mustBeEven", "Int!", "", |number, _| even(*number))
        .field("next", "Number", "", |number, _| Ok(Value::object(number + 1)))
        .field("must", "Number!", "", |number, _| Ok(Value::object(number + 1)))
        .field("twice", "Int!", "", move |_, call| twice(call, &asked))
        .batched()
        .field("sure", "Int", "", move |_, call| sure(call, &for_sure))
        .batched()
        .done()
}

/// Counts changes: what one was, and how many there are by now.
fn changes() -> [Definition; 2] {
    let changes = Arc::new(AtomicI64::new(0));
    let made = Arc::clone(&changes);
    let root = object::<()>("Mutation", "")
        .field("change", "Change!", "", move |(), _| {
            Ok(Value::object(changes.fetch_add(1, Ordering::Relaxed)))
        })
        .field("fail", "Change!", "", |(), _| Err(Error::not_found("nothing to change")))
        .field("late", "Change!", "", |(), _| Err(Error::timeout()))
        .field("broken", "Change!", "", |(), _| Err(Error::broken("nobody knows what")))
        .field("madeAndLate", "Change!", "", |(), call| {
            call.request.forget();
            Err(Error::timeout())
        })
        .done();
    let change = object::<i64>("Change", "")
        .field("before", "Int!", "", |before, _| Ok((*before).into()))
        .field("made", "Int!", "", move |_, _| Ok(made.load(Ordering::Relaxed).into()))
        .field("number", "Number", "", |_, _| Ok(Value::object(1_i64)))
        .done();
    [root, change]
}

impl Numbers {
    fn new() -> Self {
        let (asked, mut types) = (Asked::default(), Types::default());
        let id = ("id".to_owned(), String::new(), Type::parse("Int!"), Vec::new());
        let root = object::<()>("Query", "")
            .field("one", "Number", "", |(), _| Ok(Value::object(1_i64)))
            .field("must", "Number!", "", |(), _| Ok(Value::object(1_i64)));
        let mut thing = interface("Thing", "", vec![id]);
        thing.object_type = Some(Arc::new(|number| {
            let is_odd = number.downcast_ref().is_some_and(|number: &i64| number % 2 != 0);
            Ok(if is_odd { "Odd" } else { "Number" }.into())
        }));
        let definitions =
            [Definition::Interface(thing), number("Number", &asked), number("Odd", &asked), root.done()];
        for definition in definitions.into_iter().chain(changes()) {
            types.add(definition).expect("a name of its own");
        }
        Self { bench: Bench::new(), types, asked }
    }

    /// Returns the data, and the errors.
    fn run_until(&self, query: &str, deadline: Instant) -> (Json, Vec<Json>) {
        let document = parser::parse_query(query).expect("a document");
        let request = &Request::new(
            self.bench.app.session(Principal::local()),
            Cancellation::at(deadline),
            Changes::default(),
        );
        let (types, document, variables) = (&self.types, &document, &Variables::new());
        let execution = Execution { types, document, variables, request, cost: None };
        let outcome = execution.run(&prepare::operation(document, None).expect("an operation").node);
        (serde_json::from_slice(&outcome.data).expect("JSON"), outcome.errors)
    }

    fn run(&self, query: &str) -> (Json, Vec<Json>) {
        self.run_until(query, Instant::now() + Duration::from_secs(60))
    }
}

#[test]
fn peers_are_asked_together_whatever_they_came_through() {
    let numbers = Numbers::new();
    let check = |fields: &str, expect: &Json, asked: &[&[i64]]| {
        numbers.asked.lock().expect("no panic").clear();
        let (data, errors) = numbers.run(&format!("{{ one {{ {fields} }} }}"));
        assert_eq!((&data["one"], errors), (expect, Vec::new()), "{fields}");
        assert_eq!(*numbers.asked.lock().expect("no panic"), asked, "{fields}");
    };
    let twice = |number: i64| json!({ "twice": 2 * number });
    check("next { twice }", &json!({ "next": twice(2) }), &[&[2]]);
    check("all { twice }", &json!({ "all": [twice(11), twice(12)] }), &[&[11, 12]]);
    // Single links of the items of a list, and lists of them; of lists of lists.
    check(
        "all { next { twice } }",
        &json!({ "all": [{ "next": twice(12) }, { "next": twice(13) }] }),
        &[&[12, 13]],
    );
    let inner =
        |number: i64| json!({ "id": number, "all": [twice(10 * number + 1), twice(10 * number + 2)] });
    check("all { id all { twice } }", &json!({ "all": [inner(11), inner(12)] }), &[&[111, 112, 121, 122]]);
    check("grid { twice }", &json!({ "grid": [[twice(11), null], [], [twice(12)]] }), &[&[11, 12]]);
    // Each type by itself, and each place of the query.
    check(
        "things { id ... on Number { twice } ... on Odd { double: twice } }",
        &json!({ "things": [
            { "id": 11, "double": 22 }, { "id": 12, "twice": 24 }, { "id": 13, "double": 26 }, { "id": 14, "twice": 28 } ] }),
        &[&[11, 13], &[12, 14]],
    );
    check(
        "some { twice } all { twice also: twice __typename }",
        &json!({ "some": [twice(11), twice(12)],
            "all": ([11, 12].map(|id| json!({ "twice": 2 * id, "also": 2 * id, "__typename": "Number" }))) }),
        &[&[11, 12], &[11, 12], &[11, 12]],
    );
    // Only those alike, and not more than there is room for.
    check(
        "all(count: 7) { twice }",
        &json!({ "all": (11..=17).map(twice).collect::<Vec<_>>() }),
        &[&[11, 12, 13, 14, 15, 16, 17], &[16, 17]],
    );
    let alike = |number: i64| json!({ "all": [twice(10 * number + 1), twice(10 * number + 2)] });
    check(
        "all { all { all { twice } } }",
        &json!({ "all": ([11, 12].map(|id| json!({ "all": [alike(10 * id + 1), alike(10 * id + 2)] }))) }),
        &[&[1111, 1112, 1121, 1122, 1211, 1212, 1221, 1222], &[1212, 1221, 1222]],
    );
}

#[test]
fn what_fails_is_null_as_far_as_it_must_and_names_its_path() {
    let numbers = Numbers::new();
    let check = |query: &str, expect: &Json, paths: &[Json]| {
        // The same whether objects wait for their peers or not.
        for waits in ["", "twice @skip(if: true)"] {
            let (data, errors) = numbers.run(&query.replace('%', waits));
            let found: Vec<Json> = errors.iter().map(|error| error["path"].clone()).collect();
            assert_eq!((&data, found.as_slice()), (expect, paths), "{query} {waits}");
        }
    };
    check("{ one { even id % } }", &json!({ "one": { "even": null, "id": 1 } }), &[json!(["one", "even"])]);
    let paths = [json!(["one", "mustBeEven"])];
    check("{ one { id mustBeEven % } must { id } }", &json!({ "one": null, "must": { "id": 1 } }), &paths);
    check("{ one { id } must { mustBeEven % } }", &Json::Null, &[json!(["must", "mustBeEven"])]);
    let fields = |of: &str| format!("{{ one {{ {of} id }} }}");
    let some = json!({ "one": { "some": [null, { "id": 12, "mustBeEven": 12 }], "id": 1 } });
    check(&fields("some { id mustBeEven % }"), &some, &[json!(["one", "some", 0, "mustBeEven"])]);
    let none = json!({ "one": { "any": null, "id": 1 } });
    check(&fields("any(count: 3) { mustBeEven % }"), &none, &[json!(["one", "any", 0, "mustBeEven"])]);
    check(
        &fields("all { mustBeEven % }"),
        &json!({ "one": null }),
        &[json!(["one", "all", 0, "mustBeEven"])],
    );
    let grid = json!({ "one": { "grid": [[null, null], [], [{ "mustBeEven": 12 }]], "id": 1 } });
    check(&fields("grid { mustBeEven % }"), &grid, &[json!(["one", "grid", 0, 0, "mustBeEven"])]);
    let deep = |at: usize| json!(["one", "some", at, "all", 1, "must", "mustBeEven"]);
    let nothing = json!({ "one": { "some": [null, null], "id": 1 } });
    check(&fields("some { all { must { mustBeEven % } id } }"), &nothing, &[deep(0), deep(1)]);
    let holed = json!({ "one": { "holed": null, "after": [{ "id": 11 }], "texts": null, "id": 1 } });
    check(
        &fields("holed { all { id % } id } after: all(count: 1) { id % } texts"),
        &holed,
        &[json!(["one", "holed", 1]), json!(["one", "texts", 1])],
    );
}

#[test]
fn errors_are_in_the_order_of_the_answer() {
    let numbers = Numbers::new();
    for waits in ["", "twice @skip(if: true)"] {
        let deep = format!("next {{ next {{ even {waits} }} }} even some(count: 3) {{ even {waits} }}");
        let (_, errors) = numbers.run(&format!("{{ one {{ {deep} }} }}"));
        let paths: Vec<&Json> = errors.iter().map(|error| &error["path"]).collect();
        let expect = [
            json!(["one", "next", "next", "even"]),
            json!(["one", "even"]),
            json!(["one", "some", 0, "even"]),
            json!(["one", "some", 2, "even"]),
        ];
        assert_eq!(paths, expect.iter().collect::<Vec<_>>(), "{waits}");
        assert_eq!(errors[1]["message"], "1 is odd");
        assert!(errors[1]["locations"][0]["column"].is_u64(), "{errors:?}");
        let many = format!("some(count: 9) {{ some(count: 9) {{ some(count: 9) {{ even {waits} }} }} }}");
        let (data, errors) = numbers.run(&format!("{{ one {{ {many} }} }}"));
        assert_eq!(
            (errors.len(), &data["one"]["some"][8]["some"][8]["some"][7]),
            (101, &json!({ "even": 1998 })),
            "a hundred, and how many more there are"
        );
    }
}

#[test]
fn one_of_many_peers_fails_alone_and_nothing_is_asked_below_null() {
    let numbers = Numbers::new();
    let (data, errors) = numbers.run("{ one { some(count: 9) { twice } } }");
    assert_eq!((&data["one"]["some"][7], &data["one"]["some"][8]), (&json!({ "twice": 36 }), &Json::Null));
    let [error] = errors.try_into().expect("one error");
    assert_eq!((&error["path"], &error["message"]), (&json!(["one", "some", 8, "twice"]), &json!("no 38")));
    numbers.asked.lock().expect("no panic").clear();
    let (data, errors) = numbers.run("{ one { all(count: 3) { mustBeEven all { twice } } } }");
    assert_eq!((data, errors.len()), (json!({ "one": null }), 1));
    assert_eq!(*numbers.asked.lock().expect("no panic"), Vec::<Vec<i64>>::new());
    // Nor is one of several peers that is null by then.
    numbers.run("{ one { some(count: 3) { all(count: 1) { twice } mustBeEven } } }");
    assert_eq!(*numbers.asked.lock().expect("no panic"), [[121]]);
}

#[test]
fn where_all_together_fail_each_half_is_asked() {
    let numbers = Numbers::new();
    let (data, errors) = numbers.run("{ one { some(count: 9) { sure } } }");
    let sure = (11..=19).map(|number| json!({ "sure": Some(number).filter(|number| number % 5 > 0) }));
    assert_eq!(data["one"]["some"], Json::Array(sure.collect()));
    let [error] = errors.try_into().expect("one error");
    assert_eq!(
        (&error["path"], &error["message"]),
        (&json!(["one", "some", 4, "sure"]), &json!("15 is not sure"))
    );
    let asked: [&[i64]; 7] = [
        &[11, 12, 13, 14, 15, 16, 17, 18, 19],
        &[11, 12, 13, 14],
        &[15, 16, 17, 18, 19],
        &[15, 16],
        &[15],
        &[16],
        &[17, 18, 19],
    ];
    assert_eq!(*numbers.asked.lock().expect("no panic"), asked);
}

#[test]
fn one_field_of_a_mutation_is_read_before_the_next_one_changes_anything() {
    let numbers = Numbers::new();
    let (data, errors) = numbers.run(
        "mutation { a: change { before made number { twice all { twice } } } b: change { before made number { twice } } }",
    );
    let twice = json!({ "twice": 2, "all": [{ "twice": 22 }, { "twice": 24 }] });
    let a = json!({ "before": 0, "made": 1, "number": twice });
    let b = json!({ "before": 1, "made": 2, "number": { "twice": 2 } });
    assert_eq!((data, errors.len()), (json!({ "a": a, "b": b }), 0));
    let (data, errors) = numbers.run("mutation { a: change { made } fail { made } c: change { made } }");
    assert_eq!((data, &errors[0]["path"], errors.len()), (Json::Null, &json!(["fail"]), 1));
    let (data, _) = numbers.run("mutation { change { before } }");
    assert_eq!(data, json!({ "change": { "before": 3 } }), "nothing is changed after a failure");
}

#[test]
fn errors_that_are_not_listed_are_counted() {
    let numbers = Numbers::new();
    let (_, errors) = numbers.run("{ one { some(count: 250) { even } } }");
    assert_eq!(errors.len(), 101);
    assert_eq!(errors[99]["path"], json!(["one", "some", 198, "even"]));
    assert_eq!(errors[100]["extensions"], json!({ "code": "LIMIT_EXCEEDED", "omitted": 25 }));
    let (_, errors) = numbers.run("{ one { some(count: 200) { even } } }");
    assert_eq!(errors.len(), 100, "none is left out");
}

#[test]
fn an_error_below_a_change_states_that_the_change_was_made() {
    let numbers = Numbers::new();
    let (_, errors) = numbers.run("mutation { change { number { even } } fail { made } }");
    let outcomes: Vec<_> = errors.iter().map(|error| &error["extensions"]["outcome"]).collect();
    assert_eq!(outcomes, [&json!("COMMITTED"), &Json::Null], "{errors:?}");
}

#[test]
fn nothing_and_what_comes_too_late() {
    let numbers = Numbers::new();
    assert_eq!(numbers.run("{ one @skip(if: true) { id } }"), (json!({}), Vec::new()));
    for query in ["{ one { id } }", "{ one { all { twice } } }"] {
        let (data, errors) = numbers.run_until(query, Instant::now());
        assert_eq!((data, errors.len()), (json!({ "one": null }), 1), "{query}");
        assert_eq!(errors[0]["extensions"]["code"], "TIMEOUT");
    }
}

#[test]
fn an_error_of_a_change_states_whether_it_was_made() {
    let numbers = Numbers::new();
    let check = |field: &str, expect: Json| {
        let (_, errors) = numbers.run(&format!("mutation {{ {field} {{ made }} }}"));
        assert_eq!(errors[0]["extensions"]["outcome"], expect, "{field}: {errors:?}");
    };
    check("fail", Json::Null);
    check("late", json!("NOT_COMMITTED"));
    check("broken", json!("UNKNOWN"));
    check("madeAndLate", json!("COMMITTED"));
    let (_, errors) = numbers.run_until("mutation { change { made } }", Instant::now());
    assert_eq!(errors[0]["extensions"]["outcome"], "NOT_COMMITTED", "{errors:?}");
}
