//! Births, data and deaths of Sparkplug B.

use super::{BROKERS, Broker, Nodes, broker_of, findings, plant, temperatures};
use crate::actions::Plant;
use crate::world::{World, until};
use serde_json::{Value, json};
use throughline::app::Subscriber;

const SPARKPLUG: &str = "[[mqtt.broker.topic]]\npattern = \"spBv1.0/#\"\npayload = \"sparkplug\"\n";

const UNITS: &str = "{ brokers { sparkplugUnits { nodes { group node device twin isAlive metricCount } } } }";

fn unit(world: &World, node: &str, device: &str) -> Value {
    unit_at(world, 0, node, device)
}

fn unit_at(world: &World, broker: usize, node: &str, device: &str) -> Value {
    let units = world.data(UNITS, json!({}))["brokers"][broker]["sparkplugUnits"]["nodes"].clone();
    let mut units = units.as_array().expect("units").iter();
    units.find(|unit| unit["node"] == node && unit["device"] == device).cloned().unwrap_or_default()
}

/// What the thread knows of the node under which a pump is: it is a unit, in which the pump is installed.
const GATEWAYS: &str = r#"
@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<gateway> a tl:Part ; dcterms:identifier "GW" ; dcterms:title "Gateway" .
<unit/G-1> a tl:TwinInstance ; dcterms:identifier "G-1" ; tl:part <gateway> .
<unit/G-2> a tl:TwinInstance ; dcterms:identifier "G-2" ; tl:part <gateway> .
"#;

#[test]
fn sparkplug_nodes_are_born_send_die_and_a_unit_under_another_node_is_a_proposed_swap() {
    let Some(broker) = Broker::start() else { return };
    let Some(mut nodes) = Nodes::start(&broker) else { return };
    let world = plant(&broker.settings("", SPARKPLUG));
    world.import("gateways", GATEWAYS).expect("an import");
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    nodes.step("birth G-1 P-1 20.5");
    until(|| unit(&world, "G-1", "P-1")["isAlive"] == true);
    assert_eq!(unit(&world, "G-1", "P-1")["metricCount"], 2);
    nodes.step("data G-1 P-1 21.5");
    until(|| temperatures(&world) == json!({ "sampleCount": "2", "min": 20.5, "max": 21.5 }));
    let status = broker_of(&world);
    assert_eq!(
        status["refused"],
        json!([{ "reason": "VALUE", "count": "1" }]),
        "the note is text: {status:#}"
    );
    assert!(findings(&world).is_empty());
    // The pump appears under another node, and nobody has recorded that.
    nodes.step("leave G-1 P-1 0");
    until(|| unit(&world, "G-1", "P-1")["isAlive"] == false);
    nodes.step("birth G-2 P-1 30.5");
    until(|| findings(&world) == ["MOVED OPEN P-1 under plant/G-2"]);
    let usage = temperatures(&world);
    assert_eq!(
        usage,
        json!({ "sampleCount": "3", "min": 20.5, "max": 30.5 }),
        "its samples are its own all the same"
    );
    // A run of all monitors leaves it open.
    let run = |world: &World| {
        drop(world.data("mutation { runDataMonitors(input: {}) { run { opened { iri } } } }", json!({})));
    };
    run(&world);
    assert_eq!(findings(&world), ["MOVED OPEN P-1 under plant/G-2"]);
    // Once the swap is recorded nothing is wrong with it.
    let swap = "<installation/1> a tl:Installation ; tl:component <unit/P-1> ; tl:parent <unit/G-2> ; tl:from \"2026-01-01T00:00:00Z\"^^xsd:dateTime .";
    let prefixes = GATEWAYS.split("<gateway>").next().expect("prefixes");
    world.import("swap", &format!("{prefixes}{swap}")).expect("an import");
    run(&world);
    assert_eq!(findings(&world), ["MOVED CLOSED P-1 under plant/G-2"]);
    nodes.step("death G-2 P-1 0");
    until(|| unit(&world, "G-2", "P-1")["isAlive"] == false);
    run(&world);
    let stale = [
        "MOVED CLOSED P-1 under plant/G-2",
        "STALE OPEN G-2 under plant/G-2",
        "STALE OPEN P-1 under plant/G-2",
    ];
    assert_eq!(findings(&world), stale);
    // After a restart births are not known, so they are asked for; where units were born is, and which are dead.
    drop(subscriber);
    let world = world.reopened(|folder| assert!(folder.join("mqtt/plant.json").is_file()));
    run(&world);
    assert_eq!(findings(&world), stale, "what is dead stays so");
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    nodes.step("device G-1 P-1 22.5");
    until(|| nodes.count("rebirth G-1") == 1);
    until(|| broker_of(&world)["refused"] == json!([{ "reason": "UNDECLARED", "count": "2" }]));
    // It comes back under the first node, which is not where it is installed.
    nodes.step("death G-1 P-1 0");
    nodes.step("birth G-1 P-1 22.5");
    until(|| findings(&world).contains(&"MOVED OPEN P-1 under plant/G-1".to_owned()));
    run(&world);
    let is_there = |finding: &str| findings(&world).contains(&finding.to_owned());
    assert!(is_there("STALE CLOSED P-1 under plant/G-2") && is_there("STALE OPEN G-2 under plant/G-2"));
}

