//! Commands out, and their answers.

use super::{Broker, CommandReceiver, TOPICS, findings};
use crate::actions::Plant;
use crate::world::{BASE, clock, until};
use serde_json::{Value, json};
use throughline::app::App;

/// The settings of a target that sends commands to units, so often at most.
fn target(broker: &Broker, attempts: u32, more: &str) -> String {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/integrations/setpoint.json");
    let target = format!(
        "[outbox]\nattempts = {attempts}\n[[outbox.target]]\nname = \"controls\"\nkind = \"mqtt\"\nbroker = \"plant\"\n\
         topic = \"commands/{{data.fields.target}}\"\nanswer = \"commands/{{data.fields.target}}/answer\"\n\
         template = \"{template}\"\nevents = [\"action.ordered\"]\n{more}\n"
    );
    format!("{target}{}", broker.settings("", TOPICS))
}

/// A plant with that target, which gets what comes from now on.
fn controlled(broker: &Broker, attempts: u32, more: &str) -> Plant {
    let plant = Plant::new();
    let path = plant.world.folder.path().join("throughline.toml");
    std::fs::write(path, target(broker, attempts, more)).expect("settings");
    let plant = plant.reopened();
    assert_eq!(deliver(&plant), 0);
    plant
}

fn deliver(plant: &Plant) -> u64 {
    plant.world.app.deliver_all().expect("deliveries").delivered
}

fn outbox(plant: &Plant) -> Value {
    let query = "{ outbox { address attemptCount error deadLetters { nodes { id error } } } }";
    plant.world.data(query, json!({}))["outbox"][0].clone()
}

/// A command that is answered otherwise than desired is sent again under its id, then is a finding, which is closed once it is done.
#[test]
fn commands_leave_by_a_topic_and_come_back_answered() {
    let Some(broker) = Broker::start() else { return };
    let mut answers = [
        json!({ "status": "accepted", "reported": { "mode": "running" } }),
        json!({ "status": "rejected", "reason": "locked" }),
        json!({ "reported": { "mode": "inspection", "speed": 7 } }),
    ]
    .into_iter();
    let receiver = CommandReceiver::start(&broker, move |_| answers.next());
    let plant = controlled(&broker, 3, "");
    let action = plant.propose(r#"targets: ["unit/P-1"]"#).remove(0);
    plant.decide(&action, "APPROVE");
    plant.report(&action, "ORDER");
    assert_eq!(deliver(&plant), 0);
    let status = outbox(&plant);
    assert_eq!(
        status["error"], "mode is reported as \"running\", and \"inspection\" is desired",
        "{status:#}"
    );
    assert_eq!((&status["attemptCount"], findings(&plant.world).len()), (&json!(1), 0));
    plant.at(1);
    assert_eq!(deliver(&plant), 0);
    let dead = outbox(&plant)["deadLetters"]["nodes"][0].clone();
    assert_eq!(dead["error"], "the receiver rejects it: locked");
    let id = dead["id"].as_str().expect("a name").to_owned();
    assert_eq!(findings(&plant.world), [format!("COMMAND OPEN controls {id}")]);
    plant.mutate(r#"retryDeliveries(input: { target: "controls" }) { deadLetters { id } }"#);
    assert_eq!(deliver(&plant), 1);
    assert_eq!(findings(&plant.world), [format!("COMMAND CLOSED controls {id}")]);
    let commands = receiver.commands();
    assert_eq!(commands.len(), 3);
    for command in &commands {
        assert_eq!(
            (&command["id"], &command["unit"], &command["desired"]["mode"]),
            (&json!(id), &json!("P-1"), &json!("inspection"))
        );
    }
}

/// A command that nobody answers is sent again under its id as often as the settings say, and is then a finding.
#[test]
fn a_command_that_is_never_answered_is_repeated_and_given_up() {
    let Some(broker) = Broker::start() else { return };
    let receiver = CommandReceiver::start(&broker, |_| None);
    let plant = controlled(&broker, 2, "answerSeconds = 5");
    let action = plant.propose(r#"targets: ["unit/P-1"]"#).remove(0);
    plant.decide(&action, "APPROVE");
    plant.report(&action, "ORDER");
    assert_eq!(deliver(&plant), 0);
    let status = outbox(&plant);
    let error = status["error"].as_str().expect("a reason");
    assert!(
        error.starts_with("there is no answer to msg_") && error.ends_with("/answer within 5 s"),
        "{error}"
    );
    assert_eq!((&status["attemptCount"], deliver(&plant)), (&json!(1), 0), "it is not due yet");
    until(|| receiver.commands().len() == 1);
    plant.at(1);
    assert_eq!(deliver(&plant), 0);
    until(|| receiver.commands().len() == 2);
    let commands = receiver.commands();
    assert_eq!(commands[0], commands[1], "the same again");
    let id = commands[0]["id"].as_str().expect("a name");
    assert_eq!(findings(&plant.world), [format!("COMMAND OPEN controls {id}")]);
}

#[test]
fn a_command_waits_for_its_answer_within_bounds() {
    let Some(broker) = Broker::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    drop(App::init(folder.path(), &[], BASE, clock()).expect("a thread"));
    let settings = target(&broker, 2, "answerSeconds = 0");
    std::fs::write(folder.path().join("throughline.toml"), settings).expect("settings");
    let refused = App::open(folder.path(), clock()).expect_err("refused").to_string();
    assert!(refused.contains("answerSeconds: 0 is not between 1 and 600"), "{refused}");
}
