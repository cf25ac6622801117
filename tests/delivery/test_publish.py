"""Publishing to a folder and to stores: what goes where, what is sent again, and what is left alone."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from emulators import s3
from emulators.azurite import KEY, azurite
from published import INVOICE, command, files_below, publish, put, put_all, put_snapshot, write_book

from cspbill.settings import Settings
from delivery import journal


def sum_lines(content: bytes) -> dict[str, str]:
    return dict(reversed(line.split("  ")) for line in content.decode().splitlines())


def check_sums(files: dict[str, bytes]) -> None:
    """Every folder's SHA256SUMS names exactly its files, with their checksums."""
    for folder in {path.rpartition("/")[0] for path in files}:
        mine = {
            path.rpartition("/")[2]: content
            for path, content in files.items()
            if path.startswith(folder + "/")
        }
        mine = {name: content for name, content in mine.items() if f"{folder}/{name}" in files}
        sums = sum_lines(mine.pop("SHA256SUMS"))
        assert sums == {name: hashlib.sha256(content).hexdigest() for name, content in mine.items()}, folder


def test_a_customer_facing_folder_has_nothing_that_only_the_reseller_may_see(
    settings: Settings, tmp_path: Path
) -> None:
    """Cost and margin in a customer's folder would tell them what the reseller earns on them."""
    put_all(settings)
    write_book(settings, "publish_to: ../out\n")
    done = publish(settings)
    there = files_below(tmp_path / "out")

    assert done.problem is None
    assert sorted(there) == [
        "focus/2024-09/SHA256SUMS",
        "focus/2024-09/a.csv",
        "invoices/2024-09/a/INV-1-usage.csv",
        "invoices/2024-09/a/INV-1.csv",
        "invoices/2024-09/a/INV-1.pdf",
        "invoices/2024-09/a/INV-1.xml",
        "invoices/2024-09/a/SHA256SUMS",
    ]
    assert done.sent == 5
    check_sums(there)


def test_an_archive_has_every_file_of_every_document(settings: Settings, tmp_path: Path) -> None:
    """The ledger is rebuilt from the archive: a file that is left out is lost with the machine."""
    put_all(settings)
    write_book(
        settings,
        "publish_to:\n  - url: ../vault\n    send: [archive, accounting, dashboards, snapshot, parquet]\n",
    )
    publish(settings)
    there = files_below(tmp_path / "vault")

    assert {path: content for path, content in there.items() if path.startswith("archive/invoices/")} == {
        **{f"archive/invoices/2024-09/a/{name}": content for name, content in INVOICE.items()},
        "archive/invoices/2024-09/a/SHA256SUMS": there["archive/invoices/2024-09/a/SHA256SUMS"],
    }
    assert there["archive/assets/logo.svg"] == b"<svg/>"
    assert there["snapshot/CURRENT"] == b"warehouse-2024-09-000001.duckdb\n"
    assert there["parquet/pub_invoice_v1/data.parquet"] == b"PAR1 of run 1"
    check_sums(there)


def test_a_second_run_sends_nothing_and_one_changed_file_is_sent_alone(
    settings: Settings, tmp_path: Path
) -> None:
    """Years of documents sent again each night would cost more than the store."""
    put_all(settings)
    write_book(settings, "publish_to:\n  - {url: ../out, send: [invoices, dashboards]}\n")
    assert publish(settings).sent == 5
    before = {path: (tmp_path / "out" / path).stat().st_mtime_ns for path in files_below(tmp_path / "out")}
    again = publish(settings)
    put(settings, "dashboards/index.html", b"<html>other!</html>")
    changed = publish(settings)
    after = {path: (tmp_path / "out" / path).stat().st_mtime_ns for path in before}

    assert (again.sent, again.unchanged) == (0, 5)
    assert (changed.sent, changed.unchanged) == (1, 4)
    assert sorted(path for path in before if after[path] != before[path]) == [
        "dashboards/SHA256SUMS",
        "dashboards/index.html",
    ]
    check_sums(files_below(tmp_path / "out"))


def test_a_file_that_was_touched_but_not_changed_is_not_sent_again(settings: Settings) -> None:
    """A restored backup has new times: that alone must not send every document again."""
    put_all(settings)
    write_book(settings, "publish_to: ../out\n")
    publish(settings)
    for path in settings.published.rglob("*.pdf"):
        os.utime(path, ns=(1, 1))

    assert publish(settings).sent == 0


def test_what_somebody_removed_or_cut_short_at_the_destination_is_sent_again(
    settings: Settings, tmp_path: Path
) -> None:
    """The record alone would call a bucket whole that somebody has emptied."""
    put_all(settings)
    write_book(settings, "publish_to: ../out\n")
    publish(settings)
    (tmp_path / "out/invoices/2024-09/a/INV-1.pdf").unlink()
    (tmp_path / "out/invoices/2024-09/a/INV-1.xml").write_bytes(b"<Inv")

    assert publish(settings).sent == 2
    check_sums(files_below(tmp_path / "out"))


