//! What a load does to an item: cycles by their range, damage, crossings of levels.

pub mod damage;
pub mod exceedance;
pub mod level;
pub mod rainflow;

#[cfg(test)]
mod tests;
