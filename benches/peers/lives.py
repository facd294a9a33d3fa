"""Holds estimates of lives against lifelines, reliability, surpyval and scipy.

Reads from standard input a JSON list of cases, each with a name, a kind and what was found; rows of lives are
[entry, kind, from, to, count], the kind being F (failed), S (suspended) or B (between). Every figure must be that of the peer to
TOLERANCE, relative; where a peer stops early its own precision is named beside the comparison. Prints a line a figure; exits 1
where one differs.
"""

import json
import sys
import warnings

import numpy as np
from scipy import optimize, special, stats

warnings.filterwarnings("ignore")
TOLERANCE = 1e-6
good = True


def near(name, found, expect, tolerance=TOLERANCE):
    global good
    found, expect = float(found), float(expect)
    agrees = abs(found - expect) <= tolerance * max(abs(expect), 1e-9) or found == expect
    good &= agrees
    print(f"{'agrees' if agrees else 'DIFFERS'}  {name}: {found!r}, peer {expect!r}")


def columns(rows):
    entry = np.array([row[0] for row in rows], float)
    low = np.array([row[2] for row in rows], float)
    high = np.array([row[3] for row in rows], float)
    kind = np.array([row[1] for row in rows])
    count = np.array([row[4] for row in rows], float)
    return entry, kind, low, high, count


def log_likelihood(family, rows):
    """The logarithm of the likelihood, of mu and the logarithm of sigma, without any code of the project."""
    entry, kind, low, high, count = columns(rows)
    failed, between, suspended = kind == "F", kind == "B", kind == "S"

    late = entry > 0
    weibull = family == "WEIBULL"
    log_survival = (lambda u: -np.exp(u)) if weibull else (lambda u: special.log_ndtr(-u))
    log_density = (lambda u: u - np.exp(u)) if weibull else (lambda u: -u * u / 2 - np.log(2 * np.pi) / 2)
    with np.errstate(divide="ignore"):
        entry, low, high = np.log(entry[late]), np.log(low), np.log(high)
    entries, failures, ends = count[late], high[failed], low[suspended]
    after, by, constant = low[between], high[between], count[failed] @ high[failed]

    def of(parameters):
        mu, sigma = parameters[0], np.exp(parameters[1])
        standard = lambda age: (age - mu) / sigma
        log = count[failed] @ (log_density(standard(failures)) - parameters[1]) - constant
        log += count[suspended] @ log_survival(standard(ends))
        inside = np.exp(log_survival(standard(after))) - np.exp(log_survival(standard(by)))
        return log + count[between] @ np.log(inside) - entries @ log_survival(standard(entry))

    return of


def gradient(of, at, step=1e-5):
    def one(n):
        move = np.zeros(len(at))
        move[n] = step
        up, down = of(at + move), of(at - move)
        far_up, far_down = of(at + 2 * move), of(at - 2 * move)
        return (8 * (up - down) - (far_up - far_down)) / (12 * step)

    return np.array([one(n) for n in range(len(at))])


def maximise(of, start):
    rough = optimize.minimize(lambda at: -of(at), start, method="Nelder-Mead", options={"maxiter": 4000})
    return optimize.root(lambda at: gradient(of, at), rough.x, tol=1e-13).x


def fit(case):
    of = log_likelihood(case["family"], case["rows"])
    start = np.array([np.log(case["scale"]) + 0.1, 0.2])
    best = maximise(of, start)
    weibull = case["family"] == "WEIBULL"
    shape = np.exp(-best[1]) if weibull else np.exp(best[1])
    near(case["name"] + ", shape by scipy", case["shape"], shape)
    near(case["name"] + ", scale by scipy", case["scale"], np.exp(best[0]))
    near(case["name"] + ", log likelihood by scipy", case["logLikelihood"], of(best))
    for limits in case["limits"]:
        profile(case, of, best, limits)
    if case["peer"]:
        lifelines_fit(case, shape, np.exp(best[0]))


