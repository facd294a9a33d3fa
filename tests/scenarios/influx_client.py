"""Writes with InfluxDB's official client; the test that runs this counts what came."""

import sys
from datetime import datetime, timezone

from influxdb_client import InfluxDBClient, Point, WritePrecision
from influxdb_client.client.write_api import SYNCHRONOUS, WriteOptions
from influxdb_client.rest import ApiException

START = 1_704_067_200


def main(url):
    with InfluxDBClient(url=url, token="unused", org="plant", enable_gzip=True) as client:
        assert client.ping(), "ping"
        health = client.health()
        assert (health.status, health.name) == ("pass", "throughline"), health

        at_once = client.write_api(write_options=SYNCHRONOUS)
        point = lambda step: Point("m").tag("twin", "P-1").field("temp", 20.0 + step)
        instant = lambda step: datetime.fromtimestamp(START + step, timezone.utc)
        at_once.write(bucket="b", record=[point(step).time(instant(step)) for step in range(4)])
        at_once.write(
            bucket="b",
            record={"measurement": "m", "tags": {"twin": "P-1"}, "fields": {"temp": 24.0}, "time": START + 4},
            write_precision=WritePrecision.S,
        )
        at_once.write(bucket="b", record=f"m,twin=P-1 temp=25 {START + 5}", write_precision=WritePrecision.S)

        with client.write_api(write_options=WriteOptions(batch_size=2)) as batching:
            for step in (6, 7, 8):
                batching.write(bucket="b", record=point(step).time(instant(step)))

        try:
            lines = f"m,twin=P-1 temp=29 {START + 9}\nm,twin=P-1 temp=\"hot\" {START + 9}"
            at_once.write(bucket="b", record=lines, write_precision=WritePrecision.S)
            raise AssertionError("a bad line was taken")
        except ApiException as refused:
            assert refused.status == 400, refused.status
            assert "partial write" in refused.message and "line 2" in refused.message, refused.message


main(sys.argv[1])
