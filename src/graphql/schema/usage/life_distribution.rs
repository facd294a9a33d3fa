//! `LifeDistribution`: a distribution of lives and what it determines; `LifeForecast`: how many units fail.

use crate::graphql::engine::Value;
use crate::graphql::engine::types::arguments::wrong;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::statistics::survival::goodness::Goodness;
use crate::statistics::survival::limits::{Limits, Quantity};
use crate::statistics::survival::weibayes::items_to_show;
use crate::statistics::survival::{Family, Fit};
use crate::twins::{LifeEstimate, LifeForecast, LifeModel, Lifetime, SiteForecast};
use std::sync::Arc;

struct SiteValue {
    site: Option<String>,
    forecast: SiteForecast,
}

/// Wraps lives that have a distribution: all, or one group of them.
pub(super) fn value(lifetime: &Arc<Lifetime>, group: Option<usize>) -> Value {
    Value::object(DistributionValue { lifetime: Arc::clone(lifetime), group })
}

/// Returns a number that is one.
pub(super) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

pub(super) fn types() -> Vec<Definition> {
    vec![distribution(), limits(), fit_test(), forecast(), site_forecast()]
}

/// Lives with a distribution.
struct DistributionValue {
    lifetime: Arc<Lifetime>,
    group: Option<usize>,
}

impl DistributionValue {
    fn estimate(&self) -> &LifeEstimate {
        self.group.map_or(&self.lifetime.total, |at| &self.lifetime.groups[at].1)
    }

    fn limits(&self, quantity: Quantity) -> Value {
        self.estimate().limits(quantity).map_or(Value::Null, Value::object)
    }
}

fn distribution() -> Definition {
    let builder = object::<DistributionValue>(
        "LifeDistribution",
        "A distribution of lives, with the limits of what it determines.",
    )
    .field("family", "LifeFamily!", "Which distribution.", |of, _| {
        Ok(Value::Name(match of.lifetime.question.family {
            Family::Weibull => "WEIBULL",
            Family::Lognormal => "LOGNORMAL",
        }))
    })
    .field("assumed", "Boolean!", "Whether its shape is assumed, not fitted.", |of, _| {
        Ok(matches!(of.estimate().model, LifeModel::Assumed(_)).into())
    })
    .field(
        "shape",
        "LifeLimits!",
        "The shape: β of a Weibull distribution, σ of a lognormal one.",
        |of, _| Ok(of.limits(Quantity::Shape)),
    )
    .field(
        "scale",
        "LifeLimits!",
        "The scale: η of a Weibull distribution, by which 63.2 % have failed; the median of a lognormal one.",
        |of, _| Ok(of.limits(Quantity::Scale)),
    )
    .field("b10", "LifeLimits!", "B10, the age by which 10 % have failed.", |of, _| {
        Ok(of.limits(Quantity::Quantile(0.1)))
    })
    .field_with(
        "quantile",
        "LifeLimits!",
        "The age by which a share has failed.",
        vec![InputField::new("share", "Float!", "The share, between 0 and 1.")],
        |of, call| {
            let share = call.arguments.number("share")?.filter(|share| *share > 0.0 && *share < 1.0);
            Ok(of
                .limits(Quantity::Quantile(share.ok_or_else(|| wrong("share", "a number between 0 and 1"))?)))
        },
    )
    .field_with(
        "reliability",
        "LifeLimits!",
        "The share that survives an age.",
        vec![InputField::new("age", "Float!", "The age, above 0.")],
        |of, call| {
            let age = call.arguments.number("age")?.filter(|age| *age > 0.0 && age.is_finite());
            Ok(of.limits(Quantity::Reliability(age.ok_or_else(|| wrong("age", "a number above 0"))?)))
        },
    );
    fit_fields(builder).done()
}