def test_files_of_others_are_neither_replaced_nor_removed(settings: Settings, tmp_path: Path) -> None:
    """A wrong prefix must not cost anybody their files."""
    put_all(settings)
    foreign = tmp_path / "out/invoices/2024-09/a/INV-1.pdf"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(b"of somebody else")
    (tmp_path / "out/notes.txt").write_bytes(b"mine")
    write_book(settings, "publish_to: ../out\n")
    done = publish(settings)

    assert "INV-1.pdf: another file lies there, which was not sent from here" in (done.problem or "")
    assert foreign.read_bytes() == b"of somebody else"
    foreign.unlink()
    assert publish(settings).problem is None
    assert (tmp_path / "out/notes.txt").read_bytes() == b"mine"


def test_a_lost_record_is_taken_up_again_from_what_lies_there(settings: Settings, tmp_path: Path) -> None:
    """A new machine with the same published files must be able to go on where the old one stopped."""
    put_all(settings)
    write_book(settings, "publish_to: ../out\n")
    publish(settings)
    for record in (tmp_path / "sent").iterdir():
        record.unlink()
    done = publish(settings)

    assert (done.problem, done.sent, done.unchanged) == (None, 0, 5)


def test_a_new_snapshot_replaces_the_one_that_was_sent_before(settings: Settings, tmp_path: Path) -> None:
    """Readers follow CURRENT: what it names must be there, and old snapshots must not pile up."""
    put_all(settings)
    write_book(settings, "publish_to:\n  - {url: ../out, send: [snapshot, parquet]}\n")
    publish(settings)
    (settings.published / "warehouse-2024-09-000001.duckdb").unlink()
    put_snapshot(settings, 2)
    done = publish(settings)
    there = files_below(tmp_path / "out")

    assert done.removed == 1
    assert "snapshot/warehouse-2024-09-000001.duckdb" not in there
    assert there["snapshot/CURRENT"] == b"warehouse-2024-09-000002.duckdb\n"
    assert there["snapshot/warehouse-2024-09-000002.duckdb"] == b"tables of run 2"
    assert there["parquet/pub_invoice_v1/data.parquet"] == b"PAR1 of run 2"
    check_sums(there)


def test_killed_in_the_middle_it_goes_on_where_it_stopped(settings: Settings, tmp_path: Path) -> None:
    """A night's upload that is killed must end as if it had not been, without half a file in sight."""
    for number in range(150):
        put(settings, f"invoices/2024-09/c{number}/INV-{number}.pdf", b"%PDF" + bytes([number % 256]) * 4096)
    write_book(settings, "publish_to: ../out\n")
    process = command(settings, "publish")
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "out").glob("invoices/2024-09/*/*.pdf"))) < 20:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.wait()
    seen = {path: content for path, content in files_below(tmp_path / "out").items() if "/." not in path}
    done = publish(settings)
    there = files_below(tmp_path / "out")

    assert 20 <= len([path for path in seen if path.endswith(".pdf")]) < 150
    assert all(len(content) == 4100 for path, content in seen.items() if path.endswith(".pdf"))
    assert 0 < done.sent < 150
    assert done.sent + done.unchanged == 150
    assert len([path for path in there if path.endswith(".pdf")]) == 150
    assert not [path for path in there if path.endswith(".part")]
    check_sums(there)


def test_a_torn_last_line_of_the_record_is_cut_off_and_a_broken_one_stops(
    settings: Settings, tmp_path: Path
) -> None:
    """What a kill left of a line was never acted on; a damaged record must not be guessed at."""
    path = journal.path_of(settings, "x")
    with journal.opened(path) as record:
        record.note({"path": "a", "state": "sent"})
    with path.open("ab") as handle:
        handle.write(b'{"path": "b", "st')
    with journal.opened(path) as record:
        record.note({"path": "c", "state": "sent"})
    assert [entry["path"] for entry in journal.read(path)] == ["a", "c"]
    path.write_bytes(b"damaged\n" + path.read_bytes())

    with pytest.raises(Exception, match=r"x\.jsonl:1: is no entry"), journal.opened(path):
        pass


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[s3.Bucket]:
    """A bucket of a real S3 server, and a connection to it in the environment."""
    with s3.s3_server() as endpoint:
        httpx.post(f"{endpoint}/moto-api/reset")  # buckets outlive a server of this process
        connection = {
            "conn_type": "aws",
            "login": s3.KEY_ID,
            "password": s3.SECRET,
            "extra": {"endpoint_url": endpoint, "region_name": s3.REGION},
        }
        monkeypatch.setenv("AIRFLOW_CONN_OUT", json.dumps(connection))
        yield s3.Bucket(endpoint, "documents")