/// A node that dies while the service is away, or just after it is back, takes its devices with it; and nobody dies who was never born.
#[test]
fn deaths_after_a_restart_are_of_what_was_alive_before() {
    let Some(broker) = Broker::start() else { return };
    let Some(mut nodes) = Nodes::start(&broker) else { return };
    let world = plant(&broker.settings("", SPARKPLUG));
    world.import("gateways", GATEWAYS).expect("an import");
    let subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    nodes.step("birth G-1 P-1 20.5");
    nodes.step("birth G-2 P-2 20.5");
    until(|| unit(&world, "G-1", "P-1")["isAlive"] == true && unit(&world, "G-2", "P-2")["isAlive"] == true);
    until(|| broker_of(&world)["unacknowledgedCount"] == "0");
    drop(subscriber);
    let world = world.reopened(|_| {});
    assert_eq!(unit(&world, "G-1", "P-1")["isAlive"], true, "as was reported last");
    let _subscriber = Subscriber::start(&world.app).expect("threads");
    until(|| broker_of(&world)["state"] == "CONNECTED");
    until(|| nodes.count("rebirth G-1") == 1 && nodes.count("rebirth G-2") == 1);
    nodes.step("death G-1 P-1 0");
    until(|| unit(&world, "G-1", "P-1")["isAlive"] == false);
    for topic in ["spBv1.0/plant/NDEATH/G-9", "spBv1.0/plant/DDEATH/G-9/P-9", "spBv1.0/plant/DDEATH/G-2/P-9"]
    {
        broker.publish(&[(topic, "")]);
    }
    // What comes after them in the session has arrived after them.
    broker.publish(&[("spBv1.0/plant/NDATA", "")]);
    until(|| broker_of(&world)["refusedTopics"][0]["topic"] == "spBv1.0/plant/NDATA");
    assert_eq!(unit(&world, "G-9", "P-9"), Value::Null);
    assert_eq!(unit(&world, "G-2", "P-9"), Value::Null);
    assert_eq!(unit(&world, "G-2", "P-2")["isAlive"], true);
    drop(world.data("mutation { runDataMonitors(input: {}) { run { at } } }", json!({})));
    assert_eq!(findings(&world), ["STALE OPEN G-1 under plant/G-1", "STALE OPEN P-1 under plant/G-1"]);
}

/// A node is the same at every broker: it is where it was born last, and alive where that was reported last.
#[test]
fn brokers_share_where_units_were_born_and_who_is_alive() {
    let (Some(first), Some(second)) = (Broker::start(), Broker::start()) else { return };
    let (Some(mut at_first), Some(mut at_second)) = (Nodes::start(&first), Nodes::start(&second)) else {
        return;
    };
    let second_settings = second.settings("", SPARKPLUG).replace("\"plant\"", "\"spare\"");
    let settings = format!("{}{second_settings}", first.settings("", SPARKPLUG));
    let plant = Plant::new();
    std::fs::write(plant.world.folder.path().join("throughline.toml"), settings).expect("settings");
    let plant = plant.reopened();
    let subscriber = Subscriber::start(&plant.world.app).expect("threads");
    let is_alive = |plant: &Plant, broker: usize, node: &str, device: &str| {
        unit_at(&plant.world, broker, node, device)["isAlive"].as_bool()
    };
    let found = |plant: &Plant| {
        drop(plant.mutate("runDataMonitors(input: {}) { run { at } }"));
        let mut found = findings(&plant.world);
        found.retain(|finding| finding.contains(" under "));
        found
    };
    at_first.step("birth G-1 P-2 20.5");
    at_first.step("birth G-3 P-1 20.5");
    until(|| {
        is_alive(&plant, 0, "G-1", "P-2") == Some(true) && is_alive(&plant, 0, "G-3", "P-1") == Some(true)
    });
    // A unit is born under another node at another broker; the first one reports no death.
    plant.at(1);
    at_second.step("birth G-2 P-2 20.5");
    until(|| is_alive(&plant, 1, "G-2", "P-2") == Some(true));
    let moved = "MOVED OPEN P-2 under plant/G-2";
    until(|| findings(&plant.world).contains(&moved.to_owned()));
    // A node goes to the other broker, and is the same there.
    plant.at(2);
    at_second.step("birth G-3 P-1 20.5");
    until(|| is_alive(&plant, 1, "G-3", "P-1") == Some(true));
    assert_eq!(found(&plant), [moved]);
    plant.at(3);
    at_second.step("death G-3 P-1 0");
    until(|| is_alive(&plant, 1, "G-3", "P-1") == Some(false));
    let dead = [moved, "STALE OPEN G-3 under plant/G-3", "STALE OPEN P-1 under plant/G-3"];
    assert_eq!(found(&plant), dead);
    until(|| plant.world.data(BROKERS, json!({}))["brokers"][1]["unacknowledgedCount"] == "0");
    drop(subscriber);
    let plant = plant.reopened();
    assert_eq!(found(&plant), dead, "a restart forgets none of it");
    let _subscriber = Subscriber::start(&plant.world.app).expect("threads");
    plant.at(4);
    at_first.step("death G-3 P-1 0");
    at_first.step("birth G-3 P-1 20.5");
    until(|| {
        found(&plant) == [moved, "STALE CLOSED G-3 under plant/G-3", "STALE CLOSED P-1 under plant/G-3"]
    });
}