def profile(case, of, best, limits):
    """Both ends of a quantity by the profile of scipy's likelihood."""
    weibull = case["family"] == "WEIBULL"
    unit = (lambda p: np.log(-np.log1p(-p))) if weibull else stats.norm.ppf
    survive = (lambda u: np.exp(-np.exp(u))) if weibull else stats.norm.sf
    what, argument = limits["of"], limits.get("at")
    if what == "SHAPE":
        value, to_mu = lambda q: np.exp(-q) if weibull else np.exp(q), None
        centre = best[1]
    elif what == "QUANTILE":
        u = unit(argument)
        value, to_mu = np.exp, lambda q, l: q - u * np.exp(l)
        centre = best[0] + u * np.exp(best[1])
    else:
        value, to_mu = survive, lambda q, l: np.log(argument) - q * np.exp(l)
        centre = (np.log(argument) - best[0]) / np.exp(best[1])
    top = of(best)

    def excess(q):
        if to_mu is None:
            free = lambda other: -of(np.array([other, q]))
            middle = best[0]
        else:
            free = lambda other: -of(np.array([to_mu(q, other), other]))
            middle = best[1]
        found = optimize.minimize_scalar(free, bracket=(middle - 0.1, middle + 0.1), options={"xtol": 1e-12})
        return 2 * (top + found.fun) - case["cutoff"]

    ends = []
    for sign in (-1, 1):
        far = 0.1
        while excess(centre + sign * far) < 0:
            far *= 1.5
        ends.append(value(optimize.brentq(excess, centre, centre + sign * far, xtol=1e-13)))
    near(f"{case['name']}, lower {what} {argument or ''} by scipy", limits["low"], min(ends))
    near(f"{case['name']}, upper {what} {argument or ''} by scipy", limits["high"], max(ends))


def lifelines_fit(case, shape, scale):
    import lifelines

    entry, kind, low, high, count = columns(case["rows"])
    weibull = case["family"] == "WEIBULL"
    fitter = lifelines.WeibullFitter() if weibull else lifelines.LogNormalFitter()
    entry = entry if entry.any() else None
    if (kind == "B").any():
        low = np.where(kind == "F", high, low)
        upper = np.where(kind == "S", np.inf, high)
        fitter.fit_interval_censoring(low, upper, entry=entry, weights=count)
    else:
        fitter.fit(np.where(kind == "S", low, high), kind == "F", entry=entry, weights=count)
    # It stops where its gradient is small: four digits are its own precision.
    found = (fitter.rho_, fitter.lambda_) if weibull else (fitter.sigma_, np.exp(fitter.mu_))
    near(case["name"] + ", shape by lifelines", case["shape"], found[0], 1e-3)
    near(case["name"] + ", scale by lifelines", case["scale"], found[1], 1e-3)
    if entry is None and not (kind == "B").any() and (count == 1).all():
        import reliability.Fitters as fitters

        of = fitters.Fit_Weibull_2P if weibull else fitters.Fit_Lognormal_2P
        peer = of(high[kind == "F"], low[kind == "S"], show_probability_plot=False, print_results=False)
        found = (peer.beta, peer.alpha) if weibull else (peer.sigma, np.exp(peer.mu))
        near(case["name"] + ", shape by reliability", case["shape"], found[0], 1e-3)
        near(case["name"] + ", scale by reliability", case["scale"], found[1], 1e-3)


def kaplan_meier(case):
    import lifelines

    entry, kind, low, high, count = columns(case["rows"])
    fitter = lifelines.KaplanMeierFitter(alpha=1 - case["confidence"])
    fitter.fit(high, kind == "F", entry=entry if entry.any() else None, weights=count)
    survival, band = fitter.survival_function_, fitter.confidence_interval_
    for age, share, lower, upper in case["steps"]:
        near(f"{case['name']}, S({age}) by lifelines", share, survival.loc[age].iloc[0])
        if lower is not None:
            near(f"{case['name']}, lower S({age}) by lifelines", lower, band.loc[age].iloc[0])
            near(f"{case['name']}, upper S({age}) by lifelines", upper, band.loc[age].iloc[1])


