//! Payloads of Sparkplug B on the wire: the fields of its `Payload` and `Metric` that matter here, by their numbers in the specification's
//! protobuf (section 6.4 of Sparkplug 3.0). Others are skipped.

use crate::exchange::samples::mqtt::json::shown;
use crate::model::time::instant::Instant;
use prost::{Message as _, Oneof};

/// The greatest integer up to which a double holds every one.
const EXACT_INTEGER: u64 = 1 << 53;
/// The metric by which a host asks a node for its births.
const REBIRTH: &str = "Node Control/Rebirth";
const BOOLEAN: u32 = 11;

/// A payload.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Payload {
    /// When it was sent, in milliseconds.
    #[prost(uint64, optional, tag = "1")]
    pub(super) timestamp: Option<u64>,
    /// What it states.
    #[prost(message, repeated, tag = "2")]
    pub(super) metrics: Vec<Metric>,
    /// Its number, of 0 to 255.
    #[prost(uint64, optional, tag = "3")]
    pub(super) seq: Option<u64>,
}

/// A metric, or a value of it.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Metric {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(uint64, optional, tag = "2")]
    pub(super) alias: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub(super) timestamp: Option<u64>,
    #[prost(uint32, optional, tag = "4")]
    pub(super) datatype: Option<u32>,
    #[prost(bool, optional, tag = "5")]
    pub(super) is_historical: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub(super) is_null: Option<bool>,
    #[prost(oneof = "Value", tags = "10, 11, 12, 13, 14, 15, 16, 17, 18")]
    pub(super) value: Option<Value>,
}

/// A value as it is on the wire.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Value {
    #[prost(uint32, tag = "10")]
    Int(u32),
    #[prost(uint64, tag = "11")]
    Long(u64),
    #[prost(float, tag = "12")]
    Float(f32),
    #[prost(double, tag = "13")]
    Double(f64),
    #[prost(bool, tag = "14")]
    Boolean(bool),
    #[prost(string, tag = "15")]
    String(String),
    #[prost(bytes = "vec", tag = "16")]
    Bytes(Vec<u8>),
    #[prost(bytes = "vec", tag = "17")]
    DataSet(Vec<u8>),
    #[prost(bytes = "vec", tag = "18")]
    Template(Vec<u8>),
}

/// Reads a payload.
pub(super) fn read(bytes: &[u8]) -> Result<Payload, String> {
    Payload::decode(bytes).map_err(|error| format!("the payload is no Sparkplug B: {error}"))
}

/// Writes the command that asks a node for its births.
pub(super) fn rebirth(now: Instant) -> Vec<u8> {
    let milliseconds = u64::try_from(now.nanos() / 1_000_000).ok();
    let metric = Metric {
        name: Some(REBIRTH.to_owned()),
        timestamp: milliseconds,
        datatype: Some(BOOLEAN),
        value: Some(Value::Boolean(true)),
        ..Metric::default()
    };
    Payload { timestamp: milliseconds, metrics: vec![metric], seq: None }.encode_to_vec()
}

/// Returns the instant of a timestamp in milliseconds.
pub(super) fn instant(milliseconds: u64) -> Result<Instant, String> {
    let nanos = i64::try_from(milliseconds).ok().and_then(|milliseconds| milliseconds.checked_mul(1_000_000));
    nanos.map(Instant::from_nanos).ok_or_else(|| format!("{milliseconds} ms since 1970 is no time"))
}

impl Metric {
    /// Returns the number that it is, of a type that a birth has declared; `None` where it has no value.
    pub(super) fn number(&self, datatype: u32) -> Option<Result<f64, String>> {
        if self.is_null == Some(true) {
            return None;
        }
        let number = match (datatype, self.value.as_ref()?) {
            (1..=3, Value::Int(value)) => signed(datatype, i64::from(*value as i32)),
            (3, Value::Long(value)) => signed(datatype, *value as i64),
            (5..=7, Value::Int(value)) => unsigned(datatype, u64::from(*value)),
            (7, Value::Long(value)) => unsigned(datatype, *value),
            (8, Value::Long(value)) => whole(*value, false),
            (4, Value::Long(value)) => whole((*value as i64).unsigned_abs(), (*value as i64) < 0),
            (4, Value::Int(value)) => Ok(f64::from(*value as i32)),
            (8, Value::Int(value)) => Ok(f64::from(*value)),
            (9 | 10, Value::Float(value)) => finite(f64::from(*value)),
            (9 | 10, Value::Double(value)) => finite(*value),
            (11, Value::Boolean(is)) => Ok(f64::from(u8::from(*is))),
            (_, Value::String(text)) => {
                Err(format!("\"{}\" is text; only numbers and booleans are samples", shown(text)))
            }
            (datatype, _) => {
                Err(format!("its type is {}, which is no number and no boolean", type_name(datatype)))
            }
        };
        Some(number)
    }
}

/// Reads an integer of type 1 to 3 (`Int8` to `Int32`). Some nodes extend the sign of short integers, others do not.
fn signed(datatype: u32, value: i64) -> Result<f64, String> {
    let bits = 4 << datatype;
    let (least, end) = (-(1_i64 << (bits - 1)), 1_i64 << bits);
    match value {
        _ if value < least || value >= end => Err(format!("{value} lies outside the range of Int{bits}")),
        _ if value >= end / 2 => Ok((value - end) as f64),
        _ => Ok(value as f64),
    }
}

