//! Product structure out of CAD and PLM: the parts, versions and usages of a STEP file (AP203, AP214, AP242).

mod part21;
mod step;

pub(in crate::exchange) use step::read as read_step;
