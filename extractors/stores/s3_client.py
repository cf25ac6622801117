"""A client of Amazon S3, or of anything that speaks S3, with keys, an Airflow connection, or a role to assume."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cspbill.book import Source
from extractors.connections import Connection, airflow_connection

#: Seconds; S3 answers a request within a few, however large the object.
CONNECT_TIMEOUT, READ_TIMEOUT = 10, 60
SESSION_NAME = "cspbill"


def open_client(source: Source) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return a client for the source's bucket; raises botocore's errors when its role cannot be assumed."""
    from botocore.config import Config

    session, place = open_session(source.options)
    # Stores other than Amazon's rarely resolve a bucket as a host name.
    config = Config(
        s3={"addressing_style": "path" if place["endpoint_url"] else "auto"},
        retries={"mode": "standard"},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
    )
    return session.client("s3", **place, config=config)


def open_session(options: Mapping[str, str]) -> tuple[Any, dict[str, str | None]]:
    """Return boto3's session, in a role where the options name one, and the region and endpoint to use it with."""
    access = arguments(airflow_connection(options["connection"])) if options.get("connection") else {}
    place = {
        "region_name": options.get("region") or access.get("region_name"),
        "endpoint_url": options.get("endpoint_url") or access.get("endpoint_url"),
    }
    session = _session(access)
    if role := options.get("role_arn") or access.get("role_arn"):
        session = _in_role(session, role, options.get("external_id") or access.get("external_id"), place)
    return session, place


def role_of(source: Source) -> str:
    """Return the role that a source names, itself or through its connection; empty for none."""
    options = source.options
    if role := options.get("role_arn"):
        return role
    connection = options.get("connection")
    return arguments(airflow_connection(connection)).get("role_arn", "") if connection else ""


def _session(access: dict[str, str]) -> Any:  # noqa: ANN401 - boto3 has no types
    import boto3

    return boto3.Session(**{key: value for key, value in access.items() if key.startswith("aws_")})


def _in_role(session: Any, role: str, external: str | None, place: dict[str, str | None]) -> Any:  # noqa: ANN401
    """Return a session in a role; it is assumed again before it expires, as a first load may take hours."""
    import boto3
    import botocore.session
    from botocore.credentials import RefreshableCredentials

    region = place["region_name"] or session.region_name or "us-east-1"
    tokens = session.client("sts", **{**place, "region_name": region})
    wanted = {
        "RoleArn": role,
        "RoleSessionName": SESSION_NAME,
        **({"ExternalId": external} if external else {}),
    }

    def assume() -> dict[str, str]:
        found = tokens.assume_role(**wanted)["Credentials"]
        expiry = found["Expiration"].astimezone(dt.UTC).isoformat()
        names = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey", "token": "SessionToken"}
        return {**{key: found[name] for key, name in names.items()}, "expiry_time": expiry}

    inner = botocore.session.get_session()
    # The documented classes have no way to pass an external id and an endpoint: this is what they do inside.
    inner._credentials = RefreshableCredentials.create_from_metadata(
        metadata=assume(), refresh_using=assume, method="sts-assume-role"
    )
    return boto3.Session(botocore_session=inner)


def arguments(connection: Connection) -> dict[str, str]:
    """Return an Airflow connection as arguments of an AWS client, and its ``role_arn`` and ``external_id``."""
    keys = (
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "endpoint_url",
        "region_name",
        "role_arn",
        "external_id",
    )
    given = {key: connection.extra[key] for key in keys if connection.extra.get(key)}
    own = {"aws_access_key_id": connection.login, "aws_secret_access_key": connection.password}
    return {key: value for key, value in {**own, **given}.items() if value}
