"""DuckDB beside the fleet's bars: the same samples and questions, in two formulations, of which the quicker counts.

    fleet_duckdb.py load DATABASE STAYS.csv                reads rows of unit,seconds,value and makes the tables
    fleet_duckdb.py ask DATABASE QUESTION FORMULATION N    answers N times in one process

Each prints one line of JSON. A question is one of ROWS, a formulation one of FORMULATIONS.

The tables are what a user would make: samples and hours in the order of unit and time, as DuckDB's zone maps like them.
A time-weighted figure is a count here, for all samples cover ten minutes. Hours keep no distribution, for DuckDB
has no sketch to keep: their P95 is one of hourly means.
"""

import json
import sys
import time

import duckdb

LOAD = """
CREATE TABLE samples AS
    SELECT unit, make_timestamp(seconds * 1000000) AS ts, value
    FROM read_csv('/dev/stdin', header = false, auto_detect = false, delim = ',',
                  columns = {'unit': 'INTEGER', 'seconds': 'BIGINT', 'value': 'DOUBLE'});
CREATE TABLE stays AS
    SELECT unit, revision, make_timestamp(since * 1000000) AS since, make_timestamp(until * 1000000) AS until
    FROM read_csv('STAYS', header = false, auto_detect = false, delim = ',',
                  columns = {'unit': 'INTEGER', 'revision': 'VARCHAR', 'since': 'BIGINT', 'until': 'BIGINT'});
"""

HOURS = """
CREATE TABLE hours AS
    SELECT unit, date_trunc('hour', ts) AS ts, count(*)::INTEGER AS n, sum(value) AS total, sum(value * value) AS squares,
           min(value) AS least, max(value) AS greatest
    FROM samples GROUP BY ALL ORDER BY unit, ts;
"""

# An ASOF join of the stays takes three times as long as this one.
# What is asked, as rows of (ts, n, total, squares, least, greatest, typical).
ONE = "1 AS n, value AS total, value * value AS squares, value AS least, value AS greatest, value AS typical"
YEAR = "ts >= TIMESTAMP '2021-01-01' AND ts < TIMESTAMP '2022-01-01'"
FITTED = f"WHERE {YEAR} AND revision = 'C'"
ROWS = {
    "samples": f"SELECT ts, {ONE} FROM samples WHERE {YEAR}",
    "hours": f"SELECT ts, n, total, squares, least, greatest, total / n AS typical FROM hours WHERE {YEAR}",
    "stays": f"SELECT ts, {ONE} FROM samples JOIN stays ON samples.unit = stays.unit AND ts >= since AND ts < until {FITTED}",
}

FIGURES = "sum(n) AS n, sum(total) AS total, sum(squares) AS squares, min(least) AS least, max(greatest) AS greatest"
BARS = "least((20 * (typical - lowest) / (highest - lowest))::INTEGER, 19)"


def by_quantile(connection, rows):
    """Months, P95 and histogram, each by the function that DuckDB has for it."""
    months = f"SELECT month(ts), {FIGURES}, approx_quantile(typical, 0.95) FROM ({rows}) GROUP BY ALL"
    connection.execute(months).fetchall()
    n, lowest, highest, p95 = connection.execute(
        f"SELECT sum(n), min(typical), max(typical), approx_quantile(typical, 0.95) FROM ({rows})"
    ).fetchone()
    bars = BARS.replace("lowest", repr(lowest)).replace("highest", repr(highest))
    connection.execute(f"SELECT {bars} AS bar, sum(n) FROM ({rows}) GROUP BY bar").fetchall()
    return n, p95


def by_bins(connection, rows):
    """One pass into tenths by month, from which all figures follow: for one who knows the range of the values."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE bins AS "
        f"SELECT month(ts) AS month, (typical * 10)::INTEGER AS bin, {FIGURES} FROM ({rows}) GROUP BY ALL"
    )
    for month in ("month", "0"):
        rows = connection.execute(
            f"""SELECT month, max(running) AS n, min(bin / 10) FILTER (running >= 0.95 * whole) AS p95,
                       sum(total), sum(squares), min(least), max(greatest)
                FROM (SELECT {month} AS month, bin, total, squares, least, greatest,
                             sum(n) OVER (PARTITION BY {month} ORDER BY bin) AS running,
                             sum(n) OVER (PARTITION BY {month}) AS whole FROM bins)
                GROUP BY month"""
        ).fetchall()
    bars = BARS.replace("typical", "bin")
    connection.execute(
        f"""SELECT {bars} AS bar, sum(n)
            FROM bins, (SELECT min(bin) AS lowest, max(bin) AS highest FROM bins) GROUP BY bar"""
    ).fetchall()
    return rows[0][1], rows[0][2]


FORMULATIONS = {"quantile": by_quantile, "bins": by_bins}


def load(database, stays):
    connection = duckdb.connect(database)
    start = time.perf_counter()
    for statement in LOAD.replace("STAYS", stays).split(";"):
        connection.execute(statement)
    samples = time.perf_counter()
    connection.execute(HOURS)
    connection.execute("CHECKPOINT")
    hours = time.perf_counter()
    return {"load_s": samples - start, "hours_s": hours - samples}


def ask(database, question, formulation, times):
    formulation, rows = FORMULATIONS[formulation], ROWS[question]
    connection = duckdb.connect(database, read_only=True)
    millis = []
    for _ in range(int(times)):
        start = time.perf_counter()
        n, p95 = formulation(connection, rows)
        millis.append((time.perf_counter() - start) * 1e3)
    return {"ms": millis, "n": int(n), "p95": p95}


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    print(json.dumps({"load": load, "ask": ask}[command](*arguments)))