def content_of(bucket: s3.Bucket) -> dict[str, bytes]:
    read = bucket.client.get_object
    return {key: read(Bucket=bucket.name, Key=key)["Body"].read() for key in bucket.listed()}


def test_an_s3_bucket_gets_each_file_once(settings: Settings, bucket: s3.Bucket) -> None:
    """The same in a store as in a folder: all files, sums that agree, one changed file sent alone."""
    put_all(settings)
    bucket.put("nordwolke/other.txt", "of others")
    write_book(settings, "publish_to:\n  - {url: 's3://documents/nordwolke', connection: out}\n")
    first, second = publish(settings), publish(settings)
    put(settings, "focus/2024-09/a.csv", b"BilledCost,Tags\n")
    third = publish(settings)
    there = content_of(bucket)
    assert there.pop("nordwolke/other.txt") == b"of others"

    assert [(done.problem, done.sent, done.unchanged) for done in (first, second, third)] == [
        (None, 5, 0),
        (None, 0, 5),
        (None, 1, 4),
    ]
    assert there["nordwolke/invoices/2024-09/a/INV-1.pdf"] == b"%PDF"
    assert there["nordwolke/focus/2024-09/a.csv"] == b"BilledCost,Tags\n"
    assert len(there) == 7
    check_sums(there)


def test_a_large_file_arrives_whole_in_a_store(settings: Settings, bucket: s3.Bucket) -> None:
    """A snapshot goes up in parts: none may be missing."""
    content = os.urandom(12 << 20)
    put(settings, "focus/2024-09/large.csv", content)
    write_book(settings, "publish_to:\n  - {url: 's3://documents', send: [focus], connection: out}\n")

    assert publish(settings).problem is None
    assert content_of(bucket)["focus/2024-09/large.csv"] == content


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("s3://no-such-bucket/x", "no bucket or container no-such-bucket: create it first"),
        ("s3://documents/x", "connection 'none': the environment variable AIRFLOW_CONN_NONE is not set"),
    ],
)
def test_a_destination_that_cannot_be_reached_says_what_to_do(
    settings: Settings, bucket: s3.Bucket, url: str, problem: str
) -> None:
    """Whoever runs this at night reads one line in a log."""
    put_all(settings)
    connection = "none" if "none" in problem else "out"
    write_book(settings, f"publish_to:\n  - {{url: '{url}', connection: {connection}}}\n")

    assert problem in (publish(settings).problem or "")


def test_no_permission_names_what_to_grant_and_the_other_destination_is_served(
    settings: Settings, tmp_path: Path
) -> None:
    """One store's trouble must not keep the others from their files."""
    put_all(settings)
    (tmp_path / "shut").write_text("a file where a folder should be")
    write_book(settings, "publish_to:\n  - url: ../shut/in\n  - url: ../out\n")
    process = command(settings, "publish")
    _, told = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "publish_to" in told
    assert "shut/in" in told
    assert "Traceback" not in told
    assert (tmp_path / "out/invoices/2024-09/a/INV-1.pdf").exists()


def test_an_azure_container_gets_each_file_once(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Microsoft's store is a first-class place too: no other library, no other behaviour."""
    put_all(settings)
    with azurite(tmp_path / "azurite") as service:
        container = service.container("documents")
        connection = {"conn_type": "wasb", "login": "devstoreaccount1", "password": KEY, "host": service.url}
        monkeypatch.setenv("AIRFLOW_CONN_BLOBS", json.dumps(connection))
        write_book(settings, "publish_to:\n  - {url: 'abfs://documents/n', connection: blobs}\n")
        first, second = publish(settings), publish(settings)
        there = {blob.name: container.download_blob(blob.name).readall() for blob in container.list_blobs()}

    assert [(done.problem, done.sent) for done in (first, second)] == [(None, 5), (None, 0)]
    assert there["n/invoices/2024-09/a/INV-1.pdf"] == b"%PDF"
    check_sums(there)


def test_a_store_that_refuses_the_keys_says_so_without_showing_them(
    settings: Settings, bucket: s3.Bucket
) -> None:
    """The message lands in logs that many can read."""
    put_all(settings)
    write_book(settings, "publish_to:\n  - {url: 's3://documents/x', connection: out}\n")
    httpx.post(f"{bucket.endpoint}/moto-api/reset-auth", content=b"0")
    try:
        problem = publish(settings).problem or ""
    finally:
        httpx.post(f"{bucket.endpoint}/moto-api/reset-auth", content=b"inf")

    assert problem.startswith("publish_to s3://documents/x: ")
    assert "; " in problem
    assert s3.SECRET not in problem
    print(problem)
