//! Whole stories in process: import, commit, telemetry, query, with real Git and real files in a temporary folder.

mod bad_input;
mod cmapss;
mod conversions;
mod demo;
mod dirty;
mod durability;
mod evidence;
mod exposure;
mod findings;
mod history;
mod http;
mod influx;
mod la_haute_borne;
mod live;
mod maintenance;
mod merging;
mod plain_git;
mod program;
mod readme;
mod rebuild;
mod reviews;
mod search;
mod sparql;
mod telemetry;
mod titan;
mod world;
