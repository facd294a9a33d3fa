//! The dimension of a quantity: exponents of the seven base quantities of the SI.

use super::super::{Unit, Units};
use crate::model::number::quantity::Conversion;
use crate::model::number::ratio::Ratio;
use std::fmt;

/// Exponents of length, mass, time, electric current, temperature, amount of substance and luminous intensity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dimension([i8; 7]);

const SYMBOLS: [&str; 7] = ["m", "kg", "s", "A", "K", "mol", "cd"];

/// The dimensions of quantity kinds, by the last part of their IRIs. Angles, counts and ratios are pure numbers, as in the SI.
const KINDS: &[(&str, [i8; 7])] = &[
    ("Dimensionless", [0, 0, 0, 0, 0, 0, 0]),
    ("Angle", [0, 0, 0, 0, 0, 0, 0]),
    ("SolidAngle", [0, 0, 0, 0, 0, 0, 0]),
    ("MassFraction", [0, 0, 0, 0, 0, 0, 0]),
    ("VolumeFraction", [0, 0, 0, 0, 0, 0, 0]),
    ("MoleFraction", [0, 0, 0, 0, 0, 0, 0]),
    ("Temperature", [0, 0, 0, 0, 1, 0, 0]),
    ("TemperatureDifference", [0, 0, 0, 0, 1, 0, 0]),
    ("TemperaturePerTime", [0, 0, -1, 0, 1, 0, 0]),
    ("TemperatureGradient", [-1, 0, 0, 0, 1, 0, 0]),
    ("Pressure", [-1, 1, -2, 0, 0, 0, 0]),
    ("PressurePerTime", [-1, 1, -3, 0, 0, 0, 0]),
    ("PressureGradient", [-2, 1, -2, 0, 0, 0, 0]),
    ("VolumeFlowRate", [3, 0, -1, 0, 0, 0, 0]),
    ("MassFlowRate", [0, 1, -1, 0, 0, 0, 0]),
    ("Power", [2, 1, -3, 0, 0, 0, 0]),
    ("ApparentPower", [2, 1, -3, 0, 0, 0, 0]),
    ("ReactivePower", [2, 1, -3, 0, 0, 0, 0]),
    ("Energy", [2, 1, -2, 0, 0, 0, 0]),
    ("Torque", [2, 1, -2, 0, 0, 0, 0]),
    ("Force", [1, 1, -2, 0, 0, 0, 0]),
    ("Velocity", [1, 0, -1, 0, 0, 0, 0]),
    ("AngularVelocity", [0, 0, -1, 0, 0, 0, 0]),
    ("AngularAcceleration", [0, 0, -2, 0, 0, 0, 0]),
    ("Frequency", [0, 0, -1, 0, 0, 0, 0]),
    ("Acceleration", [1, 0, -2, 0, 0, 0, 0]),
    ("Length", [1, 0, 0, 0, 0, 0, 0]),
    ("InverseLength", [-1, 0, 0, 0, 0, 0, 0]),
    ("Area", [2, 0, 0, 0, 0, 0, 0]),
    ("Volume", [3, 0, 0, 0, 0, 0, 0]),
    ("Mass", [0, 1, 0, 0, 0, 0, 0]),
    ("Density", [-3, 1, 0, 0, 0, 0, 0]),
    ("SpecificVolume", [3, -1, 0, 0, 0, 0, 0]),
    ("MassPerLength", [-1, 1, 0, 0, 0, 0, 0]),
    ("MassPerArea", [-2, 1, 0, 0, 0, 0, 0]),
    ("Time", [0, 0, 1, 0, 0, 0, 0]),
    ("ElectricCurrent", [0, 0, 0, 1, 0, 0, 0]),
    ("Voltage", [2, 1, -3, -1, 0, 0, 0]),
    ("Resistance", [2, 1, -3, -2, 0, 0, 0]),
    ("Conductance", [-2, -1, 3, 2, 0, 0, 0]),
    ("ElectricCharge", [0, 0, 1, 1, 0, 0, 0]),
    ("Capacitance", [-2, -1, 4, 2, 0, 0, 0]),
    ("Inductance", [2, 1, -2, -2, 0, 0, 0]),
    ("MagneticFlux", [2, 1, -2, -1, 0, 0, 0]),
    ("MagneticFluxDensity", [0, 1, -2, -1, 0, 0, 0]),
    ("SpecificEnergy", [2, 0, -2, 0, 0, 0, 0]),
    ("EnergyDensity", [-1, 1, -2, 0, 0, 0, 0]),
    ("EnergyPerArea", [0, 1, -2, 0, 0, 0, 0]),
    ("HeatFluxDensity", [0, 1, -3, 0, 0, 0, 0]),
    ("LineicPower", [1, 1, -3, 0, 0, 0, 0]),
    ("SpecificPower", [2, 0, -3, 0, 0, 0, 0]),
    ("PowerDensity", [-1, 1, -3, 0, 0, 0, 0]),
    ("DynamicViscosity", [-1, 1, -1, 0, 0, 0, 0]),
    ("KinematicViscosity", [2, 0, -1, 0, 0, 0, 0]),
    ("Stiffness", [0, 1, -2, 0, 0, 0, 0]),
    ("TorsionalStiffness", [2, 1, -2, 0, 0, 0, 0]),
    ("Damping", [0, 1, -1, 0, 0, 0, 0]),
    ("MomentOfInertia", [2, 1, 0, 0, 0, 0, 0]),
    ("SecondAxialMomentOfArea", [4, 0, 0, 0, 0, 0, 0]),
    ("LinearMomentum", [1, 1, -1, 0, 0, 0, 0]),
    ("CoefficientOfHeatTransfer", [0, 1, -3, 0, -1, 0, 0]),
    ("ThermalConductivity", [1, 1, -3, 0, -1, 0, 0]),
    ("ThermalResistance", [-2, -1, 3, 0, 1, 0, 0]),
    ("ThermalInsulance", [0, -1, 3, 0, 1, 0, 0]),
    ("HeatCapacity", [2, 1, -2, 0, -1, 0, 0]),
    ("SpecificHeatCapacity", [2, 0, -2, 0, -1, 0, 0]),
    ("ThermalExpansionCoefficient", [0, 0, 0, 0, -1, 0, 0]),
    ("AmountOfSubstance", [0, 0, 0, 0, 0, 1, 0]),
    ("AmountOfSubstanceConcentration", [-3, 0, 0, 0, 0, 1, 0]),
    ("MolarMass", [0, 1, 0, 0, 0, -1, 0]),
    ("MolarFlowRate", [0, 0, -1, 0, 0, 1, 0]),
    ("MolarEnergy", [2, 1, -2, 0, 0, -1, 0]),
    ("LuminousIntensity", [0, 0, 0, 0, 0, 0, 1]),
    ("Illuminance", [-2, 0, 0, 0, 0, 0, 1]),
];

