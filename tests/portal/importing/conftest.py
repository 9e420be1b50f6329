"""Somebody of head office who loads files of products and prices."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from apps.accounts.models import User
from apps.core.jobs.running import run_job
from apps.core.models import Job
from apps.portal.importing.models import Import
from tests.shop import Shop, open_shop
from tests.staff import browser, person


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def shop(db: None) -> Shop:
    shop = open_shop()
    shop.receive(shop.s1, A=10, B=10, C=10)
    return shop


@pytest.fixture
def me(shop: Shop) -> User:
    return person("Mirjam Vos", "head_office")


@pytest.fixture
def mine(me: User) -> Client:
    return browser(me)


def run_jobs() -> None:
    """What waits for a worker is done."""
    with translation.override("en"):
        for job in Job.objects.filter(state="queued").order_by("id"):
            run_job(job.key)


@pytest.fixture
def load(mine: Client) -> Callable[..., Import]:
    """Load a file and go through the first pages: it is checked afterwards."""

    def load(content: str | bytes, kind: str = "products", name: str = "file.csv", **options: str) -> Import:
        data = content.encode() if isinstance(content, str) else content
        before = set(Import.objects.values_list("pk", flat=True))
        answer = mine.post(f"/imports/new/{kind}/", {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 302, answer.content.decode()
        upload = Import.objects.exclude(pk__in=before).get()
        return check(mine, upload, **options)

    return load


def check(client: Client, upload: Import, **changes: str) -> Import:
    """Have a file checked as it is read, with changes to that."""
    given = {key: value for key, value in upload.reading.items() if key not in {"format"} and value}
    given |= {f"column_{name}": head for name, head in upload.mapping.items()}
    answer = client.post(f"/imports/{upload.key}/reading/", given | changes)
    assert answer.status_code == 302, answer.content.decode()
    run_jobs()
    upload.refresh_from_db()
    return upload


def book(client: Client, upload: Import, *, valid: bool = False) -> Import:
    answer = client.post(f"/imports/{upload.key}/{'book-valid' if valid else 'book'}/", {"reason": "Counted"})
    assert answer.status_code == 302, answer.content.decode()
    run_jobs()
    upload.refresh_from_db()
    return upload