fn fit_fields(builder: ObjectBuilder<DistributionValue>) -> ObjectBuilder<DistributionValue> {
    builder
        .field("logLikelihood", "Float", "The logarithm of the likelihood; absent where the shape is assumed.", |of, _| {
            Ok(of.estimate().fit().map(|fit| fit.log_likelihood).into())
        })
        .field("aic", "Float", "Akaike's information criterion, the smaller the better; absent where the shape is assumed.", |of, _| {
            Ok(of.estimate().fit().map(Fit::aic).into())
        })
        .field("fitTest", "LifeFitTest", "Whether it explains the failures (Hjort 1990); absent for fewer than 15 failures, or where some lie between two ages.", |of, _| {
            Ok(of.estimate().goodness().map_or(Value::Null, Value::object))
        })
        .field_with(
            "unitsToShow",
            "Float",
            "How many units must each reach a multiple of an age, with no more than so many failures, to show at the confidence that a share survives that age; \
             of a Weibull distribution of this shape.",
            vec![
                InputField::new("reliability", "Float!", "The share, between 0 and 1."),
                InputField::new("tested", "Float!", "The multiple of the age that each reaches.").default(1.0),
                InputField::new("failures", "Int!", "How many may fail.").default(0),
            ],
            |of, call| {
                let given = call.arguments;
                let share = given.number("reliability")?.filter(|share| *share > 0.0 && *share < 1.0);
                let share = share.ok_or_else(|| wrong("reliability", "a number between 0 and 1"))?;
                let tested = given.number("tested")?.filter(|tested| *tested > 0.0 && tested.is_finite());
                let tested = tested.ok_or_else(|| wrong("tested", "a number above 0"))?;
                let failures = given.integer("failures")?.and_then(|failures| usize::try_from(failures).ok());
                let failures = failures.filter(|failures| *failures <= 1000).ok_or_else(|| wrong("failures", "a number from 0 to 1000"))?;
                let is_weibull = of.lifetime.question.family == Family::Weibull;
                let shape = of.estimate().limits(Quantity::Shape).filter(|_| is_weibull);
                let units = shape.map(|shape| items_to_show(share, tested, shape.estimate, failures, of.lifetime.question.confidence));
                Ok(units.and_then(finite).into())
            },
        )
}

fn limits() -> Definition {
    object::<Limits>("LifeLimits", "An estimate with its limits.")
        .field("estimate", "Float", "The most likely value; absent where nothing failed.", |of, _| {
            Ok(finite(of.estimate).into())
        })
        .field("low", "Float!", "The lower limit; 0 where nothing bounds it.", |of, _| Ok(of.low.into()))
        .field("high", "Float", "The upper limit; absent where nothing bounds it.", |of, _| {
            Ok(finite(of.high).into())
        })
        .done()
}

fn fit_test() -> Definition {
    object::<Goodness>(
        "LifeFitTest",
        "Failures observed in stretches of age against those that a distribution expects.",
    )
    .field(
        "statistic",
        "Float!",
        "The statistic, which has the χ² distribution if the distribution is right.",
        |of, _| Ok(of.statistic.into()),
    )
    .field("freedom", "Int!", "Its degrees of freedom.", |of, _| Ok(of.freedom.into()))
    .field(
        "p",
        "Float!",
        "The probability of a statistic as great or greater if the distribution is right.",
        |of, _| Ok(of.p.into()),
    )
    .done()
}

fn forecast() -> Definition {
    let builder = object::<LifeForecast>("LifeForecast", "How many units in service will fail.")
        .field("units", "Float!", "How many are in service.", |of, _| Ok(of.total.units.into()))
        .field("expected", "Float!", "How many are expected to fail.", |of, _| Ok(of.total.failures.expected.into()))
        .field("low", "Float!", "The lower end of the interval that holds the number at the confidence: the chance of each unit and what is not known of the distribution with it.", |of, _| {
            Ok(of.total.failures.low.into())
        })
        .field("high", "Float!", "The upper end of the interval.", |of, _| Ok(of.total.failures.high.into()));
    builder
        .field("sites", "[LifeSiteForecast!]!", "The same by site, in order of their names.", |of, _| {
            Ok(Value::objects(
                of.sites.iter().map(|(site, forecast)| SiteValue { site: site.clone(), forecast: *forecast }),
            ))
        })
        .done()
}

fn site_forecast() -> Definition {
    object::<SiteValue>("LifeSiteForecast", "How many units at one site will fail.")
        .field("site", "String", "The site of the asset; absent where the version names none.", |of, _| {
            Ok(of.site.clone().into())
        })
        .field("units", "Float!", "How many are in service.", |of, _| Ok(of.forecast.units.into()))
        .field("expected", "Float!", "How many are expected to fail.", |of, _| {
            Ok(of.forecast.failures.expected.into())
        })
        .field("low", "Float!", "The lower end of the interval.", |of, _| Ok(of.forecast.failures.low.into()))
        .field("high", "Float!", "The upper end of the interval.", |of, _| {
            Ok(of.forecast.failures.high.into())
        })
        .done()
}