/// Reads an integer of type 5 to 7 (`UInt8` to `UInt32`).
fn unsigned(datatype: u32, value: u64) -> Result<f64, String> {
    let bits = 4 << (datatype - 4);
    match value < 1_u64 << bits {
        true => Ok(value as f64),
        false => Err(format!("{value} lies outside the range of UInt{bits}")),
    }
}

fn whole(magnitude: u64, is_negative: bool) -> Result<f64, String> {
    let sign = if is_negative { -1.0 } else { 1.0 };
    match magnitude <= EXACT_INTEGER {
        true => Ok(sign * magnitude as f64),
        false => Err(format!("{magnitude} lies beyond what a double holds exactly (2^53)")),
    }
}

fn finite(value: f64) -> Result<f64, String> {
    if value.is_finite() { Ok(value) } else { Err(format!("{value} is no finite number")) }
}

/// Returns the name of a type in the specification.
fn type_name(datatype: u32) -> String {
    let name = match datatype {
        1..=4 => "a signed integer with a value of another type",
        5..=8 => "an unsigned integer with a value of another type",
        9 | 10 => "a float with a value of another type",
        11 => "Boolean with a value of another type",
        12 => "String",
        13 => "DateTime",
        14 => "Text",
        15 => "UUID",
        16 => "DataSet",
        17 => "Bytes",
        18 => "File",
        19 => "Template",
        22..=34 => "an array",
        other => return format!("{other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_by_their_declared_types() {
        let check = |datatype: u32, value: Value, expect: Result<f64, &str>| {
            let metric = Metric { value: Some(value), ..Metric::default() };
            match (metric.number(datatype).expect("a value"), expect) {
                (Ok(got), Ok(expect)) => assert_eq!(got.to_bits(), expect.to_bits(), "{metric:?}"),
                (Err(got), Err(part)) => assert!(got.contains(part), "{metric:?}: {got}"),
                (got, _) => panic!("{metric:?}: {got:?}"),
            }
        };
        check(1, Value::Int(0xff), Ok(-1.0));
        check(1, Value::Int(0xffff_ffff), Ok(-1.0));
        check(2, Value::Int(0xfffe), Ok(-2.0));
        check(3, Value::Int(0xffff_fffd), Ok(-3.0));
        check(1, Value::Int(127), Ok(127.0));
        check(1, Value::Int(0xffff_ff80), Ok(-128.0));
        check(1, Value::Int(300), Err("300 lies outside the range of Int8"));
        check(1, Value::Int(0xffff_ff7f), Err("-129 lies outside the range of Int8"));
        check(2, Value::Int(40_000), Ok(-25_536.0));
        check(2, Value::Int(70_000), Err("range of Int16"));
        check(2, Value::Int(0xffff_7fff), Err("range of Int16"));
        check(3, Value::Long(u64::MAX), Ok(-1.0));
        check(3, Value::Long(1 << 32), Err("range of Int32"));
        check(5, Value::Int(256), Err("range of UInt8"));
        check(6, Value::Int(65_536), Err("range of UInt16"));
        check(7, Value::Long(1 << 32), Err("range of UInt32"));
        check(4, Value::Long(u64::MAX - 3), Ok(-4.0));
        check(5, Value::Int(255), Ok(255.0));
        check(7, Value::Int(u32::MAX), Ok(4_294_967_295.0));
        check(8, Value::Long(1 << 53), Ok(9_007_199_254_740_992.0));
        check(8, Value::Long((1 << 53) + 1), Err("2^53"));
        check(4, Value::Long((1 << 63) + 5), Err("2^53"));
        check(9, Value::Float(0.5), Ok(0.5));
        check(9, Value::Float(f32::NAN), Err("no finite number"));
        check(10, Value::Double(f64::INFINITY), Err("no finite number"));
        check(11, Value::Boolean(true), Ok(1.0));
        check(12, Value::String("hot".to_owned()), Err("\"hot\" is text"));
        check(13, Value::Long(1), Err("DateTime"));
        check(16, Value::DataSet(vec![1]), Err("DataSet"));
        check(9, Value::Int(1), Err("value of another type"));
        let null = Metric { is_null: Some(true), value: Some(Value::Int(1)), ..Metric::default() };
        assert!(null.number(3).is_none() && Metric::default().number(3).is_none());
    }

    #[test]
    fn bytes_are_those_of_the_specification() {
        // {timestamp: 5, metrics: [{name: "a", alias: 1, datatype: 3, int_value: 7}], seq: 2}, as protoc writes it.
        let bytes = [8, 5, 18, 9, 10, 1, b'a', 16, 1, 32, 3, 80, 7, 24, 2];
        let payload = read(&bytes).expect("a payload");
        assert_eq!((payload.timestamp, payload.seq, payload.metrics.len()), (Some(5), Some(2), 1));
        let metric = &payload.metrics[0];
        assert_eq!((metric.name.as_deref(), metric.alias, metric.datatype), (Some("a"), Some(1), Some(3)));
        assert_eq!(payload.encode_to_vec(), bytes);
        assert!(read(&[18, 200]).expect_err("cut off").contains("no Sparkplug B"));
    }
}