def log_rank(case):
    from lifelines.statistics import multivariate_logrank_test

    groups = [columns(rows) for rows in case["groups"]]
    names = np.concatenate([[n] * len(group[0]) for n, group in enumerate(groups)])
    ages = np.concatenate([group[3] for group in groups])
    failed = np.concatenate([group[1] == "F" for group in groups])
    found = multivariate_logrank_test(ages, names, failed)
    near(case["name"] + ", statistic by lifelines", case["statistic"], found.test_statistic)
    near(case["name"] + ", p by lifelines", case["p"], found.p_value)


def turnbull(case):
    """The masses must satisfy the conditions of a maximum (Gentleman and Geyer 1994): no slope is above 1, and it is 1 where they are."""
    _, kind, low, high, count = columns(case["rows"])
    low = np.where(kind == "F", np.nextafter(high, 0), low)
    high = np.where(kind == "S", np.inf, high)
    after = np.array([interval[0] for interval in case["masses"]], float)
    by = np.array([np.inf if interval[1] is None else interval[1] for interval in case["masses"]], float)
    mass = np.array([interval[2] for interval in case["masses"]])
    inside = (after[None, :] >= low[:, None]) & (by[None, :] <= high[:, None])
    slope = (count[:, None] * inside / (inside @ mass)[:, None]).sum(axis=0) / count.sum()
    near(case["name"] + ", greatest slope of the likelihood", slope.max(), 1.0)
    near(case["name"] + ", slope where there is mass", slope[mass > 1e-6].min(), 1.0)


def three(case):
    import reliability.Fitters as fitters

    entry, kind, low, high, count = columns(case["rows"])
    peer = fitters.Fit_Weibull_3P(high[kind == "F"], low[kind == "S"], show_probability_plot=False, print_results=False)
    # Its likelihood is no greater than ours, and nearly as great.
    near(case["name"] + ", log likelihood by reliability", case["logLikelihood"], peer.loglik, 1e-4)

    def of(at):
        life = stats.weibull_min(np.exp(at[2]), loc=at[0], scale=np.exp(at[1]))
        return life.logpdf(high[kind == "F"]).sum() + life.logsf(low[kind == "S"]).sum()

    best = maximise(of, np.array([case["location"] * 0.98, np.log(case["scale"]), np.log(case["shape"])]))
    near(case["name"] + ", location by scipy", case["location"], best[0])
    near(case["name"] + ", scale by scipy", case["scale"], np.exp(best[1]))
    near(case["name"] + ", shape by scipy", case["shape"], np.exp(best[2]))


def repairable(case):
    from reliability.Repairable_systems import MCF_nonparametric

    times = [history["failures"] + [history["to"]] for history in case["histories"]]
    peer = MCF_nonparametric(times, print_results=False, show_plot=False).results
    peer = peer[peer["state"] == "F"].groupby("time").last()
    for age, mean in case["steps"]:
        near(f"{case['name']}, mean up to {age} by reliability", mean, peer.loc[age]["MCF"])


def rate_ratio(case):
    (x0, e0), (x1, e1) = case["left"], case["right"]
    peer = stats.binomtest(x1, x0 + x1, e1 / (e0 + e1)).proportion_ci(case["confidence"], method="exact")
    ratio = lambda p: p / (1 - p) * e0 / e1
    near(case["name"] + ", lower by scipy", case["low"], ratio(peer.low))
    if x0:
        near(case["name"] + ", upper by scipy", case["high"], ratio(peer.high))


KINDS = {
    "fit": fit,
    "kaplanMeier": kaplan_meier,
    "logRank": log_rank,
    "turnbull": turnbull,
    "three": three,
    "repairable": repairable,
    "rateRatio": rate_ratio,
}

for case in json.load(sys.stdin):
    KINDS[case["kind"]](case)
sys.exit(not good)
