//! Messages of MQTT to samples: topics matched by patterns, payloads read as numbers, JSON or Sparkplug B. Pure: no connections and no clocks.

pub mod json;
pub mod pattern;
pub mod route;
pub mod sparkplug;