impl Dimension {
    /// Returns the dimension of a unit and how its values convert into SI; `None` where expressions do not know what it measures, or it does not
    /// convert.
    pub fn of(unit: &Unit, units: &Units) -> Option<(Self, Conversion)> {
        let kinds = unit.quantity_kinds.iter().filter_map(|kind| units.quantity_kind(kind.as_ref()));
        let roots = kinds.flat_map(|kind| &kind.lineage);
        let mut named = roots.filter_map(|root| root.as_str().rsplit(['/', '#']).next());
        let dimension = named.find_map(|name| KINDS.iter().find(|(kind, _)| *kind == name))?.1;
        let multiplier = unit.multiplier.as_ref()?;
        Some((Self(dimension), Conversion::new(multiplier, &unit.offset.times(multiplier))))
    }

    /// Returns how values in SI convert into a unit; `None` for a unit that does not convert.
    pub fn from_si(unit: &Unit) -> Option<Conversion> {
        let scale = Ratio::one().over(unit.multiplier.as_ref()?);
        Some(Conversion::new(&scale, &Ratio::zero().minus(&unit.offset)))
    }

    pub(super) const NONE: Self = Self([0; 7]);

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].saturating_add(other.0[at])))
    }

    pub(super) fn over(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].saturating_sub(other.0[at])))
    }

    pub(super) fn raised(self, power: i32) -> Self {
        let power = i8::try_from(power).unwrap_or(i8::MAX);
        Self(self.0.map(|exponent| exponent.saturating_mul(power)))
    }

    /// Returns the dimension of the square root; `None` where an exponent is odd.
    pub(super) fn root(self) -> Option<Self> {
        self.0.iter().all(|exponent| exponent % 2 == 0).then(|| Self(self.0.map(|exponent| exponent / 2)))
    }
}

impl fmt::Display for Dimension {
    /// Writes base units, such as `m^2 kg s^-3`; 1 for a pure number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = SYMBOLS.iter().zip(self.0).filter(|(_, exponent)| *exponent != 0);
        let written = parts.map(|(symbol, exponent)| match exponent {
            1 => (*symbol).to_owned(),
            exponent => format!("{symbol}^{exponent}"),
        });
        let written: Vec<String> = written.collect();
        f.write_str(if written.is_empty() { "1" } else { "" })?;
        f.write_str(&written.join(" "))
    }
}
